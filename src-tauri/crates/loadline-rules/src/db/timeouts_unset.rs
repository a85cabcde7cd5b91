//! Timeouts for statements and locks are not set.

use super::reading::Engine;
use super::remedies::statement_timeout;
use super::wording::{duration, named};
use super::{lock_waits, long_transactions};
use crate::{Applies, Context, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "DB-016",
    title: "Timeouts for statements and locks are not set",
    question: "Can one bad query hold resources for ever?",
    why: "Without a timeout one slow analytics query holds connections and locks until payments fail (S2); PostgreSQL's default \
          is none.",
    condition: "The effective statement timeout or idle-in-transaction timeout of the application's role is 0",
    fix: &[
        "role defaults: 5-30 s for interactive statements, 30 s idle in transaction, 2-5 s lock_timeout for migrations",
        "longer values for batch roles",
    ],
    effort_days: [0.25, 1.0],
    effort_source: "HD",
    weight: 2,
    severity: "high when lock waits (DB-015) or long transactions (DB-017) already fail; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Database]),
    numbers: &[],
    sources: &[
        (
            "postgres",
            "statement_timeout, lock_timeout, idle_in_transaction_session_timeout, transaction_timeout from pg_settings and pg_db_role_setting",
        ),
        ("mysql", "@@max_execution_time (MariaDB: @@max_statement_time), @@innodb_lock_wait_timeout, @@wait_timeout"),
        ("mongodb", "defaultMaxTimeMS; maxTimeMS in code"),
    ],
    proof_metric: "lock_wait",
    proof: "the longest active statement a day gets shorter",
    false_positives: "Timeouts that the driver or the pooler enforces (query_timeout).",
    unknown_when: "role settings are not visible",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let postgres = !matches!(Engine::of(subject.engine()), Engine::Mysql | Engine::Mongodb);
    let mut needed = vec![(key::STATEMENT_TIMEOUT_MS, "statement timeout")];
    if postgres {
        needed.push((key::IDLE_IN_TRANSACTION_TIMEOUT_MS, "idle-in-transaction timeout"));
    }
    let (mut evidence, mut unset, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    for (key, words) in needed {
        let settings: Vec<_> = context.facts.settings(&subject.id, key).collect();
        // What a role is given replaces the server's default, so the default counts only where no role is listed.
        let by_role = settings.iter().any(|(s, _)| s.item.is_some());
        let effective: Vec<_> = settings
            .iter()
            .filter(|(s, _)| s.item.is_some() == by_role)
            .filter_map(|(s, p)| Some((s.item.as_deref(), s.value.as_number()?, *p)))
            .collect();
        if effective.is_empty() {
            missing.push(words.to_owned());
        }
        for (role, ms, from) in effective {
            let what = role.map_or_else(|| words.to_owned(), |r| format!("{words} of {r}"));
            evidence.push(Evidence::read(
                what.clone(),
                if ms > 0.0 { duration(ms / 1e3) } else { "none".to_owned() },
                from,
            ));
            if ms <= 0.0 {
                unset.push(what);
            }
        }
    }
    if !unset.is_empty() {
        let hurting = fails(&lock_waits::RULE, subject, context) || fails(&long_transactions::RULE, subject, context);
        let severity = if hurting { Severity::High } else { Severity::Medium };
        let sentence = format!(
            "`{}` has no {}: one bad query can hold connections and locks for ever.",
            subject.name(),
            named(&unset)
        );
        return CheckResult::fail(severity, sentence, evidence).with_remedy(statement_timeout(subject.engine()));
    }
    if !missing.is_empty() {
        let detail = format!("the {} of `{}` could not be read", missing.join(" and "), subject.name());
        let closes = match Engine::of(subject.engine()) {
            Engine::Mongodb => "Look at defaultMaxTimeMS (MongoDB 8.0 or newer) and at maxTimeMS in the code.",
            _ => "Connect the database itself with a role that sees pg_settings and pg_db_role_setting (pg_monitor).",
        };
        return CheckResult::unknown(GapReason::PermissionDenied, detail, closes).with_evidence(evidence);
    }
    CheckResult::pass(format!("Statements of `{}` end by themselves.", subject.name()), evidence)
}

fn fails(rule: &'static Rule, subject: &Subject<'_>, context: &Context<'_>) -> bool {
    let Some(resource) = subject.resource else { return false };
    let asked = Subject::thing(rule, &subject.id, resource, context);
    (rule.check)(&asked, context).outcome.severity().is_some()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::db::lock_samples::cases::calm;
    use crate::db::reading::cases::database;
    use crate::testing::Case;
    use loadline_model::{LockSample, Setting, Tier, Value, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
        let role = |case: Case, key: &str, role: &str, ms: f64| {
            case.has("db", Setting { key: key.into(), item: Some(role.into()), value: Value::Number(ms) })
        };
        let pg = |statement: f64, idle: f64| {
            database("postgresql", Tier::T0).number("db", key::STATEMENT_TIMEOUT_MS, statement).number(
                "db",
                key::IDLE_IN_TRANSACTION_TIMEOUT_MS,
                idle,
            )
        };
        check(database("postgresql", Tier::T0), "unknown permission_denied");
        check(
            database("postgresql", Tier::T0).number("db", key::STATEMENT_TIMEOUT_MS, 9e3),
            "unknown permission_denied",
        );
        check(pg(15e3, 30e3), "pass");
        check(pg(0.0, 30e3), "fail medium");
        check(pg(15e3, 0.0), "fail medium");
        check(pg(0.0, 0.0).has("db", LockSample { longest_wait_s: 40.0, ..calm(9) }), "fail high");
        check(pg(0.0, 0.0).has("db", LockSample { oldest_transaction_s: 400.0, ..calm(9) }), "fail high");
        check(role(pg(0.0, 30e3), key::STATEMENT_TIMEOUT_MS, "app", 15e3), "pass");
        check(role(pg(15e3, 30e3), key::STATEMENT_TIMEOUT_MS, "app", 0.0), "fail medium");
        check(database("mysql", Tier::T0).number("db", key::STATEMENT_TIMEOUT_MS, 15e3), "pass");
        check(database("mysql", Tier::T0).number("db", key::STATEMENT_TIMEOUT_MS, 0.0), "fail medium");
    }
}
