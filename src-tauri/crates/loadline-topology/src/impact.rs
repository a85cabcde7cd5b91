//! Which journeys each single failure stops or degrades.

use crate::lanes::{Lanes, Word, bit, is_set};
use crate::system::System;
use loadline_model::{Graph, SubjectId, num};

/// Journeys by index, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Impact {
    pub(crate) lost: Vec<u32>,
    pub(crate) degraded: Vec<u32>,
}

impl Impact {
    /// Share of journeys lost: the blast radius.
    pub(crate) fn blast(&self, system: &System) -> f64 {
        weight(system, &self.lost)
    }
    /// Share of journeys that only degrade.
    pub(crate) fn soft(&self, system: &System) -> f64 {
        weight(system, &self.degraded)
    }
    /// Both failures' journeys; lost beats degraded.
    pub(crate) fn joined(&self, other: &Self) -> Self {
        let mut lost = [self.lost.as_slice(), &other.lost].concat();
        lost.sort_unstable();
        lost.dedup();
        let mut degraded = [self.degraded.as_slice(), &other.degraded].concat();
        degraded.sort_unstable();
        degraded.dedup();
        degraded.retain(|j| lost.binary_search(j).is_err());
        Self { lost, degraded }
    }
}

/// Weight of journeys, summed in their order so that equal sets give equal numbers; never above 1.
pub(crate) fn weight(system: &System, journeys: &[u32]) -> f64 {
    let sum: f64 = journeys.iter().map(|j| system.journeys[*j as usize].weight).sum();
    num::round9(sum.clamp(0.0, 1.0))
}

/// The impact of each node's own failure, by node; nodes no journey rests on stop nothing.
pub(crate) fn impacts(system: &System) -> Vec<Impact> {
    let mut found = vec![Impact::default(); system.elements()];
    let mut nodes: Vec<u32> =
        (0..system.elements() as u32).filter(|v| system.position[*v as usize] != u32::MAX).collect();
    // Neighbours in the order share a chunk: what comes before a chunk's first node cannot be affected by it.
    nodes.sort_by_key(|v| system.position[*v as usize]);
    let mut lanes = Lanes::<4>::new(system);
    for chunk in nodes.chunks(Lanes::<4>::COUNT) {
        let failed: Vec<(u32, Word<4>)> = chunk.iter().enumerate().map(|(lane, v)| (*v, bit(lane))).collect();
        lanes.run(system, &failed);
        for (j, journey) in system.journeys.iter().enumerate() {
            let (lost, degraded) = (lanes.lost(system, journey), lanes.degraded(journey));
            if lost == [0; 4] && degraded == [0; 4] {
                continue;
            }
            for (lane, v) in chunk.iter().enumerate() {
                if is_set(&lost, lane) {
                    found[*v as usize].lost.push(j as u32);
                } else if is_set(&degraded, lane) {
                    found[*v as usize].degraded.push(j as u32);
                }
            }
        }
    }
    found
}

/// Every single point of failure with its blast radius, largest first, then by id (`scoring.md` §1.3).
///
/// Only nodes that some journey rests on are tried. This is exact: a failure propagates only to nodes that need the failed one, directly
/// or through others, and to nodes reached through it; a node outside the needs of every journey and outside every way to them is
/// therefore in no failure that stops a journey. What is tried is decided by the fixed point itself, 256 failures at a time
/// (`lanes.rs`), so groups, shared fate, cycles and reachability need no special case.
pub fn single_failure_sets(graph: &Graph) -> Vec<(SubjectId, f64)> {
    let system = System::new(graph);
    let mut sets: Vec<(SubjectId, f64)> = impacts(&system)
        .iter()
        .enumerate()
        .filter(|(v, impact)| !impact.lost.is_empty() && system.is_candidate(*v as u32))
        .map(|(v, impact)| (system.ids[v].clone(), impact.blast(&system)))
        .filter(|(_, blast)| *blast > 0.0)
        .collect();
    sets.sort_by(|a, b| num::cmp9(b.1, a.1).then_with(|| a.0.cmp(&b.0)));
    sets
}
