//! Overview: what do I ask about on Monday?

mod budget;
mod changes;
mod readiness;
mod risks;
pub mod view;

use crate::components::Loaded;
use crate::components::load_line::LoadLine;
use crate::components::load_line::view::sentence;
use leptos::prelude::*;

/// The page.
#[component]
pub fn Page() -> impl IntoView {
    view! {
        <Loaded view=|ready| {
            let capacity = Signal::derive(move || ready.with(|r| r.assessment().capacity.clone()));
            view! {
                <div class="page">
                    <h1 class="sr-only">"Overview"</h1>
                    <div class="grid">
                        <section class="panel c8">{move || ready.with(readiness::panel)}</section>
                        <section class="panel c4">
                            <header class="panel__head"><h2>"Load line"</h2></header>
                            <div class="panel__body stack">
                                <LoadLine capacity height=236.0 />
                                <p class="small muted">{move || capacity.with(sentence)}</p>
                            </div>
                        </section>
                        <section class="panel c8 overview__risks">{move || ready.with(risks::panel)}</section>
                        <section class="panel c4">{move || ready.with(budget::panel)}</section>
                        <section class="panel c8 overview__changes">{move || ready.with(changes::panel)}</section>
                        <section class="panel c4 overview__domains">{move || ready.with(readiness::domains)}</section>
                    </div>
                </div>
            }
        } />
    }
}
