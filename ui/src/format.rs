//! Numbers and dates as the reader's locale writes them. Outside a web view (in tests) they fall back to plain English
//! forms, so that what pages say can be tested natively.

use loadline_model::{HalfDays, Interval, MicroPoints, Timestamp};

/// Between a number and its unit.
const THIN: char = '\u{202f}';
/// A minus that is as wide as a plus.
const MINUS: char = '\u{2212}';

/// A number with at most `digits` decimals: `1,204.5`.
pub fn number(value: f64, digits: u8) -> String {
    if !value.is_finite() {
        return "–".into();
    }
    // Rounding may leave "-0".
    let value = if value.abs() < 0.5 / power_of_ten(digits) { 0.0 } else { value };
    locale_number(value, digits).replace('-', &MINUS.to_string())
}

fn power_of_ten(exponent: u8) -> f64 {
    (0..exponent).fold(1.0, |power, _| power * 10.0)
}

/// A whole number: `1,204`.
pub fn whole(value: impl TryInto<u64>) -> String {
    value.try_into().map_or_else(|_| "–".into(), |v| number(v as f64, 0))
}

/// A share as percent: `62 %`.
pub fn percent(share: f64) -> String {
    format!("{}{THIN}%", number(share * 100.0, if share > 0.0 && share < 0.01 { 1 } else { 0 }))
}

/// Points with a sign: `+3.2`, `−0.4`.
pub fn signed_points(points: MicroPoints) -> String {
    let text = number(points.points(), 1);
    if text.starts_with(MINUS) || text == "0" { text } else { format!("+{text}") }
}

/// Points without a sign: `47.2`.
pub fn points(points: f64) -> String {
    number(points, 1)
}

/// `1 finding`, `12 findings`.
pub fn count(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", whole(n), if n == 1 { one } else { many })
}

/// A range with its unit: `3–8 days`, `1 day`, `0.5–2 days`.
pub fn range(low: f64, high: f64, one: &str, many: &str) -> String {
    let digits = |x: f64| if x < 10.0 { 1 } else { 0 };
    let (a, b) = (number(low, digits(low)), number(high, digits(high)));
    match a == b {
        true if a == "1" => format!("1 {one}"),
        true => format!("{a} {many}"),
        false => format!("{a}–{b} {many}"),
    }
}

/// Effort of an item: `3–8 days`.
pub fn effort(half_days: &HalfDays) -> String {
    range(f64::from(half_days.low) / 2.0, f64::from(half_days.high) / 2.0, "day", "days")
}

/// Half-days as days: `8.5 days`.
pub fn days_of(half_days: u32) -> String {
    let days = f64::from(half_days) / 2.0;
    format!("{} {}", number(days, 1), if half_days == 2 { "day" } else { "days" })
}

/// Hours a year with its range on hover: `9 h`.
pub fn hours(hours: f64) -> String {
    format!("{}{THIN}h", number(hours, if hours < 1.0 { 1 } else { 0 }))
}

/// `2–31 h a year, 8 times out of 10`.
pub fn hours_interval(interval: &Interval) -> String {
    format!("{}–{} h a year in 8 of 10 cases", number(interval.p10, 1), number(interval.p90, 1))
}

/// A multiple of today's load: `3.4x`.
pub fn multiple(times: f64) -> String {
    format!("{}x", number(times, if times < 10.0 { 1 } else { 0 }))
}

/// Milliseconds as people say them: `840 ms`, `12 s`, `4 min`.
pub fn duration_ms(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms}{THIN}ms"),
        1_000..120_000 => format!("{}{THIN}s", number(ms as f64 / 1e3, 1)),
        _ => format!("{}{THIN}min", number(ms as f64 / 6e4, 0)),
    }
}

/// Bytes in decimal units: `1.4 MB`.
pub fn bytes(bytes: u64) -> String {
    let scale = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    let fits = scale.iter().find(|(size, _)| bytes >= *size);
    fits.map_or_else(
        || format!("{bytes}{THIN}B"),
        |(size, unit)| format!("{}{THIN}{unit}", number(bytes as f64 / *size as f64, 1)),
    )
}

/// How long ago, or how far ahead: `3 days ago`, `in 2 weeks`.
pub fn relative(at: Timestamp, now: Timestamp) -> String {
    let seconds = (at.0 - now.0) as f64 / 1000.0;
    const STEPS: [(f64, &str); 6] = [
        (31_557_600.0, "year"),
        (2_629_800.0, "month"),
        (604_800.0, "week"),
        (86_400.0, "day"),
        (3_600.0, "hour"),
        (60.0, "minute"),
    ];
    // A unit is used from 1.5 of it (weeks and months: from 2), so that 10 days stay days.
    let from = |unit: &str| if matches!(unit, "week" | "month") { 2.0 } else { 1.0 };
    let step = STEPS.iter().find(|(size, unit)| seconds.abs() >= size * from(unit));
    step.map_or_else(|| "just now".into(), |(size, unit)| locale_relative((seconds / size).round(), unit))
}

/// A day: `14 Nov 2026`.
pub fn date(at: Timestamp, zone: &str) -> String {
    locale_date(at, zone, false)
}

/// A moment: `14 Nov 2026, 07:00 CET`.
pub fn moment(at: Timestamp, zone: &str) -> String {
    locale_date(at, zone, true)
}

/// A number as a form field holds it: never grouped, with a point, so that it can be read back.
pub fn plain(value: f64) -> String {
    // Six decimals hide what binary fractions add: 0.85 × 100 is 85.
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The day as `<input type="date">` wants it.
pub fn input_date(at: Timestamp) -> String {
    let (year, month, day) = at.utc_day().civil();
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(not(target_arch = "wasm32"))]
fn locale_number(value: f64, digits: u8) -> String {
    let text = format!("{value:.*}", usize::from(digits));
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text };
    let (sign, rest) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let (integer, fraction) = rest.split_once('.').map_or((rest, String::new()), |(i, f)| (i, format!(".{f}")));
    let grouped: Vec<&str> = (0..integer.len())
        .rev()
        .step_by(3)
        .map(|end| &integer[end.saturating_sub(2)..=end])
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect();
    format!("{sign}{}{fraction}", grouped.join(","))
}

#[cfg(not(target_arch = "wasm32"))]
fn locale_relative(amount: f64, unit: &str) -> String {
    let n = amount.abs();
    let plural = if n == 1.0 { "" } else { "s" };
    if amount < 0.0 { format!("{n} {unit}{plural} ago") } else { format!("in {n} {unit}{plural}") }
}

#[cfg(not(target_arch = "wasm32"))]
fn locale_date(at: Timestamp, _zone: &str, with_time: bool) -> String {
    let text = at.to_string();
    if with_time { text } else { text.chars().take(10).collect() }
}

#[cfg(target_arch = "wasm32")]
use in_locale::{locale_date, locale_number, locale_relative};

/// The browser's Intl, asked through Reflect: a zone that the web view does not know is an error there, not a panic here.
#[cfg(target_arch = "wasm32")]
mod in_locale {
    use super::Timestamp;
    use js_sys::{Array, Function, Object, Reflect};
    use std::cell::RefCell;
    use std::collections::BTreeMap;
    use wasm_bindgen::{JsCast, JsValue};

    thread_local! {
        // Making a formatter costs far more than using it; there are at most a few dozen.
        static FORMATTERS: RefCell<BTreeMap<String, Option<JsValue>>> = const { RefCell::new(BTreeMap::new()) };
    }

    fn formatter(kind: &str, options: &[(&str, JsValue)], key: String) -> Option<JsValue> {
        FORMATTERS.with_borrow_mut(|known| known.entry(key).or_insert_with(|| construct(kind, options).ok()).clone())
    }

    fn construct(kind: &str, options: &[(&str, JsValue)]) -> Result<JsValue, JsValue> {
        let intl = Reflect::get(&js_sys::global(), &"Intl".into())?;
        let constructor: Function = Reflect::get(&intl, &kind.into())?.dyn_into()?;
        let object = Object::new();
        for (key, value) in options {
            Reflect::set(&object, &(*key).into(), value)?;
        }
        Reflect::construct(&constructor, &Array::of2(&JsValue::UNDEFINED, &object))
    }

    fn format(formatter: &JsValue, arguments: &[JsValue]) -> Option<String> {
        let method: Function = Reflect::get(formatter, &"format".into()).ok()?.dyn_into().ok()?;
        method.apply(formatter, &arguments.iter().collect::<Array>()).ok()?.as_string()
    }

    pub fn locale_number(value: f64, digits: u8) -> String {
        // The POSIX locale groups no digits unless it is told to.
        let options = [("maximumFractionDigits", JsValue::from(digits)), ("useGrouping", "always".into())];
        formatter("NumberFormat", &options, format!("number {digits}"))
            .and_then(|f| format(&f, &[value.into()]))
            .unwrap_or_else(|| format!("{value:.*}", usize::from(digits)))
    }

    pub fn locale_relative(amount: f64, unit: &str) -> String {
        formatter("RelativeTimeFormat", &[("numeric", "auto".into())], "relative".into())
            .and_then(|f| format(&f, &[amount.into(), unit.into()]))
            .unwrap_or_else(|| format!("{amount} {unit}"))
    }

    pub fn locale_date(at: Timestamp, zone: &str, with_time: bool) -> String {
        let mut options = vec![("day", "numeric".into()), ("month", "short".into()), ("year", "numeric".into())];
        if with_time {
            options.extend([
                ("hour", "2-digit".into()),
                ("minute", "2-digit".into()),
                ("timeZoneName", "short".into()),
            ]);
        }
        if !zone.is_empty() {
            options.push(("timeZone", zone.into()));
        }
        formatter("DateTimeFormat", &options, format!("date {zone} {with_time}"))
            .and_then(|f| format(&f, &[(at.0 as f64).into()]))
            .unwrap_or_else(|| at.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_trimmed() {
        for (value, digits, expected) in [
            (1204.5, 1, "1,204.5"),
            (1_000_000.0, 0, "1,000,000"),
            (3.0, 1, "3"),
            (-0.04, 1, "0"),
            (-2.25, 1, "−2.2"),
            (f64::NAN, 1, "–"),
        ] {
            assert_eq!(number(value, digits), expected);
        }
    }

    #[test]
    fn ranges_name_their_unit_once() {
        assert_eq!(range(3.0, 8.0, "day", "days"), "3–8 days");
        assert_eq!(range(1.0, 1.0, "day", "days"), "1 day");
        assert_eq!(effort(&HalfDays { low: 1, mode: 2, high: 4 }), "0.5–2 days");
        assert_eq!(days_of(17), "8.5 days");
    }

    #[test]
    fn times_are_relative_to_the_shells_clock() {
        let now = Timestamp(1_790_000_000_000);
        for (days, expected) in
            [(0, "just now"), (-1, "1 day ago"), (-10, "10 days ago"), (-21, "3 weeks ago"), (3, "in 3 days")]
        {
            assert_eq!(relative(now.plus_days(days), now), expected);
        }
    }

    #[test]
    fn points_carry_their_sign() {
        assert_eq!(signed_points(MicroPoints(3_240_000)), "+3.2");
        assert_eq!(signed_points(MicroPoints(-400_000)), "−0.4");
        assert_eq!(signed_points(MicroPoints(0)), "0");
    }
}
