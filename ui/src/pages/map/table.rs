//! The map as a table: every thing that is drawn, what it stops, and what a failure makes of it.

use super::trace::Fate;
use super::{Map, view};
use crate::components::table::VirtualTable;
use crate::format;
use leptos::prelude::*;

/// Height of a row.
const ROW: f64 = 44.0;

/// Shapes in the order of the rows: by hours a year, then share of journeys, then name.
fn order(map: Map) -> Vec<usize> {
    map.ready.with(|r| {
        let spofs = &r.assessment().topology.spofs;
        let rank =
            |id: &loadline_model::SubjectId| spofs.iter().position(|s| s.subject.id == *id).unwrap_or(usize::MAX);
        map.scene.with(|s| {
            let ranks: std::collections::BTreeMap<usize, usize> =
                s.drawn.shapes.iter().enumerate().map(|(v, shape)| (v, rank(&shape.id))).collect();
            let mut order: Vec<usize> = (0..s.drawn.shapes.len()).collect();
            order.sort_by(|a, b| {
                ranks.get(a).cmp(&ranks.get(b)).then_with(|| s.drawn.shapes[*a].name.cmp(&s.drawn.shapes[*b].name))
            });
            order
        })
    })
}

/// The table.
#[component]
pub fn Table(map: Map) -> impl IntoView {
    let rows = Memo::new(move |_| order(map));
    let count = Signal::derive(move || rows.with(Vec::len));
    let active = Signal::derive(|| None::<usize>);
    let head = view! {
        <div class="map-row map-row--head">
            <span role="columnheader">"Thing"</span>
            <span role="columnheader">"Zone"</span>
            <span role="columnheader">"Members"</span>
            <span role="columnheader" class="right" title="Share of journeys that it stops alone">"Stops alone"</span>
            <span role="columnheader" class="right">"A year"</span>
            <span role="columnheader">"Now"</span>
        </div>
    }
    .into_any();
    view! { <VirtualTable label="Things on the failure map" rows=count row_height=ROW active head render=move |at| row(map, rows, at) /> }
}

fn row(map: Map, rows: Memo<Vec<usize>>, at: usize) -> AnyView {
    let Some(index) = rows.with(|rows| rows.get(at).copied()) else { return ().into_any() };
    let found = map.scene.with(|s| {
        let shape = s.drawn.shapes.get(index).cloned()?;
        let zone = s.drawn.zones.iter().find(|(id, _)| Some(id) == shape.zone.as_ref()).map(|(_, name)| name.clone());
        Some((shape, zone))
    });
    let Some((shape, zone)) = found else { return ().into_any() };
    let hours = map.ready.with(|r| {
        let spofs = &r.assessment().topology.spofs;
        spofs
            .iter()
            .find(|s| s.subject.id == shape.id)
            .map(|s| (view::yearly(s).0, format::hours_interval(&s.hours_per_year)))
    });
    let members = match (shape.group, shape.inside.len()) {
        (Some((members, required)), _) if required > 0 => format!("{required} of {members} must be up"),
        (Some((members, _)), _) => members.to_string(),
        (None, 0) => String::new(),
        (None, many) if shape.part.is_some() => format!("{many} inside"),
        (None, alike) => format!("{alike} alike"),
    };
    let stops = shape
        .spof
        .map(|(share, proven)| format!("{}{}", format::percent(share), if proven { "" } else { ", not proven" }));
    let (hours, interval) = hours.unwrap_or_default();
    let id = shape.id.clone();
    let now = move || match map.fates.with(|f| f.get(index).copied().unwrap_or_default()) {
        Fate::Untouched => "",
        fate => fate.code(),
    };
    view! {
        <div class="map-row" role="row" aria-rowindex=(at + 2).to_string() data-testid="map-row" data-now=now>
            <span role="cell" class="map-row__thing">
                <button class="map-row__name truncate" title="Fail it; with Shift, together with what fails already" data-testid=format!("map-row-{id}")
                    on:click=move |event| map.press(index, event.shift_key())>{shape.name.clone()}</button>
                <span class="small faint truncate">{if shape.part.is_some() { "part".to_owned() } else { shape.kind.to_string() }}</span>
            </span>
            <span role="cell" class="faint truncate">{zone}</span>
            <span role="cell" class="faint truncate">{members}</span>
            <span role="cell" class="num right">{stops}</span>
            <span role="cell" class="num right" title=interval>{hours}</span>
            <span role="cell">{now}</span>
        </div>
    }
    .into_any()
}
