//! A line without axes for tables, and a plain line of any length.

use crate::canvas::{Drawing, Frame, Ink, Size, draw};
use crate::{Theme, axis, downsample_m4, scale, words};

/// Draws a line that fills its place, with a dot at the last value. Values in any unit; `None` is a gap.
pub fn sparkline(points: &[(i64, Option<f64>)], theme: &Theme, size: Size) -> Drawing {
    let values = || points.iter().filter_map(|p| p.1).filter(|v| v.is_finite());
    let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
    let (first, last) = (points.first().map_or(0, |p| p.0), points.last().map_or(1, |p| p.0));
    let flat = low.is_finite() && high - low < 1e-12;
    let frame = Frame {
        left: 2.0,
        top: 3.0,
        width: (f64::from(size.width) - 6.0).max(1.0),
        height: (f64::from(size.height) - 6.0).max(1.0),
        x_min: first as f64,
        x_max: last.max(first.saturating_add(1)) as f64,
        y_min: if flat {
            low - 1.0
        } else if low.is_finite() {
            low
        } else {
            0.0
        },
        y_max: if flat {
            high + 1.0
        } else if low.is_finite() {
            high
        } else {
            1.0
        },
        ..Frame::default()
    };
    let summary = match (values().next(), values().next_back()) {
        (Some(from), Some(to)) => {
            format!(
                "From {} to {}, lowest {}, highest {}.",
                words::number(from),
                words::number(to),
                words::number(low),
                words::number(high)
            )
        }
        _ => "Not measured.".to_owned(),
    };
    draw(size, theme, frame, summary, |pen| {
        if values().next().is_none() {
            return pen.hatch((0.0, 0.0), (f64::from(size.width), f64::from(size.height)));
        }
        let runs = axis::runs(points.iter().copied(), axis::usual_step(points.iter().map(|p| p.0)));
        for run in &runs {
            let at = |p: (i64, f64)| (frame.x_of(p.0 as f64), frame.y_of(p.1));
            let line: Vec<_> = downsample_m4(run, size.width).into_iter().map(at).collect();
            pen.path(&line, Ink::line(theme.accent, 1.4));
        }
        if let Some(last) = runs.last().and_then(|r| r.last()) {
            pen.dot((frame.x_of(last.0 as f64), frame.y_of(last.1)), 2.0, Ink::fill(theme.accent, 1.0));
        }
    })
}

/// Draws one series of any length in seconds: a million points cost one pass and become at most two per pixel column.
/// Points must ascend in time.
pub fn line_of(points: &[(i64, f64)], theme: &Theme, size: Size) -> Drawing {
    let width = (f64::from(size.width) - theme.text * 5.4).max(1.0);
    let kept = downsample_m4(points, width as u32);
    let (low, high) = kept.iter().fold((f64::INFINITY, 0.0_f64), |(l, h), p| (l.min(p.1), h.max(p.1)));
    let (y_min, y_max, y_log) = scale::ends(low, high);
    let (first, last) = (kept.first().map_or(0, |p| p.0), kept.last().map_or(1, |p| p.0));
    let frame = Frame {
        left: theme.text * 4.6,
        top: 8.0,
        width,
        height: (f64::from(size.height) - theme.text * 2.0 - 14.0).max(1.0),
        x_min: first as f64,
        x_max: last.max(first.saturating_add(1)) as f64,
        x_log: false,
        y_min,
        y_max,
        y_log,
    };
    let summary = match (kept.first(), kept.last()) {
        (Some(from), Some(to)) => {
            format!(
                "{} measurements from {} to {}, at most {}.",
                points.len(),
                words::date(from.0),
                words::date(to.0),
                words::seconds(high)
            )
        }
        _ => "Not measured.".to_owned(),
    };
    draw(size, theme, frame, summary, |pen| {
        if kept.is_empty() {
            return axis::nothing(pen, theme, &frame, "not measured");
        }
        axis::values(pen, theme, &frame, words::seconds);
        axis::dates(pen, theme, &frame, frame.bottom() + 6.0 + theme.text * 0.8);
        let line: Vec<_> = kept.iter().map(|p| (frame.x_of(p.0 as f64), frame.y_of(p.1))).collect();
        pen.path(&line, Ink::line(theme.accent, 1.4));
    })
}
