//! The load line: how much load the hull carries before it sinks.
//!
//! A vertical scale of load; today's peak is the water at 1×; the first limit is the line with its interval as a band and a
//! Plimsoll ring; what has not been proven is hatched.

use crate::canvas::{Across, Drawing, Frame, Ink, Pen, Size, draw};
use crate::{Theme, words};
use loadline_model::Interval;

/// A further limit behind the first.
#[derive(Clone, Debug, PartialEq)]
pub struct LadderMark {
    /// Multiple of today's peak.
    pub multiplier: f64,
    /// What is limited.
    pub name: String,
}

/// What the load line shows. All multiples are of today's peak.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoadLine {
    /// Multiple at which the first limit is reached, median and 80 % interval; `None`: nothing measured, all is hatched.
    pub first_limit: Option<Interval>,
    /// What is limited first, such as `prod-db connections`.
    pub name: String,
    /// The limits behind it, nearest first.
    pub ladder: Vec<LadderMark>,
    /// Tiers whose headroom is not measured: hatched beside the hull, since any of them may be the real first limit.
    pub unmeasured: u32,
    /// Today's peak in words, such as `42 requests/s`; empty when not measured.
    pub peak: String,
}

impl LoadLine {
    /// What the drawing shows, in one sentence.
    pub fn summary(&self) -> String {
        let rest = match self.unmeasured {
            0 => String::new(),
            1 => " One tier is not measured and may be the real limit.".to_owned(),
            n => format!(" {n} tiers are not measured and may be the real limit."),
        };
        match usable(self.first_limit) {
            Some(i) => format!(
                "{} is reached first, at {} today's peak (80 % interval {} to {}).{rest}",
                self.name,
                words::times(i.p50),
                words::times(i.p10),
                words::times(i.p90)
            ),
            None => format!("How much load fits is not proven: no limit is measured.{rest}"),
        }
    }
}

fn usable(limit: Option<Interval>) -> Option<Interval> {
    limit.filter(|i| [i.p10, i.p50, i.p90].iter().all(|v| v.is_finite() && *v > 0.0))
}

const LOWEST: f64 = 0.5;
const HIGHEST: f64 = 16.0;

/// Draws the load line. Below about 260 pixels of width names are left out.
pub fn load_line(view: &LoadLine, theme: &Theme, size: Size) -> Drawing {
    let large = size.width >= 260;
    let left = theme.text * 3.2;
    let hull =
        if large { (f64::from(size.width) * 0.34).min(220.0) } else { f64::from(size.width) - left - theme.text * 3.6 };
    let frame = Frame {
        left,
        top: theme.text,
        width: hull.max(8.0),
        height: (f64::from(size.height) - theme.text * 2.0).max(8.0),
        x_min: 0.0,
        x_max: 1.0,
        x_log: false,
        y_min: LOWEST,
        y_max: HIGHEST,
        y_log: true,
    };
    draw(size, theme, frame, view.summary(), |pen| {
        sides(pen, theme, &frame, view);
        marks(pen, theme, &frame);
        if let Some(limit) = usable(view.first_limit) {
            line(pen, theme, &frame, limit);
        }
        if large {
            names(pen, theme, &frame, view, f64::from(size.width));
        } else if let Some(limit) = usable(view.first_limit) {
            let y = at(&frame, limit.p50);
            pen.strong(&words::times(limit.p50), (frame.right() + 7.0, y), Across::Left, theme.ink, theme.text * 1.1);
        }
    })
}

fn at(frame: &Frame, multiple: f64) -> f64 {
    frame.y_of(multiple.clamp(LOWEST, HIGHEST))
}

/// The hull from keel to rail: water, proven room, what lies above the line, and what nobody measured.
fn sides(pen: &Pen, theme: &Theme, frame: &Frame, view: &LoadLine) {
    let (left, right) = (frame.left, frame.right());
    let water = at(frame, 1.0);
    pen.rect((left, water), (right, frame.bottom()), Ink::fill(theme.accent, 0.16));
    match usable(view.first_limit) {
        Some(limit) => {
            let (low, high) = (at(frame, limit.p10), at(frame, limit.p90));
            pen.rect((left, frame.top), (right, high), Ink::fill(theme.critical, 0.07));
            pen.rect((left, high), (right, low), Ink::fill(theme.critical, 0.20));
            if view.unmeasured > 0 {
                // A strip of the hull, not all of it: the line itself is measured.
                pen.hatch((right - frame.width * 0.22, frame.top), (right, water));
            }
        }
        None => pen.hatch((left, frame.top), (right, water)),
    }
    pen.line((left, water), (right, water), Ink::line(theme.accent, 2.0));
    for x in [left, right] {
        pen.line((x, frame.top), (x, frame.bottom()), Ink::line(theme.muted, 1.0));
    }
    pen.line((left, frame.bottom()), (right, frame.bottom()), Ink::line(theme.muted, 1.0));
}

fn marks(pen: &Pen, theme: &Theme, frame: &Frame) {
    for (multiple, text) in [(1.0, "1×"), (2.0, "2×"), (5.0, "5×"), (10.0, "10×")] {
        let y = at(frame, multiple);
        pen.line((frame.left - 5.0, y), (frame.left, y), Ink::line(theme.muted, 1.0));
        if multiple > 1.0 {
            pen.line((frame.left, y), (frame.left + 10.0, y), Ink::line(theme.muted, 1.0));
        }
        pen.text(text, (frame.left - 9.0, y), Across::Right, theme.muted);
    }
}

/// The line through the Plimsoll ring.
fn line(pen: &Pen, theme: &Theme, frame: &Frame, limit: Interval) {
    let y = at(frame, limit.p50);
    let middle = frame.left + frame.width * 0.45;
    let radius = (frame.width * 0.11).clamp(6.0, 18.0);
    pen.line((frame.left, y), (frame.right(), y), Ink::line(theme.ink, 2.0));
    pen.dot((middle, y), radius, Ink::line(theme.ink, 2.0));
}

fn names(pen: &Pen, theme: &Theme, frame: &Frame, view: &LoadLine, width: f64) {
    let x = frame.right() + 12.0;
    let fit = (((width - x) / (theme.text * 0.56)) as usize).max(8);
    let room = theme.text * 1.35;
    let mut taken: Vec<(f64, f64)> = Vec::new();
    let water = at(frame, 1.0);
    let peak = if view.peak.is_empty() { "today's peak".to_owned() } else { format!("today's peak, {}", view.peak) };
    pen.text(&words::label(&peak, fit), (x, water), Across::Left, theme.accent);
    taken.push((water - room / 2.0, water + room / 2.0));
    if let Some(limit) = usable(view.first_limit) {
        let y = at(frame, limit.p50);
        let title = format!("{}  {}", words::times(limit.p50), view.name);
        let range = format!("first limit, 80 % interval {} to {}", words::times(limit.p10), words::times(limit.p90));
        // Close to the water the name moves up, so that both stay legible.
        let y = y.min(water - room * 2.0);
        pen.strong(&words::label(&title, fit * 10 / 11), (x, y), Across::Left, theme.ink, theme.text * 1.1);
        pen.text(&words::label(&range, fit), (x, y + room), Across::Left, theme.muted);
        taken.push((y - room / 2.0, y + room * 1.5));
    } else {
        let y = frame.top + frame.height * 0.2;
        pen.strong("not proven", (x, y), Across::Left, theme.ink, theme.text * 1.1);
        pen.text(&words::label("no limit is measured", fit), (x, y + room), Across::Left, theme.muted);
        taken.push((y - room / 2.0, y + room * 1.5));
    }
    for mark in view.ladder.iter().filter(|m| m.multiplier.is_finite() && m.multiplier > 0.0) {
        let y = at(frame, mark.multiplier);
        pen.line((frame.right(), y), (frame.right() + 6.0, y), Ink::line(theme.ink, 1.0));
        let beyond = if mark.multiplier > HIGHEST { "↑ " } else { "" };
        let text = words::label(&format!("{beyond}{}  {}", words::times(mark.multiplier), mark.name), fit);
        place(pen, theme, frame, &text, (x, y), &mut taken);
    }
    if view.unmeasured > 0 {
        let noun = if view.unmeasured == 1 { "tier" } else { "tiers" };
        let text = format!("hatched: {} {noun} not measured", view.unmeasured);
        place(pen, theme, frame, &words::label(&text, fit), (x, frame.bottom() - room / 2.0), &mut taken);
    }
}

/// Puts a label at its height, or above the labels it would touch; leaves it out when there is no room.
fn place(pen: &Pen, theme: &Theme, frame: &Frame, text: &str, at: (f64, f64), taken: &mut Vec<(f64, f64)>) {
    let room = theme.text * 1.35;
    let mut y = at.1;
    while let Some(other) = taken.iter().find(|t| y + room / 2.0 > t.0 + 0.01 && y - room / 2.0 < t.1 - 0.01) {
        y = other.0 - room / 2.0;
    }
    if y >= frame.top - room / 2.0 {
        pen.text(text, (at.0, y), Across::Left, theme.muted);
        taken.push((y - room / 2.0, y + room / 2.0));
    }
}
