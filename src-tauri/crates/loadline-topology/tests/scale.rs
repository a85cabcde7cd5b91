//! A hundred thousand things are answered exactly, in seconds.

mod worlds;

use loadline_model::random::Draws;
use loadline_model::*;
use loadline_topology::{System, single_failure_sets};
use worlds::{HARD, edge, journey, sorted};

const LAYERS: usize = 100;
const WIDTH: usize = 1_000;

fn thing(id: String, required: Option<u32>) -> Node {
    Node {
        name: id.clone(),
        id: id.into(),
        kind: Kind::Service,
        account: None,
        region: None,
        zone: None,
        environment: Environment::Production,
        tier: Tier::T2,
        required,
        members: 0,
        required_assumed: false,
        implied: false,
        managed: None,
        engine: None,
    }
}

/// Layers of services, each needing two of the next layer; every third layer is groups of two of which one is enough.
fn layered() -> Graph {
    let id = |layer: usize, n: usize| format!("{layer:03}-{n:04}");
    let mut draws = Draws::new(7);
    let mut graph = Graph::default();
    for layer in 0..LAYERS {
        for n in 0..WIDTH {
            let group = layer % 3 == 1;
            graph.nodes.push(thing(id(layer, n), group.then_some(1)));
            if layer + 1 < LAYERS {
                for _ in 0..2 {
                    let next = id(layer + 1, draws.below(WIDTH));
                    let (from, relation, to) =
                        if group { (next, Relation::MemberOf, id(layer, n)) } else { (id(layer, n), HARD, next) };
                    graph.edges.push(edge(&from, relation, &to));
                }
            }
        }
    }
    for n in 0..10 {
        graph.journeys.push(journey(&format!("j{n}"), 0.1, vec![id(0, n).into(), id(0, n + 20).into()]));
    }
    sorted(graph)
}

#[test]
fn a_layered_graph_of_100_000_nodes() {
    let graph = layered();
    assert!(graph.nodes.len() == 100_000 && graph.edges.len() > 190_000);
    let sets = single_failure_sets(&graph);
    let system = System::new(&graph);
    let mut scratch = system.scratch();
    // Spot checks: what is listed stops what it says, what is not listed stops nothing.
    let mut draws = Draws::new(11);
    let listed: std::collections::BTreeMap<_, _> = sets.iter().cloned().collect();
    assert!(listed.len() > 20 && listed.len() < graph.nodes.len());
    for _ in 0..200 {
        let node = &graph.nodes[draws.below(graph.nodes.len())];
        let has_members = graph.edges.iter().any(|e| e.relation == Relation::MemberOf && e.to == node.id);
        let failure = system.fail(&mut scratch, std::slice::from_ref(&node.id));
        if !has_members {
            assert_eq!(failure.weight_lost, listed.get(&node.id).copied().unwrap_or(0.0), "{}", node.id);
        }
    }
    for (id, blast) in sets.iter().take(50) {
        assert_eq!(system.fail(&mut scratch, std::slice::from_ref(id)).weight_lost, *blast);
    }
}
