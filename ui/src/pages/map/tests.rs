//! The picture of a small company: entry, balancer, a service of two members in two zones, one database, one implied cache.

use super::drawn::{Tie, drawn, open_at_first};
use super::layout::{BOX, layout};
use super::view;
use loadline_model::{
    Basis, Confidence, Environment, FragilePair, Graph, GraphEdge, Interval, Journey, Kind, Node, Relation, Spof,
    SubjectRef, Tier, Topology,
};
use loadline_topology::{WhatIf, fail};
use std::collections::BTreeSet;

fn node(id: &str, kind: Kind, zone: Option<&str>) -> Node {
    Node {
        id: id.into(),
        kind,
        name: id.to_owned(),
        account: None,
        region: None,
        zone: zone.map(Into::into),
        environment: Environment::Production,
        tier: Tier::T0,
        required: (id == "api").then_some(1),
        members: if id == "api" { 2 } else { 0 },
        required_assumed: false,
        implied: id == "cache",
        managed: None,
        engine: None,
    }
}

fn edge(from: &str, to: &str, relation: Relation) -> GraphEdge {
    let confidence = if to == "cache" { Confidence::Inferred } else { Confidence::Observed };
    GraphEdge { from: from.into(), to: to.into(), relation, confidence, basis: Basis::Measured, source: "test".into() }
}

fn company() -> Topology {
    let mut nodes = vec![
        node("entry", Kind::Entrypoint, None),
        node("balancer", Kind::LoadBalancer, None),
        node("api", Kind::Service, None),
        node("api-1", Kind::Instance, Some("zone-a")),
        node("api-2", Kind::Instance, Some("zone-b")),
        node("db", Kind::Database, Some("zone-a")),
        node("copy", Kind::Database, Some("zone-b")),
        node("cache", Kind::Cache, None),
        node("zone-a", Kind::Zone, None),
        node("zone-b", Kind::Zone, None),
        node("mira", Kind::Person, None),
        node("stray", Kind::Service, None),
    ];
    nodes.sort_by(|a, b| a.id.cmp(&b.id));
    let hard = Relation::DependsOn { hard: true };
    let mut edges = vec![
        edge("entry", "balancer", Relation::Serves),
        edge("balancer", "api", Relation::Serves),
        edge("api", "db", hard),
        edge("api", "cache", Relation::DependsOn { hard: false }),
        edge("api-1", "api", Relation::MemberOf),
        edge("api-2", "api", Relation::MemberOf),
        edge("api-1", "zone-a", Relation::RunsIn),
        edge("api-2", "zone-b", Relation::RunsIn),
        edge("db", "zone-a", Relation::RunsIn),
        edge("db", "copy", Relation::ReplicatedTo { synchronous: None, automatic: None }),
        edge("db", "mira", Relation::KnownBy),
    ];
    edges.sort();
    let journeys = vec![Journey {
        id: "sign-up".into(),
        name: "Sign up".into(),
        weight: 1.0,
        critical: true,
        needs: vec!["api".into()],
        broken_model: false,
        implicit: false,
    }];
    let pair = FragilePair {
        first: subject("api-1"),
        second: subject("api-2"),
        journeys_lost: vec!["Sign up".into()],
        risk: 0.1,
    };
    Topology {
        graph: Graph { nodes, edges, journeys },
        spofs: vec![spof()],
        fragile_pairs: vec![pair],
        ..Topology::default()
    }
}

fn subject(id: &str) -> SubjectRef {
    SubjectRef { id: id.into(), name: id.into(), ..SubjectRef::organisation() }
}

fn spof() -> Spof {
    Spof {
        subject: subject("db"),
        blast_radius: 1.0,
        degraded: 0.0,
        journeys_lost: vec!["Sign up".into()],
        hours_per_year: Interval { p10: 2.0, p50: 9.0, p90: 31.0 },
        path: vec!["entry".into(), "api".into(), "db".into(), "Sign up".into()],
        why: String::new(),
        groups: Vec::new(),
        confidence: Confidence::Observed,
        proven: true,
        assumption: String::new(),
    }
}

fn named(drawn: &super::drawn::Drawn) -> Vec<&str> {
    drawn.shapes.iter().map(|s| s.name.as_str()).collect()
}

#[test]
fn only_the_request_path_is_drawn_and_members_fold_into_their_group() {
    let topology = company();
    let open = drawn(&topology, &open_at_first(&topology.graph));
    assert_eq!(named(&open), ["api", "api-1", "api-2", "balancer", "cache", "copy", "db", "entry"]);
    assert_eq!(open.loose, 1, "the stray service");
    assert_eq!(open.pairs.len(), 1);
    let folded = drawn(&topology, &BTreeSet::new());
    assert_eq!(named(&folded), ["api", "balancer", "cache", "copy", "db", "entry"]);
    assert_eq!(folded.pairs, [], "a pair inside one folded group has no two ends");
    assert!(folded.lines.iter().any(|l| l.tie == Tie::Soft && l.inferred));
}

#[test]
fn layers_go_down_and_boxes_never_overlap() {
    let topology = company();
    let scene = layout(drawn(&topology, &open_at_first(&topology.graph)));
    let layer = |name: &str| scene.layers[scene.drawn.shapes.iter().position(|s| s.name == name).expect("drawn")];
    assert!(layer("entry") < layer("balancer") && layer("balancer") < layer("api") && layer("api") < layer("db"));
    assert_eq!(layer("copy"), layer("db"), "a copy stands beside its source");
    for (i, a) in scene.boxes.iter().enumerate() {
        for b in &scene.boxes[i + 1..] {
            assert!((a.0 - b.0).abs() >= BOX.0 || (a.1 - b.1).abs() >= BOX.1, "{a:?} and {b:?}");
        }
        assert!(a.0 >= -0.01 && a.0 + BOX.0 <= scene.width + 0.01 && a.1 + BOX.1 <= scene.height);
    }
}

#[test]
fn bands_hold_exactly_what_runs_in_their_zone() {
    let topology = company();
    let scene = layout(drawn(&topology, &open_at_first(&topology.graph)));
    assert_eq!(scene.bands.len(), 2);
    for band in &scene.bands {
        for (shape, (x, _)) in scene.drawn.shapes.iter().zip(&scene.boxes) {
            let inside = *x >= band.x && x + BOX.0 <= band.x + band.width;
            assert_eq!(inside, shape.zone.as_ref() == Some(&band.id), "{} in {}", shape.name, band.name);
        }
    }
}

#[test]
fn the_same_graph_gives_the_same_picture_even_with_a_cycle() {
    let mut topology = company();
    topology.graph.edges.push(edge("db", "api", Relation::DependsOn { hard: true }));
    topology.graph.edges.sort();
    let draw = || layout(drawn(&topology, &open_at_first(&topology.graph)));
    assert_eq!(draw(), draw());
}

#[test]
fn arrows_reach_the_neighbours() {
    let topology = company();
    let scene = layout(drawn(&topology, &open_at_first(&topology.graph)));
    let at = |name: &str| scene.drawn.shapes.iter().position(|s| s.name == name).expect("drawn");
    assert_eq!(scene.step(at("entry"), (0.0, 1.0)), Some(at("balancer")));
    assert_eq!(scene.step(at("entry"), (0.0, -1.0)), None);
    let (left, right) =
        if scene.boxes[at("api-1")].0 < scene.boxes[at("api-2")].0 { ("api-1", "api-2") } else { ("api-2", "api-1") };
    let rightwards = std::iter::successors(Some(at(left)), |v| {
        scene.step(*v, (1.0, 0.0)).filter(|n| scene.layers[*n] == scene.layers[*v])
    });
    assert!(rightwards.into_iter().any(|v| v == at(right)));
}

#[test]
fn sentences_say_what_stops() {
    let topology = company();
    let failure = fail(&topology.graph, &["db".into()]);
    assert_eq!(
        view::sentence(&["db".into()], &failure, Some(&spof())),
        "One failure of db stops 100\u{202f}% of journeys, about 9\u{202f}h a year: Sign up."
    );
    let one = fail(&topology.graph, &["api-1".into()]);
    assert!(view::sentence(&["api-1".into()], &one, None).starts_with("One failure of api-1 stops no journey"));
    assert!(view::sentence(&[], &one, None).starts_with("Choose a thing"));
}

#[test]
fn automatic_failover_is_worth_something_for_the_database() {
    let topology = company();
    let failed = ["db".into()];
    let before = fail(&topology.graph, &failed);
    let offered = view::changes(&topology.graph, &"db".into());
    assert_eq!(offered.len(), 2);
    let after = view::try_change(&topology.graph, &WhatIf::MakeAutomaticFailover { store: "db".into() }, &failed);
    assert_eq!(view::worth(&before, &after), "Then it stops no journey instead of 100\u{202f}%.");
    let member =
        view::try_change(&topology.graph, &WhatIf::AddReplica { group: "balancer".into() }, &["balancer".into()]);
    assert_eq!(member.journeys_lost, Vec::<String>::new());
}
