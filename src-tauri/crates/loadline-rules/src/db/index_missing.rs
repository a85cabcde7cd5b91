//! Frequent scans of large tables: index probably missing.

use super::counted_scans::{scan_evidence, scanned_too_often};
use super::index_statement::{create_index, suggestion};
use super::partitions::as_one;
use super::planned_scans;
use super::reading::{
    DAY_HOURS, Engine, Statement, database_of, hours_counted, same_table, short_window, statements, statistics_hours,
    table_stat,
};
use super::wording::count;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Plan, Severity, SubjectId};

pub(super) const RULE: Rule = Rule {
    id: "DB-003",
    title: "Frequent scans of large tables: index probably missing",
    question: "Do hot queries read whole tables?",
    why: "A full scan costs what the table holds, so it slows down as the business grows. One compound index took a query from \
          4 s to 12 ms, and database cost fell by 30-50 % after the three usual fixes (S2).",
    condition: "A table of more than 100,000 rows is scanned more than 100 times a day and a scan reads more than half of it; or \
                statements on it, run 1,000 times a day or more, examine more than 100 rows for each one they return; or a \
                document collection of that size is read by COLLSCAN; or a statement that takes 5 % of database time scans it \
                so, by its plan or by the rows it examines; or 100 deletes elsewhere searched it for want of an index on a foreign key",
    fix: &[
        "confirm the plan with EXPLAIN",
        "create the index without blocking writes: CREATE INDEX CONCURRENTLY, online DDL, rolling build",
        "check that the plan changed and what writes now cost",
        "drop it if it stays unused for 14 days (DB-019)",
    ],
    effort_days: [0.5, 3.0],
    effort_source: "S2: inside 2-3 weeks for index audit, N+1 and replica",
    weight: 5,
    severity: "high: a T0 table, or more than 1,000 rows examined for each returned; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Table]),
    numbers: &[
        Number { key: "rows", value: 100_000.0, unit: "rows", source: "HD" },
        Number { key: "scanned_share", value: 0.5, unit: "ratio", source: "HD" },
        Number {
            key: "parallel_share",
            value: 0.16,
            unit: "ratio",
            source: "half of a third: PostgreSQL scans with two workers and the leader by default",
        },
        Number { key: "scans_per_day", value: 100.0, unit: "1/d", source: "HD" },
        Number { key: "examined_ratio", value: 100.0, unit: "ratio", source: "HD" },
        Number { key: "high_ratio", value: 1_000.0, unit: "ratio", source: "Atlas default alert on scanned/returned" },
        Number { key: "calls_per_day", value: 1_000.0, unit: "1/d", source: "HD" },
        Number { key: "time_share", value: 0.05, unit: "ratio", source: "HD" },
        Number { key: "deletes", value: 100.0, unit: "count", source: "HD" },
        Number { key: "window_hours", value: DAY_HOURS, unit: "h", source: "HD" },
    ],
    sources: &[
        (
            "postgres",
            "pg_stat_user_tables -> seq_scan, seq_tup_read, idx_scan, n_live_tup; EXPLAIN (GENERIC_PLAN) without ANALYZE; hypopg; pg_constraint",
        ),
        (
            "mysql",
            "events_statements_summary_by_digest -> SUM_NO_INDEX_USED, SUM_NO_GOOD_INDEX_USED, SUM_ROWS_EXAMINED, SUM_ROWS_SENT, SUM_SELECT_SCAN; sys.statements_with_full_table_scans",
        ),
        (
            "mongodb",
            "system.profile -> planSummary = COLLSCAN, docsExamined, nreturned; serverStatus.metrics.queryExecutor.scannedObjects",
        ),
        (
            "atlas",
            "GET .../clusters/{clusterName}/performanceAdvisor/suggestedIndexes -> namespace, index, impact, weight",
        ),
    ],
    proof_metric: "rows_examined_per_row",
    proof: "rows examined for each returned row and the statement's mean time fall",
    false_positives: "Tables that are scanned on purpose, filters that match most rows, dashboards.",
    unknown_when: "scans are few and the table's statistics are younger than 24 h",
    prerequisites: &["DB-002"],
    check: |subject, context| as_one(subject, context, judge),
};

// Counters only grow. Scans seen in less than 24 h that already exceed a whole day's threshold will still exceed it when
// the day is over, so a hit needs no full day; only a pass does. The rate is therefore never extrapolated: a count of
// less than a day is taken as the day's.
fn judge(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let Some((stat, from)) = table_stat(&subject.id, context) else {
        return CheckResult::unknown(
            GapReason::PermissionDenied,
            format!("no statistics of `{}` were read", subject.name()),
            "Give the reading role pg_monitor and CONNECT on the database (PostgreSQL), REFERENCES and SELECT on performance_schema \
             (MySQL), or clusterMonitor and read (MongoDB).",
        );
    };
    if let Some((suggested, seen_by)) = suggestion(&subject.id, context) {
        let severity = if subject.is_t0() { Severity::High } else { Severity::Medium };
        let evidence = vec![Evidence::read(suggested.source.clone(), suggested.title.clone(), seen_by)];
        let sentence =
            format!("{} sees statements on `{}` wait for {}.", suggested.source, subject.name(), suggested.title);
        let (_, remedy) = create_index(Engine::Mongodb, subject.name(), &stat.unindexed_filters, &[]);
        return CheckResult::fail(severity, sentence, evidence).with_remedy(remedy);
    }
    let Some(rows) = stat.rows.filter(|r| r.is_finite()) else {
        let detail = format!("the number of rows in `{}` could not be read", subject.name());
        return CheckResult::unknown(GapReason::LowSample, detail, "Run ANALYZE on the table and collect again.");
    };
    let mut evidence = vec![Evidence::read("rows", count(rows), from)];
    if rows <= subject.number("rows") {
        let sentence = format!("`{}` has {} rows: reading it in full is cheap.", subject.name(), count(rows));
        return CheckResult::pass(sentence, evidence);
    }
    let database = database_of(&subject.id, context);
    let window = database.as_ref().and_then(|d| statistics_hours(d, context));
    let hours = hours_counted(stat.since, from, window);
    evidence.extend(scan_evidence(stat).map(|said| Evidence::read("full scans", said, from)));
    let counted = database.as_ref().map(|d| statements(d, context));
    let named: Vec<Statement<'_>> =
        counted.iter().flat_map(|c| c.all.iter().copied()).filter(|s| s.reads_table(subject.name())).collect();
    let engine = Engine::of(
        database.as_ref().and_then(|d| context.facts.resource(d)).and_then(|r| r.engine.as_deref()).unwrap_or(""),
    );
    let severity = if subject.is_t0() { Severity::High } else { Severity::Medium };
    let remedy = || create_index(engine, subject.name(), &stat.unindexed_filters, &named);
    let planned = database.as_ref().zip(counted.as_ref());
    let planned = planned.and_then(|(d, c)| planned_scans::worst(d, &named, c.total_ms, subject, context));
    evidence.extend(planned.iter().flat_map(planned_scans::PlannedScan::evidence));

    let costly = |s: &planned_scans::PlannedScan<'_>| s.share >= subject.number("time_share");
    let examined = || {
        let found = counted.as_ref().and_then(|c| planned_scans::examined(&named, c.total_ms, rows, subject));
        found.filter(costly).inspect(|s| evidence.extend(s.evidence()))
    };
    if let Some(scan) = planned.filter(costly).or_else(examined) {
        let columns = if scan.columns.is_empty() { &stat.unindexed_filters } else { scan.columns };
        let (columns, remedy) = create_index(engine, subject.name(), columns, &named);
        let sentence = format!("{}; {columns}", scan.said(subject.name()));
        return CheckResult::fail(severity, sentence, evidence).with_remedy(remedy);
    }
    let least = subject.number("deletes");
    if let Some((key, said)) = planned_scans::searched_by_deletes(&stat.unindexed_references, least, subject.name()) {
        let (columns, remedy) = create_index(engine, subject.name(), &key.columns, &[]);
        evidence.push(Evidence::read(format!("foreign key `{}`", key.constraint), "no index", from));
        return CheckResult::fail(severity, format!("{said}; {columns}"), evidence).with_remedy(remedy);
    }
    if let Some(sentence) = scanned_too_often(subject, stat, rows, hours) {
        evidence.extend(named.iter().take(3).map(|s| s.evidence(format!("{} calls", count(s.stat.calls)))));
        let (columns, remedy) = remedy();
        return CheckResult::fail(severity, format!("{sentence}; {columns}"), evidence).with_remedy(remedy);
    }
    if let Some((statement, ratio)) = examines_too_much(subject, &named) {
        let severity = if ratio > subject.number("high_ratio") { Severity::High } else { severity };
        evidence.push(statement.evidence(format!("{} rows examined for each returned", count(ratio))));
        let (columns, remedy) = remedy();
        let sentence =
            format!("{} rows of `{}` are examined for each one returned; {columns}", count(ratio), subject.name());
        return CheckResult::fail(severity, sentence, evidence).with_remedy(remedy);
    }
    if engine == Engine::Mongodb && database.as_ref().is_some_and(|d| collection_scanned(d, subject.name(), context)) {
        let (columns, remedy) = remedy();
        let sentence =
            format!("A query reads all {} documents of `{}` (COLLSCAN); {columns}", count(rows), subject.name());
        return CheckResult::fail(severity, sentence, evidence).with_remedy(remedy);
    }
    let need = subject.number("window_hours");
    let examined_known = named.iter().any(|s| s.stat.rows_examined.is_some());
    let seen = if stat.seq_scans.is_some() {
        hours
    } else {
        counted.as_ref().filter(|_| examined_known).and_then(|c| c.hours)
    };
    if stat.seq_scans.is_none() && !examined_known {
        let detail =
            format!("neither full scans of `{}` nor the rows its statements examine were read", subject.name());
        return CheckResult::unknown(GapReason::FeatureDisabled, detail, engine.opens_statements())
            .with_evidence(evidence);
    }
    if seen.is_none_or(|h| h < need) {
        return short_window("the statistics of the table", seen, need, evidence);
    }
    CheckResult::pass(
        format!("`{}` ({} rows) is not read in full by frequent statements.", subject.name(), count(rows)),
        evidence,
    )
}

fn examines_too_much<'s, 'a>(subject: &Subject<'_>, named: &'s [Statement<'a>]) -> Option<(&'s Statement<'a>, f64)> {
    named
        .iter()
        .filter(|s| s.calls_a_day().is_some_and(|c| c >= subject.number("calls_per_day")))
        .filter_map(|s| Some((s, s.stat.rows_examined? / s.stat.rows.max(1.0))))
        .filter(|(_, ratio)| *ratio > subject.number("examined_ratio"))
        .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.stat.fingerprint.cmp(&a.0.stat.fingerprint)))
}

fn collection_scanned(database: &SubjectId, table: &str, context: &Context<'_>) -> bool {
    context.facts.facts::<Plan>(database).any(|(plan, _)| plan.full_scans.iter().any(|t| same_table(t, table)))
}

#[cfg(test)]
#[path = "index_missing_tests.rs"]
mod tests;
