//! What several database rules read alike: the engine's family, statement statistics with their window, the tables of a
//! database and who depends on it.

use super::wording::{count, duration};
use crate::{Context, Subject};
use loadline_model::{
    CheckResult, Evidence, GapReason, Kind, Provenance, QueryStat, Relation, SubjectId, TableStat, Timestamp, key,
};
use std::collections::{BTreeMap, BTreeSet};

/// Hours of counting behind a rate: shorter counts miss the daily cycle.
pub(super) const DAY_HOURS: f64 = 24.0;

/// Engines whose remedies are written differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Engine {
    Postgresql,
    Mysql,
    Mongodb,
    Other,
}

impl Engine {
    /// The family of an engine's name, such as `aurora-postgresql`.
    pub(super) fn of(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        if name.contains("postgres") {
            Self::Postgresql
        } else if name.contains("mysql") || name.contains("maria") {
            Self::Mysql
        } else if name.contains("mongo") || name.contains("documentdb") {
            Self::Mongodb
        } else {
            Self::Other
        }
    }

    /// What makes per-statement statistics readable.
    pub(super) fn opens_statements(self) -> &'static str {
        match self {
            Self::Postgresql => {
                "Add pg_stat_statements to shared_preload_libraries, restart, run CREATE EXTENSION pg_stat_statements, and \
                 grant the reading role pg_monitor."
            }
            Self::Mysql => {
                "Set performance_schema = ON and grant the reading user SELECT on performance_schema.* (digests are on by \
                 default)."
            }
            Self::Mongodb => {
                "Run db.setProfilingLevel(1, { slowms: 100 }) and give the reading user clusterMonitor and read on system.profile."
            }
            Self::Other => {
                "Connect the database itself with statement statistics on (pg_stat_statements, Performance Schema, profiler)."
            }
        }
    }
}

/// One statement shape with the length of its count.
#[derive(Clone, Copy)]
pub(super) struct Statement<'a> {
    pub(super) stat: &'a QueryStat,
    pub(super) from: &'a Provenance,
    /// Hours counted; `None` when the start is not known.
    pub(super) hours: Option<f64>,
}

impl Statement<'_> {
    pub(super) fn mean_ms(&self) -> f64 {
        self.stat.total_ms / self.stat.calls
    }
    pub(super) fn rows_per_call(&self) -> f64 {
        self.stat.rows / self.stat.calls
    }
    /// Calls a day, never extrapolated: a count of less than a day is taken as a whole day's, so the true rate is at
    /// least this.
    pub(super) fn calls_a_day(&self) -> Option<f64> {
        self.hours.map(|h| self.stat.calls / (h / DAY_HOURS).max(1.0))
    }
    /// It names the table, with or without its schema.
    pub(super) fn reads_table(&self, table: &str) -> bool {
        self.stat.tables.iter().any(|t| same_table(t, table))
    }
    /// The beginning of its text, on one line.
    pub(super) fn text(&self) -> String {
        let line = self.stat.text.split_whitespace().collect::<Vec<_>>().join(" ");
        if line.is_empty() {
            return self.stat.fingerprint.clone();
        }
        let short: String = line.chars().take(160).collect();
        if short.len() < line.len() { format!("{short}…") } else { short }
    }
    /// The statement as a row of evidence.
    pub(super) fn evidence(&self, value: impl Into<String>) -> Evidence {
        Evidence::read(self.text(), value, self.from)
    }
}

/// The statement statistics of a database, in order of fingerprint.
pub(super) struct Statements<'a> {
    pub(super) all: Vec<Statement<'a>>,
    /// Hours of the longest count.
    pub(super) hours: Option<f64>,
    /// Execution time of all shapes, milliseconds.
    pub(super) total_ms: f64,
}

impl Statements<'_> {
    /// One row a source: how many shapes over how long.
    pub(super) fn evidence(&self) -> Vec<Evidence> {
        let mut rows = Vec::new();
        let mut seen = BTreeSet::new();
        for statement in &self.all {
            if seen.insert((&statement.from.account, &statement.from.call)) {
                let span = statement.hours.map_or_else(|| "an unknown time".to_owned(), |h| duration(h * 3_600.0));
                rows.push(Evidence::read(
                    "statement statistics",
                    format!("{} shapes over {span}", self.all.len()),
                    statement.from,
                ));
            }
        }
        rows
    }
    /// The count is at least a day long.
    pub(super) fn cover_a_day(&self, need_hours: f64) -> bool {
        self.hours.is_some_and(|h| h >= need_hours)
    }
}

/// The statement statistics of a database; a shape that two accounts report is counted once, by the longer count.
pub(super) fn statements<'a>(database: &SubjectId, context: &Context<'a>) -> Statements<'a> {
    let window = context.facts.number(database, key::STATEMENT_WINDOW_HOURS).map(|(h, _)| h);
    let mut shapes: BTreeMap<&str, Statement<'a>> = BTreeMap::new();
    for (stat, from) in context.facts.facts::<QueryStat>(database) {
        let sound =
            [stat.calls, stat.total_ms, stat.rows].iter().all(|v| v.is_finite() && *v >= 0.0) && stat.calls > 0.0;
        let longer = shapes.get(stat.fingerprint.as_str()).is_none_or(|s| s.stat.calls < stat.calls);
        if sound && longer {
            let hours = hours_counted(stat.since, from, window);
            shapes.insert(&stat.fingerprint, Statement { stat, from, hours });
        }
    }
    let all: Vec<Statement<'a>> = shapes.into_values().collect();
    let hours = all.iter().filter_map(|s| s.hours).max_by(f64::total_cmp);
    let total_ms = all.iter().map(|s| s.stat.total_ms).sum();
    Statements { all, hours, total_ms }
}

/// Hours from the start of a count to its reading; the database's own window where the fact has no start.
pub(super) fn hours_counted(since: Option<Timestamp>, from: &Provenance, window: Option<f64>) -> Option<f64> {
    since.map(|s| from.read_at.hours_since(s)).filter(|h| *h >= 0.0).or(window)
}

/// The database's statistics window in hours.
pub(super) fn statistics_hours(database: &SubjectId, context: &Context<'_>) -> Option<f64> {
    context.facts.number(database, key::STATISTICS_WINDOW_HOURS).map(|(h, _)| h)
}

/// Unknown: no statement statistics of this database.
pub(super) fn no_statements(subject: &Subject<'_>) -> CheckResult {
    CheckResult::unknown(
        GapReason::FeatureDisabled,
        format!("no statement statistics of `{}` were read", subject.name()),
        Engine::of(subject.engine()).opens_statements(),
    )
}

/// Unknown: counted for less than `need` hours.
pub(super) fn short_window(what: &str, have: Option<f64>, need: f64, evidence: Vec<Evidence>) -> CheckResult {
    let need_said = duration(need * 3_600.0);
    let detail = match have {
        Some(hours) => format!("{what} cover {} and a verdict needs {need_said}", duration(hours * 3_600.0)),
        None => format!("the start of {what} is not known and a verdict needs {need_said}"),
    };
    let closes = match have {
        Some(hours) => format!(
            "Collect again in {}, without resetting the statistics.",
            duration((need - hours).max(0.0) * 3_600.0)
        ),
        None => format!("Let the account read when the statistics were reset, or collect twice {need_said} apart."),
    };
    CheckResult::unknown(GapReason::ShortWindow, detail, closes).with_evidence(evidence)
}

/// The database a table lies in.
pub(super) fn database_of(table: &SubjectId, context: &Context<'_>) -> Option<SubjectId> {
    context.facts.edges_from(table).find(|e| e.edge.relation == Relation::StoredIn).map(|e| e.to)
}

/// A table with its newest statistics.
pub(super) struct Table<'a> {
    pub(super) name: String,
    pub(super) stat: &'a TableStat,
    pub(super) from: &'a Provenance,
}

/// The tables of a database that have statistics, in id order.
pub(super) fn tables_of<'a>(database: &SubjectId, context: &Context<'a>) -> Vec<Table<'a>> {
    let ids: BTreeSet<SubjectId> =
        context.facts.edges_to(database).filter(|e| e.edge.relation == Relation::StoredIn).map(|e| e.from).collect();
    ids.into_iter()
        .filter_map(|id| {
            let (stat, from) = table_stat(&id, context)?;
            let name = context.facts.resource(&id).map_or_else(|| id.to_string(), |r| r.name.clone());
            Some(Table { name, stat, from })
        })
        .collect()
}

/// The newest statistics of a table.
pub(super) fn table_stat<'a>(table: &SubjectId, context: &Context<'a>) -> Option<(&'a TableStat, &'a Provenance)> {
    context.facts.facts::<TableStat>(table).max_by_key(|(_, from)| from.read_at)
}

/// Two ways to write one table: `orders` and `public.orders`.
pub(super) fn same_table(a: &str, b: &str) -> bool {
    let last = |name: &str| name.rsplit('.').next().unwrap_or(name).trim_matches(['"', '`']).to_ascii_lowercase();
    let qualified = a.contains('.') && b.contains('.');
    if qualified { a.eq_ignore_ascii_case(b) } else { last(a) == last(b) }
}

/// Services that depend on a database, directly or through a pooler, in id order.
pub(super) fn dependents(database: &SubjectId, context: &Context<'_>) -> BTreeSet<SubjectId> {
    let mut found = BTreeSet::new();
    let mut visit = vec![database.clone()];
    let mut seen = BTreeSet::from([database.clone()]);
    while let Some(id) = visit.pop() {
        for edge in context.facts.edges_to(&id).filter(|e| matches!(e.edge.relation, Relation::DependsOn { .. })) {
            match context.facts.resource(&edge.from).map(|r| r.kind) {
                Some(Kind::Service) => {
                    found.insert(edge.from);
                }
                Some(Kind::Gateway) if seen.insert(edge.from.clone()) => visit.push(edge.from),
                _ => {}
            }
        }
    }
    found
}

/// The slowest service above half a second at p95 among those that depend on a database: users feel what happens in it.
pub(super) fn slow_dependent(database: &SubjectId, context: &Context<'_>) -> Option<Evidence> {
    const OBJECTIVE_S: f64 = 0.5;
    dependents(database, context)
        .iter()
        .filter_map(|id| {
            let p95 = context.trends.latency_of(id)?.last_week.p95?;
            (p95 > OBJECTIVE_S).then_some((id, p95))
        })
        .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(a.0)))
        .map(|(id, p95)| {
            Evidence::derived(format!("p95 of `{}` over 7 days", context.reference(id).name), duration(p95))
        })
}

/// Rows in a sentence.
pub(super) fn rows(n: f64) -> String {
    format!("{} rows", count(n))
}

#[cfg(test)]
pub(super) mod cases {
    //! Databases, tables and statements for cases.
    use crate::testing::{Case, as_of};
    use loadline_model::{Kind, QueryStat, Relation, Resource, TableStat, Tier, Timestamp, Verb};

    /// The start of a count of so many hours; facts are read an hour before `as_of`.
    pub(in crate::db) fn counted(hours: f64) -> Timestamp {
        Timestamp(as_of().0 - 3_600_000 - (hours * 3_600_000.0) as i64)
    }
    /// A database `db` of an engine and tier.
    pub(in crate::db) fn database(engine: &str, tier: Tier) -> Case {
        Case::new().has(
            "db",
            Resource { engine: Some(engine.into()), tier: Some(tier), ..Resource::new(Kind::Database, "db") },
        )
    }
    /// The same with a table `orders`.
    pub(in crate::db) fn with_table(engine: &str, tier: Tier, stat: TableStat) -> Case {
        database(engine, tier)
            .has("t", Resource { tier: Some(tier), ..Resource::new(Kind::Table, "public.orders") })
            .edge("t", Relation::StoredIn, "db")
            .has("t", stat)
    }
    /// A statement on `orders`, counted for so many hours.
    pub(in crate::db) fn statement(text: &str, calls: f64, mean_ms: f64, rows_per_call: f64, hours: f64) -> QueryStat {
        QueryStat {
            fingerprint: text.into(),
            text: text.into(),
            verb: if text.to_ascii_lowercase().starts_with("select") { Verb::Read } else { Verb::Write },
            calls,
            total_ms: calls * mean_ms,
            rows: calls * rows_per_call,
            rows_examined: None,
            blocks_read: None,
            temp_blocks: None,
            since: Some(counted(hours)),
            tables: vec!["orders".into()],
            route: None,
        }
    }
}
