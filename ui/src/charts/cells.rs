//! A heatmap that fills its place: the mouse or the arrows move over its cells, screen readers hear each.

use super::chart_theme;
use super::plot::width_of;
use leptos::html;
use leptos::prelude::*;
use loadline_charts::{Heatmap, Size, heatmap};

/// Keys that move the cursor, as `Cells` understands them.
fn moved(key: &str, at: Option<(usize, usize)>, days: usize, buckets: usize, first: usize) -> Option<(usize, usize)> {
    let (last, top) = (days.checked_sub(1)?, buckets.checked_sub(1)?);
    let (day, bucket) = match (key, at) {
        ("ArrowRight" | "Home", None) => (0, first),
        ("ArrowLeft" | "ArrowUp" | "ArrowDown" | "End", None) => (last, first),
        ("ArrowRight", Some((day, bucket))) => (day + 1, bucket),
        ("ArrowLeft", Some((day, bucket))) => (day.saturating_sub(1), bucket),
        ("ArrowUp", Some((day, bucket))) => (day, bucket + 1),
        ("ArrowDown", Some((day, bucket))) => (day, bucket.saturating_sub(1)),
        ("Home", Some((_, bucket))) => (0, bucket),
        ("End", Some((_, bucket))) => (last, bucket),
        _ => return None,
    };
    Some((day.min(last), bucket.min(top)))
}

/// The heatmap.
#[component]
pub fn Cells(
    #[prop(into)] chart: Signal<Heatmap>,
    /// What a cell says: first line of the hint, then one line each.
    #[prop(into)]
    words: Callback<(usize, usize), Vec<String>>,
    /// Pixels.
    height: u32,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let width = width_of(node);
    let drawing = Memo::new(move |_| {
        let size = Size { width: width.get()?, height };
        Some(chart.with(|chart| heatmap(chart, &chart_theme(), size)))
    });
    let cursor = RwSignal::new(None::<(usize, usize)>);
    let hover = move |event: web_sys::PointerEvent| {
        let (Some(element), Some(frame)) =
            (node.get_untracked(), drawing.with_untracked(|d| d.as_ref().map(|d| d.frame)))
        else {
            return;
        };
        let place = element.get_bounding_client_rect();
        let (x, y) = (f64::from(event.client_x()) - place.left(), f64::from(event.client_y()) - place.top());
        cursor.set(chart.with_untracked(|c| c.at(&frame, x, y)));
    };
    let key = move |event: web_sys::KeyboardEvent| {
        let key = event.key();
        if key == "Escape" && cursor.get_untracked().is_some() {
            event.prevent_default();
            return cursor.set(None);
        }
        let at = cursor.get_untracked();
        let next = chart.with_untracked(|c| {
            moved(&key, at, c.days.len(), c.bounds.len() + usize::from(c.overflows()), c.bounds.len() / 2)
        });
        if let Some(next) = next {
            event.prevent_default();
            cursor.set(Some(next));
        }
    };
    let spoken = move || cursor.get().map(|at| words.run(at).join(", ")).unwrap_or_default();
    let mark = move || {
        let at = cursor.get()?;
        let frame = drawing.with(|d| d.as_ref().map(|d| d.frame))?;
        let [left, top, right, bottom] = chart.with(|c| c.cell(&frame, at.0, at.1))?;
        let mut lines = words.run(at).into_iter();
        let title = lines.next().unwrap_or_default();
        let turned = left > frame.left + frame.width * 0.66;
        Some(view! {
            <svg class="plot__cursor" width="100%" height="100%" aria-hidden="true">
                <rect class="plot__cell" x=left y=top width=right - left height=bottom - top />
            </svg>
            <div class="plot__hint" class:plot__hint--left=turned style:left=format!("{}px", if turned { left } else { right })
                style:top=format!("{}px", top.min(frame.top + frame.height - 64.0)) aria-hidden="true">
                <strong>{title}</strong>
                {lines.map(|line| view! { <span class="num">{line}</span> }).collect_view()}
            </div>
        })
    };
    view! {
        <div class="plot" node_ref=node style:height=format!("{height}px") tabindex="0" role="group" data-testid="cells"
            aria-label=move || chart.with(Heatmap::summary)
            on:pointermove=hover on:pointerleave=move |_| cursor.set(None) on:keydown=key on:blur=move |_| cursor.set(None)>
            <div class="plot__svg" inner_html=move || drawing.with(|d| d.as_ref().map(|d| d.svg.clone()).unwrap_or_default())></div>
            {mark}
            <span class="sr-only" aria-live="polite">{spoken}</span>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::moved;

    #[test]
    fn arrows_walk_days_and_buckets_and_stop_at_the_edges() {
        let check = |key: &str, at, expected| assert_eq!(moved(key, at, 28, 10, 5), expected, "{key}");
        check("ArrowRight", None, Some((0, 5)));
        check("ArrowUp", None, Some((27, 5)));
        check("ArrowRight", Some((27, 3)), Some((27, 3)));
        check("ArrowLeft", Some((3, 3)), Some((2, 3)));
        check("ArrowUp", Some((3, 9)), Some((3, 9)));
        check("ArrowDown", Some((3, 0)), Some((3, 0)));
        check("End", Some((3, 4)), Some((27, 4)));
        check("x", Some((3, 4)), None);
        assert_eq!(moved("ArrowRight", None, 0, 10, 5), None);
        assert_eq!(moved("ArrowRight", Some((9, 9)), 5, 4, 2), Some((4, 3)), "a range that shrank");
    }
}
