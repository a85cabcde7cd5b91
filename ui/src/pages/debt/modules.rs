//! Modules: who imports whom as a table of imports, in which circles stand out, and what changes together.

use super::Shared;
use super::view::{self, Import};
use crate::format;
use leptos::prelude::*;
use loadline_model::ChangedTogether;
use loadline_model::codebase::Cycle;

/// Pairs of files shown.
const PAIRS: usize = 12;

/// The panel.
#[component]
pub fn Panel(shared: Shared) -> impl IntoView {
    let drawn = Memo::new(move |_| {
        shared.with(|r| {
            let order = view::ordered(r);
            let names: Vec<(String, bool)> = order.iter().map(|m| (m.path.clone(), m.cycle.is_some())).collect();
            (names, view::imports(&order), r.modules.len())
        })
    });
    let cycles = move || shared.with(|r| r.cycles.clone()).unwrap_or_default();
    let pairs = move || shared.with(|r| r.pairs.iter().take(PAIRS).cloned().collect::<Vec<_>>()).unwrap_or_default();
    let said = move || {
        let (names, _, all) = drawn.get().unwrap_or_default();
        let circles = cycles().len();
        let rest = if all > names.len() { format!(", the largest {} drawn", names.len()) } else { String::new() };
        format!(
            "{}{rest}; {}",
            format::count(all, "module", "modules"),
            if circles == 0 { "no circle".to_owned() } else { format::count(circles, "circle", "circles") }
        )
    };
    view! {
        <header class="panel__head"><h2>"Modules"</h2><span class="small faint">{said}</span></header>
        <div class="modules">
            {move || drawn.get().filter(|(names, ..)| !names.is_empty()).map_or_else(
                || view! { <p class="muted">"No imports between folders were recognised."</p> }.into_any(),
                |(names, imports, _)| matrix(names, imports).into_any(),
            )}
            <div class="modules__side">
                <h3>"Circles"</h3>
                {move || {
                    let cycles = cycles();
                    if cycles.is_empty() { view! { <p class="small muted">"No module imports itself through others."</p> }.into_any() }
                    else { view! { <ul class="modules__list">{cycles.into_iter().map(cycle).collect_view()}</ul> }.into_any() }
                }}
                <h3>"Change together"</h3>
                {move || {
                    let pairs = pairs();
                    if pairs.is_empty() { view! { <p class="small muted">"No two files change together often enough."</p> }.into_any() }
                    else { view! { <ul class="modules__list">{pairs.into_iter().map(pair).collect_view()}</ul> }.into_any() }
                }}
            </div>
        </div>
    }
}

/// Rows import columns: below the diagonal nothing stands unless modules import each other in a circle.
fn matrix(names: Vec<(String, bool)>, imports: Vec<Import>) -> impl IntoView {
    let n = names.len();
    let summary = format!(
        "{}; {} of them in circles",
        format::count(imports.len(), "import between modules", "imports between modules"),
        imports.iter().filter(|i| i.circular).count()
    );
    let step = 100.0 / n as f64;
    let cell = |i: &Import| {
        let title = format!(
            "{} imports {}: {}",
            names[i.from].0,
            names[i.to].0,
            format::count(i.count as usize, "place", "places")
        );
        let place = format!(
            "left:{:.3}%;top:{:.3}%;width:{step:.3}%;height:{step:.3}%",
            i.to as f64 * step,
            i.from as f64 * step
        );
        view! { <i class="matrix__cell" class:matrix__cell--circle=i.circular style=place title=title></i> }
    };
    let cells = imports.iter().map(cell).collect_view();
    let diagonal = (0..n).map(|i| {
        let at = i as f64 * step;
        view! { <i class="matrix__self" style=format!("left:{at:.3}%;top:{at:.3}%;width:{step:.3}%;height:{step:.3}%")></i> }
    });
    let labels = names.iter().enumerate().map(|(i, (path, circular))| {
        let name = if path.is_empty() { "(root)".to_owned() } else { path.clone() };
        let place = format!("top:{:.3}%;height:{step:.3}%", i as f64 * step);
        view! { <li class="truncate" class:matrix__name--circle=*circular style=place title=name.clone()>{name.clone()}</li> }
    });
    view! {
        <div class="matrix" role="img" aria-label=summary data-testid="module-matrix">
            <ol class="matrix__names">{labels.collect_view()}</ol>
            <div class="matrix__field">{diagonal.collect_view()}{cells}</div>
            <p class="small faint matrix__foot">"A row imports the columns that are marked. Modules stand so that imports lead to the right; what stands to the left of the diagonal closes a circle."</p>
        </div>
    }
}

fn cycle(cycle: Cycle) -> impl IntoView {
    let shown: Vec<String> = cycle.modules.iter().take(6).cloned().collect();
    let more = cycle.modules.len().saturating_sub(shown.len());
    let more = (more > 0).then(|| format!(" and {more} more"));
    view! {
        <li>
            <strong>{format!("{}, {} lines", format::count(cycle.modules.len(), "module", "modules"), format::whole(cycle.lines as u64))}</strong>
            <span class="small muted">{shown.join(" · ")}{more}</span>
            {cycle.cut.map(|at| view! { <span class="small">"Begin cutting at "<code>{at}</code></span> })}
        </li>
    }
}

fn pair(pair: ChangedTogether) -> impl IntoView {
    view! {
        <li>
            <span class="small"><code>{pair.first}</code>" with "<code>{pair.second}</code></span>
            <span class="small muted num">{format!("{} of the changes, {}", format::percent(pair.confidence), format::count(pair.support as usize, "commit", "commits"))}</span>
        </li>
    }
}
