//! Where everything stands, in four steps: layers by longest path, way-points for ties that pass layers, an order with few
//! crossings, and places. One column per zone with what has no zone between them. Pure and deterministic: the same graph
//! gives the same picture.

mod crossings;
mod layers;
mod net;
mod places;
mod routes;
#[cfg(test)]
mod tests;

use super::drawn::Drawn;
use loadline_model::SubjectId;
use net::Net;

/// Size of a thing.
pub const BOX: (f64, f64) = (138.0, 44.0);
/// Size of a journey.
pub const JOURNEY: (f64, f64) = (150.0, 38.0);
/// Air between things: beside each other, and the least between two layers.
const GAP: (f64, f64) = (16.0, 44.0);
/// Air between two rows of journeys, and how many always fit into one.
const JOURNEY_ROW: f64 = 10.0;
const ABREAST: usize = 4;
/// Air inside a zone's band.
const AIR: f64 = 16.0;
/// Height of a band's label.
const LABEL: f64 = 30.0;

/// A zone's band.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    pub id: SubjectId,
    pub name: String,
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// Where a tie passes a layer that neither of its ends is in: its middle, from top to bottom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Way {
    pub x: f64,
    pub top: f64,
    pub bottom: f64,
}

/// Where a thing stands among those stacked in one place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stacked {
    /// Others stand above it.
    pub below_others: bool,
    /// Others stand below it.
    pub above_others: bool,
    /// Top and bottom of its layer.
    pub layer: (f64, f64),
}

/// The finished picture; boxes and journeys by their upper left corner.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    pub drawn: Drawn,
    pub width: f64,
    pub height: f64,
    pub boxes: Vec<(f64, f64)>,
    /// Row of each box, from the top.
    pub layers: Vec<usize>,
    pub journeys: Vec<(f64, f64)>,
    /// Width that each journey has for itself.
    pub journey_room: f64,
    pub bands: Vec<Band>,
    /// Lines that close a loop and therefore lead upwards.
    pub back: Vec<bool>,
    /// Where each line passes the layers between its ends.
    pub ways: Vec<Vec<Way>>,
    pub stacked: Vec<Stacked>,
}

/// Lays a drawing out.
pub fn layout(drawn: Drawn) -> Scene {
    let layered = layers::of(&drawn);
    let columns = net::columns(&drawn);
    let net = Net::new(&drawn, &layered, &columns);
    let order = crossings::ordered(&net);
    let top = |rows: usize| if rows == 0 { 0.0 } else { rows as f64 * (JOURNEY.1 + JOURNEY_ROW) - JOURNEY_ROW + GAP.1 };
    let head = if drawn.zones.is_empty() { 0.0 } else { LABEL };
    let mut placed = places::of(&net, &order, top(1) + head);
    // Journeys stand in as many rows as it takes not to be wider than what is below them.
    let abreast = (((placed.width + GAP.0) / (JOURNEY.0 + GAP.0)) as usize).max(ABREAST);
    let rows = drawn.journeys.len().div_ceil(abreast);
    let abreast = drawn.journeys.len().div_ceil(rows.max(1));
    if rows != 1 {
        placed = places::of(&net, &order, top(rows) + head);
    }
    let top = top(rows);
    let journeys_width = abreast as f64 * (JOURNEY.0 + GAP.0) - GAP.0;
    let width = placed.width.max(journeys_width).max(BOX.0);
    let shift = (width - placed.width) / 2.0;
    let boxes: Vec<(f64, f64)> = placed.boxes.iter().map(|(middle, y)| (middle - BOX.0 / 2.0 + shift, *y)).collect();
    let height = placed.bottom + if placed.rows > 0 { AIR } else { 0.0 };
    let bands = drawn
        .zones
        .iter()
        .enumerate()
        .filter_map(|(z, (id, name))| {
            let (left, room) = placed.columns.get(net::column_of_zone(z, drawn.zones.len())).copied()?;
            let x = left - AIR + shift;
            Some(Band { id: id.clone(), name: name.clone(), x, y: top, width: room + 2.0 * AIR, height: height - top })
        })
        .collect();
    let journeys = journeys_above(&drawn, &boxes, abreast, width);
    let way = |item: &usize| placed.ways.get(*item - net.boxes).map(|w| Way { x: w.x + shift, ..*w });
    let ways = net.chains.iter().map(|chain| chain.iter().filter_map(way).collect()).collect();
    Scene {
        width,
        height,
        boxes,
        layers: placed.row,
        journeys,
        journey_room: width / abreast.max(1) as f64,
        bands,
        back: layered.back,
        ways,
        stacked: placed.stacked,
        drawn,
    }
}

/// Journeys stand evenly, in the order of the middle of what they need, so many side by side; what stands for several comes
/// last.
fn journeys_above(drawn: &Drawn, boxes: &[(f64, f64)], abreast: usize, width: f64) -> Vec<(f64, f64)> {
    let middle = |j: usize| {
        let needs = drawn.journeys.get(j).map(|j| j.needs.as_slice()).unwrap_or_default();
        let sum: f64 = needs.iter().filter_map(|v| boxes.get(*v)).map(|(x, _)| x).sum();
        if needs.is_empty() { width / 2.0 } else { sum / needs.len() as f64 }
    };
    let several = |j: usize| drawn.journeys.get(j).is_some_and(|j| !j.inside.is_empty());
    let mut order: Vec<(bool, f64, usize)> = (0..drawn.journeys.len()).map(|j| (several(j), middle(j), j)).collect();
    order.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
    let step = width / abreast.max(1) as f64;
    let mut places = vec![(0.0, 0.0); order.len()];
    for (i, (.., j)) in order.iter().enumerate() {
        let (row, at) = (i / abreast.max(1), i % abreast.max(1));
        places[*j] = (step * (at as f64 + 0.5) - JOURNEY.0 / 2.0, row as f64 * (JOURNEY.1 + JOURNEY_ROW));
    }
    places
}

impl Scene {
    /// Middle of a box.
    pub fn centre(&self, v: usize) -> (f64, f64) {
        self.boxes.get(v).map_or((0.0, 0.0), |(x, y)| (x + BOX.0 / 2.0, y + BOX.1 / 2.0))
    }

    /// The box that holds a point.
    pub fn at(&self, x: f64, y: f64) -> Option<usize> {
        self.boxes.iter().position(|b| x >= b.0 && x <= b.0 + BOX.0 && y >= b.1 && y <= b.1 + BOX.1)
    }

    /// The nearest box in a direction, (1, 0) being right and (0, 1) down.
    pub fn step(&self, from: usize, direction: (f64, f64)) -> Option<usize> {
        let (x, y) = self.centre(from);
        let distance = |v: &usize| {
            let (dx, dy) = (self.centre(*v).0 - x, self.centre(*v).1 - y);
            let along = dx * direction.0 + dy * direction.1;
            let across = (dx * direction.1).abs() + (dy * direction.0).abs();
            (along > 1.0).then_some(along + 2.5 * across)
        };
        let near = (0..self.boxes.len()).filter_map(|v| distance(&v).map(|d| (d, v)));
        near.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))).map(|(_, v)| v)
    }
}
