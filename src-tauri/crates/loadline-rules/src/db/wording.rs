//! Numbers as people read them in a rule's sentence.

/// A count: `0.4`, `1,240`, `412,000`, `1.2 M`, `3.4 G`.
pub(crate) fn count(n: f64) -> String {
    let size = n.abs();
    if size >= 999_950_000.0 {
        format!("{:.1} G", n / 1e9)
    } else if size >= 999_950.0 {
        format!("{:.1} M", n / 1e6)
    } else if size < 9.95 && (n - n.round()).abs() > 0.05 {
        format!("{n:.1}")
    } else {
        grouped(n.round())
    }
}

/// A share 0–1 in percent: `84 %`, `0.4 %`.
pub(crate) fn percent(ratio: f64) -> String {
    let percent = ratio * 100.0;
    if percent > 0.0 && percent < 0.95 { format!("{percent:.1} %") } else { format!("{percent:.0} %") }
}

/// A size in bytes with decimal units: `820 MB`, `1.2 GB`.
pub(crate) fn bytes(n: f64) -> String {
    let (value, unit) = match n {
        n if n >= 1e12 => (n / 1e12, "TB"),
        n if n >= 1e9 => (n / 1e9, "GB"),
        n if n >= 1e6 => (n / 1e6, "MB"),
        n if n >= 1e3 => (n / 1e3, "kB"),
        n => (n, "bytes"),
    };
    if value < 9.95 && unit != "bytes" { format!("{value:.1} {unit}") } else { format!("{value:.0} {unit}") }
}

/// A duration in seconds with the unit people would use: `12 ms`, `1.8 s`, `5 min`, `3.5 h`, `12 d`.
pub(crate) fn duration(seconds: f64) -> String {
    let (value, unit) = match seconds {
        s if s < 0.9995 => (s * 1e3, "ms"),
        s if s < 120.0 => (s, "s"),
        s if s < 7_200.0 => (s / 60.0, "min"),
        s if s < 172_800.0 => (s / 3_600.0, "h"),
        s => (s / 86_400.0, "d"),
    };
    let whole = value >= 9.95 || (value - value.round()).abs() < 0.05;
    if whole { format!("{value:.0} {unit}") } else { format!("{value:.1} {unit}") }
}

/// Names in a sentence: at most three of them, then how many more.
pub(crate) fn named(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(3).map(|n| format!("`{n}`")).collect();
    match names.len().saturating_sub(3) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn grouped(n: f64) -> String {
    let digits = format!("{:.0}", n.abs());
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if n < 0.0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_naturally() {
        let check = |said: String, expected: &str| assert_eq!(said, expected);
        check(count(0.42), "0.4");
        check(count(7.0), "7");
        check(count(1_240.0), "1,240");
        check(count(412_000.0), "412,000");
        check(count(999_999.0), "1.0 M");
        check(count(1_200_000.0), "1.2 M");
        check(count(2.1e9), "2.1 G");
        check(percent(0.84), "84 %");
        check(percent(0.004), "0.4 %");
        check(percent(0.0), "0 %");
        check(bytes(1.2e9), "1.2 GB");
        check(bytes(512.0), "512 bytes");
        check(duration(0.012), "12 ms");
        check(duration(1.8), "1.8 s");
        check(duration(300.0), "5 min");
        check(duration(12.6 * 86_400.0), "13 d");
        check(named(&["a".into(), "b".into(), "c".into(), "d".into()]), "`a`, `b`, `c` and 1 more");
    }
}
