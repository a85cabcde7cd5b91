//! Nothing to show: why, and the one thing to do about it.

use leptos::prelude::*;

/// An empty page or panel.
#[component]
pub fn EmptyState(
    /// What is not there.
    #[prop(into)]
    title: String,
    /// Why.
    #[prop(into)]
    why: String,
    /// The one action.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty" data-testid="empty">
            <svg width="72" height="40" viewBox="0 0 72 40" fill="none" stroke="var(--line-strong)" stroke-width="1.500" aria-hidden="true">
                <path d="M0 28c6 0 6-3 12-3s6 3 12 3 6-3 12-3 6 3 12 3 6-3 12-3 6 3 12 3" opacity=".7" />
                <path d="M6 34c6 0 6-3 12-3s6 3 12 3 6-3 12-3 6 3 12 3 6-3 12-3" opacity=".35" />
                <circle cx="36" cy="12" r="7" />
                <path d="M24 12h24" stroke-width="2" />
            </svg>
            <h2>{title}</h2>
            <p>{why}</p>
            {children.map(|children| view! { <div class="row">{children()}</div> })}
        </div>
    }
}
