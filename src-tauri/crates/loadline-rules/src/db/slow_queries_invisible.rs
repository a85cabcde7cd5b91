//! Slow queries are invisible.

use super::reading::{Engine, statements};
use super::remedies::more_shapes;
use super::wording::{count, duration};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "DB-001",
    title: "Slow queries are invisible",
    question: "Could you name the ten most expensive queries today?",
    why: "Without statement statistics or a slow log every slowdown starts with guessing, and no index or cache can be shown \
          to have helped (S1, S2 and S4 all began by making queries visible).",
    condition: "Neither statement statistics nor a slow log of 1 s or less is on, or the statistics overflow and evict statements",
    fix: &[
        "turn on pg_stat_statements, Performance Schema digests, or the profiler at slowms 100",
        "ship the slow log to where people look",
        "tie statements to endpoints with tracing comments",
    ],
    effort_days: [0.5, 2.0],
    effort_source: "part of S2's observability work, 1-2 weeks in total",
    weight: 3,
    severity: "high for a T0 store; medium otherwise",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Database]),
    numbers: &[Number { key: "slow_log_ms", value: 1_000.0, unit: "ms", source: "HD; MySQL ships 10 s" }],
    sources: &[
        (
            "postgres",
            "SELECT count(*) FROM pg_extension WHERE extname = 'pg_stat_statements'; SHOW log_min_duration_statement; SELECT dealloc, stats_reset FROM pg_stat_statements_info",
        ),
        ("mysql", "@@slow_query_log, @@long_query_time, @@performance_schema"),
        ("mongodb", "db.getProfilingStatus() -> was, slowms"),
        ("atlas", "GET /groups/{groupId}/processes/{processId}/performanceAdvisor/slowQueryLogs"),
        (
            "aws",
            "rds:DescribeDBInstances -> PerformanceInsightsEnabled, DatabaseInsightsMode, EnabledCloudwatchLogsExports",
        ),
        ("gcp", "sqladmin instances.get -> settings.insightsConfig.queryInsightsEnabled"),
    ],
    proof_metric: "statement_time_share",
    proof: "the share of database time that is attributed to named statements rises",
    false_positives: "Where a privacy policy forbids query text, digests alone are enough.",
    unknown_when: "the catalog or the server settings may not be read",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let facts = context.facts;
    let counted = statements(&subject.id, context);
    let mut evidence = counted.evidence();
    let switched = facts.flag(&subject.id, key::STATEMENT_STATISTICS);
    let log = facts.number(&subject.id, key::SLOW_LOG_THRESHOLD_MS);
    evidence.extend(switched.map(|(on, p)| Evidence::read("statement statistics", if on { "on" } else { "off" }, p)));
    evidence.extend(log.map(|(ms, p)| {
        Evidence::read(
            "slow-statement log",
            if ms < 0.0 { "off".to_owned() } else { format!("from {}", duration(ms / 1e3)) },
            p,
        )
    }));
    let bad = if subject.is_t0() { Severity::High } else { Severity::Medium };
    if let Some((evicted, from)) = facts.number(&subject.id, key::STATEMENTS_EVICTED) {
        evidence.push(Evidence::read("statement shapes evicted", count(evicted), from));
        if evicted > 0.0 {
            let sentence = format!(
                "`{}` dropped {} statement shapes from its statistics: what it shows is not the whole load.",
                subject.name(),
                count(evicted)
            );
            return CheckResult::fail(bad, sentence, evidence).with_remedy(more_shapes(subject.engine()));
        }
    }
    let statistics = switched.map(|(on, _)| on).or((!counted.all.is_empty()).then_some(true));
    let line = subject.number("slow_log_ms");
    // MongoDB's profiler is both: what it does not keep goes to a file that nobody can query.
    let by_profiler = Engine::of(subject.engine()) == Engine::Mongodb && statistics == Some(false);
    let logged = log.map(|(ms, _)| (0.0..=line).contains(&ms)).or(by_profiler.then_some(false));
    match (statistics, logged) {
        (Some(true), _) | (_, Some(true)) => {
            CheckResult::pass(format!("The most expensive statements of `{}` can be named.", subject.name()), evidence)
        }
        (Some(false), Some(false)) => {
            let why = match by_profiler {
                true => "the profiler is off in every database".to_owned(),
                false => {
                    format!("statement statistics are off and the slow log is off or above {}", duration(line / 1e3))
                }
            };
            let sentence = format!("Nobody can name the slow queries of `{}`: {why}.", subject.name());
            CheckResult::fail(bad, sentence, evidence).with_remedy(Engine::of(subject.engine()).opens_statements())
        }
        _ => {
            let missing = if statistics.is_none() { "statement statistics" } else { "the slow-statement log" };
            CheckResult::unknown(
                GapReason::NotConnected,
                format!("whether {missing} of `{}` are on could not be read", subject.name()),
                "Connect the database itself with a role that may read its settings (PostgreSQL: pg_monitor; MySQL: SELECT on \
                 performance_schema; MongoDB: clusterMonitor).",
            )
            .with_evidence(evidence)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::db::reading::cases::{database, statement};
    use crate::testing::Case;
    use loadline_model::{Basis, Setting, Tier, Value, key};

    #[test]
    fn cases() {
        let db = |tier| database("postgresql", tier);
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
        let off = |tier| db(tier).flag("db", key::STATEMENT_STATISTICS, false);
        check(db(Tier::T0), "unknown not_connected");
        check(off(Tier::T0), "unknown not_connected");
        check(off(Tier::T0).number("db", key::SLOW_LOG_THRESHOLD_MS, -1.0), "fail high");
        check(off(Tier::T1).number("db", key::SLOW_LOG_THRESHOLD_MS, 10_000.0), "fail medium");
        check(off(Tier::T1).number("db", key::SLOW_LOG_THRESHOLD_MS, 250.0), "pass");
        let mongo = |on| database("mongodb", Tier::T0).flag("db", key::STATEMENT_STATISTICS, on);
        check(mongo(false), "fail high");
        check(mongo(true), "pass");
        check(database("mongodb", Tier::T0), "unknown not_connected");
        check(db(Tier::T0).flag("db", key::STATEMENT_STATISTICS, true), "pass");
        check(db(Tier::T0).has("db", statement("SELECT 1", 1.0, 1.0, 1.0, 1.0)), "pass");
        check(
            db(Tier::T0).flag("db", key::STATEMENT_STATISTICS, true).number("db", key::STATEMENTS_EVICTED, 9.0),
            "fail high",
        );
        let stated = Setting { key: key::STATEMENT_STATISTICS.into(), item: None, value: Value::Bool(true) };
        check(db(Tier::T0).fact("db", Basis::Stated, stated), "unknown not_connected");
    }
}
