//! Transaction-id wraparound risk.

use super::reading::Engine;
use super::wording::{count, percent};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Severity, key};

/// Ids between the oldest row and the point where PostgreSQL refuses writes: 2^31 less the 3 M it keeps in reserve.
const IDS_UNTIL_WRITES_STOP: f64 = 2_147_483_648.0 - 3_000_000.0;

pub(super) const RULE: Rule = Rule {
    id: "DB-014",
    title: "Transaction-id wraparound risk",
    question: "How far is PostgreSQL from refusing writes?",
    why: "With 3 million transaction ids left PostgreSQL stops accepting writes, and the vacuum that ends the outage takes hours.",
    condition: "The oldest transaction id is older than 1.5 times autovacuum_freeze_max_age (200 M by default, so 300 M)",
    fix: &[
        "remove old prepared transactions and replication slots",
        "VACUUM (FREEZE) the largest of the oldest tables",
        "repair autovacuum (DB-013)",
    ],
    effort_days: [0.5, 2.0],
    effort_source: "HD",
    weight: 3,
    severity: "critical above 1.5 G; high above 1 G; medium above 1.5 times the freeze age",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Database]),
    numbers: &[
        Number {
            key: "freeze_factor",
            value: 1.5,
            unit: "x",
            source: "PostgreSQL: vacuum is forced at autovacuum_freeze_max_age",
        },
        Number { key: "high_age", value: 1e9, unit: "count", source: "HD" },
        Number {
            key: "critical_age",
            value: 1.5e9,
            unit: "count",
            source: "PostgreSQL: warnings at 40 M left, no writes at 3 M left",
        },
    ],
    sources: &[
        (
            "postgres",
            "SELECT datname, age(datfrozenxid), mxid_age(datminmxid) FROM pg_database; relfrozenxid age per table; autovacuum_freeze_max_age",
        ),
        ("aws", "AWS/RDS MaximumUsedTransactionIDs"),
    ],
    proof_metric: "vacuum_debt",
    proof: "the highest age(datfrozenxid) falls",
    false_positives: "None: template databases that refuse connections count as well.",
    unknown_when: "the catalog may not be read",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    if matches!(Engine::of(subject.engine()), Engine::Mysql | Engine::Mongodb) {
        return CheckResult::not_applicable(format!("{} has no transaction ids that wrap around.", subject.engine()));
    }
    let Some((age, from)) = context.facts.number(&subject.id, key::TRANSACTION_ID_AGE) else {
        return CheckResult::unknown(
            GapReason::PermissionDenied,
            format!("the age of the oldest transaction id of `{}` could not be read", subject.name()),
            "Connect the database itself (pg_database is readable to every role), or CloudWatch MaximumUsedTransactionIDs.",
        );
    };
    let mut evidence = vec![Evidence::read("age of the oldest transaction id", count(age), from)];
    let freeze = context.facts.number(&subject.id, key::FREEZE_MAX_AGE);
    evidence.extend(freeze.map(|(n, p)| Evidence::read("autovacuum_freeze_max_age", count(n), p)));
    let used = percent(age / IDS_UNTIL_WRITES_STOP);
    let said = format!(
        "{} transaction ids of `{}` are in use, {used} of what PostgreSQL has before it refuses writes",
        count(age),
        subject.name()
    );
    let severity = if age > subject.number("critical_age") {
        Some(Severity::Critical)
    } else if age > subject.number("high_age") {
        Some(Severity::High)
    } else {
        freeze.filter(|(n, _)| age > subject.number("freeze_factor") * n).map(|_| Severity::Medium)
    };
    match severity {
        Some(severity) => CheckResult::fail(severity, format!("{said}."), evidence).with_remedy(
            "SELECT relname, age(relfrozenxid) FROM pg_class WHERE relkind = 'r' ORDER BY 2 DESC LIMIT 10; then VACUUM (FREEZE) these.",
        ),
        None if freeze.is_none() => {
            let detail = format!("autovacuum_freeze_max_age of `{}` could not be read", subject.name());
            CheckResult::unknown(GapReason::PermissionDenied, detail, "Connect the database itself; pg_settings is readable to every role.").with_evidence(evidence)
        }
        None => CheckResult::pass(format!("{said}; vacuum freezes in time."), evidence),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::db::reading::cases::database;
    use crate::testing::Case;
    use loadline_model::{Tier, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
        let db = || database("postgresql", Tier::T0);
        let aged = |age| db().number("db", key::TRANSACTION_ID_AGE, age).number("db", key::FREEZE_MAX_AGE, 2e8);
        check(db(), "unknown permission_denied");
        check(db().number("db", key::TRANSACTION_ID_AGE, 1e8), "unknown permission_denied");
        check(db().number("db", key::TRANSACTION_ID_AGE, 1.2e9), "fail high");
        check(aged(1e8), "pass");
        check(aged(3e8), "pass");
        check(aged(3.1e8), "fail medium");
        check(aged(1.1e9), "fail high");
        check(aged(1.6e9), "fail critical");
        check(database("mongodb", Tier::T0), "not_applicable");
    }
}
