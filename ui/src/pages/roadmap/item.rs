//! One item at the right edge: steps, value, promise, result, and what a person may decide about it.

use super::{ITEM, Shared, view};
use crate::components::status::Badge;
use crate::components::{Icon, When};
use crate::format;
use crate::pages::performance::view as performance;
use crate::state::use_overlay;
use leptos::prelude::*;
use loadline_model::{Choice, Comparison, Finding, Item, Timestamp};

/// The drawer; open while the route names an item.
#[component]
pub fn Details(shared: Shared) -> impl IntoView {
    let overlay = use_overlay();
    let place = shared.place;
    let close = move || place.set(&[(ITEM, None)]);
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        let busy = event.default_prevented() || overlay.is_open() || place.is_open(crate::state::place::FINDING);
        if event.key() == "Escape" && !busy && place.is_open(ITEM) {
            event.prevent_default();
            close();
        }
    });
    on_cleanup(move || keys.remove());
    let found = Memo::new(move |_| {
        let id = place.get(ITEM)?;
        shared.ready.with(|r| {
            let a = r.assessment();
            let item = view::find(&a.roadmap, &id)?.clone();
            let closes: Vec<Finding> =
                a.findings.iter().filter(|f| item.closes.contains(&f.fingerprint)).cloned().collect();
            let needs: Vec<String> = item
                .needs
                .iter()
                .map(|n| view::find(&a.roadmap, n.as_str()).map_or_else(|| n.to_string(), |i| i.title.clone()))
                .collect();
            let result = view::result(a, &item.id).cloned();
            Some((item, closes, needs, result))
        })
    });
    move || {
        found.get().map(|(item, closes, needs, result)| {
            view! {
                <aside class="drawer" role="complementary" aria-label="Item" data-testid="item-drawer">
                    <div class="drawer__head">
                        <code class="faint">{item.rule.to_string()}</code>
                        <span class="grow"></span>
                        <button class="icon-button" aria-label="Close item" title="Close (Esc)" data-testid="item-close" on:click=move |_| close()><Icon name="close" /></button>
                    </div>
                    <div class="drawer__body">
                        <header class="evidence__head">
                            <h2>{item.title.clone()}</h2>
                            <p class="small faint"><span class="mono">{item.subject.name.clone()}</span>{format!(" · {}", format::effort(&item.half_days))}</p>
                        </header>
                        {decisions(shared, &item)}
                        {value(shared, &item)}
                        {promise(&item, result)}
                        {steps(&item)}
                        {rest(shared, closes, needs)}
                    </div>
                </aside>
            }
        })
    }
}

fn decisions(shared: Shared, item: &Item) -> impl IntoView + use<> {
    let now = shared.workspace.now().map_or(Timestamp(0), |s| s.now);
    let date = RwSignal::new(format::input_date(now));
    let decide = move |choice: Choice| shared.workspace.decide(vec![choice]);
    let at = move || Timestamp::parse(&date.get_untracked()).map_or(now, |t| Timestamp(t.0.min(now.0)));
    let (start, finish, reopen, unpin) = (item.id.clone(), item.id.clone(), item.id.clone(), item.id.clone());
    let (done, started, pinned) = (item.done_at, item.started_at, item.pinned_sprint);
    let said = item.took_weeks.map_or_else(String::new, |weeks| weeks.to_string());
    let (took, correct) = (RwSignal::new(said), item.id.clone());
    let weeks = Memo::new(move |_| took.with(|text| view::engineer_weeks(text)));
    let estimate = view::estimate(&item.half_days);
    let chosen = move |event: web_sys::Event| date.set(event_target_value(&event));
    view! {
        <div class="item-decisions">
            {match (done, started) {
                (Some(at), _) => view! {
                    <p>"Done "<When at />"."</p>
                    <Took took estimate />
                    <button class="button button--small" data-testid="item-took-save" disabled=move || weeks.get().is_err()
                        on:click=move |_| decide(Choice::FinishItem { item: correct.clone(), at, took_weeks: weeks.get_untracked().ok().flatten() })>"Save what it took"</button>
                    <button class="button button--small" on:click=move |_| decide(Choice::ReopenItem { item: reopen.clone() })>"Not done after all"</button>
                }.into_any(),
                (None, started) => view! {
                    <label class="item-decisions__date">
                        <span class="small faint">"On"</span>
                        <input class="input" type="date" max=format::input_date(now) prop:value=move || date.get() data-testid="item-date" on:input=chosen />
                    </label>
                    {started.is_none().then(|| view! {
                        <button class="button" data-testid="item-start" on:click=move |_| decide(Choice::StartItem { item: start.clone(), at: at() })>"Mark started"</button>
                    })}
                    <Took took estimate />
                    <button class="button button--primary" data-testid="item-done" disabled=move || weeks.get().is_err()
                        on:click=move |_| decide(Choice::FinishItem { item: finish.clone(), at: at(), took_weeks: weeks.get_untracked().ok().flatten() })>"Mark done"</button>
                    {started.map(|at| view! { <span class="small faint">"started "<When at /></span> })}
                }.into_any(),
            }}
            {pinned.filter(|_| done.is_none()).map(|sprint| view! {
                <p class="small muted item-decisions__pin">
                    {format!("Planned by hand into sprint {}. ", sprint + 1)}
                    <button class="text-link" data-testid="unpin" on:click=move |_| shared.plan(&unpin, None)>"Let the planner decide"</button>
                </p>
            })}
            {done.is_none().then(|| view! { <p class="small faint item-decisions__pin">"Before and after needs the day on which the change reached users."</p> })}
        </div>
    }
}

/// What the item took; may stay empty. Estimates follow what items take.
#[component]
fn Took(took: RwSignal<String>, estimate: String) -> impl IntoView {
    let wrong = move || took.with(|text| view::engineer_weeks(text)).err();
    view! {
        <label class="item-decisions__date" title="Engineer-weeks of all who worked on it. From three items on, estimates follow what items take.">
            <span class="small faint">"Took, weeks"</span>
            <input class="input item-decisions__took" type="text" inputmode="decimal" placeholder=estimate prop:value=move || took.get()
                aria-invalid=move || wrong().is_some().to_string() data-testid="item-took" on:input=move |event| took.set(event_target_value(&event)) />
        </label>
        {move || wrong().map(|why| view! { <p class="field item-decisions__pin"><small class="field__wrong" role="alert">{why}</small></p> })}
    }
}

fn value(shared: Shared, item: &Item) -> impl IntoView + use<> {
    let parts = shared.largest.with_untracked(|largest| view::parts(item, largest));
    view! {
        <section class="evidence__section">
            <h3>"What it is worth"</h3>
            <dl class="worth">
                {parts.map(|(name, text, share)| view! {
                    <div><dt>{name}</dt><dd class="worth__bar"><i style:width=format!("{}%", share * 100.0)></i></dd><dd class="num small">{text}</dd></div>
                }).collect_view()}
            </dl>
        </section>
    }
}

fn promise(item: &Item, result: Option<Comparison>) -> impl IntoView + use<> {
    let done = item.done_at.is_some();
    view! {
        <section class="evidence__section">
            <h3>"Promise and result"</h3>
            <p>{item.proof.clone()}</p>
            <p class="small faint"><code>{item.proof_metric.clone()}</code></p>
            {match result {
                Some(c) => view! { <Badge status=performance::status(c.verdict) text=c.verdict.word() /><p class="muted">{c.sentence.clone()}</p> }.into_any(),
                None if done => view! { <p class="muted">"Not compared yet: that takes seven days before and three after."</p> }.into_any(),
                None => ().into_any(),
            }}
        </section>
    }
}

fn steps(item: &Item) -> impl IntoView + use<> {
    let steps = item.steps.clone();
    (!steps.is_empty()).then(|| {
        view! {
            <section class="evidence__section">
                <h3>"Steps"</h3>
                <ol class="steps">{steps.into_iter().map(|step| view! { <li>{step}</li> }).collect_view()}</ol>
            </section>
        }
    })
}

fn rest(shared: Shared, closes: Vec<Finding>, needs: Vec<String>) -> impl IntoView {
    let place = shared.place;
    view! {
        {(!needs.is_empty()).then(|| view! {
            <section class="evidence__section"><h3>"Needs first"</h3><ul>{needs.into_iter().map(|n| view! { <li>{n}</li> }).collect_view()}</ul></section>
        })}
        {(!closes.is_empty()).then(|| view! {
            <section class="evidence__section">
                <h3>{format!("Closes {}", format::count(closes.len(), "finding", "findings"))}</h3>
                <ul class="item-closes">{closes.into_iter().map(|f| {
                    let fingerprint = f.fingerprint.to_string();
                    view! { <li><button class="text-link" on:click=move |_| place.open_finding(&fingerprint)>{f.sentence.clone()}</button></li> }
                }).collect_view()}</ul>
            </section>
        })}
    }
}
