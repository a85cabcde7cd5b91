//! Sprints as columns that items visibly fill up to the budget line; items move by drag, buttons and keys.

use super::Shared;
use super::view::{self, Column, Part};
use crate::components::tabs::focus;
use crate::components::{Icon, Mark};
use crate::format;
use leptos::prelude::*;
use loadline_model::{Item, ItemId};

/// The columns.
#[component]
pub fn Board(shared: Shared) -> impl IntoView {
    Effect::new(move |_| {
        shared.columns.with(|_| ());
        if let Some(id) = shared.refocus.get_untracked() {
            request_animation_frame(move || {
                if let Some(element) = document().get_element_by_id(&element_id(&id)) {
                    focus(&element);
                }
            });
        }
    });
    view! {
        <p class="sr-only" id="roadmap-keys">"Arrows move between items, Shift and an arrow moves the item to another sprint, Enter opens it."</p>
        <div class="board" role="list" aria-label="Sprints" aria-describedby="roadmap-keys">
            {move || shared.columns.get().into_iter().map(|c| column(shared, c)).collect_view()}
        </div>
    }
}

fn element_id(id: &ItemId) -> String {
    format!("item-{id}")
}

fn column(shared: Shared, column: Column) -> impl IntoView {
    let zone = shared.ready.with_untracked(|r| r.assessment().zone.clone());
    let scale = view::scale(column.budget);
    let over = column.is_over();
    let hovered = RwSignal::new(false);
    let index = column.index;
    let drop = move |event: web_sys::DragEvent| {
        event.prevent_default();
        hovered.set(false);
        let Some(item) = shared.dragged.get_untracked() else { return };
        let here = shared
            .columns
            .with_untracked(|c| c.iter().any(|c| c.index == index && c.items.iter().any(|i| i.id == item)));
        shared.dragged.set(None);
        if !here {
            shared.plan(&item, Some(index));
        }
    };
    let used = format!("{} of {}", format::number(f64::from(column.used) / 2.0, 1), format::days_of(column.budget));
    let budget = f64::from(column.budget) * scale;
    view! {
        <section class="sprint" role="listitem" class:sprint--hovered=move || hovered.get() data-testid="sprint"
            aria-label=format!("Sprint {}, {used} used", index + 1)
            on:dragover=move |event: web_sys::DragEvent| { event.prevent_default(); hovered.set(true); }
            on:dragleave=move |_| hovered.set(false) on:drop=drop>
            <header class="sprint__head">
                <h2>{format!("Sprint {}", index + 1)}<span class="small faint">{format!("from {}", format::date(column.starts, &zone))}</span></h2>
                <p class="small" class:sprint__over=over>
                    <span class="num">{used.clone()}</span>
                    <span class="faint" title="Probability that the work fits, from the ranges of effort">{format!(" · {} likely to fit", format::percent(column.fits))}</span>
                </p>
            </header>
            <div class="sprint__body" style:min-height=format!("{}px", budget + 40.0)>
                <div class="sprint__line" class:sprint__line--over=over style:top=format!("{budget}px")><span>{format!("budget, {}", format::days_of(column.budget))}</span></div>
                <ul class="sprint__items">{column.items.into_iter().map(|i| card(shared, i, scale)).collect_view()}</ul>
            </div>
        </section>
    }
}

fn card(shared: Shared, item: Item, scale: f64) -> impl IntoView {
    let height = (f64::from(item.half_days.mode) * scale).max(scale);
    let lines = match height {
        h if h < 50.0 => 1,
        h if h < 70.0 => 2,
        h if h < 150.0 => 3,
        _ => 4,
    };
    let parts = shared.largest.with_untracked(|largest| view::parts(&item, largest));
    let worth = (lines == 4).then(|| worth(&parts));
    let (id, drag, left, right, keys) =
        (item.id.clone(), item.id.clone(), item.id.clone(), item.id.clone(), item.id.clone());
    let can = |right: bool| shared.columns.with_untracked(|c| view::neighbour(c, &item.id, right)).is_some();
    let (can_left, can_right) = (can(false), can(true));
    let is_dragged = {
        let id = item.id.clone();
        move || shared.dragged.with(|d| d.as_ref() == Some(&id))
    };
    let value = parts.iter().map(|(_, text, _)| text.clone()).collect::<Vec<_>>().join(", ");
    let on_key = move |event: web_sys::KeyboardEvent| {
        let key = event.key();
        match (key.as_str(), event.shift_key()) {
            ("ArrowRight", true) => shared.step(&keys, true),
            ("ArrowLeft", true) => shared.step(&keys, false),
            ("ArrowRight" | "ArrowLeft" | "ArrowUp" | "ArrowDown", false) => walk(shared, &keys, &key),
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <li class="item" class:item--dragged=is_dragged data-lines=lines.to_string() data-testid="roadmap-item" draggable="true" style:height=format!("{}px", height - 4.0)
            on:dragstart=move |event: web_sys::DragEvent| {
                shared.dragged.set(Some(drag.clone()));
                if let Some(transfer) = event.data_transfer() {
                    let _ = transfer.set_data("text/plain", drag.as_str());
                }
            }
            on:dragend=move |_| shared.dragged.set(None)>
            <button id=element_id(&item.id) class="item__open" title=format!("{}: {value}", item.title) on:click=move |_| shared.open(&id) on:keydown=on_key>
                <span class="item__title">
                    {view::progress(&item).map(|(word, status)| view! { <Mark status label=true /><span class="sr-only">{word}</span> })}
                    <span class="item__text">{item.title.clone()}</span>
                </span>
                <span class="item__meta small">
                    <span class="num">{format::effort(&item.half_days)}</span>
                    <span class="item__subject faint truncate">{item.subject.name.clone()}</span>
                    {item.pinned_sprint.is_some().then(|| view! { <span class="tag">"by hand"</span> })}
                    {(lines < 4).then(|| bars(parts))}
                </span>
                {worth}
            </button>
            <span class="item__moves">
                <button class="icon-button" aria-label=format!("Move {} to the sprint before", item.title) title="Earlier (Shift ←)" data-testid="move-left" disabled=!can_left
                    on:click=move |_| shared.step(&left, false)><Icon name="left" /></button>
                <button class="icon-button" aria-label=format!("Move {} to the next sprint", item.title) title="Later (Shift →)" data-testid="move-right" disabled=!can_right
                    on:click=move |_| shared.step(&right, true)><Icon name="right" /></button>
            </span>
        </li>
    }
}

/// Value as four named bars, where an item has the room.
fn worth(parts: &[Part; 4]) -> impl IntoView + use<> {
    let rows = parts.clone().map(|(name, text, share)| {
        view! { <span class="item__part" title=text><span>{name}</span><span class="worth__bar"><i style:width=format!("{}%", share * 100.0)></i></span></span> }
    });
    view! { <span class="item__worth small">{rows.collect_view()}</span> }
}

/// Value as four small bars.
fn bars(parts: [Part; 4]) -> impl IntoView {
    let summary = parts.iter().map(|(name, text, _)| format!("{name}: {text}")).collect::<Vec<_>>().join("; ");
    view! {
        <span class="value-bars" role="img" aria-label=summary.clone() title=summary>
            {parts.map(|(_, _, share)| view! { <i style:height=format!("{}%", (share * 100.0).max(if share > 0.0 { 12.0 } else { 0.0 }))></i> }).collect_view()}
        </span>
    }
}

/// Moves the focus to the neighbouring item.
fn walk(shared: Shared, from: &ItemId, key: &str) {
    shared.refocus.set(None);
    let to = shared.columns.with_untracked(|columns| {
        let (c, r) =
            columns.iter().enumerate().find_map(|(c, col)| Some((c, col.items.iter().position(|i| i.id == *from)?)))?;
        let cell = |c: usize, r: usize| {
            columns.get(c).and_then(|col| col.items.get(r.min(col.items.len().saturating_sub(1)))).map(|i| i.id.clone())
        };
        match key {
            "ArrowRight" => (c + 1..columns.len()).find_map(|c| cell(c, r)),
            "ArrowLeft" => (0..c).rev().find_map(|c| cell(c, r)),
            "ArrowDown" => columns.get(c)?.items.get(r + 1).map(|i| i.id.clone()),
            _ => r.checked_sub(1).and_then(|r| cell(c, r)),
        }
    });
    if let Some(element) = to.and_then(|id| document().get_element_by_id(&element_id(&id))) {
        focus(&element);
    }
}
