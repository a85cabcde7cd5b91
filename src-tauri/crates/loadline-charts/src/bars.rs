//! Horizontal bars, and the waterfall that explains a score's change to the last point.

use crate::canvas::{Across, Drawing, Frame, Ink, Pen, Size, draw};
use crate::{Rgb, Theme, words};

/// What a bar means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// A plain amount.
    #[default]
    Accent,
    /// The past, the other period.
    Before,
    /// Harmful.
    Critical,
    /// An improvement.
    Good,
    /// Not proven: hatched.
    Unknown,
}

/// One bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// Left of the bar.
    pub label: String,
    /// Length; not finite draws the whole width as unknown.
    pub value: f64,
    /// Right of the bar, with its unit.
    pub text: String,
    /// What it means.
    pub tone: Tone,
}

/// Bars from one zero line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bars {
    /// What they compare.
    pub name: String,
    /// Top to bottom.
    pub bars: Vec<Bar>,
    /// Length of a full bar, drawn as a pale track; `None`: the longest, without track.
    pub full: Option<f64>,
}

impl Bars {
    /// What the chart shows, in one sentence.
    pub fn summary(&self) -> String {
        let parts: Vec<String> = self.bars.iter().take(12).map(|b| format!("{} {}", b.label, b.text)).collect();
        format!("{}: {}.", self.name, parts.join(", "))
    }
}

fn color(theme: &Theme, tone: Tone) -> Rgb {
    match tone {
        Tone::Accent => theme.accent,
        Tone::Before => theme.before,
        Tone::Critical => theme.critical,
        Tone::Good => theme.good,
        Tone::Unknown => theme.hatch,
    }
}

fn rows(theme: &Theme, size: Size, labels: impl Iterator<Item = usize>, rows: usize) -> (Frame, f64) {
    let widest = labels.max().unwrap_or(0) as f64 * theme.text * 0.56 + 12.0;
    let left = widest.min(f64::from(size.width) * 0.42);
    let width = (f64::from(size.width) - left - theme.text * 6.0).max(8.0);
    let height = f64::from(size.height);
    (Frame { left, width, height, x_max: 1.0, y_max: 1.0, ..Frame::default() }, height / rows.max(1) as f64)
}

fn caption(theme: &Theme, frame: &Frame, text: &str) -> String {
    words::label(text, ((frame.left / (theme.text * 0.55)) as usize).max(4))
}

/// Draws bars, evenly over the height; about 20 pixels each look right.
pub fn bars(chart: &Bars, theme: &Theme, size: Size) -> Drawing {
    let (mut frame, row) = rows(theme, size, chart.bars.iter().map(|b| b.label.chars().count()), chart.bars.len());
    let longest = chart.bars.iter().map(|b| b.value).filter(|v| v.is_finite()).fold(0.0, f64::max);
    let full = chart.full.filter(|f| f.is_finite() && *f > 0.0);
    frame.x_max = full.unwrap_or(if longest > 0.0 { longest } else { 1.0 });
    let widest = chart.bars.iter().map(|b| words::width(&b.text, theme.text)).fold(theme.text * 2.0, f64::max);
    frame.width = (f64::from(size.width) - frame.left - widest - 10.0).max(8.0);
    draw(size, theme, frame, chart.summary(), |pen| {
        for (i, bar) in chart.bars.iter().enumerate() {
            let y = row * (i as f64 + 0.5);
            let half = (row * 0.28).min(8.0);
            pen.text(&caption(theme, &frame, &bar.label), (0.0, y), Across::Left, theme.ink);
            if full.is_some() {
                pen.rect((frame.left, y - half), (frame.right(), y + half), Ink::fill(theme.hairline, 0.7));
            }
            let known = bar.value.is_finite() && bar.tone != Tone::Unknown;
            let end = if bar.value.is_finite() { frame.x_of(bar.value.clamp(0.0, frame.x_max)) } else { frame.right() };
            if known {
                pen.rect(
                    (frame.left, y - half),
                    (end.max(frame.left + 1.0), y + half),
                    Ink::fill(color(theme, bar.tone), 0.9),
                );
            } else {
                pen.hatch((frame.left, y - half), (end, y + half));
            }
            let after = if full.is_some() { frame.right() } else { end };
            pen.text(&bar.text, (after + 6.0, y), Across::Left, theme.muted);
        }
    })
}

/// From one score to the next, line by line; the lines sum to the difference.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Waterfall {
    /// Where it starts, in points.
    pub from: f64,
    /// What it starts with, such as `14 Nov`.
    pub from_label: String,
    /// Label and change in points.
    pub lines: Vec<(String, f64)>,
    /// Where it ends.
    pub to: f64,
    /// What it ends with.
    pub to_label: String,
}

impl Waterfall {
    /// What the chart shows, in one sentence.
    pub fn summary(&self) -> String {
        let parts: Vec<String> = self.lines.iter().take(12).map(|l| format!("{} {}", l.0, signed(l.1))).collect();
        let parts = if parts.is_empty() { "nothing changed".to_owned() } else { parts.join(", ") };
        format!("From {} to {} points: {parts}.", words::number(self.from), words::number(self.to))
    }
}

fn signed(points: f64) -> String {
    let plus = if points > 0.0 { "+" } else { "" };
    format!("{plus}{}", words::number((points * 100.0).round() / 100.0))
}

/// Draws the waterfall on a scale that shows the change, not from zero.
pub fn waterfall(chart: &Waterfall, theme: &Theme, size: Size) -> Drawing {
    let labels = chart
        .lines
        .iter()
        .map(|l| l.0.chars().count())
        .chain([chart.from_label.chars().count(), chart.to_label.chars().count()]);
    let (mut frame, row) = rows(theme, size, labels, chart.lines.len() + 2);
    let mut level = chart.from;
    let mut ends = vec![chart.from, chart.to];
    for (_, change) in &chart.lines {
        level += change;
        ends.push(level);
    }
    ends.retain(|v| v.is_finite());
    let low = ends.iter().copied().fold(f64::INFINITY, f64::min).min(100.0);
    let high = ends.iter().copied().fold(0.0, f64::max);
    let pad = ((high - low) * 0.15).max(0.5);
    (frame.x_min, frame.x_max) = (low - pad, high + pad);
    draw(size, theme, frame, chart.summary(), |pen| {
        let total = |pen: &Pen, i: usize, label: &str, value: f64| {
            let y = row * (i as f64 + 0.5);
            let end = frame.x_of(value);
            pen.text(&caption(theme, &frame, label), (0.0, y), Across::Left, theme.ink);
            pen.rect((frame.left, y - 5.0), (end, y + 5.0), Ink::fill(theme.before, 0.5));
            pen.strong(
                &words::number((value * 10.0).round() / 10.0),
                (end + 6.0, y),
                Across::Left,
                theme.ink,
                theme.text,
            );
        };
        total(pen, 0, &chart.from_label, chart.from);
        let mut level = chart.from;
        for (i, (label, change)) in chart.lines.iter().enumerate() {
            let y = row * (i as f64 + 1.5);
            let (start, end) = (frame.x_of(level), frame.x_of(level + change));
            level += change;
            let tone = if *change < 0.0 { theme.critical } else { theme.good };
            pen.text(&caption(theme, &frame, label), (0.0, y), Across::Left, theme.muted);
            pen.rect(
                (start.min(end), y - 5.0),
                (start.max(end).max(start.min(end) + 1.0), y + 5.0),
                Ink::fill(tone, 0.85),
            );
            pen.line((start, y - row + 5.0), (start, y + 5.0), Ink::line(theme.hairline, 1.0));
            pen.text(&signed(*change), (start.max(end) + 6.0, y), Across::Left, theme.muted);
        }
        total(pen, chart.lines.len() + 1, &chart.to_label, chart.to);
    })
}
