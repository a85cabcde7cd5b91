//! Places in the source where a known problem, or its remedy, was recognised: grouped by what it is, each with file and line.

use super::Shared;
use super::problems::{self, Group};
use crate::components::sentence::Sentence;
use crate::components::{Mark, Status};
use crate::format;
use leptos::prelude::*;
use loadline_model::CodeIdiom;

/// Places shown of a group until one asks for all.
const SHOWN: usize = 6;

/// The panel.
#[component]
pub fn Panel(shared: Shared) -> impl IntoView {
    let groups = Memo::new(move |_| shared.with(problems::groups).unwrap_or_default());
    let clear = move || shared.with(problems::not_seen).unwrap_or_default();
    let good = move || shared.with(problems::remedies).unwrap_or_default();
    let count = move || groups.with(|g| g.iter().map(|g| g.places.len()).sum::<usize>());
    view! {
        <header class="panel__head">
            <h2>"Likely problems in the source"</h2>
            <span class="small faint">{move || format!("{}, recognised from syntax: look before you act", format::count(count(), "place", "places"))}</span>
        </header>
        <div class="places" data-testid="places">
            <Show when=move || { count() > 0 } fallback=|| view! { <p class="muted">"None of the problems that Loadline looks for was recognised."</p> }>
                {move || groups.get().into_iter().map(group).collect_view()}
            </Show>
            {move || {
                let clear = clear();
                (!clear.is_empty()).then(|| view! {
                    <p class="small muted places__clear">{format!("Looked for and not recognised: {}. That is no proof of absence.", clear.join(", "))}</p>
                })
            }}
            {move || {
                let good = good();
                (!good.is_empty()).then(|| view! {
                    <section class="places__group">
                        <h3>"Remedies that were recognised"</h3>
                        <ul>{good.into_iter().map(|place| row(place, Status::Pass)).collect_view()}</ul>
                    </section>
                })
            }}
        </div>
    }
}

fn group(group: Group) -> impl IntoView {
    let all = RwSignal::new(false);
    let total = group.places.len();
    let places = group.places;
    let rows = move || {
        let shown = if all.get() { total } else { SHOWN };
        places
            .iter()
            .take(shown)
            .cloned()
            .map(|p| {
                let status = if p.likely { Status::Medium } else { Status::Unknown };
                row(p, status)
            })
            .collect_view()
    };
    view! {
        <section class="places__group" data-testid="places-group">
            <h3>{group.title}<span class="small faint num">{group.said}</span></h3>
            <p class="small muted">{group.why}</p>
            <ul>{rows}</ul>
            <Show when=move || { total > SHOWN && !all.get() }>
                <button class="button button--small" on:click=move |_| all.set(true)>{format!("Show all {total}")}</button>
            </Show>
        </section>
    }
}

fn row(place: CodeIdiom, status: Status) -> impl IntoView {
    let at = format!("{}:{}", place.path, place.line);
    let sure = if place.likely { "likely" } else { "possible" };
    view! {
        <li class="places__row">
            <span class="row"><Mark status /><span>{sure}</span></span>
            <code class="truncate" title=at.clone()>{at.clone()}</code>
            <span class="muted"><Sentence text=place.how /></span>
        </li>
    }
}
