//! A filter: a chip that says what it filters to, and a list to choose from.

use super::Icon;
use leptos::prelude::*;

/// One choice of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What the route carries.
    pub value: String,
    /// What people read.
    pub word: String,
    /// Rows it would show.
    pub count: usize,
}

/// A filter chip with its list; several values may be chosen.
#[component]
pub fn FilterChip(
    /// What it filters by.
    label: &'static str,
    /// The choices.
    #[prop(into)]
    choices: Signal<Vec<Choice>>,
    /// Values chosen.
    #[prop(into)]
    chosen: Signal<Vec<String>>,
    /// Called with all values now chosen.
    #[prop(into)]
    on_change: Callback<Vec<String>>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let summary = move || {
        let chosen = chosen.get();
        if chosen.is_empty() {
            // Counting the choices walks every row: only when the list is open or a word is needed.
            return label.to_owned();
        }
        let words: Vec<String> = choices.with(|choices| {
            let word =
                |value: &String| choices.iter().find(|c| c.value == *value).map_or(value.clone(), |c| c.word.clone());
            chosen.iter().map(word).collect()
        });
        match words.len() {
            1 | 2 => format!("{label}: {}", words.join(", ")),
            n => format!("{label}: {n} chosen"),
        }
    };
    let toggle = move |value: &str| {
        let mut values = chosen.get_untracked();
        match values.iter().position(|v| v == value) {
            Some(at) => drop(values.remove(at)),
            None => values.push(value.to_owned()),
        }
        on_change.run(values);
    };
    let active = move || !chosen.with(Vec::is_empty);
    view! {
        <div class="chip" on:keydown=move |event: web_sys::KeyboardEvent| {
            if event.key() == "Escape" && open.get_untracked() {
                event.stop_propagation();
                event.prevent_default();
                open.set(false);
            }
        }>
            <button class="chip__button" class:chip__button--active=active aria-haspopup="true" aria-expanded=move || open.get().to_string()
                data-testid=format!("filter-{}", label.to_lowercase().replace(' ', "-")) on:click=move |_| open.update(|o| *o = !*o)>
                <span class="truncate">{summary}</span>
                <Icon name="chevron" />
            </button>
            {move || {
                open.get()
                    .then(|| {
                        view! {
                            <div class="menu-scrim" on:click=move |_| open.set(false)></div>
                            <div class="menu" role="group" aria-label=label>
                                {choices
                                    .get()
                                    .into_iter()
                                    .map(|choice| {
                                        let value = choice.value.clone();
                                        let checked = { let v = value.clone(); move || chosen.with(|c| c.contains(&v)) };
                                        view! {
                                            <label class="menu__item">
                                                <input type="checkbox" prop:checked=checked on:change=move |_| toggle(&value) />
                                                <span class="grow">{choice.word}</span>
                                                <span class="faint num small">{choice.count}</span>
                                            </label>
                                        }
                                    })
                                    .collect_view()}
                                <Show when=active>
                                    <button class="menu__item menu__item--clear" on:click=move |_| on_change.run(Vec::new())>"Clear"</button>
                                </Show>
                            </div>
                        }
                    })
            }}
        </div>
    }
}
