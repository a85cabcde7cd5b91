//! Depth-first branch and bound where tasks have several needs: the priced forest table bounds every node in one look-up, and a
//! node whose relaxed completion happens to be closed and loses nothing to the bound is finished at once.

use crate::forest::{Relaxed, compare_ids, merit, value_of};
use crate::order::Order;
use crate::price::price;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// The best set found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    /// Positions, ascending.
    pub(crate) positions: Vec<usize>,
    /// No set is worth more.
    pub(crate) upper_bound: i64,
    /// Nodes branched.
    pub(crate) nodes: u32,
}

/// A closed set within the budget, the best so far.
#[derive(Clone, Debug)]
pub(crate) struct Incumbent {
    pub(crate) positions: Vec<usize>,
    pub(crate) merit: i128,
}

impl Incumbent {
    pub(crate) fn new(order: &Order, positions: Vec<usize>) -> Self {
        let merit = positions.iter().filter_map(|at| order.nodes.get(*at)).map(merit).sum();
        Self { positions, merit }
    }
    /// Takes the other set if it is better in the total order.
    pub(crate) fn improve(&mut self, order: &Order, positions: Vec<usize>) {
        let other = Self::new(order, positions);
        let by_ids = || compare_ids(&order.ranks(&other.positions), &order.ranks(&self.positions));
        if other.merit.cmp(&self.merit).then_with(by_ids) == Ordering::Greater {
            *self = other;
        }
    }
}

/// Everything before `at` is decided.
struct Open {
    at: usize,
    budget: usize,
    /// With prices paid and received.
    priced: i128,
    merit: i128,
    chosen: Vec<usize>,
}

/// What decides how a node can go on: position, budget left, and chosen tasks that a later one still asks for.
type Outlook = (usize, usize, Vec<usize>);

impl Open {
    fn outlook(&self, order: &Order) -> Outlook {
        let asked = |at: &usize| order.nodes.get(*at).is_some_and(|n| n.joined_until > self.at);
        (self.at, self.budget, self.chosen.iter().copied().filter(asked).collect())
    }
}

/// The best beginnings branched so far, by outlook: of two with the same outlook the better stays better however they go on.
#[derive(Default)]
struct Beginnings(BTreeMap<Outlook, (i128, Vec<usize>)>);

impl Beginnings {
    /// Remembers a beginning; `false` when one at least as good is there.
    fn improve(&mut self, order: &Order, open: &Open) -> bool {
        let ranks = order.ranks(&open.chosen);
        match self.0.entry(open.outlook(order)) {
            Entry::Vacant(entry) => {
                entry.insert((open.merit, ranks));
            }
            Entry::Occupied(mut entry) => {
                let (merit, known) = entry.get();
                if open.merit.cmp(merit).then_with(|| compare_ids(&ranks, known)) != Ordering::Greater {
                    return false;
                }
                entry.insert((open.merit, ranks));
            }
        }
        true
    }
}

pub(crate) fn branch_and_bound(order: &Order, most_nodes: u32) -> Found {
    let budget = order.budget as usize;
    let forest = Relaxed::new(order, order.nodes.iter().map(merit).collect(), true);
    let whole = forest.suffix(0, budget);
    if is_closed(order, &whole) {
        return Found { positions: whole, upper_bound: value_of(forest.best(0, budget)), nodes: 0 };
    }
    let (merits, mut best) = price(order);
    let relaxed = Relaxed::new(order, merits, true);
    let (mut nodes, mut unexplored) = (0, i64::MIN);
    let joins_end = order.nodes.iter().map(|n| n.joined_until).max().unwrap_or(0);
    let mut beginnings = Beginnings::default();
    let mut stack = vec![Open { at: 0, budget, priced: 0, merit: 0, chosen: Vec::new() }];
    while let Some(open) = stack.pop() {
        let bound = open.priced + relaxed.best(open.at, open.budget);
        if bound < best.merit {
            continue;
        }
        let completion = [open.chosen.as_slice(), &relaxed.suffix(open.at, open.budget)].concat();
        let better_ids = || compare_ids(&order.ranks(&completion), &order.ranks(&best.positions)) == Ordering::Greater;
        if bound == best.merit && !better_ids() {
            continue;
        }
        if is_closed(order, &completion) {
            // Behind the last join there are no prices, so the completion is the best there is.
            let exact = open.at >= joins_end || Incumbent::new(order, completion.clone()).merit == bound;
            best.improve(order, completion);
            if exact {
                continue;
            }
        }
        if !beginnings.improve(order, &open) {
            continue;
        }
        if nodes == most_nodes {
            unexplored = unexplored.max(value_of(bound));
            continue;
        }
        nodes += 1;
        branch(order, &relaxed, open, &mut stack);
    }
    Found { upper_bound: value_of(best.merit).max(unexplored), positions: best.positions, nodes }
}

/// Pushes the children of a node, the one that takes the task last so that it is looked at first.
fn branch(order: &Order, relaxed: &Relaxed<'_>, open: Open, stack: &mut Vec<Open>) {
    let Some(node) = order.nodes.get(open.at) else { return };
    let rest = open.budget.checked_sub(node.cost as usize).filter(|_| has_all(&open.chosen, &node.joins));
    let taken = rest.map(|budget| Open {
        at: open.at + 1,
        budget,
        priced: open.priced + relaxed.merit(open.at),
        merit: open.merit + merit(node),
        chosen: [open.chosen.as_slice(), &[open.at]].concat(),
    });
    stack.push(Open { at: node.next, ..open });
    stack.extend(taken);
}

/// Closed under needs, for sets in which single needs hold already by the order of decisions.
fn is_closed(order: &Order, chosen: &[usize]) -> bool {
    chosen.iter().filter_map(|at| order.nodes.get(*at)).all(|n| has_all(chosen, &n.joins))
}

/// Both ascending.
fn has_all(chosen: &[usize], needed: &[usize]) -> bool {
    needed.iter().all(|n| chosen.binary_search(n).is_ok())
}

/// The part of a set that is closed under needs.
pub(crate) fn closed(order: &Order, chosen: &[usize]) -> Vec<usize> {
    let has_needs = |at: &usize| order.nodes.get(*at).is_some_and(|n| has_all(chosen, &n.ancestors));
    chosen.iter().copied().filter(has_needs).collect()
}

/// Adds to a closed set, while anything fits, the task whose missing closure has the best ratio of value to cost; ties by id.
pub(crate) fn greedy(order: &Order, mut chosen: Vec<usize>) -> Vec<usize> {
    let cost = |set: &[usize]| set.iter().filter_map(|at| order.nodes.get(*at)).map(|n| u64::from(n.cost)).sum::<u64>();
    let mut left = u64::from(order.budget).saturating_sub(cost(&chosen));
    loop {
        let missing = (0..order.nodes.len()).filter(|at| chosen.binary_search(at).is_err());
        let fitting = missing.map(|at| Closure::of(order, &chosen, at)).filter(|c| c.cost <= left && c.value > 0);
        let Some(next) = fitting.max_by(|a, b| a.ratio(b).then_with(|| b.rank.cmp(&a.rank))) else { return chosen };
        left -= next.cost;
        chosen.extend(next.missing);
        chosen.sort_unstable();
    }
}

/// A task with what it still needs.
struct Closure {
    missing: Vec<usize>,
    rank: usize,
    value: i64,
    cost: u64,
}

impl Closure {
    fn of(order: &Order, chosen: &[usize], at: usize) -> Self {
        let node = &order.nodes[at];
        let missing: Vec<usize> =
            node.ancestors.iter().chain([&at]).copied().filter(|a| chosen.binary_search(a).is_err()).collect();
        let value = missing.iter().map(|a| order.nodes[*a].value).sum();
        let cost = missing.iter().map(|a| u64::from(order.nodes[*a].cost)).sum();
        Self { missing, rank: node.rank, value, cost }
    }
    /// Order of value / cost without dividing; free beats everything.
    fn ratio(&self, other: &Self) -> Ordering {
        let cross = |a: &Self, b: &Self| i128::from(a.value) * i128::from(b.cost);
        cross(self, other).cmp(&cross(other, self))
    }
}
