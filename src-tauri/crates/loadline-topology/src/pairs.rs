//! Fragile pairs: two failures that together stop a journey although neither does alone (`scoring.md` §1.3).

use crate::impact::Impact;
use crate::lanes::{Lanes, Word, bit, is_set, or};
use crate::system::{System, Threshold};
use loadline_model::num;

/// Longest list shown.
const SHOWN: usize = 50;
/// Failures of one group or way tried against each other, those that happen most first.
const TRIED: usize = 256;
/// Pairs collected, and pairs tried, those that happen most first.
const COLLECTED: usize = 1_000_000;
const PAIRS: usize = 131_072;
/// Node visits the search may cost; beyond it fewer pairs are tried.
const BUDGET: usize = 200_000_000;

/// Two nodes, the journeys they stop together, and the order of the list.
pub(crate) struct Pair {
    pub(crate) first: u32,
    pub(crate) second: u32,
    pub(crate) lost: Vec<u32>,
    pub(crate) risk: f64,
}

/// The riskiest pairs: product of unavailabilities and weight, then ids.
pub(crate) fn find(system: &System, impacts: &[Impact], unavailability: &[f64]) -> Vec<Pair> {
    let mut pairs = candidate_pairs(system, impacts, unavailability);
    let chance = |(a, b): &(u32, u32)| unavailability[*a as usize] * unavailability[*b as usize];
    pairs.sort_by(|p, q| num::cmp9(chance(q), chance(p)).then_with(|| p.cmp(q)));
    pairs.truncate(PAIRS.min((BUDGET / system.resting.len().max(1)).saturating_mul(Lanes::<4>::COUNT)));
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

/// Pairs that can matter. Two failures stop more together than each alone only where both take members of one group that tolerates
/// each, or both cut ways of reaching: the first thing that fails by both and by neither alone is such a group or such a way.
fn candidate_pairs(system: &System, impacts: &[Impact], unavailability: &[f64]) -> Vec<(u32, u32)> {
    let mut nodes = candidates(system, impacts);
    nodes.sort_by(|a, b| num::cmp9(unavailability[*b as usize], unavailability[*a as usize]).then_with(|| a.cmp(b)));
    let groups: Vec<&Threshold> = (0..system.size() as u32)
        .filter(|v| system.position[*v as usize] != u32::MAX)
        .flat_map(|v| system.thresholds_of(v))
        .filter(|group| group.slack > 0)
        .collect();
    let on_way = system.on_way();
    // Who takes how many members of each group; the last list is of those who cut ways.
    let mut hits: Vec<Vec<(u32, i32)>> = vec![Vec::new(); groups.len() + 1];
    let mut lanes = Lanes::<4>::new(system);
    for chunk in nodes.chunks(Lanes::<4>::COUNT) {
        let failed: Vec<(u32, Word<4>)> = chunk.iter().enumerate().map(|(lane, v)| (*v, bit(lane))).collect();
        lanes.run(system, &failed);
        let (ways, of_groups) =
            hits.split_last_mut().map_or((&mut [][..], &mut [][..]), |(w, g)| (std::slice::from_mut(w), g));
        for (group, list) in groups.iter().zip(of_groups) {
            note(list, chunk, group.members.iter().map(|m| &lanes.down[*m as usize]));
        }
        for list in ways {
            note(list, chunk, on_way.iter().map(|v| &lanes.down[*v as usize]));
        }
    }
    let mut pairs = Vec::new();
    let slack = groups.iter().map(|g| g.slack).chain([0]);
    for (list, slack) in hits.iter().zip(slack) {
        if pairs.len() > COLLECTED {
            break;
        }
        let list = &list[..list.len().min(TRIED)];
        for (i, (a, taken)) in list.iter().enumerate() {
            let enough = list[i + 1..].iter().filter(|(_, more)| taken + more > slack);
            pairs.extend(enough.map(|(b, _)| (*a.min(b), *a.max(b))));
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// Adds who of the chunk takes how many of these down.
fn note<'l>(list: &mut Vec<(u32, i32)>, chunk: &[u32], down: impl Iterator<Item = &'l Word<4>>) {
    let words: Vec<&Word<4>> = down.filter(|w| **w != [0; 4]).collect();
    if words.is_empty() {
        return;
    }
    for (lane, v) in chunk.iter().enumerate() {
        let taken = words.iter().filter(|w| is_set(w, lane)).count();
        if taken > 0 {
            list.push((*v, i32::try_from(taken).unwrap_or(i32::MAX / 2)));
        }
    }
}

/// Things whose failure can be half of a pair: on the hard path of a journey that they do not stop alone.
fn candidates(system: &System, impacts: &[Impact]) -> Vec<u32> {
    let hard = system.hard_only().reached(system.footing(0..system.journeys.len()));
    let whole: usize = system.journeys.iter().filter(|j| !j.broken).count();
    let survives = |v: &u32| {
        let lost = impacts[*v as usize].lost.iter().filter(|j| !system.journeys[**j as usize].broken).count();
        lost < whole
    };
    let nodes = 0..system.elements() as u32;
    nodes.filter(|v| hard[*v as usize] && system.is_candidate(*v) && survives(v)).collect()
}
