//! What the section draws: the time of the top statements over the periods, and a line small enough for a row.

use super::super::range::Shown;
use super::view::{line, ms};
use crate::charts::{Point, csv_field};
use crate::format;
use loadline_charts::{Column, PARTS, Stacked, spent};
use loadline_model::databases::{DatabaseRow, Databases, StatementRow};
use loadline_model::num;
use std::fmt::Write;

/// The first period on show: those that ended before the range are left out.
pub fn first_on_show(database: &DatabaseRow, shown: Shown) -> usize {
    let oldest = database.periods.first().map_or(shown.last, |p| p.from.utc_day());
    let from = shown.first(oldest).utc_start().0;
    database.periods.partition_point(|p| p.until.0 <= from)
}

/// The statements that are drawn with a colour of their own: those that took most time over the periods on show.
pub fn top<'a>(found: &'a Databases, database: &DatabaseRow, first: usize) -> Vec<&'a StatementRow> {
    let spent = |s: &StatementRow| -> f64 { s.ms_per_day.iter().skip(first).flatten().sum() };
    let mut own: Vec<&StatementRow> = found.statements.iter().filter(|s| s.database == database.subject.id).collect();
    own.sort_by(|a, b| num::cmp9(spent(b), spent(a)).then_with(|| a.fingerprint.cmp(&b.fingerprint)));
    own.retain(|s| spent(s) > 0.0);
    own.truncate(PARTS);
    own
}

/// The chart of a database from one of its periods on; `chosen` is the fingerprint that is looked at.
pub fn stack(found: &Databases, database: &DatabaseRow, first: usize, chosen: Option<&str>) -> Stacked {
    let top = top(found, database, first);
    let own: Vec<&StatementRow> = found.statements.iter().filter(|s| s.database == database.subject.id).collect();
    let columns = database.periods.iter().enumerate().skip(first).map(|(at, period)| {
        let known = |s: &StatementRow| s.ms_per_day.get(at).copied().flatten().map(|ms| ms / 1e3);
        let seconds = period.not_comparable.is_none().then(|| {
            let parts: Vec<f64> = top.iter().map(|s| known(s).unwrap_or(0.0)).collect();
            let all: f64 = own.iter().filter_map(|s| known(s)).sum();
            let rest = (all - parts.iter().sum::<f64>()).max(0.0);
            parts.into_iter().chain([rest]).collect()
        });
        Column { from: start(database, at), until: period.until.0, seconds }
    });
    Stacked {
        name: format!("Execution time of {} a day", database.subject.name),
        parts: top.iter().map(|s| line(&s.text)).collect(),
        columns: columns.collect(),
        chosen: chosen.and_then(|c| top.iter().position(|s| s.fingerprint == c)),
    }
}

/// Where a period is drawn to begin: sliding windows overlap a little, columns must not.
fn start(database: &DatabaseRow, at: usize) -> i64 {
    let before = at.checked_sub(1).and_then(|i| database.periods.get(i)).map(|p| p.until.0);
    let from = database.periods.get(at).map_or(0, |p| p.from.0);
    before.map_or(from, |b| from.max(b))
}

/// Where the chart's cursor can stand, with what each period says.
pub fn points(chart: &Stacked, reasons: &[Option<String>]) -> Vec<Point> {
    chart
        .columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let from = loadline_model::Timestamp(column.from);
            let until = loadline_model::Timestamp(column.until);
            let mut words = vec![format!("{} – {}", format::date(from, "UTC"), format::date(until, "UTC"))];
            match &column.seconds {
                Some(seconds) => {
                    let names = chart.parts.iter().map(|p| short(p)).chain(["the rest".to_owned()]);
                    let told = names.zip(seconds).filter(|(_, s)| **s > 0.0);
                    words.extend(told.map(|(name, s)| format!("{} a day: {name}", spent(*s))));
                }
                None => words.push(reasons.get(at).cloned().flatten().unwrap_or_else(|| "Not comparable.".into())),
            }
            let total = column.seconds.as_ref().map(|s| s.iter().sum::<f64>() / chart.unit());
            Point { x: (column.from + column.until) as f64 / 2.0, ys: total.into_iter().collect(), words }
        })
        .collect()
}

/// The columns as CSV: a column for each statement that is drawn, then the rest; a period that cannot be compared is empty.
pub fn csv(chart: &Stacked) -> String {
    let names = chart.parts.iter().map(String::as_str).chain(["the rest"]);
    let heads: Vec<String> = ["from", "until"].into_iter().chain(names).map(csv_field).collect();
    let mut text = format!("{}\n", heads.join(","));
    for column in &chart.columns {
        let moments = [column.from, column.until].map(|at| loadline_model::Timestamp(at).to_string());
        let seconds = (0..=chart.parts.len()).map(|at| {
            let known = column.seconds.as_ref().and_then(|s| s.get(at));
            known.map(|s| format::plain(*s)).unwrap_or_default()
        });
        let row: Vec<String> = moments.into_iter().chain(seconds).collect();
        text.push_str(&row.join(","));
        text.push('\n');
    }
    text
}

fn short(text: &str) -> String {
    const MOST: usize = 44;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST - 1).chain(['…']).collect()
}

/// A line through what is known, as the path data of a box of this size; gaps stay gaps. `None`: fewer than two values.
pub fn spark(values: &[Option<f64>], width: f64, height: f64) -> Option<String> {
    let known: Vec<f64> = values.iter().flatten().copied().collect();
    if known.len() < 2 {
        return None;
    }
    let highest = known.iter().copied().fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    let step = width / (values.len() - 1).max(1) as f64;
    let mut path = String::new();
    let mut joined = false;
    for (at, value) in values.iter().enumerate() {
        let Some(value) = value else {
            joined = false;
            continue;
        };
        let (x, y) = (at as f64 * step, height - value / highest * height);
        let letter = if joined { 'L' } else { 'M' };
        // Writing to a string cannot fail.
        let _ = write!(path, "{letter}{x:.1} {y:.1}");
        joined = true;
    }
    Some(path)
}

/// What a row's line says: `From 640 ms to 11 ms a call over 12 periods.`
pub fn spark_words(values: &[Option<f64>]) -> String {
    let mut known = values.iter().flatten();
    match (known.next(), known.next_back()) {
        (Some(first), Some(last)) => {
            format!("From {} to {} a call over {} periods.", ms(*first), ms(*last), values.len())
        }
        _ => "Not comparable over time.".into(),
    }
}
