//! The sentence that says what the chosen failure does, and the changes to try against it.

use super::{Map, view};
use crate::components::Icon;
use leptos::prelude::*;
use loadline_topology::WhatIf;

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
        last.map(|id| map.with_graph(|graph| view::changes(graph, &id))).unwrap_or_default()
    });
    let fails = move || map.outcome.with(Option::is_some);
    view! {
        <div class="verdict" class:verdict--dark=move || map.outcome.with(|o| o.as_ref().is_some_and(|f| !f.journeys_lost.is_empty()))>
            <p class="verdict__sentence" role="status" aria-live="polite" data-testid="map-sentence">{sentence}</p>
            <Show when=fails>
                <div class="verdict__what-if">
                    <span class="small faint">{move || if options.with(Vec::is_empty) { "" } else { "What if" }}</span>
                    {move || options.get().into_iter().map(|(word, change)| option(map, word, change)).collect_view()}
                    <button class="button button--small" data-testid="map-clear" title="Nothing fails (Esc)" on:click=move |_| map.clear()>
                        <Icon name="undo" />"Clear"
                    </button>
                </div>
            </Show>
            {move || answer(map).map(|text| view! { <p class="verdict__answer" data-testid="map-answer" aria-live="polite">{text}</p> })}
        </div>
    }
}

fn option(map: Map, word: &'static str, change: WhatIf) -> impl IntoView {
    let chosen = {
        let change = change.clone();
        move || map.change.with(|c| c.as_ref() == Some(&change))
    };
    let pressed = chosen.clone();
    view! {
        <button class="button button--small" class:button--chosen=chosen aria-pressed=move || pressed().to_string() data-testid="what-if"
            on:click=move |_| map.change.update(|now| {
                *now = if now.as_ref() == Some(&change) { None } else { Some(change.clone()) };
            })>
            {word}
        </button>
    }
}

fn answer(map: Map) -> Option<String> {
    let (change, before) = (map.change.get()?, map.outcome.get()?);
    let after = map.with_graph(|graph| map.failed.with(|failed| view::try_change(graph, &change, failed)));
    Some(view::worth(&before, &after))
}
