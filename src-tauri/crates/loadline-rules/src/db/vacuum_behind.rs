//! Vacuum is falling behind.

use super::index_statement::qualified;
use super::reading::{DAY_HOURS, Engine, Table, hours_counted, short_window, statistics_hours, tables_of};
use super::wording::{bytes, count, named, percent};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Provenance, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "DB-013",
    title: "Vacuum is falling behind",
    question: "Are dead rows piling up?",
    why: "Dead rows make every scan read more than the table holds and every plan estimate wrong, until an index scan quietly \
          becomes a full scan.",
    condition: "Autovacuum is off; or a table of more than 100,000 rows holds dead rows above twice its vacuum trigger without a \
                vacuum for 24 h, or more than 20 % dead rows, or more than 20 % of it changed since an analyze 7 days ago",
    fix: &[
        "end long transactions and stale slots: they hold dead rows back",
        "lower the scale factor of the table",
        "give autovacuum more workers or a higher cost limit",
        "pg_repack only after the cause is gone",
    ],
    effort_days: [0.5, 2.0],
    effort_source: "HD",
    weight: 2,
    severity: "high: autovacuum off, or more than 50 % dead rows in a table of a T0 store; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Database]),
    numbers: &[
        Number { key: "rows", value: 100_000.0, unit: "rows", source: "HD" },
        Number {
            key: "trigger_factor",
            value: 2.0,
            unit: "x",
            source: "HD; the trigger itself: PostgreSQL default 50 + 0.2 x rows",
        },
        Number { key: "dead_share", value: 0.20, unit: "ratio", source: "HD" },
        Number { key: "high_dead_share", value: 0.50, unit: "ratio", source: "HD" },
        Number { key: "modified_share", value: 0.20, unit: "ratio", source: "HD" },
        Number { key: "analyze_days", value: 7.0, unit: "d", source: "HD" },
        Number { key: "window_hours", value: DAY_HOURS, unit: "h", source: "HD" },
    ],
    sources: &[(
        "postgres",
        "pg_stat_user_tables -> n_live_tup, n_dead_tup, last_autovacuum, autovacuum_count, n_mod_since_analyze, last_autoanalyze; pg_settings autovacuum*; pg_stat_progress_vacuum",
    )],
    proof_metric: "vacuum_debt",
    proof: "the dead share of the largest tables falls",
    false_positives: "Append-only tables; statistics that were just reset.",
    unknown_when: "the statistics were reset within 24 h",
    prerequisites: &[],
    check,
};

/// What is wrong with one table: its dead share and the words.
struct Debt {
    table: String,
    dead_share: f64,
    said: String,
}

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    match Engine::of(subject.engine()) {
        Engine::Postgresql => {}
        Engine::Other => return engine_unknown(subject),
        _ => return CheckResult::not_applicable(format!("{} keeps no dead rows in its tables.", subject.engine())),
    }
    let running = context.facts.flag(&subject.id, key::AUTOVACUUM);
    let evidence: Vec<Evidence> =
        running.map(|(on, p)| Evidence::read("autovacuum", if on { "on" } else { "off" }, p)).into_iter().collect();
    if let Some((false, _)) = running {
        let sentence = format!(
            "Autovacuum of `{}` is off: dead rows and transaction ids pile up until writes stop.",
            subject.name()
        );
        return CheckResult::fail(Severity::High, sentence, evidence)
            .with_remedy("ALTER SYSTEM SET autovacuum = on; SELECT pg_reload_conf();");
    }
    judge_tables(subject, context, running.map(|(_, p)| p), evidence)
}

fn judge_tables(
    subject: &Subject<'_>,
    context: &Context<'_>,
    running: Option<&Provenance>,
    mut evidence: Vec<Evidence>,
) -> CheckResult {
    let tables = tables_of(&subject.id, context);
    let Some(setting) = running.filter(|_| !tables.is_empty()) else {
        let detail = format!("the vacuum settings and table statistics of `{}` could not be read", subject.name());
        return CheckResult::unknown(
            GapReason::PermissionDenied,
            detail,
            "Connect every database of the server with a role in pg_monitor.",
        )
        .with_evidence(evidence);
    };
    let threshold = context.facts.number(&subject.id, key::AUTOVACUUM_THRESHOLD).map_or(50.0, |(n, _)| n);
    let scale = context.facts.number(&subject.id, key::AUTOVACUUM_SCALE_FACTOR).map_or(0.2, |(n, _)| n);
    evidence.push(Evidence::read(
        "vacuum trigger",
        format!("{} + {} of the rows", count(threshold), percent(scale)),
        setting,
    ));
    let large: Vec<&Table<'_>> = tables
        .iter()
        .filter(|t| t.stat.partitions.is_none() && t.stat.rows.is_some_and(|r| r > subject.number("rows")))
        .collect();
    let window = statistics_hours(&subject.id, context);
    let mut debts: Vec<Debt> =
        large.iter().filter_map(|t| debt(t, threshold, scale, window, subject, context)).collect();
    debts.sort_by(|a, b| b.dead_share.total_cmp(&a.dead_share).then(a.table.cmp(&b.table)));
    let shown: Vec<&str> = debts.iter().take(5).map(|d| d.table.as_str()).collect();
    evidence.extend(large.iter().filter(|t| debts.is_empty() || shown.contains(&t.name.as_str())).map(|t| state_of(t)));
    if let Some(worst) = debts.first() {
        return in_debt(subject, worst, &debts, evidence);
    }
    let need = subject.number("window_hours");
    let shortest = tables
        .iter()
        .map(|t| hours_counted(t.stat.since, t.from, window))
        .reduce(|a, b| a.zip(b).map(|(a, b)| a.min(b)))
        .flatten();
    if shortest.is_none_or(|h| h < need) {
        return short_window("the table statistics", shortest, need, evidence);
    }
    if large.iter().any(|t| t.stat.dead_rows.is_none()) {
        let detail = format!("dead rows of some tables of `{}` were not counted", subject.name());
        return CheckResult::unknown(GapReason::LowSample, detail, "Turn track_counts on and collect again.")
            .with_evidence(evidence);
    }
    CheckResult::pass(
        format!("Vacuum keeps up with the {} large tables of `{}`.", large.len(), subject.name()),
        evidence,
    )
}

fn state_of(table: &Table<'_>) -> Evidence {
    let rows = count(table.stat.rows.unwrap_or_default());
    let dead = table.stat.dead_rows.map_or_else(|| "unknown".to_owned(), count);
    let bloat = table.stat.bloat_bytes.map_or_else(String::new, |b| format!(", about {} hold no row", bytes(b)));
    Evidence::read(format!("`{}`", table.name), format!("{rows} rows, {dead} dead{bloat}"), table.from)
}

fn in_debt(subject: &Subject<'_>, worst: &Debt, debts: &[Debt], evidence: Vec<Evidence>) -> CheckResult {
    let heavy = subject.is_t0() && worst.dead_share > subject.number("high_dead_share");
    let severity = if heavy { Severity::High } else { Severity::Medium };
    let names: Vec<String> = debts.iter().map(|d| d.table.clone()).collect();
    let sentence = format!("{}; vacuum cannot keep up with {}.", worst.said, named(&names));
    let table = qualified(&worst.table, '"');
    CheckResult::fail(severity, sentence, evidence)
        .with_remedy(format!("ALTER TABLE {table} SET (autovacuum_vacuum_scale_factor = 0.02);"))
}

fn debt(
    table: &Table<'_>,
    threshold: f64,
    scale: f64,
    window: Option<f64>,
    subject: &Subject<'_>,
    context: &Context<'_>,
) -> Option<Debt> {
    let stat = table.stat;
    let rows = stat.rows?;
    let dead = stat.dead_rows.unwrap_or_default();
    let dead_share = dead / (rows + dead).max(1.0);
    let waited = match stat.last_autovacuum {
        Some(at) => table.from.read_at.hours_since(at),
        None => hours_counted(stat.since, table.from, window).unwrap_or_default(),
    };
    let trigger = threshold + scale * rows;
    let late = dead > subject.number("trigger_factor") * trigger && waited > subject.number("window_hours");
    let analyzed = stat.last_autoanalyze.map(|at| context.as_of.days_since(at));
    let changed = stat.modified_since_analyze.unwrap_or_default() / rows.max(1.0);
    let outdated =
        analyzed.is_some_and(|d| d > subject.number("analyze_days")) && changed > subject.number("modified_share");
    let said = if dead_share > subject.number("dead_share") || late {
        format!("{} of `{}` are dead rows ({})", percent(dead_share), table.name, count(dead))
    } else if outdated {
        format!(
            "{} of `{}` changed since it was analyzed {:.0} days ago",
            percent(changed),
            table.name,
            analyzed.unwrap_or_default()
        )
    } else {
        return None;
    };
    Some(Debt { table: table.name.clone(), dead_share, said })
}

fn engine_unknown(subject: &Subject<'_>) -> CheckResult {
    let detail = format!("the engine of `{}` is not known", subject.name());
    CheckResult::unknown(GapReason::NotConnected, detail, "Connect the database itself, or the account that runs it.")
}

#[cfg(test)]
#[path = "vacuum_behind_tests.rs"]
mod tests;
