//! The best set of items for one budget, exactly, with a certificate (`scoring.md` §6.2).

use crate::branch::branch_and_bound;
use crate::order::Order;
use loadline_model::{ItemId, num};
use std::collections::BTreeSet;

/// Nodes that branch and bound may look at: a count, not a time, so that every machine stops at the same node.
pub const NODE_BUDGET: u32 = 200_000;

/// Something that could be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: ItemId,
    /// Value in thousandths; beyond 2^36 it counts as 2^36.
    pub value: i64,
    /// Half-days.
    pub cost: u32,
    /// What must be chosen with it or be done.
    pub needs: Vec<ItemId>,
}

/// A knapsack with prerequisites.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// What may be chosen, in any order; of two with one id the first counts.
    pub tasks: Vec<Task>,
    /// What is done already: never chosen, and satisfies needs.
    pub done: BTreeSet<ItemId>,
    /// Half-days.
    pub budget: u32,
}

/// The best set, or the best found with the distance to what might be possible.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Solution {
    /// Ids in order.
    pub chosen: Vec<ItemId>,
    /// Sum of values, thousandths.
    pub value: i64,
    /// Sum of costs, half-days.
    pub cost: u32,
    /// No feasible set is worth more.
    pub upper_bound: i64,
    /// (upper bound − value) / upper bound: 0 is proven optimal.
    pub gap: f64,
    /// Nodes looked at; 0 when the precedence is a forest.
    pub nodes: u32,
}

/// The set of highest value within the budget that is closed under needs; among equals the cheaper, then the smaller, then the
/// one whose sorted ids come first. Tasks whose needs are missing, circular or too dear are never chosen.
///
/// Forest-shaped needs are solved by dynamic programming in O(n × budget); others by branch and bound over the same table, with
/// prices on the needs that trees cannot hold, within [`NODE_BUDGET`].
pub fn solve(problem: &Problem) -> Solution {
    solve_within(problem, NODE_BUDGET)
}

pub(crate) fn solve_within(problem: &Problem, nodes: u32) -> Solution {
    let order = Order::of(problem);
    let found = branch_and_bound(&order, nodes);
    let mut chosen: Vec<ItemId> =
        found.positions.iter().filter_map(|at| order.nodes.get(*at)).map(|n| n.id.clone()).collect();
    chosen.sort();
    let taken = || found.positions.iter().filter_map(|at| order.nodes.get(*at));
    let value: i64 = taken().map(|n| n.value).sum();
    let upper_bound = found.upper_bound.max(value);
    Solution {
        chosen,
        value,
        cost: taken().map(|n| n.cost).sum(),
        upper_bound,
        gap: if upper_bound > 0 { num::round9((upper_bound - value) as f64 / upper_bound as f64) } else { 0.0 },
        nodes: found.nodes,
    }
}
