//! Analytics, search and aggregation run on the primary.

use super::reading::{DAY_HOURS, Statement, no_statements, short_window, slow_dependent, statements, statistics_hours};
use super::wording::{bytes, count, duration, percent};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, Kind, Severity, Verb, key};

pub(super) const RULE: Rule = Rule {
    id: "DB-020",
    title: "Analytics, search and aggregation run on the primary",
    question: "Do reports compete with customers for the same database?",
    why: "One report that sorts millions of rows pushes everyone's hot data out of memory: joins, aggregations and full-text \
          search on one instance made unrelated features slow (S2).",
    condition: "Statements that aggregate, search text, spill to disk or examine more than 1 M rows take 20 % or more of the \
                primary's time, or one of them lasts more than 30 s, or temporary files exceed 10 GB a day",
    fix: &[
        "move reports to a replica or a warehouse",
        "aggregate ahead or materialise",
        "give text search an engine of its own",
        "shape the tables by how they are read (S3)",
        "schedule what remains off-peak",
    ],
    effort_days: [2.0, 10.0],
    effort_source: "HD",
    weight: 2,
    severity: "high on a T0 store while a dependent service is slower than 500 ms at p95; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Database]),
    numbers: &[
        Number { key: "share", value: 0.20, unit: "ratio", source: "HD" },
        Number { key: "mean_s", value: 30.0, unit: "s", source: "HD" },
        Number { key: "temp_bytes_per_day", value: 1e10, unit: "B/d", source: "HD" },
        Number { key: "rows_examined", value: 1e6, unit: "rows", source: "HD" },
        Number { key: "window_hours", value: DAY_HOURS, unit: "h", source: "HD" },
    ],
    sources: &[
        (
            "postgres",
            "pg_stat_statements with temp_blks_written > 0, or GROUP BY, tsvector, ILIKE in the text; pg_stat_database.temp_bytes; application_name of BI tools",
        ),
        ("mysql", "SUM_CREATED_TMP_DISK_TABLES, SUM_SORT_MERGE_PASSES, SUM_ROWS_EXAMINED by digest"),
        ("mongodb", "$group, $lookup, $text aggregations without an index on the primary; usedDisk"),
    ],
    proof_metric: "statement_time_share",
    proof: "the primary's time in analytical statements falls",
    false_positives: "A primary sized for both, with more than 60 % headroom.",
    unknown_when: "application names are unset and statements are redacted",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    if let Some((true, _)) = context.facts.flag(&subject.id, key::IS_STANDBY) {
        return CheckResult::not_applicable(format!("`{}` is a replica: reports belong there.", subject.name()));
    }
    let counted = statements(&subject.id, context);
    let temp = context.facts.number(&subject.id, key::TEMP_BYTES);
    // Less than a day of counting is taken as a day, so that the rate is never exaggerated.
    let temp_a_day = temp.zip(statistics_hours(&subject.id, context)).map(|((n, _), h)| n / (h / DAY_HOURS).max(1.0));
    let mut evidence = counted.evidence();
    evidence.extend(temp.map(|(n, p)| Evidence::read("temporary files since the statistics began", bytes(n), p)));
    let spills = temp_a_day.filter(|n| *n > subject.number("temp_bytes_per_day"));
    let need = subject.number("window_hours");
    let judged = counted.cover_a_day(need);
    let mut heavy: Vec<&Statement<'_>> =
        counted.all.iter().filter(|s| is_analytical(s, subject.number("rows_examined"))).collect();
    heavy.sort_by(|a, b| b.stat.total_ms.total_cmp(&a.stat.total_ms).then(a.stat.fingerprint.cmp(&b.stat.fingerprint)));
    let time: f64 = heavy.iter().map(|s| s.stat.total_ms).sum();
    let share = if counted.total_ms > 0.0 { time / counted.total_ms } else { 0.0 };
    let long = heavy
        .iter()
        .max_by(|a, b| a.mean_ms().total_cmp(&b.mean_ms()))
        .filter(|s| s.mean_ms() > subject.number("mean_s") * 1e3);
    evidence.extend(
        heavy
            .iter()
            .take(5)
            .map(|s| s.evidence(format!("{} calls, {} each", count(s.stat.calls), duration(s.mean_ms() / 1e3)))),
    );

    let said = if judged && share >= subject.number("share") {
        format!("Reports and searches take {} of the time of `{}`", percent(share), subject.name())
    } else if let Some(statement) = long.filter(|_| judged) {
        format!("A report on `{}` runs {} a time", subject.name(), duration(statement.mean_ms() / 1e3))
    } else if let Some(a_day) = spills {
        format!("Queries of `{}` spill {} a day to disk", subject.name(), bytes(a_day))
    } else if counted.all.is_empty() {
        return no_statements(subject).with_evidence(evidence);
    } else if !judged {
        return short_window("the statement statistics", counted.hours, need, evidence);
    } else {
        return CheckResult::pass(
            format!("Reports and searches take {} of the time of `{}`.", percent(share), subject.name()),
            evidence,
        );
    };
    let slow = slow_dependent(&subject.id, context).filter(|_| subject.is_t0());
    let severity = if slow.is_some() { Severity::High } else { Severity::Medium };
    evidence.extend(slow);
    CheckResult::fail(severity, format!("{said}; customers wait for the same disk, memory and locks."), evidence)
}

fn is_analytical(statement: &Statement<'_>, rows: f64) -> bool {
    const PATTERNS: [&str; 9] =
        ["group by", "tsvector", "tsquery", "ilike", "match (", "$group", "$lookup", "$text", "over ("];
    let text = statement.stat.text.to_ascii_lowercase();
    statement.stat.verb != Verb::Write
        && (statement.stat.temp_blocks.is_some_and(|b| b > 0.0)
            || statement.stat.rows_examined.is_some_and(|r| r / statement.stat.calls > rows)
            || PATTERNS.iter().any(|p| text.contains(p)))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::db::reading::cases::{database, statement};
    use crate::testing::Case;
    use loadline_model::*;

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
        let load = |tier, report_ms: f64, hours: f64| {
            database("postgresql", tier)
                .has("db", statement("SELECT a", 1e6, 1.0, 1.0, hours))
                .has("db", statement("SELECT day, sum(total) FROM orders GROUP BY day", 10.0, report_ms, 30.0, hours))
        };
        check(database("postgresql", Tier::T0), "unknown feature_disabled");
        check(load(Tier::T0, 9e3, 48.0), "pass");
        check(load(Tier::T0, 9e4, 3.0), "unknown short_window");
        check(load(Tier::T0, 2.9e4, 48.0), "fail medium");
        check(
            database("mysql", Tier::T0)
                .has("db", statement("SELECT a", 1e8, 1.0, 1.0, 48.0))
                .has("db", statement("SELECT x GROUP BY y", 9.0, 4e4, 1.0, 48.0)),
            "fail medium",
        );
        let spilled = |n| {
            load(Tier::T0, 9.0, 48.0).number("db", key::TEMP_BYTES, n).number("db", key::STATISTICS_WINDOW_HOURS, 48.0)
        };
        check(spilled(1.9e10), "pass");
        check(spilled(2.1e10), "fail medium");
        check(database("postgresql", Tier::T0).flag("db", key::IS_STANDBY, true), "not_applicable");
    }

    #[test]
    fn high_when_users_feel_it() {
        let mut case = database("postgresql", Tier::T0)
            .has("db", statement("SELECT x GROUP BY y", 9.0, 4e4, 1.0, 48.0))
            .thing("api", Kind::Service)
            .edge("api", Relation::DependsOn { hard: true }, "db");
        let week =
            Percentiles { count: 9_000, p50: Some(0.1), p95: Some(0.8), p99: None, p95_above: false, p99_above: false };
        case.trends.latency = vec![LatencyTrend {
            subject: SubjectRef { id: "api".into(), kind: None, name: "api".into(), account: None, region: None },
            metric: key::metric::REQUEST_DURATION.into(),
            route: None,
            unit: "s".into(),
            mergeable: true,
            last_week: week,
            week_before: week,
            days: vec![],
            change_points: vec![],
        }];
        assert_eq!(case.answer(&RULE, "db"), "fail high");
    }
}
