//! A table of thousands: only the rows in sight exist. Rows have one height, so the scroll bar never lies.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

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

/// The row that a key goes to, in a grid with `page` rows in sight; `None`: the key is none of the grid's.
pub fn moved(key: &str, at: Option<usize>, rows: usize, page: usize) -> Option<usize> {
    let last = rows.checked_sub(1)?;
    let page = page.max(1);
    Some(
        match key {
            "ArrowDown" => at.map_or(0, |i| i.saturating_add(1)),
            "ArrowUp" => at.map_or(last, |i| i.saturating_sub(1)),
            "PageDown" => at.map_or(0, |i| i.saturating_add(page)),
            "PageUp" => at.map_or(0, |i| i.saturating_sub(page)),
            "Home" => 0,
            "End" => last,
            _ => return None,
        }
        .min(last),
    )
}

/// The id of a grid's row, for `aria-activedescendant`.
pub fn row_id(grid: &str, index: usize) -> String {
    format!("{grid}-row-{index}")
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
    /// Makes it a grid of this id: one tab stop, in which arrows, page keys, Home and End move; rows carry [`row_id`].
    #[prop(optional)]
    grid: &'static str,
    /// Told where the keys of a grid go.
    #[prop(optional, into)]
    on_move: Option<Callback<usize>>,
    /// Told of Enter on a grid's row.
    #[prop(optional, into)]
    on_enter: Option<Callback<usize>>,
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
    let key = move |event: web_sys::KeyboardEvent| {
        let Some(on_move) = on_move.filter(|_| !(event.ctrl_key() || event.meta_key() || event.alt_key())) else {
            return;
        };
        let at = active.get_untracked();
        // The head stays in sight and takes the place of a row.
        let page = ((viewport.get_untracked() / row_height) as usize).saturating_sub(1);
        let go = match event.key().as_str() {
            "Enter" if on_enter.is_some() && !on_button(&event) => at,
            key => moved(key, at, rows.get_untracked(), page),
        };
        let Some(go) = go else { return };
        event.prevent_default();
        match on_enter.filter(|_| event.key() == "Enter") {
            Some(on_enter) => on_enter.run(go),
            None => on_move.run(go),
        }
    };
    let is_grid = !grid.is_empty();
    view! {
        <div class="table" role=if is_grid { "grid" } else { "table" } aria-label=label node_ref=node
            aria-rowcount=move || (rows.get() + 1).to_string()
            tabindex=is_grid.then_some("0") id=is_grid.then_some(grid)
            aria-activedescendant=move || active.get().filter(|_| is_grid).map(|at| row_id(grid, at))
            on:keydown=key on:scroll=move |_| measure()>
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

/// Enter on a button is the button's own.
fn on_button(event: &web_sys::KeyboardEvent) -> bool {
    let target = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|t| matches!(t.tag_name().as_str(), "BUTTON" | "A"))
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

    #[test]
    fn keys_stay_inside_the_rows() {
        let check = |key: &str, at: Option<usize>, expected: Option<usize>| {
            assert_eq!(moved(key, at, 20_000, 11), expected, "{key} at {at:?}");
        };
        check("ArrowDown", None, Some(0));
        check("ArrowDown", Some(4), Some(5));
        check("ArrowDown", Some(19_999), Some(19_999));
        check("ArrowUp", None, Some(19_999));
        check("ArrowUp", Some(0), Some(0));
        check("PageDown", Some(19_995), Some(19_999));
        check("PageDown", Some(4), Some(15));
        check("PageUp", Some(4), Some(0));
        check("Home", Some(700), Some(0));
        check("End", Some(700), Some(19_999));
        check("a", Some(700), None);
        assert_eq!(moved("End", None, 0, 11), None);
    }
}
