//! Application pools can oversubscribe the database.

use super::pooled::pools_of;
use super::reading::dependents;
use super::wording::{count, named, percent};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Severity, SubjectId, key};

pub(super) const RULE: Rule = Rule {
    id: "DB-009",
    title: "Application pools can oversubscribe the database",
    question: "If autoscaling reaches its maximum, do all pools together exceed the database's limit?",
    why: "Members x processes x pool size is arithmetic nobody does until the night of the campaign: scaling out, meant to save \
          the day, is then what exhausts the database (S1 runs many processes, S4 autoscales).",
    condition: "At the scaler's maximum, members x processes x connections of a process exceed 90 % of the usable connections, \
                without a pooler; with one, the pooler's own server connections do",
    fix: &["put a pooler in between", "lower the pool of each process", "give workers a pool of their own"],
    effort_days: [0.5, 2.0],
    effort_source: "HD",
    weight: 2,
    severity: "high when the members that ten times today's load needs would exceed the limit; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Database]),
    numbers: &[
        Number { key: "share", value: 0.9, unit: "ratio", source: "HD" },
        Number { key: "spike", value: 10.0, unit: "x", source: "S4 (sale days)" },
    ],
    sources: &[
        (
            "repository",
            "pool size per process x processes per member (PM2, gunicorn workers) from code, Procfile and environment",
        ),
        ("kubernetes", "HorizontalPodAutoscaler.spec.maxReplicas, Deployment.spec.replicas"),
        (
            "aws",
            "autoscaling:DescribeAutoScalingGroups -> MaxSize; application-autoscaling:DescribeScalableTargets -> MaxCapacity",
        ),
        ("postgres", "max_connections, superuser_reserved_connections, reserved_connections"),
        ("mysql", "@@max_connections"),
        ("pgbouncer", "SHOW CONFIG -> max_client_conn, default_pool_size x databases x users"),
    ],
    proof_metric: "connection_utilisation",
    proof: "the computed worst case over the limit falls below 0.9",
    false_positives: "Serverless drivers that speak HTTP.",
    unknown_when: "the pool size is found neither in code nor in the environment",
    prerequisites: &[],
    check,
};

/// The multiplication for one service.
struct Demand {
    service: String,
    /// Connections at the scaler's maximum.
    worst: f64,
    /// Connections of the members that a spike needs, as far as the scaler allows; `None`: members now unknown.
    spike: Option<f64>,
    evidence: Vec<Evidence>,
}

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let facts = context.facts;
    let Some((most, from)) = facts.number(&subject.id, key::MAX_CONNECTIONS) else {
        let detail = format!("the connection limit of `{}` could not be read", subject.name());
        return CheckResult::unknown(
            GapReason::PermissionDenied,
            detail,
            "Connect the database itself; its settings are readable to every role.",
        );
    };
    let reserved = facts.number(&subject.id, key::RESERVED_CONNECTIONS).map_or(0.0, |(n, _)| n);
    let usable = most - reserved;
    let limit = subject.number("share") * usable;
    let mut evidence = vec![Evidence::read("usable connections", count(usable), from)];
    if let Some((true, pooler)) = facts.flag(&subject.id, key::POOLER_PRESENT) {
        evidence.push(Evidence::read("connection pooler", "present", pooler));
        return with_pooler(subject, context, usable, limit, evidence);
    }
    let services = dependents(&subject.id, context);
    if services.is_empty() {
        return CheckResult::unknown(
            GapReason::UnmappedSubject,
            format!("which services use `{}` is not known", subject.name()),
            "Link services to the database: loadline link, or connect the platform that runs them.",
        )
        .with_evidence(evidence);
    }
    let (mut demands, mut missing) = (Vec::new(), Vec::new());
    for id in &services {
        match demand(id, subject, context) {
            Some(d) => demands.push(d),
            None => missing.push(context.reference(id).name),
        }
    }
    let worst: f64 = demands.iter().map(|d| d.worst).sum();
    let spike: Option<f64> = demands.iter().map(|d| d.spike).sum();
    let parts: Vec<String> = demands.iter().map(|d| format!("`{}` {}", d.service, count(d.worst))).collect();
    evidence.extend(demands.into_iter().flat_map(|d| d.evidence));
    let said =
        format!("{} connections at full scale ({}) against {} usable", count(worst), parts.join(", "), count(usable));
    // What is known already exceeds the limit: what is missing could only add to it.
    if worst > limit {
        let severity = if spike.is_some_and(|s| s > limit) { Severity::High } else { Severity::Medium };
        let sentence = format!("{said} of `{}`: scaling out would exhaust the database.", subject.name());
        let fit = (limit / worst * 100.0).floor();
        return CheckResult::fail(severity, sentence, evidence)
            .with_remedy(format!("Put a pooler in front, or cut every per-process pool to {fit:.0} % of its size."));
    }
    if !missing.is_empty() {
        let detail = format!("pool size, processes or members of {} were not found", named(&missing));
        return CheckResult::unknown(
            GapReason::NotConnected,
            detail,
            "Connect the repository (pool size, worker count) and the platform that scales it.",
        )
        .with_evidence(evidence);
    }
    CheckResult::pass(format!("{said} of `{}`.", subject.name()), evidence)
}

fn demand(service: &SubjectId, subject: &Subject<'_>, context: &Context<'_>) -> Option<Demand> {
    let facts = context.facts;
    let (processes, p1) = facts.number(service, key::PROCESSES_PER_MEMBER)?;
    let (pool, p2) = facts.number(service, key::POOL_MAX_PER_PROCESS)?;
    let desired = facts.number(service, key::DESIRED_MEMBERS);
    let (most, p3) = facts.number(service, key::MAXIMUM_MEMBERS).or(desired)?;
    let name = context.reference(service).name;
    let evidence = vec![
        Evidence::read(format!("most members of `{name}`"), count(most), p3),
        Evidence::read(format!("processes per member of `{name}`"), count(processes), p1),
        Evidence::read(format!("connections per process of `{name}`"), count(pool), p2),
    ];
    let each = processes * pool;
    let spike = desired.map(|(now, _)| (now * subject.number("spike")).min(most) * each);
    Some(Demand { service: name, worst: most * each, spike, evidence })
}

fn with_pooler(
    subject: &Subject<'_>,
    context: &Context<'_>,
    usable: f64,
    limit: f64,
    mut evidence: Vec<Evidence>,
) -> CheckResult {
    let pools = pools_of(subject, context);
    let sizes: Option<f64> = pools.iter().map(|(p, _)| p.size.map(|s| s * p.processes.unwrap_or(1.0))).sum();
    let Some(total) = sizes.filter(|_| !pools.is_empty()) else {
        return CheckResult::unknown(
            GapReason::NotConnected,
            format!("how many server connections the pooler of `{}` may open is not known", subject.name()),
            "Let the account read SHOW CONFIG and SHOW DATABASES of PgBouncer, or connect its exporter.",
        )
        .with_evidence(evidence);
    };
    evidence.extend(
        pools
            .iter()
            .map(|(p, from)| Evidence::read(format!("pool {}", p.pool), count(p.size.unwrap_or_default()), from)),
    );
    let said = format!(
        "The pooler may open {} connections, {} of what `{}` accepts",
        count(total),
        percent(total / usable.max(1.0)),
        subject.name()
    );
    if total > limit {
        let remedy = format!("Set default_pool_size so that all pools together stay below {}.", count(limit.floor()));
        return CheckResult::fail(Severity::Medium, format!("{said}; beyond the limit it is refused."), evidence)
            .with_remedy(remedy);
    }
    CheckResult::pass(format!("{said}."), evidence)
}

#[cfg(test)]
#[path = "pools_oversubscribe_tests.rs"]
mod tests;
