//! Latency as a heatmap: days across, latency up, strength by share of requests.

use crate::canvas::{Drawing, Frame, Ink, Size, draw};
use crate::{Theme, axis, words};
use loadline_model::num;

/// Shares per day and bucket.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heatmap {
    /// What was measured.
    pub name: String,
    /// Starts of the days, milliseconds UTC, ascending.
    pub days: Vec<i64>,
    /// Upper bounds of the buckets in seconds, ascending and positive.
    pub bounds: Vec<f64>,
    /// Per day the share of each bucket, 0–1; `None`: the day was not measured.
    pub shares: Vec<Option<Vec<f64>>>,
}

impl Heatmap {
    /// What the chart shows, in one sentence.
    pub fn summary(&self) -> String {
        let unknown = self.shares.iter().filter(|s| s.is_none()).count();
        let (Some(first), Some(last)) = (self.days.first(), self.days.last()) else {
            return format!("Heatmap of {}: no measurements.", self.name);
        };
        format!(
            "Heatmap of {} from {} to {}; {unknown} days not measured.",
            self.name,
            words::date(*first),
            words::date(*last)
        )
    }
}

/// Draws the heatmap; the latency axis is logarithmic.
pub fn heatmap(chart: &Heatmap, theme: &Theme, size: Size) -> Drawing {
    let step = axis::usual_step(chart.days.iter().copied());
    let positive = || chart.bounds.iter().copied().filter(|b| b.is_finite() && *b > 0.0);
    let (low, high) = (positive().next().unwrap_or(0.001), positive().next_back().unwrap_or(1.0));
    let (first, last) = (chart.days.first().copied().unwrap_or(0), chart.days.last().copied().unwrap_or(0));
    let frame = Frame {
        left: theme.text * 4.6,
        top: 6.0,
        width: (f64::from(size.width) - theme.text * 5.4).max(1.0),
        height: (f64::from(size.height) - theme.text * 2.0 - 10.0).max(1.0),
        x_min: first as f64,
        x_max: last.saturating_add(step) as f64,
        x_log: false,
        y_min: low / 2.0,
        y_max: high,
        y_log: true,
    };
    let strongest = chart.shares.iter().flatten().flatten().copied().filter(|s| s.is_finite()).fold(1e-9, f64::max);
    draw(size, theme, frame, chart.summary(), |pen| {
        if chart.shares.iter().flatten().next().is_none() {
            return axis::nothing(pen, theme, &frame, "not measured");
        }
        axis::values(pen, theme, &frame, words::seconds);
        axis::dates(pen, theme, &frame, frame.bottom() + 6.0 + theme.text * 0.8);
        let mut expected = first;
        for (day, shares) in chart.days.iter().zip(&chart.shares) {
            let (left, right) = (frame.x_of(*day as f64), frame.x_of(day.saturating_add(step) as f64));
            if *day > expected {
                pen.hatch((frame.x_of(expected as f64), frame.top), (left, frame.bottom()));
            }
            expected = day.saturating_add(step);
            let Some(shares) = shares else {
                pen.hatch((left, frame.top), (right, frame.bottom()));
                continue;
            };
            let mut below = frame.bottom();
            for (bound, share) in chart.bounds.iter().zip(shares).filter(|b| b.0.is_finite() && *b.0 > 0.0) {
                let above = frame.y_of(*bound).clamp(frame.top, frame.bottom());
                if *share > 0.0 && share.is_finite() {
                    // The square root keeps rare slow requests visible; one in 2,000 is about where it starts.
                    let strength = num::sqrt(share / strongest);
                    pen.rect(
                        (left + 0.3, above + 0.3),
                        (right - 0.3, below - 0.3),
                        Ink::fill(theme.accent, round(strength)),
                    );
                }
                below = above;
            }
        }
    })
}

fn round(strength: f64) -> f64 {
    (strength.clamp(0.04, 1.0) * 100.0).round() / 100.0
}
