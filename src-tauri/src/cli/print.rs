//! Plain text for people: tables with aligned columns, numbers and times as they read them.

use loadline_model::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::io::Write as _;

/// Prints a line; a closed pipe ends quietly.
pub(crate) fn line(text: impl AsRef<str>) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{}", text.as_ref()).is_err() {
        std::process::exit(0);
    }
}

/// Prints JSON with its schema first.
pub(crate) fn json(schema: &str, body: impl Serialize) -> Result<(), loadline_engine::EngineError> {
    let mut value = serde_json::to_value(body)?;
    if let Value::Object(map) = &mut value {
        map.insert("schema".into(), Value::String(format!("loadline.{schema}/1")));
    }
    line(serde_json::to_string_pretty(&value)?);
    Ok(())
}

/// Prints rows under headings, columns aligned; the last column is free.
pub(crate) fn table(headings: &[&str], rows: &[Vec<String>]) {
    let mut widths: Vec<usize> = headings.iter().map(|h| h.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count().min(48));
        }
    }
    let print = |cells: &[String]| {
        let last = cells.len().saturating_sub(1);
        let mut text = String::new();
        for (i, (cell, width)) in cells.iter().zip(&widths).enumerate() {
            text.push_str(cell);
            if i < last {
                let used = cell.chars().count();
                text.push_str(&" ".repeat(width.saturating_sub(used) + 2));
            }
        }
        line(text.trim_end());
    };
    print(&headings.iter().map(|h| (*h).to_owned()).collect::<Vec<_>>());
    for row in rows {
        print(row);
    }
}

/// `71.3`
pub(crate) fn points(x: f64) -> String {
    format!("{x:.1}")
}

/// `42 %`
pub(crate) fn percent(x: f64) -> String {
    format!("{:.0} %", x * 100.0)
}

/// Hours a year with one decimal below ten.
pub(crate) fn hours(x: f64) -> String {
    if x < 10.0 { format!("{x:.1} h") } else { format!("{x:.0} h") }
}

/// `2026-11-16 07:00 UTC`
pub(crate) fn moment(at: Timestamp) -> String {
    let text = at.to_string();
    format!("{} {} UTC", &text[..10], &text[11..16])
}

/// Days as people read horizons.
pub(crate) fn days(x: f64) -> String {
    if x < 1.0 { "now".into() } else { format!("{x:.0} d") }
}
