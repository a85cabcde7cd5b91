//! A modal dialog on the browser's own `<dialog>`: focus stays inside, Esc closes, what lies behind cannot be reached.

use super::Icon;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// A dialog that is open for as long as it is rendered.
#[component]
pub fn Dialog(
    /// Its title, also for screen readers.
    #[prop(into)]
    title: String,
    /// Called when the reader closes it.
    #[prop(into)]
    on_close: Callback<()>,
    /// Extra class for its width.
    #[prop(default = "")]
    class: &'static str,
    /// Title hidden: the content names itself.
    #[prop(optional)]
    bare: bool,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        if let Some(dialog) = node.get().filter(|dialog| !dialog.open()) {
            // Refused only when it is not in the document yet; then it opens without being modal.
            if dialog.show_modal().is_err() {
                dialog.set_open(true);
            }
        }
    });
    let close_on_backdrop = move |event: web_sys::MouseEvent| {
        let target = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
        if target.is_some_and(|t| t.tag_name() == "DIALOG") {
            on_close.run(());
        }
    };
    let heading = title.clone();
    view! {
        <dialog
            node_ref=node
            class=format!("dialog {class}")
            aria-label=title
            data-testid="dialog"
            on:cancel=move |event: web_sys::Event| {
                event.prevent_default();
                on_close.run(());
            }
            on:mousedown=close_on_backdrop
        >
            <div class="dialog__inner">
                {(!bare)
                    .then(|| {
                        view! {
                            <header class="dialog__head">
                                <h2>{heading}</h2>
                                <button class="icon-button" aria-label="Close" on:click=move |_| on_close.run(())>
                                    <Icon name="close" />
                                </button>
                            </header>
                        }
                    })} {children()}
            </div>
        </dialog>
    }
}
