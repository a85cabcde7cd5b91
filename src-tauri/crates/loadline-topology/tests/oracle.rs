//! The fixed points against a second, naive reading of the definition: sets of ids, rules applied until nothing changes.

mod worlds;

use loadline_model::*;
use loadline_topology::{System, fail, single_failure_sets};
use std::collections::{BTreeMap, BTreeSet};
use worlds::random_graph;

type Ids = BTreeSet<SubjectId>;

/// The definition, read line by line. Slow on purpose.
struct Naive<'g> {
    graph: &'g Graph,
    leads: [BTreeMap<SubjectId, Ids>; 2],
    entered: bool,
    ways: BTreeMap<SubjectId, Option<(Ids, bool)>>,
    before: Ids,
    broken: Vec<bool>,
}

impl<'g> Naive<'g> {
    fn new(graph: &'g Graph) -> Self {
        let mut naive = Self {
            graph,
            leads: Default::default(),
            entered: false,
            ways: BTreeMap::new(),
            before: Ids::new(),
            broken: vec![],
        };
        naive.leads = [naive.leads(false), naive.leads(true)];
        naive.before = naive.down(&[]);
        let entries = naive.entries();
        naive.entered = entries.iter().any(|e| !e.is_empty());
        let needs: Ids = graph.journeys.iter().flat_map(|j| &j.needs).cloned().collect();
        naive.ways = needs.into_iter().map(|n| (n.clone(), naive.way_to(&n, &entries))).collect();
        naive.broken = graph.journeys.iter().map(|j| naive.starts_broken(j)).collect();
        naive
    }
    fn broken(&self, journey: &Journey) -> bool {
        self.graph.journeys.iter().position(|j| j.id == journey.id).is_some_and(|i| self.broken[i])
    }

    fn targets(&self, from: &SubjectId, wanted: impl Fn(&Relation) -> bool) -> Ids {
        self.graph.edges.iter().filter(|e| e.from == *from && wanted(&e.relation)).map(|e| e.to.clone()).collect()
    }
    fn sources(&self, to: &SubjectId, wanted: impl Fn(&Relation) -> bool) -> Ids {
        self.graph.edges.iter().filter(|e| e.to == *to && wanted(&e.relation)).map(|e| e.from.clone()).collect()
    }
    fn kind(&self, id: &SubjectId) -> Kind {
        self.graph.node(id).expect("known").kind
    }
    fn is_member(relation: &Relation) -> bool {
        *relation == Relation::MemberOf
    }
    fn is_copy(relation: &Relation) -> bool {
        matches!(relation, Relation::ReplicatedTo { .. })
    }
    fn is_automatic(relation: &Relation) -> bool {
        matches!(relation, Relation::ReplicatedTo { automatic: Some(true), .. })
    }

    /// Members that count: not a copy of the group itself, and in a store not a mere data copy of another member.
    fn members(&self, group: &SubjectId) -> Ids {
        let said = self.sources(group, Self::is_member);
        let counts = |m: &SubjectId| {
            let copied_from = self.sources(m, Self::is_copy);
            if copied_from.contains(group) {
                return false;
            }
            let inside: Ids = copied_from.intersection(&said).cloned().collect();
            let automatic = self.sources(m, Self::is_automatic);
            !self.kind(group).is_store() || inside.is_empty() || inside.iter().any(|s| automatic.contains(s))
        };
        said.iter().filter(|m| counts(m)).cloned().collect()
    }
    fn stand_ins(&self, id: &SubjectId) -> Ids {
        let groups = |v: &SubjectId| self.targets(v, Self::is_member);
        self.targets(id, Self::is_automatic).into_iter().filter(|copy| groups(copy).is_disjoint(&groups(id))).collect()
    }
    /// What dependents look at.
    fn lost_to_others(&self, id: &SubjectId, bad: &Ids) -> bool {
        bad.contains(id) && self.stand_ins(id).iter().all(|copy| bad.contains(copy))
    }
    fn no_way_out(&self, id: &SubjectId, bad: &Ids) -> bool {
        let gateways = self.targets(id, |r| *r == Relation::RoutesThrough);
        !gateways.is_empty() && gateways.iter().all(|g| self.lost_to_others(g, bad))
    }
    fn calls_out_hard(&self, id: &SubjectId) -> bool {
        let calls = |v: &SubjectId| {
            self.targets(v, |r| *r == Relation::DependsOn { hard: true }).iter().any(|t| self.kind(t) == Kind::External)
        };
        calls(id) || self.targets(id, Self::is_member).iter().any(calls)
    }
    fn way_out_is_hard(&self, id: &SubjectId) -> bool {
        !matches!(self.kind(id), Kind::Service | Kind::Instance) || self.calls_out_hard(id)
    }

    fn misplaced(&self, id: &SubjectId, bad: &Ids) -> bool {
        let mut by_kind: BTreeMap<Kind, Vec<SubjectId>> = BTreeMap::new();
        for place in self.targets(id, |r| *r == Relation::RunsIn) {
            by_kind.entry(self.kind(&place)).or_default().push(place);
        }
        let members = self.members(id);
        by_kind.iter().any(|(kind, places)| {
            let up = places.iter().filter(|p| !self.lost_to_others(p, bad)).count();
            if places.len() == 1 {
                return up == 0;
            }
            let placed =
                |m: &SubjectId| self.targets(m, |r| *r == Relation::RunsIn).iter().any(|p| self.kind(p) == *kind);
            if !members.is_empty() && members.iter().all(placed) {
                return false;
            }
            let required = match self.graph.node(id).expect("known").required {
                Some(k) if members.is_empty() => (k as usize).min(places.len()),
                _ => places.len(),
            };
            up < required
        })
    }

    fn too_few_members(&self, id: &SubjectId, bad: &Ids) -> bool {
        let members = self.members(id);
        if members.is_empty() {
            return false;
        }
        let up = members.iter().filter(|m| !self.lost_to_others(m, bad)).count();
        up < self.graph.node(id).expect("known").required.map_or(members.len(), |k| k as usize)
    }

    fn falls(&self, id: &SubjectId, bad: &Ids) -> bool {
        let hard = self.targets(id, |r| *r == Relation::DependsOn { hard: true });
        hard.iter().any(|t| t != id && self.lost_to_others(t, bad))
            || self.misplaced(id, bad)
            || self.too_few_members(id, bad)
            || (self.way_out_is_hard(id) && self.no_way_out(id, bad))
    }

    fn spread(&self, start: Ids) -> Ids {
        let mut bad = start;
        loop {
            let more: Ids = self
                .graph
                .nodes
                .iter()
                .map(|n| &n.id)
                .filter(|v| !bad.contains(*v) && self.falls(v, &bad))
                .cloned()
                .collect();
            if more.is_empty() {
                return bad;
            }
            bad.extend(more);
        }
    }
    fn down(&self, failed: &[SubjectId]) -> Ids {
        self.spread(failed.iter().cloned().collect())
    }
    fn impaired(&self, down: &Ids) -> Ids {
        let limps = |id: &SubjectId| {
            let soft = self.targets(id, |r| *r == Relation::DependsOn { hard: false });
            soft.iter().any(|t| t != id && self.lost_to_others(t, down))
                || (!self.way_out_is_hard(id) && self.no_way_out(id, down))
        };
        let limping: Ids = self.graph.nodes.iter().map(|n| n.id.clone()).filter(limps).collect();
        self.spread(down.union(&limping).cloned().collect())
    }

    fn leads(&self, calls: bool) -> BTreeMap<SubjectId, Ids> {
        let mut leads: BTreeMap<SubjectId, Ids> = BTreeMap::new();
        for e in &self.graph.edges {
            match e.relation {
                Relation::Serves | Relation::MemberOf => leads.entry(e.from.clone()).or_default().insert(e.to.clone()),
                Relation::DependsOn { .. } if calls => leads.entry(e.from.clone()).or_default().insert(e.to.clone()),
                _ => false,
            };
        }
        leads
    }
    fn walk(&self, from: &Ids, leads: &BTreeMap<SubjectId, Ids>, bad: &Ids) -> Ids {
        let mut seen: Ids = from.iter().filter(|v| !self.lost_to_others(v, bad)).cloned().collect();
        loop {
            let next: Ids = seen.iter().filter_map(|v| leads.get(v)).flatten().cloned().collect();
            let more: Ids = next.into_iter().filter(|v| !seen.contains(v) && !self.lost_to_others(v, bad)).collect();
            if more.is_empty() {
                return seen;
            }
            seen.extend(more);
        }
    }
    /// Entries by strength: what leads to entry points, then DNS, CDN, balancers with nothing before them.
    fn entries(&self) -> Vec<Ids> {
        let leads = self.leads[0].clone();
        let fed: Ids = leads.values().flatten().cloned().collect();
        let all: Vec<SubjectId> = self.graph.nodes.iter().map(|n| n.id.clone()).collect();
        let points: Ids = all.iter().filter(|v| self.kind(v) == Kind::Entrypoint).cloned().collect();
        let reaches_point =
            |v: &SubjectId| !self.walk(&Ids::from([v.clone()]), &leads, &Ids::new()).is_disjoint(&points);
        let first_kinds = [Kind::Dns, Kind::Cdn, Kind::LoadBalancer, Kind::Entrypoint];
        let mut declared: Ids = all
            .iter()
            .filter(|v| !fed.contains(*v) && first_kinds.contains(&self.kind(v)) && reaches_point(v))
            .cloned()
            .collect();
        let covered = self.walk(&declared, &leads, &Ids::new());
        declared.extend(points.difference(&covered).cloned().collect::<Vec<_>>());
        let roots = |kind: Kind| {
            all.iter()
                .filter(|v| self.kind(v) == kind && !fed.contains(*v) && leads.contains_key(*v))
                .cloned()
                .collect()
        };
        vec![declared, roots(Kind::Dns), roots(Kind::Cdn), roots(Kind::LoadBalancer)]
    }
    /// The ways by which a need must be reached; `None` when nothing leads to it.
    fn way_to(&self, need: &SubjectId, entries: &[Ids]) -> Option<(Ids, bool)> {
        let everywhere: Ids = entries.iter().flatten().cloned().collect();
        let ways = entries.iter().map(|e| (e.clone(), false)).chain([(everywhere, true)]);
        ways.filter(|(from, _)| !from.is_empty())
            .find(|(from, calls)| self.walk(from, &self.leads[usize::from(*calls)], &Ids::new()).contains(need))
    }
    fn missing(&self, journey: &Journey, bad: &Ids) -> bool {
        let external = |v: &SubjectId| {
            self.kind(v) == Kind::External && self.targets(v, |r| *r == Relation::RoutesThrough).is_empty()
        };
        let needs_way_out = journey.needs.iter().any(external);
        journey.needs.iter().any(|need| {
            let unreached = self.ways[need]
                .as_ref()
                .is_some_and(|(from, calls)| !self.walk(from, &self.leads[usize::from(*calls)], bad).contains(need));
            let no_way_out = needs_way_out && self.kind(need) == Kind::Service && self.no_way_out(need, bad);
            self.lost_to_others(need, bad) || unreached || no_way_out
        })
    }
    fn starts_broken(&self, journey: &Journey) -> bool {
        let unreached = self.entered && journey.needs.iter().all(|n| self.ways[n].is_none());
        journey.needs.is_empty() || unreached || self.missing(journey, &self.before)
    }
    fn lost(&self, journey: &Journey, failed: &[SubjectId]) -> bool {
        let down = self.down(failed);
        if !self.broken(journey) {
            return self.missing(journey, &down);
        }
        let before = &self.before;
        let hit =
            |n: &SubjectId| failed.contains(n) || (self.lost_to_others(n, &down) && !self.lost_to_others(n, before));
        // A way out that a broken journey needs counts among its needs.
        let external = |v: &SubjectId| {
            self.kind(v) == Kind::External && self.targets(v, |r| *r == Relation::RoutesThrough).is_empty()
        };
        let out =
            |n: &SubjectId| self.kind(n) == Kind::Service && self.no_way_out(n, &down) && !self.no_way_out(n, before);
        journey.needs.iter().any(hit) || (journey.needs.iter().any(external) && journey.needs.iter().any(out))
    }
}

fn up_to_rounding(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

fn check(seed: u64) {
    let graph = random_graph(seed);
    let naive = Naive::new(&graph);
    let mut expected: BTreeMap<SubjectId, f64> = BTreeMap::new();
    for node in graph.nodes.iter().filter(|n| naive.members(&n.id).is_empty()) {
        let failed = [node.id.clone()];
        let blast: f64 = graph.journeys.iter().filter(|j| naive.lost(j, &failed)).map(|j| j.weight).sum();
        if blast > 0.0 {
            expected.insert(node.id.clone(), blast);
        }
    }
    let found: BTreeMap<SubjectId, f64> = single_failure_sets(&graph).into_iter().collect();
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "seed {seed}\n{graph:#?}");
    for (id, blast) in &expected {
        assert!(up_to_rounding(found[id], *blast), "seed {seed}: {id} {} {blast}", found[id]);
    }
}

fn check_failures(seed: u64) {
    let graph = random_graph(seed);
    if graph.nodes.is_empty() {
        return;
    }
    let naive = Naive::new(&graph);
    let system = System::new(&graph);
    let mut scratch = system.scratch();
    let mut draws = loadline_model::random::Draws::new(seed ^ 0xF00D);
    for count in 0..4 {
        let failed: Vec<SubjectId> =
            (0..count).map(|_| graph.nodes[draws.below(graph.nodes.len())].id.clone()).collect();
        let found = system.fail(&mut scratch, &failed);
        assert_eq!(found, fail(&graph, &failed), "scratch must not remember, seed {seed}");
        let down = naive.down(&failed);
        let impaired = naive.impaired(&down);
        assert_eq!(found.down, down.iter().cloned().collect::<Vec<_>>(), "seed {seed} {failed:?}");
        let degraded: Vec<SubjectId> = impaired.difference(&down).cloned().collect();
        assert_eq!(found.degraded, degraded, "seed {seed} {failed:?}");
        let lost: Vec<String> =
            graph.journeys.iter().filter(|j| naive.lost(j, &failed)).map(|j| j.name.clone()).collect();
        assert_eq!(found.journeys_lost, lost, "seed {seed} {failed:?}");
        let limping = graph
            .journeys
            .iter()
            .filter(|j| !naive.broken(j) && !naive.lost(j, &failed) && naive.missing(j, &impaired));
        assert_eq!(found.journeys_degraded, limping.map(|j| j.name.clone()).collect::<Vec<_>>(), "seed {seed}");
    }
}

#[test]
fn single_failures_equal_the_naive_reading_on_4000_random_systems() {
    (0..4_000).for_each(check);
}

#[test]
fn any_failures_equal_the_naive_reading_on_4000_random_systems() {
    (10_000..14_000).for_each(check_failures);
}

#[test]
fn random_systems_are_worth_testing() {
    let mut seen = [0usize; 6];
    for seed in 0..500 {
        let graph = random_graph(seed);
        let naive = Naive::new(&graph);
        let broken = graph.journeys.iter().filter(|j| naive.broken(j)).count();
        seen[0] += usize::from(broken < graph.journeys.len());
        seen[1] += usize::from(broken > 0);
        seen[2] += usize::from(!single_failure_sets(&graph).is_empty());
        seen[3] += graph
            .nodes
            .iter()
            .filter(|n| {
                let members = naive.members(&n.id).len();
                members > 1 && n.required.is_some_and(|k| (k as usize) < members)
            })
            .count();
        seen[4] += graph.nodes.iter().filter(|n| !naive.stand_ins(&n.id).is_empty()).count();
        seen[5] += usize::from(!loadline_topology::fail(&graph, &[]).down.is_empty());
    }
    assert!(seen.iter().all(|n| *n >= 20), "{seen:?}");
}
