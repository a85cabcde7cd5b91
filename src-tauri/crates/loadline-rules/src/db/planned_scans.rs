//! Which statement scans a table and keeps little of it, by its plan or by the rows it was seen to examine, and which
//! deletes elsewhere search it.

use super::reading::{Statement, same_table};
use super::wording::{count, named, percent};
use crate::{Context, Subject};
use loadline_model::{Evidence, HypotheticalIndex, Plan, SubjectId, UnindexedReference};

/// A scan of the table that keeps little of what it reads.
pub(super) struct PlannedScan<'a> {
    statement: Statement<'a>,
    /// `planned as a full scan`, or that its rows were counted.
    how: &'static str,
    read: f64,
    kept: f64,
    /// Of the database's execution time.
    pub(super) share: f64,
    /// Columns that an index would lead with.
    pub(super) columns: &'a [String],
    cost: Option<f64>,
    hypothetical: Option<&'a HypotheticalIndex>,
}

impl PlannedScan<'_> {
    /// `reads 1.2 M rows to return 12, 34 % of database time`.
    pub(super) fn said(&self, table: &str) -> String {
        format!(
            "A statement reads {} rows of `{table}` to return {}, {} of database time",
            count(self.read),
            count(self.kept),
            percent(self.share)
        )
    }

    /// The statement with its plan, and what the planner says of the index that does not exist.
    pub(super) fn evidence(&self) -> Vec<Evidence> {
        let scan = format!(
            "{}: {} rows read, {} kept; {} of database time",
            self.how,
            count(self.read),
            count(self.kept),
            percent(self.share)
        );
        let mut rows = vec![self.statement.evidence(scan)];
        if let (Some(now), Some(index)) = (self.cost, self.hypothetical) {
            let said = format!("{} without it, {} with it", count(now), count(index.cost));
            rows.push(Evidence::read(
                format!("planner's cost with a hypothetical index on ({})", index.columns.join(", ")),
                said,
                self.statement.from,
            ));
        }
        rows
    }
}

/// The planned scan of a table that takes most of the database's time, among statements of which plans were read.
pub(super) fn worst<'a>(
    database: &SubjectId,
    named: &[Statement<'a>],
    total_ms: f64,
    subject: &Subject<'_>,
    context: &Context<'a>,
) -> Option<PlannedScan<'a>> {
    let of = |(plan, _): (&'a Plan, _)| {
        let statement = *named.iter().find(|s| s.stat.fingerprint == plan.fingerprint)?;
        let scan = plan.scans.iter().find(|s| same_table(&s.table, subject.name()))?;
        let (read, kept) = (scan.rows_read?, scan.rows_kept?.max(1.0));
        (total_ms > 0.0 && read / kept > subject.number("examined_ratio")).then(|| PlannedScan {
            statement,
            how: "planned as a full scan",
            read,
            kept,
            share: statement.stat.total_ms / total_ms,
            columns: &scan.columns,
            cost: plan.cost,
            hypothetical: plan.hypothetical.as_ref().filter(|h| same_table(&h.table, subject.name())),
        })
    };
    context.facts.facts::<Plan>(database).filter_map(of).max_by(|a, b| {
        a.share.total_cmp(&b.share).then(b.statement.stat.fingerprint.cmp(&a.statement.stat.fingerprint))
    })
}

/// The statement on this table alone that takes most of the database's time and examines most of its `rows` at each call,
/// as engines count them that show no plan.
pub(super) fn examined<'a>(
    named: &[Statement<'a>],
    total_ms: f64,
    rows: f64,
    subject: &Subject<'_>,
) -> Option<PlannedScan<'a>> {
    let of = |statement: &Statement<'a>| {
        let stat = statement.stat;
        let (read, kept) = (stat.rows_examined? / stat.calls, (stat.rows / stat.calls).max(1.0));
        let scans = read >= subject.number("scanned_share") * rows && read / kept > subject.number("examined_ratio");
        (scans && stat.tables.len() == 1 && total_ms > 0.0).then(|| PlannedScan {
            statement: *statement,
            how: "counted at each call",
            read,
            kept,
            share: stat.total_ms / total_ms,
            columns: &[],
            cost: None,
            hypothetical: None,
        })
    };
    named.iter().filter_map(of).max_by(|a, b| {
        a.share.total_cmp(&b.share).then(b.statement.stat.fingerprint.cmp(&a.statement.stat.fingerprint))
    })
}

/// The foreign key of the table that most deletes search it by, and the sentence about it.
pub(super) fn searched_by_deletes<'a>(
    references: &'a [UnindexedReference],
    least: f64,
    table: &str,
) -> Option<(&'a UnindexedReference, String)> {
    let counted = |r: &&UnindexedReference| r.deletes.is_some_and(|n| n >= least);
    let worst = references.iter().filter(counted).max_by(|a, b| {
        a.deletes.unwrap_or_default().total_cmp(&b.deletes.unwrap_or_default()).then(b.constraint.cmp(&a.constraint))
    })?;
    let sentence = format!(
        "Each of {} deletes from `{}` searched `{table}` in full, because no index serves {}",
        count(worst.deletes.unwrap_or_default()),
        worst.to,
        named(std::slice::from_ref(&worst.constraint))
    );
    Some((worst, sentence))
}
