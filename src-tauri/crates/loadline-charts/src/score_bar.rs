//! Proven to possible: what the evidence supports, what is not known, what is lost.

use crate::canvas::{Across, Drawing, Frame, Ink, Size, draw};
use crate::{Theme, words};

/// The readiness bar.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ScoreBar {
    /// Points the evidence supports, 0–100.
    pub proven: f64,
    /// Points if every unknown turned out well, 0–100.
    pub possible: f64,
}

impl ScoreBar {
    /// What the bar shows, in one sentence.
    pub fn summary(&self) -> String {
        let whole = |v: f64| words::number(v.round());
        format!(
            "{} of 100 points are proven; up to {} are possible if every unknown turns out well.",
            whole(self.proven),
            whole(self.possible)
        )
    }
}

/// Draws the bar; taller than about three text sizes it gets labels beneath.
pub fn score_bar(bar: &ScoreBar, theme: &Theme, size: Size) -> Drawing {
    let proven = if bar.proven.is_finite() { bar.proven.clamp(0.0, 100.0) } else { 0.0 };
    let possible = if bar.possible.is_finite() { bar.possible.clamp(proven, 100.0) } else { proven };
    let labelled = f64::from(size.height) >= theme.text * 2.8;
    let room = if labelled { theme.text * 1.6 } else { 0.0 };
    let frame = Frame {
        left: 0.0,
        top: 0.0,
        width: f64::from(size.width),
        height: f64::from(size.height) - room,
        x_max: 100.0,
        y_max: 1.0,
        ..Frame::default()
    };
    draw(size, theme, frame, bar.summary(), |pen| {
        let bottom = frame.bottom();
        pen.rect((0.0, 0.0), (frame.right(), bottom), Ink::fill(theme.hairline, 0.7));
        pen.rect((frame.x_of(proven), 0.0), (frame.x_of(possible), bottom), Ink::fill(theme.paper, 1.0));
        pen.hatch((frame.x_of(proven), 0.0), (frame.x_of(possible), bottom));
        pen.rect((0.0, 0.0), (frame.x_of(proven), bottom), Ink::fill(theme.accent, 1.0));
        if !labelled {
            return;
        }
        // Lines of the labels: not ready below 40, at risk, conditional from 65, ready from 85.
        for mark in [40.0, 65.0, 85.0] {
            let x = frame.x_of(mark);
            pen.line((x, bottom), (x, bottom + 4.0), Ink::line(theme.muted, 1.0));
            pen.text(&words::number(mark), (x, bottom + 4.0 + theme.text * 0.7), Across::Middle, theme.muted);
        }
        pen.text("0", (0.0, bottom + 4.0 + theme.text * 0.7), Across::Left, theme.muted);
        pen.text("100", (frame.right(), bottom + 4.0 + theme.text * 0.7), Across::Right, theme.muted);
    })
}
