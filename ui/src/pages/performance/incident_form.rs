//! Writing down an incident that no account tells of.

use crate::components::Dialog;
use crate::state::{use_toasts, use_workspace};
use leptos::prelude::*;
use loadline_model::{Kind, Timestamp};
use loadline_wire::incidents::{Forget, Record};

/// The dialog.
#[component]
pub fn IncidentForm(#[prop(into)] on_close: Callback<()>) -> impl IntoView {
    let (workspace, toasts) = (use_workspace(), use_toasts());
    let now = workspace.now().map_or(Timestamp(0), |state| state.now);
    let services = workspace.with_assessment(|a| {
        let of = a.topology.graph.nodes.iter().filter(|n| n.kind == Kind::Service);
        let mut all: Vec<(String, String)> = of.map(|n| (n.id.to_string(), n.name.clone())).collect();
        all.sort_by(|a, b| a.1.cmp(&b.1));
        all
    });
    let (service, title, cause) =
        (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (began, over) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let began_at = move || time(&began.get()).filter(|at| *at <= now);
    let over_at = move || time(&over.get());
    let wrong = move || match (began_at(), over_at()) {
        (None, _) if !began.get().is_empty() => Some("It cannot begin in the future."),
        (Some(began), Some(over)) if over < began => Some("It cannot be over before it begins."),
        _ => None,
    };
    let complete = move || !title.get().trim().is_empty() && began_at().is_some() && wrong().is_none();
    let said = |text: String| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let Some(started_at) = began_at().filter(|_| complete()) else { return };
        let record = Record {
            service: said(service.get_untracked()),
            title: title.get_untracked(),
            started_at,
            resolved_at: over_at(),
            caused_by: said(cause.get_untracked()),
        };
        workspace.send(record, move |state| {
            workspace.accept_state(state);
            toasts.say("The incident is recorded.");
        });
        on_close.run(());
    };
    view! {
        <Dialog title="Record an incident" on_close>
            <form class="form" on:submit=submit data-testid="incident-form">
                <p class="muted">"It explains what happened and counts against the deployment that caused it. The same service, words and start again is the same incident: so it is ended."</p>
                <label class="field">
                    <span>"What failed"</span>
                    <select class="input" data-testid="incident-service" on:change=move |e| service.set(event_target_value(&e))>
                        <option value="">"Not one service"</option>
                        {services.unwrap_or_default().into_iter().map(|(id, name)| view! { <option value=id>{name}</option> }).collect_view()}
                    </select>
                </label>
                <label class="field">
                    <span>"What happened"</span>
                    <input class="input" required autofocus maxlength="200" data-testid="incident-title" prop:value=title
                        on:input=move |e| title.set(event_target_value(&e)) />
                </label>
                <label class="field">
                    <span>"Began (UTC)"</span>
                    <input class="input" type="datetime-local" required data-testid="incident-began" prop:value=began
                        on:input=move |e| began.set(event_target_value(&e)) />
                </label>
                <label class="field">
                    <span>"Over (UTC), if it is"</span>
                    <input class="input" type="datetime-local" data-testid="incident-over" prop:value=over
                        on:input=move |e| over.set(event_target_value(&e)) />
                </label>
                <label class="field">
                    <span>"Deployment or revision that caused it, if known"</span>
                    <input class="input" data-testid="incident-cause" prop:value=cause on:input=move |e| cause.set(event_target_value(&e)) />
                </label>
                {move || wrong().map(|why| view! { <p class="field"><small class="field__wrong" role="alert">{why}</small></p> })}
                <footer class="dialog__foot">
                    <button type="button" class="button" on:click=move |_| on_close.run(())>"Cancel"</button>
                    <button type="submit" class="button button--primary" data-testid="incident-submit" disabled=move || !complete()>"Record"</button>
                </footer>
            </form>
        </Dialog>
    }
}

/// What forgets an incident that was recorded here.
pub fn forgetting() -> Callback<String> {
    let (workspace, toasts) = (use_workspace(), use_toasts());
    Callback::new(move |id| {
        workspace.send(Forget { id }, move |state| {
            workspace.accept_state(state);
            toasts.say("The incident is forgotten.");
        });
    })
}

/// What a field for date and time holds, in UTC.
pub fn time(text: &str) -> Option<Timestamp> {
    Timestamp::parse(&format!("{}:00Z", text.get(..16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_with_and_without_seconds_are_times() {
        let at = Timestamp::parse("2026-11-16T07:05:00Z");
        assert_eq!((time("2026-11-16T07:05"), time("2026-11-16T07:05:31")), (at, at));
        assert_eq!((time(""), time("2026-11-16"), time("yesterday at ten")), (None, None, None));
    }
}
