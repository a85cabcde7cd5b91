//! Filter chips, text, grouping, and what to do with the selected rows.

use super::Shared;
use super::view::{Facet, Grouping, Row, choices};
use crate::components::{FilterChip, Icon};
use crate::format;
use crate::state::overlay::Shown;
use crate::state::{use_overlay, use_place};
use leptos::prelude::*;

/// The toolbar.
#[component]
pub fn Toolbar(shared: Shared) -> impl IntoView {
    let place = use_place();
    let chips = Facet::ALL
        .map(|(facet, key, label)| {
            let choices = Signal::derive(move || {
                shared.ready.with(|r| shared.filters.with(|f| choices(r.assessment(), f, facet)))
            });
            let chosen = Signal::derive(move || shared.filters.with(|f| f.chosen(facet).to_vec()));
            let on_change = move |values: Vec<String>| place.set(&[(key, Some(values.join(",")))]);
            view! { <FilterChip label choices chosen on_change /> }
        })
        .collect_view();
    let clear = move |_| {
        let mut changes: Vec<(&str, Option<String>)> = Facet::ALL.iter().map(|(_, key, _)| (*key, None)).collect();
        changes.push(("q", None));
        place.set(&changes);
    };
    let shown = move || shared.rows.with(|rows| rows.iter().filter(|row| matches!(row, Row::Finding(_))).count());
    view! {
        <div class="toolbar">
            <label class="search-field">
                <Icon name="search" />
                <span class="sr-only">"Filter by text"</span>
                <input id="findings-text" type="search" placeholder="Filter" data-testid="filter-text" prop:value=move || shared.filters.with(|f| f.text.clone())
                    on:input=move |e| place.replace(&[("q", Some(event_target_value(&e)))]) />
            </label>
            {chips}
            <Show when=move || shared.filters.with(|f| !f.is_empty())>
                <button class="text-link small" data-testid="clear-filters" on:click=clear>"Clear"</button>
            </Show>
            <span class="grow"></span>
            <span class="small faint num" aria-live="polite">{move || format!("{} shown", format::whole(shown() as u64))}</span>
            <GroupBy shared />
        </div>
        <Bulk shared />
    }
}

#[component]
fn GroupBy(shared: Shared) -> impl IntoView {
    let place = use_place();
    let option = move |grouping: Grouping, value: &'static str, word: &'static str| {
        view! {
            <button class="segment" aria-pressed=move || (shared.grouping.get() == grouping).to_string() data-testid=format!("group-{value}")
                on:click=move |_| place.set(&[("group", Some(value.to_owned()).filter(|v| v != "none"))])>
                {word}
            </button>
        }
    };
    view! {
        <div class="segments" role="group" aria-label="Group by">
            {option(Grouping::None, "none", "No groups")} {option(Grouping::Rule, "rule", "Rule")} {option(Grouping::Subject, "subject", "Subject")}
        </div>
    }
}

/// What to do with the selected rows.
#[component]
fn Bulk(shared: Shared) -> impl IntoView {
    let overlay = use_overlay();
    let count = move || shared.selected.with(|selected| selected.len());
    let select_shown = move |_| {
        let all = shared.ready.with_untracked(|r| {
            let findings = &r.assessment().findings;
            shared.rows.with_untracked(|rows| {
                rows.iter()
                    .filter_map(|row| if let Row::Finding(i) = row { findings.get(*i) } else { None })
                    .map(|f| f.fingerprint.clone())
                    .collect()
            })
        });
        shared.selected.set(all);
    };
    view! {
        <Show when=move || { count() > 0 }>
            <div class="bulk" role="region" aria-label="Selected findings" data-testid="bulk">
                <span>{move || format!("{} selected", format::whole(count() as u64))}</span>
                <button class="button button--small" data-testid="bulk-accept"
                    on:click=move |_| overlay.open(Shown::Accept(shared.selected.get_untracked().into_iter().collect()))>
                    "Accept with reason…"
                </button>
                <button class="text-link small" on:click=select_shown>"Select all shown"</button>
                <button class="text-link small" on:click=move |_| shared.selected.update(|s| s.clear())>"Clear selection"</button>
            </div>
        </Show>
    }
}
