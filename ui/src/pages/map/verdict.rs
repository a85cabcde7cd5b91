//! The sentence that says what the chosen failure does, and the changes to try against it.

use super::what_if::{self, Change, Effect};
use super::{Map, view};
use crate::components::Icon;
use crate::format;
use leptos::prelude::*;

/// The band above the drawing.
#[component]
pub fn Verdict(map: Map) -> impl IntoView {
    let names = Memo::new(move |_| {
        map.with_graph(|graph| {
            map.failed
                .with(|ids| ids.iter().filter_map(|id| graph.node(id)).map(|n| n.name.clone()).collect::<Vec<_>>())
        })
    });
    let sentence = move || {
        map.ready.with(|r| {
            let topology = &r.assessment().topology;
            let failed = map.failed.get();
            let alone = match failed.as_slice() {
                [one] => topology.spofs.iter().find(|s| s.subject.id == *one),
                _ => None,
            };
            match map.outcome.get() {
                Some(failure) => names.with(|names| view::sentence(names, &failure, alone)),
                None => "Choose a thing to see what stops without it. Shift-click a second one to fail both.".into(),
            }
        })
    };
    let options = Memo::new(move |_| {
        let last = map.failed.with(|f| f.last().cloned());
        last.map(|id| map.with_graph(|graph| what_if::changes(graph, &id))).unwrap_or_default()
    });
    let effect = Memo::new(move |_| {
        let change = map.change.get()?;
        Some(map.ready.with(|r| map.failed.with(|failed| what_if::effect(&r.assessment().topology, &change, failed))))
    });
    let fails = move || map.outcome.with(Option::is_some);
    view! {
        <div class="verdict" class:verdict--dark=move || map.outcome.with(|o| o.as_ref().is_some_and(|f| !f.journeys_lost.is_empty()))>
            <p class="verdict__sentence" role="status" aria-live="polite" data-testid="map-sentence">{sentence}</p>
            <Show when=fails>
                <div class="verdict__what-if">
                    <span class="small faint">{move || if options.with(Vec::is_empty) { "" } else { "What if" }}</span>
                    {move || options.get().into_iter().map(|change| option(map, change)).collect_view()}
                    <button class="button button--small" data-testid="map-clear" title="Nothing fails (Esc)" on:click=move |_| map.clear()>
                        <Icon name="undo" />"Clear"
                    </button>
                </div>
            </Show>
            {move || effect.get().map(answer)}
        </div>
    }
}

fn option(map: Map, change: Change) -> impl IntoView {
    let (word, hint) = (change.word.clone(), change.hint.clone());
    let chosen = {
        let change = change.clone();
        move || map.change.with(|c| c.as_ref() == Some(&change))
    };
    let pressed = chosen.clone();
    view! {
        <button class="button button--small" class:button--chosen=chosen title=hint aria-pressed=move || pressed().to_string() data-testid="what-if"
            on:click=move |_| map.change.update(|now| {
                *now = if now.as_ref() == Some(&change) { None } else { Some(change.clone()) };
            })>
            {word}
        </button>
    }
}

/// Before and after, numbers first.
fn answer(effect: Effect) -> impl IntoView {
    let (before, after) = &effect.failure;
    let share = (format::percent(before.weight_lost), format::percent(after.weight_lost));
    let this = effect.this.map(|(was, is)| (view::a_year(was), view::a_year(is)));
    let alone = (format::whole(effect.alone.0 as u64), format::whole(effect.alone.1 as u64));
    let hours = (view::a_year(effect.hours.0), view::a_year(effect.hours.1));
    view! {
        <div class="verdict__answer" data-testid="map-answer" aria-live="polite">
            <p>{what_if::worth(before, after)}</p>
            <dl class="before-after">
                {step("Journeys lost", "To this failure", share)}
                {this.map(|this| step("This failure, a year", "Median expected hours", this))}
                {step("Stop journeys alone", "Things whose single failure stops a journey", alone)}
                {step("All of them, a year", "Medians of every single failure, added up; new parts as is usual for their kind", hours)}
            </dl>
        </div>
    }
}

fn step(word: &'static str, hint: &'static str, (before, after): (String, String)) -> impl IntoView {
    let same = before == after;
    view! {
        <div title=hint>
            <dt class="small faint">{word}</dt>
            <dd class="num">{before}{(!same).then(|| view! { <span class="faint" aria-label="then">" → "</span><strong>{after}</strong> })}</dd>
        </div>
    }
}
