//! The log of every decision.

use super::Form;
use crate::components::skeleton::Skeleton;
use crate::components::{EmptyState, ErrorPanel, When};
use crate::ipc;
use crate::state::use_workspace;
use leptos::prelude::*;
use loadline_model::{Choice, Decision};
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
    view! {
        <li class="log__row" data-testid="decision">
            <span class="grow">{sentence(&decision.choice)}</span>
            <span class="muted">{decision.author}</span>
            <span class="faint"><When at=decision.at /></span>
        </li>
    }
}

/// A decision as the log says it.
pub fn sentence(choice: &Choice) -> String {
    match choice {
        Choice::Accept { fingerprint, owner, reason, .. } => format!("Accepted the risk {fingerprint}, carried by {owner}: {reason}"),
        Choice::Unaccept { fingerprint } => format!("Took back the acceptance of {fingerprint}"),
        Choice::Link { alias, canonical } => format!("Said that {alias} is {canonical}"),
        Choice::Unlink { alias } => format!("Said that {alias} is a thing of its own"),
        Choice::SetTier { subject, tier } => format!("Set the tier of {subject} to {}", tier.map_or("the derived one".into(), |t| format!("{t:?}"))),
        Choice::SetEnvironment { subject, environment } => {
            let word = environment.map_or("the account's", crate::pages::accounts::view::environment);
            format!("Set the environment of {subject} to {word}")
        }
        Choice::SetManaged { subject, managed } => match managed {
            Some(true) => format!("Said that a provider operates {subject}"),
            Some(false) => format!("Said that the team operates {subject}"),
            None => format!("Took back who operates {subject}"),
        },
        Choice::StateEdge { from, to, stated: true, .. } => format!("Said that {from} depends on {to}"),
        Choice::StateEdge { from, to, .. } => format!("Took back that {from} depends on {to}"),
        Choice::SetJourney { name, .. } => format!("Described the journey {name}"),
        Choice::RemoveJourney { id } => format!("Removed the journey {id}"),
        Choice::StartItem { item, .. } => format!("Started {item}"),
        Choice::FinishItem { item, .. } => format!("Finished {item}"),
        Choice::ReopenItem { item } => format!("Opened {item} again"),
        Choice::PinItem { item, sprint: Some(sprint) } => format!("Pinned {item} to sprint {}", sprint + 1),
        Choice::PinItem { item, sprint: None } => format!("Left {item} to the planner"),
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
        assert_eq!(sentence(&pin), "Pinned SPOF-001@ab12 to sprint 1");
        let edge = Choice::StateEdge { from: "api".into(), to: "db".into(), hard: true, stated: false };
        assert_eq!(sentence(&edge), "Took back that api depends on db");
    }
}
