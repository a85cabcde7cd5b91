//! The notices at the lower edge.

use super::Icon;
use crate::state::{use_toasts, use_workspace};
use leptos::prelude::*;

/// Every notice on show; screen readers hear them as they come.
#[component]
pub fn ToastStack() -> impl IntoView {
    let (toasts, workspace) = (use_toasts(), use_workspace());
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.get() key=|toast| toast.id let:toast>
                {
                    let (id, undo) = (toast.id, toast.undo);
                    view! {
                        <div class="toast" class:toast--failed=toast.failed data-testid="toast">
                            <span class="grow">{toast.text}</span>
                            {(!undo.is_empty())
                                .then(|| {
                                    view! {
                                        <button class="text-link" data-testid="undo" on:click=move |_| {
                                            toasts.dismiss(id);
                                            workspace.undo(undo.clone());
                                        }>"Undo"</button>
                                    }
                                })}
                            <button class="icon-button" aria-label="Dismiss" on:click=move |_| toasts.dismiss(id)>
                                <Icon name="close" />
                            </button>
                        </div>
                    }
                }
            </For>
        </div>
    }
}
