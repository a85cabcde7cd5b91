//! Fragile pairs: two failures that together stop a journey although neither does alone (`scoring.md` §1.3).

use crate::impact::Impact;
use crate::lanes::{Lanes, Word, bit, is_set, or};
use crate::system::System;
use loadline_model::num;

/// Longest list shown.
const SHOWN: usize = 50;
/// Things tried against each other, those that fail most first.
const TRIED: usize = 512;
/// Node visits the search may cost; beyond it fewer things are tried.
const BUDGET: usize = 100_000_000;

/// Two nodes, the journeys they stop together, and the order of the list.
pub(crate) struct Pair {
    pub(crate) first: u32,
    pub(crate) second: u32,
    pub(crate) lost: Vec<u32>,
    pub(crate) risk: f64,
}

/// The riskiest pairs: product of unavailabilities and weight, then ids.
pub(crate) fn find(system: &System, impacts: &[Impact], unavailability: &[f64]) -> Vec<Pair> {
    let nodes = candidates(system, impacts, unavailability);
    let pairs: Vec<(u32, u32)> = nodes
        .iter()
        .enumerate()
        .flat_map(|(i, a)| nodes[i + 1..].iter().map(move |b| (*a.min(b), *a.max(b))))
        .collect();
    let mut lanes = Lanes::<4>::new(system);
    let mut found = Vec::new();
    for chunk in pairs.chunks(Lanes::<4>::COUNT) {
        let failed: Vec<(u32, Word<4>)> =
            chunk.iter().enumerate().flat_map(|(lane, (a, b))| [(*a, bit(lane)), (*b, bit(lane))]).collect();
        lanes.run(system, &failed);
        let stopped: Vec<(u32, Word<4>)> = (0u32..)
            .zip(&system.journeys)
            .filter(|(_, journey)| !journey.broken)
            .map(|(j, journey)| (j, lanes.stopped(journey)))
            .collect();
        if stopped.iter().fold([0; 4], |any, (_, w)| or(any, *w)) == [0; 4] {
            continue;
        }
        for (lane, (a, b)) in chunk.iter().enumerate() {
            let alone = |j: &u32| [a, b].iter().any(|v| impacts[**v as usize].lost.binary_search(j).is_ok());
            let lost: Vec<u32> =
                stopped.iter().filter(|(_, w)| is_set(w, lane)).map(|(j, _)| *j).filter(|j| !alone(j)).collect();
            if !lost.is_empty() {
                let weight = crate::impact::weight(system, &lost);
                let risk = num::round9(unavailability[*a as usize] * unavailability[*b as usize] * weight);
                found.push(Pair { first: *a, second: *b, lost, risk });
            }
        }
    }
    // Nodes are in id order, so their indices break ties by id.
    found.sort_by(|p, q| num::cmp9(q.risk, p.risk).then_with(|| (p.first, p.second).cmp(&(q.first, q.second))));
    found.truncate(SHOWN);
    found
}

/// Things whose failure can be half of a pair: on the hard path of a journey that they do not stop alone.
fn candidates(system: &System, impacts: &[Impact], unavailability: &[f64]) -> Vec<u32> {
    let hard = system.hard_only().reached(system.footing(0..system.journeys.len()));
    let whole: usize = system.journeys.iter().filter(|j| !j.broken).count();
    let survives = |v: &u32| {
        let lost = impacts[*v as usize].lost.iter().filter(|j| !system.journeys[**j as usize].broken).count();
        lost < whole
    };
    let mut nodes: Vec<u32> =
        (0..system.elements() as u32).filter(|v| hard[*v as usize] && system.is_candidate(*v) && survives(v)).collect();
    nodes.sort_by(|a, b| num::cmp9(unavailability[*b as usize], unavailability[*a as usize]).then_with(|| a.cmp(b)));
    let runs = BUDGET / system.resting.len().max(1);
    let affordable = num::sqrt((2 * runs * Lanes::<4>::COUNT) as f64) as usize;
    nodes.truncate(TRIED.min(affordable));
    nodes
}
