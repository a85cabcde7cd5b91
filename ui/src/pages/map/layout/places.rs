//! Places: each column as wide as its fullest layer, layers that would grow too wide stacked in rows, and every box as near
//! to its neighbours as order and room allow.

use super::crossings::Order;
use super::net::{Cell, Net};
use super::{AIR, BOX, GAP, Stacked, Way};
use std::collections::BTreeMap;

/// Things side by side that are tried, until the drawing has the shape of a window.
const ABREAST: [usize; 12] = [4, 6, 8, 11, 15, 20, 27, 36, 48, 64, 90, 125];
/// Width to height of the place for the drawing.
const ASPECT: f64 = 1.45;
/// Width of a way-point.
const WAY: f64 = 6.0;
/// Air between the rows of one layer.
const ROW: f64 = 14.0;
/// Rounds of moving towards neighbours.
const ROUNDS: usize = 10;

/// Where everything stands.
pub struct Placed {
    /// Middle and top of each box.
    pub boxes: Vec<(f64, f64)>,
    pub row: Vec<usize>,
    pub stacked: Vec<Stacked>,
    /// Way-points, without the boxes before them.
    pub ways: Vec<Way>,
    /// Left edge of the first box and room for boxes, by column.
    pub columns: Vec<(f64, f64)>,
    pub rows: usize,
    pub width: f64,
    pub bottom: f64,
}

/// A stack of boxes, or one way-point.
struct Slot {
    items: Vec<usize>,
    width: f64,
}

/// Places of an ordered net, its first layer at `top`.
pub fn of(net: &Net, order: &Order, top: f64) -> Placed {
    let share = shares(net);
    let slots: BTreeMap<Cell, Vec<Slot>> =
        order.iter().map(|(cell, items)| (*cell, slots(net, items, share[cell.1]))).collect();
    let (columns, width) = columns(net, &slots);
    let x = relaxed(net, &slots, &columns);
    let mut placed = Placed {
        boxes: vec![(0.0, 0.0); net.boxes],
        row: vec![0; net.boxes],
        stacked: vec![Stacked::default(); net.boxes],
        ways: vec![Way { x: 0.0, top: 0.0, bottom: 0.0 }; net.cell.len() - net.boxes],
        columns,
        rows: 0,
        width,
        bottom: top,
    };
    let mut y = top;
    for layer in 0..net.layers {
        let cells = || slots.range((layer, 0)..(layer + 1, 0)).flat_map(|(_, slots)| slots);
        let rows = cells().map(|s| s.items.len()).max().unwrap_or(1);
        let bottom = y + rows as f64 * (BOX.1 + ROW) - ROW;
        for slot in cells() {
            for (r, item) in slot.items.iter().enumerate() {
                if *item >= net.boxes {
                    placed.ways[*item - net.boxes] = Way { x: x[*item], top: y, bottom };
                    continue;
                }
                placed.boxes[*item] = (x[*item], y + r as f64 * (BOX.1 + ROW));
                placed.row[*item] = placed.rows + r;
                placed.stacked[*item] =
                    Stacked { below_others: r > 0, above_others: r + 1 < slot.items.len(), layer: (y, bottom) };
            }
        }
        placed.rows += rows;
        placed.bottom = bottom;
        y = bottom + gap_below(net, layer);
    }
    placed
}

/// Air below a layer: more where more ties pass.
fn gap_below(net: &Net, layer: usize) -> f64 {
    let ties: usize = (0..net.cell.len()).filter(|v| net.cell[*v].0 == layer).map(|v| net.down[v].len()).sum();
    GAP.1 + ((ties as f64).sqrt() * 6.0 - 12.0).clamp(0.0, 120.0)
}

/// Boxes side by side in each column, so that the whole has the shape of a window.
fn shares(net: &Net) -> Vec<usize> {
    let mut count: BTreeMap<Cell, usize> = BTreeMap::new();
    for cell in &net.cell[..net.boxes] {
        *count.entry(*cell).or_default() += 1;
    }
    let (mut total, mut most) = (vec![0usize; net.columns], vec![0usize; net.columns]);
    for ((_, column), n) in &count {
        total[*column] += n;
        most[*column] = most[*column].max(*n);
    }
    let middle = (net.columns - 1) / 2;
    let tried = ABREAST.iter().map(|abreast| {
        let share: Vec<usize> = (0..net.columns)
            .map(|c| {
                let least = if c == middle { 3 } else { 2 };
                let fair = (abreast * total[c]).div_ceil(net.boxes.max(1));
                fair.max(least).min(most[c].max(1))
            })
            .collect();
        let used = |c: &usize| total[*c] > 0;
        let width: f64 = (0..net.columns).filter(used).map(|c| share[c] as f64 * (BOX.0 + GAP.0) + 2.0 * AIR).sum();
        let mut rows = vec![0usize; net.layers];
        for ((layer, column), n) in &count {
            rows[*layer] = rows[*layer].max(n.div_ceil(share[*column]));
        }
        let between = |layer: usize| gap_below(net, layer);
        let height: f64 = (0..net.layers).map(|l| rows[l] as f64 * (BOX.1 + ROW) + between(l)).sum();
        let aspect = width / height.max(1.0) / ASPECT;
        (aspect.max(1.0 / aspect.max(1e-9)), share)
    });
    tried.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, share)| share).unwrap_or_default()
}

/// A cell's items from left to right, boxes stacked so that at most `share` stand side by side.
fn slots(net: &Net, items: &[usize], share: usize) -> Vec<Slot> {
    let boxes = items.iter().filter(|v| **v < net.boxes).count();
    let high = boxes.div_ceil(share.max(1)).max(1);
    let (mut slots, mut stack, mut waiting) = (Vec::new(), Vec::new(), Vec::new());
    let way = |item: usize| Slot { items: vec![item], width: WAY };
    for item in items {
        match (*item < net.boxes, stack.is_empty()) {
            (true, _) => stack.push(*item),
            (false, true) => slots.push(way(*item)),
            (false, false) => waiting.push(*item),
        }
        if stack.len() == high {
            slots.push(Slot { items: std::mem::take(&mut stack), width: BOX.0 });
            slots.extend(waiting.drain(..).map(way));
        }
    }
    if !stack.is_empty() {
        slots.push(Slot { items: stack, width: BOX.0 });
    }
    slots.extend(waiting.into_iter().map(way));
    slots
}

/// Left edge and room of each column, and the width of all.
fn columns(net: &Net, slots: &BTreeMap<Cell, Vec<Slot>>) -> (Vec<(f64, f64)>, f64) {
    let mut room = vec![0.0f64; net.columns];
    for ((_, column), slots) in slots {
        room[*column] = room[*column].max(slots.iter().map(|s| s.width + GAP.0).sum::<f64>() - GAP.0);
    }
    let middle = (net.columns - 1) / 2;
    let (mut columns, mut x) = (Vec::new(), 0.0);
    for (column, room) in room.into_iter().enumerate() {
        let air = if column == middle { 0.0 } else { AIR };
        columns.push((x + air, room));
        x += if room > 0.0 { room + 2.0 * air + GAP.0 } else { 0.0 };
    }
    (columns, (x - GAP.0).max(0.0))
}

/// Middle of every item.
fn relaxed(net: &Net, slots: &BTreeMap<Cell, Vec<Slot>>, columns: &[(f64, f64)]) -> Vec<f64> {
    let mut x = vec![0.0; net.cell.len()];
    for ((_, column), slots) in slots {
        let (left, room) = columns[*column];
        let used = slots.iter().map(|s| s.width + GAP.0).sum::<f64>() - GAP.0;
        let mut at = left + (room - used) / 2.0;
        for slot in slots {
            slot.items.iter().for_each(|item| x[*item] = at + slot.width / 2.0);
            at += slot.width + GAP.0;
        }
    }
    for round in 0..ROUNDS {
        let cells: Vec<(&Cell, &Vec<Slot>)> =
            if round % 2 == 0 { slots.iter().collect() } else { slots.iter().rev().collect() };
        for ((_, column), slots) in cells {
            let wanted: Vec<f64> = slots.iter().map(|slot| wanted(net, slot, &x)).collect();
            let middles = nearest(slots, &wanted, columns[*column]);
            for (slot, middle) in slots.iter().zip(middles) {
                slot.items.iter().for_each(|item| x[*item] = middle);
            }
        }
    }
    x
}

/// The mean place of a slot's neighbours; its own when it has none.
fn wanted(net: &Net, slot: &Slot, x: &[f64]) -> f64 {
    let around = slot.items.iter().flat_map(|v| net.up[*v].iter().chain(&net.down[*v]).chain(&net.beside[*v]));
    let (sum, n) = around.fold((0.0, 0), |(sum, n), w| (sum + x[*w], n + 1));
    if n == 0 { slot.items.first().map_or(0.0, |v| x[*v]) } else { sum / f64::from(n) }
}

/// Middles in order and without overlap, with the least sum of squared distances to what is wanted (pooled adjacent
/// violators), then kept inside the column.
fn nearest(slots: &[Slot], wanted: &[f64], (left, room): (f64, f64)) -> Vec<f64> {
    let mut offsets = Vec::with_capacity(slots.len());
    let mut at = 0.0;
    for slot in slots {
        offsets.push(at + slot.width / 2.0);
        at += slot.width + GAP.0;
    }
    let used = at - GAP.0;
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for (want, offset) in wanted.iter().zip(&offsets) {
        let mut pool = (want - offset, 1);
        while let Some((sum, n)) = pools.last().copied().filter(|(sum, n)| sum / *n as f64 >= pool.0 / pool.1 as f64) {
            pool = (pool.0 + sum, pool.1 + n);
            pools.pop();
        }
        pools.push(pool);
    }
    let starts = pools.into_iter().flat_map(|(sum, n)| std::iter::repeat_n(sum / n as f64, n));
    let last = left + (room - used).max(0.0);
    starts.zip(&offsets).map(|(start, offset)| start.clamp(left, last) + offset).collect()
}
