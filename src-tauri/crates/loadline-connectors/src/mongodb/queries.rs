//! Where a database spends its time: shapes of operations with their counters, from `$queryStats` where the server keeps
//! them and otherwise from the profiler, which sees what was slow enough.

use super::commands::{PLAN, PROFILE, QUERY_STATS, Target};
use super::documents::Fields;
use super::operation::Operation;
use super::reading::Reading;
use crate::Cancelled;
use ::mongodb::bson::{Bson, Document};
use loadline_model::{Plan, QueryStat, Timestamp};
use std::collections::BTreeMap;

/// Shapes of a database whose plan is asked for.
const EXPLAINED: usize = 20;

/// A shape with everything that was counted of it.
#[derive(Clone, Debug)]
pub(super) struct Counted {
    pub operation: Operation,
    calls: f64,
    total_ms: f64,
    rows: f64,
    /// `None` once one entry does not say it.
    examined: Option<f64>,
    since: Option<Timestamp>,
    /// Innermost stages that were seen: `COLLSCAN`, `IXSCAN { a: 1 }`.
    plans: Vec<String>,
}

/// Says the shapes of a database; returns them for the search of missing indexes.
pub(super) async fn read(r: &mut Reading<'_>, database: &str) -> Result<Vec<Counted>, Cancelled> {
    let target = Target::database(database);
    let mut counted = match r.try_ask(&QUERY_STATS, &Target::default()).await? {
        Ok(answer) => from_statistics(&answer, database),
        Err(_) => Vec::new(),
    };
    let from = if counted.is_empty() { &PROFILE } else { &QUERY_STATS };
    if counted.is_empty() {
        match r.try_ask(&PROFILE, &target).await? {
            Ok(answer) => counted = from_profile(&answer),
            Err(refusal) if refusal.is_no_collection() || refusal.is_unknown_to_the_server() => {}
            Err(refusal) => r.refused(&PROFILE, &target, &refusal, &[]),
        }
    }
    let deployment = r.cluster.subject();
    for shape in &counted {
        r.measured(&deployment, from, shape.stat());
    }
    plans(r, &mut counted).await?;
    for shape in counted.iter().filter(|c| !c.plans.is_empty()) {
        r.measured(&deployment, from, shape.plan());
    }
    Ok(counted)
}

impl Counted {
    /// Database and collection as tables are named.
    pub(super) fn table(&self) -> String {
        format!("{}.{}", self.operation.namespace.0, self.operation.namespace.1)
    }

    /// Nothing was counted yet.
    fn none(operation: Operation, since: Option<Timestamp>) -> Self {
        Self { operation, calls: 0.0, total_ms: 0.0, rows: 0.0, examined: Some(0.0), since, plans: Vec::new() }
    }

    fn stat(&self) -> QueryStat {
        QueryStat {
            fingerprint: self.operation.fingerprint(),
            text: self.operation.text.clone(),
            verb: self.operation.verb,
            calls: self.calls,
            total_ms: self.total_ms,
            rows: self.rows,
            rows_examined: self.examined,
            blocks_read: None,
            temp_blocks: None,
            since: self.since,
            tables: vec![self.table()],
            route: None,
        }
    }

    fn plan(&self) -> Plan {
        let full = self.plans.iter().any(|p| p == "COLLSCAN");
        Plan {
            fingerprint: self.operation.fingerprint(),
            nodes: self.plans.clone(),
            full_scans: if full { vec![self.table()] } else { Vec::new() },
            ..Plan::default()
        }
    }
}

/// Shapes of operations that somebody recorded in the profiler's form, with their plans where those are named.
pub(crate) fn of_entries(entries: Vec<Document>) -> Vec<(QueryStat, Option<Plan>)> {
    let counted = grouped(entries.iter().collect());
    counted.iter().map(|c| (c.stat(), (!c.plans.is_empty()).then(|| c.plan()))).collect()
}

fn from_profile(answer: &Document) -> Vec<Counted> {
    grouped(answer.batch())
}

fn grouped(entries: Vec<&Document>) -> Vec<Counted> {
    let since = entries.iter().filter_map(|e| e.time("ts")).min();
    let mut found: BTreeMap<String, Counted> = BTreeMap::new();
    for entry in entries {
        let Some(operation) = Operation::profiled(entry) else { continue };
        let rows: f64 =
            ["nreturned", "nModified", "ndeleted", "ninserted"].iter().filter_map(|f| entry.number(f)).sum();
        let shape = found.entry(operation.text.clone()).or_insert_with(|| Counted::none(operation, since));
        shape.calls += 1.0;
        shape.total_ms += entry.number("millis").unwrap_or(0.0);
        shape.rows += rows;
        shape.examined = shape.examined.zip(entry.number("docsExamined")).map(|(a, b)| a + b);
        shape.plans.extend(entry.text("planSummary").and_then(stage));
        shape.plans.sort();
        shape.plans.dedup();
    }
    found.into_values().collect()
}

/// `COLLSCAN`, `IXSCAN { user_id: 1 }`: names of fields, no values.
fn stage(summary: &str) -> Option<String> {
    let first = summary.split(',').next()?.trim();
    let name: String = summary.chars().take_while(|c| c.is_ascii_uppercase() || *c == '_').collect();
    let known = ["COLLSCAN", "IXSCAN", "IDHACK", "COUNT_SCAN", "DISTINCT_SCAN", "CLUSTERED_IXSCAN", "EXPRESS_IXSCAN"];
    (known.contains(&name.as_str()) && !first.is_empty()).then_some(name)
}

fn from_statistics(answer: &Document, database: &str) -> Vec<Counted> {
    let mut found: BTreeMap<String, Counted> = BTreeMap::new();
    for entry in answer.batch() {
        let Some(operation) = Operation::counted(entry).filter(|o| o.namespace.0 == database) else { continue };
        let (Some(calls), Some(micros)) =
            (entry.number("metrics/execCount"), entry.number("metrics/totalExecMicros/sum"))
        else {
            continue;
        };
        let since = entry.time("metrics/firstSeenTimestamp");
        let examined = entry.number("metrics/docsExamined/sum");
        let shape = found.entry(operation.text.clone()).or_insert_with(|| Counted::none(operation, since));
        shape.calls += calls;
        shape.total_ms += micros / 1000.0;
        shape.rows += entry.number("metrics/docsReturned/sum").unwrap_or(0.0);
        shape.examined = shape.examined.zip(examined).map(|(a, b)| a + b);
        shape.since = shape.since.into_iter().chain(since).min();
    }
    found.into_values().collect()
}

/// Asks for the plan of shapes that nobody recorded one of, with `null` for every value. A user who may not run them may
/// not have them explained either; then their plan stays unknown.
async fn plans(r: &mut Reading<'_>, counted: &mut [Counted]) -> Result<(), Cancelled> {
    let mut unexplained: Vec<&mut Counted> = counted.iter_mut().filter(|c| c.plans.is_empty()).collect();
    unexplained.sort_by(|a, b| b.total_ms.total_cmp(&a.total_ms).then(a.operation.text.cmp(&b.operation.text)));
    for shape in unexplained.into_iter().take(EXPLAINED) {
        let (database, collection) = shape.operation.namespace.clone();
        let Some(blank) = shape.operation.filter.as_ref().and_then(|f| f.blank.clone()) else { continue };
        let target = Target { database: &database, collection: &collection, filter: Some(&blank) };
        match r.try_ask(&PLAN, &target).await? {
            Ok(answer) => shape.plans = winning(&answer),
            Err(_) => return Ok(()),
        }
    }
    Ok(())
}

/// Names of the stages of the winning plan, outermost first.
fn winning(answer: &Document) -> Vec<String> {
    let mut names = Vec::new();
    // Since 6.1 a plan of the slot-based engine lies one level deeper.
    let mut at = answer.part("queryPlanner/winningPlan/queryPlan").or_else(|| answer.part("queryPlanner/winningPlan"));
    while let Some(stage) = at.filter(|_| names.len() < 20) {
        names.extend(
            stage.text("stage").filter(|s| s.chars().all(|c| c.is_ascii_uppercase() || c == '_')).map(str::to_owned),
        );
        let inputs = stage.field("inputStages").and_then(Bson::as_array);
        at = stage.part("inputStage").or_else(|| inputs?.first()?.as_document());
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::mongodb::bson::doc;

    #[test]
    fn plans_are_named_by_their_stages() {
        assert_eq!(stage("COLLSCAN").as_deref(), Some("COLLSCAN"));
        assert_eq!(stage("IXSCAN { user_id: 1 }, IXSCAN { a: 1 }").as_deref(), Some("IXSCAN"));
        assert_eq!(stage("hunter2"), None);
        let plan = doc! { "queryPlanner": { "winningPlan": { "stage": "SORT", "inputStage": { "stage": "COLLSCAN", "filter": { "a": "hunter2" } } } } };
        assert_eq!(winning(&plan), ["SORT", "COLLSCAN"]);
        assert!(winning(&doc! {}).is_empty());
    }

    #[test]
    fn an_entry_without_a_count_leaves_the_sum_unknown() {
        let entry = |examined: Option<i32>| {
            let mut entry = doc! { "ns": "shop.orders", "op": "query", "millis": 5, "nreturned": 2, "command": { "find": "orders", "filter": { "a": 1 } } };
            if let Some(n) = examined {
                entry.insert("docsExamined", n);
            }
            entry
        };
        let all = |entries: Vec<Document>| from_profile(&doc! { "cursor": { "firstBatch": entries } });
        let counted = all(vec![entry(Some(10)), entry(Some(30))]);
        assert_eq!((counted.len(), counted[0].calls, counted[0].rows, counted[0].examined), (1, 2.0, 4.0, Some(40.0)));
        assert_eq!(all(vec![entry(Some(10)), entry(None)])[0].examined, None);
    }
}
