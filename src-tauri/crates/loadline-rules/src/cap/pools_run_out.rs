//! Connections, threads, workers or ports run out.

use super::headroom::{judged_with_its_group, tightest};
use crate::db::wording::{count, duration};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Limited, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "CAP-005",
    title: "Connections, threads, workers or ports run out",
    question: "Which pool empties first?",
    why: "A pool has no slope: until the last slot everything is fast, and then the next request fails.",
    condition: "Connections or workers are above 80 % at peak, or were refused in 7 days, or reach their line within 60 days, or \
                the event loop lags more than 100 ms at p99",
    fix: &["pool connections", "set timeouts", "add members", "raise limits after checking memory"],
    effort_days: [0.5, 3.0],
    effort_source: "HD",
    weight: 3,
    severity: "critical: refusals on a T0 thing; high above 90 %, or refusals elsewhere; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[
        Kind::Service,
        Kind::Instance,
        Kind::Database,
        Kind::Cache,
        Kind::LoadBalancer,
        Kind::Gateway,
    ]),
    numbers: &[
        Number { key: "medium", value: 0.80, unit: "ratio", source: "as DB-007" },
        Number { key: "high", value: 0.90, unit: "ratio", source: "HD" },
        Number { key: "days", value: 60.0, unit: "d", source: "HD" },
        Number { key: "lag_ms", value: 100.0, unit: "ms", source: "HD" },
        Number { key: "samples_days", value: 7.0, unit: "d", source: "HD" },
    ],
    sources: &[
        ("postgres", "the ratio of DB-007; pgbouncer client slots"),
        ("redis", "INFO clients -> connected_clients against maxclients"),
        ("mongodb", "serverStatus.connections -> current, available"),
        (
            "prometheus",
            "busy workers and threads, nodejs_eventloop_lag_p99_seconds, nginx stub_status active against worker_connections, process_open_fds / process_max_fds",
        ),
        (
            "aws",
            "AWS/NATGateway ErrorPortAllocation, ActiveConnectionCount; AWS/ApplicationELB RejectedConnectionCount; AWS/ELB SurgeQueueLength",
        ),
    ],
    proof_metric: "connection_utilisation",
    proof: "the highest pool utilisation and refusals fall",
    false_positives: "A fixed-size pool is always full when busy: judge its waiting time.",
    unknown_when: "the limit is not exposed",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    if let Some(with_group) = judged_with_its_group(subject, context) {
        return with_group;
    }
    let facts = context.facts;
    let mut evidence = Vec::new();
    let refused = facts.number(&subject.id, key::CONNECTIONS_REFUSED_7D);
    evidence.extend(refused.map(|(n, p)| Evidence::read("refused connections in 7 days", count(n), p)));
    if let Some((n, _)) = refused.filter(|(n, _)| *n > 0.0) {
        let severity = if subject.is_t0() { Severity::Critical } else { Severity::High };
        return CheckResult::fail(
            severity,
            format!("`{}` refused {} connections in 7 days.", subject.name(), count(n)),
            evidence,
        );
    }
    let lag = facts.number(&subject.id, key::EVENT_LOOP_LAG_P99_MS);
    evidence.extend(lag.map(|(ms, p)| Evidence::read("event-loop lag at p99", duration(ms / 1e3), p)));
    let late = lag.map(|(ms, _)| ms).filter(|ms| *ms > subject.number("lag_ms"));
    let pool = tightest(subject, &[Limited::Connections, Limited::Workers], subject.number("days"), context);
    evidence.extend(pool.iter().flat_map(|p| p.evidence(context)));
    let what = pool
        .as_ref()
        .map_or("pool", |p| if p.utilisation.limited == Limited::Workers { "workers" } else { "connections" });
    if let Some(pool) = &pool {
        let severity = if pool.used() > subject.number("high") {
            Some(Severity::High)
        } else {
            (pool.used() > subject.number("medium") || pool.ends_within(subject.number("days")))
                .then_some(Severity::Medium)
        };
        if let Some(severity) = severity {
            return CheckResult::fail(
                severity,
                format!("{}; at the limit requests fail at once.", pool.said(subject, what)),
                evidence,
            );
        }
    }
    if let Some(ms) = late {
        let sentence = format!(
            "The event loop of `{}` is {} late at p99: every request waits that long before it starts.",
            subject.name(),
            duration(ms / 1e3)
        );
        return CheckResult::fail(Severity::Medium, sentence, evidence);
    }
    match pool {
        Some(pool) => pool.acquit(subject, what, subject.number("samples_days"), subject.number("days"), evidence),
        None if provider_scales(subject) => CheckResult::not_applicable(format!(
            "`{}` is operated by its provider, who sizes its connections.",
            subject.name()
        ))
        .with_evidence(
            facts
                .provenance(&subject.id)
                .map(|p| Evidence::read("operated by", "its provider", p))
                .into_iter()
                .collect(),
        ),
        None => CheckResult::unknown(
            GapReason::FeatureDisabled,
            format!("neither the connections nor the workers of `{}` and their limits were read", subject.name()),
            "Export busy workers and their limit (Prometheus), or connect the store itself.",
        )
        .with_evidence(evidence),
    }
}

/// A balancer or gateway of a provider has no pool that its user could run out of or enlarge.
fn provider_scales(subject: &Subject<'_>) -> bool {
    let front = matches!(subject.kind(), Some(Kind::LoadBalancer | Kind::Gateway));
    front && subject.resource.is_some_and(|r| r.managed == Some(true))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::cap::headroom::cases::{thing, uses};
    use crate::testing::Case;
    use loadline_model::{Kind, Limited::Workers, Tier, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "x"), expected);
        let x = || thing(Kind::Service, Tier::T1);
        check(x(), "unknown feature_disabled");
        check(uses(x(), Workers, 0.5, 9.0, None), "pass");
        check(uses(x(), Workers, 0.5, 1.0, None), "unknown short_window");
        check(uses(x(), Workers, 0.5, 9.0, Some(59.0)), "fail medium");
        check(uses(x(), Workers, 0.81, 9.0, None), "fail medium");
        check(uses(x(), Workers, 0.91, 9.0, None), "fail high");
        check(uses(x(), Workers, 0.5, 9.0, None).number("x", key::EVENT_LOOP_LAG_P99_MS, 120.0), "fail medium");
        check(x().number("x", key::CONNECTIONS_REFUSED_7D, 1.0), "fail high");
        check(thing(Kind::Service, Tier::T0).number("x", key::CONNECTIONS_REFUSED_7D, 1.0), "fail critical");
    }
}
