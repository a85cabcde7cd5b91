//! Before and after a change: two densities over a logarithmic latency axis.

use crate::canvas::{Across, Drawing, Frame, Ink, Pen, Size, draw};
use crate::{Rgb, Theme, axis, scale, words};
use loadline_model::num;

/// Two distributions of the same measure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shapes<'a> {
    /// Before: upper bound in seconds and share of observations, ascending.
    pub before: &'a [(f64, f64)],
    /// After.
    pub after: &'a [(f64, f64)],
    /// Statistic before in seconds, marked on the axis.
    pub before_stat: Option<f64>,
    /// Statistic after.
    pub after_stat: Option<f64>,
}

impl Shapes<'_> {
    /// What the drawing shows, in one sentence.
    pub fn summary(&self) -> String {
        let say = |v: Option<f64>| v.map_or("unknown".to_owned(), words::seconds);
        format!("Distribution before and after: {} before, {} after.", say(self.before_stat), say(self.after_stat))
    }
}

/// One bar of a density: from, to, share per unit of logarithm.
type Step = (f64, f64, f64);

/// Shares divided by the width of their bucket on the logarithmic axis, so that areas compare.
fn density(shape: &[(f64, f64)]) -> Vec<Step> {
    let known: Vec<(f64, f64)> =
        shape.iter().copied().filter(|b| b.0.is_finite() && b.0 > 0.0 && b.1.is_finite()).collect();
    let mut out = Vec::with_capacity(known.len());
    let mut below = match known.as_slice() {
        // The first bucket reaches down to zero; draw it as wide as its neighbour.
        [first, second, ..] if second.0 > first.0 => first.0 * first.0 / second.0,
        [first, ..] => first.0 / 2.0,
        [] => return out,
    };
    for (bound, share) in known {
        if bound > below {
            out.push((below, bound, share.max(0.0) / num::ln(bound / below)));
            below = bound;
        }
    }
    let filled = |s: &Step| s.2 > 0.0;
    let (first, last) = (out.iter().position(filled), out.iter().rposition(filled));
    match (first, last) {
        (Some(first), Some(last)) => out.drain(first..=last).collect(),
        _ => Vec::new(),
    }
}

/// Draws both densities on one axis, each filled, with a mark and a label at its statistic.
pub fn before_after(shapes: &Shapes, theme: &Theme, size: Size) -> Drawing {
    let (before, after) = (density(shapes.before), density(shapes.after));
    let all = || before.iter().chain(&after);
    let stats = || [shapes.before_stat, shapes.after_stat].into_iter().flatten().filter(|v| v.is_finite() && *v > 0.0);
    let low = all().map(|s| s.0).chain(stats().map(|v| v / 1.5)).fold(f64::INFINITY, f64::min);
    let high = all().map(|s| s.1).chain(stats().map(|v| v * 1.5)).fold(0.0, f64::max);
    let top = theme.text * 2.6;
    let frame = Frame {
        left: 6.0,
        top,
        width: (f64::from(size.width) - 12.0).max(1.0),
        height: (f64::from(size.height) - top - theme.text * 1.9).max(1.0),
        x_min: if low.is_finite() { low } else { 0.001 },
        x_max: if high > 0.0 { high } else { 1.0 },
        x_log: true,
        y_min: 0.0,
        y_max: all().map(|s| s.2).fold(1e-9, f64::max),
        y_log: false,
    };
    draw(size, theme, frame, shapes.summary(), |pen| {
        if before.is_empty() && after.is_empty() {
            return axis::nothing(pen, theme, &frame, "no distribution recorded");
        }
        latencies(pen, theme, &frame);
        body(pen, &frame, &before, theme.before, 0.28);
        body(pen, &frame, &after, theme.accent, 0.22);
        marks(pen, theme, &frame, shapes);
    })
}

fn latencies(pen: &Pen, theme: &Theme, frame: &Frame) {
    let bottom = frame.bottom();
    pen.line((frame.left, bottom), (frame.right(), bottom), Ink::line(theme.hairline, 1.0));
    let wanted = (frame.width / (theme.text * 5.5)) as usize;
    for tick in scale::log_ticks(frame.x_min, frame.x_max, wanted.max(2)) {
        let (x, text) = (frame.x_of(tick), words::seconds(tick));
        let half = pen.width_of(&text) / 2.0;
        pen.line((x, bottom), (x, bottom + 4.0), Ink::line(theme.hairline, 1.0));
        if x - half >= 0.0 && x + half <= frame.right() + 6.0 {
            pen.text(&text, (x, bottom + 5.0 + theme.text * 0.7), Across::Middle, theme.muted);
        }
    }
}

/// Few buckets are drawn as steps, many as a line through their middles.
fn body(pen: &Pen, frame: &Frame, steps: &[Step], color: Rgb, opacity: f64) {
    let (Some(first), Some(last)) = (steps.first(), steps.last()) else { return };
    let mut outline = vec![(frame.x_of(first.0), frame.bottom())];
    for (from, to, height) in steps {
        let y = frame.y_of(*height);
        if steps.len() > 24 {
            outline.push(((frame.x_of(*from) + frame.x_of(*to)) / 2.0, y));
        } else {
            outline.extend([(frame.x_of(*from), y), (frame.x_of(*to), y)]);
        }
    }
    outline.push((frame.x_of(last.1), frame.bottom()));
    pen.area(&outline, Ink::fill(color, opacity));
    pen.path(&outline, Ink::line(color, 1.6));
}

fn marks(pen: &Pen, theme: &Theme, frame: &Frame, shapes: &Shapes) {
    let pairs = [
        ("before", shapes.before_stat, theme.before, theme.muted),
        ("after", shapes.after_stat, theme.accent, theme.accent),
    ];
    let mark = |(word, value, color, ink): (&str, Option<f64>, Rgb, Rgb)| {
        let value = value.filter(|v| v.is_finite() && *v > 0.0)?;
        Some((
            frame.x_of(value).clamp(frame.left, frame.right()),
            format!("{word} {}", words::seconds(value)),
            color,
            ink,
        ))
    };
    let mut marks: Vec<(f64, String, Rgb, Rgb)> = pairs.into_iter().filter_map(mark).collect();
    marks.sort_by(|a, b| num::cmp9(a.0, b.0));
    let fits = |mark: &(f64, String, Rgb, Rgb)| mark.0 + pen.width_of(&mark.1) + 6.0 <= frame.right();
    // The left mark speaks to the left and the right one to the right, so that no line runs through a word however close they
    // are; at an edge both speak inwards, and the one whose words cross the other's place stands above it.
    let last = marks.len().saturating_sub(1);
    let at_the_right_edge = marks.last().is_some_and(|m| !fits(m));
    for (n, (x, text, color, ink)) in marks.iter().enumerate() {
        let row = if at_the_right_edge { last - n } else { n };
        let y = theme.text * (0.8 + 1.2 * row as f64);
        pen.line((*x, y + theme.text * 0.1), (*x, frame.bottom()), Ink::line(*color, 1.4));
        let room_at_left = x - pen.width_of(text) - 6.0 >= frame.left;
        let leftwards = if n == last { at_the_right_edge } else { room_at_left };
        if leftwards {
            pen.text(text, (x - 5.0, y), Across::Right, *ink);
        } else {
            pen.text(text, (x + 5.0, y), Across::Left, *ink);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unequal_buckets_compare_by_area() {
        let steps = density(&[(0.1, 0.0), (0.2, 0.5), (0.8, 0.5), (f64::INFINITY, 0.0)]);
        assert_eq!(steps.len(), 2, "empty ends are not drawn");
        assert!((steps[0].2 / steps[1].2 - 2.0).abs() < 1e-9, "twice as wide on a log axis: half as high");
        assert_eq!(density(&[(f64::NAN, 1.0)]), []);
    }
}
