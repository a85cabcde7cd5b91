//! Latency over time: three percentiles in one hue, what happened below and above them.

use crate::canvas::{Across, Drawing, Frame, Ink, Pen, Size, draw};
use crate::thinned::thinned;
use crate::{Rgb, Theme, axis, downsample_m4, scale, words};
use loadline_model::{DayPercentiles, Percentiles};

/// Percentiles of one day or hour, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LatencyPoint {
    /// Start of the day or hour, milliseconds UTC.
    pub at: i64,
    /// Median; `None` is not known.
    pub p50: Option<f64>,
    /// 95th percentile.
    pub p95: Option<f64>,
    /// 99th percentile.
    pub p99: Option<f64>,
    /// The last bound of the histogram, where a percentile lies above it: how far is not known.
    pub above: Option<f64>,
}

impl From<&DayPercentiles> for LatencyPoint {
    fn from(d: &DayPercentiles) -> Self {
        Self::of(d.day.utc_start().0, &d.percentiles)
    }
}

impl LatencyPoint {
    /// The percentiles of what began at a moment, in milliseconds UTC.
    pub fn of(at: i64, p: &Percentiles) -> Self {
        let above = p.p95.filter(|_| p.p95_above).or(p.p99.filter(|_| p.p99_above));
        Self { at, p50: p.p50, p95: p.p95, p99: p.p99, above }
    }
}

/// Something that happened at a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Marker {
    /// Milliseconds UTC.
    pub at: i64,
    /// What it was; empty for no label.
    pub label: String,
    /// It failed or was rolled back.
    pub failed: bool,
}

/// Something that lasted.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// Start, milliseconds UTC.
    pub from: i64,
    /// End, milliseconds UTC.
    pub to: i64,
    /// What it was.
    pub label: String,
}

/// Latency of one route or service over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LatencyChart {
    /// What was measured.
    pub name: String,
    /// Ascending in time; a missing day stays a gap.
    pub days: Vec<LatencyPoint>,
    /// Ticks below the axis.
    pub deployments: Vec<Marker>,
    /// Shaded spans.
    pub incidents: Vec<Span>,
    /// Dashed lines: the level changed here.
    pub change_points: Vec<Marker>,
    /// Accent lines with labels: roadmap items that were done.
    pub items: Vec<Marker>,
    /// It is being moved: crowded points are drawn in a quarter of the columns, each with its extremes, so that the next frame
    /// comes sooner.
    pub moving: bool,
}

impl LatencyChart {
    /// What the chart shows, in one sentence.
    pub fn summary(&self) -> String {
        let mut known = self.days.iter().filter(|d| d.p50.is_some());
        let first = known.next();
        let (Some(first), Some(last)) = (first, known.next_back().or(first)) else {
            return format!("Latency of {}: no measurements.", self.name);
        };
        let say = |v: Option<f64>| v.map_or("unknown".to_owned(), words::seconds);
        let count = |n: usize, [one, many]: [&str; 2]| format!("{n} {}", if n == 1 { one } else { many });
        format!(
            "Latency of {} from {} to {}: median {} at first, {} at last; p95 {} at last, p99 {}; {}, {}, {}.",
            self.name,
            words::date(first.at),
            words::date(last.at),
            say(first.p50),
            say(last.p50),
            say(last.p95),
            say(last.p99),
            count(self.deployments.len(), ["deployment", "deployments"]),
            count(self.change_points.len(), ["change of level", "changes of level"]),
            count(self.incidents.len(), ["incident", "incidents"]),
        )
    }

    fn values(&self) -> impl Iterator<Item = f64> {
        self.days.iter().flat_map(|d| [d.p50, d.p95, d.p99]).flatten().filter(|v| v.is_finite() && *v >= 0.0)
    }
}

type Pick = fn(&LatencyPoint) -> Option<f64>;

/// Draws latency over time.
pub fn latency(chart: &LatencyChart, theme: &Theme, size: Size) -> Drawing {
    let step = axis::usual_step(chart.days.iter().map(|d| d.at));
    let frame = frame_of(chart, theme, size, step);
    let columns = frame.width / if chart.moving { 4.0 } else { 1.0 };
    let thin = thinned(&chart.days, columns.ceil() as u32, step);
    // Thinned points say themselves where something is unknown: no distance between them is a gap.
    let (points, apart) = thin.as_ref().map_or((&chart.days, step), |points| (points, i64::MAX / 4));
    draw(size, theme, frame, chart.summary(), |pen| {
        if chart.values().next().is_none() {
            return axis::nothing(pen, theme, &frame, "not measured");
        }
        incidents(pen, theme, &frame, &chart.incidents);
        gaps(pen, &frame, chart, step);
        axis::values(pen, theme, &frame, words::seconds);
        axis::dates(pen, theme, &frame, frame.bottom() + 10.0 + theme.text * 0.9);
        deployments(pen, theme, &frame, &chart.deployments);
        band(pen, &frame, (points, apart), (|p| p.p95, |p| p.p99), Ink::fill(theme.accent_light, 0.16));
        band(pen, &frame, (points, apart), (|p| p.p50, |p| p.p95), Ink::fill(theme.accent_mid, 0.2));
        above(pen, &frame, chart, step);
        moments(pen, theme, &frame, chart);
        let lines: [(&str, Pick, Rgb, f64); 3] = [
            ("p99", |p| p.p99, theme.accent_light, 1.5),
            ("p95", |p| p.p95, theme.accent_mid, 1.5),
            ("p50", |p| p.p50, theme.accent, 2.2),
        ];
        let mut taken = Vec::new();
        for (name, pick, color, width) in lines {
            percentile(pen, &frame, (points, apart), pick, Ink::line(color, width));
            name_of(pen, &frame, chart, pick, (name, color), &mut taken);
        }
    })
}

fn frame_of(chart: &LatencyChart, theme: &Theme, size: Size, step: i64) -> Frame {
    let (left, right) = (theme.text * 4.6, theme.text * 2.8);
    let top = if chart.items.is_empty() && chart.incidents.is_empty() { 8.0 } else { theme.text + 12.0 };
    let smallest = chart.values().filter(|v| *v > 0.0).fold(f64::INFINITY, f64::min);
    let largest = chart.values().fold(0.0, f64::max);
    let (y_min, y_max, y_log) = scale::ends(smallest, largest);
    let ends = || chart.days.iter().map(|d| d.at);
    let (x_min, x_max) = (ends().min().unwrap_or(0), ends().max().unwrap_or(1));
    // A point stands for the day that begins there: what happened on the last one still belongs to the drawing.
    let end = x_max.saturating_add(step);
    let moments = [&chart.deployments, &chart.items, &chart.change_points].into_iter().flatten().map(|m| m.at);
    let happened = moments.chain(chart.incidents.iter().map(|s| s.to.min(end))).filter(|at| (x_max..=end).contains(at));
    let x_max = happened.max().unwrap_or(x_max);
    Frame {
        left,
        top,
        width: (f64::from(size.width) - left - right).max(1.0),
        height: (f64::from(size.height) - top - theme.text * 2.0 - 14.0).max(1.0),
        x_min: x_min as f64,
        x_max: (x_max.max(x_min.saturating_add(1))) as f64,
        x_log: false,
        y_min,
        y_max,
        y_log,
    }
}

fn percentile(pen: &Pen, frame: &Frame, (points, step): (&[LatencyPoint], i64), pick: Pick, ink: Ink) {
    for run in axis::runs(points.iter().map(|d| (d.at, pick(d))), step) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        let columns = (frame.x_of(last.0 as f64) - frame.x_of(first.0 as f64)).ceil().max(2.0) as u32;
        let points: Vec<_> =
            downsample_m4(&run, columns).into_iter().map(|p| (frame.x_of(p.0 as f64), frame.y_of(p.1))).collect();
        match points.as_slice() {
            [single] => pen.dot(*single, ink.width, Ink::fill(ink.color, 1.0)),
            _ => pen.path(&points, ink),
        }
    }
}

/// The space between two percentiles.
fn band(pen: &Pen, frame: &Frame, (points, step): (&[LatencyPoint], i64), (low, high): (Pick, Pick), ink: Ink) {
    let sound = |v: Option<f64>| v.filter(|v| v.is_finite());
    let both = |pick: Pick| {
        let known = points.iter().map(move |d| (d.at, sound(low(d)).and(sound(high(d))).and(pick(d))));
        axis::runs(known, step)
    };
    for (below, over) in both(low).into_iter().zip(both(high)) {
        let (Some(first), Some(last)) = (below.first(), below.last()) else { continue };
        let columns = (frame.x_of(last.0 as f64) - frame.x_of(first.0 as f64)).ceil().max(2.0) as u32;
        let pixels = |run: &[(i64, f64)]| -> Vec<(f64, f64)> {
            downsample_m4(run, columns).into_iter().map(|p| (frame.x_of(p.0 as f64), frame.y_of(p.1))).collect()
        };
        let outline: Vec<_> = pixels(&over).into_iter().chain(pixels(&below).into_iter().rev()).collect();
        pen.area(&outline, ink);
    }
}

/// Above the last bound of a histogram nothing is known.
fn above(pen: &Pen, frame: &Frame, chart: &LatencyChart, step: i64) {
    let half = step as f64 / 2.0;
    for (at, bound) in chart.days.iter().filter_map(|d| Some((d.at as f64, d.above.filter(|b| b.is_finite())?))) {
        let edge = |at: f64| frame.x_of(at).clamp(frame.left, frame.right());
        pen.hatch((edge(at - half), frame.top), (edge(at + half), frame.y_of(bound)));
    }
}

/// The name of a line at its right end, moved apart from the names already there.
fn name_of(pen: &Pen, frame: &Frame, chart: &LatencyChart, pick: Pick, line: (&str, Rgb), taken: &mut Vec<f64>) {
    let Some(value) = chart.days.iter().rev().find_map(pick) else { return };
    let mut y = frame.y_of(value);
    while let Some(other) = taken.iter().find(|t| (y - **t).abs() < pen.size()) {
        y = other + pen.size();
    }
    taken.push(y);
    pen.text(line.0, (frame.right() + 6.0, y), Across::Left, line.1);
}

fn inside(frame: &Frame, at: i64) -> Option<f64> {
    let at = at as f64;
    (at >= frame.x_min && at <= frame.x_max).then(|| frame.x_of(at))
}

fn deployments(pen: &Pen, theme: &Theme, frame: &Frame, all: &[Marker]) {
    let y = frame.bottom();
    pen.line((frame.left, y), (frame.right(), y), Ink::line(theme.hairline, 1.0));
    for (marker, x) in all.iter().filter_map(|m| inside(frame, m.at).map(|x| (m, x))) {
        // Failed ones differ by shape and length, not by colour alone.
        if marker.failed {
            pen.line((x, y + 1.0), (x, y + 9.0), Ink::line(theme.critical, 1.6));
            pen.dot((x, y + 9.0), 2.0, Ink::fill(theme.critical, 1.0));
        } else {
            pen.line((x, y + 1.0), (x, y + 6.0), Ink::line(theme.muted, 1.0));
        }
    }
}

fn incidents(pen: &Pen, theme: &Theme, frame: &Frame, all: &[Span]) {
    for span in all {
        let left = frame.x_of(span.from as f64).max(frame.left);
        let right = frame.x_of(span.to as f64).min(frame.right()).max(left + 2.0);
        if left < frame.right() && right > frame.left {
            pen.rect((left, frame.top), (right, frame.bottom()), Ink::fill(theme.critical, 0.14));
            pen.line((left, frame.top), (right, frame.top), Ink::line(theme.critical, 2.0));
        }
    }
}

/// What was not measured is hatched from the last known day to the next.
fn gaps(pen: &Pen, frame: &Frame, chart: &LatencyChart, step: i64) {
    let known: Vec<i64> = chart.days.iter().filter(|d| d.p50.or(d.p95).or(d.p99).is_some()).map(|d| d.at).collect();
    let edges = [
        ((frame.x_min as i64).saturating_sub(step), known.first().copied()),
        (known.last().copied().unwrap_or(0), chart.days.last().map(|d| d.at.saturating_add(step))),
    ];
    let between = known.windows(2).filter_map(|w| Some((*w.first()?, w.get(1).copied())));
    for (from, to) in between.chain(edges) {
        let Some(to) = to else { continue };
        if to.saturating_sub(from) > step.saturating_add(step / 2) {
            let left = frame.x_of(from as f64).max(frame.left);
            pen.hatch((left, frame.top), (frame.x_of(to as f64).min(frame.right()), frame.bottom()));
        }
    }
}

fn moments(pen: &Pen, theme: &Theme, frame: &Frame, chart: &LatencyChart) {
    for x in chart.change_points.iter().filter_map(|m| inside(frame, m.at)) {
        pen.dashes((x, frame.top), (x, frame.bottom()), Ink::line(theme.muted, 1.0));
    }
    let mut free_from = frame.left;
    for (marker, x) in chart.items.iter().filter_map(|m| inside(frame, m.at).map(|x| (m, x))) {
        pen.line((x, frame.top - 4.0), (x, frame.bottom()), Ink::line(theme.accent, 1.0));
        let text = words::label(&marker.label, 34);
        let width = pen.width_of(&text);
        let start = (x - width / 2.0).max(frame.left).min(frame.right() - width);
        if start >= free_from && width > 0.0 {
            pen.text(&text, (start, frame.top - 4.0 - pen.size() * 0.7), Across::Left, theme.ink);
            free_from = start + width + 12.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::{DAY_MS, HOUR_MS};

    const SIZE: Size = Size { width: 640, height: 260 };

    fn chart(point: impl Fn(i64, LatencyPoint) -> LatencyPoint) -> LatencyChart {
        let day = |i: i64| LatencyPoint {
            at: i * DAY_MS,
            p50: Some(0.2),
            p95: Some(0.5),
            p99: Some(0.9),
            ..LatencyPoint::default()
        };
        LatencyChart { name: "x".into(), days: (0..20).map(|i| point(i, day(i))).collect(), ..LatencyChart::default() }
    }

    fn drawn(chart: &LatencyChart) -> String {
        latency(chart, &Theme::light(), SIZE).svg
    }

    /// The points of the line with most of them.
    fn longest(svg: &str) -> &str {
        let lines = svg.split("points=\"").skip(1).filter_map(|rest| rest.split('"').next());
        lines.max_by_key(|line| line.len()).expect("a line").trim()
    }

    #[test]
    fn what_moves_is_drawn_with_fewer_points_and_the_same_extremes() {
        let day = |i: i64| LatencyPoint {
            at: i * HOUR_MS,
            p50: Some(if i == 7_001 { 9.0 } else { 0.1 + 0.001 * (i % 7) as f64 }),
            ..LatencyPoint::default()
        };
        let still = LatencyChart { days: (0..20_000).map(day).collect(), ..LatencyChart::default() };
        let moving = LatencyChart { moving: true, ..still.clone() };
        let count = |chart: &LatencyChart| longest(&drawn(chart)).split(' ').count();
        assert!(3 * count(&moving) < count(&still), "{} {}", count(&moving), count(&still));
        let top = |svg: &str| {
            let ys = longest(svg).split([' ', ',']).skip(1).step_by(2).filter_map(|y| y.parse::<f64>().ok());
            ys.fold(f64::INFINITY, f64::min)
        };
        assert_eq!(top(&drawn(&moving)), top(&drawn(&still)), "the one spike is there");
        let few = |moving| LatencyChart { moving, days: still.days[..1_000].to_vec(), ..LatencyChart::default() };
        assert_eq!(drawn(&few(true)), drawn(&few(false)));
    }

    #[test]
    fn bands_lie_only_between_percentiles_that_are_known() {
        let bands = |c: &LatencyChart| drawn(c).matches("<polygon").count();
        assert_eq!(bands(&chart(|_, p| p)), 2);
        assert_eq!(bands(&chart(|_, p| LatencyPoint { p99: None, ..p })), 1);
        let gap =
            |i: i64, p: LatencyPoint| if i == 9 { LatencyPoint { at: p.at, ..LatencyPoint::default() } } else { p };
        assert_eq!(bands(&chart(gap)), 4, "broken where nothing was measured");
    }

    #[test]
    fn above_the_last_bound_nothing_is_known() {
        assert!(!drawn(&chart(|_, p| p)).contains("url(#unknown-"));
        let bounded = chart(|i, p| LatencyPoint { above: (i == 3).then_some(0.9), ..p });
        assert!(drawn(&bounded).contains("url(#unknown-"));
    }

    #[test]
    fn what_happened_on_the_newest_day_is_drawn() {
        let evening = 19 * DAY_MS + 20 * HOUR_MS;
        let quiet = chart(|_, p| p);
        let lines = |c: &LatencyChart| drawn(c).matches("<polyline").count();
        let rects = |c: &LatencyChart| drawn(c).matches("<rect").count();
        let shipped = Marker { at: evening, label: String::new(), failed: false };
        assert_eq!(lines(&LatencyChart { deployments: vec![shipped], ..quiet.clone() }), lines(&quiet) + 1);
        let failed = Span { from: evening, to: evening + HOUR_MS, label: "db".into() };
        let failing = LatencyChart { incidents: vec![failed], ..quiet.clone() };
        assert_eq!(rects(&failing), rects(&quiet) + 1);
        assert!(failing.summary().ends_with("1 incident.") && !drawn(&failing).contains(">db<"));
        let later = Marker { at: 21 * DAY_MS, label: String::new(), failed: false };
        assert_eq!(lines(&LatencyChart { deployments: vec![later], ..quiet.clone() }), lines(&quiet), "another day");
    }
}
