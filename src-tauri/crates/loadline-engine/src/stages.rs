//! One way through: a snapshot, what people decided and what the ledger remembers become an assessment.

use crate::compare::requests;
use crate::debt::debt;
use crate::lives::Lives;
use crate::revalue::Whole;
use crate::statements::Decided;
use loadline_model::{
    Assessment, Capacity, Check, Decision, DeploymentRow, FactIndex, Gap, LedgerEntry, MODEL_VERSION, Policy, RuleInfo,
    Score, Shipped, Snapshot, Topology, Trends, deployments_by_subject,
};
use loadline_rules::{Context, catalog, evaluate};
use loadline_score::ledger::{self, Ledger};
use loadline_score::{Scored, Situation, decompose};
use serde::{Deserialize, Serialize};

/// Everything an assessment follows from; the same case gives the same bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Name of the workspace, printed in exports.
    pub workspace: String,
    /// The evidence.
    pub snapshot: Snapshot,
    /// The evidence a week earlier, for what changed.
    pub previous: Option<Snapshot>,
    /// The log of decisions.
    pub decisions: Vec<Decision>,
    /// What the ledger held before this snapshot.
    pub ledger: Vec<LedgerEntry>,
}

/// What one snapshot says before plan and proof.
pub struct Judgement {
    /// The snapshot with statements.
    pub stated: Snapshot,
    /// Graph and single points of failure.
    pub topology: Topology,
    /// Latency, errors, demand, delivery.
    pub trends: Trends,
    /// Headroom.
    pub capacity: Capacity,
    /// Every check.
    pub checks: Vec<Check>,
    /// Readiness.
    pub score: Score,
}

/// Graph, trends, capacity, checks and score of a snapshot.
pub fn judge(snapshot: &Snapshot, decided: &Decided, rules: &[RuleInfo]) -> Judgement {
    let stated = decided.state_into(snapshot);
    let policy = &decided.policy;
    let facts = FactIndex::new(&stated);
    let topology = loadline_topology::analyse(&facts);
    let trends = loadline_stats::trends(&facts, policy);
    let capacity = loadline_capacity::assess(&facts, &topology, &trends, policy);
    let as_of = stated.taken_at;
    let context = Context::new(&facts, (&topology, &capacity, &trends), policy, as_of);
    let checks = evaluate(&context);
    let score = loadline_score::rate(&checks, rules, &Situation { topology: &topology, capacity: &capacity, policy });
    Judgement { stated, topology, trends, capacity, checks, score }
}

/// The whole way through.
pub fn assess(case: &Case) -> Assessment {
    let rules = catalog();
    let (decided, judged, book) = entered(case, &rules);
    let facts = FactIndex::new(&judged.stated);
    let policy = &decided.policy;
    let as_of = case.snapshot.taken_at;

    let changed = case.previous.as_ref().map(|previous| {
        let before = judge(previous, &decided, &rules);
        decompose(
            &Scored { score: &before.score, checks: &before.checks, model_version: MODEL_VERSION },
            &Scored { score: &judged.score, checks: &judged.checks, model_version: MODEL_VERSION },
        )
    });

    let mut findings =
        loadline_score::findings(&judged.checks, &book, &rules, &judged.score, &decided.acceptances, as_of);
    let debt = debt(&facts, &judged.checks, &rules, &decided);
    let items = loadline_roadmap::items(
        &judged.checks,
        &rules,
        &judged.score,
        &judged.topology,
        &judged.capacity,
        &debt,
        &decided.items,
        policy,
    );
    for finding in &mut findings {
        finding.item = items.iter().find(|i| i.closes.contains(&finding.fingerprint)).map(|i| i.id.clone());
    }
    let whole = Whole::new(&items, &judged.checks, &rules, &judged.topology, &judged.capacity, policy, &judged.score);
    let roadmap = loadline_roadmap::plan(items.clone(), policy, as_of, &whole);
    let wanted = requests(&facts, &judged, &decided, &rules);
    let comparisons = loadline_stats::compare(&facts, &judged.trends, &wanted, policy);

    Assessment {
        schema: "loadline.assessment/1".into(),
        model_version: MODEL_VERSION.into(),
        snapshot: case.snapshot.id.clone(),
        as_of,
        zone: case.snapshot.zone.name.clone(),
        workspace: case.workspace.clone(),
        accounts: case.snapshot.accounts.clone(),
        policy: policy.clone(),
        findings,
        resolved: book.resolved,
        changed,
        debt,
        comparisons,
        roadmap,
        deployments: deployments(&facts),
        gaps: all_gaps(&case.snapshot.gaps, &judged),
        checks: judged.checks,
        topology: judged.topology,
        score: judged.score,
        trends: judged.trends,
        capacity: judged.capacity,
        rules,
    }
}

/// The ledger after a snapshot, without plan and proof, which it does not need.
pub fn ledger_after(case: &Case) -> Vec<LedgerEntry> {
    entered(case, &catalog()).2.entries
}

/// What people decided and what the snapshot says, entered into the ledger, all under today's ids.
fn entered(case: &Case, rules: &[RuleInfo]) -> (Decided, Judgement, Ledger) {
    let mut decided = Decided::from_log(&case.decisions);
    let judged = judge(&case.snapshot, &decided, rules);
    let lives = Lives::of(&judged.stated, &FactIndex::new(&judged.stated), rules.iter().map(|r| &r.id));
    lives.decide(&mut decided);
    let moment = ledger::Moment { snapshot: &case.snapshot.id, at: case.snapshot.taken_at };
    let book = ledger::update(&lives.carried(&case.ledger), &judged.checks, &decided.acceptances, &moment);
    (decided, judged, book)
}

/// The case as it reads back from its own JSON: what a bundle holds and what it is verified against are then the same bytes.
///
/// # Errors
/// Only when the case cannot be written as JSON.
pub fn settled(case: &Case) -> Result<Case, serde_json::Error> {
    serde_json::from_slice(&serde_json::to_vec(case)?)
}

/// Default policy with what the log changes.
pub fn policy(decisions: &[Decision]) -> Policy {
    Decided::from_log(decisions).policy
}

fn deployments(facts: &FactIndex<'_>) -> Vec<DeploymentRow> {
    let row = |id: &loadline_model::SubjectId, shipped: Shipped<'_>| {
        let resource = facts.resource(id);
        let service = loadline_model::SubjectRef {
            id: id.clone(),
            kind: resource.map(|r| r.kind),
            name: resource.map_or_else(|| id.to_string(), |r| r.name.clone()),
            account: Some(shipped.provenance.account.clone()),
            region: resource.and_then(|r| r.region.clone()),
        };
        DeploymentRow { service, deployment: shipped.deployment }
    };
    let mut rows: Vec<DeploymentRow> = deployments_by_subject(facts)
        .into_iter()
        .flat_map(|(id, all)| all.into_iter().map(|s| row(&id, s)).collect::<Vec<_>>())
        .collect();
    rows.sort_by(|a, b| (b.deployment.started_at, &a.deployment.id).cmp(&(a.deployment.started_at, &b.deployment.id)));
    rows.truncate(500);
    rows
}

fn all_gaps(read: &[Gap], judged: &Judgement) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = read.iter().chain(&judged.topology.gaps).cloned().collect();
    gaps.extend(judged.checks.iter().filter_map(|c| c.result.gap.clone()));
    gaps.sort();
    gaps.dedup();
    gaps
}
