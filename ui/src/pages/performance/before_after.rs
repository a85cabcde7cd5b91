//! Before and after one change: two distributions, the effect with its interval, the word, and what limits it.

use super::{Shared, view};
use crate::charts::{Exports, Plot, Redraw};
use crate::components::status::Badge;
use crate::components::{EmptyState, Mark, When};
use crate::format;
use leptos::prelude::*;
use loadline_charts::{Shapes, before_after};
use loadline_model::{Comparison, Day};
use std::sync::Arc;

/// The panel with every change of the service; one is open.
#[component]
pub fn Panel(shared: Shared) -> impl IntoView {
    let all = Memo::new(move |_| {
        shared
            .trend
            .with(|t| {
                t.as_ref().map(|t| {
                    shared.ready.with(|r| {
                        view::comparisons(r.assessment(), t)
                            .into_iter()
                            .map(|(at, c)| (at, c.clone()))
                            .collect::<Vec<_>>()
                    })
                })
            })
            .unwrap_or_default()
    });
    let open = Memo::new(move |_| {
        let wanted = shared.place.get("change").and_then(|text| text.parse::<usize>().ok());
        all.with(|all| view::opened(all, wanted).cloned())
    });
    view! {
        <header class="panel__head">
            <h2>"Before and after"</h2>
            <span class="small faint">{move || all.with(|a| {
                let inside = a.iter().filter(|(_, c)| on_show(shared, c)).count();
                format!("{} of {} in the days on show", format::whole(inside), format::count(a.len(), "change", "changes"))
            })}</span>
        </header>
        {move || match open.get() {
            None => view! {
                <EmptyState title="No change to compare yet"
                    why="When a roadmap item is marked done, or a deployment is recorded, the seven days before it are compared with the days after.">
                    <a class="button" href="/roadmap">"Go to roadmap"</a>
                </EmptyState>
            }.into_any(),
            Some((at, comparison)) => view! {
                <div class="compare">
                    <ul class="compare__list">{move || {
                        // Each compares the days around its own moment, so an earlier one still says what it did.
                        let (inside, outside): (Vec<_>, Vec<_>) = all.get().into_iter().partition(|(_, c)| on_show(shared, c));
                        let heading = (!outside.is_empty()).then(|| view! { <li class="compare__group small faint">"Earlier"</li> });
                        let list = move |all: Vec<(usize, Comparison)>| all.into_iter().map(|(i, c)| choice(shared, i, c, i == at)).collect_view();
                        view! { {list(inside)} {heading} {list(outside)} }
                    }}</ul>
                    {detail(comparison)}
                </div>
            }.into_any(),
        }}
    }
}

fn on_show(shared: Shared, comparison: &Comparison) -> bool {
    shared.shown.get().holds(Day(i32::MIN), comparison.at.0)
}

fn choice(shared: Shared, at: usize, comparison: Comparison, open: bool) -> impl IntoView {
    view! {
        <li>
            <button class="compare__choice" aria-pressed=open.to_string() on:click=move |_| shared.place.set(&[("change", Some(at.to_string()))])>
                <Mark status=view::status(comparison.verdict) label=true />
                <span class="stack compare__what">
                    <span>{comparison.title.clone()}</span>
                    <span class="small faint truncate">{format!("{} · {}", comparison.verdict.word(), view::measured(&comparison))}</span>
                </span>
            </button>
        </li>
    }
}

fn detail(comparison: Comparison) -> impl IntoView {
    let caveats = view::caveats(&comparison);
    let effect = comparison.effect_percent.map(|e| {
        (view::signed_percent(e.mid), format!("{} to {}", view::signed_percent(e.low), view::signed_percent(e.high)))
    });
    let (before, after) = (view::level(&comparison, comparison.before), view::level(&comparison, comparison.after));
    let shown = comparison.clone();
    let draw: Redraw = Arc::new(move |theme, size| {
        let shapes = Shapes {
            before: &shown.before_shape,
            after: &shown.after_shape,
            before_stat: shown.before,
            after_stat: shown.after,
        };
        before_after(&shapes, theme, size)
    });
    let file = Signal::stored(view::words_of(&format!("{} before and after", comparison.title)));
    let told = comparison.clone();
    let csv = move |()| view::shapes_csv(&told);
    let has_shape = !(comparison.before_shape.is_empty() && comparison.after_shape.is_empty());
    view! {
        <div class="compare__detail" data-testid="comparison">
            <div class="compare__word">
                <span data-testid="verdict"><Badge status=view::status(comparison.verdict) text=comparison.verdict.word() /></span>
                {(comparison.confidence != "high").then(|| view! { <span class="tag">{confidence(&comparison.confidence)}</span> })}
                <span class="small faint"><When at=comparison.at /></span>
            </div>
            <p>{comparison.sentence.clone()}</p>
            <p class="small faint">{format!("{}, {}", view::measured(&comparison), comparison.metric)}</p>
            <dl class="compare__numbers">
                <div><dt>"Before"</dt><dd class="num">{before}</dd></div>
                <div><dt>"After"</dt><dd class="num">{after}</dd></div>
                {match effect {
                    Some((mid, interval)) => view! {
                        <div><dt>"Effect at equal load"</dt><dd class="num">{mid}<span class="small faint">{interval}</span></dd></div>
                    }.into_any(),
                    None => view! { <div><dt>"Effect at equal load"</dt><dd class="compare__unknown hatched"><span>"not proven"</span></dd></div> }.into_any(),
                }}
                <div><dt>"Matched days"</dt><dd class="num">{format::whole(comparison.pairs)}</dd></div>
            </dl>
            {has_shape.then(|| {
                let draw = Signal::stored(draw);
                view! {
                    <Plot draw height=190 />
                    <div class="compare__saved"><Exports what="before and after" test="change-export" draw height=260 file csv /></div>
                }
            })}
            <ul class="compare__notes small">
                {(!comparison.confounders.is_empty()).then(|| view! {
                    <li class="compare__confounder">
                        <strong>"Also changed"</strong>
                        {comparison.confounders.iter().map(|c| view! { <span>{c.clone()}</span> }).collect_view()}
                    </li>
                })}
                {caveats.into_iter().map(|text| view! { <li>{text}</li> }).collect_view()}
            </ul>
        </div>
    }
}

fn confidence(word: &str) -> String {
    if word == "provisional" { word.to_owned() } else { format!("{word} confidence") }
}
