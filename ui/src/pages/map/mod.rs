//! Failure map: the graph drawn; failing something shows which journeys go dark and what would change that.

mod canvas;
mod declare;
mod drawn;
mod layout;
mod lens;
mod node;
mod paper;
mod picture;
mod search;
mod side;
mod state;
mod table;
#[cfg(test)]
mod tests;
mod trace;
mod verdict;
pub mod view;
mod what_if;

use crate::components::loaded::Ready;
use crate::components::{EmptyState, Loaded};
use crate::state::shortcuts::is_typing;
use crate::state::{use_overlay, use_place};
use leptos::prelude::*;
pub use state::Map;

/// Query key of how the map is shown.
const VIEW: &str = "view";
/// Its value for the table.
const TABLE: &str = "table";

/// The page.
#[component]
pub fn Page() -> impl IntoView {
    view! { <Loaded view=|ready| view! { <FailureMap ready /> } /> }
}

#[component]
fn FailureMap(ready: Signal<Ready>) -> impl IntoView {
    let place = use_place();
    let map = Map::new(ready);
    let as_table = Memo::new(move |_| place.get(VIEW).as_deref() == Some(TABLE));
    listen(map, as_table);
    let things = move || map.scene.with(|s| s.drawn.shapes.len());
    let loose = move || map.scene.with(|s| s.drawn.loose);
    let head = move || {
        ready.with(|r| {
            let t = &r.assessment().topology;
            view::summary(&t.spofs, map.scene.with(|s| s.drawn.through.len()), t.hours_upper_bound)
        })
    };
    let is_empty = Memo::new(move |_| things() == 0);
    let show = move |table: bool| place.set(&[(VIEW, table.then(|| TABLE.to_owned()))]);
    view! {
        <div class="page page--fill page--map">
            <header class="page__head">
                <div>
                    <h1>"Failure map"</h1>
                    <p>{head}{move || (loose() > 0).then(|| format!(" Not drawn, for want of a known tie: {}.", crate::format::count(loose(), "thing", "things")))}</p>
                </div>
                <div class="page__actions">
                    <button class="button" data-testid="map-declare" on:click=move |_| declare::begin(map, None)>"Declare a journey"</button>
                    <div class="segments" role="group" aria-label="Show as">
                        <button class="segment" aria-pressed=move || (!as_table.get()).to_string() data-testid="map-as-drawing" on:click=move |_| show(false)>"Drawing"</button>
                        <button class="segment" aria-pressed=move || as_table.get().to_string() data-testid="map-as-table" on:click=move |_| show(true)>"Table"</button>
                    </div>
                    <search::Search map />
                </div>
            </header>
            {move || if is_empty.get() {
                view! {
                    <EmptyState title="Nothing to draw yet"
                        why="No connected account shows how requests travel. Connect a cloud account or a metrics source, or collect again.">
                        <a class="button" href="/accounts">"Go to accounts"</a>
                    </EmptyState>
                }.into_any()
            } else {
                view! {
                    {move || if map.declaring.get() { view! { <declare::Declare map /> }.into_any() } else { view! { <verdict::Verdict map /> }.into_any() }}
                    <div class="map">
                        {move || if as_table.get() { view! { <table::Table map /> }.into_any() } else { view! { <canvas::Canvas map /> }.into_any() }}
                        <side::Side map />
                    </div>
                }.into_any()
            }}
        </div>
    }
}

/// Keys of the page: Escape takes the failure back, plus, minus and zero zoom.
fn listen(map: Map, as_table: Memo<bool>) {
    let (overlay, place) = (use_overlay(), use_place());
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        let busy = event.default_prevented() || overlay.is_open() || place.is_open(crate::state::place::FINDING);
        let modified = event.ctrl_key() || event.meta_key() || event.alt_key();
        if busy || modified {
            return;
        }
        match event.key().as_str() {
            "Escape" if map.declaring.get_untracked() => map.declaring.set(false),
            "Escape" if !map.failed.with_untracked(Vec::is_empty) => map.clear(),
            _ if is_typing(&event) || as_table.get_untracked() => return,
            "+" | "=" => map.zoom(1.2),
            "-" => map.zoom(1.0 / 1.2),
            "0" => map.fit(),
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || keys.remove());
}
