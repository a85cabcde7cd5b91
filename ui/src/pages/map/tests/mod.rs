//! A small company that the tests look at: entry, balancer, a service of two members in two zones, one database, one implied
//! cache. And a crowd of such companies, for the drawing of thousands.

mod declare;
mod paper;
mod picture;
mod sight;
mod what_if;

use crate::pages::map::drawn::{drawn, folds};
use loadline_model::{
    Basis, Confidence, Environment, FragilePair, Graph, GraphEdge, Interval, Journey, Kind, Node, Relation, Spof,
    SubjectId, SubjectRef, Tier, Topology,
};
use std::collections::BTreeSet;

pub fn node(id: &str, kind: Kind, zone: Option<&str>) -> Node {
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

pub fn edge(from: &str, to: &str, relation: Relation) -> GraphEdge {
    let confidence = if to == "cache" { Confidence::Inferred } else { Confidence::Observed };
    GraphEdge { from: from.into(), to: to.into(), relation, confidence, basis: Basis::Measured, source: "test".into() }
}

pub fn company() -> Topology {
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

pub fn subject(id: &str) -> SubjectRef {
    SubjectRef { id: id.into(), name: id.into(), ..SubjectRef::organisation() }
}

pub fn spof() -> Spof {
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

/// Systems of a balancer, a service group of two members in two of six zones, services, stores with a copy, and eight
/// providers alike each. Ids are scrambled, so that their order says nothing of what belongs together. Every third
/// balancer also serves what lies two layers below it, every fifth system also needs the next one's store, and the first closes a loop.
pub fn crowd(systems: usize) -> Topology {
    let hard = Relation::DependsOn { hard: true };
    let scrambled =
        |text: &str| text.bytes().fold(0x811c_9dc5_u32, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193));
    let name = |system: usize, what: &str| format!("{:08x}-{what}", scrambled(&format!("{what}-{system}")));
    let mut nodes = vec![node("entry", Kind::Entrypoint, None)];
    nodes.extend((0..6).map(|z| node(&format!("zone-{z}"), Kind::Zone, None)));
    let mut edges = Vec::new();
    for s in 0..systems {
        let id = |what: &str| name(s, what);
        let zone = |n: usize| format!("zone-{}", (s + n) % 6);
        nodes.push(node(&id("lb"), Kind::LoadBalancer, None));
        nodes.push(Node { required: Some(1), members: 2, ..node(&id("web"), Kind::Service, None) });
        edges.push(edge("entry", &id("lb"), Relation::Serves));
        edges.push(edge(&id("lb"), &id("web"), Relation::Serves));
        for m in 0..2 {
            let member = id(&format!("web-{m}"));
            nodes.push(node(&member, Kind::Instance, Some(&zone(m))));
            edges.push(edge(&member, &id("web"), Relation::MemberOf));
            edges.push(edge(&member, &zone(m), Relation::RunsIn));
        }
        for service in ["cart", "mail", "price"] {
            nodes.push(node(&id(service), Kind::Service, Some(&zone(2))));
            edges.push(edge(&id("web"), &id(service), hard));
            let store = id(&format!("{service}-db"));
            nodes.push(node(&store, Kind::Database, Some(&zone(3))));
            edges.push(edge(&id(service), &store, hard));
        }
        nodes.push(node(&id("copy"), Kind::Database, Some(&zone(4))));
        edges.push(edge(&id("cart-db"), &id("copy"), Relation::ReplicatedTo { synchronous: None, automatic: None }));
        for provider in 0..8 {
            let provider = id(&format!("pay-{provider}"));
            nodes.push(node(&provider, Kind::External, None));
            edges.push(edge(&id("price"), &provider, Relation::DependsOn { hard: false }));
        }
        if s % 3 == 0 {
            edges.push(edge(&id("lb"), &id("mail"), Relation::Serves));
        }
        if s % 5 == 0 {
            edges.push(edge(&id("mail"), &name((s + 1) % systems, "cart-db"), hard));
        }
    }
    edges.push(edge(&name(0, "mail-db"), &name(0, "lb"), hard));
    nodes.sort_by(|a, b| a.id.cmp(&b.id));
    edges.sort();
    Topology { graph: Graph { nodes, edges, journeys: Vec::new() }, ..Topology::default() }
}

/// Every fold of a drawing, one inside the other.
pub fn everything_open(topology: &Topology) -> BTreeSet<SubjectId> {
    let mut open: BTreeSet<SubjectId> = folds::groups(&topology.graph).into_keys().collect();
    loop {
        let folded = drawn(topology, &open).shapes.into_iter().filter(|s| !s.inside.is_empty());
        let more: Vec<SubjectId> = folded.map(|s| s.id).collect();
        if more.is_empty() {
            return open;
        }
        open.extend(more);
    }
}
