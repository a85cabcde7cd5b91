//! Properties P1–P6 and P8 of `scoring.md` §1.8.

mod worlds;

use loadline_model::random::Draws;
use loadline_model::*;
use loadline_topology::{System, WhatIf, fail, single_failure_sets, with_change};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use worlds::{HARD, World, edge, journey, random_graph, sorted};

fn blasts(graph: &Graph) -> BTreeMap<SubjectId, f64> {
    single_failure_sets(graph).into_iter().collect()
}

/// A world of groups behind a balancer, with databases, zones and two journeys.
fn groups(seed: u64, extra: Option<&str>) -> World {
    let mut draws = Draws::new(seed);
    let mut world = World::new().thing("lb", Kind::LoadBalancer).things(Kind::Zone, &["za", "zb"]);
    let services = ["s0", "s1", "s2"];
    for service in services {
        let n = 1 + draws.below(3);
        let k = 1 + draws.below(n);
        let members: Vec<String> = (0..n).map(|m| format!("{service}-{m}")).collect();
        let mut all: Vec<&str> = members.iter().map(String::as_str).collect();
        let added = format!("{service}-new");
        if extra == Some(service) {
            all.push(&added);
        }
        world = world.group(service, Kind::Service, Some(k as u32), &all).chain(&["lb", service]);
        for member in &members {
            world = world.runs_in(&[member], ["za", "zb"][draws.below(2)]);
        }
    }
    world = world.thing("pg", Kind::Database).needs(services[draws.below(3)], &["pg"]);
    world.journey("j0", 0.6, &["s0", "s1"]).journey("j1", 0.4, &["s1", "s2"])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn p1_one_more_member_never_hurts(seed in 0u64..1_000_000, at in 0usize..3) {
        let service = ["s0", "s1", "s2"][at];
        let (before, after) = (groups(seed, None).topology(), groups(seed, Some(service)).topology());
        for (id, blast) in &before.blast_radius {
            prop_assert!(after.blast_radius[id] <= *blast, "{id}");
        }
        for (old, new) in before.availability.iter().zip(&after.availability) {
            prop_assert!(new.unavailability <= old.unavailability + 1e-9, "{} {old:?} {new:?}", old.journey);
        }
        let tried = with_change(&before.graph, &WhatIf::AddReplica { group: service.into() });
        let (tried, real) = (blasts(&tried), blasts(&after.graph));
        let without_new = |sets: &BTreeMap<SubjectId, f64>| -> Vec<(SubjectId, f64)> {
            let old = |id: &SubjectId| before.graph.node(id).is_some();
            sets.iter().filter(|(id, _)| old(id)).map(|(id, b)| (id.clone(), *b)).collect()
        };
        prop_assert_eq!(without_new(&tried), without_new(&real));
    }

    #[test]
    fn p2_softening_never_raises_a_blast_radius(seed in 0u64..1_000_000, pick in 0usize..1_000) {
        let graph = random_graph(seed);
        let hard: Vec<&GraphEdge> = graph.edges.iter().filter(|e| e.relation == HARD).collect();
        prop_assume!(!hard.is_empty() && graph.journeys.iter().all(|j| !j.needs.is_empty()));
        let edge = hard[pick % hard.len()];
        let softer = with_change(&graph, &WhatIf::Soften { from: edge.from.clone(), to: edge.to.clone() });
        // A journey that becomes well defined may newly lose to failures it was not judged by before.
        let (was, is) = (System::new(&graph), System::new(&softer));
        let mut scratch = (was.scratch(), is.scratch());
        prop_assume!(was.fail(&mut scratch.0, &[]).down == is.fail(&mut scratch.1, &[]).down);
        let before = blasts(&graph);
        for (id, blast) in blasts(&softer) {
            prop_assert!(before.get(&id).is_some_and(|b| blast <= *b), "{id} {blast}");
        }
    }

    #[test]
    fn p3_blast_is_at_most_one_and_monotone_in_the_journeys(seed in 0u64..1_000_000) {
        let graph = random_graph(seed);
        let mut fewer = graph.clone();
        fewer.journeys.truncate(2);
        let all = blasts(&graph);
        prop_assert!(all.values().all(|b| *b > 0.0 && *b <= 1.0));
        for (id, blast) in blasts(&fewer) {
            prop_assert!(all.get(&id).is_some_and(|b| *b >= blast - 1e-9));
        }
    }

    #[test]
    fn p4_more_failures_never_bring_anything_up(seed in 0u64..1_000_000, a in 0usize..99, b in 0usize..99) {
        let graph = random_graph(seed);
        prop_assume!(!graph.nodes.is_empty());
        let id = |n: usize| graph.nodes[n % graph.nodes.len()].id.clone();
        let (few, many) = (fail(&graph, &[id(a)]), fail(&graph, &[id(a), id(b)]));
        let down: BTreeSet<_> = many.down.iter().collect();
        prop_assert!(few.down.iter().all(|d| down.contains(d)));
        prop_assert!(few.journeys_lost.iter().all(|j| many.journeys_lost.contains(j)));
        prop_assert!(many.weight_lost >= few.weight_lost);
    }

    #[test]
    fn p5_on_a_plain_request_path_spofs_are_the_dominators(seed in 0u64..1_000_000) {
        let (graph, n) = flow(seed);
        let dominators = dominators(&graph, n);
        let found: BTreeSet<SubjectId> = blasts(&graph).into_keys().collect();
        prop_assert_eq!(found, dominators);
    }

    #[test]
    fn p6_other_names_permute_results_and_nothing_else(seed in 0u64..1_000_000) {
        let plain = groups(seed, None);
        let text = serde_json::to_string(&plain.0).expect("json");
        // Reverses the order of the ids of all services and members.
        let swapped = ["s0", "s1", "s2"].iter().zip(["t9", "t5", "t1"]).fold(text, |t, (old, new)| t.replace(old, new));
        let renamed = World(serde_json::from_str(&swapped).expect("json"));
        let back = |id: &str| ["t9", "t5", "t1"].iter().zip(["s0", "s1", "s2"]).fold(id.to_owned(), |t, (n, o)| t.replace(n, o));
        let (a, b) = (plain.topology(), renamed.topology());
        let named: BTreeMap<String, f64> = b.blast_radius.iter().map(|(id, x)| (back(id.as_str()), *x)).collect();
        let plain_blast: BTreeMap<String, f64> = a.blast_radius.iter().map(|(id, x)| (id.to_string(), *x)).collect();
        prop_assert_eq!(named, plain_blast);
        let hours = |t: &Topology| -> BTreeMap<String, (u64, u64)> {
            t.spofs.iter().map(|s| (back(s.subject.id.as_str()), (s.hours_per_year.p50.to_bits(), s.hours_per_year.p90.to_bits()))).collect()
        };
        prop_assert_eq!(hours(&a), hours(&b));
    }

    #[test]
    fn p8_hours_are_linear_in_the_weights(seed in 0u64..1_000_000) {
        let spofs = groups(seed, None).topology().spofs;
        for pair in spofs.windows(2).filter(|p| p[0].assumption == p[1].assumption) {
            let per_weight = |s: &Spof| s.hours_per_year.p50 / s.blast_radius;
            prop_assert!((per_weight(&pair[0]) - per_weight(&pair[1])).abs() < 1e-6);
        }
    }
}

/// A random request path from one entry: any way will do, no groups, no hard needs, no shared fate.
fn flow(seed: u64) -> (Graph, usize) {
    let mut draws = Draws::new(seed);
    let n = 4 + draws.below(12);
    let mut graph = Graph::default();
    let id = |v: usize| format!("v{v:02}");
    for v in 0..n {
        let kind = if v == 0 { Kind::Entrypoint } else { Kind::Service };
        let world = World::new().thing(&id(v), kind);
        graph.nodes.extend(world.graph().nodes);
    }
    for v in 1..n {
        for _ in 0..1 + draws.below(3) {
            graph.edges.push(edge(&id(draws.below(v)), Relation::Serves, &id(v)));
        }
    }
    for _ in 0..draws.below(3) {
        // Loops do not matter to dominance.
        let back = 1 + draws.below(n - 1);
        graph.edges.push(edge(&id(n - 1), Relation::Serves, &id(back)));
    }
    graph.journeys = vec![journey("j", 1.0, vec![id(n - 1).as_str().into()])];
    (sorted(graph), n)
}

/// Dominators of the last node by the data-flow equations: dom(v) = {v} and what dominates all it comes from.
fn dominators(graph: &Graph, n: usize) -> BTreeSet<SubjectId> {
    let number = |id: &SubjectId| id.as_str()[1..].parse::<usize>().expect("number");
    let everything: BTreeSet<usize> = (0..n).collect();
    let mut dom: Vec<BTreeSet<usize>> = vec![everything; n];
    dom[0] = BTreeSet::from([0]);
    loop {
        let before = dom.clone();
        for v in 1..n {
            let from = graph.edges.iter().filter(|e| number(&e.to) == v).map(|e| dom[number(&e.from)].clone());
            let mut all = from.reduce(|a, b| a.intersection(&b).copied().collect()).unwrap_or_default();
            all.insert(v);
            dom[v] = all;
        }
        if dom == before {
            return dom[n - 1].iter().map(|v| format!("v{v:02}").into()).collect();
        }
    }
}
