//! Full scans of a table as the server counts them.

use super::reading::DAY_HOURS;
use super::wording::{count, duration, percent};
use crate::Subject;
use loadline_model::TableStat;

/// What was counted, as a value of evidence.
pub(super) fn scan_evidence(stat: &TableStat) -> Option<String> {
    let scans = stat.seq_scans?;
    let read = stat.seq_rows_read.unwrap_or_default();
    let indexed = stat.index_scans.map_or(String::new(), |n| format!("; {} index scans", count(n)));
    Some(format!("{} reading {} rows{indexed}", count(scans), count(read)))
}

/// The table is read in full, or nearly, too often: the sentence, without its end.
///
/// PostgreSQL counts every participant of a parallel scan as a scan of its own, each reading its part of the table: the rows
/// read tell how often the table was read in full.
pub(super) fn scanned_too_often(
    subject: &Subject<'_>,
    stat: &TableStat,
    rows: f64,
    hours: Option<f64>,
) -> Option<String> {
    let (scans, read, hours) = (stat.seq_scans?, stat.seq_rows_read?, hours?);
    let days = (hours / DAY_HOURS).max(1.0);
    let limit = subject.number("scans_per_day");
    let per_scan = if scans > 0.0 { read / scans } else { 0.0 };
    // A scan of a partitioned table counts once for each partition it reads.
    let part = rows / stat.partitions.unwrap_or(1.0).max(1.0);
    let (times, each) = if scans / days > limit && per_scan > subject.number("scanned_share") * rows {
        (scans / days, per_scan)
    } else if read / rows / days > limit && per_scan > subject.number("parallel_share") * part {
        (read / rows / days, rows)
    } else {
        return None;
    };
    let span = if hours < DAY_HOURS { format!("in {}", duration(hours * 3_600.0)) } else { "a day".to_owned() };
    let extent = if each >= 0.9 * rows { "in full".to_owned() } else { format!("to {}", percent(each / rows)) };
    Some(format!("`{}` is read {extent} {} times {span}, {} rows each", subject.name(), count(times), count(each)))
}
