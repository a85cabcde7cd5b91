//! Capacity: how much load fits, what breaks first, when, and what moves it.

mod hull;
mod more;
mod table;
pub mod view;

use crate::components::loaded::Ready;
use crate::components::{EmptyState, Loaded};
use crate::format;
use crate::state::use_place;
use leptos::prelude::*;
use loadline_model::{Assessment, LimitForecast, Rung};
use view::Load;

/// Query key of the load.
const LOAD: &str = "load";

/// What the parts of the page share.
#[derive(Clone, Copy)]
pub struct Shared {
    pub ready: Signal<Ready>,
    pub load: RwSignal<Load>,
    pub limits: Memo<Vec<LimitForecast>>,
}

/// The page.
#[component]
pub fn Page() -> impl IntoView {
    view! { <Loaded view=|ready| view! { <Capacity ready /> } /> }
}

#[component]
fn Capacity(ready: Signal<Ready>) -> impl IntoView {
    let place = use_place();
    let from_route = Memo::new(move |_| Load::of(place.get(LOAD).as_deref()));
    let load = RwSignal::new(from_route.get_untracked());
    Effect::new(move |_| load.set(from_route.get()));
    let limits = Memo::new(move |_| ready.with(|r| view::limits(&r.assessment().capacity, load.get())));
    let shared = Shared { ready, load, limits };
    let nothing = Memo::new(move |_| {
        ready.with(|r| {
            let c = &r.assessment().capacity;
            c.utilisation.is_empty() && c.limits.is_empty() && c.unmeasured.is_empty()
        })
    });
    view! {
        <div class="page capacity">
            <header class="page__head">
                <div><h1>"Capacity"</h1><p>{move || ready.with(|r| demand(r.assessment()))}</p></div>
            </header>
            {move || if nothing.get() {
                view! {
                    <EmptyState title="No headroom is measured"
                        why="No connected account says how much of any limit is in use. A database or a metrics source would.">
                        <a class="button button--primary" href="/accounts?connect=choose">"Connect an account"</a>
                    </EmptyState>
                }.into_any()
            } else {
                view! {
                    <div class="grid">
                        <section class="panel c8"><Line shared /></section>
                        <section class="panel c4"><Ladder ready /></section>
                        <section class="panel c12"><table::Table shared /></section>
                        <section class="panel c6"><more::Unmeasured ready /></section>
                        <section class="panel c6"><more::Redundancy ready /></section>
                    </div>
                }.into_any()
            }}
        </div>
    }
}

fn demand(assessment: &Assessment) -> String {
    let growth = &assessment.capacity.growth;
    let peak = growth.peak.map_or_else(
        || "Demand is not measured".into(),
        |p| format!("Today's peak is {} requests a second", format::number(p, if p < 10.0 { 1 } else { 0 })),
    );
    match &growth.monthly {
        Some(m) => format!(
            "{peak}, {} ({} to {} a month in 8 of 10 cases, {} weeks).",
            view::growing(m.p50),
            format::percent(m.p10),
            format::percent(m.p90),
            growth.weeks
        ),
        None => format!(
            "{peak}; growth is not known{}.",
            growth.missing.as_ref().map(|m| format!(": {m}")).unwrap_or_default()
        ),
    }
}

#[component]
fn Line(shared: Shared) -> impl IntoView {
    let place = use_place();
    let sentence = Signal::derive(move || {
        shared.ready.with(|r| shared.limits.with(|l| view::sentence(&r.assessment().capacity, shared.load.get(), l)))
    });
    let choose = move |load: Load| {
        shared.load.set(load);
        place.set(&[(LOAD, Some(load.code()))]);
    };
    let offered = Load::OFFERED.map(|(code, word)| {
        let load = Load::of(Some(code));
        view! {
            <button class="segment" aria-pressed=move || (shared.load.get() == load).to_string() data-testid=format!("load-{code}") on:click=move |_| choose(load)>{word}</button>
        }
    });
    let position = move |event: &web_sys::Event| event_target_value(event).parse::<u32>().unwrap_or(0);
    view! {
        <div class="panel__body capacity__line">
            <p class="capacity__sentence" aria-live="polite" data-testid="capacity-sentence">{sentence}</p>
            <div class="growth">
                <div class="segments" role="group" aria-label="Growth">{offered.collect_view()}</div>
                <label class="growth__slider">
                    <span class="sr-only">"Load as a multiple of today's peak"</span>
                    <input type="range" min="0" max=view::STEPS.to_string() step="1" data-testid="growth-slider"
                        prop:value=move || shared.load.get().position().to_string()
                        aria-valuetext=move || format!("{} today's peak", format::multiple(shared.load.get().times()))
                        on:input=move |event| shared.load.set(Load::at(position(&event)))
                        on:change=move |event| choose(Load::at(position(&event))) />
                    <output class="num">{move || format::multiple(shared.load.get().times())}</output>
                </label>
            </div>
            <hull::Hull limits=shared.limits load=shared.load sentence />
        </div>
    }
}

#[component]
fn Ladder(ready: Signal<Ready>) -> impl IntoView {
    let rungs = move || {
        ready.with(|r| {
            r.assessment()
                .capacity
                .ladder
                .iter()
                .take(3)
                .map(|rung| (rung.clone(), finding_of(r.assessment(), rung)))
                .collect::<Vec<_>>()
        })
    };
    view! {
        <header class="panel__head"><h2>"What moves the line"</h2><span class="small faint">"in order"</span></header>
        {move || {
            let rungs = rungs();
            if rungs.is_empty() {
                view! { <EmptyState title="No limit is measured" why="What is listed as unmeasured below would show the first one." /> }.into_any()
            } else {
                view! { <ol class="ladder">{rungs.into_iter().enumerate().map(|(i, (rung, finding))| step(i, rung, finding)).collect_view()}</ol> }.into_any()
            }
        }}
    }
}

fn step(index: usize, rung: Rung, finding: Option<String>) -> impl IntoView {
    let place = use_place();
    let m = rung.multiplier;
    let name = crate::components::load_line::view::limit_name(rung.resource.word(), &rung.subject.name);
    view! {
        <li class="rung">
            <span class="rung__number num">{index + 1}</span>
            <div class="stack grow">
                <p class="rung__name">{name}</p>
                <p class="num muted">{format!("carries {}", view::carries(m.p50))}<span class="faint">{format!("  {}", view::carries_interval(m.p10, m.p90))}</span></p>
                <p>{rung.fix.clone()}</p>
                {finding.map(|fingerprint| view! {
                    <button class="text-link small" on:click=move |_| place.open_finding(&fingerprint)>"Evidence and steps"</button>
                })}
            </div>
        </li>
    }
}

/// The finding behind a rung: same rule and subject, else the same rule.
fn finding_of(assessment: &Assessment, rung: &Rung) -> Option<String> {
    let rule = rung.rule.as_ref()?;
    let of_rule = || assessment.findings.iter().filter(|f| f.rule == *rule);
    of_rule().find(|f| f.subject.id == rung.subject.id).or_else(|| of_rule().next()).map(|f| f.fingerprint.to_string())
}
