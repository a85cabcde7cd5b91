//! Plans of the costliest reads, and what an index that does not exist would change.

use super::explain::Supposed;
use super::plannable::{Plannable, quoted};
use super::queries::Shape;
use super::reading::Reading;
use super::row::Columns;
use super::session::Refusal;
use super::statements::PLAN_SUPPORT;
use crate::Cancelled;
use crate::sql::filters::{self, Index};
use crate::sql::text::Tables;
use loadline_model::{GapReason, HypotheticalIndex, Plan, TableScan};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Statements planned in one collection.
const MOST_PLANS: usize = 20;
/// Full scans of smaller tables need no index.
const SMALL_ROWS: f64 = 10_000.0;

/// One node of EXPLAIN (FORMAT JSON); nothing else of it is read, because conditions may hold data.
#[derive(Debug, Deserialize)]
struct Node {
    #[serde(rename = "Node Type")]
    kind: String,
    #[serde(rename = "Schema")]
    schema: Option<String>,
    #[serde(rename = "Relation Name")]
    relation: Option<String>,
    #[serde(rename = "Total Cost")]
    cost: Option<f64>,
    #[serde(rename = "Plan Rows")]
    rows: Option<f64>,
    #[serde(rename = "Filter")]
    filter: Option<serde::de::IgnoredAny>,
    #[serde(rename = "Plans", default)]
    below: Vec<Node>,
}

#[derive(Deserialize)]
struct Explained {
    #[serde(rename = "Plan")]
    plan: Node,
}

/// What is known of the tables that plans name.
pub(super) struct Known<'a> {
    /// Which table a partition belongs to.
    pub tables: &'a Tables,
    /// Live rows, by the names plans use: those of partitions each on their own.
    pub rows: &'a BTreeMap<String, f64>,
}

/// What happened to the statements that were not planned.
#[derive(Default)]
struct Left {
    denied: BTreeSet<String>,
    failed: usize,
    why: String,
}

/// Says the plans of the costliest reads. `shapes` are in order of their time.
pub(super) async fn read(
    r: &mut Reading<'_>,
    shapes: &[Shape],
    indexes: &[Index],
    known: &Known<'_>,
) -> Result<(), Cancelled> {
    let wanted: Vec<(&Shape, &Plannable)> =
        shapes.iter().filter_map(|s| Some((s, s.plannable.as_ref()?))).take(MOST_PLANS).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    if r.server.superuser {
        let detail =
            "Plans were not asked for: planning may run functions of the tables' owners, and not as a superuser.";
        let closes = "Connect with the role that `loadline policy postgres` prints.";
        r.answer.miss_of(GapReason::FeatureDisabled, detail, closes, &[], Some(&r.server.subject()));
        return Ok(());
    }
    let Some(support) = r.rows(&PLAN_SUPPORT).await? else { return Ok(()) };
    let hypopg = support.first().and_then(|row| row.text("hypopg"));
    let mut left = Left::default();
    for (shape, plannable) in wanted {
        match r.window.wait(r.session.explain(r.server.version, plannable, None)).await? {
            Ok(json) => {
                if let Some(mut plan) = summary(&json, shape, known) {
                    if let Some(schema) = &hypopg {
                        plan.hypothetical = suppose(r, shape, plannable, &plan, indexes, (schema, known)).await?;
                    }
                    r.measured(&r.server.subject(), &PLAN_SUPPORT, plan);
                }
            }
            Err(refusal) => left.add(&refusal, plannable),
        }
    }
    left.say(r);
    Ok(())
}

impl Left {
    fn add(&mut self, refusal: &Refusal, plannable: &Plannable) {
        if refusal.state == "42501" {
            self.denied.extend(plannable.tables.iter().cloned());
        } else {
            self.failed += 1;
            self.why.clone_from(&refusal.state);
        }
    }

    fn say(self, r: &mut Reading<'_>) {
        let subject = r.server.subject();
        if !self.denied.is_empty() {
            let tables = |list: &[&String]| list.iter().map(|t| qualified(t)).collect::<Vec<_>>().join(", ");
            let all: Vec<&String> = self.denied.iter().collect();
            let detail = format!("Plans of the costliest reads were refused: no SELECT on {}.", tables(&all));
            let closes =
                format!("GRANT SELECT ON {} TO {}; -- for EXPLAIN alone, no row is read", tables(&all), r.server.role);
            r.answer.miss_of(GapReason::PermissionDenied, detail, closes, &[], Some(&subject));
        }
        if self.failed > 0 {
            let detail = format!("{} statements could not be planned (SQLSTATE {}).", self.failed, self.why);
            let closes = "EXPLAIN them by hand with typical values.";
            r.answer.miss_of(GapReason::ParseError, detail, closes, &[], Some(&subject));
        }
    }
}

/// The plan in our words; `None` when the server's JSON is not one.
fn summary(json: &str, shape: &Shape, known: &Known<'_>) -> Option<Plan> {
    let explained: Vec<Explained> = serde_json::from_str(json).ok()?;
    let top = &explained.first()?.plan;
    let mut plan = Plan { fingerprint: shape.fingerprint.clone(), cost: top.cost, ..Plan::default() };
    let mut open = vec![top];
    while let Some(node) = open.pop() {
        if plan.nodes.len() < 50 {
            plan.nodes.push(node.kind.clone());
        }
        if node.kind == "Seq Scan"
            && let (Some(schema), Some(name)) = (&node.schema, &node.relation)
        {
            let named = format!("{schema}.{name}");
            let table = known.tables.whole(&named);
            if node.filter.is_some() {
                let mine = shape.filters.iter().filter(|(t, _)| t == table).map(|(_, c)| c.clone());
                scanned(
                    &mut plan.scans,
                    table != named,
                    TableScan {
                        rows_read: known.rows.get(&named).copied(),
                        rows_kept: node.rows,
                        columns: mine.collect(),
                        table: table.to_owned(),
                    },
                );
            }
            plan.full_scans.push(table.to_owned());
        }
        open.extend(node.below.iter().rev());
    }
    plan.full_scans.sort();
    plan.full_scans.dedup();
    Some(plan)
}

/// Adds a scan; the scans of a table's partitions are one.
fn scanned(scans: &mut Vec<TableScan>, partition: bool, scan: TableScan) {
    match scans.iter_mut().find(|s| partition && s.table == scan.table) {
        Some(same) => {
            same.rows_read = same.rows_read.zip(scan.rows_read).map(|(a, b)| a + b);
            same.rows_kept = same.rows_kept.zip(scan.rows_kept).map(|(a, b)| a + b);
        }
        None => scans.push(scan),
    }
}

/// Plans again with an index on the filter columns of the largest scan that keeps little, in this session's memory.
async fn suppose(
    r: &mut Reading<'_>,
    shape: &Shape,
    plannable: &Plannable,
    plan: &Plan,
    indexes: &[Index],
    (schema, known): (&str, &Known<'_>),
) -> Result<Option<HypotheticalIndex>, Cancelled> {
    let candidates = filters::unindexed(std::iter::once(shape.filters.as_slice()), indexes);
    let worth = |s: &&TableScan| s.rows_read.is_some_and(|n| n > SMALL_ROWS) && candidates.contains_key(&s.table);
    let largest = plan
        .scans
        .iter()
        .filter(worth)
        .max_by(|a, b| a.rows_read.partial_cmp(&b.rows_read).unwrap_or(std::cmp::Ordering::Equal));
    let Some(scan) = largest else { return Ok(None) };
    let columns: Vec<String> = candidates.get(&scan.table).into_iter().flatten().take(3).cloned().collect();
    if columns.is_empty() {
        return Ok(None);
    }
    let list = columns.iter().map(|c| quoted(c)).collect::<Vec<_>>().join(", ");
    let statement = format!("CREATE INDEX ON {} ({list})", qualified(&scan.table));
    let supposed = Supposed { schema, statement };
    let answer = r.window.wait(r.session.explain(r.server.version, plannable, Some(&supposed))).await?;
    let better = answer.ok().and_then(|json| summary(&json, shape, known)?.cost);
    // An index that the planner would not use changes nothing and is no evidence.
    Ok(better.filter(|cost| plan.cost.is_some_and(|now| *cost < now)).map(|cost| HypotheticalIndex {
        table: scan.table.clone(),
        columns,
        cost,
    }))
}

/// `"schema"."table"`.
fn qualified(table: &str) -> String {
    match table.split_once('.') {
        Some((schema, name)) => format!("{}.{}", quoted(schema), quoted(name)),
        None => quoted(table),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_summarised_without_its_conditions() {
        let json = r#"[{"Plan": {"Node Type": "Limit", "Total Cost": 431.5, "Plan Rows": 1, "Plans": [
            {"Node Type": "Seq Scan", "Schema": "public", "Relation Name": "orders", "Total Cost": 431.0, "Plan Rows": 40,
             "Filter": "(status = 'secret')", "Output": ["id"]}]}}]"#;
        let shape = Shape {
            fingerprint: "f".into(),
            filters: vec![("public.orders".into(), "status".into()), ("public.users".into(), "id".into())],
            plannable: None,
        };
        let rows = BTreeMap::from([("public.orders".to_owned(), 20_000.0)]);
        let known = Known { tables: &Tables::default(), rows: &rows };
        let plan = summary(json, &shape, &known).expect("a plan");
        assert_eq!(
            (plan.nodes.as_slice(), plan.cost),
            (["Limit".to_owned(), "Seq Scan".to_owned()].as_slice(), Some(431.5))
        );
        assert_eq!(plan.full_scans, ["public.orders"]);
        let scan = TableScan {
            table: "public.orders".into(),
            rows_read: Some(20_000.0),
            rows_kept: Some(40.0),
            columns: vec!["status".into()],
        };
        assert_eq!(plan.scans, [scan]);
        assert!(!serde_json::to_string(&plan).expect("json").contains("secret"));
        assert_eq!(summary("[]", &shape, &known), None);
        assert_eq!(summary("what", &shape, &known), None);
    }

    #[test]
    fn scans_of_partitions_are_one_scan_of_their_table() {
        let scan = |part: &str, kept: u32| {
            format!(
                r#"{{"Node Type": "Seq Scan", "Schema": "public", "Relation Name": "{part}", "Plan Rows": {kept}, "Filter": ""}}"#
            )
        };
        let json = format!(
            r#"[{{"Plan": {{"Node Type": "Append", "Total Cost": 9, "Plans": [{}, {}]}}}}]"#,
            scan("events_10", 3),
            scan("events_11", 4)
        );
        let mut tables = Tables::default();
        tables.add("public", "events", vec!["kind".into()]);
        tables.add_partition("public", "events_10", "public.events");
        tables.add_partition("public", "events_11", "public.events");
        let rows = BTreeMap::from([("public.events_10".to_owned(), 200.0), ("public.events_11".to_owned(), 100.0)]);
        let shape =
            Shape { fingerprint: "f".into(), filters: vec![("public.events".into(), "kind".into())], plannable: None };
        let plan = summary(&json, &shape, &Known { tables: &tables, rows: &rows }).expect("a plan");
        assert_eq!(plan.full_scans, ["public.events"]);
        let whole = TableScan {
            table: "public.events".into(),
            rows_read: Some(300.0),
            rows_kept: Some(7.0),
            columns: vec!["kind".into()],
        };
        assert_eq!(plan.scans, [whole]);
    }
}
