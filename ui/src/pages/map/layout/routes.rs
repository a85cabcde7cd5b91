//! Path data of the lines. A tie leaves downwards and arrives from above; boxes in the middle of a stack are reached
//! through the gutter beside them, so that no line seems to end at a box it only passes.

use super::{BOX, JOURNEY, Scene};
use std::fmt::Write;

/// Distance of a gutter from the box.
const GUTTER: f64 = 5.0;

impl Scene {
    /// Path data of a line, by its index.
    pub fn curve(&self, line: usize) -> String {
        let Some(tie) = self.drawn.lines.get(line) else { return String::new() };
        let (from, to) = (tie.from, tie.to);
        if self.boxes.get(to).map(|b| b.1) <= self.boxes.get(from).map(|b| b.1) || self.is_stack(from, to) {
            return self.sideways(from, to);
        }
        let (mut d, mut at) = self.leave(from);
        for way in self.ways.get(line).into_iter().flatten() {
            bend(&mut d, at, (way.x, way.top));
            let _ = write!(d, "L{:.1} {:.1}", way.x, way.bottom);
            at = (way.x, way.bottom);
        }
        self.arrive(&mut d, at, to);
        d
    }

    /// Upper left and lower right corner of what a line covers.
    pub fn extent(&self, line: usize) -> ((f64, f64), (f64, f64)) {
        let Some(tie) = self.drawn.lines.get(line) else { return ((0.0, 0.0), (0.0, 0.0)) };
        let (a, b) = (self.centre(tie.from), self.centre(tie.to));
        let ways = self.ways.get(line).into_iter().flatten().map(|w| w.x);
        let xs = || [a.0, b.0].into_iter().chain(ways.clone());
        let (left, right) = (xs().fold(f64::MAX, f64::min), xs().fold(f64::MIN, f64::max));
        ((left - BOX.0, a.1.min(b.1) - BOX.1), (right + BOX.0, a.1.max(b.1) + BOX.1))
    }

    /// Path data of the line from a journey to what it needs.
    pub fn journey_curve(&self, journey: usize, to: usize) -> String {
        let (x, y) = self.journeys.get(journey).copied().unwrap_or_default();
        let at = (x + JOURNEY.0 / 2.0, y + JOURNEY.1);
        let mut d = format!("M{:.1} {:.1}", at.0, at.1);
        self.arrive(&mut d, at, to);
        d
    }

    /// Path data of the arc of a fragile pair: it swings out so that it is not taken for a tie.
    pub fn arc(&self, a: usize, b: usize) -> String {
        let ((ax, ay), (bx, by)) = (self.centre(a), self.centre(b));
        let level = (ay - by).abs() < 1.0;
        let (mx, my) = ((ax + bx) / 2.0, (ay + by) / 2.0);
        let (cx, cy) = if level { (mx, my - 64.0) } else { (mx + 96.0, my) };
        let lift = if level { BOX.1 / 2.0 } else { 0.0 };
        format!("M{ax:.1} {:.1}Q{cx:.1} {cy:.1} {bx:.1} {:.1}", ay - lift, by - lift)
    }

    fn is_stack(&self, a: usize, b: usize) -> bool {
        let layer = |v: usize| self.stacked.get(v).map(|s| s.layer);
        layer(a) == layer(b)
    }

    /// Out of a box to the bottom of its layer.
    fn leave(&self, v: usize) -> (String, (f64, f64)) {
        let (cx, cy) = self.centre(v);
        let stacked = self.stacked.get(v).copied().unwrap_or_default();
        let bottom = stacked.layer.1;
        if stacked.above_others {
            let x = cx + BOX.0 / 2.0 + GUTTER;
            return (format!("M{:.1} {cy:.1}H{x:.1}V{bottom:.1}", cx + BOX.0 / 2.0), (x, bottom));
        }
        (format!("M{cx:.1} {:.1}V{bottom:.1}", cy + BOX.1 / 2.0), (cx, bottom))
    }

    /// From a point above its layer into a box.
    fn arrive(&self, d: &mut String, at: (f64, f64), v: usize) {
        let (cx, cy) = self.centre(v);
        let stacked = self.stacked.get(v).copied().unwrap_or_default();
        if stacked.below_others {
            let left = cx - BOX.0 / 2.0;
            bend(d, at, (left - GUTTER, stacked.layer.0));
            let _ = write!(d, "V{cy:.1}H{left:.1}");
        } else {
            bend(d, at, (cx, cy - BOX.1 / 2.0));
        }
    }

    /// A line between two boxes of one layer, or upwards.
    fn sideways(&self, from: usize, to: usize) -> String {
        let ((ax, ay), (bx, by)) = (self.centre(from), self.centre(to));
        let half = (BOX.0 / 2.0, BOX.1 / 2.0);
        if (ay - by).abs() >= 1.0 {
            let (a, b) = (ax + half.0, bx + half.0);
            let swing = a.max(b) + 28.0 + ((ay - by).abs() * 0.06).min(90.0);
            return format!("M{a:.1} {ay:.1}C{swing:.1} {ay:.1} {swing:.1} {by:.1} {b:.1} {by:.1}");
        }
        let side = if bx > ax { 1.0 } else { -1.0 };
        let (a, b) = (ax + side * half.0, bx - side * half.0);
        if (a - b).abs() < BOX.0 {
            return format!("M{a:.1} {ay:.1}L{b:.1} {by:.1}");
        }
        let dip = ay + half.1 + 18.0;
        format!("M{ax:.1} {:.1}C{ax:.1} {dip:.1} {bx:.1} {dip:.1} {bx:.1} {:.1}", ay + half.1, by + half.1)
    }
}

/// A bend that leaves and arrives upright.
fn bend(d: &mut String, (ax, ay): (f64, f64), (bx, by): (f64, f64)) {
    let half = (by - ay) * 0.5;
    let _ = write!(d, "C{ax:.1} {:.1} {bx:.1} {:.1} {bx:.1} {by:.1}", ay + half, by - half);
}
