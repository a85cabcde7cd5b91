//! Availability algebra and the availability of journeys (`scoring.md` §1.4).

use crate::lanes::{Lanes, Word, bit, is_set};
use crate::system::System;
use loadline_model::{HOURS_PER_YEAR, JourneyAvailability, num};
use std::collections::{BTreeMap, BTreeSet};

/// Share of a member's failures it has in common with the others of its group: same image, configuration and deployment.
pub(crate) const COMMON_CAUSE: f64 = 0.10;
/// Uncertain elements up to which every combination is counted.
const EXACT_UP_TO: usize = 20;
/// Elements up to which every pair is tried.
const PAIRS_UP_TO: usize = 600;
/// Node visits one journey may cost.
const BUDGET: usize = 50_000_000;

/// All are needed: the product of availabilities.
pub fn series(availabilities: &[f64]) -> f64 {
    availabilities.iter().product()
}

/// One is enough, independent: one minus the product of unavailabilities.
pub fn parallel(availabilities: &[f64]) -> f64 {
    1.0 - availabilities.iter().map(|a| 1.0 - a).product::<f64>()
}

/// At least k of independent members, by dynamic programming over the number up; O(n k).
pub fn k_of_n(availabilities: &[f64], k: usize) -> f64 {
    let mut exactly = vec![0.0; availabilities.len() + 1];
    exactly[0] = 1.0;
    for (seen, a) in availabilities.iter().enumerate() {
        for up in (0..=seen).rev() {
            exactly[up + 1] += exactly[up] * a;
            exactly[up] *= 1.0 - a;
        }
    }
    exactly.iter().skip(k).sum::<f64>().clamp(0.0, 1.0)
}

/// Unavailability of a group of which k must be up, when the share `beta` of each member's unavailability is common to all
/// (beta-factor model; the mean of the members' for the common part).
pub fn common_cause(unavailabilities: &[f64], k: usize, beta: f64) -> f64 {
    if unavailabilities.is_empty() {
        return if k == 0 { 0.0 } else { 1.0 };
    }
    let own: Vec<f64> = unavailabilities.iter().map(|u| 1.0 - (1.0 - beta) * u).collect();
    let mean = unavailabilities.iter().sum::<f64>() / unavailabilities.len() as f64;
    (1.0 - k_of_n(&own, k) + beta * mean).clamp(0.0, 1.0)
}

/// Something that happens by chance: nodes that go down together.
struct Event {
    nodes: Vec<u32>,
    chance: f64,
}

/// Availability per journey; `unavailability` by node.
pub(crate) fn journeys(system: &System, unavailability: &[f64]) -> Vec<JourneyAvailability> {
    let hard = system.hard_only();
    let mut lanes = Lanes::<4>::new(system);
    (0..system.journeys.len())
        .map(|j| {
            let (unavailability, exact, gap) = if system.journeys[j].broken {
                (1.0, false, 0.0)
            } else {
                let events = events(system, &hard.reached(system.footing(std::iter::once(j))), unavailability);
                unavailable(system, &mut lanes, j, &events)
            };
            let unavailability = num::round9(unavailability.clamp(0.0, 1.0));
            JourneyAvailability {
                journey: system.journeys[j].name.clone(),
                unavailability,
                hours_per_year: num::round9(unavailability * HOURS_PER_YEAR),
                exact,
                bound_gap: num::round9(gap.max(0.0)),
            }
        })
        .collect()
}

/// Failures of single elements, and of whole groups by a common cause.
fn events(system: &System, matter: &[bool], unavailability: &[f64]) -> Vec<Event> {
    let mut grouped: BTreeSet<u32> = BTreeSet::new();
    let mut common: BTreeMap<&[u32], f64> = BTreeMap::new();
    for v in (0..system.elements() as u32).filter(|v| system.is_group[*v as usize] && matter[*v as usize]) {
        for group in system.thresholds_of(v).iter().filter(|t| t.members.len() > 1) {
            let members = group.members.as_slice();
            let chances = members.iter().map(|m| unavailability.get(*m as usize).copied().unwrap_or(0.0));
            let mean = chances.sum::<f64>() / members.len() as f64;
            common.insert(members, COMMON_CAUSE * mean);
            grouped.extend(members.iter().copied());
        }
    }
    let own = (0..system.elements() as u32).filter(|v| matter[*v as usize] && system.is_candidate(*v)).map(|v| {
        let share = if grouped.contains(&v) { 1.0 - COMMON_CAUSE } else { 1.0 };
        Event { nodes: vec![v], chance: share * unavailability[v as usize] }
    });
    let together = common.iter().map(|(members, chance)| Event { nodes: members.to_vec(), chance: *chance });
    own.chain(together).filter(|e| e.chance > 0.0).collect()
}

/// Unavailability of a journey, whether it is exact, and otherwise the gap to the Esary–Proschan bound.
fn unavailable(system: &System, lanes: &mut Lanes<4>, j: usize, events: &[Event]) -> (f64, bool, f64) {
    let (alone, rest): (Vec<&Event>, Vec<&Event>) = split_alone(system, lanes, j, events);
    // A failure that suffices alone needs no enumeration: the others matter only while none of these happened.
    let none_alone: f64 = alone.iter().map(|e| 1.0 - e.chance).product();
    let size = system.resting.len().max(1);
    let states = 1usize << rest.len().min(EXACT_UP_TO);
    if rest.len() <= EXACT_UP_TO && states.div_ceil(Lanes::<4>::COUNT).saturating_mul(size) <= BUDGET {
        return (1.0 - none_alone * (1.0 - enumerated(system, lanes, j, &rest)), true, 0.0);
    }
    let sum: f64 = alone.iter().map(|e| e.chance).sum();
    let pairs = rest.len().saturating_mul(rest.len()) / 2;
    let (cuts, order) = if rest.len() <= PAIRS_UP_TO && pairs.div_ceil(Lanes::<4>::COUNT).saturating_mul(size) <= BUDGET
    {
        (pair_cuts(system, lanes, j, &rest), 3)
    } else {
        (Vec::new(), 2)
    };
    // Cuts of higher order are not listed; together they are at most the chance that so many of the rest fail at once.
    let up: Vec<f64> = rest.iter().map(|e| 1.0 - e.chance).collect();
    let beyond = 1.0 - k_of_n(&up, (rest.len() + 1).saturating_sub(order));
    let bound = (sum + cuts.iter().sum::<f64>() + beyond).min(1.0);
    let proschan = (1.0 - none_alone * cuts.iter().map(|c| 1.0 - c).product::<f64>() + beyond).min(1.0);
    (bound, false, bound - proschan)
}

fn seeds(event: &Event, lanes: Word<4>) -> impl Iterator<Item = (u32, Word<4>)> {
    event.nodes.iter().map(move |v| (*v, lanes))
}

fn split_alone<'e>(
    system: &System,
    lanes: &mut Lanes<4>,
    j: usize,
    events: &'e [Event],
) -> (Vec<&'e Event>, Vec<&'e Event>) {
    let (mut alone, mut rest) = (Vec::new(), Vec::new());
    for chunk in events.chunks(Lanes::<4>::COUNT) {
        let failed: Vec<_> = chunk.iter().enumerate().flat_map(|(lane, e)| seeds(e, bit(lane))).collect();
        lanes.run(system, &failed);
        let stopped = lanes.stopped(&system.journeys[j]);
        for (lane, event) in chunk.iter().enumerate() {
            if is_set(&stopped, lane) { alone.push(event) } else { rest.push(event) }
        }
    }
    (alone, rest)
}

/// Chance that a combination of these stops the journey: every combination is tried, 256 at a time.
fn enumerated(system: &System, lanes: &mut Lanes<4>, j: usize, rest: &[&Event]) -> f64 {
    let inner = rest.len().min(8);
    let chance = |state: usize, events: &[&Event]| -> f64 {
        let one = |(i, e): (usize, &&Event)| if state >> i & 1 == 1 { e.chance } else { 1.0 - e.chance };
        events.iter().enumerate().map(one).product()
    };
    let patterns: Vec<Word<4>> = (0..inner)
        .map(|i| {
            let mut word = [0u64; 4];
            for lane in (0..256).filter(|lane| lane >> i & 1 == 1) {
                word[lane / 64] |= 1 << (lane % 64);
            }
            word
        })
        .collect();
    let inner_chances: Vec<f64> = (0..1usize << inner).map(|state| chance(state, &rest[..inner])).collect();
    let mut total = 0.0;
    for outer in 0..1usize << (rest.len() - inner) {
        let fixed = rest[inner..].iter().enumerate().filter(|(i, _)| outer >> i & 1 == 1);
        let mut failed: Vec<(u32, Word<4>)> = fixed.flat_map(|(_, e)| seeds(e, [!0; 4])).collect();
        failed.extend(rest[..inner].iter().zip(&patterns).flat_map(|(e, lanes)| seeds(e, *lanes)));
        lanes.run(system, &failed);
        let stopped = lanes.stopped(&system.journeys[j]);
        let inside: f64 =
            inner_chances.iter().enumerate().filter(|(lane, _)| is_set(&stopped, *lane)).map(|(_, c)| c).sum();
        total += inside * chance(outer, &rest[inner..]);
    }
    total
}

/// Chances of the pairs that stop the journey.
fn pair_cuts(system: &System, lanes: &mut Lanes<4>, j: usize, rest: &[&Event]) -> Vec<f64> {
    let pairs: Vec<(usize, usize)> = (0..rest.len()).flat_map(|a| (a + 1..rest.len()).map(move |b| (a, b))).collect();
    let mut cuts = Vec::new();
    for chunk in pairs.chunks(Lanes::<4>::COUNT) {
        let both = chunk.iter().enumerate();
        let failed: Vec<_> =
            both.flat_map(|(lane, (a, b))| seeds(rest[*a], bit(lane)).chain(seeds(rest[*b], bit(lane)))).collect();
        lanes.run(system, &failed);
        let stopped = lanes.stopped(&system.journeys[j]);
        let stopping = chunk.iter().enumerate().filter(|(lane, _)| is_set(&stopped, *lane));
        cuts.extend(stopping.map(|(_, (a, b))| rest[*a].chance * rest[*b].chance));
    }
    cuts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-6 * expected.abs(), "{found} is not {expected}");
    }
    fn hours(unavailability: f64) -> f64 {
        unavailability * HOURS_PER_YEAR
    }

    #[test]
    fn e2_pairs_and_common_cause() {
        close(1.0 - parallel(&[0.995, 0.995]), 2.5e-5);
        close(hours(2.5e-5), 0.219_15);
        close(common_cause(&[0.005; 2], 1, COMMON_CAUSE), 5.2025e-4);
        close(hours(5.2025e-4), 4.560_511_5);
        close(1.0 - k_of_n(&[0.995; 3], 2), 7.475e-5);
    }

    #[test]
    fn e3_a_chain_is_as_weak_as_its_database() {
        close(hours(0.005), 43.83);
        let with = |database: f64| series(&[0.9999, 1.0 - common_cause(&[0.005; 2], 1, 0.1), database]);
        close(with(0.99995), 0.999_329_832);
        let rounded = |database| (hours(1.0 - with(database)) * 1000.0).round() / 1000.0;
        assert_eq!([rounded(0.99995), rounded(0.9995), rounded(0.995)], [5.875, 9.817, 49.239]);
    }

    #[test]
    fn p7_dynamic_programme_equals_enumeration() {
        for n in 1..=12usize {
            let a: Vec<f64> = (0..n).map(|i| 0.5 + 0.49 * ((i * 7 + n) % 11) as f64 / 11.0).collect();
            for k in 0..=n + 1 {
                let counted: f64 = (0..1usize << n)
                    .filter(|s| s.count_ones() as usize >= k)
                    .map(|s| (0..n).map(|i| if s >> i & 1 == 1 { a[i] } else { 1.0 - a[i] }).product::<f64>())
                    .sum();
                assert!((k_of_n(&a, k) - counted).abs() < 1e-12, "{k} of {n}");
            }
        }
    }
}
