//! Step 4: what a collection reads and costs; then connect and collect.

use super::Buttons;
use crate::components::{ErrorPanel, Mark, Status};
use crate::format;
use crate::ipc;
use crate::pages::accounts::view;
use crate::state::wizard::use_wizard;
use crate::state::{use_place, use_workspace};
use leptos::prelude::*;
use leptos::task::spawn_local;
use loadline_wire::ApiError;
use loadline_wire::accounts::{AccountProgress, CollectStart, Connect, PartProgress};

/// Parts that are listed without folding.
const LISTED: usize = 24;

#[derive(Clone, PartialEq)]
enum Stage {
    Asking,
    Connecting,
    Refused(ApiError),
    Connected,
}

/// The last look before connecting, then the progress of the first collection.
#[component]
pub fn Scope(#[prop(into)] on_back: Callback<()>) -> impl IntoView {
    let (wizard, workspace) = (use_wizard(), use_workspace());
    let stage = RwSignal::new(Stage::Asking);
    let connect = move |()| {
        let Some(draft) = wizard.draft() else { return };
        stage.set(Stage::Connecting);
        spawn_local(async move {
            match ipc::call(&Connect { draft }).await {
                Ok(card) => {
                    wizard.secret.set(String::new());
                    stage.set(Stage::Connected);
                    workspace.collect(CollectStart { accounts: vec![card.account.id] });
                }
                Err(error) => stage.set(Stage::Refused(error)),
            }
        });
    };
    let next = Signal::derive(move || {
        if stage.get() == Stage::Connecting { "Connecting…" } else { "Connect and collect" }.to_owned()
    });
    move || match stage.get() {
        Stage::Connected => view! { <FirstCollection /> }.into_any(),
        now => {
            let refused = if let Stage::Refused(error) = now.clone() { Some(error) } else { None };
            view! {
                <section class="wizard__body">
                    {refused.map(|error| view! { <ErrorPanel error /> })}
                    <Estimate />
                </section>
                <Buttons on_back on_next=connect next blocked=Signal::derive(move || stage.get() == Stage::Connecting) />
            }
            .into_any()
        }
    }
}

#[component]
fn Estimate() -> impl IntoView {
    let wizard = use_wizard();
    let report = wizard.report.get_untracked().and_then(Result::ok)?;
    let denied = report.permissions.iter().filter(|p| p.granted == Some(false)).count();
    let count = report.scopes.len();
    let scopes = report.scopes.into_iter().map(|scope| view! { <li class="mono">{scope}</li> }).collect_view();
    let scopes = view! { <ul class="scopes">{scopes}</ul> };
    let scopes = if count > LISTED {
        let word = format::count(count, "part", "parts");
        view! { <details class="more"><summary>{format!("{word}: every service in every region")}</summary>{scopes}</details> }.into_any()
    } else {
        scopes.into_any()
    };
    let cost = report.estimate.map(|estimate| {
        view! {
            <h2>"What one collection costs"</h2>
            <p class="num" data-testid="estimate">{view::cost(&estimate)}</p>
            {estimate.notes.into_iter().map(|note| view! { <p class="small muted">{note}</p> }).collect_view()}
        }
    });
    Some(view! {
        <div class="stack">
            <h2>"What is read"</h2>
            {scopes}
            {(denied > 0)
                .then(|| {
                    view! {
                        <p class="row muted">
                            <Mark status=Status::Unknown />
                            {format!("Not granted: {}. What is missing counts as not proven.", format::count(denied, "permission", "permissions"))}
                        </p>
                    }
                })}
            {cost}
        </div>
    })
}

/// Progress in place, with cancel, and the way on when it ends.
#[component]
fn FirstCollection() -> impl IntoView {
    let (wizard, workspace, place) = (use_wizard(), use_workspace(), use_place());
    let done = move || workspace.progress().is_some_and(|p| !p.running);
    let leave = move |_| {
        wizard.clear();
        workspace.dismiss_progress();
        place.go("/");
    };
    let rows = move || workspace.progress().map(|p| p.accounts.iter().map(account).collect_view());
    // A stopped collection is gone on with: what was read is not read again.
    let go_on = move |_| {
        let accounts = workspace.progress().map(|p| p.accounts.into_iter().map(|a| a.account).collect());
        workspace.collect(CollectStart { accounts: accounts.unwrap_or_default() });
    };
    let stopped = move || workspace.progress().is_some_and(|p| !p.running && p.phase == "cancelled");
    let phase = move || {
        let word = workspace.progress().map(|p| p.phase).unwrap_or_default();
        match word.as_str() {
            "assessing" => "Assessing what was read.",
            "done" => "Collected and assessed.",
            "cancelled" => "Stopped. What was read is kept; going on reads only what is missing.",
            "failed" => "The collection failed. What was read is kept.",
            _ => "Reading. You may leave this page; it goes on.",
        }
    };
    view! {
        <section class="wizard__body stack" role="status" data-testid="first-collection">
            <p>{phase}</p>
            <ul class="collecting">{rows}</ul>
        </section>
        <footer class="wizard__foot">
            <Show when=move || !done()>
                <button class="button" data-testid="cancel-collect" on:click=move |_| workspace.cancel_collect()>"Cancel"</button>
            </Show>
            <Show when=stopped>
                <button class="button" data-testid="resume-collect" on:click=go_on>"Go on"</button>
            </Show>
            <button class="button button--primary" data-testid="wizard-next" disabled=move || !done() on:click=leave>"See what it found"</button>
        </footer>
    }
}

fn account(progress: &AccountProgress) -> impl IntoView + use<> {
    let share = if progress.total == 0 { 0.0 } else { 100.0 * f64::from(progress.done) / f64::from(progress.total) };
    let detail = progress.error.clone().unwrap_or_else(|| progress.step.clone());
    let gaps = (progress.gaps > 0).then(|| format!("{}, ", format::count(progress.gaps as usize, "gap", "gaps")));
    view! {
        <li class="collecting__row">
            <strong class="truncate">{progress.name.clone()}</strong>
            <span class="muted truncate grow">{detail}</span>
            <span class="faint num small">{gaps}{format!("{} of {}", progress.done, progress.total)}</span>
            <div class="progress__track"><div class="progress__fill" style:width=format!("{share:.1}%")></div></div>
            {services(&progress.parts)}
        </li>
    }
}

/// Each service with how many of its places are read; nothing where there is only one part.
fn services(parts: &[PartProgress]) -> Option<impl IntoView + use<>> {
    let rows = parts.iter().map(|part| {
        let state = if part.done == part.total {
            "done"
        } else if part.reading {
            "reading"
        } else {
            "waiting"
        };
        view! {
            <li class="service" data-testid="collect-service" data-state=state>
                <span class="truncate">{part.title.clone()}</span>
                <span class="small num">{view::part(part)}</span>
            </li>
        }
    });
    (parts.len() > 1).then(|| view! { <ul class="services">{rows.collect_view()}</ul> })
}
