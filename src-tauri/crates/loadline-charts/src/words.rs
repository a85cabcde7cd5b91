//! Numbers and dates as chart labels say them.

use loadline_model::{Timestamp, num};

/// Months as labels write them.
pub const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Three significant digits without trailing zeros, thousands grouped from 10,000; a word for what is not a number.
pub fn number(x: f64) -> String {
    if !x.is_finite() {
        return "unknown".to_owned();
    }
    let magnitude = x.abs();
    let digits = match magnitude {
        m if m >= 100.0 || m == 0.0 => 0,
        m if m >= 10.0 => 1,
        m if m >= 1.0 => 2,
        m => (2.0 - num::log10(m).floor()).clamp(2.0, 9.0) as usize,
    };
    let text = format!("{magnitude:.digits$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text.as_str() };
    let grouped;
    let text = if magnitude >= 10_000.0 {
        let groups: Vec<&str> = text.as_bytes().rchunks(3).rev().filter_map(|g| std::str::from_utf8(g).ok()).collect();
        grouped = groups.join(",");
        grouped.as_str()
    } else {
        text
    };
    if x < 0.0 && text != "0" { format!("\u{2212}{text}") } else { text.to_owned() }
}

/// Seconds with a fitting unit: `850 µs`, `260 ms`, `1.42 s`, `2.5 min`.
pub fn seconds(s: f64) -> String {
    match s.abs() {
        _ if !s.is_finite() => "unknown".to_owned(),
        0.0 => "0 ms".to_owned(),
        a if a < 0.0009995 => format!("{} µs", number(s * 1e6)),
        a if a < 0.9995 => format!("{} ms", number(s * 1e3)),
        a if a < 120.0 => format!("{} s", number(s)),
        _ => format!("{} min", number(s / 60.0)),
    }
}

/// A multiple of today's peak: `3.4×`.
pub fn times(x: f64) -> String {
    format!("{}×", number(if x >= 9.95 { x.round() } else { (x * 10.0).round() / 10.0 }))
}

/// A share as percent: `87 %`.
pub fn percent(share: f64) -> String {
    let value = share * 100.0;
    let digits = if value.abs() >= 10.0 { value.round() } else { (value * 10.0).round() / 10.0 };
    format!("{} %", number(digits))
}

/// `21 Nov`.
pub fn day(ms: i64) -> String {
    let (_, month, day) = Timestamp(ms).utc_day().civil();
    format!("{day} {}", month_name(month))
}

/// `21 Nov 2026`.
pub fn date(ms: i64) -> String {
    format!("{} {}", day(ms), Timestamp(ms).utc_day().civil().0)
}

pub(crate) fn month_name(month: u32) -> &'static str {
    MONTHS.get(month.saturating_sub(1) as usize).copied().unwrap_or_default()
}

/// Text made safe for XML, attributes included.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(printable(c)),
        }
    }
    out
}

/// XML 1.0 has no place for control characters and two non-characters, not even escaped.
fn printable(c: char) -> char {
    if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') { ' ' } else { c }
}

/// Text without the control characters that XML cannot hold, cut with an ellipsis after `most` characters.
pub fn label(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.chars().map(printable).collect();
    }
    let mut cut: String = text.chars().map(printable).take(most.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// Rough width in pixels of text in Inter at a size.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    let units: f64 = text
        .chars()
        .map(|c| match c {
            'i' | 'l' | 'j' | '.' | ',' | ':' | ';' | '|' | '\'' | ' ' | 'I' | '!' => 0.3,
            'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.9,
            c if c.is_ascii_uppercase() => 0.7,
            c if (c as u32) > 0x2E80 => 1.0,
            _ => 0.58,
        })
        .sum();
    units * size
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_units_and_few_digits() {
        let cases = [
            (1.42, "1.42 s"),
            (0.26, "260 ms"),
            (0.0125, "12.5 ms"),
            (0.00085, "850 µs"),
            (0.0, "0 ms"),
            (150.0, "2.5 min"),
        ];
        for (value, text) in cases {
            assert_eq!(seconds(value), text);
        }
        assert_eq!(times(3.42), "3.4×");
        assert_eq!(times(12.3), "12×");
        assert_eq!(percent(0.873), "87 %");
        assert_eq!((number(-81.7).as_str(), number(100_000.0).as_str()), ("\u{2212}81.7", "100,000"));
        assert_eq!(seconds(f64::NAN), "unknown");
    }

    #[test]
    fn text_is_safe_and_short() {
        assert_eq!(escape("<a href='x'>&\u{1}"), "&lt;a href=&#39;x&#39;&gt;&amp; ");
        assert_eq!(label("production-database", 8), "product…");
        assert_eq!(day(1_795_219_200_000), "21 Nov");
    }
}
