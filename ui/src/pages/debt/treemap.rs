//! Squarified treemaps (Bruls, Huizing and van Wijk 2000): areas in proportion, shapes near to squares.

/// A rectangle, in shares of the whole's width and height.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Rect {
    /// Everything.
    pub const WHOLE: Self = Self { x: 0.0, y: 0.0, width: 1.0, height: 1.0 };

    /// The rectangle without a strip at its top and a margin at its other sides, in shares of the whole.
    pub fn inset(self, top: f64, side: (f64, f64)) -> Self {
        Self {
            x: self.x + side.0,
            y: self.y + top,
            width: (self.width - 2.0 * side.0).max(0.0),
            height: (self.height - top - side.1).max(0.0),
        }
    }
}

/// A rectangle inside `within` for each of the values, which come largest first; `aspect` is width over height of the
/// whole, in pixels. Values that are not above zero get nothing.
pub fn squarify(values: &[f64], within: Rect, aspect: f64) -> Vec<Rect> {
    let total: f64 = values.iter().filter(|v| **v > 0.0).sum();
    // In units in which both sides have the same length on the screen.
    let mut room = Rect { x: within.x * aspect, width: within.width * aspect, ..within };
    let scale = if total > 0.0 { room.width * room.height / total } else { 0.0 };
    let areas: Vec<f64> = values.iter().map(|v| v.max(0.0) * scale).collect();
    let mut found = Vec::with_capacity(values.len());
    let mut at = 0;
    while at < areas.len() {
        let side = room.width.min(room.height);
        let mut until = at + 1;
        while until < areas.len() && worst(&areas[at..=until], side) <= worst(&areas[at..until], side) {
            until += 1;
        }
        room = lay(&areas[at..until], room, &mut found);
        at = until;
    }
    for rect in &mut found {
        rect.x /= aspect;
        rect.width /= aspect;
    }
    found
}

/// The largest ratio of sides in a row along `side`.
fn worst(row: &[f64], side: f64) -> f64 {
    let sum: f64 = row.iter().sum();
    let (most, least) = row.iter().fold((0.0_f64, f64::INFINITY), |(m, l), v| (m.max(*v), l.min(*v)));
    if sum <= 0.0 || least <= 0.0 || side <= 0.0 {
        return f64::INFINITY;
    }
    (side * side * most / (sum * sum)).max(sum * sum / (side * side * least))
}

/// Puts a row along the shorter side and returns what is left.
fn lay(row: &[f64], room: Rect, found: &mut Vec<Rect>) -> Rect {
    let sum: f64 = row.iter().sum();
    let along_height = room.width >= room.height;
    let side = if along_height { room.height } else { room.width };
    let depth = if side > 0.0 { sum / side } else { 0.0 };
    let mut offset = 0.0;
    for area in row {
        let length = if depth > 0.0 { area / depth } else { 0.0 };
        found.push(if along_height {
            Rect { x: room.x, y: room.y + offset, width: depth, height: length }
        } else {
            Rect { x: room.x + offset, y: room.y, width: length, height: depth }
        });
        offset += length;
    }
    if along_height {
        Rect { x: room.x + depth, width: (room.width - depth).max(0.0), ..room }
    } else {
        Rect { y: room.y + depth, height: (room.height - depth).max(0.0), ..room }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_in_proportion_and_nothing_overlaps() {
        let values = [6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0];
        let rects = squarify(&values, Rect::WHOLE, 1.5);
        for (rect, value) in rects.iter().zip(values) {
            assert!((rect.width * rect.height - value / 24.0).abs() < 1e-9, "{rect:?}");
            assert!(rect.x >= -1e-9 && rect.x + rect.width <= 1.0 + 1e-9 && rect.y + rect.height <= 1.0 + 1e-9);
        }
        for (i, a) in rects.iter().enumerate() {
            for b in &rects[i + 1..] {
                let apart = |a0: f64, a1: f64, b0: f64, b1: f64| a1 <= b0 + 1e-9 || b1 <= a0 + 1e-9;
                let (x, y) = ((a.x, a.x + a.width, b.x, b.x + b.width), (a.y, a.y + a.height, b.y, b.y + b.height));
                assert!(apart(x.0, x.1, x.2, x.3) || apart(y.0, y.1, y.2, y.3), "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn the_example_of_the_paper_is_laid_as_there() {
        // Figure 2: in 6 by 4, the first row is two squares of 3 by 2 … along the height.
        let rects = squarify(&[6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0], Rect::WHOLE, 1.5);
        let [first, second, third, ..] = rects[..] else { panic!("seven") };
        assert!((first.width - 0.5).abs() < 1e-9 && (first.height - 0.5).abs() < 1e-9);
        assert!((second.y - 0.5).abs() < 1e-9 && (third.x - 0.5).abs() < 1e-9);
    }

    #[test]
    fn nothing_and_zero_are_survived() {
        assert!(squarify(&[], Rect::WHOLE, 2.0).is_empty());
        let rects = squarify(&[3.0, 0.0, 0.0], Rect::WHOLE, 2.0);
        assert!((rects[0].width * rects[0].height - 1.0).abs() < 1e-9);
        assert!(rects[1..].iter().all(|r| r.width * r.height == 0.0 && r.width.is_finite()));
    }
}
