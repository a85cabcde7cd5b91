//! Small worlds for the tests: snapshots said in a few words, and random graphs.
#![allow(dead_code, reason = "each test binary uses its own part")]

use loadline_model::random::Draws;
use loadline_model::*;

/// A snapshot under construction.
#[derive(Default)]
pub(crate) struct World(pub(crate) Snapshot);

impl World {
    pub(crate) fn new() -> Self {
        Self(Snapshot { taken_at: Timestamp::parse("2026-11-16T07:00:00Z").expect("valid"), ..Snapshot::default() })
    }
    pub(crate) fn says(mut self, subject: &str, body: impl Into<Body>) -> Self {
        let provenance = Provenance {
            account: "acc".into(),
            call: "test".into(),
            read_at: self.0.taken_at,
            basis: Basis::Configured,
        };
        self.0.facts.push(Fact { subject: subject.into(), body: body.into(), provenance });
        self
    }
    pub(crate) fn thing(self, id: &str, kind: Kind) -> Self {
        self.says(id, Resource::new(kind, id))
    }
    pub(crate) fn things(self, kind: Kind, ids: &[&str]) -> Self {
        ids.iter().fold(self, |world, id| world.thing(id, kind))
    }
    pub(crate) fn group(self, id: &str, kind: Kind, required: Option<u32>, members: &[&str]) -> Self {
        let world = self.says(id, Resource { required_members: required, ..Resource::new(kind, id) });
        members.iter().fold(world, |world, m| world.thing(m, Kind::Instance).edge(m, Relation::MemberOf, id))
    }
    pub(crate) fn edge(self, from: &str, relation: Relation, to: &str) -> Self {
        self.sure(from, relation, to, Confidence::Declared)
    }
    pub(crate) fn sure(self, from: &str, relation: Relation, to: &str, confidence: Confidence) -> Self {
        self.says(from, Edge { relation, to: to.into(), confidence })
    }
    pub(crate) fn needs(self, from: &str, to: &[&str]) -> Self {
        to.iter().fold(self, |world, to| world.edge(from, Relation::DependsOn { hard: true }, to))
    }
    pub(crate) fn runs_in(self, things: &[&str], place: &str) -> Self {
        things.iter().fold(self, |world, t| world.edge(t, Relation::RunsIn, place))
    }
    pub(crate) fn chain(self, ids: &[&str]) -> Self {
        ids.windows(2).fold(self, |world, w| world.edge(w[0], Relation::Serves, w[1]))
    }
    pub(crate) fn set(self, id: &str, key: &str, value: Value) -> Self {
        self.says(id, Setting { key: key.into(), item: None, value })
    }
    pub(crate) fn journey(self, id: &str, weight: f64, needs: &[&str]) -> Self {
        let world = self.thing(id, Kind::Journey).set(id, key::JOURNEY_WEIGHT, Value::Number(weight));
        needs.iter().fold(world, |world, to| world.edge(id, Relation::Needs, to))
    }
    pub(crate) fn gap(mut self, reason: GapReason, hides: &[Kind]) -> Self {
        self.0.gaps.push(Gap {
            account: None,
            scope: "all".into(),
            reason,
            detail: "test".into(),
            closes: "test".into(),
            hides: hides.to_vec(),
            subject: None,
        });
        self
    }
    pub(crate) fn graph(&self) -> Graph {
        loadline_topology::build(&FactIndex::new(&self.0))
    }
    pub(crate) fn topology(&self) -> Topology {
        loadline_topology::analyse(&FactIndex::new(&self.0))
    }
}

pub(crate) const SOFT: Relation = Relation::DependsOn { hard: false };
pub(crate) const HARD: Relation = Relation::DependsOn { hard: true };

/// The system of example E1.
pub(crate) fn e1() -> World {
    World::new()
        .thing("dns", Kind::Dns)
        .thing("cdn", Kind::Cdn)
        .thing("alb", Kind::LoadBalancer)
        .group("api", Kind::Service, Some(1), &["api1", "api2"])
        .group("worker", Kind::Service, Some(1), &["worker1", "worker2"])
        .thing("pg", Kind::Database)
        .thing("redis", Kind::Cache)
        .thing("nat", Kind::Gateway)
        .thing("psp", Kind::External)
        .things(Kind::Zone, &["aza", "azb"])
        .chain(&["dns", "cdn", "alb", "api"])
        .runs_in(&["api1", "pg", "nat"], "aza")
        .runs_in(&["api2", "redis"], "azb")
        .needs("api", &["pg"])
        .edge("api", SOFT, "redis")
        .edge("psp", Relation::RoutesThrough, "nat")
        .journey("browse", 0.5, &["api", "pg"])
        .journey("checkout", 0.3, &["api", "pg", "redis", "psp"])
        .journey("signup", 0.2, &["api", "pg", "redis"])
}

fn node(id: String, kind: Kind) -> Node {
    Node {
        name: id.clone(),
        id: id.into(),
        kind,
        account: None,
        region: None,
        zone: None,
        environment: Environment::Production,
        tier: Tier::T2,
        required: None,
        members: 0,
        required_assumed: false,
        implied: false,
        managed: None,
        engine: None,
    }
}

pub(crate) fn edge(from: &str, relation: Relation, to: &str) -> GraphEdge {
    GraphEdge {
        from: from.into(),
        to: to.into(),
        relation,
        confidence: Confidence::Declared,
        basis: Basis::Configured,
        source: "random".into(),
    }
}

pub(crate) fn journey(id: &str, weight: f64, needs: Vec<SubjectId>) -> Journey {
    Journey { id: id.into(), name: id.into(), weight, critical: true, needs, broken_model: false, implicit: false }
}

/// Sorts what a graph keeps sorted.
pub(crate) fn sorted(mut graph: Graph) -> Graph {
    graph.nodes.sort_by(|a, b| a.id.cmp(&b.id));
    graph.edges.retain(|e| e.from != e.to);
    graph.edges.sort();
    graph.edges.dedup();
    graph
}

const KINDS: &[(Kind, &str, usize)] = &[
    (Kind::Zone, "z", 3),
    (Kind::Host, "h", 3),
    (Kind::Gateway, "g", 2),
    (Kind::External, "x", 2),
    (Kind::Database, "d", 3),
    (Kind::Cache, "c", 2),
    (Kind::Instance, "i", 7),
    (Kind::Service, "s", 5),
    (Kind::LoadBalancer, "l", 2),
    (Kind::Dns, "n", 1),
    (Kind::Entrypoint, "e", 1),
];

/// A random graph of about two dozen nodes with two or three journeys.
pub(crate) fn random_graph(seed: u64) -> Graph {
    let mut draws = Draws::new(seed);
    let mut graph = Graph::default();
    let mut ids: Vec<(Kind, String)> = Vec::new();
    for (kind, letter, most) in KINDS {
        for n in 0..draws.below(*most + 1) {
            ids.push((*kind, format!("{letter}{n}")));
        }
    }
    graph.nodes = ids.iter().map(|(kind, id)| node(id.clone(), *kind)).collect();
    let of = |kinds: &[Kind]| -> Vec<String> {
        ids.iter().filter(|(k, _)| kinds.contains(k)).map(|(_, id)| id.clone()).collect()
    };
    let services = of(&[Kind::Service]);
    let functions = of(&[Kind::Service, Kind::Database, Kind::Cache, Kind::External]);
    let placed = of(&[Kind::Instance, Kind::Database, Kind::Cache, Kind::Gateway, Kind::LoadBalancer, Kind::Service]);
    let plan: Vec<(Vec<String>, Relation, Vec<String>, usize)> = vec![
        (services.clone(), HARD, functions.clone(), 6),
        (services.clone(), SOFT, functions.clone(), 3),
        (of(&[Kind::Instance]), Relation::MemberOf, of(&[Kind::Service, Kind::Database]), 9),
        (placed, Relation::RunsIn, of(&[Kind::Zone, Kind::Host]), 8),
        (of(&[Kind::Host]), Relation::RunsIn, of(&[Kind::Zone]), 3),
        (of(&[Kind::External, Kind::Service, Kind::Instance]), Relation::RoutesThrough, of(&[Kind::Gateway]), 4),
        (
            of(&[Kind::Dns, Kind::Entrypoint]),
            Relation::Serves,
            of(&[Kind::LoadBalancer, Kind::Entrypoint, Kind::Service]),
            3,
        ),
        (of(&[Kind::LoadBalancer]), Relation::Serves, of(&[Kind::Service, Kind::Instance]), 5),
        (services.clone(), Relation::Serves, services.clone(), 1),
    ];
    for (from, relation, to, most) in plan {
        for _ in 0..draws.below(most + 1) {
            if from.is_empty() || to.is_empty() {
                break;
            }
            let (a, b) = (&from[draws.below(from.len())], &to[draws.below(to.len())]);
            graph.edges.push(edge(a, relation, b));
        }
    }
    let copies = of(&[Kind::Database, Kind::Instance]);
    for _ in 0..draws.below(4) {
        if copies.len() > 1 {
            let automatic = [None, Some(false), Some(true), Some(true)][draws.below(4)];
            let (a, b) = (&copies[draws.below(copies.len())], &copies[draws.below(copies.len())]);
            let twice = |e: &GraphEdge| e.from.as_str() == a && e.to.as_str() == b;
            if !graph.edges.iter().any(|e| twice(e) && matches!(e.relation, Relation::ReplicatedTo { .. })) {
                graph.edges.push(edge(a, Relation::ReplicatedTo { synchronous: None, automatic }, b));
            }
        }
    }
    for node in &mut graph.nodes {
        if matches!(node.kind, Kind::Service | Kind::Database) && draws.below(3) > 0 {
            node.required = Some(1 + draws.below(3) as u32);
        } else if draws.below(4) == 0 {
            node.required = Some(1);
        }
    }
    let weights = [0.5, 0.3, 0.2];
    for (n, weight) in weights.iter().enumerate() {
        let count = draws.below(4);
        let needs = (0..count)
            .filter(|_| !functions.is_empty())
            .map(|_| functions[draws.below(functions.len())].as_str().into());
        graph.journeys.push(journey(&format!("j{n}"), *weight, needs.collect()));
    }
    sorted(graph)
}

/// The facts that would give a random graph.
pub(crate) fn random_world(seed: u64) -> World {
    let graph = random_graph(seed);
    let mut world = World::new();
    for node in &graph.nodes {
        let resource = Resource { required_members: node.required, ..Resource::new(node.kind, node.name.clone()) };
        world = world.says(node.id.as_str(), resource);
    }
    for edge in &graph.edges {
        world = world.edge(edge.from.as_str(), edge.relation, edge.to.as_str());
    }
    for journey in &graph.journeys {
        let needs: Vec<&str> = journey.needs.iter().map(SubjectId::as_str).collect();
        world = world.journey(journey.id.as_str(), journey.weight, &needs);
    }
    world
}
