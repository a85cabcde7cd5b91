//! Tabs: one tab stop, arrows move.

use leptos::prelude::*;

/// A row of tabs; the panel below is the caller's.
#[component]
pub fn Tabs(
    /// Name for screen readers.
    label: &'static str,
    /// Id and word of each tab.
    tabs: Vec<(&'static str, &'static str)>,
    /// Id of the chosen one.
    #[prop(into)]
    chosen: Signal<String>,
    /// Called with the id.
    #[prop(into)]
    on_choose: Callback<&'static str>,
) -> impl IntoView {
    let ids: Vec<&'static str> = tabs.iter().map(|(id, _)| *id).collect();
    let step = move |event: web_sys::KeyboardEvent| {
        let by = match event.key().as_str() {
            "ArrowRight" | "ArrowDown" => 1,
            "ArrowLeft" | "ArrowUp" => ids.len().saturating_sub(1),
            _ => return,
        };
        event.prevent_default();
        let at = chosen.with_untracked(|chosen| ids.iter().position(|id| id == chosen)).unwrap_or(0);
        if let Some(id) = ids.get((at + by) % ids.len().max(1)) {
            on_choose.run(id);
            if let Some(tab) = document().get_element_by_id(&format!("tab-{id}")) {
                focus(&tab);
            }
        }
    };
    view! {
        <div class="tabs" role="tablist" aria-label=label on:keydown=step>
            {tabs
                .into_iter()
                .map(|(id, word)| {
                    let is_chosen = move || chosen.with(|chosen| chosen == id);
                    view! {
                        <button id=format!("tab-{id}") class="tab" role="tab" data-testid=format!("tab-{id}")
                            aria-selected=move || is_chosen().to_string() tabindex=move || if is_chosen() { "0" } else { "-1" }
                            on:click=move |_| on_choose.run(id)>
                            {word}
                        </button>
                    }
                })
                .collect_view()}
        </div>
    }
}

/// Moves the focus to an element, when it can take it.
pub fn focus(element: &web_sys::Element) {
    use wasm_bindgen::JsCast;
    if let Some(element) = element.dyn_ref::<web_sys::HtmlElement>() {
        let _ = element.focus();
    }
}
