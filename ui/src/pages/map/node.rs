//! One thing on the drawing: its look follows from what fails.

use super::drawn::{Fold, Folded, Shape};
use super::layout::{BOX, Scene};
use super::trace::Fate;
use super::{Map, view};
use crate::components::Icon;
use leptos::prelude::*;
use std::sync::Arc;

/// Id of a thing's element.
pub fn element_id(index: usize) -> String {
    format!("map-thing-{index}")
}

/// What a click would do.
fn hint(shape: &Shape) -> String {
    match () {
        () if shape.part.is_some() => format!("{} and what is tied to it most: click to open", shape.name),
        () if shape.inside.is_empty() => format!("{}: click to fail it", shape.name),
        () => "Click to see them one by one".into(),
    }
}

/// A thing as a button.
#[component]
pub fn Thing(map: Map, index: usize, scene: Arc<Scene>) -> impl IntoView {
    let (Some(shape), Some((x, y))) = (scene.drawn.shapes.get(index).cloned(), scene.boxes.get(index).copied()) else {
        return ().into_any();
    };
    let id = shape.id.clone();
    let spof = map.ready.with_untracked(|r| r.assessment().topology.spofs.iter().find(|s| s.subject.id == id).cloned());
    let zone = scene.drawn.zones.iter().find(|(z, _)| Some(z) == shape.zone.as_ref()).map(|(_, name)| name.clone());
    let spoken = view::spoken(&shape, zone.as_deref(), spof.as_ref());
    let lower = shape.name.to_lowercase();
    let fate = move || map.fates.with(|fates| fates.get(index).copied().unwrap_or_default());
    let traced = move || map.trace.with(|t| t.shapes.contains(&index));
    let found = move || map.query.with(|q| !q.is_empty() && lower.contains(&q.to_lowercase()));
    let picked = {
        let id = id.clone();
        move || map.declaring.get() && map.draft.with(|draft| draft.needs.contains(&id))
    };
    let is_picked = picked.clone();
    let look = match shape.spof {
        Some((_, true)) => "thing thing--spof",
        Some((_, false)) => "thing thing--likely",
        None if shape.implied => "thing thing--implied",
        None if shape.part.is_some() => "thing thing--part",
        None if !shape.inside.is_empty() => "thing thing--many",
        None => "thing",
    };
    let label = move || match fate() {
        _ if is_picked() => format!("{spoken}. Picked."),
        Fate::Untouched | Fate::Up => spoken.clone(),
        fate => format!("{spoken}. Now {}.", fate.code()),
    };
    // A press on a part opens it: no second button says so.
    let fold = shape.fold.as_ref().filter(|_| shape.part.is_none()).map(|f| fold(map, f, &shape));
    view! {
        <div class="thing-place" style:transform=format!("translate({x}px,{y}px)") style:width=format!("{}px", BOX.0) style:height=format!("{}px", BOX.1)>
            <button id=element_id(index) class=look data-fate=move || fate().code() class:thing--traced=traced class:thing--found=found class:thing--picked=picked
                aria-label=label title=hint(&shape) data-testid=format!("map-node-{id}")
                tabindex=move || if map.cursor.get() == index { "0" } else { "-1" }
                on:focus=move |_| map.cursor.set(index)
                on:click=move |event| map.press(index, event.shift_key())>
                <span class="thing__name truncate">{shape.name.clone()}</span>
                <span class="thing__detail truncate">{view::detail(&shape)}</span>
                {shape.part.filter(|stops| *stops > 0).map(|stops| {
                    let share = stops as f64 / shape.inside.len().max(1) as f64;
                    view! { <i class="thing__stops" style:width=format!("{:.1}%", share * 100.0) aria-hidden="true"></i> }
                })}
            </button>
            {fold}
        </div>
    }
    .into_any()
}

fn fold(map: Map, fold: &Fold, shape: &Shape) -> impl IntoView + use<> {
    let (id, open) = (fold.id.clone(), fold.open);
    let word = match (open, fold.what) {
        (true, Folded::Members) => format!("Fold the members of {}", shape.name),
        (false, Folded::Members) => format!("Show the members of {}", shape.name),
        (true, Folded::Alike) => format!("Fold what is like {}", shape.name),
        (true, Folded::Part) => format!("Fold what belongs with {}", shape.name),
        (false, Folded::Alike | Folded::Part) => format!("Show the {}", shape.name),
    };
    view! {
        <button class="thing__fold" tabindex="-1" aria-label=word.clone() title=word aria-expanded=open.to_string() on:click=move |_| map.toggle(&id)>
            <Icon name=if open { "chevron" } else { "plus" } />
        </button>
    }
}
