//! Scope `database/<name>`: collections with their sizes, indexes and scans, and the shapes of what is asked of them.

use super::commands::{COLLECTIONS, SCANS, SIZES, Target};
use super::documents::Fields;
use super::indexes::{self, Index};
use super::queries::{self, Counted};
use super::reading::Reading;
use crate::Cancelled;
use ::mongodb::bson::Document;
use loadline_model::{Confidence, GapReason, Kind, Relation, Resource, TableStat};
use std::collections::BTreeMap;

/// Collections of one database that are read in full.
const MOST: usize = 200;

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>, database: &str) -> Result<(), Cancelled> {
    let target = Target::database(database);
    let names = match r.try_ask(&COLLECTIONS, &target).await? {
        Ok(listed) => Some(names(&listed)),
        Err(refusal) => {
            r.refused(&COLLECTIONS, &target, &refusal, &[Kind::Table]);
            None
        }
    };
    let shapes = queries::read(r, database).await?;
    let Some((names, complete)) = names else { return Ok(()) };
    let mut indexed: BTreeMap<String, Vec<Index>> = BTreeMap::new();
    let mut stats: BTreeMap<String, TableStat> = BTreeMap::new();
    r.steps.1 = r.steps.0 + 4 * names.len().min(MOST) as u32;
    for name in names.iter().take(MOST) {
        let target = Target::collection(database, name);
        let sizes = match r.try_ask(&SIZES, &target).await? {
            Ok(sizes) => Some(sizes),
            Err(refusal) => {
                r.refused(&SIZES, &target, &refusal, &[]);
                None
            }
        };
        let scans = r.try_ask(&SCANS, &target).await?.ok();
        if let Some(found) = indexes::read(r, &target, sizes.as_ref()).await? {
            indexed.insert(name.clone(), found);
        }
        stats.insert(name.clone(), stat(sizes.as_ref(), scans.as_ref()));
    }
    let deployment = r.cluster.subject();
    for (name, mut stat) in stats {
        let (subject, full) = (r.cluster.collection(database, &name), format!("{database}.{name}"));
        r.answer.say(&subject, COLLECTIONS.name, loadline_model::Basis::Configured, Resource::new(Kind::Table, &full));
        r.edge(&subject, &COLLECTIONS, Relation::StoredIn, &deployment, Confidence::Declared);
        // Atlas knows the collection by the first address of its cluster.
        if let Some(address) = r.cluster.addresses().first() {
            let same = loadline_model::SubjectId(format!("{address}/{database}/{name}"));
            if same != subject {
                r.edge(&subject, &COLLECTIONS, Relation::SameAs, &same, Confidence::Declared);
            }
        }
        if let Some(indexes) = indexed.get(&name) {
            stat.unindexed_filters = unindexed(&full, &shapes, indexes);
        }
        r.measured(&subject, &SIZES, stat);
    }
    if names.len() > MOST || !complete {
        let detail = format!("More collections exist in {database} than were read ({MOST}).");
        let closes = "Nothing to do, unless a hot one is missing: then report it.";
        r.answer.miss_of(GapReason::LimitReached, detail, closes, &[Kind::Table], None);
    } else {
        r.answer.listed(Kind::Table);
    }
    Ok(())
}

/// Names of what holds documents, and whether that is all of them. Views hold none, and `system.` is the server's.
fn names(listed: &Document) -> (Vec<String>, bool) {
    let kept = |row: &&Document| {
        let kind = row.text("type").unwrap_or("collection");
        matches!(kind, "collection" | "timeseries") && !row.text("name").is_some_and(|n| n.starts_with("system."))
    };
    let mut names: Vec<String> =
        listed.batch().into_iter().filter(kept).filter_map(|row| row.text("name").map(str::to_owned)).collect();
    names.sort();
    (names, listed.number("cursor/id").is_none_or(|id| id == 0.0))
}

/// The primary counts full scans since it started, but not what each of them read: only that there were none says enough.
fn stat(sizes: Option<&Document>, scans: Option<&Document>) -> TableStat {
    let number = |field: &str| sizes.and_then(|s| s.number(field));
    let scanned = scans.and_then(|s| s.batch().first()?.number("queryExecStats/collectionScans/nonTailable"));
    let total = number("totalSize")
        .or_else(|| number("storageSize").zip(number("totalIndexSize")).map(|(data, indexes)| data + indexes));
    TableStat {
        rows: number("count"),
        bytes: number("storageSize"),
        total_bytes: total,
        seq_scans: scanned.filter(|n| *n == 0.0),
        seq_rows_read: scanned.filter(|n| *n == 0.0),
        ..TableStat::default()
    }
}

/// Fields that shapes of this collection filter by and no index leads with, in the order in which an index would take
/// them. A shape that already reaches the collection through an index is left out.
fn unindexed(table: &str, shapes: &[Counted], indexes: &[Index]) -> Vec<String> {
    let leads = |field: &String| indexes.iter().any(|i| i.leading == *field);
    let mut found: Vec<String> = Vec::new();
    for shape in shapes.iter().filter(|s| s.table() == table) {
        let fields = shape.operation.filter.as_ref().map(|f| f.fields.as_slice()).unwrap_or_default();
        if fields.iter().any(leads) {
            continue;
        }
        found.extend(fields.iter().filter(|f| !found.contains(f)).cloned().collect::<Vec<_>>());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::mongodb::bson::doc;

    #[test]
    fn views_and_the_servers_own_are_no_collections() {
        let row = |name: &str, kind: &str| doc! { "name": name, "type": kind };
        let listed = doc! { "cursor": { "id": 0_i64, "firstBatch": [row("b", "collection"), row("v", "view"), row("system.views", "collection"), row("a", "timeseries")] } };
        assert_eq!(names(&listed), (vec!["a".to_owned(), "b".to_owned()], true));
        assert!(!names(&doc! { "cursor": { "id": 5_i64, "firstBatch": [] } }).1);
    }

    #[test]
    fn scans_without_rows_say_nothing() {
        let sizes = doc! { "count": 5, "storageSize": 10, "totalIndexSize": 3 };
        let scans = |n: i64| doc! { "cursor": { "firstBatch": [{ "queryExecStats": { "collectionScans": { "total": n, "nonTailable": n } } }] } };
        let found = stat(Some(&sizes), Some(&scans(7)));
        assert_eq!(
            (found.rows, found.total_bytes, found.seq_scans, found.seq_rows_read),
            (Some(5.0), Some(13.0), None, None)
        );
        assert_eq!(stat(Some(&sizes), Some(&scans(0))).seq_rows_read, Some(0.0));
        assert_eq!(stat(None, None), TableStat::default());
    }
}
