//! The order of statements, and numbers as the databases section says them. Pure, so that it can be tested natively.

use crate::format;
use loadline_model::databases::{Across, AcrossFound, Client, Databases, StatementRow, Trend};
use loadline_model::{SubjectId, num};
use std::collections::BTreeMap;

/// Between a number and its unit.
const THIN: char = '\u{202f}';

/// A column of the statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Statement,
    Share,
    Calls,
    Mean,
    Trend,
    Rows,
    Examined,
    Temporary,
}

impl Column {
    /// Every column with its key in the route, its heading, and what the heading means.
    pub const ALL: [(Column, &'static str, &'static str, &'static str); 8] = [
        (Column::Statement, "text", "Statement", "Without the values it was called with"),
        (
            Column::Share,
            "share",
            "Share of time",
            "Of the execution time of all statements on show: of one database, or of all",
        ),
        (Column::Calls, "calls", "Calls a day", "Over the whole count"),
        (Column::Mean, "mean", "Mean", "Execution time of one call"),
        (Column::Trend, "trend", "Trend", "Mean time in the newest period against the one before"),
        (Column::Rows, "rows", "Rows a call", "Returned or changed"),
        (
            Column::Examined,
            "examined",
            "Examined a row",
            "Rows examined for each one returned: an index brings it near 1",
        ),
        (
            Column::Temporary,
            "temp",
            "To disk",
            "Blocks written to temporary files, a call: sorts that did not fit in memory",
        ),
    ];

    /// What it sorts by; `None` goes last in either direction.
    fn value(self, row: &StatementRow, share: f64) -> Option<f64> {
        match self {
            Column::Statement => None,
            Column::Share => Some(share),
            Column::Calls => row.calls_per_day,
            Column::Mean => Some(row.mean_ms),
            Column::Trend => change(&row.trend),
            Column::Rows => Some(row.rows_per_call),
            Column::Examined => row.examined_per_row,
            Column::Temporary => row.temp_blocks_per_call,
        }
    }
}

/// How the statements are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    pub column: Column,
    pub descending: bool,
}

impl Sort {
    /// The costliest first.
    pub const FIRST: Sort = Sort { column: Column::Share, descending: true };

    /// From the route: `mean`, `-mean` (descending).
    pub fn of(text: Option<&str>) -> Self {
        let Some(text) = text else { return Self::FIRST };
        let (descending, key) = text.strip_prefix('-').map_or((false, text), |key| (true, key));
        let column = Column::ALL.iter().find(|(_, known, ..)| *known == key).map(|(column, ..)| *column);
        column.map_or(Self::FIRST, |column| Self { column, descending })
    }
    /// For the route; the usual order has no word.
    pub fn word(self) -> Option<String> {
        let key = Column::ALL.iter().find(|(column, ..)| *column == self.column).map(|(_, key, ..)| *key)?;
        (self != Self::FIRST).then(|| format!("{}{key}", if self.descending { "-" } else { "" }))
    }
    /// After a press on a heading: numbers begin with the largest, texts with A; the same heading turns round.
    pub fn pressed(self, column: Column) -> Self {
        let descending = if self.column == column { !self.descending } else { column != Column::Statement };
        Self { column, descending }
    }
    /// `aria-sort` of a heading.
    pub fn aria(self, column: Column) -> &'static str {
        match (self.column == column, self.descending) {
            (false, _) => "none",
            (true, true) => "descending",
            (true, false) => "ascending",
        }
    }
}

/// What is searched in a statement, in lower case.
pub fn haystack(row: &StatementRow) -> String {
    let mut text = row.text.to_lowercase();
    for word in row.tables.iter().chain(&row.route) {
        text.push(' ');
        text.push_str(&word.to_lowercase());
    }
    text
}

/// Share of time of each statement among those of all databases; of its own where the databases cannot be compared.
pub fn shares(found: &Databases) -> Vec<f64> {
    let of: BTreeMap<&SubjectId, f64> =
        found.databases.iter().filter_map(|d| Some((&d.subject.id, d.share?))).collect();
    found.statements.iter().map(|s| s.share * of.get(&s.database).copied().unwrap_or(1.0)).collect()
}

/// Positions of the statements that hold every word of the query, of one database or all, in order.
pub fn order(
    (found, haystacks, shares): (&Databases, &[String], &[f64]),
    query: &str,
    database: Option<&str>,
    sort: Sort,
) -> Vec<usize> {
    let query = query.to_lowercase();
    let words: Vec<&str> = query.split_whitespace().collect();
    let matches = |at: usize, row: &StatementRow| {
        database.is_none_or(|d| row.database.as_str() == d)
            && (words.is_empty() || haystacks.get(at).is_some_and(|text| words.iter().all(|w| text.contains(w))))
    };
    let mut rows: Vec<(usize, Option<f64>)> = found
        .statements
        .iter()
        .enumerate()
        .filter(|(at, row)| matches(*at, row))
        .map(|(at, row)| (at, sort.column.value(row, shares.get(at).copied().unwrap_or(row.share))))
        .collect();
    let text = |at: usize| haystacks.get(at).map(String::as_str);
    // Equal ones stay in the order of their cost, which is the order they come in.
    rows.sort_by(|a, b| {
        let known = a.1.is_none().cmp(&b.1.is_none());
        let by = match sort.column {
            Column::Statement => text(a.0).cmp(&text(b.0)),
            _ => num::cmp9(a.1.unwrap_or(0.0), b.1.unwrap_or(0.0)),
        };
        known.then(if sort.descending { by.reverse() } else { by })
    });
    rows.into_iter().map(|(at, _)| at).collect()
}

/// Change of the mean as a share; `None`: not comparable.
pub fn change(trend: &Trend) -> Option<f64> {
    match trend {
        Trend::Compared { before_ms, now_ms } if *before_ms > 0.0 => Some(now_ms / before_ms - 1.0),
        _ => None,
    }
}

/// The trend in a word, and whether it got worse (`true`), better, or neither.
pub fn trend_word(trend: &Trend) -> (String, Option<bool>) {
    match trend {
        Trend::Compared { .. } => match change(trend) {
            Some(c) if c.abs() < 0.05 => ("steady".into(), None),
            Some(c) if c >= 1.0 => (format!("{}× slower", format::number(c + 1.0, 1)), Some(true)),
            Some(c) => {
                let sign = if c > 0.0 { "+" } else { "\u{2212}" };
                (format!("{sign}{}", format::percent(c.abs())), Some(c > 0.0))
            }
            None => ("not comparable".into(), None),
        },
        Trend::New => ("new".into(), None),
        Trend::OneReading => ("one reading".into(), None),
        Trend::NotComparable { .. } => ("not comparable".into(), None),
    }
}

/// The trend as a sentence.
pub fn trend_sentence(trend: &Trend) -> String {
    match trend {
        Trend::Compared { before_ms, now_ms } => {
            format!("A call takes {} now and took {} in the period before.", ms(*now_ms), ms(*before_ms))
        }
        Trend::New => "It is listed for the first time in the newest reading.".into(),
        Trend::OneReading => "There is one reading so far; the next collection makes it comparable.".into(),
        Trend::NotComparable { why } => why.clone(),
    }
}

/// A statement before and after the last change that concerns it, as a sentence.
pub fn across_sentence(across: &Across) -> String {
    let signed = |percent: f64| {
        let sign = if percent > 0.0 { "+" } else { "\u{2212}" };
        format!("{sign}{}", format::percent((percent / 100.0).abs()))
    };
    let others = match across.others {
        0 => String::new(),
        1 => " One more change lies in the same time.".into(),
        n => format!(" {n} more changes lie in the same time."),
    };
    let since = &across.what;
    match &across.found {
        AcrossFound::Measured { before_ms, after_ms, percent, verdict, periods } => format!(
            "Since {since}, a call takes {} and took {} before ({}, 95{THIN}% interval {} to {}, {periods} readings on each side): {}.{others}",
            ms(*after_ms),
            ms(*before_ms),
            signed(percent.mid),
            signed(percent.low),
            signed(percent.high),
            verdict.word()
        ),
        AcrossFound::TooFew { before, after, need } => format!(
            "After {since} there are not enough readings to compare: {before} before and {after} after, and {need} are needed on each side.{others}"
        ),
    }
}

/// Milliseconds as people say them: `0.42 ms`, `11 ms`, `1.8 s`, `4 min`.
pub fn ms(value: f64) -> String {
    let (value, digits, unit) = match value {
        v if v < 1.0 => (v, 2, "ms"),
        v if v < 10.0 => (v, 1, "ms"),
        v if v < 1_000.0 => (v, 0, "ms"),
        v if v < 120_000.0 => (v / 1e3, 1, "s"),
        v if v < 7_200_000.0 => (v / 6e4, 0, "min"),
        v => (v / 3.6e6, 1, "h"),
    };
    format!("{}{THIN}{unit}", format::number(value, digits))
}

/// A count: `0.4`, `86`, `1,240`, `12.9 k`, `1.2 M`.
pub fn amount(value: f64) -> String {
    match value.abs() {
        v if v >= 999_500.0 => format!("{}{THIN}M", format::number(value / 1e6, 1)),
        v if v >= 10_000.0 => format!("{}{THIN}k", format::number(value / 1e3, 1)),
        v if v >= 10.0 => format::number(value, 0),
        _ => format::number(value, 1),
    }
}

/// Bytes, which may have become fewer: `1.4 GB`, `−20 MB`.
pub fn bytes(value: f64) -> String {
    let text = format::bytes(value.abs() as u64);
    if value <= -1.0 { format!("\u{2212}{text}") } else { text }
}

/// Growth: `+3.4 MB a day`, `steady`.
pub fn growth(bytes_per_day: f64) -> String {
    match bytes_per_day {
        b if b.abs() < 1_000.0 => "steady".into(),
        b if b > 0.0 => format!("+{} a day", bytes(b)),
        b => format!("{} a day", bytes(b)),
    }
}

/// A statement on one line.
pub fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `pg_stat_statements` and its like count from here: `counted over 7 days`.
pub fn counted(hours: Option<f64>) -> String {
    match hours {
        None => "count of unknown length".into(),
        Some(h) if h < 48.0 => format!("counted over {} h", format::number(h, 0)),
        Some(h) => format!("counted over {} days", format::number(h / 24.0, 0)),
    }
}

/// A service's connections as the multiplication they are: `4–8 members × 2 processes × 10`.
pub fn product(client: &Client) -> String {
    let some =
        |value: Option<f64>, word: &str| value.map_or_else(|| format!("? {word}"), |v| format!("{} {word}", amount(v)));
    let members = match (client.members, client.most_members) {
        (Some(now), Some(most)) if most > now => format!("{}–{} members", amount(now), amount(most)),
        (now, most) => some(now.or(most), "members"),
    };
    format!("{members} × {} × {}", some(client.processes, "processes"), some(client.pool, "each"))
}
