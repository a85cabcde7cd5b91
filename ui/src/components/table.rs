//! A table of thousands: only the rows in sight exist. Rows have one height, so the scroll bar never lies.

use leptos::html;
use leptos::prelude::*;

/// Rows drawn beyond each edge, so that scrolling shows no blank.
const OVERSCAN: usize = 6;

/// First and past-the-last row to draw.
pub fn window_of(scroll_top: f64, viewport: f64, row: f64, rows: usize) -> (usize, usize) {
    let first = (scroll_top.max(0.0) / row) as usize;
    let visible = (viewport.max(0.0) / row).ceil() as usize + 1;
    (first.saturating_sub(OVERSCAN).min(rows), (first + visible + OVERSCAN).min(rows))
}

/// Where to scroll so that a row is in sight; `None`: it already is.
pub fn scroll_for(index: usize, scroll_top: f64, viewport: f64, row: f64) -> Option<f64> {
    let (top, bottom) = (index as f64 * row, (index + 1) as f64 * row);
    if top < scroll_top {
        Some(top)
    } else if bottom > scroll_top + viewport {
        Some(bottom - viewport)
    } else {
        None
    }
}

/// The body of a virtual table; its head is the first child, so that both scroll sideways together.
#[component]
pub fn VirtualTable(
    /// Name for screen readers.
    label: &'static str,
    /// Number of rows.
    #[prop(into)]
    rows: Signal<usize>,
    /// Height of every row in pixels.
    row_height: f64,
    /// The row that must be in sight, when there is one.
    #[prop(into)]
    active: Signal<Option<usize>>,
    /// The head row.
    head: AnyView,
    /// Draws a row; runs again when what it reads changes.
    render: impl Fn(usize) -> AnyView + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let scroll_top = RwSignal::new(0.0);
    let viewport = RwSignal::new(800.0);
    let measure = move || {
        if let Some(element) = node.get_untracked() {
            scroll_top.set(f64::from(element.scroll_top()));
            viewport.set(f64::from(element.client_height()));
        }
    };
    Effect::new(move |_| {
        if node.get().is_some() {
            request_animation_frame(measure);
        }
    });
    let resize = window_event_listener(leptos::ev::resize, move |_| measure());
    on_cleanup(move || resize.remove());
    Effect::new(move |_| {
        if let (Some(index), Some(element)) = (active.get(), node.get())
            && let Some(top) = scroll_for(
                index,
                f64::from(element.scroll_top()),
                f64::from(element.client_height()) - row_height,
                row_height,
            )
        {
            element.set_scroll_top(top as i32);
        }
    });
    let range = Memo::new(move |_| window_of(scroll_top.get(), viewport.get(), row_height, rows.get()));
    view! {
        <div class="table" role="table" aria-label=label aria-rowcount=move || (rows.get() + 1).to_string() node_ref=node
            on:scroll=move |_| measure()>
            <div class="table__head" role="row" aria-rowindex="1">{head}</div>
            <div class="table__body" role="rowgroup" style:height=move || format!("{}px", rows.get() as f64 * row_height)>
                <For each=move || { let (first, last) = range.get(); first..last } key=|index| *index let:index>
                    <div class="table__slot" style:transform=format!("translateY({}px)", index as f64 * row_height)
                        style:height=format!("{row_height}px")>
                        {move || render(index)}
                    </div>
                </For>
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rows_in_sight_are_drawn() {
        assert_eq!(window_of(0.0, 400.0, 40.0, 10_000), (0, 17));
        assert_eq!(window_of(4_000.0, 400.0, 40.0, 10_000), (94, 117));
        assert_eq!(window_of(399_600.0, 400.0, 40.0, 10_000), (9_984, 10_000));
        assert_eq!(window_of(0.0, 400.0, 40.0, 3), (0, 3));
        assert_eq!(window_of(900.0, 400.0, 40.0, 0), (0, 0));
    }

    #[test]
    fn a_row_in_sight_does_not_scroll() {
        assert_eq!(scroll_for(3, 0.0, 400.0, 40.0), None);
        assert_eq!(scroll_for(30, 0.0, 400.0, 40.0), Some(840.0));
        assert_eq!(scroll_for(2, 400.0, 400.0, 40.0), Some(80.0));
    }
}
