//! The sentence behind a verdict, numbers first, as people read them.

use loadline_model::{Effect, Verdict};

/// What a sentence is about.
pub(crate) struct Told<'a> {
    pub(crate) verdict: Verdict,
    pub(crate) quantile: f64,
    /// Route or name of the subject.
    pub(crate) what: &'a str,
    pub(crate) metric: &'a str,
    pub(crate) unit: &'a str,
    pub(crate) before: (f64, bool),
    pub(crate) after: (f64, bool),
    pub(crate) effect: Effect,
    pub(crate) equivalent: bool,
    pub(crate) detectable: f64,
    /// Strongest rival of a confounded change.
    pub(crate) rival: Option<&'a str>,
    /// Days that moved the same way as the effect, of all pairs.
    pub(crate) days: (usize, usize),
    pub(crate) sign_differs: bool,
}

/// One or two sentences.
pub(crate) fn sentence(t: &Told) -> String {
    let statistic = format!("{} of {}", statistic(t.quantile, t.metric, t.unit), t.what);
    let (before, after) = (figure(t.before, t.unit), figure(t.after, t.unit));
    let sign = if t.unit == "ratio" { " points" } else { " %" };
    // One decimal where whole numbers would hide the interval.
    let fine = usize::from(t.effect.high - t.effect.low < 3.0 || t.effect.mid.abs() < 10.0);
    let interval = format!("95 % interval {} to {}{sign}", signed(t.effect.low, fine), signed(t.effect.high, fine));
    let moved = if t.effect.mid < 0.0 { "fell" } else { "rose" };
    let size = format!("{}{sign} ({interval})", signed(t.effect.mid, 1));
    let mut text = match t.verdict {
        Verdict::NoDetectableChange if t.equivalent => {
            format!("{statistic} stayed within ±5 %: {before} before, {after} after, {size}.")
        }
        Verdict::NoDetectableChange if t.effect.low > 0.0 || t.effect.high < 0.0 => {
            format!("{statistic} {moved} by less than 5 % or not clearly: {before} before, {after} after, {size}.")
        }
        Verdict::NoDetectableChange => {
            let least = trim(t.detectable, 1);
            format!(
                "{statistic} shows no clear change: {before} before, {after} after, {size}; this data could have shown {least} %."
            )
        }
        Verdict::Confounded => {
            let rival = t.rival.unwrap_or("another change");
            format!("{statistic} {moved} from {before} to {after}: {size}, but {rival} explains it as well.")
        }
        Verdict::Improved | Verdict::Regressed => {
            format!(
                "{statistic} {moved} from {before} to {after}: {size}. The same way on {} of {} matched days.",
                t.days.0, t.days.1
            )
        }
        Verdict::InsufficientData => not_enough(t.what, "no observations"),
    };
    if t.sign_differs {
        text.push_str(" At unequal load the plain figures move the other way: the mix of load changed.");
    }
    text
}

/// The sentence when something is missing.
pub(crate) fn not_enough(what: &str, missing: &str) -> String {
    format!("Not enough data for {what}: {missing}.")
}

fn statistic(quantile: f64, metric: &str, unit: &str) -> String {
    if unit == "ratio" {
        return metric.to_owned();
    }
    let of = if metric == loadline_model::key::metric::REQUEST_DURATION { String::new() } else { format!(" {metric}") };
    if (quantile - 0.5).abs() < 1e-9 {
        format!("Median{of}")
    } else {
        format!("{}th percentile{of}", trim(100.0 * quantile, 1))
    }
}

/// A level with its unit; `> 5 s` above the last bound.
fn figure((value, above): (f64, bool), unit: &str) -> String {
    let text = match unit {
        "s" if value < 0.01 => format!("{} ms", trim(value * 1000.0, 1)),
        "s" if value < 10.0 => format!("{} ms", thousands(value * 1000.0)),
        "s" => format!("{} s", trim(value, 1)),
        "ratio" => format!("{} %", trim(value * 100.0, 2)),
        _ if value.abs() >= 100.0 => format!("{} {unit}", thousands(value)),
        _ => format!("{} {unit}", trim(value, 2)),
    };
    if above { format!("> {text}") } else { text }
}

fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let (minus, digits) = digits.strip_prefix('-').map_or(("", digits.as_str()), |d| ("−", d));
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|g| std::str::from_utf8(g).ok()).collect();
    format!("{minus}{}", groups.join(","))
}

fn trim(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn signed(value: f64, decimals: usize) -> String {
    let size = format!("{:.decimals$}", value.abs());
    let zero = size.bytes().all(|b| b == b'0' || b == b'.');
    if value < 0.0 && !zero { format!("−{size}") } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told() -> Told<'static> {
        Told {
            verdict: Verdict::Improved,
            quantile: 0.5,
            what: "GET /feed",
            metric: loadline_model::key::metric::REQUEST_DURATION,
            unit: "s",
            before: (1.42, false),
            after: (0.26, false),
            effect: Effect { low: -83.2, mid: -81.69, high: -79.8 },
            equivalent: false,
            detectable: 4.0,
            rival: None,
            days: (13, 13),
            sign_differs: false,
        }
    }

    #[test]
    fn people_read_numbers_first() {
        assert_eq!(
            sentence(&told()),
            "Median of GET /feed fell from 1,420 ms to 260 ms: −81.7 % (95 % interval −83 to −80 %). \
             The same way on 13 of 13 matched days."
        );
    }

    #[test]
    fn the_other_words() {
        let small = Effect { low: -3.2, mid: -0.8, high: 1.6 };
        let check = |t: Told, want: &str| assert_eq!(sentence(&t), want);
        check(
            Told { verdict: Verdict::NoDetectableChange, effect: small, equivalent: true, quantile: 0.95, ..told() },
            "95th percentile of GET /feed stayed within ±5 %: 1,420 ms before, 260 ms after, −0.8 % (95 % interval −3.2 to 1.6 %).",
        );
        check(
            Told { verdict: Verdict::NoDetectableChange, effect: small, ..told() },
            "Median of GET /feed shows no clear change: 1,420 ms before, 260 ms after, −0.8 % (95 % interval −3.2 to 1.6 %); \
             this data could have shown 4 %.",
        );
        check(
            Told { verdict: Verdict::Confounded, rival: Some("deployment 17 of feed"), before: (5.0, true), ..told() },
            "Median of GET /feed fell from > 5,000 ms to 260 ms: −81.7 % (95 % interval −83 to −80 %), but deployment 17 of feed \
             explains it as well.",
        );
        assert_eq!(not_enough("GET /feed", "4 of 6 days"), "Not enough data for GET /feed: 4 of 6 days.");
    }
}
