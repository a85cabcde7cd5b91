//! What other tools found, in their own words: beside our findings, and counted only where a rule of ours reads one.

use super::problems;
use crate::components::{EmptyState, Sentence, When};
use crate::format;
use crate::state::use_place;
use leptos::prelude::*;
use loadline_model::codebase::OtherFinding;
use std::sync::Arc;

/// Rows shown before one asks for more.
const SHOWN: usize = 60;

/// The panel.
#[component]
pub fn Panel(found: Signal<Arc<Vec<OtherFinding>>>) -> impl IntoView {
    let place = use_place();
    let all = RwSignal::new(false);
    let tools = Memo::new(move |_| found.with(|f| problems::tools(f)));
    let tool =
        Memo::new(move |_| place.get("tool").filter(|t| tools.with(|all| all.iter().any(|(name, _)| name == t))));
    let rows = Memo::new(move |_| found.with(|f| problems::listed(f, tool.get().as_deref())));
    let shown = move || {
        let most = if all.get() { usize::MAX } else { SHOWN };
        rows.get().into_iter().take(most).filter_map(|at| found.with(|f| f.get(at).cloned())).map(row).collect_view()
    };
    let chips = move || {
        let chip = move |(name, count): (String, usize)| {
            let (own, wanted) = (name.clone(), name.clone());
            let pressed = Memo::new(move |_| tool.get().as_deref() == Some(own.as_str()));
            view! {
                <button class="chip__button" class:chip__button--active=move || pressed.get() aria-pressed=move || pressed.get().to_string()
                    on:click=move |_| place.set(&[("tool", (!pressed.get_untracked()).then(|| wanted.clone()))])>{name.clone()}<span class="num faint">{format::whole(count as u64)}</span></button>
            }
        };
        tools.get().into_iter().map(chip).collect_view()
    };
    let any = Memo::new(move |_| found.with(|f| !f.is_empty()));
    view! {
        <header class="panel__head">
            <h2>"Findings of other tools"</h2>
            <span class="small faint">"in their own words; one counts where a rule of ours reads it"</span>
        </header>
        <Show when=move || any.get() fallback=|| view! {
            <EmptyState title="No finding of another tool"
                why="Advisors of connected providers appear here by themselves. Import what your analysers write: SARIF, SonarQube, coverage reports (loadline import sarif FILE)." />
        }>
            <div class="others__tools" role="group" aria-label="Tool">{chips}</div>
            <div class="others" role="table" aria-label="Findings of other tools" data-testid="others">
                <div class="others__row others__row--head" role="row">
                    <span role="columnheader">"Level"</span>
                    <span role="columnheader">"What it says"</span>
                    <span role="columnheader">"Where"</span>
                    <span role="columnheader">"Read"</span>
                </div>
                {shown}
            </div>
            <Show when=move || { rows.with(Vec::len) > SHOWN && !all.get() }>
                <div class="panel__body"><button class="button button--small" on:click=move |_| all.set(true)>{move || format!("Show all {}", rows.with(Vec::len))}</button></div>
            </Show>
        </Show>
    }
}

fn row(other: OtherFinding) -> impl IntoView {
    let place = problems::place_of(&other);
    let f = other.finding;
    view! {
        <div class="others__row" role="row" data-testid="other">
            <span role="cell"><span class="tag">{f.severity.to_lowercase()}</span></span>
            <span role="cell" class="stack"><span><Sentence text=f.title /></span><span class="small faint">{format!("{} · {}", f.source, f.rule)}</span></span>
            <span role="cell"><code>{place}</code></span>
            <span role="cell" class="faint"><When at=other.read_at /></span>
        </div>
    }
}
