//! One thing on the drawing: its look follows from what fails.

use super::drawn::Shape;
use super::layout::BOX;
use super::{Map, view};
use crate::components::Icon;
use leptos::prelude::*;
use loadline_model::SubjectId;

/// Id of a thing's element.
pub fn element_id(index: usize) -> String {
    format!("map-thing-{index}")
}

/// What a failure makes of a thing.
fn fate(map: Map, id: &SubjectId) -> &'static str {
    map.outcome.with(|outcome| match outcome {
        None => "",
        Some(_) if map.failed.with(|f| f.contains(id)) => "failed",
        Some(failure) if failure.down.binary_search(id).is_ok() => "down",
        Some(failure) if failure.degraded.binary_search(id).is_ok() => "degraded",
        Some(_) => "up",
    })
}

/// A thing as a button.
pub fn thing(map: Map, index: usize, shape: Shape, (x, y): (f64, f64)) -> impl IntoView {
    let id = shape.id.clone();
    let spof = map.ready.with_untracked(|r| r.assessment().topology.spofs.iter().find(|s| s.subject.id == id).cloned());
    let zone = map.scene.with_untracked(|s| {
        s.drawn.zones.iter().find(|(z, _)| Some(z) == shape.zone.as_ref()).map(|(_, name)| name.clone())
    });
    let spoken = view::spoken(&shape, zone.as_deref(), spof.as_ref());
    let (state, state_word) = (id.clone(), id.clone());
    let (name, lower) = (shape.name.clone(), shape.name.to_lowercase());
    let traced = {
        let name = name.clone();
        move || map.traced.with(|t| t.contains(&name))
    };
    let found = move || map.query.with(|q| !q.is_empty() && lower.contains(&q.to_lowercase()));
    let clicked = id.clone();
    let look = match shape.spof {
        Some((_, true)) => "thing thing--spof",
        Some((_, false)) => "thing thing--likely",
        None if shape.implied => "thing thing--implied",
        None => "thing",
    };
    let label = move || match fate(map, &state_word) {
        "" | "up" => spoken.clone(),
        word => format!("{spoken}. Now {word}."),
    };
    let fold = shape.group.map(|_| fold(map, &shape));
    view! {
        <div class="thing-place" style:transform=format!("translate({x}px,{y}px)") style:width=format!("{}px", BOX.0) style:height=format!("{}px", BOX.1)>
            <button id=element_id(index) class=look data-fate=move || fate(map, &state) class:thing--traced=traced class:thing--found=found
                aria-label=label title=format!("{name}: click to fail it") data-testid=format!("map-node-{id}")
                tabindex=move || if map.cursor.get() == index { "0" } else { "-1" }
                on:focus=move |_| map.cursor.set(index)
                on:click=move |event| map.fail(&clicked, event.shift_key())>
                <span class="thing__name truncate">{name.clone()}</span>
                <span class="thing__detail truncate">{view::detail(&shape)}</span>
            </button>
            {fold}
        </div>
    }
}

fn fold(map: Map, shape: &Shape) -> impl IntoView + use<> {
    let (id, open) = (shape.id.clone(), shape.open);
    let word = format!("{} the members of {}", if open { "Fold" } else { "Show" }, shape.name);
    view! {
        <button class="thing__fold" tabindex="-1" aria-label=word.clone() title=word aria-expanded=open.to_string() on:click=move |_| map.toggle(&id)>
            <Icon name=if open { "chevron" } else { "plus" } />
        </button>
    }
}
