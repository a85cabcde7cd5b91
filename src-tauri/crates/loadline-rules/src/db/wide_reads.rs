//! Wide reads: SELECT * or full documents.

use super::reading::{
    DAY_HOURS, Engine, Statement, Table, dependents, no_statements, same_table, short_window, statements, tables_of,
};
use super::wording::{bytes, count};
use crate::source_text::hints;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "DB-006",
    title: "Wide reads: SELECT * or full documents",
    question: "Do hot queries fetch columns nobody uses?",
    why: "Columns that nobody reads still cost disk, memory and network, and they keep a covering index from working. Removing \
          SELECT * and shrinking payloads took part in making pages 3-5 times faster (S4, S1).",
    condition: "One of the 50 most frequent statements selects every column of a table with more than 20 columns or more than \
                2 KB a row",
    fix: &[
        "name the columns that are used",
        "add a covering index where it pays",
        "move rarely used wide columns to a table of their own",
    ],
    effort_days: [0.5, 3.0],
    effort_source: "HD",
    weight: 2,
    severity: "medium on a T0 store; low otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Database]),
    numbers: &[
        Number { key: "columns", value: 20.0, unit: "count", source: "HD" },
        Number { key: "bytes_per_row", value: 2_048.0, unit: "B", source: "HD" },
        Number { key: "statements", value: 50.0, unit: "count", source: "HD" },
        Number { key: "window_hours", value: DAY_HOURS, unit: "h", source: "HD" },
    ],
    sources: &[
        (
            "postgres",
            "pg_stat_statements.query matching '^select \\*' among the top 50 by calls; pg_attribute, pg_relation_size",
        ),
        (
            "mysql",
            "events_statements_summary_by_digest.DIGEST_TEXT among the top 50 by COUNT_STAR; information_schema.columns",
        ),
        ("mongodb", "system.profile -> command without projection, responseLength / nreturned > 16 KB"),
        ("repository", "SELECT *, findAll without attributes"),
    ],
    proof_metric: "rows_per_call",
    proof: "bytes a row and blocks read a call fall",
    false_positives: "Narrow tables; administration tools.",
    unknown_when: "the query text is redacted",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut counted = statements(&subject.id, context);
    let starred_in_code = || hints(&[key::idiom::SELECT_ALL], &dependents(&subject.id, context), context);
    if counted.all.is_empty() {
        return no_statements(subject).with_evidence(starred_in_code());
    }
    let mut evidence = counted.evidence();
    counted.all.sort_by(|a, b| b.stat.calls.total_cmp(&a.stat.calls).then(a.stat.fingerprint.cmp(&b.stat.fingerprint)));
    counted.all.truncate(subject.number("statements") as usize);
    let redacted = counted.all.iter().any(|s| s.stat.text.trim().is_empty());
    if redacted || Engine::of(subject.engine()) == Engine::Mongodb {
        return CheckResult::unknown(
            GapReason::FeatureDisabled,
            format!("which columns the statements of `{}` read is not visible in their statistics", subject.name()),
            "Allow the reading role to see query text (PostgreSQL: pg_monitor).",
        )
        .with_evidence(evidence)
        .with_evidence(starred_in_code());
    }
    let tables = tables_of(&subject.id, context);
    let starred: Vec<&Statement<'_>> = counted.all.iter().filter(|s| selects_everything(&s.stat.text)).collect();
    let mut unclear = Vec::new();
    let mut wide: Vec<(&Statement<'_>, &Table<'_>)> = Vec::new();
    for statement in &starred {
        let read: Vec<&Table<'_>> =
            tables.iter().filter(|t| statement.stat.tables.iter().any(|n| same_table(n, &t.name))).collect();
        match read.iter().find(|t| is_wide(subject, t)) {
            Some(table) => wide.push((statement, table)),
            None if read.is_empty() || read.iter().any(|t| t.stat.columns.is_none()) => unclear.push(statement.text()),
            None => evidence.extend(read.iter().map(|t| {
                Evidence::read(
                    format!("columns of `{}`", t.name),
                    t.stat.columns.map_or_else(String::new, count),
                    t.from,
                )
            })),
        }
    }
    if let Some((statement, table)) = wide.first() {
        evidence.push(statement.evidence(format!("{} calls", count(statement.stat.calls))));
        evidence.push(Evidence::read(format!("width of `{}`", table.name), width(table), table.from));
        let severity = if subject.is_t0() { Severity::Medium } else { Severity::Low };
        let sentence = format!(
            "{} calls read every column of `{}` ({}); most of what is sent is thrown away.",
            count(statement.stat.calls),
            table.name,
            width(table)
        );
        return CheckResult::fail(severity, sentence, evidence)
            .with_remedy(format!("Name the columns that are used in: {}", statement.text()));
    }
    if let Some(text) = unclear.first() {
        let detail = format!("the tables that “{text}” reads, or their columns, could not be read");
        return CheckResult::unknown(
            GapReason::UnmappedSubject,
            detail,
            "Give the reading role CONNECT and USAGE so that it can list tables and columns.",
        )
        .with_evidence(evidence);
    }
    let need = subject.number("window_hours");
    if !counted.cover_a_day(need) {
        return short_window("the statement statistics", counted.hours, need, evidence);
    }
    CheckResult::pass(
        format!("No frequent statement of `{}` selects every column of a wide table.", subject.name()),
        evidence,
    )
}

fn bytes_per_row(table: &Table<'_>) -> Option<f64> {
    let rows = table.stat.rows.filter(|r| *r >= 1.0)?;
    table.stat.bytes.map(|b| b / rows)
}

fn is_wide(subject: &Subject<'_>, table: &Table<'_>) -> bool {
    table.stat.columns.is_some_and(|c| c > subject.number("columns"))
        || bytes_per_row(table).is_some_and(|b| b > subject.number("bytes_per_row"))
}

fn width(table: &Table<'_>) -> String {
    let columns = table.stat.columns.map(|c| format!("{} columns", count(c)));
    let per_row = bytes_per_row(table).map(|b| format!("{} a row", bytes(b)));
    columns.into_iter().chain(per_row).collect::<Vec<_>>().join(", ")
}

/// `SELECT *` or `SELECT alias.*`; `count(*)` is not.
fn selects_everything(text: &str) -> bool {
    let lower = text.trim_start().to_ascii_lowercase();
    let Some(list) = lower.strip_prefix("select ") else { return false };
    let first = list.trim_start().trim_start_matches("distinct ").trim_start();
    let name: String =
        first.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '"' | '`' | '.')).collect();
    first.starts_with('*') || (name.ends_with('.') && first[name.len()..].starts_with('*'))
}

#[cfg(test)]
mod tests {
    use super::{RULE, selects_everything};
    use crate::db::reading::cases::{statement, with_table};
    use crate::testing::Case;
    use loadline_model::{TableStat, Tier};

    #[test]
    fn recognises_every_column() {
        for (text, expected) in [
            ("SELECT * FROM orders", true),
            ("select o.* from orders o", true),
            ("SELECT DISTINCT * FROM orders", true),
            ("SELECT count(*) FROM orders", false),
            ("SELECT id, o.* FROM orders o", false),
            ("UPDATE orders SET a = $1", false),
        ] {
            assert_eq!(selects_everything(text), expected, "{text}");
        }
    }

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
        let table = |tier, columns| with_table("postgresql", tier, TableStat { columns, ..TableStat::default() });
        let star = |hours| statement("SELECT * FROM orders WHERE id = $1", 9e4, 1.0, 1.0, hours);
        check(table(Tier::T0, Some(40.0)), "unknown feature_disabled");
        check(table(Tier::T0, Some(40.0)).has("db", star(48.0)), "fail medium");
        check(table(Tier::T1, Some(21.0)).has("db", star(1.0)), "fail low");
        check(table(Tier::T1, Some(20.0)).has("db", star(48.0)), "pass");
        check(table(Tier::T1, Some(20.0)).has("db", star(1.0)), "unknown short_window");
        check(table(Tier::T1, None).has("db", star(48.0)), "unknown unmapped_subject");
        check(table(Tier::T1, None).has("db", statement("SELECT id FROM orders", 9.0, 1.0, 1.0, 48.0)), "pass");
        check(table(Tier::T1, None).has("db", statement("", 9.0, 1.0, 1.0, 48.0)), "unknown feature_disabled");
        let heavy = TableStat { columns: Some(3.0), rows: Some(1e3), bytes: Some(1e7), ..TableStat::default() };
        check(with_table("mysql", Tier::T0, heavy).has("db", star(48.0)), "fail medium");
    }
}
