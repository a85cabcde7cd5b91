//! Scope `performance/<project>`: what the Performance Advisor suggests, and the shapes of slow operations.

use super::calls::{SLOW, SUGGESTED};
use super::clusters::{self, Cluster};
use super::reading::{Reading, number, rows, text};
use crate::Cancelled;
use crate::mongodb::of_entries;
use ::mongodb::bson::{Bson, DateTime, Document};
use loadline_model::{Basis, ImportedFinding, Kind, Relation, Resource, SubjectId, TableStat, Value, key};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Hours of log lines that are asked for, and most of them.
const HOURS: f64 = 24.0;
const LINES: &str = "2000";

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let Some((_, clusters)) = clusters::list(r).await? else { return Ok(()) };
    let Some(processes) = clusters::processes(r).await? else { return Ok(()) };
    for cluster in &clusters {
        let members = clusters::processes_of(cluster, &processes);
        let Some(primary) = members.iter().find(|p| p.kind.ends_with("PRIMARY")) else { continue };
        let since = (r.answer.read_at().0 - (HOURS * 3_600_000.0) as i64).to_string();
        if let Some(answer) = r.get(&SUGGESTED, &primary.id, &[("since", &since)], Some(&cluster.id)).await? {
            suggestions(r, cluster, &answer);
        }
        let query = [("since", since.as_str()), ("nLogs", LINES)];
        if let Some(answer) = r.get(&SLOW, &primary.id, &query, Some(&cluster.id)).await? {
            // Atlas logs what is slow by a threshold of its own and names it.
            r.set(&cluster.id, &SLOW, key::STATEMENT_STATISTICS, Some(Value::Bool(true)));
            let entries: Vec<Document> = rows(&answer, "/slowQueries").iter().filter_map(entry).collect();
            for (stat, plan) in of_entries(entries) {
                r.say(&cluster.id, &SLOW, Basis::Measured, stat);
                if let Some(plan) = plan {
                    r.say(&cluster.id, &SLOW, Basis::Measured, plan);
                }
            }
        }
    }
    Ok(())
}

/// Fields of suggested indexes, by collection.
fn suggestions(r: &mut Reading<'_>, cluster: &Cluster, answer: &Json) {
    let mut wanted: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for suggestion in rows(answer, "/suggestedIndexes") {
        let Some(namespace) = text(suggestion, "/namespace").filter(|n| n.contains('.')) else { continue };
        let keys: Vec<String> =
            rows(suggestion, "/index").iter().filter_map(Json::as_object).flat_map(|o| o.keys().cloned()).collect();
        let table = cluster.table(namespace);
        let saved = number(suggestion, "/weight").map(|w| format!(", weight {w:.0}")).unwrap_or_default();
        let finding = ImportedFinding {
            source: "Atlas Performance Advisor".to_owned(),
            rule: "suggested_index".to_owned(),
            title: format!("an index on ({}){saved}", keys.join(", ")),
            severity: "suggestion".to_owned(),
            failing: true,
            ..ImportedFinding::default()
        };
        r.say(&table, &SUGGESTED, Basis::Measured, finding);
        let fields = wanted.entry(namespace.to_owned()).or_default();
        fields.extend(keys.into_iter().filter(|k| !fields.contains(k)).collect::<Vec<_>>());
    }
    for (namespace, fields) in wanted {
        let table = cluster.table(&namespace);
        r.say(&table, &SUGGESTED, Basis::Configured, Resource::new(Kind::Table, &namespace));
        r.edge(&table, &SUGGESTED, Relation::StoredIn, &cluster.id);
        if let (Some(host), Some((database, collection))) = (cluster.hosts.first(), namespace.split_once('.')) {
            // The same collection as an account of the database itself names it.
            r.edge(
                &table,
                &SUGGESTED,
                Relation::SameAs,
                &SubjectId(format!("mongodb://{host}/{database}/{collection}")),
            );
        }
        let stat = TableStat { unindexed_filters: fields, ..TableStat::default() };
        r.say(&table, &SUGGESTED, Basis::Measured, stat);
    }
}

/// A line of the server's log in the form of a profiler's entry; `None` for one that is none or is not understood.
fn entry(row: &Json) -> Option<Document> {
    let line: Json = serde_json::from_str(text(row, "/line")?).ok()?;
    let attributes = line.pointer("/attr")?;
    let mut entry = Document::new();
    let mut keep = |name: &str, value: Option<Bson>| {
        if let Some(value) = value {
            entry.insert(name, value);
        }
    };
    let words = |pointer: &str| text(attributes, pointer).map(|t| Bson::String(t.to_owned()));
    let count = |pointer: &str| number(attributes, pointer).map(Bson::Double);
    keep("ns", words("/ns").or_else(|| text(row, "/namespace").map(|t| Bson::String(t.to_owned()))));
    keep("op", words("/type"));
    keep("appName", words("/appName"));
    keep("planSummary", words("/planSummary"));
    keep("millis", count("/durationMillis"));
    for name in ["docsExamined", "nreturned", "nModified", "ndeleted", "ninserted"] {
        keep(name, count(&format!("/{name}")));
    }
    let at = text(&line, "/t/$date").and_then(loadline_model::Timestamp::parse);
    keep("ts", at.map(|t| Bson::DateTime(DateTime::from_millis(t.0))));
    let command: Option<Document> = serde_json::from_value(attributes.pointer("/command")?.clone()).ok();
    keep("command", command.map(Bson::Document));
    Some(entry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lines_become_shapes() {
        // The form of a slow query in the log: MongoDB manual, "Log Messages", "Slow Operation".
        let line = r#"{"t":{"$date":"2026-11-20T20:10:08.731+00:00"},"s":"I","c":"COMMAND","id":51803,"ctx":"conn281","msg":"Slow query","attr":{"type":"command","ns":"shop.orders","appName":"shop","command":{"find":"orders","filter":{"note":"hunter2","at":{"$gt":{"$date":"2026-01-01T00:00:00Z"}}},"lsid":{"id":{"$uuid":"2ee9a2e1-5a4a-4d2b-8f63-4b1f1d2c3e4f"}},"$db":"shop"},"planSummary":"COLLSCAN","keysExamined":0,"docsExamined":104739,"nreturned":2,"durationMillis":109}}"#;
        let found = entry(&json!({ "namespace": "shop.orders", "line": line })).expect("an entry");
        let shapes = of_entries(vec![found]);
        let (stat, plan) = shapes.first().expect("a shape");
        assert_eq!(
            (stat.text.as_str(), stat.rows_examined, stat.total_ms),
            ("find shop.orders {at: {$gt: ?}, note: ?}", Some(104_739.0), 109.0)
        );
        assert_eq!(plan.as_ref().map(|p| p.full_scans.as_slice()), Some(["shop.orders".to_owned()].as_slice()));
        assert!(!format!("{shapes:?}").contains("hunter2"));
        for broken in [json!({}), json!({ "line": "plain text" }), json!({ "line": "{}" })] {
            assert!(entry(&broken).is_none(), "{broken}");
        }
    }
}
