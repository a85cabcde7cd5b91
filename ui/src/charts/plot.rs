//! A drawing that fills its place, with a crosshair: the mouse or the arrows move it, screen readers hear the point.

use super::chart_theme;
use leptos::html;
use leptos::prelude::*;
use loadline_charts::{Drawing, Frame, Size, Theme};
use std::sync::Arc;
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
    let hover = move |event: web_sys::PointerEvent| {
        if let Some(element) = node.get_untracked() {
            cursor.set(nearest(f64::from(event.client_x()) - element.get_bounding_client_rect().left()));
        }
    };
    let key = move |event: web_sys::KeyboardEvent| {
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
            on:pointermove=hover on:pointerleave=move |_| cursor.set(None) on:keydown=key on:blur=move |_| cursor.set(None)>
            <div class="plot__svg" inner_html=move || drawing.with(|d| d.as_ref().map(|d| d.svg.clone()).unwrap_or_default())></div>
            {move || cursor.get().and_then(|at| points.with(|p| p.get(at).cloned())).map(|point| crosshair(&frame.get(), &point))}
            <span class="sr-only" aria-live="polite">{spoken}</span>
        </div>
    }
}

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
