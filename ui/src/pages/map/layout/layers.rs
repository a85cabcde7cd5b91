//! Layer of each shape: the longest path from the top over the ties. Loops are cut where a depth-first walk closes them.

use crate::pages::map::drawn::{Drawn, Tie};
use loadline_model::Kind;
use std::collections::BTreeSet;

/// Layers that a window can show. A longer chain shares them: neighbours of it then stand side by side.
const DEEPEST: usize = 12;
/// Square of the layers that give parts the shape of a window, for each shape: above and below in it says little of parts.
const OF_PARTS: f64 = 1.1;

/// The layers of a drawing.
pub struct Layers {
    /// Layer of each shape, from 0 without holes.
    pub of: Vec<usize>,
    /// For each line: it leads upwards because it closes a loop.
    pub back: Vec<bool>,
}

/// Layers such that every line that closes no loop leads down, and a copy that nothing else feeds stands beside its source.
pub fn of(drawn: &Drawn) -> Layers {
    let n = drawn.shapes.len();
    let mut below = vec![Vec::new(); n];
    for (i, line) in drawn.lines.iter().enumerate() {
        below[line.from].push((line.to, i));
    }
    let order = finished(&below);
    let mut place = vec![0; n];
    for (at, v) in order.iter().enumerate() {
        place[*v] = at;
    }
    let back: Vec<bool> = drawn.lines.iter().map(|l| place[l.from] >= place[l.to]).collect();
    let mut fed = vec![false; n];
    for (line, back) in drawn.lines.iter().zip(&back) {
        fed[line.to] |= !back && line.tie != Tie::Copy;
    }
    let descend = |layer: &mut [usize]| {
        for v in &order {
            for (w, i) in below[*v].iter().filter(|(_, i)| !back[*i]) {
                let step = usize::from(drawn.lines[*i].tie != Tie::Copy || fed[*w]);
                layer[*w] = layer[*w].max(layer[*v] + step);
            }
        }
    };
    let mut layer = vec![0usize; n];
    descend(&mut layer);
    for (v, at) in lowered(drawn, &below, &back, &layer) {
        layer[v] = at;
    }
    descend(&mut layer);
    let deepest = layer.iter().max().map_or(0, |last| last + 1);
    let parts = drawn.shapes.iter().any(|s| s.part.is_some());
    let most = if parts { (n as f64 * OF_PARTS).sqrt().ceil() as usize } else { DEEPEST };
    if deepest > most {
        layer.iter_mut().for_each(|at| *at = *at * most / deepest);
    }
    let used: Vec<usize> = layer.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    Layers { of: layer.iter().map(|l| used.partition_point(|u| u < l)).collect(), back }
}

/// What no request enters (a worker, say) stands just above what it needs, not among the entry points.
fn lowered(drawn: &Drawn, below: &[Vec<(usize, usize)>], back: &[bool], layer: &[usize]) -> Vec<(usize, usize)> {
    let mut entered = vec![false; layer.len()];
    drawn.lines.iter().zip(back).filter(|(_, back)| !**back).for_each(|(l, _)| entered[l.to] = true);
    let is_entry = |kind| matches!(kind, Kind::Entrypoint | Kind::Dns | Kind::Cdn | Kind::LoadBalancer);
    (0..layer.len())
        .filter(|v| !entered[*v] && !is_entry(drawn.shapes[*v].kind))
        .filter_map(|v| {
            let forward = below[v].iter().filter(|(_, i)| !back[*i]);
            let needs = forward.filter(|(_, i)| !matches!(drawn.lines[*i].tie, Tie::Member | Tie::Copy));
            needs.map(|(w, _)| layer[*w]).min().map(|highest| (v, highest.saturating_sub(1)))
        })
        .collect()
}

/// Reverse finishing order of a depth-first walk, sources first.
fn finished(below: &[Vec<(usize, usize)>]) -> Vec<usize> {
    let n = below.len();
    let mut has_above = vec![false; n];
    below.iter().flatten().for_each(|(w, _)| has_above[*w] = true);
    let roots = (0..n).filter(|v| !has_above[*v]).chain((0..n).filter(|v| has_above[*v]));
    let (mut seen, mut order) = (vec![false; n], Vec::new());
    for root in roots {
        let mut stack = vec![(root, 0)];
        if std::mem::replace(&mut seen[root], true) {
            continue;
        }
        while let Some((v, next)) = stack.pop() {
            match below[v].get(next) {
                Some((w, _)) => {
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
