//! How requests reach what a journey needs (`scoring.md` §1.2 rule 5).

use crate::csr::{Components, Csr};
use crate::lanes::{Word, and, not, or};
use crate::system::System;
use loadline_model::{Graph, Kind, Relation};

/// One way of reaching: from these sources along these edges, through nodes that are up.
#[derive(Clone, Debug)]
pub(crate) struct Pass {
    sources: Vec<bool>,
    /// For each node, those a request may come from.
    pub(crate) feeds: Csr,
    order: Components,
    /// Reached when nothing has failed and nothing is down.
    pub(crate) reached: Vec<bool>,
}

impl Pass {
    fn new(sources: &[u32], leads: &Csr) -> Self {
        let mut is_source = vec![false; leads.len()];
        for v in sources {
            is_source[*v as usize] = true;
        }
        let feeds = leads.reversed();
        let reached = leads.reached(sources.iter().copied());
        let order = Components::of(&feeds).keeping(&reached);
        Self { sources: is_source, feeds, order, reached }
    }

    /// Where it begins.
    pub(crate) fn starts(&self) -> impl Iterator<Item = u32> {
        self.sources.iter().enumerate().filter(|(_, source)| **source).map(|(v, _)| v as u32)
    }

    /// Least fixed point of being reached through nodes whose function is not in `state`.
    pub(crate) fn settle<const W: usize>(&self, system: &System, state: &[Word<W>], reach: &mut [Word<W>]) {
        for component in self.order.iter() {
            for v in component {
                reach[*v as usize] = [0; W];
            }
            loop {
                let mut changed = false;
                for v in component {
                    let i = *v as usize;
                    let mut comes = if self.sources[i] { [!0; W] } else { [0; W] };
                    for from in self.feeds.of(*v) {
                        comes = or(comes, reach[*from as usize]);
                    }
                    let now = and(comes, not(state[system.function[i] as usize]));
                    changed |= now != reach[i];
                    reach[i] = now;
                }
                if component.len() == 1 || !changed {
                    break;
                }
            }
        }
    }
}

/// Nodes through which users come in, strongest notion first: what leads to declared entry points, then DNS, CDN and balancers
/// that nothing else leads to.
pub(crate) fn entries(graph: &Graph, serves: &Csr) -> Vec<Vec<u32>> {
    let n = graph.nodes.len() as u32;
    let fed = serves.reversed();
    let kind = |v: u32| graph.nodes[v as usize].kind;
    let is_root = |v: u32| fed.of(v).is_empty();
    let front = |v: u32| matches!(kind(v), Kind::Dns | Kind::Cdn | Kind::LoadBalancer);
    let is_entry = |v: u32| kind(v) == Kind::Entrypoint;
    let before = fed.reached((0..n).filter(|v| is_entry(*v)));
    let leads = |v: &u32| before[*v as usize] && is_root(*v) && (front(*v) || is_entry(*v));
    let mut declared: Vec<u32> = (0..n).filter(leads).collect();
    // An entry point that only a loop or a service leads to starts the way itself.
    let led_to = serves.reached(declared.iter().copied());
    declared.extend((0..n).filter(|v| is_entry(*v) && !led_to[*v as usize]));
    let roots_of =
        |wanted: Kind| (0..n).filter(|v| kind(*v) == wanted && is_root(*v) && !serves.of(*v).is_empty()).collect();
    vec![declared, roots_of(Kind::Dns), roots_of(Kind::Cdn), roots_of(Kind::LoadBalancer)]
}

/// Pairs along the request path; members lead to their group, because serving a member serves the group.
pub(crate) fn serves(graph: &Graph, node: &dyn Fn(&loadline_model::SubjectId) -> Option<u32>) -> Csr {
    let pairs = graph.edges.iter().filter_map(|e| match e.relation {
        Relation::Serves | Relation::MemberOf => Some((node(&e.from)?, node(&e.to)?)),
        _ => None,
    });
    Csr::new(graph.nodes.len(), pairs.filter(|(a, b)| a != b).collect())
}

fn calls(graph: &Graph, system: &System) -> Csr {
    let pairs = graph.edges.iter().filter_map(|e| {
        let (from, to) = (system.node(&e.from)?, system.node(&e.to)?);
        match e.relation {
            Relation::Serves | Relation::MemberOf | Relation::DependsOn { .. } | Relation::Publishes => {
                Some((from, to))
            }
            Relation::Consumes => Some((to, from)),
            _ => None,
        }
    });
    Csr::new(graph.nodes.len(), pairs.filter(|(a, b)| a != b).collect())
}

/// Chooses for every need the strongest pass that reaches it at all, and keeps the passes that are used. True when users come in
/// anywhere.
pub(crate) fn plan(graph: &Graph, system: &mut System) -> bool {
    let serves = serves(graph, &|id| system.node(id));
    let entries = entries(graph, &serves);
    let mut everywhere: Vec<u32> = entries.iter().flatten().copied().collect();
    everywhere.sort_unstable();
    everywhere.dedup();
    if everywhere.is_empty() {
        return false;
    }
    let sources = entries.iter().map(|e| (e.as_slice(), &serves));
    let calls = calls(graph, system);
    let candidates = sources.chain([(everywhere.as_slice(), &calls)]).filter(|(from, _)| !from.is_empty());
    for (from, leads) in candidates {
        let pass = Pass::new(from, leads);
        let elements = system.elements();
        let mut open =
            system.journeys.iter_mut().flat_map(|j| &mut j.needs).filter(|need| need.pass.is_none()).peekable();
        if open.peek().is_none() {
            break;
        }
        let mut used = false;
        for need in open.filter(|need| (need.node as usize) < elements && pass.reached[need.node as usize]) {
            need.pass = Some(system.passes.len());
            used = true;
        }
        if used {
            system.passes.push(pass);
        }
    }
    true
}

/// Where requests lead hard: along the request path and to what is needed hard.
pub(crate) fn leads_hard(graph: &Graph) -> Csr {
    let position = |id| crate::parts::position(graph, id);
    let pairs = graph.edges.iter().filter_map(|e| match e.relation {
        Relation::Serves | Relation::MemberOf | Relation::DependsOn { hard: true } => {
            Some((position(&e.from)?, position(&e.to)?))
        }
        _ => None,
    });
    Csr::new(graph.nodes.len(), pairs.filter(|(a, b)| a != b).collect())
}

/// What users touch in any way: served, called, and what those need.
pub(crate) fn users_reach(graph: &Graph, system: &System) -> Vec<bool> {
    let serves = serves(graph, &|id| system.node(id));
    let sources = entries(graph, &serves).into_iter().flatten();
    let size = system.size() as u32;
    let calls = calls(graph, system);
    let needs = system.needs_of_each();
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    for v in 0..size {
        pairs.extend(needs.of(v).iter().map(|t| (v, *t)));
        if (v as usize) < system.elements() {
            pairs.extend(calls.of(v).iter().map(|t| (v, *t)));
        }
    }
    Csr::new(system.size(), pairs).reached(sources)
}
