//! What did not fit and what that costs; what was done, with its promise and its result.

use super::Shared;
use super::view;
use crate::components::status::Badge;
use crate::components::{Status, When};
use crate::format;
use crate::pages::performance::view as performance;
use leptos::prelude::*;

/// What is left out, dearest first.
#[component]
pub fn LeftOut(shared: Shared) -> impl IntoView {
    let left = move || shared.ready.with(|r| view::left_out(&r.assessment().roadmap));
    let total = Memo::new(move |_| left().len());
    view! {
        <Show when=move || { total.get() > 0 }>
            <section class="panel">
                <header class="panel__head"><h2>"Left out, and what that costs"</h2><span class="small faint">{move || format::count(total.get(), "item", "items")}</span></header>
                <ul class="left-out">
                    {move || left().into_iter().map(|l| {
                        let (id, first, drag) = (l.item.id.clone(), l.item.id.clone(), l.item.id.clone());
                        view! {
                            <li class="left-out__row" data-testid="left-out" draggable="true" on:dragstart=move |_| shared.dragged.set(Some(drag.clone())) on:dragend=move |_| shared.dragged.set(None)>
                                <button class="left-out__open" on:click=move |_| shared.open(&id)>
                                    <span class="left-out__title">{l.item.title.clone()}</span>
                                    <span class="small muted">{l.costs.clone()}</span>
                                </button>
                                <span class="small faint">{view::because(&l.because)}</span>
                                <span class="num small">{format::effort(&l.item.half_days)}</span>
                                <button class="button button--small" title="Plan it into sprint 1 by hand" on:click=move |_| shared.plan(&first, Some(0))>"Plan first"</button>
                            </li>
                        }
                    }).collect_view()}
                </ul>
            </section>
        </Show>
    }
}

/// What was done: promise and result side by side.
#[component]
pub fn Done(shared: Shared) -> impl IntoView {
    let done = move || {
        shared.ready.with(|r| {
            let a = r.assessment();
            a.roadmap.done.iter().map(|i| (i.clone(), view::result(a, &i.id).cloned())).collect::<Vec<_>>()
        })
    };
    let any = Memo::new(move |_| shared.ready.with(|r| !r.assessment().roadmap.done.is_empty()));
    view! {
        <Show when=move || any.get()>
            <section class="panel">
                <header class="panel__head"><h2>"Done"</h2><span class="small faint">"promised, then measured"</span></header>
                {move || shared.ready.with(|r| r.assessment().debt.calibration.sentence()).map(|said| view! { <p class="panel__body small muted" data-testid="calibration">{said}</p> })}
                <ul class="done">
                    {move || done().into_iter().map(|(item, result)| {
                        let id = item.id.clone();
                        view! {
                            <li class="done__row">
                                <button class="left-out__open" on:click=move |_| shared.open(&id)>
                                    <span class="left-out__title">{item.title.clone()}</span>
                                    <span class="small faint">{item.done_at.map(|at| view! { <When at /> })}{view::took(&item).map(|said| format!(" · {said}"))}</span>
                                </button>
                                <p class="small"><span class="faint">"Promise "</span>{item.proof.clone()}</p>
                                {match result {
                                    Some(c) => view! {
                                        <div class="stack done__result">
                                            <Badge status=performance::status(c.verdict) text=c.verdict.word() />
                                            <p class="small muted">{c.sentence.clone()}</p>
                                        </div>
                                    }.into_any(),
                                    None => view! {
                                        <div class="stack done__result">
                                            <Badge status=Status::Unknown text="not proven" />
                                            <p class="small muted">"Not compared yet: that takes seven days before and three after."</p>
                                        </div>
                                    }.into_any(),
                                }}
                            </li>
                        }
                    }).collect_view()}
                </ul>
            </section>
        </Show>
    }
}
