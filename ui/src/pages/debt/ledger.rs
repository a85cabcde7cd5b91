//! The debt ledger: what each component's debt costs to clear and to keep.

use super::costs;
use crate::components::EmptyState;
use crate::components::loaded::Ready;
use crate::state::{Place, use_place};
use leptos::prelude::*;
use loadline_model::ComponentDebt;

/// Components shown before one asks for all.
const SHOWN: usize = 10;

/// The panel.
#[component]
pub fn Panel(ready: Signal<Ready>) -> impl IntoView {
    let all = RwSignal::new(false);
    let open = RwSignal::new(None::<String>);
    let components = Memo::new(move |_| ready.with(|r| r.assessment().debt.components.clone()));
    let most = Memo::new(move |_| components.with(|c| c.iter().map(|c| c.principal_weeks.p90).fold(0.0, f64::max)));
    let rows = move || {
        let shown = if all.get() { usize::MAX } else { SHOWN };
        components.get().into_iter().take(shown).map(|c| row(ready, open, most.get(), c)).collect_view()
    };
    let count = move || components.with(Vec::len);
    view! {
        <header class="panel__head">
            <h2>"Ledger"</h2>
            <span class="small faint">"engineer-weeks, low to high; complexity of the code as cognitive complexity of a file"</span>
        </header>
        <Show when=move || { count() > 0 } fallback=|| view! {
            <EmptyState title="Nothing in the ledger" why="No finding has both a cost to clear and a cost to keep. Findings that are not proven are not counted." />
        }>
            <div class="ledger" role="table" aria-label="Debt by component" data-testid="ledger">
                <div class="ledger__row ledger__row--head" role="row">
                    <span role="columnheader">"Component"</span>
                    <span role="columnheader" title="Engineer-weeks to remove its findings">"Principal"</span>
                    <span role="columnheader" class="right" title="Engineer-weeks a quarter while they stay, weighed by what they put at risk: from the hotspots of a connected clone and incidents that name a rule">"Interest a quarter"</span>
                    <span role="columnheader" class="right" title="When removing them has paid for itself">"Pays back in"</span>
                    <span role="columnheader" class="right" title="Complexity of the files that change most, weighted by their changes">"Hotspot"</span>
                    <span role="columnheader" class="right" title="Complexity of the most complex file">"Worst"</span>
                    <span role="columnheader" class="right" title="Mean complexity of all files, weighted by their lines: alone it hides the other two">"Mean"</span>
                    <span role="columnheader" class="right">"Findings"</span>
                </div>
                {rows}
            </div>
            <Show when=move || { count() > SHOWN && !all.get() }>
                <div class="panel__body"><button class="button button--small" on:click=move |_| all.set(true)>{move || format!("Show all {}", count())}</button></div>
            </Show>
        </Show>
    }
}

fn row(ready: Signal<Ready>, open: RwSignal<Option<String>>, most: f64, component: ComponentDebt) -> impl IntoView {
    let place = use_place();
    let id = component.subject.id.to_string();
    let (own, mine) = (id.clone(), id.clone());
    let is_open = Memo::new(move |_| open.with(|o| o.as_deref() == Some(own.as_str())));
    let toggle = move |_| open.update(|o| *o = (o.as_deref() != Some(mine.as_str())).then(|| mine.clone()));
    let scale = |weeks: f64| if most > 0.0 { weeks / most * 100.0 } else { 0.0 };
    let (low, high) = (scale(component.principal_weeks.p10), scale(component.principal_weeks.p90));
    let not_measured = || "not measured".to_owned();
    let [interest, payback] = costs::interest(&component).map(|said| said.unwrap_or_else(not_measured));
    let trio = costs::trio(&component);
    let (name, findings) = (component.subject.name.clone(), component.findings.len());
    let principal = costs::weeks(&component.principal_weeks);
    let ratio = costs::ratio(&component);
    let behind = move || {
        let found = ready.with(|r| costs::behind(r.assessment(), &component));
        found.into_iter().map(|one| finding(place, one)).collect_view()
    };
    view! {
        <div class="ledger__row" role="row" data-testid="ledger-row">
            <span role="cell"><button class="ledger__name" aria-expanded=move || is_open.get().to_string() on:click=toggle>
                <crate::components::Icon name="right" /><span class="truncate">{name}</span>
            </button></span>
            <span role="cell" class="ledger__principal">
                <span class="ledger__bar" aria-hidden="true"><i style:left=format!("{low:.2}%") style:width=format!("{:.2}%", (high - low).max(0.6))></i></span>
                <span class="num">{principal}</span>
            </span>
            <span role="cell" class="num right">{interest}</span>
            <span role="cell" class="num right">{payback}</span>
            {trio.map(|(said, meaning)| view! { <span role="cell" class="num right" title=meaning>{said}</span> }).collect_view()}
            <span role="cell" class="num right">{findings}</span>
        </div>
        <Show when=move || is_open.get()>
            <ul class="ledger__findings small" data-testid="ledger-findings">{behind.clone()}</ul>
            {ratio.clone().map(|said| view! { <p class="ledger__ratio small faint">{said}</p> })}
        </Show>
    }
}

/// A finding with what it costs to remove and to keep.
fn finding(place: Place, behind: costs::Behind) -> impl IntoView {
    let costs::Behind { fingerprint, title, principal, interest, shared } = behind;
    let told = principal.is_some();
    let once = "Another finding is removed by the same change, so this counts once for both";
    let principal = principal.map(|weeks| {
        let weeks = if shared { format!("{weeks} to remove, shared") } else { format!("{weeks} to remove") };
        view! { <span class="num faint" title=if shared { once } else { "Engineer-weeks" }>{weeks}</span> }
    });
    let interest = told.then(|| {
        let said =
            interest.map_or_else(|| "cost to keep not measured".to_owned(), |cost| format!("{cost} a quarter to keep"));
        view! { <span class="num faint">{said}</span> }
    });
    view! {
        <li class="ledger__finding">
            <button class="text-link" on:click=move |_| place.open_finding(fingerprint.as_str())>{title}</button>
            {principal}
            {interest}
        </li>
    }
}
