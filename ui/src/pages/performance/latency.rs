//! Latency of the chosen series over time, with what happened, as a drawing or a table.

use super::zoomed::{self, Layers};
use super::{Shared, view};
use crate::charts::{Exports, Plot, Redraw, Zoom};
use crate::format;
use leptos::prelude::*;
use loadline_charts::{latency, words};
use loadline_model::performance::IncidentRow;
use std::sync::Arc;

/// Pixels.
const HEIGHT: u32 = 300;

/// The panel.
#[component]
pub fn Panel(shared: Shared) -> impl IntoView {
    let chart = Memo::new(move |_| {
        let shown = shared.shown.get();
        shared
            .trend
            .with(|t| {
                let promises = shared.promises.get();
                t.as_ref().map(|t| shared.ready.with(|r| view::chart(r.assessment(), t, &promises, shown)))
            })
            .unwrap_or_default()
    });
    let layers = Memo::new(move |_| Layers::of(chart.get()));
    // What the pointer or the keys chose of the range on show; another series or range begins with all of it.
    let limits = Memo::new(move |_| chart.with(zoomed::limits));
    let zoom = Zoom::new(limits.into());
    let part = zoom.part;
    Effect::new(move |_| {
        limits.with(|_| ());
        part.set(None);
    });
    let visible = Memo::new(move |_| layers.with(|layers| layers.drawn(part.get(), zoom.moving.get())));
    let points = Memo::new(move |_| {
        chart.with(|c| part.get().map_or_else(|| view::points(c), |span| view::points(&zoomed::part_of(c, span))))
    });
    let draw = Signal::derive(move || {
        let chart = visible.get();
        Arc::new(move |theme: &_, size| latency(&chart, theme, size)) as Redraw
    });
    let file = Signal::derive(move || shared.trend.with(|t| t.as_ref().map_or_else(String::new, view::file_name)));
    let csv = move |()| {
        let shown = shared.shown.get_untracked();
        shared.trend.with_untracked(|t| t.as_ref().map(|t| view::csv(t, shown))).unwrap_or_default()
    };
    let as_table = Memo::new(move |_| shared.place.get("view").as_deref() == Some("table"));
    let gauges = move || shared.trend.with(|t| t.as_ref().is_some_and(|t| !t.mergeable));
    let measured = move || shared.trend.with(|t| t.as_ref().map(|t| view::measured_days(t, shared.shown.get())));
    view! {
        <header class="panel__head">
            <div class="row">
                <h2>{move || shared.trend.with(|t| t.as_ref().map(view::name))}</h2>
                <span class="small faint num">{measured}</span>
            </div>
            <div class="row">
                {move || gauges().then_some(view! { <span class="tag" title="The source keeps percentiles, not histograms: days cannot be merged, only compared like with like.">"not mergeable"</span> })}
                <Exports what="latency over time" test="export" draw height=HEIGHT file csv />
            </div>
        </header>
        <div class="panel__body">
            {move || if as_table.get() { table(shared).into_any() } else {
                view! {
                    <Plot draw points height=HEIGHT zoom />
                    <p class="chart-key small faint">"Bands reach from p50 to p95 to p99. Ticks below: deployments, red ones failed. Red columns: incidents. Dashed: the level changed. Hatched: not known. Draw over a part to see it closer; double-click shows all."</p>
                    {move || (!shared.promises.is_answered()).then(|| view! { <p class="small muted" role="status" data-testid="incidents-unread">"Incidents are not drawn: they were not read yet, or could not be. See the objectives tab."</p> })}
                }.into_any()
            }}
            <ul class="changes">{move || changes(shared)}{move || incidents(shared)}</ul>
        </div>
    }
}

fn changes(shared: Shared) -> impl IntoView {
    shared.trend.with(|t| {
        let points = t.as_ref().map(|t| t.change_points.clone()).unwrap_or_default();
        let oldest = t.as_ref().and_then(|t| t.days.first()).map(|d| d.day);
        let shown = shared.shown.get();
        points
            .into_iter()
            .rev()
            .filter(|c| oldest.is_some_and(|oldest| shown.holds(oldest, c.day.utc_start().0)))
            .map(|c| {
                let cause = c.candidates.iter().find(|c| c.attributed).map(|c| format!(", due to {}", c.what)).or_else(|| {
                    let likely: Vec<&str> = c.candidates.iter().take(2).map(|c| c.what.as_str()).collect();
                    (!likely.is_empty()).then(|| format!(", consistent with {}", likely.join(" or ")))
                });
                view! {
                    <li>
                        <span class="faint num">{format::date(c.day.utc_start(), "UTC")}</span>
                        <span>{format!("The median moved from {} to {}{}.", words::seconds(c.before), words::seconds(c.after), cause.unwrap_or_default())}</span>
                        <span class="tag">{format!("{} confidence", c.confidence)}</span>
                    </li>
                }
            })
            .collect_view()
    })
}

/// What failed on the days on show, newest first.
fn incidents(shared: Shared) -> impl IntoView {
    let promises = shared.promises.get();
    let found = shared.trend.with(|t| {
        let own = t.as_ref().map(|t| view::incidents_of(t, &promises, shared.shown.get())).unwrap_or_default();
        own.into_iter().rev().cloned().collect::<Vec<_>>()
    });
    let zone = shared.ready.with(|r| r.assessment().zone.clone());
    let row = move |incident: IncidentRow| {
        view! {
            <li data-testid="chart-incident">
                <span class="faint num">{format::date(incident.from, &zone)}</span>
                <span>{view::told(&incident, promises.as_of)}</span>
                <span class="tag">"incident"</span>
            </li>
        }
    };
    found.into_iter().map(row).collect_view()
}

fn table(shared: Shared) -> impl IntoView {
    let rows = shared.trend.with(|t| t.as_ref().map(|t| view::days(t, shared.shown.get()))).unwrap_or_default();
    view! {
        <div class="plain-table-scroll" tabindex="0" role="region" aria-label="Percentiles of each day">
            <table class="plain-table">
                <thead><tr><th>"Day"</th><th class="right">"Requests"</th><th class="right">"p50"</th><th class="right">"p95"</th><th class="right">"p99"</th></tr></thead>
                <tbody>
                    {rows.into_iter().rev().map(|(day, measured)| {
                        let date = format::date(day.utc_start(), "UTC");
                        match measured {
                            Some(p) => view! {
                                <tr>
                                    <td>{date}</td>
                                    <td class="num right">{format::whole(p.count)}</td>
                                    <td class="num right">{view::value(p.p50, false)}</td>
                                    <td class="num right">{view::value(p.p95, p.p95_above)}</td>
                                    <td class="num right">{view::value(p.p99, p.p99_above)}</td>
                                </tr>
                            }.into_any(),
                            None => view! {
                                <tr><td>{date}</td><td colspan="4"><span class="unread hatched"><span>"not measured"</span></span></td></tr>
                            }.into_any(),
                        }
                    }).collect_view()}
                </tbody>
            </table>
        </div>
    }
}
