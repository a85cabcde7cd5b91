//! What the map says: pure words from a failure, a single point of failure, a change.

use super::drawn::Shape;
use crate::format;
use loadline_model::Spof;
use loadline_topology::Failure;

/// Journeys that a sentence names.
const NAMED: usize = 6;

/// The consequence of failing these, numbers first.
pub fn sentence(names: &[String], failure: &Failure, spof: Option<&Spof>) -> String {
    let (what, verb) = match names {
        [] => return "Choose a thing to see what stops without it. Shift-click a second one to fail both.".into(),
        [one] => (format!("One failure of {one}"), ["stops", "degrades"]),
        many => (format!("{} together", many.join(" and ")), ["stop", "degrade"]),
    };
    let list = |names: &[String]| match names.len() {
        0..=NAMED => names.join(", "),
        all => format!("{} and {} more", names[..NAMED - 1].join(", "), format::whole((all + 1 - NAMED) as u64)),
    };
    let (lost, limping) = (&failure.journeys_lost, &failure.journeys_degraded);
    match (lost.is_empty(), limping.is_empty()) {
        (true, true) => format!("{what} {} no journey.", verb[0]),
        (true, false) => format!("{what} {} no journey and {} {}.", verb[0], verb[1], list(limping)),
        (false, _) => {
            let hours = spof.map(|s| format!(", {}", about(s.hours_per_year.p50))).unwrap_or_default();
            let only = match limping.as_slice() {
                [] => String::new(),
                [one] => format!(" {one} only degrades."),
                many => format!(" {} only degrade.", list(many)),
            };
            format!(
                "{what} {} {} of journeys{hours}: {}.{only}",
                verb[0],
                format::percent(failure.weight_lost),
                list(lost)
            )
        }
    }
}

/// A thing's second line.
pub fn detail(shape: &Shape) -> String {
    if let Some(stops) = shape.part {
        return match stops {
            0 => format::count(shape.inside.len(), "thing", "things"),
            stops => {
                format!("{} of {} stop alone", format::whole(stops as u64), format::whole(shape.inside.len() as u64))
            }
        };
    }
    match shape.group {
        None if !shape.inside.is_empty() => "alike, click to see each".into(),
        Some((members, required)) if required > 0 => format!("{required} of {members} must be up"),
        Some((members, _)) => format!("{}, {}", shape.kind, format::count(members as usize, "member", "members")),
        None if shape.implied => format!("{}, implied", shape.kind),
        None => shape.kind.to_string(),
    }
}

/// A thing's name for screen readers.
pub fn spoken(shape: &Shape, zone: Option<&str>, spof: Option<&Spof>) -> String {
    let kind = if shape.part.is_some() { "part".to_owned() } else { shape.kind.to_string() };
    let mut words = vec![shape.name.clone(), kind, detail(shape)];
    words.dedup();
    words.extend(zone.map(|zone| format!("in {zone}")));
    if let Some(spof) = spof {
        words.push(format!(
            "alone stops {} of journeys, {}",
            format::percent(spof.blast_radius),
            about(spof.hours_per_year.p50)
        ));
        if !spof.proven {
            words.push("not proven".into());
        }
    }
    words.join(", ")
}

/// Time a year as people say it: `9 h`, `24 min`.
pub fn a_year(hours: f64) -> String {
    match hours {
        h if h >= 0.95 => format::hours(h),
        h if h >= 1.0 / 60.0 => format!("{}\u{202f}min", format::number(h * 60.0, 0)),
        _ => "< 1\u{202f}min".into(),
    }
}

/// The same in a sentence: `about 9 h a year`.
fn about(hours: f64) -> String {
    if hours < 1.0 / 60.0 { "less than a minute a year".into() } else { format!("about {} a year", a_year(hours)) }
}

/// Time a year with its interval: `9 h` and `2.1–31 h`.
pub fn yearly(spof: &Spof) -> (String, String) {
    let h = &spof.hours_per_year;
    let (scale, unit) = if h.p90 >= 0.95 { (1.0, "h") } else { (60.0, "min") };
    let end = |x: f64| format::number(x * scale, u8::from(scale == 1.0 && x < 10.0));
    (a_year(h.p50), format!("{}–{}\u{202f}{unit}", end(h.p10), end(h.p90)))
}

/// The head of the page.
pub fn summary(spofs: &[Spof], things: usize, hours: f64) -> String {
    let proven = spofs.iter().filter(|s| s.proven).count();
    match spofs.len() {
        0 => format!("No single failure among {} stops a journey.", format::count(things, "thing", "things")),
        n => {
            let likely = if proven < n { format!(", {} of them not proven", n - proven) } else { String::new() };
            format!(
                "{} of {} can stop a journey alone{likely}: at most {} a year together.",
                format::whole(n as u64),
                format::count(things, "thing", "things"),
                a_year(hours)
            )
        }
    }
}
