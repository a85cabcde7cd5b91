//! Grey shapes while something loads, shown only after 200 ms so that quick answers never flicker.

use leptos::prelude::*;
use std::time::Duration;

/// Rows that hint at what is coming.
#[component]
pub fn Skeleton(
    /// How many rows.
    #[prop(default = 6)]
    rows: usize,
) -> impl IntoView {
    let late = RwSignal::new(false);
    if let Ok(timer) = set_timeout_with_handle(move || late.set(true), Duration::from_millis(200)) {
        on_cleanup(move || timer.clear());
    }
    view! {
        <div class="skeleton" role="status" aria-label="Loading" data-testid="loading">
            {move || {
                late.get()
                    .then(|| {
                        (0..rows)
                            .map(|row| view! { <div class="skeleton__row" style:width=format!("{}%", 92 - (row * 37) % 46)></div> })
                            .collect_view()
                    })
            }}
        </div>
    }
}
