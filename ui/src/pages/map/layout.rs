//! Where everything stands: longest-path layers, barycentre order, one column per zone with what has no zone between
//! them. Pure and deterministic: the same graph gives the same picture.

use super::drawn::{Drawn, Line, Tie};
use loadline_model::{Kind, SubjectId};
use std::collections::BTreeMap;

/// Size of a thing.
pub const BOX: (f64, f64) = (138.0, 44.0);
/// Size of a journey.
pub const JOURNEY: (f64, f64) = (150.0, 38.0);
const GAP: (f64, f64) = (16.0, 44.0);
/// Air inside a zone's band.
const AIR: f64 = 16.0;
/// Height of a band's label.
const LABEL: f64 = 30.0;
const SWEEPS: usize = 8;
/// Things side by side in all columns together, before a layer takes another row.
const ABREAST: usize = 6;

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

/// The finished picture; boxes and journeys by their upper left corner.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    pub drawn: Drawn,
    pub width: f64,
    pub height: f64,
    pub boxes: Vec<(f64, f64)>,
    pub layers: Vec<usize>,
    pub journeys: Vec<(f64, f64)>,
    pub bands: Vec<Band>,
}

/// Lays a drawing out.
pub fn layout(drawn: Drawn) -> Scene {
    let layers = rows(&drawn, &layers(&drawn));
    let columns = Columns::of(&drawn, &layers);
    let order = ordered(&drawn, &layers, &columns);
    let journeys_width = drawn.journeys.len() as f64 * (JOURNEY.0 + GAP.0) - GAP.0;
    let width = columns.width.max(journeys_width).max(BOX.0);
    let shift = (width - columns.width) / 2.0;
    let top = if drawn.journeys.is_empty() { 0.0 } else { JOURNEY.1 + GAP.1 };
    let head = if drawn.zones.is_empty() { 0.0 } else { LABEL };
    let xs = relaxed(&drawn, &layers, &columns, &order);
    let y_of = |layer: usize| top + head + layer as f64 * (BOX.1 + GAP.1);
    let boxes = xs.iter().zip(&layers).map(|(x, layer)| (x + shift, y_of(*layer))).collect();
    let rows = layers.iter().max().map_or(0, |last| last + 1);
    let height = y_of(rows) - if rows > 0 { GAP.1 - AIR } else { 0.0 };
    let bands = drawn
        .zones
        .iter()
        .enumerate()
        .map(|(z, (id, name))| {
            let (x, width) = columns.zone(z);
            Band { id: id.clone(), name: name.clone(), x: x + shift, y: top, width, height: height - top }
        })
        .collect();
    let step = width / drawn.journeys.len().max(1) as f64;
    let journeys = (0..drawn.journeys.len()).map(|j| (step * (j as f64 + 0.5) - JOURNEY.0 / 2.0, 0.0)).collect();
    Scene { width, height, boxes, layers, journeys, bands, drawn }
}

/// Ties that set layers: copies stand beside their source instead.
fn downward(drawn: &Drawn) -> impl Iterator<Item = &Line> {
    drawn.lines.iter().filter(|l| l.tie != Tie::Copy)
}

/// Layer of each shape: the longest path from the top over the ties, cycles cut where they close.
fn layers(drawn: &Drawn) -> Vec<usize> {
    let n = drawn.shapes.len();
    let mut below = vec![Vec::new(); n];
    for line in downward(drawn) {
        below[line.from].push(line.to);
    }
    let order = finished(&below);
    let mut place = vec![0; n];
    for (at, v) in order.iter().enumerate() {
        place[*v] = at;
    }
    let mut fed = vec![false; n];
    let mut layer = vec![0usize; n];
    // Ties against the order close a cycle.
    let mut descend = |layer: &mut [usize]| {
        for v in &order {
            for w in below[*v].iter().filter(|w| place[**w] > place[*v]) {
                layer[*w] = layer[*w].max(layer[*v] + 1);
                fed[*w] = true;
            }
        }
    };
    descend(&mut layer);
    // What no request enters (a worker, say) stands just above what it needs, not among the entry points.
    let lowered: Vec<(usize, usize)> = (0..n)
        .filter(|v| !matches!(drawn.shapes[*v].kind, Kind::Entrypoint | Kind::Dns | Kind::Cdn | Kind::LoadBalancer))
        .filter(|v| !drawn.lines.iter().any(|l| l.to == *v && l.tie != Tie::Copy))
        .filter_map(|v| {
            let needs = drawn
                .lines
                .iter()
                .filter(|l| l.from == v && !matches!(l.tie, Tie::Member | Tie::Copy))
                .map(|l| layer[l.to]);
            needs.min().map(|highest| (v, highest.saturating_sub(1)))
        })
        .collect();
    for (v, at) in lowered {
        layer[v] = at;
    }
    descend(&mut layer);
    for line in drawn.lines.iter().filter(|l| l.tie == Tie::Copy && !fed[l.to]) {
        layer[line.to] = layer[line.from];
    }
    let used: BTreeMap<usize, usize> =
        layer.iter().copied().collect::<std::collections::BTreeSet<_>>().into_iter().zip(0..).collect();
    layer.iter().map(|l| used.get(l).copied().unwrap_or(*l)).collect()
}

/// Rows of the layers: where a column would grow too wide, its layer takes several rows.
fn rows(drawn: &Drawn, layers: &[usize]) -> Vec<usize> {
    let share = ABREAST / (drawn.zones.len() + 1);
    let mut cells: BTreeMap<usize, BTreeMap<Option<&SubjectId>, Vec<usize>>> = BTreeMap::new();
    for (v, layer) in layers.iter().enumerate() {
        cells.entry(*layer).or_default().entry(drawn.shapes[v].zone.as_ref()).or_default().push(v);
    }
    let (mut rows, mut first) = (vec![0; layers.len()], 0);
    for columns in cells.values_mut() {
        let mut taken = 1;
        for (zone, cell) in columns {
            cell.sort_by_key(|v| (drawn.shapes[*v].kind, &drawn.shapes[*v].id));
            let most = share.max(if zone.is_some() { 2 } else { 3 });
            let needed = cell.len().div_ceil(most);
            let each = cell.len().div_ceil(needed.max(1)).max(1);
            for (i, v) in cell.iter().enumerate() {
                rows[*v] = first + i / each;
            }
            taken = taken.max(needed);
        }
        first += taken;
    }
    rows
}

/// Reverse finishing order of a depth-first walk, sources first.
fn finished(below: &[Vec<usize>]) -> Vec<usize> {
    let n = below.len();
    let mut has_above = vec![false; n];
    below.iter().flatten().for_each(|w| has_above[*w] = true);
    let roots = (0..n).filter(|v| !has_above[*v]).chain((0..n).filter(|v| has_above[*v]));
    let (mut seen, mut order) = (vec![false; n], Vec::new());
    for root in roots {
        let mut stack = vec![(root, 0)];
        if std::mem::replace(&mut seen[root], true) {
            continue;
        }
        while let Some((v, next)) = stack.pop() {
            match below[v].get(next) {
                Some(w) => {
                    stack.push((v, next + 1));
                    if !std::mem::replace(&mut seen[*w], true) {
                        stack.push((*w, 0));
                    }
                }
                None => order.push(v),
            }
        }
    }
    order.reverse();
    order
}

/// Columns from left to right: half of the zones, what has no zone, the other zones.
struct Columns {
    /// Column of each shape.
    of: Vec<usize>,
    /// Left edge of the first box and room for boxes, by column.
    room: Vec<(f64, f64)>,
    /// Column of each zone.
    zones: Vec<usize>,
    width: f64,
}

impl Columns {
    fn of(drawn: &Drawn, layers: &[usize]) -> Self {
        let middle = drawn.zones.len() / 2;
        let zones: Vec<usize> = (0..drawn.zones.len()).map(|z| if z < middle { z } else { z + 1 }).collect();
        let zone_of = |id: &SubjectId| drawn.zones.iter().position(|(zone, _)| zone == id);
        let of: Vec<usize> = drawn
            .shapes
            .iter()
            .map(|s| s.zone.as_ref().and_then(zone_of).and_then(|z| zones.get(z).copied()).unwrap_or(middle))
            .collect();
        let mut most = vec![0usize; drawn.zones.len() + 1];
        let mut count: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        for (column, layer) in of.iter().zip(layers) {
            let n = count.entry((*column, *layer)).or_default();
            *n += 1;
            most[*column] = most[*column].max(*n);
        }
        let (mut room, mut x) = (Vec::new(), 0.0);
        for (column, most) in most.iter().enumerate() {
            let width = (*most as f64 * (BOX.0 + GAP.0) - GAP.0).max(0.0);
            let air = if column == middle { 0.0 } else { AIR };
            room.push((x + air, width));
            x += if *most == 0 { 0.0 } else { width + 2.0 * air + GAP.0 };
        }
        Self { of, room, zones, width: (x - GAP.0).max(0.0) }
    }
    /// Left edge and width of a zone's band.
    fn zone(&self, zone: usize) -> (f64, f64) {
        let (x, width) = self.zones.get(zone).and_then(|c| self.room.get(*c)).copied().unwrap_or_default();
        (x - AIR, width + 2.0 * AIR)
    }
}

/// Shapes of each cell (layer, column) from left to right, by the mean place of their neighbours.
fn ordered(drawn: &Drawn, layers: &[usize], columns: &Columns) -> BTreeMap<(usize, usize), Vec<usize>> {
    let mut cells: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for (v, cell) in layers.iter().copied().zip(columns.of.iter().copied()).enumerate() {
        cells.entry(cell).or_default().push(v);
    }
    let mut x: Vec<f64> = vec![0.0; drawn.shapes.len()];
    let place = |cells: &BTreeMap<(usize, usize), Vec<usize>>, x: &mut [f64]| {
        for ((_, column), cell) in cells {
            let (left, width) = columns.room[*column];
            for (i, v) in cell.iter().enumerate() {
                x[*v] = left + width * (i as f64 + 0.5) / cell.len() as f64;
            }
        }
    };
    place(&cells, &mut x);
    for sweep in 0..SWEEPS {
        let downwards = sweep % 2 == 0;
        let means: Vec<f64> =
            (0..x.len()).map(|v| mean_of(drawn, layers, &x, v, Some(downwards)).unwrap_or(x[v])).collect();
        for cell in cells.values_mut() {
            cell.sort_by(|a, b| {
                means[*a].total_cmp(&means[*b]).then_with(|| drawn.shapes[*a].id.cmp(&drawn.shapes[*b].id))
            });
        }
        place(&cells, &mut x);
    }
    cells
}

/// Mean place of a shape's neighbours: above, below, or both.
fn mean_of(drawn: &Drawn, layers: &[usize], x: &[f64], v: usize, above: Option<bool>) -> Option<f64> {
    let others = drawn.lines.iter().filter_map(|l| match (l.from == v, l.to == v) {
        (true, _) => Some(l.to),
        (_, true) => Some(l.from),
        _ => None,
    });
    let wanted = others.filter(|w| match above {
        Some(true) => layers[*w] < layers[v],
        Some(false) => layers[*w] > layers[v],
        None => true,
    });
    let (sum, n) = wanted.fold((0.0, 0), |(sum, n), w| (sum + x[w], n + 1));
    (n > 0).then(|| sum / f64::from(n))
}

/// Left edges: each box as near to its neighbours as order and room allow.
fn relaxed(
    drawn: &Drawn,
    layers: &[usize],
    columns: &Columns,
    order: &BTreeMap<(usize, usize), Vec<usize>>,
) -> Vec<f64> {
    let step = BOX.0 + GAP.0;
    let mut x = vec![0.0; drawn.shapes.len()];
    for ((_, column), cell) in order {
        let (left, width) = columns.room[*column];
        let used = cell.len() as f64 * step - GAP.0;
        for (i, v) in cell.iter().enumerate() {
            x[*v] = left + (width - used) / 2.0 + i as f64 * step;
        }
    }
    for _ in 0..SWEEPS {
        for ((_, column), cell) in order {
            let (left, width) = columns.room[*column];
            let wanted: Vec<f64> = cell.iter().map(|v| mean_of(drawn, layers, &x, *v, None).unwrap_or(x[*v])).collect();
            let mut from_left = Vec::new();
            let mut least = left;
            for want in &wanted {
                let at = want.max(least);
                from_left.push(at);
                least = at + step;
            }
            let mut most = left + width - BOX.0;
            for (i, v) in cell.iter().enumerate().rev() {
                x[*v] = from_left[i].min(most).max(left + i as f64 * step);
                most = x[*v] - step;
            }
        }
    }
    x
}

impl Scene {
    /// Middle of a box.
    pub fn centre(&self, v: usize) -> (f64, f64) {
        self.boxes.get(v).map_or((0.0, 0.0), |(x, y)| (x + BOX.0 / 2.0, y + BOX.1 / 2.0))
    }

    /// Path data of a line between two boxes.
    pub fn curve(&self, from: usize, to: usize) -> String {
        let ((ax, ay), (bx, by)) = (self.centre(from), self.centre(to));
        let half = (BOX.0 / 2.0, BOX.1 / 2.0);
        if (ay - by).abs() < 1.0 {
            let side = if bx > ax { 1.0 } else { -1.0 };
            let (a, b) = (ax + side * half.0, bx - side * half.0);
            if (a - b).abs() < BOX.0 {
                return format!("M{a:.1} {ay:.1}L{b:.1} {by:.1}");
            }
            let dip = ay + half.1 + 22.0;
            return format!("M{ax:.1} {:.1}C{ax:.1} {dip:.1} {bx:.1} {dip:.1} {bx:.1} {:.1}", ay + half.1, by + half.1);
        }
        let down = if by > ay { 1.0 } else { -1.0 };
        let (a, b) = (ay + down * half.1, by - down * half.1);
        let bend = (b - a) * 0.5;
        format!("M{ax:.1} {a:.1}C{ax:.1} {:.1} {bx:.1} {:.1} {bx:.1} {b:.1}", a + bend, b - bend)
    }

    /// Path data of the line from a journey to what it needs.
    pub fn journey_curve(&self, journey: usize, to: usize) -> String {
        let (x, y) = self.journeys.get(journey).copied().unwrap_or_default();
        let (ax, ay) = (x + JOURNEY.0 / 2.0, y + JOURNEY.1);
        let (bx, by) = (self.centre(to).0, self.centre(to).1 - BOX.1 / 2.0);
        let bend = (by - ay) * 0.4;
        format!("M{ax:.1} {ay:.1}C{ax:.1} {:.1} {bx:.1} {:.1} {bx:.1} {by:.1}", ay + bend, by - bend)
    }

    /// Path data of the arc of a fragile pair: it swings out so that it is not taken for a tie.
    pub fn arc(&self, a: usize, b: usize) -> String {
        let ((ax, ay), (bx, by)) = (self.centre(a), self.centre(b));
        let level = (ay - by).abs() < 1.0;
        let (mx, my) = ((ax + bx) / 2.0, (ay + by) / 2.0);
        let (cx, cy) = if level { (mx, my - 64.0) } else { (mx + 96.0, my) };
        let lift = if level { BOX.1 / 2.0 } else { 0.0 };
        format!("M{ax:.1} {:.1}Q{cx:.1} {cy:.1} {bx:.1} {:.1}", ay - lift, by - lift)
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
