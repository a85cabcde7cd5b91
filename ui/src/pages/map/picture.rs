//! What lies behind the things: bands of zones, ties as a few long paths, blocks where nothing is written, and journeys.

use super::Map;
use super::declare;
use super::drawn::{Line, Tie};
use super::layout::{BOX, Band, JOURNEY, Scene};
use super::lens::Detail;
use super::trace::Fate;
use crate::format;
use leptos::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

/// Needs of journeys are drawn all the time up to this number; beyond it only when they are lit or lost.
const NEEDS: usize = 80;

/// Classes of a line.
fn class(line: &Line, back: bool) -> &'static str {
    match (line.tie, line.inferred) {
        _ if back => "tie tie--back",
        (Tie::Path, false) => "tie",
        (Tie::Path, true) => "tie tie--inferred",
        (Tie::Soft, false) => "tie tie--soft",
        (Tie::Soft, true) => "tie tie--soft tie--inferred",
        (Tie::Member, _) => "tie tie--member",
        (Tie::Copy, _) => "tie tie--copy",
        (Tie::Fate, _) => "tie tie--fate",
    }
}

/// Zones behind everything.
#[component]
pub fn Bands(map: Map, scene: Arc<Scene>) -> impl IntoView {
    scene.bands.iter().cloned().map(|band| zone(map, band)).collect_view()
}

/// A zone's band; its label fails the zone.
fn zone(map: Map, band: Band) -> impl IntoView {
    let id = band.id.clone();
    let dark = {
        let id = id.clone();
        move || map.failed.with(|f| f.contains(&id))
    };
    let lit = {
        let id = id.clone();
        move || map.trace.with(|t| t.zones.contains(&id))
    };
    let spof =
        map.ready.with_untracked(|r| r.assessment().topology.blast_radius.get(&id).copied().filter(|b| *b > 0.0));
    view! {
        <div class="zone" class:zone--dark=dark class:zone--traced=lit style:transform=format!("translate({}px,{}px)", band.x, band.y)
            style:width=format!("{}px", band.width) style:height=format!("{}px", band.height)>
            <button class="zone__name truncate" style:--room=format!("{}px", band.width) class:zone__name--spof=spof.is_some() tabindex="-1" data-testid=format!("map-node-{id}")
                title=format!("Fail the whole zone {}", band.name) on:click=move |event| map.fail(&id, event.shift_key())>
                {band.name.clone()}
                {spof.map(|b| view! { <span class="num">{format::percent(b)}</span> })}
            </button>
        </div>
    }
}

/// Ties: one path per look, and on top of them what is broken and what is lit.
#[component]
pub fn Ties(map: Map, scene: Arc<Scene>) -> impl IntoView {
    let (base, broken, lit, size) = (scene.clone(), scene.clone(), scene.clone(), scene.clone());
    let looks = Memo::new(move |_| looks(&base, map));
    let is_down = |fate: Option<&Fate>| matches!(fate, Some(Fate::Down | Fate::Failed));
    let broken = Memo::new(move |_| {
        let sight = map.sight.get();
        let lines = map.fates.with(|fates| {
            let lines = broken
                .drawn
                .lines
                .iter()
                .enumerate()
                .filter(|(i, line)| is_down(fates.get(line.to)) && sight.crosses(broken.extent(*i)));
            lines.map(|(i, _)| broken.curve(i)).collect::<String>()
        });
        let lost = map.outcome.with(|o| o.as_ref().map(|f| f.journeys_lost.clone()).unwrap_or_default());
        let needs = broken.drawn.journeys.iter().enumerate().filter(|(_, j)| lost.contains(&j.name)).flat_map(
            |(j, journey)| {
                let down: Vec<usize> =
                    map.fates.with(|fates| journey.needs.iter().copied().filter(|v| is_down(fates.get(*v))).collect());
                down.into_iter().map(|v| broken.journey_curve(j, v)).collect::<Vec<_>>()
            },
        );
        lines + &needs.collect::<String>()
    });
    let lit = Memo::new(move |_| {
        map.trace.with(|t| {
            let lines = t.lines.iter().map(|i| lit.curve(*i));
            lines.chain(t.needs.iter().map(|(j, v)| lit.journey_curve(*j, *v))).collect::<String>()
        })
    });
    let pairs: String = scene.drawn.pairs.iter().map(|(a, b)| scene.arc(*a, *b)).collect();
    view! {
        <svg class="canvas__ties" width=size.width height=size.height aria-hidden="true">
            {move || looks.get().into_iter().map(|(class, d)| view! { <path class=class d=d /> }).collect_view()}
            <path class="tie tie--pair" d=pairs />
            <path class="tie tie--broken" d=move || broken.get() />
            <path class="tie tie--traced" d=move || lit.get() />
        </svg>
    }
}

/// Path data by look, of the lines in sight. Far away, members and hosts are left out: they are where their group is.
fn looks(scene: &Scene, map: Map) -> Vec<(&'static str, String)> {
    let (sight, far) = (map.sight.get(), map.detail.get() == Detail::Blocks);
    let mut looks: BTreeMap<&'static str, String> = BTreeMap::new();
    for (i, line) in scene.drawn.lines.iter().enumerate() {
        let minor = far && matches!(line.tie, Tie::Member | Tie::Fate);
        if !minor && sight.crosses(scene.extent(i)) {
            let back = scene.back.get(i).copied().unwrap_or_default();
            looks.entry(class(line, back)).or_default().push_str(&scene.curve(i));
        }
    }
    let needs: usize = scene.drawn.journeys.iter().map(|j| j.needs.len()).sum();
    if needs <= NEEDS {
        let of = |(j, journey): (usize, &super::drawn::JourneyShape)| {
            journey.needs.iter().map(move |v| scene.journey_curve(j, *v)).collect::<String>()
        };
        looks.insert("tie tie--need", scene.drawn.journeys.iter().enumerate().map(of).collect());
    }
    looks.into_iter().collect()
}

/// Things far away: one path per look and fate.
#[component]
pub fn Blocks(map: Map, scene: Arc<Scene>) -> impl IntoView {
    let (width, height) = (scene.width, scene.height);
    let paths = Memo::new(move |_| {
        let mut paths: BTreeMap<String, String> = BTreeMap::new();
        map.fates.with(|fates| {
            for (v, (shape, (x, y))) in scene.drawn.shapes.iter().zip(&scene.boxes).enumerate() {
                let look = match shape.spof {
                    Some((_, true)) => "spof",
                    Some((_, false)) => "likely",
                    None if shape.implied => "implied",
                    None if !shape.inside.is_empty() => "many",
                    None => "plain",
                };
                let fate = fates.get(v).copied().unwrap_or_default().code();
                let d = paths.entry(format!("block block--{look} block--{fate}")).or_default();
                let _ = write!(d, "M{x:.1} {y:.1}h{}v{}h-{}z", BOX.0, BOX.1, BOX.0);
            }
        });
        paths.into_iter().collect::<Vec<_>>()
    });
    view! {
        <svg class="canvas__ties" width=width height=height aria-hidden="true">
            {move || paths.get().into_iter().map(|(class, d)| view! { <path class=class d=d /> }).collect_view()}
        </svg>
    }
}

/// What users do, above everything.
#[component]
pub fn Journeys(map: Map, scene: Arc<Scene>) -> impl IntoView {
    (0..scene.drawn.journeys.len()).map(|j| journey(map, &scene, j)).collect_view()
}

fn journey(map: Map, scene: &Scene, index: usize) -> impl IntoView + use<> {
    let (x, y) = scene.journeys.get(index).copied().unwrap_or_default();
    let shape = scene.drawn.journeys.get(index).cloned();
    let (name, weight) = shape.as_ref().map(|j| (j.name.clone(), j.weight)).unwrap_or_default();
    let inside = shape.as_ref().map(|j| j.inside.clone()).unwrap_or_default();
    let several = !inside.is_empty();
    let among = move |names: &[String]| inside.iter().filter(|name| names.contains(name)).count();
    let id = shape.filter(|j| !j.implicit).map(|j| j.id);
    let room = (scene.journey_room / JOURNEY.0).to_string();
    let dark = {
        let among = among.clone();
        move || map.outcome.with(|o| o.as_ref().map_or(0, |f| among(&f.journeys_lost)))
    };
    let state = {
        let name = name.clone();
        move || {
            map.outcome.with(|o| {
                o.as_ref().map_or("", |f| match () {
                    () if f.journeys_lost.contains(&name) || among(&f.journeys_lost) > 0 => "lost",
                    () if f.journeys_degraded.contains(&name) || among(&f.journeys_degraded) > 0 => "degraded",
                    () => "",
                })
            })
        }
    };
    let word = {
        let state = state.clone();
        move || match state() {
            "lost" if several => format!("{} dark", format::whole(dark() as u64)),
            "lost" => "dark".to_owned(),
            "degraded" => "degraded".to_owned(),
            _ => format::percent(weight),
        }
    };
    view! {
        <button class="journey" data-state=state style:left=format!("{x}px") style:top=format!("{y}px") style:--room=room style:width=format!("{}px", JOURNEY.0)
            style:height=format!("{}px", JOURNEY.1) data-testid="map-journey"
            title=format!("{name}: {} of journeys. Click to say what it needs.", format::percent(weight))
            on:click=move |_| declare::begin(map, id.clone())>
            <span class="truncate grow">{name.clone()}</span>
            <span class="num small">{word}</span>
        </button>
    }
}
