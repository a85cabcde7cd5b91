//! The sentence that says what the chosen failure does, and the changes to try against it.

use super::what_if::{self, Change, Effect as Worth};
use super::{Map, view};
use crate::components::Icon;
use crate::format;
use crate::ipc;
use leptos::prelude::*;
use leptos::task::spawn_local;
use loadline_wire::ApiError;
use loadline_wire::what_if::{TriedOut, TryOut};

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
    let score = score_after(map);
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
            {move || effect.get().map(|effect| answer(effect, score))}
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
fn answer(effect: Worth, score: RwSignal<Option<Asked>>) -> impl IntoView {
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
                {move || score.get().map(readiness)}
            </dl>
        </div>
    }
}

/// Readiness after the change that is being tried: asked of the shell, which has the evidence, and shown when it comes.
type Asked = Option<Result<TriedOut, ApiError>>;

fn score_after(map: Map) -> RwSignal<Option<Asked>> {
    let score = RwSignal::new(None::<Asked>);
    Effect::new(move |_| {
        let Some(change) = map.change.get() else { return score.set(None) };
        score.set(Some(None));
        let request = TryOut { changes: change.steps.iter().map(what_if::asked).collect() };
        spawn_local(async move {
            let answer = ipc::call(&request).await;
            // Another change may be tried meanwhile; its answer is the one to wait for.
            if map.change.try_with_untracked(|now| now.as_ref() == Some(&change)) == Some(true) {
                score.set(Some(Some(answer)));
            }
        });
    });
    score
}

fn readiness(asked: Asked) -> AnyView {
    match asked {
        None => view! { <div aria-busy="true"><dt class="small faint">"Readiness"</dt><dd class="muted">"judging…"</dd></div> }.into_any(),
        Some(Err(error)) => view! { <div><dt class="small faint">"Readiness"</dt><dd class="muted" data-testid="what-if-score">{format!("not known: {}", error.message)}</dd></div> }.into_any(),
        Some(Ok(tried)) => {
            let hint = what_if::moved(&tried);
            let proven = (format::points(tried.now.proven), format::points(tried.then.proven));
            let possible = (format::points(tried.now.possible), format::points(tried.then.possible));
            view! {
                <div data-testid="what-if-score" title=hint.clone()>{pair("Readiness, proven", proven)}</div>
                <div title=hint.clone()>{pair("If every unknown were good", possible)}</div>
                <div class="before-after__why small muted" data-testid="what-if-why">{hint}</div>
            }
            .into_any()
        }
    }
}

fn pair(word: &'static str, (before, after): (String, String)) -> impl IntoView {
    let same = before == after;
    view! {
        <dt class="small faint">{word}</dt>
        <dd class="num">{before}{if same { view! { <span class="faint">" unchanged"</span> }.into_any() } else { view! { <span class="faint" aria-label="then">" → "</span><strong>{after}</strong> }.into_any() }}</dd>
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
