//! Left-right dynamic programming over trees (Johnson and Niemi 1983): exact where every task has at most one need, and a bound
//! where some have several, because those are then taken as needing nothing.

use crate::order::{Node, Order};
use std::cmp::Ordering;

/// Value, then cost, then count in one number, so that a larger number is a better set: the total order of `scoring.md` §6.2
/// up to ids.
pub(crate) fn merit(node: &Node) -> i128 {
    (i128::from(node.value) << 64) - (i128::from(node.cost) << 24) - 1
}

/// The value in a merit: costs and counts stay below 2^64.
pub(crate) fn value_of(merit: i128) -> i64 {
    ((merit + ((1i128 << 64) - 1)) >> 64) as i64
}

/// Of two sets with equal merits the better has the smallest id that only one has. Ranks ascending.
pub(crate) fn compare_ids(a: &[usize], b: &[usize]) -> Ordering {
    match a.iter().zip(b).find(|(x, y)| x != y) {
        Some((x, y)) => y.cmp(x),
        None => Ordering::Equal,
    }
}

/// The best of every suffix for every budget.
pub(crate) struct Relaxed<'a> {
    order: &'a Order,
    width: usize,
    merits: Vec<i128>,
    best: Vec<i128>,
    take: Vec<bool>,
}

impl<'a> Relaxed<'a> {
    /// Fills the table for merits by position; `ties` decides equal merits by id, which only the final answer needs.
    pub(crate) fn new(order: &'a Order, merits: Vec<i128>, ties: bool) -> Self {
        let width = order.budget as usize + 1;
        let cells = (order.nodes.len() + 1) * width;
        let mut table = Self { order, width, merits, best: vec![0; cells], take: vec![false; cells] };
        for (at, node) in order.nodes.iter().enumerate().rev() {
            let cost = node.cost as usize;
            for budget in 0..width {
                let skipped = table.best(node.next, budget);
                let Some(rest) = budget.checked_sub(cost) else {
                    table.best[at * width + budget] = skipped;
                    continue;
                };
                let taken = table.merits[at] + table.best(at + 1, rest);
                let equal_but_better = || ties && table.taking_has_smaller_ids(at, budget, rest);
                let take = taken > skipped || taken == skipped && equal_but_better();
                table.best[at * width + budget] = taken.max(skipped);
                table.take[at * width + budget] = take;
            }
        }
        table
    }

    pub(crate) fn merit(&self, at: usize) -> i128 {
        self.merits[at]
    }

    /// Best merit of the tasks from a position on.
    pub(crate) fn best(&self, at: usize, budget: usize) -> i128 {
        self.best[at * self.width + budget]
    }

    /// Positions of the best set from a position on, ascending.
    pub(crate) fn suffix(&self, mut at: usize, mut budget: usize) -> Vec<usize> {
        let mut chosen = Vec::new();
        while let Some(node) = self.order.nodes.get(at) {
            if self.take[at * self.width + budget] {
                chosen.push(at);
                budget -= node.cost as usize;
                at += 1;
            } else {
                at = node.next;
            }
        }
        chosen
    }

    fn taking_has_smaller_ids(&self, at: usize, budget: usize, rest: usize) -> bool {
        let taken = [&[at], self.suffix(at + 1, rest).as_slice()].concat();
        let skipped = self.suffix(self.order.nodes[at].next, budget);
        compare_ids(&self.order.ranks(&taken), &self.order.ranks(&skipped)) == Ordering::Greater
    }
}
