//! Performance: latency over time with what was deployed, what each change did to it, and what the databases do.

mod before_after;
pub mod databases;
mod periods;
pub mod view;

use crate::charts::{Plot, Redraw, download};
use crate::components::loaded::Ready;
use crate::components::{EmptyState, Icon, Loaded, Tabs};
use crate::format;
use crate::state::{Place, use_place, use_toasts};
use leptos::prelude::*;
use loadline_charts::{latency, words};
use loadline_model::LatencyTrend;
use std::sync::Arc;
use view::Range;

/// What the parts of the page share.
#[derive(Clone, Copy)]
pub struct Shared {
    pub ready: Signal<Ready>,
    pub trend: Memo<Option<LatencyTrend>>,
    pub range: Memo<Range>,
    pub place: Place,
}

/// The page.
#[component]
pub fn Page() -> impl IntoView {
    view! { <Loaded view=|ready| view! { <Performance ready /> } /> }
}

/// What can be looked at: id in the route, word.
const TABS: [(&str, &str); 2] = [("requests", "Requests"), ("databases", "Databases")];

#[component]
fn Performance(ready: Signal<Ready>) -> impl IntoView {
    let place = use_place();
    let tab = Memo::new(move |_| {
        let wanted = place.get("tab");
        TABS.iter().find(|(id, _)| wanted.as_deref() == Some(*id)).map_or("requests", |(id, _)| *id)
    });
    let chosen = Signal::derive(move || tab.get().to_owned());
    // What is chosen on one tab means nothing on the other.
    let on_choose = move |id: &'static str| {
        let gone = ["series", "range", "view", "change", "q", "sort", "db", "statement"].map(|key| (key, None));
        place.set(&[&gone[..], &[("tab", (id != "requests").then(|| id.to_owned()))]].concat());
    };
    view! {
        <div class="page performance">
            <header class="page__head">
                <div>
                    <h1>"Performance"</h1>
                    <p>{move || match tab.get() {
                        "databases" => "Where the databases spend their time, which index helps how much, how many connections are left, what grows.",
                        _ => "How long users wait, what was deployed when, and what each change did.",
                    }}</p>
                </div>
            </header>
            <Tabs label="Performance of" tabs=TABS.to_vec() chosen on_choose />
            <div class="performance__tab" role="tabpanel" aria-labelledby=move || format!("tab-{}", tab.get())>
                {move || match tab.get() {
                    "databases" => view! { <databases::Section ready /> }.into_any(),
                    _ => view! { <Requests ready /> }.into_any(),
                }}
            </div>
        </div>
    }
}

#[component]
fn Requests(ready: Signal<Ready>) -> impl IntoView {
    let place = use_place();
    let trend = Memo::new(move |_| {
        let wanted = place.get("series");
        ready.with(|r| view::chosen(r.assessment(), wanted.as_deref()).cloned())
    });
    let range = Memo::new(move |_| Range::of(place.get("range").as_deref()));
    let shared = Shared { ready, trend, range, place };
    let measured = Memo::new(move |_| trend.with(Option::is_some));
    view! {
        {move || if measured.get() {
            view! {
                <Toolbar shared />
                <section class="panel"><Chart shared /></section>
                <div class="grid">
                    <section class="panel c8"><before_after::Panel shared /></section>
                    <section class="panel c4"><periods::Panel shared /></section>
                </div>
            }.into_any()
        } else {
            view! {
                <EmptyState title="Latency is not measured"
                    why="No connected account holds request durations. Connect Prometheus or a cloud's metrics: histograms give percentiles that can be merged and compared.">
                    <a class="button button--primary" href="/accounts?connect=choose">"Connect a metrics source"</a>
                </EmptyState>
            }.into_any()
        }}
    }
}

#[component]
fn Toolbar(shared: Shared) -> impl IntoView {
    let place = shared.place;
    let options = move || {
        let chosen = shared.trend.with(|t| t.as_ref().map(view::key));
        let all = shared
            .ready
            .with(|r| r.assessment().trends.latency.iter().map(|t| (view::key(t), view::name(t))).collect::<Vec<_>>());
        all.into_iter()
            .map(|(key, name)| {
                let selected = chosen.as_ref() == Some(&key);
                view! { <option value=key selected=selected>{name}</option> }
            })
            .collect_view()
    };
    let ranges = Range::ALL.map(|(code, word, range)| {
        view! {
            <button class="segment" aria-pressed=move || (shared.range.get() == range).to_string() data-testid=format!("range-{code}")
                on:click=move |_| place.set(&[("range", Some(code.to_owned()))])>{word}</button>
        }
    });
    let as_table = move || place.get("view").as_deref() == Some("table");
    view! {
        <div class="toolbar">
            <label class="select select--wide">
                <span class="sr-only">"Service and route"</span>
                <select data-testid="series" on:change=move |event| place.set(&[("series", Some(event_target_value(&event))), ("change", None)])>{options}</select>
                <Icon name="chevron" />
            </label>
            <div class="segments" role="group" aria-label="Range">{ranges.collect_view()}</div>
            <span class="grow"></span>
            <div class="segments" role="group" aria-label="Show as">
                <button class="segment" aria-pressed=move || (!as_table()).to_string() on:click=move |_| place.set(&[("view", None)])>"Chart"</button>
                <button class="segment" aria-pressed=move || as_table().to_string() data-testid="as-table"
                    on:click=move |_| place.set(&[("view", Some("table".into()))])>"Table"</button>
            </div>
        </div>
    }
}

#[component]
fn Chart(shared: Shared) -> impl IntoView {
    let toasts = use_toasts();
    let chart = Memo::new(move |_| {
        let range = shared.range.get();
        shared
            .trend
            .with(|t| t.as_ref().map(|t| shared.ready.with(|r| view::chart(r.assessment(), t, range))))
            .unwrap_or_default()
    });
    let points = Signal::derive(move || chart.with(view::points));
    let draw = Signal::derive(move || {
        let chart = chart.get();
        Arc::new(move |theme: &_, size| latency(&chart, theme, size)) as Redraw
    });
    let svg = RwSignal::new(String::new());
    let file = move || shared.trend.with(|t| t.as_ref().map_or_else(String::new, view::file_name));
    let export_svg = move |_| {
        if download(&format!("{}.svg", file()), "image/svg+xml", &svg.get_untracked()) {
            toasts.say("The chart was saved as SVG.");
        }
    };
    let export_csv = move |_| {
        let text = shared
            .trend
            .with_untracked(|t| t.as_ref().map(|t| view::csv(t, shared.range.get_untracked())))
            .unwrap_or_default();
        if download(&format!("{}.csv", file()), "text/csv", &text) {
            toasts.say("The numbers were saved as CSV.");
        }
    };
    let as_table = Memo::new(move |_| shared.place.get("view").as_deref() == Some("table"));
    let gauges = move || shared.trend.with(|t| t.as_ref().is_some_and(|t| !t.mergeable));
    view! {
        <header class="panel__head">
            <h2>{move || shared.trend.with(|t| t.as_ref().map(view::name))}</h2>
            <div class="row">
                {move || gauges().then_some(view! { <span class="tag" title="The source keeps percentiles, not histograms: days cannot be merged, only compared like with like.">"not mergeable"</span> })}
                <button class="button button--small" data-testid="export-svg" on:click=export_svg><Icon name="export" />"SVG"</button>
                <button class="button button--small" data-testid="export-csv" on:click=export_csv><Icon name="export" />"CSV"</button>
            </div>
        </header>
        <div class="panel__body">
            {move || if as_table.get() { table(shared).into_any() } else { view! { <Plot draw points height=300 drawn=svg /> }.into_any() }}
            <ul class="changes">{move || changes(shared)}</ul>
        </div>
    }
}

fn changes(shared: Shared) -> impl IntoView {
    shared.trend.with(|t| {
        let points = t.as_ref().map(|t| t.change_points.clone()).unwrap_or_default();
        points
            .into_iter()
            .rev()
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

fn table(shared: Shared) -> impl IntoView {
    let rows = shared.trend.with(|t| t.as_ref().map(|t| shared.range.get().cut(&t.days).to_vec())).unwrap_or_default();
    view! {
        <div class="plain-table-scroll" tabindex="0">
            <table class="plain-table">
                <thead><tr><th>"Day"</th><th class="right">"Requests"</th><th class="right">"p50"</th><th class="right">"p95"</th><th class="right">"p99"</th></tr></thead>
                <tbody>
                    {rows.into_iter().rev().map(|d| view! {
                        <tr>
                            <td>{format::date(d.day.utc_start(), "UTC")}</td>
                            <td class="num right">{format::whole(d.percentiles.count)}</td>
                            <td class="num right">{view::value(d.percentiles.p50, false)}</td>
                            <td class="num right">{view::value(d.percentiles.p95, d.percentiles.p95_above)}</td>
                            <td class="num right">{view::value(d.percentiles.p99, d.percentiles.p99_above)}</td>
                        </tr>
                    }).collect_view()}
                </tbody>
            </table>
        </div>
    }
}
