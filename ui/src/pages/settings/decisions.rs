//! The log of every decision.

use super::Form;
use crate::components::skeleton::Skeleton;
use crate::components::{EmptyState, ErrorPanel, Sentence, When};
use crate::ipc;
use crate::state::use_workspace;
use leptos::prelude::*;
use loadline_model::{Assessment, Choice, Decision};
use loadline_wire::decisions::DecisionLog;

/// The log, newest first.
#[component]
pub fn Decisions(form: Form) -> impl IntoView {
    let _ = form;
    let workspace = use_workspace();
    let log = LocalResource::new(move || {
        // A decision or an undo changes what can be undone: read the log again.
        let _ = workspace.get().map(|state| state.undoable);
        async { ipc::call(&DecisionLog {}).await }
    });
    view! {
        <section class="settings__section">
            <header class="row">
                <h2 class="grow">"Decisions"</h2>
                <button class="button button--small" data-testid="undo-newest" on:click=move |_| workspace.undo_newest()>"Undo the newest"</button>
            </header>
            {move || match log.get() {
                None => view! { <Skeleton rows=5 /> }.into_any(),
                Some(Err(error)) => view! { <ErrorPanel error retry=move |()| log.refetch() /> }.into_any(),
                Some(Ok(list)) if list.is_empty() => view! {
                    <EmptyState title="Nothing is decided yet" why="Accepted risks, planned items and changed settings are listed here with author and time." />
                }.into_any(),
                Some(Ok(list)) => view! { <ul class="log">{list.into_iter().map(row).collect_view()}</ul> }.into_any(),
            }}
        </section>
    }
}

fn row(decision: Decision) -> impl IntoView {
    let state = use_workspace().now();
    let names = names(state.as_ref().and_then(|state| state.assessment.as_ref()));
    view! {
        <li class="log__row" data-testid="decision">
            <span class="grow"><Sentence text=sentence(&decision.choice, &names) /></span>
            <span class="muted">{decision.author}</span>
            <span class="faint"><When at=decision.at /></span>
        </li>
    }
}

/// What ids of findings, items and things are called, as far as the assessment on show knows them.
fn names(assessment: Option<&Assessment>) -> impl Fn(&str) -> String + '_ {
    move |id| {
        let Some(assessment) = assessment else { return format!("`{id}`") };
        let roadmap = &assessment.roadmap;
        let items = roadmap
            .sprints
            .iter()
            .flat_map(|s| &s.items)
            .chain(roadmap.left_out.iter().map(|l| &l.item))
            .chain(&roadmap.done);
        let finding = assessment.findings.iter().find(|f| f.fingerprint.as_str() == id);
        finding
            .map(|finding| format!("“{}” of `{}`", finding.title, finding.subject.name))
            .or_else(|| items.into_iter().find(|item| item.id.as_str() == id).map(|item| format!("“{}”", item.title)))
            .or_else(|| assessment.topology.graph.node(&id.into()).map(|node| format!("`{}`", node.name)))
            .unwrap_or_else(|| format!("`{id}`"))
    }
}

/// A decision as the log says it; `name` tells what an id is called.
pub fn sentence(choice: &Choice, name: &dyn Fn(&str) -> String) -> String {
    let of = |id: &dyn std::fmt::Display| name(&id.to_string());
    match choice {
        Choice::Accept { fingerprint, owner, reason, .. } => {
            format!("Accepted {}, carried by {owner}: {reason}", of(fingerprint))
        }
        Choice::Unaccept { fingerprint } => format!("Took back the acceptance of {}", of(fingerprint)),
        Choice::Link { alias, canonical } => format!("Said that {} is {}", of(alias), of(canonical)),
        Choice::Unlink { alias } => format!("Said that {} is a thing of its own", of(alias)),
        Choice::SetTier { subject, tier } => {
            format!(
                "Set the tier of {} to {}",
                of(subject),
                tier.map_or("the derived one".into(), |t| format!("{t:?}"))
            )
        }
        Choice::SetEnvironment { subject, environment } => {
            let word = environment.map_or("the account's", crate::pages::accounts::view::environment);
            format!("Set the environment of {} to {word}", of(subject))
        }
        Choice::SetManaged { subject, managed } => match managed {
            Some(true) => format!("Said that a provider operates {}", of(subject)),
            Some(false) => format!("Said that the team operates {}", of(subject)),
            None => format!("Took back who operates {}", of(subject)),
        },
        Choice::StateEdge { from, to, stated: true, .. } => format!("Said that {} depends on {}", of(from), of(to)),
        Choice::StateEdge { from, to, .. } => format!("Took back that {} depends on {}", of(from), of(to)),
        Choice::SetJourney { name, .. } => format!("Described the journey {name}"),
        Choice::RemoveJourney { id } => format!("Removed the journey {}", of(id)),
        Choice::StartItem { item, .. } => format!("Started {}", of(item)),
        Choice::FinishItem { item, .. } => format!("Finished {}", of(item)),
        Choice::ReopenItem { item } => format!("Opened {} again", of(item)),
        Choice::PinItem { item, sprint: Some(sprint) } => format!("Pinned {} to sprint {}", of(item), sprint + 1),
        Choice::PinItem { item, sprint: None } => format!("Left {} to the planner", of(item)),
        Choice::Answer { subject, key, item, value } => {
            let what = item.as_ref().map_or_else(|| key.clone(), |item| format!("{key} ({item})"));
            match value {
                Some(value) => format!("Said of {}: {what} is {value}", of(subject)),
                None => format!("Took back what was said of {}: {what}", of(subject)),
            }
        }
        Choice::SetPolicy { policy } => format!("Changed the policy to version {}", policy.version),
        Choice::ReviewNote { week, text, owner, .. } => match owner {
            Some(owner) => format!("Noted for {week}, to {owner}: {text}"),
            None => format!("Noted for {week}: {text}"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_read_as_sentences() {
        let pin = Choice::PinItem { item: "SPOF-001@ab12".into(), sprint: Some(0) };
        assert_eq!(sentence(&pin, &names(None)), "Pinned `SPOF-001@ab12` to sprint 1");
        assert_eq!(sentence(&pin, &|_| "“Add a standby”".into()), "Pinned “Add a standby” to sprint 1");
        let edge = Choice::StateEdge { from: "api".into(), to: "db".into(), hard: true, stated: false };
        assert_eq!(sentence(&edge, &names(None)), "Took back that `api` depends on `db`");
    }
}
