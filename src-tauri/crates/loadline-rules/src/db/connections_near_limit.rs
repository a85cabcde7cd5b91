//! Connections near the limit.

use crate::cap::headroom::measured_by;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Limited, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "DB-007",
    title: "Connections near the limit",
    question: "How close is the database to refusing connections?",
    why: "At the limit new requests fail at once: growth shows up as an outage, not as slowness. In one engagement too many \
          connections hung the database (S4).",
    condition: "p99 of used over usable connections is 80 % or more over 7 days, or any connection was refused",
    fix: &[
        "put a pooler in front (PgBouncer in transaction mode, RDS Proxy)",
        "size pools from measured concurrency (Erlang C), not from hope",
        "end idle sessions with timeouts",
    ],
    effort_days: [1.0, 3.0],
    effort_source: "S4 (pooling within the 15-20 day quick wins)",
    weight: 5,
    severity: "critical: refusals in 7 days or >= 95 %; high >= 85 %; medium >= 80 %",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Database]),
    numbers: &[
        Number { key: "medium_ratio", value: 0.80, unit: "ratio", source: "postgres_exporter mixin alert" },
        Number { key: "high_ratio", value: 0.85, unit: "ratio", source: "HD" },
        Number { key: "critical_ratio", value: 0.95, unit: "ratio", source: "HD" },
        Number { key: "days", value: 7.0, unit: "d", source: "HD" },
    ],
    sources: &[
        (
            "postgres",
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'; max_connections, superuser_reserved_connections",
        ),
        (
            "prometheus",
            "sum(pg_stat_activity_count) / (pg_settings_max_connections - pg_settings_superuser_reserved_connections)",
        ),
    ],
    proof_metric: "connection_utilisation",
    proof: "p99 connection utilisation falls; refusals per week fall to 0",
    false_positives: "A pooler with fixed server connections may run near its own limit on purpose.",
    unknown_when: "the limit is not readable, as on serverless engines",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let facts = context.facts;
    let mut evidence = Vec::new();
    if let Some((refused, from)) = facts.number(&subject.id, key::CONNECTIONS_REFUSED_7D) {
        evidence.push(Evidence::read("refused connections in 7 days", format!("{refused:.0}"), from));
        if refused > 0.0 {
            let sentence = format!("`{}` refused {refused:.0} connections in 7 days.", subject.name());
            return CheckResult::fail(Severity::Critical, sentence, evidence);
        }
    }
    let Some(used) =
        context.capacity.utilisation.iter().find(|u| u.subject.id == subject.id && u.limited == Limited::Connections)
    else {
        return CheckResult::unknown(
            GapReason::FeatureDisabled,
            format!("neither the connections in use nor the limit of `{}` could be read", subject.name()),
            "Connect the database itself (loadline connect postgres, mysql), or a Prometheus that scrapes its exporter.",
        );
    };
    evidence.extend(measured_by(used, context));
    for (key, whose) in [(key::CONNECTIONS_OF, ""), (key::CONNECTIONS_OF_PROGRAM, "program ")] {
        let owners = facts.settings(&subject.id, key).filter_map(|(s, p)| Some((s.value.as_number()?, s, p)));
        let mut owners: Vec<_> = owners.collect();
        owners.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.item.cmp(&b.1.item)));
        evidence.extend(owners.iter().take(3).map(|(n, s, p)| {
            let owner = s.item.as_deref().unwrap_or("?");
            Evidence::read(format!("connections of {whose}{owner}"), format!("{n:.0}"), p)
        }));
    }
    let ratio = used.now.p50;
    let said = format!("`{}` uses {:.0} % of its connections", subject.name(), ratio * 100.0);
    let severity =
        [("critical_ratio", Severity::Critical), ("high_ratio", Severity::High), ("medium_ratio", Severity::Medium)]
            .into_iter()
            .find(|(key, _)| ratio >= subject.number(key));
    if let Some((_, severity)) = severity {
        return CheckResult::fail(severity, format!("{said}; at the limit new requests fail at once."), evidence);
    }
    let need = subject.number("days");
    if used.days < need {
        let detail = format!(
            "{said} at the moment of reading; a pass needs {need:.0} days of samples, there are {:.1}",
            used.days
        );
        return CheckResult::unknown(
            GapReason::ShortWindow,
            detail,
            "Connect a Prometheus that scrapes the exporter of the database, or collect for 7 days.",
        )
        .with_evidence(evidence);
    }
    CheckResult::pass(format!("{said} at peak over {:.0} days.", used.days), evidence)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{Kind, Limited, key};

    #[test]
    fn cases() {
        let db = || Case::new().thing("db", Kind::Database);
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
        check(db(), "unknown feature_disabled");
        check(db().used("db", Limited::Connections, 0.50, 9.0), "pass");
        check(db().used("db", Limited::Connections, 0.50, 0.0), "unknown short_window");
        check(db().used("db", Limited::Connections, 0.81, 0.0), "fail medium");
        check(db().used("db", Limited::Connections, 0.86, 9.0), "fail high");
        check(db().used("db", Limited::Connections, 0.96, 9.0), "fail critical");
        check(db().number("db", key::CONNECTIONS_REFUSED_7D, 2.0), "fail critical");
    }
}
