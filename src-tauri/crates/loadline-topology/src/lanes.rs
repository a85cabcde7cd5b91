//! The fixed points of `scoring.md` §1.2, for `64 * W` failures at once: every bit of a word is one scenario.
//!
//! Each lane is exactly the least fixed point: nodes are visited targets first, a strongly connected component is swept from
//! "nothing down" until nothing changes, and all operations on a word are the boolean operations of the single scenario. So
//! answering all single failures costs nodes x edges / (64 W) word operations on any graph, instead of one pass each.

use crate::csr::Components;
use crate::system::{System, Threshold, Wanted};

/// One bit per scenario.
pub(crate) type Word<const W: usize> = [u64; W];

/// Working memory for repeated failures of one system.
#[derive(Clone, Debug)]
pub(crate) struct Lanes<const W: usize> {
    pub(crate) down: Vec<Word<W>>,
    /// Down or degraded.
    pub(crate) impaired: Vec<Word<W>>,
    reach: Vec<Vec<Word<W>>>,
    reach_unimpaired: Vec<Vec<Word<W>>>,
    seeds: Vec<(u32, Word<W>)>,
}

impl<const W: usize> Lanes<W> {
    /// Scenarios answered at once.
    pub(crate) const COUNT: usize = 64 * W;

    pub(crate) fn new(system: &System) -> Self {
        let blank = vec![[0u64; W]; system.size()];
        let passes = vec![vec![[0u64; W]; system.elements()]; system.passes.len()];
        Self {
            down: blank.clone(),
            impaired: blank,
            reach: passes.clone(),
            reach_unimpaired: passes,
            seeds: Vec::new(),
        }
    }

    /// Answers for what the journeys rest on only.
    pub(crate) fn run(&mut self, system: &System, failed: &[(u32, Word<W>)]) {
        // Nothing before the first failed node in the order depends on any of them.
        let first = failed.iter().map(|(v, _)| system.position[*v as usize]).min().unwrap_or(0);
        self.settle(system, &system.resting, first.min(system.resting.len() as u32) as usize, failed);
    }
    /// Answers for every node.
    pub(crate) fn run_all(&mut self, system: &System, failed: &[(u32, Word<W>)]) {
        self.settle(system, &system.all, 0, failed);
    }

    fn settle(&mut self, system: &System, order: &Components, first: usize, failed: &[(u32, Word<W>)]) {
        for v in 0..system.size() {
            self.down[v] = [if system.base_down[v] { !0 } else { 0 }; W];
        }
        self.seeds.clear();
        for (v, lanes) in failed {
            self.down[*v as usize] = or(self.down[*v as usize], *lanes);
        }
        self.seeds.extend_from_slice(failed);
        fixed_point(system, order, first, &mut self.down, None);
        for v in 0..system.size() {
            let base = [if system.base_impaired[v] { !0 } else { 0 }; W];
            self.impaired[v] = or(self.down[v], base);
        }
        fixed_point(system, order, first, &mut self.impaired, Some(&self.down));
        for (i, pass) in system.passes.iter().enumerate() {
            pass.settle(system, &self.down, &mut self.reach[i]);
            pass.settle(system, &self.impaired, &mut self.reach_unimpaired[i]);
        }
    }

    /// Scenarios in which a need of the journey is down or not reached.
    pub(crate) fn stopped(&self, journey: &Wanted) -> Word<W> {
        missing(journey, &self.down, &self.reach)
    }
    /// Scenarios in which the journey is lost. One already down with nothing failed counts as lost, reason unknown, when a need of
    /// it is hit (`scoring.md` §1.3).
    pub(crate) fn lost(&self, system: &System, journey: &Wanted) -> Word<W> {
        if !journey.broken {
            return self.stopped(journey);
        }
        let mut lost = [0u64; W];
        for need in &journey.needs {
            if !system.base_down[need.function as usize] {
                lost = or(lost, self.down[need.function as usize]);
            }
            let named = self.seeds.iter().filter(|(v, _)| *v == need.node);
            lost = named.fold(lost, |lost, (_, lanes)| or(lost, *lanes));
        }
        lost
    }
    /// Scenarios in which the journey survives but degrades.
    pub(crate) fn degraded(&self, journey: &Wanted) -> Word<W> {
        if journey.broken {
            return [0; W];
        }
        and(missing(journey, &self.impaired, &self.reach_unimpaired), not(self.stopped(journey)))
    }
}

fn missing<const W: usize>(journey: &Wanted, state: &[Word<W>], reach: &[Vec<Word<W>>]) -> Word<W> {
    let mut missing = [0u64; W];
    for need in &journey.needs {
        missing = or(missing, state[need.function as usize]);
        if let Some(pass) = need.pass {
            missing = or(missing, not(reach[pass][need.node as usize]));
        }
    }
    missing
}

/// Least fixed point of `state` over the components from `first` on; with `broken_soft`, soft targets down in it count too.
fn fixed_point<const W: usize>(
    system: &System,
    order: &Components,
    first: usize,
    state: &mut [Word<W>],
    broken_soft: Option<&[Word<W>]>,
) {
    for i in first..order.len() {
        let component = order.get(i);
        if let [v] = component {
            state[*v as usize] = judge(system, *v, state, broken_soft);
            continue;
        }
        loop {
            let mut changed = false;
            for v in component {
                let now = judge(system, *v, state, broken_soft);
                changed |= now != state[*v as usize];
                state[*v as usize] = now;
            }
            if !changed {
                break;
            }
        }
    }
}

fn judge<const W: usize>(system: &System, v: u32, state: &[Word<W>], broken_soft: Option<&[Word<W>]>) -> Word<W> {
    let mut now = state[v as usize];
    for target in system.hard.of(v) {
        now = or(now, state[*target as usize]);
    }
    for group in system.thresholds_of(v) {
        now = or(now, too_few(group, state));
    }
    if let Some(down) = broken_soft {
        for target in system.soft.of(v) {
            now = or(now, down[*target as usize]);
        }
    }
    now
}

/// Scenarios in which more than `slack` members are down.
fn too_few<const W: usize>(group: &Threshold, state: &[Word<W>]) -> Word<W> {
    let Ok(slack) = usize::try_from(group.slack) else { return [!0; W] };
    let n = group.members.len();
    if slack >= n {
        return [0; W];
    }
    if slack + 1 == n {
        return group.members.iter().fold([!0; W], |all, m| and(all, state[*m as usize]));
    }
    // Whichever is shorter to count: members down beyond the slack, or members up to the number required.
    let required = n - slack;
    if slack < required {
        at_least(slack + 1, group.members.iter().map(|m| state[*m as usize]))
    } else {
        not(at_least(required, group.members.iter().map(|m| not(state[*m as usize]))))
    }
}

/// Scenarios in which at least `count` (>= 1) of the words are set.
fn at_least<const W: usize>(count: usize, words: impl Iterator<Item = Word<W>>) -> Word<W> {
    let mut few = [[0u64; W]; 8];
    let mut many = Vec::new();
    let seen: &mut [Word<W>] = if count <= few.len() {
        &mut few[..count]
    } else {
        many.resize(count, [0u64; W]);
        &mut many
    };
    for word in words {
        for i in (1..count).rev() {
            seen[i] = or(seen[i], and(seen[i - 1], word));
        }
        seen[0] = or(seen[0], word);
    }
    seen[count - 1]
}

pub(crate) fn or<const W: usize>(a: Word<W>, b: Word<W>) -> Word<W> {
    std::array::from_fn(|i| a[i] | b[i])
}
pub(crate) fn and<const W: usize>(a: Word<W>, b: Word<W>) -> Word<W> {
    std::array::from_fn(|i| a[i] & b[i])
}
pub(crate) fn not<const W: usize>(a: Word<W>) -> Word<W> {
    std::array::from_fn(|i| !a[i])
}
/// Only this lane.
pub(crate) fn bit<const W: usize>(lane: usize) -> Word<W> {
    std::array::from_fn(|i| if i == lane / 64 { 1 << (lane % 64) } else { 0 })
}
/// Whether this lane is set.
pub(crate) fn is_set<const W: usize>(word: &Word<W>, lane: usize) -> bool {
    word[lane / 64] >> (lane % 64) & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counting_in_lanes_equals_counting_by_hand() {
        let n = 11;
        // Lane i is scenario i: member m is down when bit m of a mixed i is set.
        let pattern = |lane: u64| lane.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
        let state: Vec<Word<2>> = (0..n)
            .map(|m| {
                (0..128).fold([0; 2], |w, lane| if pattern(lane) >> m & 1 == 1 { or(w, bit(lane as usize)) } else { w })
            })
            .collect();
        for slack in -1..=n {
            let found = too_few(&Threshold { slack, members: (0..n as u32).collect() }, &state);
            for lane in 0..128 {
                let down = (0..n).filter(|m| pattern(lane) >> m & 1 == 1).count() as i32;
                assert_eq!(is_set(&found, lane as usize), down > slack, "slack {slack}, {down} down");
            }
        }
    }
}
