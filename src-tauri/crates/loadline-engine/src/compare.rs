//! Which before/after questions an assessment asks: every finished item, and the newest deployments of each measured service.
//! Metric and moment are fixed by the rule and the record, never chosen by the data.

use crate::EngineError;
use crate::stages::{Case, Judgement, judge};
use crate::statements::Decided;
use loadline_model::{
    Comparison, Deployment, DeploymentStatus, FactIndex, ItemId, Kind, RuleId, RuleInfo, SubjectId, SubjectRef,
    Timestamp, deployments_by_subject, deployments_of, key::metric,
};
use loadline_stats::CompareRequest;
use std::collections::BTreeSet;

/// Deployments compared per service: the newest ones, enough for a review and few enough to keep the correction mild.
const DEPLOYMENTS_PER_SERVICE: usize = 3;
/// A deployment this close to an item's moment is the one that carried it to users.
const CARRIER_HOURS: f64 = 6.0;
/// Proof metrics whose effect shows in request latency: directly, or because users wait for what they count.
const LATENCY_PROOFS: [&str; 9] = [
    "route_latency",
    "statement_time_share",
    "rows_examined_per_row",
    "rows_per_call",
    "db_calls_per_request",
    "connection_wait",
    "cache_hit_ratio",
    "availability_sli",
    "primary_read_share",
];
/// Quantiles asked of every change.
const QUANTILES: [f64; 2] = [0.5, 0.95];

/// The questions, in a fixed order.
pub fn requests(
    facts: &FactIndex<'_>,
    judged: &Judgement,
    decided: &Decided,
    rules: &[RuleInfo],
) -> Vec<CompareRequest> {
    let mut wanted = Vec::new();
    for (item, at) in &decided.items.done {
        wanted.extend(of_item(item, *at, judged, rules, facts));
    }
    wanted.extend(of_deployments(facts, judged));
    wanted
}

/// Before and after of any one deployment of a case, by any of its ids, judged on its own: nothing else is asked, so that nothing
/// is corrected for.
///
/// # Errors
/// `unknown_deployment`, and `not_measured` where no latency of its service is known.
pub fn effect(case: &Case, id: &str) -> Result<Vec<Comparison>, EngineError> {
    let decided = Decided::from_log(&case.decisions);
    let judged = judge(&case.snapshot, &decided, &loadline_rules::catalog());
    let facts = FactIndex::new(&judged.stated);
    let mut all = deployments_by_subject(&facts)
        .into_iter()
        .flat_map(|(service, all)| all.into_iter().map(move |shipped| (service.clone(), shipped)));
    let Some((service, shipped)) = all.find(|(_, shipped)| shipped.ids.iter().any(|known| known == id)) else {
        let message = format!("No deployment has the id `{id}`. `loadline deployments` lists ids.");
        return Err(EngineError::new("unknown_deployment", message));
    };
    let wanted = of_one_deployment(&service, &shipped.deployment, &judged);
    if wanted.is_empty() {
        let message = format!(
            "The latency of `{service}` is not measured, so that what a deployment changed cannot be told. Connect what measures it \
             (Prometheus, CloudWatch, Datadog, New Relic)."
        );
        return Err(EngineError::new("not_measured", message));
    }
    Ok(loadline_stats::compare(&facts, &judged.trends, &wanted, &decided.policy))
}

fn of_item(
    item: &ItemId,
    at: Timestamp,
    judged: &Judgement,
    rules: &[RuleInfo],
    facts: &FactIndex<'_>,
) -> Vec<CompareRequest> {
    let Some((rule_id, prefix)) = item.as_str().split_once('@') else { return Vec::new() };
    let Some(rule) = rules.iter().find(|r| r.id == RuleId::new(rule_id)) else { return Vec::new() };
    if !LATENCY_PROOFS.contains(&rule.proof_metric.as_str()) {
        return Vec::new();
    }
    let check = judged.checks.iter().find(|c| c.rule == rule.id && c.fingerprint.as_str().starts_with(prefix));
    let subject = check.map(|c| c.subject.clone()).unwrap_or_else(SubjectRef::organisation);
    let title = format!("{}: {}", subject.name, rule.title);
    measured_for(&subject.id, judged, facts)
        .into_iter()
        .flat_map(|service| {
            QUANTILES.map(|quantile| CompareRequest {
                item: Some(item.clone()),
                deployment: None,
                title: title.clone(),
                subject: service.clone(),
                metric: metric::REQUEST_DURATION.into(),
                quantile,
                route: None,
                at,
                duration_ms: 0,
                exclude: carriers(&service.id, at, facts),
            })
        })
        .collect()
}

/// Deployments that shipped an item: those of the service within six hours of its moment.
fn carriers(service: &SubjectId, at: Timestamp, facts: &FactIndex<'_>) -> Vec<String> {
    let near = |d: &&Deployment| d.started_at.hours_since(at).abs() <= CARRIER_HOURS;
    facts.facts::<Deployment>(service).map(|(d, _)| d).filter(near).map(|d| d.id.clone()).collect()
}

/// The services whose latency can show an effect on `subject`: itself, or what depends on it, or all that are measured.
fn measured_for(subject: &SubjectId, judged: &Judgement, facts: &FactIndex<'_>) -> Vec<SubjectRef> {
    let measured: Vec<&SubjectRef> =
        judged.trends.latency.iter().filter(|l| l.route.is_none()).map(|l| &l.subject).collect();
    let mut reached: BTreeSet<SubjectId> = BTreeSet::from([facts.canonical(subject)]);
    let mut waiting: Vec<SubjectId> = reached.iter().cloned().collect();
    while let Some(id) = waiting.pop() {
        let upstream = facts.edges_to(&id).map(|e| e.from);
        // A table belongs to its database, an instance to its group: their dependents are the ones that feel it.
        let owners =
            facts.edges_from(&id).filter(|e| facts.resource(&e.to).is_some_and(|r| r.kind != Kind::Zone)).map(|e| e.to);
        let next: Vec<SubjectId> = upstream.chain(owners.filter(|_| id == *subject)).collect();
        for id in next {
            if reached.insert(id.clone()) {
                waiting.push(id);
            }
        }
    }
    let related: Vec<SubjectRef> = measured.iter().filter(|s| reached.contains(&s.id)).map(|s| (*s).clone()).collect();
    if related.is_empty() { measured.into_iter().cloned().collect() } else { related }
}

fn of_deployments(facts: &FactIndex<'_>, judged: &Judgement) -> Vec<CompareRequest> {
    let mut wanted = Vec::new();
    for latency in judged.trends.latency.iter().filter(|l| l.route.is_none()) {
        let mut deployments: Vec<Deployment> = deployments_of(facts, &latency.subject.id)
            .into_iter()
            .map(|s| s.deployment)
            .filter(|d| d.status == DeploymentStatus::Succeeded)
            .collect();
        deployments.sort_by(|a, b| (b.started_at, &a.id).cmp(&(a.started_at, &b.id)));
        for deployment in deployments.iter().take(DEPLOYMENTS_PER_SERVICE) {
            wanted.extend(of_one_deployment(&latency.subject.id, deployment, judged));
        }
    }
    wanted
}

fn of_one_deployment(service: &SubjectId, deployment: &Deployment, judged: &Judgement) -> Vec<CompareRequest> {
    let Some(latency) = judged.trends.latency_of(service) else { return Vec::new() };
    let at = deployment.finished_at.unwrap_or(deployment.started_at);
    let revision: String = deployment.revision.chars().take(12).collect();
    QUANTILES
        .map(|quantile| CompareRequest {
            item: None,
            deployment: Some(deployment.id.clone()),
            title: format!("{} {revision}", latency.subject.name),
            subject: latency.subject.clone(),
            metric: metric::REQUEST_DURATION.into(),
            quantile,
            route: None,
            at,
            duration_ms: (at.0 - deployment.started_at.0).max(0),
            exclude: vec![deployment.id.clone()],
        })
        .to_vec()
}
