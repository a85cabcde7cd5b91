//! Parts of a large drawing: things tied to each other more than to the rest become one shape until they are opened.
//!
//! Greedy modularity (Clauset, Newman, Moore 2004, doi 10.1103/PhysRevE.70.066111): from one community a thing, the pair
//! whose union raises modularity most is joined until none does, and then on until few enough remain to be read.

use super::ties::Ties;
use loadline_model::{Graph, Kind, SubjectId};
use std::collections::{BTreeMap, BTreeSet};

/// Drawings of more shapes than this are folded into parts.
pub const PARTS_ABOVE: usize = 90;
/// As many shapes as a window can show with their names.
const MOST: usize = 36;
/// Fewer things are not worth a part.
const LEAST: usize = 3;

/// A part, by the shapes it holds while everything is folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub id: SubjectId,
    pub name: String,
    pub shapes: Vec<SubjectId>,
}

/// The parts of a drawing with these shapes; none when it is small enough.
pub fn of(graph: &Graph, shapes: &BTreeSet<SubjectId>, ties: &Ties) -> Vec<Part> {
    if shapes.len() <= PARTS_ABOVE {
        return Vec::new();
    }
    let ids: Vec<&SubjectId> = shapes.iter().collect();
    let at: BTreeMap<&SubjectId, usize> = ids.iter().enumerate().map(|(i, id)| (*id, i)).collect();
    let pairs: Vec<(usize, usize)> =
        ties.keys().filter_map(|(a, b)| Some((*at.get(a)?, *at.get(b)?))).filter(|(a, b)| a != b).collect();
    let mut degree = vec![0usize; ids.len()];
    pairs.iter().flat_map(|(a, b)| [*a, *b]).for_each(|v| degree[v] += 1);
    let found = communities(ids.len(), &pairs);
    let parts = found.into_iter().filter(|c| c.len() >= LEAST).map(|inside| {
        let shapes: Vec<SubjectId> = inside.iter().map(|v| ids[*v].clone()).collect();
        let id = SubjectId::new(format!("part:{}", shapes.first().map(SubjectId::as_str).unwrap_or_default()));
        Part { id, name: named(graph, &inside, &ids, &degree), shapes }
    });
    parts.collect()
}

/// A part is called after what people know it by: its most tied service, else its most tied thing.
fn named(graph: &Graph, inside: &[usize], ids: &[&SubjectId], degree: &[usize]) -> String {
    let rank = |v: &usize| {
        let kind = graph.node(ids[*v]).map(|n| n.kind);
        (kind != Some(Kind::Service), std::cmp::Reverse(degree[*v]), *v)
    };
    let first = inside.iter().min_by_key(|v| rank(v)).and_then(|v| graph.node(ids[*v]));
    first.map_or_else(|| "separate things".to_owned(), |node| node.name.clone())
}

/// Communities of `n` things by greedy modularity, each in order, in the order of their first. What is tied to nothing
/// else shares one community when there would be too many.
fn communities(n: usize, pairs: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let total = (2 * pairs.len()).max(1) as f64;
    let mut between: BTreeMap<usize, BTreeMap<usize, f64>> = BTreeMap::new();
    let mut share = vec![0.0; n];
    for (a, b) in pairs {
        for (x, y) in [(*a, *b), (*b, *a)] {
            *between.entry(x).or_default().entry(y).or_default() += 1.0 / total;
            share[x] += 1.0 / total;
        }
    }
    let mut held: BTreeMap<usize, Vec<usize>> = (0..n).map(|v| (v, vec![v])).collect();
    loop {
        let gains = between.iter().flat_map(|(a, ties)| {
            let share = &share;
            ties.range(a + 1..).map(move |(b, tie)| (2.0 * (tie - share[*a] * share[*b]), *a, *b))
        });
        // Equal gains: the pair of the lowest numbers.
        let best = gains.max_by(|x, y| x.0.total_cmp(&y.0).then((y.1, y.2).cmp(&(x.1, x.2))));
        let Some((gain, kept, gone)) = best else { break };
        if gain <= 0.0 && held.len() <= MOST {
            break;
        }
        let moved = between.remove(&gone).unwrap_or_default();
        for (other, tie) in moved {
            if let Some(ties) = between.get_mut(&other) {
                ties.remove(&gone);
                if other != kept {
                    *ties.entry(kept).or_default() += tie;
                }
            }
            if other != kept {
                *between.entry(kept).or_default().entry(other).or_default() += tie;
            }
        }
        share[kept] += share[gone];
        let mut joined = held.remove(&gone).unwrap_or_default();
        held.entry(kept).or_default().append(&mut joined);
    }
    let mut found: Vec<Vec<usize>> = held.into_values().collect();
    if found.len() > MOST {
        found.sort_by_key(|c| (std::cmp::Reverse(c.len()), c.iter().min().copied()));
        let rest: Vec<usize> = found.drain(MOST - 1..).flatten().collect();
        found.push(rest);
    }
    found.iter_mut().for_each(|c| c.sort_unstable());
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_cliques_with_a_bridge_are_two_communities() {
        let clique = |from: usize| (from..from + 4).flat_map(move |a| (a + 1..from + 4).map(move |b| (a, b)));
        let pairs: Vec<(usize, usize)> = clique(0).chain(clique(4)).chain([(3, 4)]).collect();
        assert_eq!(communities(8, &pairs), vec![vec![0, 1, 2, 3], vec![4, 5, 6, 7]]);
    }

    #[test]
    fn there_are_never_more_than_can_be_read() {
        let chain: Vec<(usize, usize)> = (0..799).map(|v| (v, v + 1)).collect();
        let apart: Vec<(usize, usize)> = (0..400).map(|v| (2 * v, 2 * v + 1)).collect();
        for pairs in [chain, apart, Vec::new()] {
            let found = communities(800, &pairs);
            assert!(found.len() <= MOST, "{}", found.len());
            let mut all: Vec<usize> = found.concat();
            all.sort_unstable();
            assert_eq!(all, (0..800).collect::<Vec<_>>(), "everything is in one of them");
        }
    }
}
