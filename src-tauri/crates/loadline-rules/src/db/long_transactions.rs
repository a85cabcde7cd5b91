//! Long or idle-in-transaction sessions.

use super::lock_samples::{self, lock_samples, not_enough};
use super::reading::Engine;
use super::wording::duration;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, Kind, LockSample, Severity, num};

pub(super) const RULE: Rule = Rule {
    id: "DB-017",
    title: "Long or idle-in-transaction sessions",
    question: "Is something holding old snapshots or locks?",
    why: "An open transaction keeps its locks and stops vacuum for the whole server, even when it does nothing but wait for \
          another service to answer.",
    condition: "A session is idle in a transaction for more than 5 min, or transactions last more than 1 min at p99",
    fix: &["make no network calls inside a transaction", "set the timeouts of DB-016", "split batches"],
    effort_days: [0.5, 3.0],
    effort_source: "HD",
    weight: 2,
    severity: "high when it blocks other sessions; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Database]),
    numbers: &[
        Number { key: "idle_s", value: 300.0, unit: "s", source: "HD" },
        Number { key: "transaction_s", value: 60.0, unit: "s", source: "HD" },
        Number { key: "samples", value: 100.0, unit: "count", source: "HD: p99 needs a hundred looks" },
        Number { key: "interval_s", value: 60.0, unit: "s", source: "HD" },
    ],
    sources: &[
        ("postgres", "pg_stat_activity -> state, xact_start, backend_xmin; pg_prepared_xacts"),
        ("prometheus", "pg_stat_activity_max_tx_duration"),
        ("mysql", "information_schema.innodb_trx -> trx_started; History list length"),
        ("mongodb", "currentOp secs_running, transactions"),
    ],
    proof_metric: "lock_wait",
    proof: "the age of the oldest transaction at p99 falls",
    false_positives: "Dumps and replication backends.",
    unknown_when: "looks are more than 60 s apart",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let samples = lock_samples(subject, context);
    let mut evidence = lock_samples::evidence(&samples);
    let idle = worst(samples.iter().map(|(s, _)| *s), |s| s.longest_idle_in_transaction_s);
    let oldest = worst(samples.iter().map(|(s, _)| *s), |s| s.oldest_transaction_s);
    let mut ages: Vec<f64> = samples.iter().map(|(s, _)| s.oldest_transaction_s).filter(|v| v.is_finite()).collect();
    ages.sort_by(f64::total_cmp);
    let p99 = num::quantile_sorted(&ages, 0.99);
    evidence.extend(
        idle.map(|s| Evidence::derived("longest idle in transaction", duration(s.longest_idle_in_transaction_s))),
    );
    evidence.extend(p99.map(|s| Evidence::derived("oldest transaction at p99", duration(s))));
    let idle_long = idle.filter(|s| s.longest_idle_in_transaction_s > subject.number("idle_s"));
    let open_long = oldest.filter(|_| p99.is_some_and(|s| s > subject.number("transaction_s")));
    let Some(sample) = idle_long.or(open_long) else {
        return not_enough(subject, &samples).unwrap_or_else(|| {
            CheckResult::pass(format!("Transactions of `{}` are short.", subject.name()), evidence)
        });
    };
    evidence.extend(sample.chains.iter().take(5).map(|c| Evidence::derived("who blocks whom", c.clone())));
    let blocks = sample.blocked > 0.0 || !sample.chains.is_empty();
    let severity = if blocks { Severity::High } else { Severity::Medium };
    let held = match (blocks, Engine::of(subject.engine())) {
        (true, _) => "others wait for it",
        (false, Engine::Mongodb) => "it keeps its locks and old versions in the cache",
        _ => "it keeps its locks and holds vacuum back",
    };
    let sentence = if idle_long.is_some() {
        format!(
            "A session of `{}` sat {} idle in a transaction; {held}.",
            subject.name(),
            duration(sample.longest_idle_in_transaction_s)
        )
    } else {
        format!("A transaction of `{}` was open for {}; {held}.", subject.name(), duration(sample.oldest_transaction_s))
    };
    CheckResult::fail(severity, sentence, evidence)
}

fn worst<'a>(samples: impl Iterator<Item = &'a LockSample>, of: impl Fn(&LockSample) -> f64) -> Option<&'a LockSample> {
    samples.max_by(|a, b| of(a).total_cmp(&of(b)))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::db::lock_samples::cases::{calm, watched};
    use crate::db::reading::cases::database;
    use crate::testing::Case;
    use loadline_model::{LockSample, Tier};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
        let db = || database("postgresql", Tier::T0);
        check(db(), "unknown permission_denied");
        check(db().has("db", calm(5)), "unknown low_sample");
        check(watched(db(), 30), "pass");
        check(db().has("db", LockSample { longest_idle_in_transaction_s: 301.0, ..calm(5) }), "fail medium");
        check(
            db().has("db", LockSample { longest_idle_in_transaction_s: 301.0, blocked: 2.0, ..calm(5) }),
            "fail high",
        );
        let open = |ago| LockSample { oldest_transaction_s: 90.0, ..calm(ago) };
        check(db().has("db", open(5)), "fail medium");
        check(watched(watched(db(), 30), 31).has("db", open(5)), "pass");
        check(watched(db(), 30).has("db", open(5)).has("db", open(6)), "fail medium");
    }
}
