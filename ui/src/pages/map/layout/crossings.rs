//! An order of each layer in which few ties cross: barycentre sweeps down and up, the best order kept, then neighbours
//! exchanged where that helps. The number of steps is fixed, so the same net always ends in the same order.

use super::net::{Cell, Net};
use std::collections::BTreeMap;

/// Sweeps, down and up in turn.
const SWEEPS: usize = 24;
/// Rounds of exchanges.
const EXCHANGES: usize = 4;

/// Items of each cell from left to right.
pub type Order = BTreeMap<Cell, Vec<usize>>;

/// The best order found; never worse than the order of the shapes.
pub fn ordered(net: &Net) -> Order {
    let mut order = net.cells();
    let room = room(net, &order);
    let mut best = (crossings(net, &order), order.clone());
    for sweep in 0..SWEEPS {
        let downwards = sweep % 2 == 0;
        let mut x = places(net, &order, &room);
        let layers: Vec<usize> = if downwards { (0..net.layers).collect() } else { (0..net.layers).rev().collect() };
        for layer in layers {
            let cells: Vec<Cell> = order.range((layer, 0)..(layer + 1, 0)).map(|(cell, _)| *cell).collect();
            for cell in cells {
                let Some(items) = order.get_mut(&cell) else { continue };
                sort(net, items, &x, downwards);
                spread(items, room[cell.1], &mut x);
            }
        }
        let found = crossings(net, &order);
        if found < best.0 {
            best = (found, order.clone());
        }
    }
    exchange(net, &mut best.1);
    best.1
}

/// Sorts a cell by the mean place of its neighbours above or below; who has none keeps its place.
fn sort(net: &Net, items: &mut [usize], x: &[f64], downwards: bool) {
    let around = if downwards { &net.up } else { &net.down };
    let wanted = |item: usize| {
        let near = &around[item];
        if near.is_empty() {
            let is_alone = net.up[item].is_empty() && net.down[item].is_empty();
            return net.beside[item].filter(|_| is_alone).map_or(x[item], |other| x[other]);
        }
        near.iter().map(|w| x[*w]).sum::<f64>() / near.len() as f64
    };
    let mut keyed: Vec<(f64, usize, usize)> = items.iter().enumerate().map(|(i, v)| (wanted(*v), i, *v)).collect();
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    for (slot, (_, _, item)) in items.iter_mut().zip(keyed) {
        *slot = item;
    }
}

/// Left edge and width of each column, in items.
fn room(net: &Net, order: &Order) -> Vec<(f64, f64)> {
    let mut most = vec![0usize; net.columns];
    for ((_, column), items) in order {
        most[*column] = most[*column].max(items.len());
    }
    let mut left = 0.0;
    most.into_iter()
        .map(|most| {
            let at = left;
            left += most as f64;
            (at, most as f64)
        })
        .collect()
}

fn spread(items: &[usize], (left, width): (f64, f64), x: &mut [f64]) {
    for (i, item) in items.iter().enumerate() {
        x[*item] = left + width * (i as f64 + 0.5) / items.len() as f64;
    }
}

fn places(net: &Net, order: &Order, room: &[(f64, f64)]) -> Vec<f64> {
    let mut x = vec![0.0; net.cell.len()];
    for ((_, column), items) in order {
        spread(items, room[*column], &mut x);
    }
    x
}

/// Place of each item within its layer, across all columns.
fn positions(net: &Net, order: &Order) -> Vec<usize> {
    let mut position = vec![0; net.cell.len()];
    let (mut layer, mut next) = (0, 0);
    for ((of, _), items) in order {
        if *of != layer {
            (layer, next) = (*of, 0);
        }
        for item in items {
            position[*item] = next;
            next += 1;
        }
    }
    position
}

/// Pairs of ties that cross, summed over all pairs of neighbouring layers. Ties without way-points count as if their ends
/// were neighbours.
pub fn crossings(net: &Net, order: &Order) -> usize {
    let position = positions(net, order);
    let mut ties: Vec<Vec<(usize, usize)>> = vec![Vec::new(); net.layers];
    for (v, below) in net.down.iter().enumerate() {
        ties[net.cell[v].0].extend(below.iter().map(|w| (position[v], position[*w])));
    }
    let widest = position.iter().max().map_or(1, |last| last + 2);
    ties.iter_mut()
        .map(|ties| {
            ties.sort_unstable();
            inversions(ties.iter().map(|(_, lower)| *lower), widest)
        })
        .sum()
}

/// Pairs out of order, by a binary indexed tree.
fn inversions(values: impl Iterator<Item = usize>, widest: usize) -> usize {
    let mut tree = vec![0usize; widest + 1];
    let (mut seen, mut found) = (0, 0);
    for value in values {
        let (mut at, mut at_most) = (value + 1, 0);
        while at > 0 {
            at_most += tree[at];
            at &= at - 1;
        }
        found += seen - at_most;
        seen += 1;
        let mut at = value + 1;
        while at < tree.len() {
            tree[at] += 1;
            at += at & at.wrapping_neg();
        }
    }
    found
}

/// Exchanges neighbours of a cell wherever fewer of their own ties then cross.
fn exchange(net: &Net, order: &mut Order) {
    let mut position = positions(net, order);
    for _ in 0..EXCHANGES {
        let mut changed = false;
        for items in order.values_mut() {
            for i in 1..items.len() {
                let (a, b) = (items[i - 1], items[i]);
                let now = between(&net.up, a, b, &position) + between(&net.down, a, b, &position);
                let then = between(&net.up, b, a, &position) + between(&net.down, b, a, &position);
                if then < now {
                    items.swap(i - 1, i);
                    position.swap(a, b);
                    changed = true;
                }
            }
        }
        if !changed {
            break;
        }
    }
}

/// Crossings between the ties of two items to one side, the first standing left of the second.
fn between(around: &[Vec<usize>], left: usize, right: usize, position: &[usize]) -> usize {
    let sorted = |item: usize| {
        let mut places: Vec<usize> = around[item].iter().map(|w| position[*w]).collect();
        places.sort_unstable();
        places
    };
    let (ours, theirs) = (sorted(left), sorted(right));
    ours.iter().map(|place| theirs.partition_point(|other| other < place)).sum()
}
