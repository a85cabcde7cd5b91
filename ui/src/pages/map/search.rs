//! Searching the drawing: everything the graph holds is found, also what is folded; Enter goes there.

use super::Map;
use super::drawn::Drawn;
use crate::components::Icon;
use leptos::prelude::*;
use loadline_model::{Graph, Kind, SubjectId};

/// Hits listed.
const LISTED: usize = 8;

/// Shapes whose name holds the text, in their order.
pub fn hits(drawn: &Drawn, query: &str) -> Vec<usize> {
    let query = query.trim().to_lowercase();
    if query.is_empty() {
        return Vec::new();
    }
    (0..drawn.shapes.len()).filter(|v| drawn.shapes[*v].name.to_lowercase().contains(&query)).collect()
}

/// Things of the graph whose name holds the text and that the drawing shows at least folded: names that begin with it
/// first, then by name.
pub fn found(graph: &Graph, drawn: &Drawn, query: &str) -> Vec<(SubjectId, String, Kind)> {
    let query = query.trim().to_lowercase();
    if query.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<(bool, String, SubjectId, Kind)> = graph
        .nodes
        .iter()
        .filter(|n| drawn.through.contains_key(&n.id))
        .filter_map(|n| {
            let lower = n.name.to_lowercase();
            lower.contains(&query).then(|| (!lower.starts_with(&query), n.name.clone(), n.id.clone(), n.kind))
        })
        .collect();
    found.sort();
    found.into_iter().map(|(_, name, id, kind)| (id, name, kind)).collect()
}

/// The field with its list.
#[component]
pub fn Search(map: Map) -> impl IntoView {
    let open = RwSignal::new(false);
    let chosen = RwSignal::new(0usize);
    let list = Memo::new(move |_| {
        map.query.with(|query| map.with_graph(|graph| map.scene.with(|s| found(graph, &s.drawn, query))))
    });
    let go = move |at: usize| {
        if let Some((id, ..)) = list.with_untracked(|list| list.get(at).cloned()) {
            open.set(false);
            map.go_to(&id);
        }
    };
    let on_key = move |event: web_sys::KeyboardEvent| {
        let last = list.with_untracked(|l| l.len().min(LISTED)).saturating_sub(1);
        match event.key().as_str() {
            "Enter" => go(chosen.get_untracked()),
            "ArrowDown" => chosen.update(|at| *at = if *at >= last { 0 } else { *at + 1 }),
            "ArrowUp" => chosen.update(|at| *at = if *at == 0 { last } else { *at - 1 }),
            "Escape" if open.get_untracked() => open.set(false),
            _ => return,
        }
        event.prevent_default();
    };
    let on_input = move |event| {
        map.query.set(event_target_value(&event));
        chosen.set(0);
        open.set(true);
    };
    view! {
        <div class="map-search">
            <label class="search-field">
                <Icon name="search" />
                <input type="search" role="combobox" placeholder="Find in the map" aria-label="Find in the map" aria-controls="map-found" data-testid="map-search"
                    aria-expanded=move || open.get().to_string() prop:value=move || map.query.get()
                    on:input=on_input on:keydown=on_key on:blur=move |_| open.set(false) />
            </label>
            {move || (open.get() && !map.query.with(|q| q.trim().is_empty())).then(|| {
                let found = list.get();
                let more = found.len().saturating_sub(LISTED);
                view! {
                    <div class="menu map-search__list" id="map-found" role="listbox" aria-label="Found">
                        {found.is_empty().then(|| view! { <p class="menu__item muted">"Nothing on the map has this name."</p> })}
                        {found.into_iter().take(LISTED).enumerate().map(|(at, (_, name, kind))| view! {
                            <button type="button" class="menu__item" role="option" tabindex="-1" data-testid="map-found" aria-selected=move || (chosen.get() == at).to_string()
                                on:mousedown=move |event| { event.prevent_default(); go(at); }>
                                <span class="grow truncate">{name}</span><span class="small faint">{kind.to_string()}</span>
                            </button>
                        }).collect_view()}
                        {(more > 0).then(|| view! { <p class="menu__item small faint">{format!("and {more} more")}</p> })}
                    </div>
                }
            })}
        </div>
    }
}
