//! What happened, why, what to do, the code, and details to copy.

use super::Icon;
use crate::state::use_toasts;
use leptos::prelude::*;
use loadline_wire::ApiError;

/// An error in place of what it prevented.
#[component]
pub fn ErrorPanel(
    error: ApiError,
    /// Tries again, where that can help.
    #[prop(optional, into)]
    retry: Option<Callback<()>>,
) -> impl IntoView {
    let toasts = use_toasts();
    let details = format!("Loadline {}\n{}\n{}", env!("CARGO_PKG_VERSION"), error.code.0, error.message);
    let copy = move |_| {
        copy_text(&details);
        toasts.say("Details copied.");
    };
    view! {
        <div class="error-panel" role="alert" data-testid="error">
            <Icon name="warning" />
            <div class="stack grow">
                <p>{error.message}</p>
                <div class="row wrap">
                    <code>{error.code.0}</code>
                    <button class="text-link small" on:click=copy>"Copy details"</button>
                    {retry.map(|retry| view! { <button class="button button--small" on:click=move |_| retry.run(())>"Try again"</button> })}
                </div>
            </div>
        </div>
    }
}

/// Puts text on the clipboard; where the web view forbids it, nothing happens.
pub fn copy_text(text: &str) {
    let _ = window().navigator().clipboard().write_text(text);
}
