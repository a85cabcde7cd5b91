//! Numbers, ranges and dates as the report says them.

pub(crate) use loadline_charts::words::{date, escape, number, percent, seconds, times};
use loadline_model::{Day, HalfDays, Interval, Limited, Severity};

/// Whole points: `41`; one decimal below 10.
pub(crate) fn points(value: f64) -> String {
    number(if value.abs() >= 10.0 { value.round() } else { (value * 10.0).round() / 10.0 })
}

/// A change of points with its sign: `+6.1`.
pub(crate) fn change(points: f64) -> String {
    let rounded = (points * 10.0).round() / 10.0;
    let plus = if rounded > 0.0 { "+" } else { "" };
    format!("{plus}{}", number(if rounded == 0.0 { 0.0 } else { rounded }))
}

/// Percent with one decimal, its sign and a true minus: `−81.7`, `+2.0`.
pub(crate) fn percent_figure(value: f64) -> String {
    if !value.is_finite() {
        return "unknown".to_owned();
    }
    let text = format!("{:.1}", value.abs());
    match value {
        _ if text == "0.0" => text,
        v if v < 0.0 => format!("\u{2212}{text}"),
        _ => format!("+{text}"),
    }
}

/// Hours a year: `9 h`, `0.4 h`, `less than 0.1 h`.
pub(crate) fn hours(value: f64) -> String {
    match value {
        v if !v.is_finite() => "unknown".to_owned(),
        v if v <= 0.0 => "0 h".to_owned(),
        v if v < 0.1 => "less than 0.1 h".to_owned(),
        v => format!("{} h", points(v)),
    }
}

/// `3.4× (2.1–4.8×)`.
pub(crate) fn times_range(i: &Interval) -> String {
    if i.p50 >= 100.0 {
        return "over 100×".to_owned();
    }
    format!("{} ({}–{})", times(i.p50), times(i.p10).trim_end_matches('×'), times(i.p90))
}

/// `120 days (80 % interval 60 to 300)`, or that it is far away.
pub(crate) fn days_range(days: Option<&Interval>) -> String {
    match days {
        Some(d) if d.p50 <= 0.0 => "now".to_owned(),
        Some(d) => format!("{} days ({}–{})", whole(d.p50), whole(d.p10), whole(d.p90)),
        None => "not within 2 years".to_owned(),
    }
}

fn whole(value: f64) -> String {
    number(value.max(0.0).round())
}

/// Effort as a range of days: `1.5–4 days`.
pub(crate) fn effort(half_days: &HalfDays) -> String {
    span(f64::from(half_days.low) / 2.0, f64::from(half_days.high) / 2.0)
}

/// A range of engineer-days: `3–8 days`.
pub(crate) fn span(low: f64, high: f64) -> String {
    let (low, high) = (points(low), points(high));
    if low == high {
        format!("{low} {}", if low == "1" { "day" } else { "days" })
    } else {
        format!("{low}–{high} days")
    }
}

/// A share as percent, or that it is not known.
pub(crate) fn share(value: Option<f64>) -> String {
    value.map_or("not known".to_owned(), percent)
}

/// `1 day`, `3 days`: a number with its noun.
pub(crate) fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

/// Groups of three digits: `1,240,000`.
pub(crate) fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|g| std::str::from_utf8(g).ok()).collect();
    groups.join(",")
}

/// A civil day: `21 Nov 2026`.
pub(crate) fn civil(day: Day) -> String {
    date(day.utc_start().0)
}

/// `queue drain`, `CPU`.
pub(crate) fn resource(limited: Limited) -> String {
    match limited {
        Limited::Cpu => "CPU".to_owned(),
        Limited::Iops => "disk operations".to_owned(),
        other => other.word().replace('_', " "),
    }
}

/// `Critical`.
pub(crate) fn severity(severity: Severity) -> String {
    capital(severity.word())
}

/// First letter upper case.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

/// `a`, `a and b`, `a, b and 3 more`.
pub(crate) fn list(items: &[String], most: usize) -> String {
    match items {
        [] => "none".to_owned(),
        [one] => one.clone(),
        some if some.len() <= most => {
            let (last, rest) = some.split_last().map_or((String::new(), &[][..]), |(l, r)| (l.clone(), r));
            format!("{} and {last}", rest.join(", "))
        }
        some => {
            let shown: Vec<&str> = some.iter().take(most).map(String::as_str).collect();
            format!("{} and {} more", shown.join(", "), some.len() - shown.len())
        }
    }
}

/// Backticks come in pairs, so what they enclose is a name.
pub(crate) fn paired(text: &str) -> bool {
    let ticks = text.bytes().filter(|b| *b == b'`').count();
    ticks > 0 && ticks % 2 == 0
}

/// Text from outside made printable: no control characters, no overrides of the writing direction.
pub(crate) fn clean(text: &str) -> String {
    let unprintable = |c: char| {
        c.is_control()
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
    };
    text.chars().map(|c| if unprintable(c) { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_as_people_write_them() {
        assert_eq!(percent_figure(-81.69), "\u{2212}81.7");
        assert_eq!((percent_figure(-0.01).as_str(), percent_figure(2.04).as_str()), ("0.0", "+2.0"));
        assert_eq!(change(6.12), "+6.1");
        assert_eq!(change(-0.001), "0");
        assert_eq!(times_range(&Interval { p10: 2.1, p50: 3.4, p90: 4.8 }), "3.4× (2.1–4.8×)");
        assert_eq!(effort(&HalfDays { low: 3, mode: 5, high: 8 }), "1.5–4 days");
        assert_eq!(span(1.0, 1.0), "1 day");
        let names: Vec<String> = ["a", "b", "c"].map(String::from).to_vec();
        assert_eq!((list(&names, 5).as_str(), list(&names, 2).as_str()), ("a, b and c", "a, b and 1 more"));
        assert_eq!(clean("a\u{202E}b\u{7}"), "a b ");
    }
}
