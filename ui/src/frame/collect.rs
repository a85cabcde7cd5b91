//! Collect: a button that becomes its own progress, with a cancel beside it.

use crate::components::Icon;
use crate::state::use_workspace;
use leptos::prelude::*;
use loadline_wire::accounts::{CollectProgress, CollectStart};

/// The button, or the progress, or (in the demo) the way to one's own accounts.
#[component]
pub fn Collect() -> impl IntoView {
    let workspace = use_workspace();
    move || {
        if let Some(progress) = workspace.progress().filter(|progress| progress.running) {
            return view! { <Progress progress /> }.into_any();
        }
        let Some(state) = workspace.get() else { return ().into_any() };
        if state.demo {
            return view! {
                <button class="button" data-testid="open-own" on:click=move |_| workspace.open_own()>"Use my own accounts"</button>
            }
            .into_any();
        }
        let connected = state.accounts.iter().any(|card| card.account.disconnected_at.is_none());
        view! {
            <button class="button" data-testid="collect" disabled=!connected
                title=if connected { "Read every account once" } else { "Connect an account first" }
                on:click=move |_| workspace.collect(CollectStart::default())>
                <Icon name="refresh" />
                "Collect"
            </button>
        }
        .into_any()
    }
}

#[component]
fn Progress(progress: CollectProgress) -> impl IntoView {
    let workspace = use_workspace();
    let (share, step) = (share(&progress), step(&progress));
    view! {
        <div class="progress" role="progressbar" aria-label="Collecting" aria-valuenow=format!("{:.0}", share * 100.0) aria-valuemin="0" aria-valuemax="100"
            data-testid="collect-progress">
            <span class="progress__step truncate" title=step.clone()>{step.clone()}</span>
            <div class="progress__track"><div class="progress__fill" style:width=format!("{:.1}%", share * 100.0)></div></div>
            <button class="button button--small" data-testid="cancel-collect" on:click=move |_| workspace.cancel_collect()>"Cancel"</button>
        </div>
    }
}

/// Share of scopes done, 0–1; assessing counts as the last step.
pub fn share(progress: &CollectProgress) -> f64 {
    let (done, total) = progress.accounts.iter().fold((0, 0), |(d, t), a| (d + a.done.min(a.total), t + a.total));
    let steps = f64::from(total) + 1.0;
    f64::from(done) / steps
}

/// What it does now, in a few words.
pub fn step(progress: &CollectProgress) -> String {
    if progress.phase == "assessing" {
        return "Assessing".into();
    }
    match progress.accounts.iter().find(|account| account.status == "reading") {
        Some(account) if account.step.is_empty() => account.name.clone(),
        Some(account) => format!("{}: {}", account.name, account.step),
        None => "Starting".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_wire::accounts::AccountProgress;

    #[test]
    fn progress_counts_scopes_and_never_shows_full_before_the_end() {
        let account = |done, total, status: &str| AccountProgress {
            account: "a".into(),
            name: "prod-db".into(),
            done,
            total,
            step: "settings".into(),
            gaps: 0,
            status: status.into(),
            error: None,
            parts: Vec::new(),
        };
        let mut progress = CollectProgress {
            running: true,
            phase: "collecting".into(),
            accounts: vec![account(2, 4, "reading")],
            error: None,
        };
        assert_eq!(share(&progress), 0.4);
        assert_eq!(step(&progress), "prod-db: settings");
        progress.accounts = vec![account(4, 4, "done")];
        assert!(share(&progress) < 1.0);
        assert_eq!(step(&progress), "Starting");
        assert_eq!(share(&CollectProgress::default()), 0.0);
    }
}
