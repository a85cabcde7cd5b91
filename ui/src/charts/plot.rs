//! A drawing that fills its place, with a crosshair: the mouse or the arrows move it, screen readers hear the point.

use super::chart_theme;
use super::zoom::{Limits, Span};
use leptos::html;
use leptos::prelude::*;
use loadline_charts::{Drawing, Frame, Size, Theme};
use std::sync::Arc;
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// A place the cursor can stand on.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Axis value.
    pub x: f64,
    /// Axis values of the dots.
    pub ys: Vec<f64>,
    /// First line of the hint, then one line each.
    pub words: Vec<String>,
}

/// Draws for a theme and a size.
pub type Redraw = Arc<dyn Fn(&Theme, Size) -> Drawing + Send + Sync>;

/// What part of the axis a chart shows, and all there is.
#[derive(Clone, Copy)]
pub struct Zoom {
    /// All that could be shown, and how little.
    pub limits: Signal<Option<Limits>>,
    /// The chosen part; `None`: all.
    pub part: RwSignal<Option<Span>>,
    /// It was changed a moment ago: the caller draws what is drawn sooner.
    pub moving: RwSignal<bool>,
    /// How often it was changed.
    changes: RwSignal<u64>,
}

impl Zoom {
    /// All of the axis, standing.
    pub fn new(limits: Signal<Option<Limits>>) -> Self {
        let (part, moving, changes) = (RwSignal::new(None), RwSignal::new(false), RwSignal::new(0));
        Self { limits, part, moving, changes }
    }

    /// Changes the part on show, given what is shown now and all there is.
    fn change(self, to: impl FnOnce(Span, Limits) -> Span) {
        if let Some(limits) = self.limits.get_untracked() {
            let now = self.part.get_untracked().unwrap_or(limits.whole);
            let next = to(now, limits).unless_all(limits);
            if next == self.part.get_untracked() {
                return;
            }
            self.moving.set(true);
            self.part.set(next);
            let this = self.changes.get_untracked() + 1;
            self.changes.set(this);
            let stand = move || {
                if self.changes.try_get_untracked() == Some(this) {
                    self.moving.set(false);
                }
            };
            set_timeout(stand, STANDS_AFTER);
        }
    }
}

/// The chart.
#[component]
pub fn Plot(
    #[prop(into)] draw: Signal<Redraw>,
    /// Where the cursor can stand; none: no cursor.
    #[prop(optional, into)]
    points: Signal<Vec<Point>>,
    /// Pixels.
    #[prop(default = 260)]
    height: u32,
    /// Zoom and pan by stroke, wheel and keys; the caller draws the part it names.
    #[prop(optional)]
    zoom: Option<Zoom>,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let width = width_of(node);
    let drawing = Memo::new(move |_| {
        let size = Size { width: width.get()?, height };
        Some(draw.with(|draw| draw(&chart_theme(), size)))
    });
    let cursor = RwSignal::new(None::<usize>);
    let frame = Memo::new(move |_| drawing.with(|d| d.as_ref().map(|d| d.frame)).unwrap_or_default());
    let nearest = move |pixel: f64| {
        let at = frame.get_untracked().x_at(pixel);
        points.with_untracked(|points| {
            let distance = |p: &Point| (p.x - at).abs();
            points.iter().enumerate().min_by(|a, b| distance(a.1).total_cmp(&distance(b.1))).map(|(i, _)| i)
        })
    };
    let pixel_of = move |client_x: i32| {
        node.get_untracked().map(|element| f64::from(client_x) - element.get_bounding_client_rect().left())
    };
    // A stroke over the chart, in pixels.
    let stroke = RwSignal::new(None::<(f64, f64)>);
    let press = move |event: web_sys::PointerEvent| {
        if zoom.is_some() && event.button() == 0 {
            stroke.set(pixel_of(event.client_x()).map(|x| (x, x)));
        }
    };
    let hover = move |event: web_sys::PointerEvent| {
        let Some(pixel) = pixel_of(event.client_x()) else { return };
        if stroke.with_untracked(Option::is_some) {
            stroke.update(|s| *s = s.map(|(from, _)| (from, pixel)));
        }
        cursor.set(nearest(pixel));
    };
    let release = move |_: web_sys::PointerEvent| {
        let drawn = stroke.get_untracked().filter(|(a, b)| (a - b).abs() >= LEAST_STROKE);
        stroke.set(None);
        if let (Some(zoom), Some((a, b))) = (zoom, drawn) {
            let frame = frame.get_untracked();
            zoom.change(|now, limits| Span::chosen(frame.x_at(a), frame.x_at(b), limits).unwrap_or(now));
        }
    };
    let wheel = move |event: web_sys::WheelEvent| {
        let (Some(zoom), Some(pixel)) = (zoom, pixel_of(event.client_x())) else { return };
        // The page scrolls by the bare wheel.
        if event.ctrl_key() {
            event.prevent_default();
            let around = frame.get_untracked().x_at(pixel);
            let factor = if event.delta_y() > 0.0 { STEP } else { 1.0 / STEP };
            zoom.change(|now, limits| now.zoomed(factor, around, limits));
        } else if event.shift_key() {
            event.prevent_default();
            let by = event.delta_y() + event.delta_x();
            zoom.change(|now, limits| now.moved(0.1 * by.signum(), limits));
        }
    };
    let zoom_key = move |event: &web_sys::KeyboardEvent| {
        let Some(zoom) = zoom else { return false };
        let around = cursor.get_untracked().and_then(|at| points.with_untracked(|p| p.get(at).map(|p| p.x)));
        let middle = |now: Span| around.unwrap_or((now.from + now.to) / 2.0);
        match event.key().as_str() {
            "+" | "=" => zoom.change(|now, limits| now.zoomed(1.0 / STEP, middle(now), limits)),
            "-" => zoom.change(|now, limits| now.zoomed(STEP, middle(now), limits)),
            "0" => zoom.change(|_, limits| limits.whole),
            "ArrowRight" if event.shift_key() => zoom.change(|now, limits| now.moved(0.25, limits)),
            "ArrowLeft" if event.shift_key() => zoom.change(|now, limits| now.moved(-0.25, limits)),
            _ => return false,
        }
        event.prevent_default();
        cursor.set(None);
        true
    };
    let key = move |event: web_sys::KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() || zoom_key(&event) {
            return;
        }
        let last = points.with_untracked(Vec::len).checked_sub(1);
        let (Some(last), at) = (last, cursor.get_untracked()) else { return };
        let next = match event.key().as_str() {
            "ArrowRight" => at.map_or(0, |i| (i + 1).min(last)),
            "ArrowLeft" => at.map_or(last, |i| i.saturating_sub(1)),
            "Home" => 0,
            "End" => last,
            "Escape" if at.is_some() => {
                event.prevent_default();
                return cursor.set(None);
            }
            _ => return,
        };
        event.prevent_default();
        cursor.set(Some(next));
    };
    let summary = move || drawing.with(|d| d.as_ref().map(|d| d.summary.clone()).unwrap_or_default());
    let spoken =
        move || cursor.get().and_then(|at| points.with(|p| p.get(at).map(|p| p.words.join(", ")))).unwrap_or_default();
    view! {
        <div class="plot" node_ref=node style:height=format!("{height}px") tabindex="0" role="group" aria-label=summary data-testid="plot"
            aria-description=zoom.map(|_| "Plus and minus zoom, Shift with the arrows moves, 0 shows all.")
            on:pointerdown=press on:pointermove=hover on:pointerup=release on:wheel=wheel
            on:dblclick=move |_| { if let Some(zoom) = zoom { zoom.change(|_, limits| limits.whole); } }
            on:pointerleave=move |_| { cursor.set(None); stroke.set(None); } on:keydown=key on:blur=move |_| cursor.set(None)>
            <div class="plot__svg" inner_html=move || drawing.with(|d| d.as_ref().map(|d| d.svg.clone()).unwrap_or_default())></div>
            {move || cursor.get().and_then(|at| points.with(|p| p.get(at).cloned())).map(|point| crosshair(&frame.get(), &point))}
            {move || stroke.get().map(|(a, b)| view! {
                <div class="plot__stroke" aria-hidden="true" style:left=format!("{}px", a.min(b)) style:width=format!("{}px", (a - b).abs())></div>
            })}
            {zoom.map(|zoom| view! {
                <Show when=move || zoom.part.with(Option::is_some)>
                    <button class="button button--small plot__all" data-testid="show-all" on:click=move |_| zoom.part.set(None)>"Show all"</button>
                </Show>
            })}
            <span class="sr-only" aria-live="polite">{spoken}</span>
        </div>
    }
}

/// Each step of wheel or key.
const STEP: f64 = 1.25;
/// Without a change for so long it stands.
const STANDS_AFTER: Duration = Duration::from_millis(180);
/// Pixels; a shorter stroke is a click.
const LEAST_STROKE: f64 = 6.0;

fn crosshair(frame: &Frame, point: &Point) -> impl IntoView + use<> {
    let x = frame.x_of(point.x);
    let left = x > frame.left + frame.width * 0.66;
    let dots = point.ys.iter().map(|y| view! { <circle cx=x cy=frame.y_of(*y) r="3.500" /> }).collect_view();
    let mut words = point.words.iter().cloned();
    let title = words.next().unwrap_or_default();
    view! {
        <svg class="plot__cursor" width="100%" height="100%" aria-hidden="true">
            <line x1=x x2=x y1=frame.top y2=frame.top + frame.height />
            {dots}
        </svg>
        <div class="plot__hint" class:plot__hint--left=left style:left=format!("{x}px") style:top=format!("{}px", frame.top + 8.0) aria-hidden="true">
            <strong>{title}</strong>
            {words.map(|word| view! { <span class="num">{word}</span> }).collect_view()}
        </div>
    }
}

/// Width of an element in whole pixels, kept current; `None` until it is laid out.
pub(super) fn width_of(node: NodeRef<html::Div>) -> RwSignal<Option<u32>> {
    let width = RwSignal::new(None);
    Effect::new(move |_| {
        let Some(element) = node.get() else { return };
        let measured = element.clone();
        let measure = move || {
            let now = u32::try_from(measured.client_width()).ok().filter(|w| *w > 0);
            if width.try_get_untracked().is_some_and(|known| known != now) {
                width.set(now);
            }
        };
        measure();
        let seen = Closure::<dyn FnMut()>::new(measure);
        if let Ok(observer) = web_sys::ResizeObserver::new(seen.as_ref().unchecked_ref()) {
            observer.observe(&element);
            // The observer must outlive this effect and stop with the component; both live on the JavaScript side.
            let kept = StoredValue::new_local((observer, seen));
            on_cleanup(move || {
                let _ = kept.try_with_value(|(observer, _)| observer.disconnect());
            });
        }
    });
    width
}
