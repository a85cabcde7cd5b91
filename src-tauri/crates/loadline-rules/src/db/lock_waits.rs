//! Lock waits and deadlocks.

use super::lock_samples::{self, lock_samples, not_enough};
use super::reading::statistics_hours;
use super::wording::{count, duration, percent};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "DB-015",
    title: "Lock waits and deadlocks",
    question: "Do transactions block each other?",
    why: "A blocked session keeps its connection and its request: waiting spreads to callers, and at peak hours it ends in \
          timeouts (S2).",
    condition: "More than 5 % of active sessions are blocked in more than 1 % of looks, or one waits longer than 30 s, or \
                deadlocks exceed one an hour",
    fix: &[
        "shorten transactions",
        "take locks in one order everywhere",
        "set lock_timeout for migrations",
        "queue updates of hot counters",
    ],
    effort_days: [1.0, 4.0],
    effort_source: "HD",
    weight: 2,
    severity: "high on a T0 store; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Database]),
    numbers: &[
        Number { key: "blocked_share", value: 0.05, unit: "ratio", source: "HD" },
        Number { key: "looks_share", value: 0.01, unit: "ratio", source: "HD" },
        Number { key: "wait_s", value: 30.0, unit: "s", source: "HD" },
        Number { key: "deadlocks_per_hour", value: 1.0, unit: "1/h", source: "HD" },
        Number { key: "samples", value: 100.0, unit: "count", source: "HD: 1 % needs a hundred looks" },
        Number { key: "interval_s", value: 60.0, unit: "s", source: "HD" },
    ],
    sources: &[
        (
            "postgres",
            "pg_stat_activity wait_event_type = 'Lock' with pg_blocking_pids(pid); pg_stat_database.deadlocks; log_lock_waits",
        ),
        (
            "mysql",
            "Innodb_row_lock_time_avg, Innodb_row_lock_waits, performance_schema.data_lock_waits, SHOW ENGINE INNODB STATUS",
        ),
        (
            "mongodb",
            "serverStatus.globalLock.currentQueue, writeConflicts, queues.execution tickets (before 8.0: wiredTiger.concurrentTransactions)",
        ),
    ],
    proof_metric: "lock_wait",
    proof: "lock wait a minute and deadlocks an hour fall",
    false_positives: "A planned window for schema changes.",
    unknown_when: "looks are more than 60 s apart",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let samples = lock_samples(subject, context);
    let mut evidence = lock_samples::evidence(&samples);
    let deadlocks = context.facts.number(&subject.id, key::DEADLOCKS);
    evidence.extend(deadlocks.map(|(n, p)| Evidence::read("deadlocks since the statistics began", count(n), p)));
    // Less than an hour of counting is taken as an hour, so that the rate is never exaggerated.
    let per_hour = deadlocks.zip(statistics_hours(&subject.id, context)).map(|((n, _), hours)| n / hours.max(1.0));
    let blocked = samples.iter().filter(|(s, _)| s.blocked > subject.number("blocked_share") * s.active).count();
    let share = blocked as f64 / (samples.len().max(1)) as f64;
    let longest = samples.iter().map(|(s, _)| s).max_by(|a, b| a.longest_wait_s.total_cmp(&b.longest_wait_s));
    let severity = if subject.is_t0() { Severity::High } else { Severity::Medium };
    if let Some(worst) = longest {
        evidence.extend(worst.chains.iter().take(5).map(|c| Evidence::derived("who blocks whom", c.clone())));
    }
    let wait = longest.map_or(0.0, |s| s.longest_wait_s);
    let said = if wait > subject.number("wait_s") {
        format!(
            "A session of `{}` waited {} for a lock, with its connection and its request",
            subject.name(),
            duration(wait)
        )
    } else if blocked > 0 && share > subject.number("looks_share") {
        format!("{} of the looks at `{}` found sessions blocked by others", percent(share), subject.name())
    } else if let Some(rate) = per_hour.filter(|r| *r > subject.number("deadlocks_per_hour")) {
        format!("{} deadlocks an hour abort transactions of `{}`", count(rate), subject.name())
    } else if let Some(unknown) = not_enough(subject, &samples) {
        return unknown;
    } else {
        return CheckResult::pass(format!("Transactions of `{}` do not block each other.", subject.name()), evidence);
    };
    CheckResult::fail(severity, format!("{said}."), evidence)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::db::lock_samples::cases::{calm, watched};
    use crate::db::reading::cases::database;
    use crate::testing::Case;
    use loadline_model::{LockSample, Tier, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
        let db = |tier| database("postgresql", tier);
        check(db(Tier::T0), "unknown permission_denied");
        check(db(Tier::T0).has("db", calm(30)), "unknown low_sample");
        check(watched(db(Tier::T0), 30), "pass");
        check(watched(db(Tier::T0), 300), "unknown low_sample");
        let waiting = LockSample { longest_wait_s: 31.0, ..calm(5) };
        check(db(Tier::T0).has("db", waiting.clone()), "fail high");
        check(db(Tier::T1).has("db", waiting), "fail medium");
        let blocked = |ago| LockSample { blocked: 1.0, ..calm(ago) };
        check(watched(db(Tier::T1), 30).has("db", blocked(5)), "pass");
        check(watched(db(Tier::T1), 30).has("db", blocked(5)).has("db", blocked(6)), "fail medium");
        let dead = |n| {
            watched(db(Tier::T1), 30).number("db", key::DEADLOCKS, n).number("db", key::STATISTICS_WINDOW_HOURS, 48.0)
        };
        check(dead(48.0), "pass");
        check(dead(96.0), "fail medium");
    }
}
