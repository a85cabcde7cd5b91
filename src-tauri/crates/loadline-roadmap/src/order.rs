//! Tasks in the order in which they are decided: every tree of single needs in preorder, trees after the trees they need.
//!
//! A task with several needs (after dropping those implied by others) starts a tree of its own; its needs all lie in
//! earlier trees, because a circle of trees would be a circle of tasks.

use crate::solve::{Problem, Task};
use loadline_model::ItemId;
use std::collections::{BTreeMap, BTreeSet};

/// Largest value that counts, so that sums of a million tasks stay exact.
const LARGEST_VALUE: i64 = 1 << 36;

/// One task in its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) id: ItemId,
    /// Position among all ids in order: smaller ids win ties.
    pub(crate) rank: usize,
    pub(crate) value: i64,
    pub(crate) cost: u32,
    /// First position after its subtree.
    pub(crate) next: usize,
    /// Positions of its needs, when it has several; a single need is its parent in the tree.
    pub(crate) joins: Vec<usize>,
    /// First position from which nothing with several needs still asks for it; 0 when nothing does.
    pub(crate) joined_until: usize,
    /// Positions of everything it needs, directly or not.
    pub(crate) ancestors: Vec<usize>,
}

/// Tasks that can be chosen at all, in decision order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order {
    pub(crate) nodes: Vec<Node>,
    /// At most the sum of all costs.
    pub(crate) budget: u32,
}

impl Order {
    pub(crate) fn of(problem: &Problem) -> Self {
        let tasks = distinct(problem);
        let graph = Graph::of(&tasks, problem);
        let positions = graph.preorder();
        let place: BTreeMap<usize, usize> = positions.iter().enumerate().map(|(at, rank)| (*rank, at)).collect();
        let placed = |ranks: &BTreeSet<usize>| {
            let mut at: Vec<usize> = ranks.iter().filter_map(|r| place.get(r).copied()).collect();
            at.sort_unstable();
            at
        };
        let mut nodes: Vec<Node> = positions
            .iter()
            .enumerate()
            .map(|(at, rank)| {
                let task = tasks[*rank];
                let needs = &graph.needs[*rank];
                Node {
                    id: task.id.clone(),
                    rank: *rank,
                    value: task.value.clamp(-LARGEST_VALUE, LARGEST_VALUE),
                    cost: task.cost,
                    next: at + graph.tree(*rank).len(),
                    joins: if needs.len() > 1 { placed(needs) } else { Vec::new() },
                    joined_until: 0,
                    ancestors: placed(&graph.ancestors[*rank]),
                }
            })
            .collect();
        let links: Vec<(usize, usize)> =
            nodes.iter().enumerate().flat_map(|(at, n)| n.joins.iter().map(move |need| (*need, at + 1))).collect();
        for (need, until) in links {
            nodes[need].joined_until = nodes[need].joined_until.max(until);
        }
        let total = nodes.iter().fold(0u32, |sum, n| sum.saturating_add(n.cost));
        Self { nodes, budget: problem.budget.min(total) }
    }

    /// Ranks of positions, ascending.
    pub(crate) fn ranks(&self, positions: &[usize]) -> Vec<usize> {
        let mut ranks: Vec<usize> = positions.iter().filter_map(|at| self.nodes.get(*at)).map(|n| n.rank).collect();
        ranks.sort_unstable();
        ranks
    }
}

/// Tasks that are not done, one per id, by id.
fn distinct(problem: &Problem) -> Vec<&Task> {
    let mut by_id: BTreeMap<&ItemId, &Task> = BTreeMap::new();
    for task in problem.tasks.iter().filter(|c| !problem.done.contains(&c.id)) {
        by_id.entry(&task.id).or_insert(task);
    }
    by_id.into_values().collect()
}

/// Needs between tasks by rank, reduced to what can be chosen and to what is not implied.
struct Graph {
    needs: Vec<BTreeSet<usize>>,
    ancestors: Vec<BTreeSet<usize>>,
    /// Children in the trees of single needs.
    children: Vec<Vec<usize>>,
    /// Can be chosen: needs are there, not circular, affordable, and it or something above it is worth something.
    usable: Vec<bool>,
}

impl Graph {
    fn of(tasks: &[&Task], problem: &Problem) -> Self {
        let n = tasks.len();
        let rank: BTreeMap<&ItemId, usize> = tasks.iter().enumerate().map(|(at, c)| (&c.id, at)).collect();
        let mut complete = vec![true; n];
        let mut needs: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); n];
        for (at, task) in tasks.iter().enumerate() {
            for need in task.needs.iter().filter(|need| !problem.done.contains(*need)) {
                match rank.get(need) {
                    Some(needed) => drop(needs[at].insert(*needed)),
                    None => complete[at] = false,
                }
            }
        }
        let sorted = topological(&needs);
        let mut ancestors: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); n];
        // What is part of a circle never appears in the topological order and stays unusable.
        let mut usable = vec![false; n];
        for at in &sorted {
            let all: BTreeSet<usize> =
                needs[*at].iter().flat_map(|p| ancestors[*p].iter().chain([p])).copied().collect();
            let cost: u64 = all.iter().chain([at]).map(|a| u64::from(tasks[*a].cost)).sum();
            usable[*at] = complete[*at] && all.iter().all(|a| usable[*a]) && cost <= u64::from(problem.budget);
            ancestors[*at] = all;
        }
        drop_worthless(tasks, &sorted, &needs, &mut usable);
        for needed in &mut needs {
            let implied: BTreeSet<usize> = needed.iter().flat_map(|q| &ancestors[*q]).copied().collect();
            needed.retain(|p| !implied.contains(p));
        }
        let mut children = vec![Vec::new(); n];
        for at in (0..n).filter(|at| usable[*at]) {
            if let (1, Some(parent)) = (needs[at].len(), needs[at].first()) {
                children[*parent].push(at);
            }
        }
        Self { needs, ancestors, children, usable }
    }

    /// Usable tasks in decision order: for each task with several needs the trees it needs, then its own, so that what belongs
    /// together is decided together; trees that nobody joins come last.
    fn preorder(&self) -> Vec<usize> {
        let roots = || (0..self.needs.len()).filter(|at| self.usable[*at] && self.needs[*at].len() != 1);
        let (joins, sources): (Vec<usize>, Vec<usize>) = roots().partition(|at| !self.needs[*at].is_empty());
        let (mut order, mut placed) = (Vec::new(), BTreeSet::new());
        for wanted in joins.into_iter().chain(sources) {
            let mut waiting = vec![wanted];
            while let Some(root) = waiting.last().copied() {
                let missing = self.needs[root].iter().map(|n| self.root_of(*n)).find(|r| !placed.contains(r));
                match missing {
                    Some(needed) => waiting.push(needed),
                    None => {
                        waiting.pop();
                        if placed.insert(root) {
                            order.extend(self.tree(root));
                        }
                    }
                }
            }
        }
        order
    }

    /// The task at the top of a task's tree.
    fn root_of(&self, mut at: usize) -> usize {
        while let (1, Some(parent)) = (self.needs[at].len(), self.needs[at].first()) {
            at = *parent;
        }
        at
    }

    /// A tree in preorder, children by id.
    fn tree(&self, root: usize) -> Vec<usize> {
        let (mut order, mut open) = (Vec::new(), vec![root]);
        while let Some(at) = open.pop() {
            order.push(at);
            open.extend(self.children[at].iter().rev());
        }
        order
    }
}

/// Kahn's order by rank; what is part of a circle, or needs one, is left out.
fn topological(needs: &[BTreeSet<usize>]) -> Vec<usize> {
    let mut missing: Vec<usize> = needs.iter().map(BTreeSet::len).collect();
    let mut dependents = vec![Vec::new(); needs.len()];
    for (at, needed) in needs.iter().enumerate() {
        needed.iter().for_each(|n| dependents[*n].push(at));
    }
    let mut ready: BTreeSet<usize> = (0..needs.len()).filter(|at| missing[*at] == 0).collect();
    let mut order = Vec::with_capacity(needs.len());
    while let Some(at) = ready.pop_first() {
        order.push(at);
        for dependent in &dependents[at] {
            missing[*dependent] -= 1;
            if missing[*dependent] == 0 {
                ready.insert(*dependent);
            }
        }
    }
    order
}

/// What is worth nothing is only of use to something usable that needs it.
fn drop_worthless(tasks: &[&Task], sorted: &[usize], needs: &[BTreeSet<usize>], usable: &mut [bool]) {
    let mut needed = vec![false; usable.len()];
    for at in sorted.iter().rev() {
        usable[*at] &= tasks[*at].value > 0 || needed[*at];
        if usable[*at] {
            needs[*at].iter().for_each(|n| needed[*n] = true);
        }
    }
}
