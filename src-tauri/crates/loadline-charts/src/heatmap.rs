//! Latency as a heatmap: days across, latency up, strength by share of requests.

use crate::canvas::{Across, Drawing, Frame, Ink, Pen, Size, draw};
use crate::{Theme, axis, words};
use loadline_model::num;

/// Pixels of the band above the latency axis, for what lies above the last bound.
const BAND: f64 = 16.0;
/// Pixels between that band and the axis, so that both of its labels have room.
const AIR: f64 = 6.0;
/// Shares of the strongest cell that the legend shows; the square root makes the steps equal.
const LEGEND: [f64; 5] = [1.0 / 256.0, 1.0 / 64.0, 1.0 / 16.0, 1.0 / 4.0, 1.0];

/// Shares per day and bucket.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heatmap {
    /// What was measured.
    pub name: String,
    /// Starts of the days, milliseconds UTC, ascending.
    pub days: Vec<i64>,
    /// Upper bounds of the buckets in seconds, ascending, positive and finite.
    pub bounds: Vec<f64>,
    /// Per day the share of each bucket, 0–1, then of what lies above the last bound; `None`: the day was not measured.
    pub shares: Vec<Option<Vec<f64>>>,
}

impl Heatmap {
    /// What the chart shows, in one sentence.
    pub fn summary(&self) -> String {
        let known = || self.shares.iter().flatten();
        let (Some(first), Some(last)) = (self.days.first(), self.days.last()) else {
            return format!("Requests of {} by latency: no measurements.", self.name);
        };
        let missing = self.shares.len() - known().count();
        let usual = |shares: Option<&Vec<f64>>| match shares.and_then(|s| strongest(s)) {
            Some(at) => self.bucket(at),
            None => "unknown".to_owned(),
        };
        format!(
            "Requests of {} by latency from {} to {}: the commonest bucket is {} at first and {} at last; {missing} of {} days not \
             measured.",
            self.name,
            words::date(*first),
            words::date(*last),
            usual(known().next()),
            usual(known().next_back()),
            self.days.len()
        )
    }

    /// A bucket in words: `100 ms to 250 ms`, `up to 5 ms`, `above 10 s`.
    pub fn bucket(&self, at: usize) -> String {
        let below = at.checked_sub(1).and_then(|i| self.bounds.get(i)).map(|b| words::seconds(*b));
        match (below, self.bounds.get(at).map(|b| words::seconds(*b))) {
            (Some(low), Some(high)) => format!("{low} to {high}"),
            (None, Some(high)) => format!("up to {high}"),
            (Some(low), None) => format!("above {low}"),
            (None, None) => "unknown".to_owned(),
        }
    }

    /// Pixels of a cell in its drawing: left, top, right, bottom. The bucket after the last bound is what lies above it.
    pub fn cell(&self, frame: &Frame, day: usize, bucket: usize) -> Option<[f64; 4]> {
        let at = *self.days.get(day)?;
        let (left, right) = (frame.x_of(at as f64), frame.x_of(at.saturating_add(self.step()) as f64));
        let edge =
            |bound: Option<&f64>| bound.map_or(frame.bottom(), |b| frame.y_of(*b).clamp(frame.top, frame.bottom()));
        let below = bucket.checked_sub(1).and_then(|i| self.bounds.get(i));
        match self.bounds.get(bucket) {
            Some(bound) => Some([left, edge(Some(bound)), right, edge(below)]),
            None if bucket == self.bounds.len() => Some([left, frame.top - AIR - BAND, right, frame.top - AIR]),
            None => None,
        }
    }

    /// Day and bucket under a pixel; the nearest ones at the edges. `None` without days or bounds.
    pub fn at(&self, frame: &Frame, x: f64, y: f64) -> Option<(usize, usize)> {
        let moment = frame.x_at(x);
        let day = self.days.partition_point(|d| *d as f64 <= moment).saturating_sub(1);
        let inside = |bucket: &usize| self.cell(frame, day, *bucket).is_some_and(|[_, top, _, _]| y >= top);
        let top = if self.overflows() { self.bounds.len() } else { self.bounds.len().checked_sub(1)? };
        (day < self.days.len()).then(|| (day, (0..=top).find(inside).unwrap_or(top)))
    }

    /// True when something lies above the last bound.
    pub fn overflows(&self) -> bool {
        self.shares.iter().flatten().any(|s| s.get(self.bounds.len()).is_some_and(|share| *share > 0.0))
    }

    fn step(&self) -> i64 {
        axis::usual_step(self.days.iter().copied())
    }

    fn frame(&self, theme: &Theme, size: Size) -> Frame {
        let positive = || self.bounds.iter().copied().filter(|b| b.is_finite() && *b > 0.0);
        let (low, high) = (positive().next().unwrap_or(0.001), positive().next_back().unwrap_or(1.0));
        // The first bucket reaches down to zero; on this axis it is as tall as its neighbour.
        let next = positive().nth(1).unwrap_or(low * 2.0);
        let (first, last) = (self.days.first().copied().unwrap_or(0), self.days.last().copied().unwrap_or(0));
        let top = theme.text + 16.0 + if self.overflows() { BAND + AIR } else { 0.0 };
        Frame {
            left: theme.text * 4.6,
            top,
            width: (f64::from(size.width) - theme.text * 6.6).max(1.0),
            height: (f64::from(size.height) - top - theme.text * 2.0 - 4.0).max(1.0),
            x_min: first as f64,
            x_max: last.saturating_add(self.step()) as f64,
            x_log: false,
            y_min: low * (low / next.max(low * 1.01)),
            y_max: high,
            y_log: true,
        }
    }
}

/// The largest share's place.
fn strongest(shares: &[f64]) -> Option<usize> {
    let sound = shares.iter().enumerate().filter(|(_, s)| s.is_finite() && **s > 0.0);
    sound.max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0))).map(|(i, _)| i)
}

/// Draws the heatmap; the latency axis is logarithmic.
pub fn heatmap(chart: &Heatmap, theme: &Theme, size: Size) -> Drawing {
    let step = chart.step();
    let first = chart.days.first().copied().unwrap_or(0);
    let frame = chart.frame(theme, size);
    let most = chart.shares.iter().flatten().flatten().copied().filter(|s| s.is_finite()).fold(1e-9, f64::max);
    draw(size, theme, frame, chart.summary(), |pen| {
        if chart.shares.iter().flatten().next().is_none() || chart.bounds.is_empty() {
            return axis::nothing(pen, theme, &frame, "not measured");
        }
        legend(pen, theme, &frame, most);
        axis::values(pen, theme, &frame, words::seconds);
        axis::dates(pen, theme, &frame, frame.bottom() + 6.0 + theme.text * 0.8);
        let top = if chart.overflows() {
            let middle = frame.top - AIR - BAND / 2.0;
            let last = chart.bounds.last().copied().unwrap_or_default();
            pen.text(&format!("> {}", words::seconds(last)), (frame.left - 8.0, middle), Across::Right, theme.muted);
            frame.top - AIR - BAND
        } else {
            frame.top
        };
        let mut expected = first;
        for (i, (day, shares)) in chart.days.iter().zip(&chart.shares).enumerate() {
            let (left, right) = (frame.x_of(*day as f64), frame.x_of(day.saturating_add(step) as f64));
            if *day > expected {
                pen.hatch((frame.x_of(expected as f64), top), (left, frame.bottom()));
            }
            expected = day.saturating_add(step);
            let Some(shares) = shares else {
                pen.hatch((left, top), (right, frame.bottom()));
                continue;
            };
            // Narrow columns keep their neighbours apart by less.
            let air = ((right - left) * 0.06).min(0.5);
            for (bucket, share) in shares.iter().enumerate().filter(|(_, s)| s.is_finite() && **s > 0.0) {
                if let Some([left, above, right, below]) = chart.cell(&frame, i, bucket) {
                    let ink = Ink::fill(theme.accent, strength(share / most));
                    pen.rect((left + air, above + 0.3), (right - air, below - 0.3), ink);
                }
            }
        }
    })
}

/// How strong a share is drawn. The square root keeps rare slow requests visible; one in 600 of the commonest is where it
/// stops fading.
fn strength(of_most: f64) -> f64 {
    (num::sqrt(of_most).clamp(0.04, 1.0) * 100.0).round() / 100.0
}

/// Above the drawing: from the faintest to the strongest, and what the hatching is. It gives way where it does not fit.
fn legend(pen: &Pen, theme: &Theme, frame: &Frame, most: f64) {
    let (side, y) = (pen.size(), pen.size() / 2.0 + 4.0);
    let (what, least, full) = ("Share of a day's requests", words::percent(most * LEGEND[0]), words::percent(most));
    let swatches = side * LEGEND.len() as f64;
    let unknown = "not measured";
    let scale = pen.width_of(&least) + swatches + pen.width_of(&full) + 16.0;
    let hatched = side + pen.width_of(unknown) + 28.0;
    if frame.width < scale {
        return;
    }
    let mut x = frame.left;
    if frame.width >= pen.width_of(what) + scale + hatched {
        pen.text(what, (x, y), Across::Left, theme.muted);
        x += pen.width_of(what) + 12.0;
    }
    pen.text(&least, (x, y), Across::Left, theme.muted);
    x += pen.width_of(&least) + 6.0;
    for share in LEGEND {
        pen.rect((x + 0.5, y - side / 2.0), (x + side - 0.5, y + side / 2.0), Ink::fill(theme.accent, strength(share)));
        x += side;
    }
    pen.text(&full, (x + 6.0, y), Across::Left, theme.muted);
    x += pen.width_of(&full) + 24.0;
    if x + hatched <= frame.right() {
        pen.hatch((x, y - side / 2.0), (x + side, y + side / 2.0));
        pen.text(unknown, (x + side + 6.0, y), Across::Left, theme.muted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::DAY_MS;

    const SIZE: Size = Size { width: 640, height: 260 };

    fn chart(above: f64) -> Heatmap {
        Heatmap {
            name: "GET /feed".into(),
            days: (0..10).map(|d| d * DAY_MS).collect(),
            bounds: vec![0.1, 0.5, 1.0],
            shares: (0..10).map(|d| (d != 4).then(|| vec![0.6 - above, 0.3, 0.1, above])).collect(),
        }
    }

    fn frame(chart: &Heatmap) -> Frame {
        heatmap(chart, &Theme::light(), SIZE).frame
    }

    #[test]
    fn a_pixel_finds_its_cell_and_a_cell_its_pixels() {
        for chart in [chart(0.0), chart(0.05)] {
            let frame = frame(&chart);
            let buckets = chart.bounds.len() + usize::from(chart.overflows());
            for (day, bucket) in (0..10).flat_map(|d| (0..buckets).map(move |b| (d, b))) {
                let [left, top, right, bottom] = chart.cell(&frame, day, bucket).expect("a cell");
                assert!(left < right && top < bottom && top >= 0.0, "{day} {bucket}");
                let middle = ((left + right) / 2.0, (top + bottom) / 2.0);
                assert_eq!(chart.at(&frame, middle.0, middle.1), Some((day, bucket)));
            }
            assert_eq!(chart.at(&frame, -50.0, 10_000.0), Some((0, 0)), "outside is the nearest");
            assert_eq!(chart.at(&frame, 9_000.0, -50.0), Some((9, buckets - 1)));
        }
        assert_eq!(Heatmap::default().at(&frame(&Heatmap::default()), 1.0, 1.0), None);
    }

    #[test]
    fn what_lies_above_the_last_bound_is_drawn() {
        let cells = |c: &Heatmap| heatmap(c, &Theme::light(), SIZE).svg.matches("<rect").count();
        assert_eq!(cells(&chart(0.05)) - cells(&chart(0.0)), 9, "one more for each measured day");
        assert!(heatmap(&chart(0.05), &Theme::light(), SIZE).svg.contains("&gt; 1 s"));
    }

    #[test]
    fn a_summary_says_what_moved_and_what_is_missing() {
        let mut moved = chart(0.0);
        moved.shares[9] = Some(vec![0.1, 0.2, 0.7, 0.0]);
        assert_eq!(
            moved.summary(),
            "Requests of GET /feed by latency from 1 Jan 1970 to 10 Jan 1970: the commonest bucket is up to 100 ms at first and \
             500 ms to 1 s at last; 1 of 10 days not measured."
        );
        assert_eq!(moved.bucket(3), "above 1 s");
    }
}
