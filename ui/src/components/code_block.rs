//! Code to read and to copy.

use super::Icon;
use super::error_panel::copy_text;
use crate::state::use_toasts;
use leptos::prelude::*;

/// Code with a copy button.
#[component]
pub fn CodeBlock(#[prop(into)] text: String) -> impl IntoView {
    let toasts = use_toasts();
    let shown = text.clone();
    let copy = move |_| {
        copy_text(&text);
        toasts.say("Copied.");
    };
    view! {
        <div class="code">
            <pre tabindex="0"><code>{shown}</code></pre>
            <button class="icon-button" aria-label="Copy" title="Copy" on:click=copy><Icon name="copy" /></button>
        </div>
    }
}
