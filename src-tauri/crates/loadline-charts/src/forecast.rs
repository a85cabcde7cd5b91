//! Utilisation over time against its alarm line, with what is to come as a band.

use crate::canvas::{Across, Drawing, Frame, Ink, Size, draw};
use crate::{Theme, axis, downsample_m4, scale, words};
use loadline_model::Interval;

/// Expected utilisation at a moment, share of the hard limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ForecastPoint {
    /// Milliseconds UTC.
    pub at: i64,
    /// Median and 80 % interval.
    pub utilisation: Interval,
}

/// Utilisation of one limited resource.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Forecast {
    /// What is limited.
    pub name: String,
    /// What was measured, ascending; `None` is a gap.
    pub history: Vec<(i64, Option<f64>)>,
    /// What is expected, ascending.
    pub future: Vec<ForecastPoint>,
    /// Alarm line, share of the hard limit.
    pub line: f64,
}

impl Forecast {
    /// When the median reaches the line; `None`: not within the forecast.
    pub fn reaches(&self) -> Option<i64> {
        self.future.iter().find(|p| p.utilisation.p50 >= self.line).map(|p| p.at)
    }
    /// What the chart shows, in one sentence.
    pub fn summary(&self) -> String {
        let now = self.history.iter().rev().find_map(|h| h.1).or(self.future.first().map(|f| f.utilisation.p50));
        let now = now.map_or("unknown".to_owned(), words::percent);
        match self.reaches() {
            Some(at) => format!(
                "{} is at {now} and reaches its line of {} about {}.",
                self.name,
                words::percent(self.line),
                words::date(at)
            ),
            None => format!(
                "{} is at {now} and does not reach its line of {} in this forecast.",
                self.name,
                words::percent(self.line)
            ),
        }
    }
}

/// Draws history, forecast band and line.
pub fn forecast(chart: &Forecast, theme: &Theme, size: Size) -> Drawing {
    let times = || chart.history.iter().map(|h| h.0).chain(chart.future.iter().map(|f| f.at));
    let (x_min, x_max) = (times().min().unwrap_or(0), times().max().unwrap_or(1));
    let highest = chart
        .history
        .iter()
        .filter_map(|h| h.1)
        .chain(chart.future.iter().map(|f| f.utilisation.p90))
        .filter(|v| v.is_finite());
    // Beyond one and a half times the hard limit there is nothing to read.
    let highest = highest.fold(chart.line.max(1.0), f64::max).min(1.5);
    let frame = Frame {
        left: theme.text * 4.2,
        top: 8.0,
        width: (f64::from(size.width) - theme.text * 5.0).max(1.0),
        height: (f64::from(size.height) - theme.text * 2.0 - 14.0).max(1.0),
        x_min: x_min as f64,
        x_max: x_max.max(x_min.saturating_add(1)) as f64,
        x_log: false,
        y_min: 0.0,
        y_max: scale::linear_ticks(0.0, highest, 5).last().copied().unwrap_or(1.0),
        y_log: false,
    };
    draw(size, theme, frame, chart.summary(), |pen| {
        if times().next().is_none() {
            return axis::nothing(pen, theme, &frame, "not measured");
        }
        axis::values(pen, theme, &frame, words::percent);
        axis::dates(pen, theme, &frame, frame.bottom() + 6.0 + theme.text * 0.8);
        let at = |t: i64, v: f64| (frame.x_of(t as f64), frame.y_of(v.clamp(0.0, frame.y_max)));
        let upper = chart.future.iter().map(|f| at(f.at, f.utilisation.p90));
        let lower = chart.future.iter().rev().map(|f| at(f.at, f.utilisation.p10));
        pen.area(&upper.chain(lower).collect::<Vec<_>>(), Ink::fill(theme.accent, 0.16));
        let middle: Vec<_> = chart.future.iter().map(|f| at(f.at, f.utilisation.p50)).collect();
        for pair in middle.windows(2) {
            if let [from, to] = pair {
                pen.dashes(*from, *to, Ink::line(theme.accent, 1.6));
            }
        }
        let step = axis::usual_step(chart.history.iter().map(|h| h.0));
        for run in axis::runs(chart.history.iter().copied(), step) {
            let points: Vec<_> = downsample_m4(&run, frame.width as u32).into_iter().map(|p| at(p.0, p.1)).collect();
            pen.path(&points, Ink::line(theme.accent, 1.8));
        }
        let y = frame.y_of(chart.line.clamp(0.0, frame.y_max));
        pen.line((frame.left, y), (frame.right(), y), Ink::line(theme.critical, 1.4));
        pen.text(
            &format!("line {}", words::percent(chart.line)),
            (frame.right(), y - theme.text * 0.8),
            Across::Right,
            theme.critical,
        );
    })
}
