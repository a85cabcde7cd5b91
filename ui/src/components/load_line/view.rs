//! Where everything sits on the drawing, in pixels from the top. Pure, so that overlaps are found by tests.

use crate::format;
use loadline_model::num::ln;
use loadline_model::{Capacity, Interval, LimitForecast};

/// Load at the lower and upper edge, as multiples of today's peak.
const BOTTOM: f64 = 0.7;
const TOP: f64 = 13.0;
/// Labels keep this distance.
const LABEL: f64 = 17.0;

/// A multiple on the scale.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    pub y: f64,
    pub word: String,
}

/// A limit: the first one is the load line itself, later ones lie above it.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Median.
    pub y: f64,
    /// Upper and lower edge of the 80 % interval.
    pub band: (f64, f64),
    /// Baseline of its label.
    pub label_y: f64,
    pub title: String,
    pub detail: String,
}

/// The drawing.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    pub height: f64,
    /// Surface of the water: today's peak.
    pub water: f64,
    pub ticks: Vec<Tick>,
    /// The first limit; `None`: nothing is measured and all above the water is unknown.
    pub line: Option<Line>,
    /// The next limits, lowest first.
    pub above: Vec<Line>,
    /// What the drawing says, in one sentence.
    pub sentence: String,
}

/// Lays the drawing out.
pub fn scene(capacity: &Capacity, height: f64) -> Scene {
    let y = |times: f64| height * (1.0 - ln(times.clamp(BOTTOM, TOP) / BOTTOM) / ln(TOP / BOTTOM));
    let water = y(1.0);
    let line = capacity.first_limit.as_ref().map(|first| Line {
        y: y(first.multiplier.p50),
        band: (y(first.multiplier.p90), y(first.multiplier.p10)),
        label_y: y(first.multiplier.p50) - 9.0,
        title: titled(first.resource.word(), &first.subject.name),
        detail: times(&first.multiplier),
    });
    let mut above: Vec<Line> = Vec::new();
    // The first label occupies two text lines above its line.
    let mut highest = line.as_ref().map_or(water, |line| line.label_y - LABEL);
    for rung in capacity.ladder.iter().skip(1) {
        let at = y(rung.multiplier.p50);
        let label_y = (at - 5.0).min(highest - LABEL);
        if label_y < LABEL {
            break;
        }
        highest = label_y;
        above.push(Line {
            y: at,
            band: (y(rung.multiplier.p90), y(rung.multiplier.p10)),
            label_y,
            title: titled(rung.resource.word(), &rung.subject.name),
            detail: format::multiple(rung.multiplier.p50),
        });
    }
    let ticks = [1.0, 2.0, 5.0, 10.0].map(|t| Tick { y: y(t), word: format!("{t}x") }).to_vec();
    Scene { height, water, ticks, line, above, sentence: sentence(capacity) }
}

/// The consequence, numbers first.
pub fn sentence(capacity: &Capacity) -> String {
    let Some(first) = &capacity.first_limit else {
        return "Not proven: no limit is measured, so nobody knows how much more load fits.".into();
    };
    let what = limit_name(first.resource.word(), &first.subject.name);
    if first.multiplier.p50 <= 1.0 {
        return format!("Past the line at today's peak: {what}.");
    }
    match &first.days {
        Some(days) => format!(
            "First limit at {} today's peak, in {} at {}: {what}.",
            format::multiple(first.multiplier.p50),
            in_time(days),
            growth(first)
        ),
        None => format!(
            "First limit at {} today's peak, not within two years at {}: {what}.",
            format::multiple(first.multiplier.p50),
            growth(first)
        ),
    }
}

/// The rate a forecast assumes.
fn growth(first: &LimitForecast) -> String {
    match first.scenario.as_str() {
        "measured" => "the measured growth".into(),
        "20_percent" => "20 % a month".into(),
        other => format!("{other} load"),
    }
}

/// `3.1x (2.4–4x)`.
fn times(interval: &Interval) -> String {
    format!(
        "{} ({}–{})",
        format::multiple(interval.p50),
        format::number(interval.p10, 1),
        format::multiple(interval.p90)
    )
}

/// Days as people plan: days up to two months, then months.
pub fn in_time(days: &Interval) -> String {
    if days.p90 < 60.0 {
        format::range(days.p10.round(), days.p90.round(), "day", "days")
    } else {
        let months = |d: f64| (d / loadline_model::DAYS_PER_MONTH).round();
        format::range(months(days.p10), months(days.p90), "month", "months")
    }
}

/// A limited resource of something: `connections of prod-db`.
pub fn limit_name(resource: &str, subject: &str) -> String {
    format!("{} of {subject}", resource_word(resource))
}

/// A limited resource as people read it.
pub fn resource_word(resource: &str) -> &str {
    match resource {
        "cpu" => "CPU",
        "disk" => "disk space",
        "iops" => "disk operations",
        "queue_drain" => "drain rate",
        "integer_key" => "integer key",
        other => other,
    }
}

/// The same as a label begins with it.
fn titled(resource: &str, subject: &str) -> String {
    let name = limit_name(resource, subject);
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::{Growth, Limited, Rung, SubjectRef};

    fn subject(name: &str) -> SubjectRef {
        SubjectRef { name: name.into(), ..SubjectRef::organisation() }
    }

    fn capacity(first: Option<(f64, Option<Interval>)>, rungs: &[f64]) -> Capacity {
        let interval = |x: f64| Interval { p10: x * 0.8, p50: x, p90: x * 1.3 };
        Capacity {
            growth: Growth { monthly: None, weeks: 0, peak: None, missing: None },
            utilisation: Vec::new(),
            limits: Vec::new(),
            first_limit: first.map(|(times, days)| LimitForecast {
                subject: subject("prod-db"),
                resource: Limited::Connections,
                scenario: "measured".into(),
                utilisation: 0.3,
                limit: 0.8,
                multiplier: interval(times),
                days,
                first_probability: 0.8,
                breaks: None,
                extrapolated: false,
            }),
            ladder: rungs
                .iter()
                .map(|times| Rung {
                    subject: subject("api"),
                    resource: Limited::Cpu,
                    multiplier: interval(*times),
                    rule: None,
                    fix: String::new(),
                })
                .collect(),
            unmeasured: Vec::new(),
            families: Vec::new(),
            zone_loss: Vec::new(),
            pools: Vec::new(),
        }
    }

    #[test]
    fn the_line_lies_above_the_water_and_more_load_lies_higher() {
        let scene = scene(&capacity(Some((3.0, None)), &[3.0, 6.0]), 260.0);
        let line = scene.line.expect("measured");
        assert!(line.y < scene.water && line.band.0 < line.y && line.y < line.band.1);
        assert!(scene.above[0].y < line.y);
        assert!(scene.ticks.windows(2).all(|pair| pair[1].y < pair[0].y));
    }

    #[test]
    fn labels_never_overlap() {
        let scene = scene(&capacity(Some((3.0, None)), &[3.0, 3.1, 3.2, 3.3]), 260.0);
        let mut labels = vec![scene.line.expect("measured").label_y - LABEL];
        labels.extend(scene.above.iter().map(|line| line.label_y));
        assert!(labels.windows(2).all(|pair| pair[0] - pair[1] >= LABEL), "{labels:?}");
    }

    #[test]
    fn sentences_say_the_consequence() {
        let days = Some(Interval { p10: 150.0, p50: 190.0, p90: 270.0 });
        assert_eq!(
            sentence(&capacity(Some((3.1, days)), &[])),
            "First limit at 3.1x today's peak, in 5–9 months at the measured growth: connections of prod-db."
        );
        assert_eq!(
            sentence(&capacity(Some((0.9, None)), &[])),
            "Past the line at today's peak: connections of prod-db."
        );
        assert!(sentence(&capacity(None, &[])).starts_with("Not proven"));
    }
}
