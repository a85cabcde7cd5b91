//! Accepting a risk: who carries it, why, and until when. One finding or many at once.

use super::super::Dialog;
use crate::format;
use crate::state::{use_overlay, use_workspace};
use leptos::prelude::*;
use loadline_model::{Choice, Fingerprint, Timestamp};

/// Days offered as expiry.
const EXPIRIES: [i64; 4] = [30, 90, 180, 365];

/// The dialog.
#[component]
pub fn AcceptDialog(fingerprints: Vec<Fingerprint>) -> impl IntoView {
    let (workspace, overlay) = (use_workspace(), use_overlay());
    let now = workspace.now().map_or(Timestamp(0), |state| state.now);
    let owner = RwSignal::new(last_owner());
    let reason = RwSignal::new(String::new());
    let until = RwSignal::new(format::input_date(now.plus_days(90)));
    let expiry = move || Timestamp::parse(&until.get()).filter(|until| *until > now);
    let complete = move || !owner.get().trim().is_empty() && !reason.get().trim().is_empty() && expiry().is_some();
    let title = match fingerprints.len() {
        1 => "Accept this risk".to_owned(),
        n => format!("Accept {n} risks"),
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let Some(until) = expiry().filter(|_| complete()) else { return };
        let (owner, reason) = (owner.get_untracked().trim().to_owned(), reason.get_untracked().trim().to_owned());
        let accept = |fingerprint: &Fingerprint| Choice::Accept {
            fingerprint: fingerprint.clone(),
            owner: owner.clone(),
            reason: reason.clone(),
            until,
        };
        workspace.decide(fingerprints.iter().map(accept).collect());
        overlay.close();
    };
    view! {
        <Dialog title on_close=move |()| overlay.close()>
            <form class="form" on:submit=submit data-testid="accept-form">
                <p class="muted">"It still counts against the proven score. On the date below it is open again."</p>
                <label class="field">
                    <span>"Who carries it"</span>
                    <input class="input" required autofocus data-testid="accept-owner" prop:value=owner
                        on:input=move |e| owner.set(event_target_value(&e)) />
                </label>
                <label class="field">
                    <span>"Why it is acceptable"</span>
                    <textarea class="input" rows="3" required data-testid="accept-reason" prop:value=reason
                        on:input=move |e| reason.set(event_target_value(&e))></textarea>
                </label>
                <label class="field">
                    <span>"Until"</span>
                    <input class="input" type="date" required data-testid="accept-until" min=format::input_date(now.plus_days(1)) prop:value=until
                        on:input=move |e| until.set(event_target_value(&e)) />
                </label>
                <div class="row wrap">
                    {EXPIRIES
                        .map(|days| {
                            view! {
                                <button type="button" class="button button--small" on:click=move |_| until.set(format::input_date(now.plus_days(days)))>
                                    {format!("{days} days")}
                                </button>
                            }
                        })
                        .collect_view()}
                </div>
                <footer class="dialog__foot">
                    <button type="button" class="button" on:click=move |_| overlay.close()>"Cancel"</button>
                    <button type="submit" class="button button--primary" data-testid="accept-submit" disabled=move || !complete()>"Accept risk"</button>
                </footer>
            </form>
        </Dialog>
    }
}

/// The owner of the newest acceptance: usually the same person decides several in a row.
fn last_owner() -> String {
    let state = use_workspace().now();
    let findings =
        state.as_ref().and_then(|s| s.assessment.as_ref()).map(|a| a.findings.as_slice()).unwrap_or_default();
    let newest = findings.iter().filter_map(|f| f.acceptance.as_ref()).max_by_key(|acceptance| acceptance.at);
    newest.map(|acceptance| acceptance.owner.clone()).unwrap_or_default()
}
