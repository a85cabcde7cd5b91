//! Unused, duplicate or invalid indexes.

use super::partitions::as_one;
use super::reading::{DAY_HOURS, database_of, hours_counted, short_window, statistics_hours};
use super::remedies::drop_index;
use super::wording::{bytes, count, named};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{
    CheckResult, Escalation, Evidence, GapReason, IndexStat, Kind, Provenance, Severity, SubjectId, key,
};
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule {
    id: "DB-019",
    title: "Unused, duplicate or invalid indexes",
    question: "Which indexes cost writes and memory without serving reads?",
    why: "Every index is written with every row and competes for memory; an invalid one costs the same and answers nothing.",
    condition: "An index is invalid; or another index begins with the same columns; or it was not scanned once in 30 days of \
                statistics, is larger than 100 MB and enforces nothing",
    fix: &[
        "hide it first where the engine can (MySQL invisible, MongoDB hidden)",
        "drop it concurrently",
        "rebuild what is invalid",
    ],
    effort_days: [0.25, 1.0],
    effort_source: "HD",
    weight: 1,
    severity: "medium when one is invalid or they take more than 20 % of the database; low otherwise",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Table]),
    numbers: &[
        Number { key: "days", value: 30.0, unit: "d", source: "HD" },
        Number { key: "bytes", value: 1e8, unit: "B", source: "HD" },
        Number { key: "database_share", value: 0.20, unit: "ratio", source: "HD" },
    ],
    sources: &[
        (
            "postgres",
            "pg_stat_user_indexes -> idx_scan, last_idx_scan; pg_index -> indisvalid, indisunique, indkey; pg_relation_size",
        ),
        ("mysql", "sys.schema_unused_indexes, sys.schema_redundant_indexes"),
        ("mongodb", "$indexStats -> accesses.ops, accesses.since"),
        ("atlas", "GET .../performanceAdvisor/dropIndexSuggestions"),
    ],
    proof_metric: "vacuum_debt",
    proof: "index bytes and write latency fall",
    false_positives: "Monthly jobs; a replica uses it.",
    unknown_when: "the statistics are younger than 30 days, or those of a replica that serves reads are missing",
    prerequisites: &[],
    check: |subject, context| as_one(subject, context, judge),
};

/// One index as all nodes together saw it.
struct Index<'a> {
    stat: &'a IndexStat,
    from: &'a Provenance,
    scans: Option<f64>,
    hours: Option<f64>,
    nodes: u32,
}

impl Index<'_> {
    fn size(&self) -> f64 {
        self.stat.bytes.unwrap_or_default()
    }
    fn evidence(&self) -> Evidence {
        let scans = self.scans.map_or_else(|| "unknown".to_owned(), count);
        let value = format!("({}), {}, {scans} scans", self.stat.columns.join(", "), bytes(self.size()));
        Evidence::read(self.stat.index.clone(), value, self.from)
    }
    /// Enforces nothing, so that it could go; unknown counts as enforcing.
    fn free(&self) -> bool {
        self.stat.unique == Some(false)
    }
}

fn judge(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let database = database_of(&subject.id, context);
    let indexes = indexes_of(subject, database.as_ref(), context);
    if indexes.is_empty() {
        let detail = format!("the indexes of `{}` were not read", subject.name());
        return CheckResult::unknown(
            GapReason::PermissionDenied,
            detail,
            "Give the reading role CONNECT and pg_monitor (PostgreSQL), REFERENCES (MySQL) or clusterMonitor (MongoDB).",
        );
    }
    let engine = database.as_ref().and_then(|d| context.facts.resource(d)).and_then(|r| r.engine.as_deref());
    let engine = engine.unwrap_or("");
    let replica =
        database.as_ref().and_then(|d| context.facts.flag(d, key::READ_REPLICA_USED)).is_some_and(|(used, _)| used);
    let need = subject.number("days") * DAY_HOURS;
    let large = |i: &&Index<'_>| i.free() && i.size() > subject.number("bytes");
    let idle: Vec<&Index<'_>> = indexes.iter().filter(large).filter(|i| i.scans == Some(0.0)).collect();
    let seen = |i: &&&Index<'_>| i.hours.is_some_and(|h| h >= need) && (i.nodes > 1 || !replica);
    let unused: Vec<&Index<'_>> = idle.iter().filter(seen).copied().collect();
    let invalid: Vec<&Index<'_>> = indexes.iter().filter(|i| i.stat.valid == Some(false)).collect();
    let double: Vec<&Index<'_>> = indexes.iter().filter(|i| is_covered(i, &indexes)).collect();
    if !(unused.is_empty() && invalid.is_empty() && double.is_empty()) {
        let whole = database.as_ref().and_then(|d| context.facts.number(d, key::DATABASE_BYTES)).map(|(n, _)| n);
        return wasteful(subject, engine, whole, [(invalid, "invalid"), (double, "duplicate"), (unused, "never used")]);
    }
    let evidence: Vec<Evidence> = indexes.iter().map(Index::evidence).collect();
    if let Some(young) = idle.first() {
        if replica && young.hours.is_some_and(|h| h >= need) {
            let detail = format!(
                "`{}` is not used on the primary, but a replica that serves reads was not asked",
                young.stat.index
            );
            return CheckResult::unknown(GapReason::NotConnected, detail, "Connect the replica as well.")
                .with_evidence(evidence);
        }
        return short_window("the index statistics", young.hours, need, evidence);
    }
    if let Some(hidden) = indexes.iter().find(|i| large(i) && i.scans.is_none()) {
        let detail = format!("scans of `{}` were not counted", hidden.stat.index);
        return CheckResult::unknown(
            GapReason::FeatureDisabled,
            detail,
            "Turn track_counts on, or read $indexStats and sys.schema_unused_indexes.",
        )
        .with_evidence(evidence);
    }
    CheckResult::pass(format!("The indexes of `{}` earn their writes.", subject.name()), evidence)
}

fn wasteful(
    subject: &Subject<'_>,
    engine: &str,
    database_bytes: Option<f64>,
    parts: [(Vec<&Index<'_>>, &str); 3],
) -> CheckResult {
    let bad: BTreeMap<&str, &Index<'_>> =
        parts.iter().flat_map(|(list, _)| list).map(|i| (i.stat.index.as_str(), *i)).collect();
    let total: f64 = bad.values().map(|i| i.size()).sum();
    let heavy = database_bytes.is_some_and(|w| total > subject.number("database_share") * w);
    let invalid = bad.values().any(|i| i.stat.valid == Some(false));
    let severity = if heavy || invalid { Severity::Medium } else { Severity::Low };
    let names = |list: &[&Index<'_>]| named(&list.iter().map(|i| i.stat.index.clone()).collect::<Vec<_>>());
    let said: Vec<String> =
        parts.iter().filter(|(l, _)| !l.is_empty()).map(|(l, word)| format!("{word}: {}", names(l))).collect();
    let sentence = format!("{} of indexes on `{}` serve no reads ({}).", bytes(total), subject.name(), said.join("; "));
    let remedies: Vec<String> = bad.values().map(|i| drop_index(engine, subject.name(), i.stat)).collect();
    CheckResult::fail(severity, sentence, bad.values().map(|i| i.evidence()).collect()).with_remedy(remedies.join(" "))
}

fn indexes_of<'a>(subject: &Subject<'_>, database: Option<&SubjectId>, context: &Context<'a>) -> Vec<Index<'a>> {
    let window = database.and_then(|d| statistics_hours(d, context));
    let mut found: BTreeMap<&str, Index<'a>> = BTreeMap::new();
    for (stat, from) in context.facts.facts::<IndexStat>(&subject.id) {
        let hours = hours_counted(stat.since, from, window);
        found
            .entry(&stat.index)
            .and_modify(|i| {
                i.scans = i.scans.zip(stat.scans).map(|(a, b)| a + b);
                i.hours = i.hours.zip(hours).map(|(a, b)| a.min(b));
                i.nodes += 1;
            })
            .or_insert(Index { stat, from, scans: stat.scans, hours, nodes: 1 });
    }
    found.into_values().collect()
}

/// Another index begins with all its exact columns; of two equal ones only the later name, or the one that enforces nothing.
fn is_covered(index: &Index<'_>, all: &[Index<'_>]) -> bool {
    let exact = |i: &Index<'_>| if i.stat.keys.is_empty() { i.stat.columns.clone() } else { i.stat.keys.clone() };
    let columns = exact(index);
    !columns.is_empty()
        && index.free()
        && all.iter().filter(|o| o.stat.index != index.stat.index && o.stat.valid != Some(false)).any(|o| {
            let others = exact(o);
            let longer = others.len() > columns.len();
            let equal = others.len() == columns.len() && (!o.free() || o.stat.index < index.stat.index);
            o.stat.alike == index.stat.alike && others.starts_with(&columns) && (longer || equal)
        })
}

#[cfg(test)]
#[path = "indexes_unused_tests.rs"]
mod tests;
