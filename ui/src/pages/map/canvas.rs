//! The drawing itself: ties as lines, things as buttons above them, moved and scaled together.

use super::Map;
use super::drawn::Tie;
use super::layout::{BOX, Band, JOURNEY, Scene};
use super::node::{element_id, thing};
use crate::components::Icon;
use crate::components::tabs::focus;
use crate::format;
use leptos::html;
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::JsCast;

/// Least and most magnification.
const ZOOM: (f64, f64) = (0.3, 2.0);
/// Air around the drawing when it is fitted; below it stand key and tools.
const MARGIN: f64 = 24.0;
const FOOT: f64 = 48.0;

/// Where the drawing lies in its window: shift in pixels, then scale.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Lens {
    x: f64,
    y: f64,
    scale: f64,
}

impl Lens {
    fn fit(scene: &Scene, width: f64, height: f64) -> Self {
        let scale = ((width - 2.0 * MARGIN) / scene.width.max(1.0))
            .min((height - MARGIN - FOOT) / scene.height.max(1.0))
            .clamp(0.4, 1.1);
        Self {
            x: ((width - scene.width * scale) / 2.0).max(MARGIN),
            y: ((height - FOOT + MARGIN - scene.height * scale) / 2.0).max(MARGIN),
            scale,
        }
    }
    /// Magnifies around a point of the window.
    fn zoom(self, by: f64, x: f64, y: f64) -> Self {
        let scale = (self.scale * by).clamp(ZOOM.0, ZOOM.1);
        let kept = scale / self.scale;
        Self { x: x - (x - self.x) * kept, y: y - (y - self.y) * kept, scale }
    }
}

/// Searches the drawing.
#[component]
pub fn Search(map: Map) -> impl IntoView {
    let go = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Enter" {
            let query = map.query.get_untracked().to_lowercase();
            let hit = map
                .scene
                .with_untracked(|s| s.drawn.shapes.iter().position(|shape| shape.name.to_lowercase().contains(&query)));
            if let Some(hit) = hit.filter(|_| !query.is_empty()) {
                focus_thing(hit);
            }
        }
    };
    view! {
        <label class="search-field">
            <Icon name="search" />
            <input type="search" placeholder="Find in the map" aria-label="Find in the map" data-testid="map-search" prop:value=move || map.query.get()
                on:input=move |event| map.query.set(event_target_value(&event)) on:keydown=go />
        </label>
    }
}

fn focus_thing(index: usize) {
    if let Some(element) = document().get_element_by_id(&element_id(index)) {
        focus(&element);
    }
}

/// The drawing with its tools.
#[component]
pub fn Canvas(map: Map) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let lens = RwSignal::new(Lens { x: MARGIN, y: MARGIN, scale: 1.0 });
    let size = move || node.get_untracked().map(|e| (f64::from(e.client_width()), f64::from(e.client_height())));
    let fit = move || {
        if let Some((width, height)) = size() {
            lens.set(map.scene.with_untracked(|scene| Lens::fit(scene, width, height)));
        }
    };
    // What the reader moved stays; otherwise the drawing follows its place, which shrinks when the sentence grows.
    let moved = RwSignal::new(false);
    Effect::new(move |before: Option<Arc<Scene>>| {
        let scene = map.scene.get();
        map.outcome.track();
        map.change.track();
        let redrawn = before.is_none_or(|b| !Arc::ptr_eq(&b, &scene));
        if node.get().is_some() && (redrawn || !moved.get_untracked()) {
            request_animation_frame(fit);
        }
        scene
    });
    let resize = window_event_listener(leptos::ev::resize, move |_| fit());
    on_cleanup(move || resize.remove());
    let centre_zoom = move |by: f64| {
        moved.set(true);
        if let Some((width, height)) = size() {
            lens.update(|l| *l = l.zoom(by, width / 2.0, height / 2.0));
        }
    };
    // The box under the keyboard is always in sight.
    let reveal = move |index: usize| {
        let Some((width, height)) = size() else { return };
        let (x, y) = map.scene.with_untracked(|scene| scene.centre(index));
        lens.update(|l| {
            let (px, py) = (l.x + x * l.scale, l.y + y * l.scale);
            let (mx, my) = (BOX.0 * 0.6 * l.scale, BOX.1 * l.scale);
            l.x += (mx - px).max(0.0) - (px - (width - mx)).max(0.0);
            l.y += (my - py).max(0.0) - (py - (height - my)).max(0.0);
        });
    };
    let on_key = move |event: web_sys::KeyboardEvent| {
        let direction = match event.key().as_str() {
            "ArrowLeft" => (-1.0, 0.0),
            "ArrowRight" => (1.0, 0.0),
            "ArrowUp" => (0.0, -1.0),
            "ArrowDown" => (0.0, 1.0),
            "+" | "=" => return centre_zoom(1.2),
            "-" => return centre_zoom(1.0 / 1.2),
            "0" => return fit(),
            "Enter" if event.shift_key() => {
                event.prevent_default();
                let id =
                    map.scene.with_untracked(|s| s.drawn.shapes.get(map.cursor.get_untracked()).map(|s| s.id.clone()));
                return id.iter().for_each(|id| map.fail(id, true));
            }
            _ => return,
        };
        event.prevent_default();
        if event.alt_key() {
            return lens.update(|l| (l.x, l.y) = (l.x - direction.0 * 60.0, l.y - direction.1 * 60.0));
        }
        if let Some(next) = map.scene.with_untracked(|scene| scene.step(map.cursor.get_untracked(), direction)) {
            focus_thing(next);
            reveal(next);
        }
    };
    let on_wheel = move |event: web_sys::WheelEvent| {
        event.prevent_default();
        moved.set(true);
        let Some(element) = node.get_untracked() else { return };
        let at = element.get_bounding_client_rect();
        let (x, y) = (f64::from(event.client_x()) - at.left(), f64::from(event.client_y()) - at.top());
        let by = loadline_model::num::exp((-event.delta_y() / 400.0).clamp(-0.4, 0.4));
        lens.update(|l| *l = l.zoom(by, x, y));
    };
    let transform = move || {
        let l = lens.get();
        format!("translate({}px,{}px) scale({})", l.x, l.y, l.scale)
    };
    view! {
        <div class="canvas" class:canvas--failing=move || map.outcome.with(Option::is_some) node_ref=node role="application"
            aria-label="The graph. Arrows move between things, Enter fails one, Shift Enter a second, Escape clears, plus and minus zoom."
            on:keydown=on_key on:wheel=on_wheel>
            <Ground lens moved />
            <div class="canvas__world" style:transform=transform>
                {move || world(map, map.scene.get())}
            </div>
            <div class="canvas__key small" aria-hidden="true">
                <span><i class="key key--spof"></i>"stops journeys alone"</span>
                <span><i class="key key--implied hatched"></i>"implied, not seen"</span>
                <span><i class="key key--pair"></i>"fragile pair"</span>
                <span><i class="key key--thin"></i>"concluded tie"</span>
            </div>
            <div class="canvas__tools">
                <button class="icon-button" aria-label="Larger" title="Larger (+)" on:click=move |_| centre_zoom(1.2)><Icon name="plus" /></button>
                <button class="icon-button" aria-label="Smaller" title="Smaller (-)" on:click=move |_| centre_zoom(1.0 / 1.2)><Minus /></button>
                <button class="button button--small" title="Fit (0)" data-testid="map-fit" on:click=move |_| fit()>"Fit"</button>
            </div>
        </div>
    }
}

#[component]
fn Minus() -> impl IntoView {
    view! {
        <svg width="16" height="16" viewBox="0 0 16 16" stroke="currentColor" stroke-width="1.400" stroke-linecap="round" aria-hidden="true"><path d="M3 8h10" /></svg>
    }
}

/// The empty ground; dragging it moves the drawing.
#[component]
fn Ground(lens: RwSignal<Lens>, moved: RwSignal<bool>) -> impl IntoView {
    let from = RwSignal::new(None::<(f64, f64)>);
    let down = move |event: web_sys::PointerEvent| {
        moved.set(true);
        from.set(Some((f64::from(event.client_x()), f64::from(event.client_y()))));
        if let Some(target) = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()) {
            let _ = target.set_pointer_capture(event.pointer_id());
        }
    };
    let drag = move |event: web_sys::PointerEvent| {
        if let Some((x, y)) = from.get_untracked() {
            let now = (f64::from(event.client_x()), f64::from(event.client_y()));
            lens.update(|l| (l.x, l.y) = (l.x + now.0 - x, l.y + now.1 - y));
            from.set(Some(now));
        }
    };
    view! {
        <div class="canvas__ground" class:canvas__ground--held=move || from.with(Option::is_some) on:pointerdown=down on:pointermove=drag
            on:pointerup=move |_| from.set(None) on:pointercancel=move |_| from.set(None)></div>
    }
}

fn world(map: Map, scene: Arc<Scene>) -> impl IntoView {
    let things = scene.drawn.shapes.iter().cloned().zip(scene.boxes.iter().copied()).enumerate();
    let things = things.map(|(index, (shape, at))| thing(map, index, shape, at)).collect_view();
    view! {
        {scene.bands.iter().cloned().map(|band| zone(map, band)).collect_view()}
        {ties(map, &scene)}
        {(0..scene.drawn.journeys.len()).map(|j| journey(map, &scene, j)).collect_view()}
        {things}
    }
}

/// A zone's band; its label fails the zone.
fn zone(map: Map, band: Band) -> impl IntoView {
    let id = band.id.clone();
    let dark = {
        let id = id.clone();
        move || map.failed.with(|f| f.contains(&id))
    };
    let spof =
        map.ready.with_untracked(|r| r.assessment().topology.blast_radius.get(&id).copied().filter(|b| *b > 0.0));
    view! {
        <div class="zone" class:zone--dark=dark style:transform=format!("translate({}px,{}px)", band.x, band.y) style:width=format!("{}px", band.width)
            style:height=format!("{}px", band.height)>
            <button class="zone__name" class:zone__name--spof=spof.is_some() tabindex="-1" data-testid=format!("map-node-{id}")
                title=format!("Fail the whole zone {}", band.name) on:click=move |event| map.fail(&id, event.shift_key())>
                {band.name.clone()}
                {spof.map(|b| view! { <span class="num">{format::percent(b)}</span> })}
            </button>
        </div>
    }
}

fn ties(map: Map, scene: &Arc<Scene>) -> impl IntoView + use<> {
    let drawn = &scene.drawn;
    let lines = drawn.lines.iter().map(|line| {
        let kind = match line.tie {
            Tie::Path => "tie",
            Tie::Soft => "tie tie--soft",
            Tie::Member => "tie tie--member",
            Tie::Copy => "tie tie--copy",
            Tie::Fate => "tie tie--fate",
        };
        let ends = [line.from, line.to].map(|v| drawn.shapes.get(v).map(|s| (s.id.clone(), s.name.clone())).unwrap_or_default());
        let names = ends.clone().map(|(_, name)| name);
        let traced = move || map.traced.with(|t| t.windows(2).any(|pair| (pair[0] == names[0] && pair[1] == names[1]) || (pair[0] == names[1] && pair[1] == names[0])));
        let [_, (target, _)] = ends;
        let broken = move || map.outcome.with(|o| o.as_ref().is_some_and(|f| f.down.binary_search(&target).is_ok()));
        view! { <path class=kind class:tie--inferred=line.inferred class:tie--traced=traced class:tie--broken=broken d=scene.curve(line.from, line.to) /> }
    });
    let needs = drawn.journeys.iter().enumerate().flat_map(|(j, journey)| {
        let (scene, name) = (scene.clone(), journey.name.clone());
        journey.needs.iter().map(move |v| {
            let (lost, traced) = (name.clone(), name.clone());
            let dark = move || map.outcome.with(|o| o.as_ref().is_some_and(|f| f.journeys_lost.contains(&lost)));
            let on = move || map.traced.with(|t| t.contains(&traced));
            view! { <path class="tie tie--need" class:tie--traced=on class:tie--broken=dark d=scene.journey_curve(j, *v) /> }
        }).collect::<Vec<_>>()
    });
    let pairs = drawn.pairs.iter().map(|(a, b)| view! { <path class="tie tie--pair" d=scene.arc(*a, *b) /> });
    view! {
        <svg class="canvas__ties" width=scene.width height=scene.height aria-hidden="true">
            {needs.collect_view()} {lines.collect_view()} {pairs.collect_view()}
        </svg>
    }
}

fn journey(map: Map, scene: &Scene, index: usize) -> impl IntoView + use<> {
    let (x, y) = scene.journeys.get(index).copied().unwrap_or_default();
    let (name, weight) = scene.drawn.journeys.get(index).map(|j| (j.name.clone(), j.weight)).unwrap_or_default();
    let state = {
        let name = name.clone();
        move || {
            map.outcome.with(|o| {
                o.as_ref().map_or("", |f| match () {
                    () if f.journeys_lost.contains(&name) => "lost",
                    () if f.journeys_degraded.contains(&name) => "degraded",
                    () => "",
                })
            })
        }
    };
    let word = {
        let state = state.clone();
        move || match state() {
            "lost" => "dark".to_owned(),
            "degraded" => "degraded".to_owned(),
            _ => format::percent(weight),
        }
    };
    view! {
        <div class="journey" data-state=state style:transform=format!("translate({x}px,{y}px)") style:width=format!("{}px", JOURNEY.0)
            style:height=format!("{}px", JOURNEY.1) data-testid="map-journey" title=format!("{name}: {} of journeys", format::percent(weight))>
            <span class="truncate grow">{name.clone()}</span>
            <span class="num small">{word}</span>
        </div>
    }
}
