//! The team, its share, and what value means to it.

use super::{Form, NumberField, Setting};
use crate::format;
use crate::state::theme::{Scheme, use_theme};
use leptos::prelude::*;
use loadline_model::{Policy, Timestamp};

/// Reads a number of the draft's policy.
fn of(form: Form, read: impl Fn(&Policy) -> f64 + Send + Sync + 'static) -> Signal<f64> {
    Signal::derive(move || form.draft.with(|draft| read(&draft.policy)))
}

/// The form.
#[component]
pub fn TeamForm(form: Form) -> impl IntoView {
    let theme = use_theme();
    let half_days = move || form.draft.with(|draft| draft.policy.team.half_days());
    let starts = move || form.draft.with(|draft| draft.policy.team.starts.map(format::input_date).unwrap_or_default());
    view! {
        <section class="settings__section">
            <h2>"Team"</h2>
            <Setting label="Engineers" help="Who could do this work.">
                <NumberField value=of(form, |p| f64::from(p.team.people)) low=0.0 high=10_000.0 testid="team-people"
                    on_change=move |v: f64| form.edit(|d| d.policy.team.people = v as u32) />
            </Setting>
            <Setting label="Working days in a sprint" help="Ten for two weeks.">
                <NumberField value=of(form, |p| f64::from(p.team.sprint_days)) low=1.0 high=60.0 unit="days" testid="team-days"
                    on_change=move |v: f64| form.edit(|d| d.policy.team.sprint_days = v as u32) />
            </Setting>
            <Setting label="First sprint starts" help="Later sprints follow without a break.">
                <input class="input" type="date" data-testid="team-starts" prop:value=starts
                    on:change=move |e| form.edit(|d| d.policy.team.starts = Timestamp::parse(&event_target_value(&e))) />
            </Setting>
            <Setting label="Availability" help="Share of days people are there: holidays, illness and support taken off.">
                <NumberField value=of(form, |p| p.team.availability * 100.0) low=0.0 high=100.0 unit="%" testid="team-availability"
                    on_change=move |v: f64| form.edit(|d| d.policy.team.availability = v / 100.0) />
            </Setting>
            <Setting label="Share for this work" help="Of engineering time. One fifth is the usual promise.">
                <NumberField value=of(form, |p| p.team.share * 100.0) low=0.0 high=100.0 unit="%" testid="team-share"
                    on_change=move |v: f64| form.edit(|d| d.policy.team.share = v / 100.0) />
            </Setting>
            <Setting label="Sprints to plan" help="How far the roadmap looks ahead.">
                <NumberField value=of(form, |p| f64::from(p.team.sprints)) low=1.0 high=26.0 testid="team-sprints"
                    on_change=move |v: f64| form.edit(|d| d.policy.team.sprints = v as u32) />
            </Setting>
            <p class="settings__result">{move || format!("That is {} a sprint.", format::days_of(half_days()))}</p>
        </section>
        <section class="settings__section">
            <h2>"What value means"</h2>
            <p class="muted small">"The roadmap prefers items by these four, in these proportions."</p>
            <Setting label="A point of the score" help="Proven readiness gained.">
                <NumberField value=of(form, |p| p.weights.points) low=0.0 high=100.0 testid="weight-points"
                    on_change=move |v: f64| form.edit(|d| d.policy.weights.points = v) />
            </Setting>
            <Setting label="A journey-hour a year" help="Outage avoided.">
                <NumberField value=of(form, |p| p.weights.hours) low=0.0 high=100.0 testid="weight-hours"
                    on_change=move |v: f64| form.edit(|d| d.policy.weights.hours = v) />
            </Setting>
            <Setting label="An engineer-week a quarter" help="Interest on debt saved.">
                <NumberField value=of(form, |p| p.weights.interest) low=0.0 high=100.0 testid="weight-interest"
                    on_change=move |v: f64| form.edit(|d| d.policy.weights.interest = v) />
            </Setting>
            <Setting label="A step of urgency" help="How close the limit is, 0 to 10.">
                <NumberField value=of(form, |p| p.weights.urgency) low=0.0 high=100.0 testid="weight-urgency"
                    on_change=move |v: f64| form.edit(|d| d.policy.weights.urgency = v) />
            </Setting>
        </section>
        <section class="settings__section">
            <h2>"You"</h2>
            <Setting label="Your name" help="Decisions are logged under it.">
                <input class="input" data-testid="author" prop:value=move || form.draft.with(|d| d.author.clone())
                    on:input=move |e| form.edit(|d| d.author = event_target_value(&e)) />
            </Setting>
            <Setting label="Names of persons" help="Off: who deploys, decides or is on call has a pseudonym on every page and in every file. What accounts told stays stored.">
                <input type="checkbox" role="switch" class="switch" data-testid="persons" prop:checked=move || form.draft.with(|d| d.persons)
                    on:change=move |e| form.edit(|d| d.persons = event_target_checked(&e)) />
            </Setting>
            <div class="setting">
                <span class="setting__text"><span>"Appearance"</span><small>"On this computer only."</small></span>
                <span class="segments" role="group" aria-label="Appearance">
                    {Scheme::ALL
                        .map(|scheme| view! {
                            <button class="segment" aria-pressed=move || (theme.get() == scheme).to_string()
                                data-testid=format!("theme-{}", scheme.word().to_lowercase()) on:click=move |_| theme.set(scheme)>{scheme.word()}</button>
                        })
                        .collect_view()}
                </span>
            </div>
        </section>
    }
}
