//! Performance: latency over time with what was deployed, what each change did to it, and what the databases do.

mod before_after;
pub mod databases;
#[cfg(feature = "dense")]
pub mod dense;
mod heat;
pub mod heat_view;
mod incident_form;
mod latency;
mod objectives;
pub mod objectives_view;
mod periods;
pub mod range;
mod test_form;
mod test_runs;
pub mod view;
mod zoomed;

use crate::components::loaded::Ready;
use crate::components::{Asked, EmptyState, Icon, Loaded, Tabs, ask};
use crate::state::{Place, use_place};
use leptos::prelude::*;
use loadline_model::LatencyTrend;
use loadline_model::performance::{Promises, Spread};
use loadline_wire::performance::{LookAtPromises, LookAtSpread};
use range::{Range, Shown};

/// What the parts of the page share.
#[derive(Clone, Copy)]
pub struct Shared {
    pub ready: Signal<Ready>,
    pub trend: Memo<Option<LatencyTrend>>,
    pub shown: Memo<Shown>,
    pub spread: Asked<Spread>,
    pub promises: Asked<Promises>,
    pub place: Place,
}

impl Shared {
    /// The spread of the series on show; `None` while the answer is about another.
    pub fn spread_of_series(self) -> Option<Spread> {
        let spread = self.spread.get();
        let same = |t: &LatencyTrend| t.subject.id == spread.subject && t.route == spread.route;
        self.trend.with(|t| t.as_ref().is_some_and(same)).then(|| (*spread).clone())
    }
}

/// The page.
#[component]
pub fn Page() -> impl IntoView {
    view! { <Loaded view=|ready| view! { <Performance ready /> } /> }
}

/// What can be looked at: id in the route, word.
const TABS: [(&str, &str); 3] = [("requests", "Requests"), ("objectives", "Objectives"), ("databases", "Databases")];

#[component]
fn Performance(ready: Signal<Ready>) -> impl IntoView {
    let place = use_place();
    let tab = Memo::new(move |_| {
        let wanted = place.get("tab");
        TABS.iter().find(|(id, _)| wanted.as_deref() == Some(*id)).map_or("requests", |(id, _)| *id)
    });
    let chosen = Signal::derive(move || tab.get().to_owned());
    let promises = ask::<LookAtPromises, Promises>(ready, Signal::stored(LookAtPromises {}), |found| found);
    let chosen_before = RwSignal::new(Range::remembered());
    let shown = Memo::new(move |_| {
        let range = Range::of(place.get("range").as_deref()).unwrap_or(chosen_before.get());
        ready.with(|r| Shown::of(r.assessment(), range))
    });
    let on_range = move |range: Range| {
        range.remember();
        chosen_before.set(range);
        place.set(&[("range", Some(range.code().to_owned()))]);
    };
    let label = Signal::derive(move || {
        let shown = shown.get();
        match ready.with(|r| range::oldest(r.assessment())) {
            None if shown.range == Range::All => "All that is held".to_owned(),
            oldest => shown.label(oldest.unwrap_or(shown.last)),
        }
    });
    // What is chosen on one tab means nothing on the other; the range holds for both.
    let on_choose = move |id: &'static str| {
        let gone = ["series", "view", "change", "q", "sort", "db", "statement"].map(|key| (key, None));
        place.set(&[&gone[..], &[("tab", (id != "requests").then(|| id.to_owned()))]].concat());
    };
    view! {
        <div class="page performance">
            <header class="page__head">
                <div>
                    <h1>"Performance"</h1>
                    <p>{move || match tab.get() {
                        "databases" => "Where the databases spend their time, which index helps how much, how many connections are left, what grows.",
                        "objectives" => "What was promised, how much of the error budget is left, how fast it burns, what failed, and what was tested.",
                        _ => "How long users wait, what was deployed when, and what each change did.",
                    }}</p>
                </div>
                <range::Picker shown label on_choose=on_range />
            </header>
            <Tabs label="Performance of" tabs=TABS.to_vec() chosen on_choose />
            <div class="performance__tab" role="tabpanel" aria-labelledby=move || format!("tab-{}", tab.get())>
                {move || match tab.get() {
                    "databases" => view! { <databases::Section ready shown /> }.into_any(),
                    "objectives" => view! { <objectives::Section ready shown promises /> }.into_any(),
                    _ => view! { <Requests ready shown promises /> }.into_any(),
                }}
            </div>
        </div>
    }
}

#[component]
fn Requests(ready: Signal<Ready>, shown: Memo<Shown>, promises: Asked<Promises>) -> impl IntoView {
    let place = use_place();
    let trend = Memo::new(move |_| {
        let wanted = place.get("series");
        ready.with(|r| view::chosen(r.assessment(), wanted.as_deref()).cloned())
    });
    let measured = Memo::new(move |_| trend.with(Option::is_some));
    view! {
        {move || if measured.get() {
            view! { <Measured ready shown trend promises /> }.into_any()
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

/// The panels of a series.
#[component]
fn Measured(
    ready: Signal<Ready>,
    shown: Memo<Shown>,
    trend: Memo<Option<LatencyTrend>>,
    promises: Asked<Promises>,
) -> impl IntoView {
    let asked = Memo::new(move |_| {
        let series = trend.with(|t| t.as_ref().map(|t| (t.subject.id.clone(), t.route.clone())));
        let (subject, route) = series.unwrap_or_default();
        LookAtSpread { subject, route }
    });
    let spread = ask::<LookAtSpread, Spread>(ready, asked.into(), |spread| spread);
    let shared = Shared { ready, trend, shown, spread, promises, place: use_place() };
    view! {
        <Toolbar shared />
        <section class="panel"><latency::Panel shared /></section>
        <section class="panel" data-testid="heatmap"><heat::Panel shared /></section>
        <div class="grid">
            <section class="panel c8"><before_after::Panel shared /></section>
            <section class="panel c4"><periods::Panel shared /></section>
        </div>
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
    let as_table = move || place.get("view").as_deref() == Some("table");
    view! {
        <div class="toolbar">
            <label class="select select--wide">
                <span class="sr-only">"Service and route"</span>
                <select data-testid="series" on:change=move |event| place.set(&[("series", Some(event_target_value(&event))), ("change", None)])>{options}</select>
                <Icon name="chevron" />
            </label>
            <span class="grow"></span>
            <div class="segments" role="group" aria-label="Show as">
                <button class="segment" aria-pressed=move || (!as_table()).to_string() on:click=move |_| place.set(&[("view", None)])>"Chart"</button>
                <button class="segment" aria-pressed=move || as_table().to_string() data-testid="as-table"
                    on:click=move |_| place.set(&[("view", Some("table".into()))])>"Table"</button>
            </div>
        </div>
    }
}
