//! When to collect, how long to keep, and in which zone days are counted.

use super::view::WEEKDAYS;
use super::{Form, NumberField, Setting};
use crate::components::When;
use leptos::prelude::*;

/// The form.
#[component]
pub fn Collection(form: Form) -> impl IntoView {
    let schedule = move || form.draft.with(|draft| draft.schedule.clone());
    let time = move || format!("{:02}:{:02}", schedule().hour, schedule().minute);
    let set_time = move |text: String| {
        let parsed =
            text.split_once(':').and_then(|(h, m)| Some((h.parse::<u8>().ok()?, m.get(0..2)?.parse::<u8>().ok()?)));
        if let Some((hour, minute)) = parsed.filter(|(h, m)| *h < 24 && *m < 60) {
            form.edit(|draft| (draft.schedule.hour, draft.schedule.minute) = (hour, minute));
        }
    };
    view! {
        <section class="settings__section">
            <h2>"Schedule"</h2>
            <Setting label="Collect every week" help="While Loadline is open. Elsewhere, run \"loadline collect --due\" from cron.">
                <input type="checkbox" role="switch" class="switch" data-testid="schedule-on" prop:checked=move || schedule().on
                    on:change=move |e| form.edit(|d| d.schedule.on = event_target_checked(&e)) />
            </Setting>
            <Setting label="Day" help="In the zone below.">
                <select class="input" data-testid="schedule-day" disabled=move || !schedule().on
                    on:change=move |e| form.edit(|d| d.schedule.weekday = event_target_value(&e).parse().unwrap_or(0))>
                    {WEEKDAYS
                        .iter()
                        .enumerate()
                        .map(|(day, word)| view! { <option value=day.to_string() selected=move || usize::from(schedule().weekday) == day>{*word}</option> })
                        .collect_view()}
                </select>
            </Setting>
            <Setting label="Time" help="Local time.">
                <input class="input" type="time" data-testid="schedule-time" disabled=move || !schedule().on prop:value=time
                    on:change=move |e| set_time(event_target_value(&e)) />
            </Setting>
            {move || form.saved.with(|s| s.last_collected).map(|at| view! { <p class="settings__result">"Last collected " <When at /> "."</p> })}
        </section>
        <section class="settings__section">
            <h2>"History"</h2>
            <Setting label="Keep snapshots" help="Days; 0 keeps them for ever. Decisions are always kept.">
                <NumberField value=Signal::derive(move || form.draft.with(|d| f64::from(d.retention_days))) low=0.0 high=36_500.0 unit="days" testid="retention"
                    on_change=move |v: f64| form.edit(|d| d.retention_days = v as u32) />
            </Setting>
            <Setting label="Configuration is stale after" help="Older readings count as not proven.">
                <NumberField value=Signal::derive(move || form.draft.with(|d| d.policy.stale_after_days)) low=0.1 high=365.0 unit="days" testid="stale-after"
                    on_change=move |v: f64| form.edit(|d| d.policy.stale_after_days = v) />
            </Setting>
            <Setting label="Zone" help="An IANA name such as Europe/Berlin. Days and weeks are counted in it, and exports print it.">
                <input class="input" data-testid="zone" spellcheck="false" prop:value=move || form.draft.with(|d| d.zone.clone())
                    on:change=move |e| form.edit(|d| d.zone = event_target_value(&e).trim().to_owned()) />
            </Setting>
        </section>
    }
}
