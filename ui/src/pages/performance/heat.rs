//! How requests spread over latency, day by day: a heatmap or a table, or why there is none.

use super::{Shared, heat_view, view};
use crate::charts::{Cells, Exports, Redraw};
use crate::components::Sentence;
use crate::components::skeleton::Skeleton;
use crate::format;
use leptos::prelude::*;
use loadline_charts::{Heatmap, heatmap};
use loadline_model::databases::Missing;
use loadline_model::performance::Spread;
use std::sync::Arc;

/// Pixels.
const HEIGHT: u32 = 280;

/// What can be shown.
#[derive(Clone, PartialEq)]
enum State {
    /// The answer is about the series that was on show before.
    Coming,
    Missing(Missing),
    /// All that is held is older than the range.
    Outside,
    Drawn,
}

/// The panel.
#[component]
pub fn Panel(shared: Shared) -> impl IntoView {
    view! {
        <header class="panel__head">
            <h2>"How requests spread"</h2>
            <Saved shared />
        </header>
        <div class="panel__body stack">{shared.spread.show(5, move |_| content(shared))}</div>
    }
}

fn content(shared: Shared) -> impl IntoView {
    let spread = Memo::new(move |_| shared.spread_of_series());
    let state = Memo::new(move |_| {
        spread.with(|s| match s {
            None => State::Coming,
            Some(Spread { missing: Some(missing), .. }) => State::Missing(missing.clone()),
            Some(s) if heat_view::days(s, shared.shown.get()).iter().all(|(_, day)| day.is_none()) => State::Outside,
            Some(_) => State::Drawn,
        })
    });
    let heat = Memo::new(move |_| drawn(shared));
    let words = move |at| {
        let told = |s: &Option<Spread>| {
            s.as_ref().map(|s| heat.with(|h| heat_view::cell(h, s, shared.shown.get(), at))).unwrap_or_default()
        };
        spread.with(told)
    };
    let as_table = Memo::new(move |_| shared.place.get("view").as_deref() == Some("table"));
    move || {
        match state.get() {
        State::Coming => view! { <Skeleton rows=5 /> }.into_any(),
        State::Missing(missing) => view! {
            <div class="silent" data-testid="heat-missing">
                <span class="silent__bar hatched" aria-hidden="true"></span>
                <div class="stack">
                    <p><strong>"No heatmap: "</strong><Sentence text=missing.detail />"."</p>
                    <p class="muted">{missing.closes}</p>
                </div>
            </div>
        }
        .into_any(),
        State::Outside => view! {
            <p class="muted" data-testid="heat-outside">"Nothing was measured on the days on show. Choose more days to see what is held."</p>
        }
        .into_any(),
        State::Drawn => view! {
            {move || spread.with(|s| s.as_ref().and_then(|s| heat_view::sentence(s, shared.shown.get()))).map(|said| view! { <p data-testid="heat-sentence">{said}</p> })}
            {move || if as_table.get() { table(shared).into_any() } else { view! { <Cells chart=heat words height=HEIGHT /> }.into_any() }}
        }
        .into_any(),
    }
    }
}

/// The drawing of what is on show; empty while there is nothing to draw.
fn drawn(shared: Shared) -> Heatmap {
    let spread = shared.spread_of_series();
    let chart = |t: &_| spread.as_ref().map(|s| heat_view::heat(t, s, shared.shown.get()));
    shared.trend.with(|t| t.as_ref().and_then(chart)).unwrap_or_default()
}

/// Saves the heatmap, once there is one.
#[component]
fn Saved(shared: Shared) -> impl IntoView {
    let heat = Memo::new(move |_| drawn(shared));
    let draw = Signal::derive(move || {
        let heat = heat.get();
        Arc::new(move |theme: &_, size| heatmap(&heat, theme, size)) as Redraw
    });
    let file = Signal::derive(move || {
        shared.trend.with(|t| t.as_ref().map(|t| format!("{}-spread", view::file_name(t)))).unwrap_or_default()
    });
    let csv = move |()| {
        let spread = untrack(|| shared.spread_of_series());
        let shown = shared.shown.get_untracked();
        let text = |t: &_| spread.as_ref().map(|s| heat_view::csv(t, s, shown));
        shared.trend.with_untracked(|t| t.as_ref().and_then(text)).unwrap_or_default()
    };
    let has = Memo::new(move |_| heat.with(|h| !h.bounds.is_empty()));
    move || {
        has.get()
            .then(|| view! { <Exports what="the spread of requests" test="heat-export" draw height=HEIGHT file csv /> })
    }
}

fn table(shared: Shared) -> impl IntoView {
    let Some(spread) = shared.spread_of_series() else { return ().into_any() };
    let heat = drawn(shared);
    let buckets = spread.bounds.len() + usize::from(heat.overflows());
    let rows = heat_view::days(&spread, shared.shown.get()).into_iter().rev().map(|(day, measured)| {
        let date = format::date(day.utc_start(), "UTC");
        match measured {
            Some(m) => {
                let total = m.total();
                view! {
                    <tr>
                        <th scope="row">{date}</th>
                        <td class="num right">{format::whole(total)}</td>
                        {m.counts.iter().take(buckets).map(|n| view! { <td class="num right" class:faint=*n == 0>{heat_view::share(*n, total)}</td> }).collect_view()}
                    </tr>
                }
                .into_any()
            }
            None => view! {
                <tr><th scope="row">{date}</th><td colspan=buckets + 1><span class="unread hatched"><span>"not measured"</span></span></td></tr>
            }
            .into_any(),
        }
    });
    view! {
        <div class="plain-table-scroll" tabindex="0" role="region" aria-label="Share of each day's requests by latency" data-testid="heat-table">
            <table class="plain-table plain-table--cells">
                <thead>
                    <tr>
                        <th scope="col">"Day"</th>
                        <th scope="col" class="right">"Requests"</th>
                        {(0..buckets).map(|at| view! { <th scope="col" class="right num">{heat.bucket(at)}</th> }).collect_view()}
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
