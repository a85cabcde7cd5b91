//! Amounts in consecutive periods, stacked by who caused them.

use crate::canvas::{Drawing, Frame, Ink, Size, draw};
use crate::{Theme, axis, scale, words};

/// Parts that have a colour of their own; what comes after them is the rest.
pub const PARTS: usize = 5;

/// Seconds spent in consecutive periods.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stacked {
    /// What was spent, for those who do not see it.
    pub name: String,
    /// Names of the parts, at most [`PARTS`]; the rest has none.
    pub parts: Vec<String>,
    /// Oldest first.
    pub columns: Vec<Column>,
    /// The part that is looked at; the others step back.
    pub chosen: Option<usize>,
}

/// One period.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Column {
    /// Milliseconds UTC.
    pub from: i64,
    /// Milliseconds UTC.
    pub until: i64,
    /// Seconds of each part, then of the rest; `None`: the period cannot be compared.
    pub seconds: Option<Vec<f64>>,
}

impl Column {
    fn total(&self) -> Option<f64> {
        self.seconds.as_ref().map(|s| s.iter().filter(|v| v.is_finite()).sum())
    }
}

impl Stacked {
    fn highest(&self) -> f64 {
        self.columns.iter().filter_map(Column::total).fold(0.0, f64::max)
    }
    /// Seconds in one unit of the value axis, so that its ticks are round.
    pub fn unit(&self) -> f64 {
        match self.highest() {
            s if s >= 7_200.0 => 3_600.0,
            s if s >= 120.0 => 60.0,
            s if s >= 1.0 => 1.0,
            _ => 1e-3,
        }
    }
    /// What the chart shows, in one sentence.
    pub fn summary(&self) -> String {
        let known: Vec<(&Column, f64)> = self.columns.iter().filter_map(|c| Some((c, c.total()?))).collect();
        let (Some(first), Some(last)) = (known.first(), known.last()) else {
            return format!("{}: no two readings can be compared.", self.name);
        };
        let unknown = self.columns.len() - known.len();
        format!(
            "{} from {} to {}: {} a day at first, {} a day at last; {unknown} of {} periods not comparable.",
            self.name,
            words::date(first.0.from),
            words::date(last.0.until),
            spent(first.1),
            spent(last.1),
            self.columns.len()
        )
    }
}

/// Seconds of work with a fitting unit, up to hours: `12 min`, `3.5 h`.
pub fn spent(seconds: f64) -> String {
    if seconds.abs() >= 7_200.0 && seconds.is_finite() {
        format!("{} h", words::number(seconds / 3_600.0))
    } else {
        words::seconds(seconds)
    }
}

/// Draws the columns over time; a period that cannot be compared is hatched.
pub fn stacked(chart: &Stacked, theme: &Theme, size: Size) -> Drawing {
    let unit = chart.unit();
    let highest = chart.highest() / unit;
    let say: fn(f64) -> String = match unit {
        u if u >= 3_600.0 => |v| format!("{} h", words::number(v)),
        u if u >= 60.0 => |v| format!("{} min", words::number(v)),
        u if u >= 1.0 => |v| format!("{} s", words::number(v)),
        _ => |v| format!("{} ms", words::number(v)),
    };
    let top = scale::linear_ticks(0.0, if highest > 0.0 { highest * 1.02 } else { 1.0 }, 5).last().copied();
    let first = chart.columns.iter().map(|c| c.from).min().unwrap_or(0);
    let last = chart.columns.iter().map(|c| c.until).max().unwrap_or(1);
    let frame = Frame {
        left: theme.text * 5.0,
        top: 8.0,
        width: (f64::from(size.width) - theme.text * 5.8).max(1.0),
        height: (f64::from(size.height) - theme.text * 2.0 - 14.0).max(1.0),
        x_min: first as f64,
        x_max: last.max(first.saturating_add(1)) as f64,
        x_log: false,
        y_min: 0.0,
        y_max: top.unwrap_or(1.0),
        y_log: false,
    };
    draw(size, theme, frame, chart.summary(), |pen| {
        if chart.columns.is_empty() {
            return axis::nothing(pen, theme, &frame, "not compared yet");
        }
        axis::values(pen, theme, &frame, say);
        axis::dates(pen, theme, &frame, frame.bottom() + 6.0 + theme.text * 0.8);
        for column in &chart.columns {
            let (left, right) = (frame.x_of(column.from as f64), frame.x_of(column.until as f64));
            let air = ((right - left) * 0.12).min(3.0);
            let Some(seconds) = &column.seconds else {
                pen.hatch((left + air, frame.top), (right - air, frame.bottom()));
                continue;
            };
            let mut below = 0.0;
            for (part, amount) in seconds.iter().enumerate().filter(|(_, s)| s.is_finite() && **s > 0.0) {
                let (floor, ceiling) = (frame.y_of(below / unit), frame.y_of((below + amount) / unit));
                below += amount;
                let color =
                    theme.series.get(part).filter(|_| part < chart.parts.len()).copied().unwrap_or(theme.before);
                let strength = if chart.chosen.is_none_or(|c| c == part) { 0.92 } else { 0.28 };
                pen.rect((left + air, ceiling), (right - air, floor), Ink::fill(color, strength));
            }
        }
    })
}
