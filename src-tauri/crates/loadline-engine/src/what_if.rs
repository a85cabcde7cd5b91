//! What readiness would be after a change that was only thought of: the change is written into the evidence as an account
//! would say it, and every stage runs again. New parts are not judged, since nothing is known of them; everything that was
//! judged before is judged again.

use crate::EngineError;
use crate::stages::{Case, judge};
use crate::statements::Decided;
use loadline_model::{
    Assessment, Basis, Body, Check, Confidence, Edge, Fact, FactBody, Fingerprint, Graph, Kind, Node, Outcome,
    Provenance, Relation, Resource, Score, Setting, Snapshot, SubjectId, Value, key,
};
use loadline_score::Situation;
use loadline_topology::WhatIf;
use std::collections::{BTreeMap, BTreeSet};

/// Written as the call of facts that are only thought of.
const CALL: &str = "what-if";

/// Readiness after a change, and the judgements that moved.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// Readiness then.
    pub then: Score,
    /// What failed or was unknown and would pass.
    pub closed: Vec<Check>,
    /// What passed and would fail.
    pub opened: Vec<Check>,
}

/// Tries changes against an assessment of this case.
///
/// # Errors
/// `unknown_subject` when a change names what the graph does not hold.
pub fn try_out(case: &Case, assessed: &Assessment, changes: &[WhatIf]) -> Result<Tried, EngineError> {
    let decided = Decided::from_log(&case.decisions);
    let mut snapshot = case.snapshot.clone();
    let mut graph = assessed.topology.graph.clone();
    for change in changes {
        Draft { snapshot: &mut snapshot, graph: &graph }.write(change)?;
        graph = loadline_topology::with_change(&graph, change);
    }
    let judged = judge(&snapshot, &decided, &assessed.rules);
    let before: BTreeMap<&Fingerprint, &Check> = assessed.checks.iter().map(|c| (&c.fingerprint, c)).collect();
    let checks: Vec<Check> = judged.checks.iter().filter(|c| before.contains_key(&c.fingerprint)).cloned().collect();
    let situation = Situation { topology: &judged.topology, capacity: &judged.capacity, policy: &decided.policy };
    let then = loadline_score::rate(&checks, &assessed.rules, &situation);
    let fails = |c: &Check| matches!(c.result.outcome, Outcome::Fail { .. });
    let passes = |c: &Check| c.result.outcome == Outcome::Pass;
    let was = |c: &Check, test: &dyn Fn(&Check) -> bool| before.get(&c.fingerprint).is_some_and(|b| test(b));
    let closed = checks.iter().filter(|c| passes(c) && !was(c, &passes)).cloned().collect();
    let opened = checks.iter().filter(|c| fails(c) && was(c, &passes)).cloned().collect();
    Ok(Tried { then, closed, opened })
}

/// The evidence that a change is written into.
struct Draft<'a> {
    snapshot: &'a mut Snapshot,
    graph: &'a Graph,
}

impl Draft<'_> {
    fn write(&mut self, change: &WhatIf) -> Result<(), EngineError> {
        match change {
            WhatIf::AddReplica { group } => self.add_replica(&self.node(group)?),
            WhatIf::MakeAutomaticFailover { store } => self.fail_over(&self.node(store)?),
            WhatIf::MoveToZone { instance, zone } => {
                let (instance, zone) = (self.node(instance)?, self.node(zone)?);
                self.leave_places(&instance.id);
                self.relate(&instance.id, &instance.id, Relation::RunsIn, &zone.id);
            }
            WhatIf::Soften { from, to } => {
                self.edges(from, |edge| {
                    if edge.to == *to && matches!(edge.relation, Relation::DependsOn { .. }) {
                        edge.relation = Relation::DependsOn { hard: false };
                    }
                });
            }
        }
        Ok(())
    }

    fn node(&self, id: &SubjectId) -> Result<Node, EngineError> {
        let unknown = || EngineError::new("unknown_subject", format!("The map holds nothing called `{id}`."));
        self.graph.node(id).cloned().ok_or_else(unknown)
    }

    fn members(&self, group: &SubjectId) -> Vec<SubjectId> {
        let inside = self.graph.edges.iter().filter(|e| e.to == *group && e.relation == Relation::MemberOf);
        inside.map(|e| e.from.clone()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn add_replica(&mut self, node: &Node) {
        let members = self.members(&node.id);
        if members.is_empty() && node.kind.is_store() {
            let copy = self.twin(node, node.kind, &[]);
            self.relate(&node.id, &node.id, Relation::ReplicatedTo { synchronous: None, automatic: None }, &copy);
            self.raise(&node.id, key::STANDBY_MEMBERS, 1.0);
            return;
        }
        let mut all = members;
        if all.is_empty() {
            // What it ran in, its first member runs in.
            let first = self.twin(node, Kind::Instance, &[]);
            for place in self.taken(&node.id, Relation::RunsIn) {
                self.relate(&node.id, &first, Relation::RunsIn, &place);
            }
            self.relate(&node.id, &first, Relation::MemberOf, &node.id);
            all.push(first);
        }
        let kind = all.first().and_then(|m| self.graph.node(m)).map_or(Kind::Instance, |m| m.kind);
        let new = self.twin(node, kind, &all);
        self.relate(&node.id, &new, Relation::MemberOf, &node.id);
        let required = node.required.unwrap_or(1).max(1).min(all.len() as u32);
        let count = all.len() as f64 + 1.0;
        for fact in self.about(&node.id) {
            if let Body::Resource(resource) = &mut fact.body {
                resource.required_members = Some(required);
            }
        }
        self.raise(&node.id, key::DESIRED_MEMBERS, count);
        self.raise(&node.id, key::MINIMUM_MEMBERS, count);
    }

    fn fail_over(&mut self, node: &Node) {
        let mut sources = self.members(&node.id);
        let (grouped, alone) = (!sources.is_empty(), sources.len() == 1);
        sources.push(node.id.clone());
        let mut copied = false;
        for source in &sources {
            self.edges(source, |edge| {
                if let Relation::ReplicatedTo { automatic, .. } = &mut edge.relation {
                    *automatic = Some(true);
                    copied = true;
                }
            });
        }
        if !copied && !grouped {
            let copy = self.twin(node, node.kind, std::slice::from_ref(&node.id));
            let relation = Relation::ReplicatedTo { synchronous: None, automatic: Some(true) };
            self.relate(&node.id, &node.id, relation, &copy);
        }
        // One member cannot take over from itself.
        if !copied && alone {
            self.add_replica(node);
        }
        // MongoDB elects by majority: a primary and two more (MongoDB manual, "Replica Set Elections").
        let elects = self.resource(&node.id).is_some_and(|r| r.engine.as_deref() == Some("mongodb"));
        self.raise(&node.id, key::STANDBY_MEMBERS, if elects { 2.0 } else { 1.0 });
        self.set(&node.id, key::AUTOMATIC_FAILOVER, Value::Bool(true));
    }

    /// One more of a thing, in a zone that none of the others is in, when there is one. Returns its id.
    fn twin(&mut self, of: &Node, kind: Kind, others: &[SubjectId]) -> SubjectId {
        let known: BTreeSet<&SubjectId> = self.snapshot.facts.iter().map(|f| &f.subject).collect();
        let mut ids = (2..).map(|n| SubjectId::new(format!("{}#{n}", of.id)));
        let id = ids.find(|id| !known.contains(id)).unwrap_or_else(|| of.id.clone());
        let resource = Resource {
            region: of.region.clone(),
            engine: self.resource(&of.id).and_then(|r| r.engine.clone()),
            managed: self.resource(&of.id).and_then(|r| r.managed),
            ..Resource::new(kind, format!("{} (new)", of.name))
        };
        self.say(&of.id, &id, resource);
        let used: BTreeSet<&SubjectId> =
            others.iter().filter_map(|o| self.graph.node(o)?.zone.as_ref()).chain(&of.zone).collect();
        let free = |n: &&Node| n.kind == Kind::Zone && n.region == of.region && !used.contains(&n.id);
        if let Some(zone) = self.graph.nodes.iter().find(free).map(|z| z.id.clone()).filter(|_| !used.is_empty()) {
            self.relate(&of.id, &id, Relation::RunsIn, &zone);
        }
        id
    }

    fn resource(&self, id: &SubjectId) -> Option<&Resource> {
        self.snapshot.facts.iter().filter(|f| f.subject == *id).find_map(|f| Resource::of(&f.body))
    }

    /// Everything said about a thing, to be changed.
    fn about(&mut self, id: &SubjectId) -> impl Iterator<Item = &mut Fact> {
        self.snapshot.facts.iter_mut().filter(move |f| f.subject == *id)
    }

    fn edges(&mut self, from: &SubjectId, mut change: impl FnMut(&mut Edge)) {
        for fact in self.about(from) {
            if let Body::Edge(edge) = &mut fact.body {
                change(edge);
            }
        }
    }

    /// Takes a thing's edges of one relation out; returns where they led.
    fn taken(&mut self, from: &SubjectId, relation: Relation) -> Vec<SubjectId> {
        let is_one = |f: &Fact| f.subject == *from && Edge::of(&f.body).is_some_and(|e| e.relation == relation);
        let led = self.snapshot.facts.iter().filter(|f| is_one(f)).filter_map(|f| Edge::of(&f.body));
        let led: Vec<SubjectId> = led.map(|e| e.to.clone()).collect();
        self.snapshot.facts.retain(|f| !is_one(f));
        led
    }

    fn leave_places(&mut self, id: &SubjectId) {
        let graph = self.graph;
        let place = |to: &SubjectId| graph.node(to).is_some_and(|n| matches!(n.kind, Kind::Zone | Kind::Host));
        self.snapshot.facts.retain(|f| {
            let edge = Edge::of(&f.body).filter(|_| f.subject == *id);
            !edge.is_some_and(|e| e.relation == Relation::RunsIn && place(&e.to))
        });
    }

    /// Says that a setting is at least this, where it is less or not known.
    fn raise(&mut self, id: &SubjectId, key: &str, least: f64) {
        let now = self.snapshot.facts.iter().filter(|f| f.subject == *id).filter_map(|f| Setting::of(&f.body));
        let now = now.filter(|s| s.key == key).filter_map(|s| match s.value {
            Value::Number(n) => Some(n),
            _ => None,
        });
        let most = now.fold(least, f64::max);
        self.set(id, key, Value::Number(most));
    }

    fn set(&mut self, id: &SubjectId, key: &str, value: Value) {
        let is_it = |f: &Fact| f.subject == *id && Setting::of(&f.body).is_some_and(|s| s.key == key);
        self.snapshot.facts.retain(|f| !is_it(f));
        self.say(id, id, Setting { key: key.to_owned(), item: None, value });
    }

    fn relate(&mut self, like: &SubjectId, from: &SubjectId, relation: Relation, to: &SubjectId) {
        self.say(like, from, Edge { relation, to: to.clone(), confidence: Confidence::Declared });
    }

    /// Says something as the account of another thing would.
    fn say(&mut self, like: &SubjectId, subject: &SubjectId, body: impl Into<Body>) {
        let read = |f: &&Fact| f.subject == *like && f.provenance.basis != Basis::Stated;
        let account = self.snapshot.facts.iter().find(read).map(|f| f.provenance.account.clone()).unwrap_or_default();
        let provenance =
            Provenance { account, call: CALL.to_owned(), read_at: self.snapshot.taken_at, basis: Basis::Configured };
        self.snapshot.facts.push(Fact { subject: subject.clone(), body: body.into(), provenance });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::AsOf;
    use crate::{Place, Workspace, stages};

    async fn story() -> (Case, Assessment) {
        let workspace = Workspace::open(&Place::Demo).await.expect("demo");
        let case = workspace.case(&AsOf::Named("before".into())).await.expect("demo").expect("before");
        let assessed = stages::assess(&case);
        (case, assessed)
    }

    #[tokio::test]
    async fn a_change_moves_what_it_closes_and_nothing_is_added() {
        let (case, assessed) = story().await;
        let nothing = try_out(&case, &assessed, &[]).expect("no change");
        assert_eq!(nothing.then, assessed.score, "the same stages give the same score");
        assert!(nothing.closed.is_empty() && nothing.opened.is_empty());

        let failing = |rule: &str| {
            let fails = |c: &&Check| c.rule.as_str() == rule && matches!(c.result.outcome, Outcome::Fail { .. });
            assessed.checks.iter().find(fails).unwrap_or_else(|| panic!("{rule} fails nowhere"))
        };
        let store = failing("SPOF-004").subject.id.clone();
        let tried = try_out(&case, &assessed, &[WhatIf::MakeAutomaticFailover { store: store.clone() }]);
        let tried = tried.expect("a store");
        let closes = |rule: &str| tried.closed.iter().any(|c| c.rule.as_str() == rule && c.subject.id == store);
        assert!(closes("SPOF-004"), "{:?}", tried.closed);
        assert!(tried.then.proven_micro > assessed.score.proven_micro);
        assert!(tried.opened.is_empty(), "{:?}", tried.opened);

        // A copy that a person must promote does not take over.
        let copy = try_out(&case, &assessed, &[WhatIf::AddReplica { group: store.clone() }]).expect("a store");
        assert!(!copy.closed.iter().any(|c| c.rule.as_str() == "SPOF-004"), "{:?}", copy.closed);

        let service = failing("SPOF-001").subject.id.clone();
        let tried = try_out(&case, &assessed, &[WhatIf::AddReplica { group: service.clone() }]).expect("a service");
        assert!(
            tried.closed.iter().any(|c| c.rule.as_str() == "SPOF-001" && c.subject.id == service),
            "{:?}",
            tried.closed
        );
        assert!(tried.then.proven_micro > assessed.score.proven_micro);
    }

    #[tokio::test]
    async fn a_change_to_nothing_is_refused() {
        let (case, assessed) = story().await;
        let refused = try_out(&case, &assessed, &[WhatIf::AddReplica { group: "nobody".into() }]).expect_err("refused");
        assert_eq!(refused.code, "unknown_subject");
    }
}
