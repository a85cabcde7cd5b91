//! The drawing's window: pointer, wheel and keys move it; what is in sight is drawn.

use super::Map;
use super::drawn::folds;
use super::layout::Scene;
use super::lens::Detail;
use super::node::{Thing, element_id};
use super::picture::{Bands, Blocks, Journeys, Ties};
use crate::components::Icon;
use crate::components::tabs::focus;
use leptos::html;
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::JsCast;

/// Pixels of one press of an arrow.
const STEP: f64 = 60.0;
/// Names of search hits beside blocks.
const HITS: usize = 12;

/// Moves the keyboard to a shape once it is drawn.
fn focus_thing(index: usize) {
    request_animation_frame(move || {
        if let Some(element) = document().get_element_by_id(&element_id(index)) {
            focus(&element);
        }
    });
}

/// The drawing with its tools.
#[component]
pub fn Canvas(map: Map) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let measure = move || {
        if let Some(element) = node.get_untracked() {
            map.size.set((f64::from(element.client_width()), f64::from(element.client_height())));
        }
    };
    // What the reader moved stays; otherwise the drawing follows its place, which shrinks when the sentence grows.
    Effect::new(move |before: Option<Arc<Scene>>| {
        let scene = map.scene.get();
        map.outcome.with(|_| ());
        map.change.track();
        map.declaring.track();
        if node.get().is_some() {
            let first = before.is_none();
            request_animation_frame(move || {
                measure();
                if first || !map.moved.get_untracked() {
                    map.fit();
                }
            });
        }
        scene
    });
    let resize = window_event_listener(leptos::ev::resize, move |_| {
        measure();
        if !map.moved.get_untracked() {
            map.fit();
        }
    });
    on_cleanup(move || resize.remove());
    follow_goal(map);
    let on_wheel = move |event: web_sys::WheelEvent| {
        event.prevent_default();
        let Some(element) = node.get_untracked() else { return };
        let at = element.get_bounding_client_rect();
        let (x, y) = (f64::from(event.client_x()) - at.left(), f64::from(event.client_y()) - at.top());
        let by = loadline_model::num::exp((-event.delta_y() / 400.0).clamp(-0.4, 0.4));
        map.look(|lens| lens.zoom(by, x, y));
    };
    let transform = move || {
        let l = map.lens.get();
        format!("translate({}px,{}px) scale({})", l.x, l.y, l.scale)
    };
    view! {
        <div class="canvas" class:canvas--failing=move || map.outcome.with(Option::is_some) class:canvas--picking=move || map.declaring.get()
            data-detail=move || map.detail.get().code() node_ref=node role="application" tabindex="0" style:--unscale=move || (1.0 / map.lens.get().scale).to_string()
            aria-label="The graph. Enter goes into it. Arrows move the drawing, or from thing to thing; Enter fails one, Shift Enter a second, Escape clears, plus and minus zoom, 0 fits."
            on:keydown=move |event| on_key(map, &event) on:wheel=on_wheel>
            <Ground map />
            <div class="canvas__world" style:transform=transform>
                {move || world(map, map.scene.get())}
            </div>
            <Key />
            <div class="canvas__tools">
                <Show when=move || !map.open.with(|open| open.is_empty())>
                    <button class="button button--small" title="Fold every group" data-testid="map-fold" on:click=move |_| map.open.update(|o| o.clear())>"Fold"</button>
                </Show>
                <button class="icon-button" aria-label="Larger" title="Larger (+)" on:click=move |_| map.zoom(1.2)><Icon name="plus" /></button>
                <button class="icon-button" aria-label="Smaller" title="Smaller (-)" on:click=move |_| map.zoom(1.0 / 1.2)><Minus /></button>
                <button class="button button--small" title="Fit (0)" data-testid="map-fit" on:click=move |_| map.fit()>"Fit"</button>
            </div>
        </div>
    }
}

#[component]
fn Key() -> impl IntoView {
    view! {
        <div class="canvas__key small" aria-hidden="true">
            <span><i class="key key--spof"></i>"stops journeys alone"</span>
            <span><i class="key key--implied hatched"></i>"implied, not seen"</span>
            <span><i class="key key--pair"></i>"fragile pair"</span>
            <span><i class="key key--thin"></i>"concluded tie"</span>
        </div>
    }
}

#[component]
fn Minus() -> impl IntoView {
    view! {
        <svg width="16" height="16" viewBox="0 0 16 16" stroke="currentColor" stroke-width="1.400" stroke-linecap="round" aria-hidden="true"><path d="M3 8h10" /></svg>
    }
}

/// Brings the thing asked for into sight: opens what hides it, centres it, gives it the keyboard.
fn follow_goal(map: Map) {
    Effect::new(move |_| {
        let Some(goal) = map.goal.get() else { return };
        let hidden: Vec<_> = map.with_graph(|graph| folds::above(graph, &goal)).into_iter().collect();
        let hidden: Vec<_> = map.open.with_untracked(|open| hidden.into_iter().filter(|g| !open.contains(g)).collect());
        if !hidden.is_empty() {
            map.open.update(|open| open.extend(hidden));
        }
        // Things alike and parts hide it one in the other.
        let hiding = || {
            map.scene.with_untracked(|s| {
                let shape = s.drawn.shapes.get(*s.drawn.through.get(&goal)?)?;
                (!shape.inside.is_empty()).then(|| shape.id.clone())
            })
        };
        while let Some(fold) = hiding().filter(|fold| map.open.with_untracked(|open| !open.contains(fold))) {
            map.open.update(|open| open.extend([fold]));
        }
        let Some(index) = map.scene.with_untracked(|s| s.drawn.through.get(&goal).copied()) else { return };
        let (centre, size) = (map.scene.with_untracked(|s| s.centre(index)), map.size.get_untracked());
        map.look(|lens| lens.centre_on(centre, size));
        map.cursor.set(index);
        map.goal.set(None);
        focus_thing(index);
    });
}

fn on_key(map: Map, event: &web_sys::KeyboardEvent) {
    let direction = match event.key().as_str() {
        "ArrowLeft" => (-1.0, 0.0),
        "ArrowRight" => (1.0, 0.0),
        "ArrowUp" => (0.0, -1.0),
        "ArrowDown" => (0.0, 1.0),
        "Enter" => {
            let on_thing = in_thing(event);
            if event.shift_key() && on_thing {
                event.prevent_default();
                map.press(map.cursor.get_untracked(), true);
            } else if !on_thing && on_canvas(event) {
                event.prevent_default();
                step_to(map, map.cursor.get_untracked());
            }
            return;
        }
        _ => return,
    };
    event.prevent_default();
    if event.alt_key() || !in_thing(event) {
        return map.look(|lens| lens.pan(-direction.0 * STEP, -direction.1 * STEP));
    }
    if let Some(next) = map.scene.with_untracked(|scene| scene.step(map.cursor.get_untracked(), direction)) {
        step_to(map, next);
    }
}

/// The keyboard goes to a shape, and the shape into sight.
fn step_to(map: Map, index: usize) {
    let (centre, size) = (map.scene.with_untracked(|s| s.centre(index)), map.size.get_untracked());
    map.cursor.set(index);
    map.lens.update(|lens| *lens = lens.reveal(centre, size));
    focus_thing(index);
}

fn target_has(event: &web_sys::KeyboardEvent, class: &str) -> bool {
    let target = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|element| element.class_list().contains(class))
}

fn in_thing(event: &web_sys::KeyboardEvent) -> bool {
    target_has(event, "thing")
}

fn on_canvas(event: &web_sys::KeyboardEvent) -> bool {
    target_has(event, "canvas")
}

/// The shape under the pointer.
fn block_under(map: Map, event: &web_sys::PointerEvent) -> Option<usize> {
    let ground = event.target()?.dyn_into::<web_sys::Element>().ok()?.get_bounding_client_rect();
    let (x, y) = (f64::from(event.client_x()) - ground.left(), f64::from(event.client_y()) - ground.top());
    let (x, y) = map.lens.get_untracked().under(x, y);
    map.scene.with_untracked(|s| s.at(x, y))
}

/// The empty ground; dragging it moves the drawing, a click on a block presses it.
#[component]
fn Ground(map: Map) -> impl IntoView {
    let from = RwSignal::new(None::<(f64, f64)>);
    let travelled = RwSignal::new(0.0);
    let down = move |event: web_sys::PointerEvent| {
        from.set(Some((f64::from(event.client_x()), f64::from(event.client_y()))));
        travelled.set(0.0);
        if let Some(target) = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()) {
            let _ = target.set_pointer_capture(event.pointer_id());
        }
    };
    let drag = move |event: web_sys::PointerEvent| {
        if let Some((x, y)) = from.get_untracked() {
            let now = (f64::from(event.client_x()), f64::from(event.client_y()));
            travelled.update(|t| *t += (now.0 - x).abs() + (now.1 - y).abs());
            map.look(|lens| lens.pan(now.0 - x, now.1 - y));
            from.set(Some(now));
        } else if map.detail.get_untracked() == Detail::Blocks {
            map.peek.set(block_under(map, &event));
        }
    };
    let up = move |event: web_sys::PointerEvent| {
        let still = from.get_untracked().is_some() && travelled.get_untracked() < 4.0;
        from.set(None);
        let blocks = still && map.detail.get_untracked() == Detail::Blocks;
        if let Some(hit) = block_under(map, &event).filter(|_| blocks) {
            map.cursor.set(hit);
            map.press(hit, event.shift_key());
        }
    };
    view! {
        <div class="canvas__ground" class:canvas__ground--held=move || from.with(Option::is_some) on:pointerdown=down on:pointermove=drag
            on:pointerup=up on:pointercancel=move |_| from.set(None)></div>
    }
}

/// Shapes that are drawn with their text: what is in sight, or the names that matter most beside blocks.
fn written(map: Map, scene: &Scene) -> Vec<usize> {
    let always = || {
        let cursor = map.cursor.get();
        let failed = map.failed.get();
        let failed: Vec<usize> = failed.iter().filter_map(|id| scene.drawn.through.get(id).copied()).collect();
        map.peek.get().into_iter().chain(failed).chain([cursor]).filter(|v| *v < scene.boxes.len())
    };
    let mut shown: Vec<usize> = match map.detail.get() {
        Detail::Blocks => {
            let hits = super::search::hits(&scene.drawn, &map.query.get()).into_iter().take(HITS);
            let lit = map.trace.with(|t| t.shapes.iter().copied().collect::<Vec<_>>());
            let first = map.ready.with(|r| {
                let spofs = r.assessment().topology.spofs.iter();
                spofs.filter_map(|s| scene.drawn.through.get(&s.subject.id).copied()).take(200).collect::<Vec<_>>()
            });
            let mut folded: Vec<usize> =
                (0..scene.boxes.len()).filter(|v| scene.drawn.shapes[*v].fold.is_some()).collect();
            let size = |v: &usize| {
                scene.drawn.shapes[*v].inside.len() as u32 + scene.drawn.shapes[*v].group.map_or(0, |g| g.0)
            };
            folded.sort_by_key(|v| (std::cmp::Reverse(size(v)), *v));
            let ranked = always().chain(lit).chain(hits).chain(first).chain(folded.into_iter().take(200));
            map.lens.get().tags(scene, ranked, map.size.get())
        }
        _ => {
            let sight = map.sight.get();
            (0..scene.boxes.len()).filter(|v| sight.holds(scene.boxes[*v])).collect()
        }
    };
    shown.extend(always());
    shown.sort_unstable();
    shown.dedup();
    shown
}

fn world(map: Map, scene: Arc<Scene>) -> impl IntoView {
    let drawn = scene.clone();
    let shown = Memo::new(move |_| written(map, &drawn));
    let things = scene.clone();
    view! {
        <Bands map scene=scene.clone() />
        <Ties map scene=scene.clone() />
        <Show when=move || map.detail.get() == Detail::Blocks><Blocks map scene=scene.clone() /></Show>
        <Journeys map scene=things.clone() />
        <For each=move || shown.get() key=|index| *index let:index>
            <Thing map index scene=things.clone() />
        </For>
    }
}
