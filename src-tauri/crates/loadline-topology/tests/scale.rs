//! A hundred thousand things are answered exactly, in seconds.

mod worlds;

use loadline_model::random::Draws;
use loadline_model::*;
use loadline_topology::{System, single_failure_sets};
use worlds::{HARD, World, edge, journey, sorted};

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

/// Layers of services, each needing two of the next layer; one in twenty is a group of two of which one is enough.
fn layered() -> Graph {
    let id = |layer: usize, n: usize| format!("{layer:03}-{n:04}");
    let mut draws = Draws::new(7);
    let mut graph = Graph::default();
    for layer in 0..LAYERS {
        for n in 0..WIDTH {
            let group = draws.below(20) == 0;
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
    let started = std::time::Instant::now();
    let sets = single_failure_sets(&graph);
    let took = started.elapsed();
    println!("{} single points of failure in {took:?}", sets.len());
    assert!(took.as_secs() < 60, "{took:?}");
    let system = System::new(&graph);
    let mut scratch = system.scratch();
    // Spot checks: what is listed stops what it says, what is not listed stops nothing.
    let mut draws = Draws::new(11);
    let listed: std::collections::BTreeMap<_, _> = sets.iter().cloned().collect();
    assert!(listed.len() > 20 && listed.len() < graph.nodes.len());
    for _ in 0..200 {
        let node = &graph.nodes[draws.below(graph.nodes.len())];
        let has_members = node.required.is_some();
        let failure = system.fail(&mut scratch, std::slice::from_ref(&node.id));
        if !has_members {
            assert_eq!(failure.weight_lost, listed.get(&node.id).copied().unwrap_or(0.0), "{}", node.id);
        }
    }
    for (id, blast) in sets.iter().take(50) {
        assert_eq!(system.fail(&mut scratch, std::slice::from_ref(id)).weight_lost, *blast);
    }
}

#[test]
fn a_company_of_4_000_things_is_analysed_whole() {
    let mut world = World::new().thing("lb", Kind::LoadBalancer).things(Kind::Zone, &["za", "zb", "zc"]);
    for s in 0..500 {
        let service = format!("s{s:03}");
        let members: Vec<String> = (0..4).map(|m| format!("{service}-{m}")).collect();
        let all: Vec<&str> = members.iter().map(String::as_str).collect();
        world = world.group(&service, Kind::Service, Some(2), &all);
        for (m, member) in all.iter().enumerate() {
            world = world.runs_in(&[member], ["za", "zb", "zc"][m % 3]);
        }
        for (kind, letter) in [(Kind::Database, "d"), (Kind::Cache, "c"), (Kind::Queue, "q")] {
            let id = format!("{letter}{s:03}");
            world = world.thing(&id, kind).needs(&service, &[&id]);
        }
        if s > 0 {
            world = world.needs(&format!("s{:03}", (s - 1) / 3), &[&service]);
        }
    }
    let world = world.chain(&["lb", "s000"]);
    let world = (0..20).fold(world, |w, j| w.journey(&format!("j{j:02}"), 1.0, &["s000", &format!("s{:03}", j * 20)]));
    let started = std::time::Instant::now();
    let topology = world.topology();
    let took = started.elapsed();
    println!("{} nodes in {took:?}", topology.graph.nodes.len());
    assert!(took.as_secs() < 60, "{took:?}");
    assert_eq!((topology.spofs.len(), topology.fragile_pairs.len(), topology.availability.len()), (1_501, 50, 20));
    assert!(topology.exposures.values().all(|e| e.low <= e.high && e.high <= 1.0 && e.low >= 0.05));
}
