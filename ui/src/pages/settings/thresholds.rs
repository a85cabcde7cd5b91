//! Thresholds of rules and alarm lines of resources: each with its default and where that comes from.

use super::Form;
use super::view::{ThresholdRow, change_threshold, thresholds, within};
use crate::components::load_line::view::resource_word;
use crate::components::{EmptyState, Icon};
use crate::format;
use leptos::prelude::*;
use loadline_model::Limited;

/// The tables.
#[component]
pub fn Thresholds(form: Form) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let rows = Memo::new(move |_| form.saved.with(|saved| text.with(|text| thresholds(&saved.rules, text))));
    let version = move || form.saved.with(|saved| saved.policy.version);
    view! {
        <section class="settings__section">
            <header class="row">
                <h2 class="grow">"Alarm lines"</h2>
                <span class="small faint">{move || format!("Policy version {}", version())}</span>
            </header>
            <p class="muted small">"The share of a hard limit at which Loadline says a resource is full."</p>
            <div class="limits">{Limited::ALL.map(|limited| view! { <AlarmLine form limited /> }).collect_view()}</div>
        </section>
        <section class="settings__section">
            <header class="row wrap">
                <h2 class="grow">"Thresholds of rules"</h2>
                <label class="search-field">
                    <Icon name="search" />
                    <span class="sr-only">"Filter thresholds"</span>
                    <input type="search" placeholder="Filter" data-testid="filter-thresholds" on:input=move |e| text.set(event_target_value(&e)) />
                </label>
            </header>
            <p class="muted small">"Changes are versioned and printed in every report."</p>
            <div class="thresholds" role="table" aria-label="Thresholds">
                <div class="thresholds__row thresholds__row--head" role="row">
                    <span role="columnheader">"Rule"</span><span role="columnheader">"Threshold"</span>
                    <span role="columnheader" class="right">"Default"</span><span role="columnheader">"Yours"</span><span role="columnheader">"Source"</span>
                </div>
                <For each=move || rows.get() key=|row| row.id.clone() let:row><Threshold form row /></For>
            </div>
            <Show when=move || rows.with(Vec::is_empty)>
                <EmptyState title="No threshold matches" why="Thresholds are listed by rule, such as DB-007, and by name." />
            </Show>
        </section>
    }
}

#[component]
fn AlarmLine(form: Form, limited: Limited) -> impl IntoView {
    let wrong = RwSignal::new(false);
    let word = limited.word();
    let value = move || form.draft.with(|draft| draft.policy.limit(limited)) * 100.0;
    let change = move |event: web_sys::Event| match within(&event_target_value(&event), 1.0, 100.0) {
        Some(percent) => {
            wrong.set(false);
            form.edit(|draft| {
                if percent / 100.0 == limited.default_limit() {
                    draft.policy.limits.remove(word);
                } else {
                    draft.policy.limits.insert(word.to_owned(), percent / 100.0);
                }
            });
        }
        None => wrong.set(true),
    };
    view! {
        <label class="limit">
            <span class="grow">{resource_word(word)}</span>
            <span class="number">
                <input class="input num" inputmode="decimal" data-testid=format!("limit-{word}") aria-invalid=move || wrong.get().to_string()
                    prop:value=move || format::plain(value()) on:change=change />
                <span class="faint">"%"</span>
            </span>
        </label>
    }
}

#[component]
fn Threshold(form: Form, row: ThresholdRow) -> impl IntoView {
    let wrong = RwSignal::new(false);
    let id = row.id.clone();
    let value = move || {
        form.draft.with(|draft| draft.policy.thresholds.get(&id).map(|v| format::plain(*v)).unwrap_or_default())
    };
    let of = row.clone();
    let change = move |event: web_sys::Event| {
        let text = event_target_value(&event);
        form.edit(|draft| wrong.set(!change_threshold(&mut draft.policy, &of, &text)));
    };
    view! {
        <div class="thresholds__row" role="row">
            <span role="cell" class="truncate" title=row.title.clone()><code class="faint">{row.rule.clone()}</code>" "{row.title.clone()}</span>
            <span role="cell" class="truncate">{row.key.clone()}</span>
            <span role="cell" class="num right">{format!("{} {}", format::plain(row.default), row.unit)}</span>
            <span role="cell">
                <input class="input num" inputmode="decimal" placeholder=format::plain(row.default) aria-label=row.id.clone()
                    data-testid=format!("threshold-{}", row.id) aria-invalid=move || wrong.get().to_string() prop:value=value on:change=change />
            </span>
            <span role="cell" class="small faint truncate" title=row.source.clone()>{row.source.clone()}</span>
        </div>
    }
}
