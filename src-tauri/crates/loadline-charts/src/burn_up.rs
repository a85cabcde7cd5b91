//! Lines on both sides of a migration over time: what is left below, what was moved above it.

use crate::canvas::{Across, Drawing, Frame, Ink, Size, draw};
use crate::{Theme, axis, scale, words};

/// A migration over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BurnUp {
    /// What people call it.
    pub name: String,
    /// Milliseconds UTC, lines on the old and on the new path; ascending.
    pub moments: Vec<(i64, f64, f64)>,
    /// When it is done if it goes on like this, milliseconds UTC.
    pub forecast: Option<i64>,
}

impl BurnUp {
    fn known(&self) -> impl Iterator<Item = (i64, f64, f64)> + '_ {
        let is_known = |m: &&(i64, f64, f64)| m.1.is_finite() && m.2.is_finite() && m.1 >= 0.0 && m.2 >= 0.0;
        self.moments.iter().filter(is_known).copied()
    }
    /// What the chart shows, in one sentence.
    pub fn summary(&self) -> String {
        let said = |(at, old, new): (i64, f64, f64)| {
            format!("{} lines old and {} new on {}", words::number(old), words::number(new), words::date(at))
        };
        let (Some(first), Some(last)) = (self.known().next(), self.known().last()) else {
            return format!("{}: no line was counted.", self.name);
        };
        let end = match self.forecast {
            Some(at) => format!("done about {}, if it goes on like this", words::date(at)),
            None => "no day is forecast".to_owned(),
        };
        format!("{}: {}, {}; {end}.", self.name, said(first), said(last))
    }
}

/// Draws both sides as areas on top of each other, so that the upper edge is all that there is to maintain.
pub fn burn_up(chart: &BurnUp, theme: &Theme, size: Size) -> Drawing {
    let moments: Vec<(i64, f64, f64)> = chart.known().collect();
    let highest = moments.iter().map(|m| m.1 + m.2).fold(0.0, f64::max);
    let first = moments.first().map_or(0, |m| m.0);
    let last = moments.last().map_or(1, |m| m.0);
    let frame = Frame {
        left: theme.text * 5.0,
        top: 8.0,
        width: (f64::from(size.width) - theme.text * 5.8).max(1.0),
        height: (f64::from(size.height) - theme.text * 2.0 - 14.0).max(1.0),
        x_min: first as f64,
        x_max: last.max(first.saturating_add(1)) as f64,
        x_log: false,
        y_min: 0.0,
        y_max: scale::linear_ticks(0.0, if highest > 0.0 { highest * 1.02 } else { 1.0 }, 5)
            .last()
            .copied()
            .unwrap_or(1.0),
        y_log: false,
    };
    draw(size, theme, frame, chart.summary(), |pen| {
        let Some(end) = moments.last() else { return axis::nothing(pen, theme, &frame, "not counted") };
        axis::values(pen, theme, &frame, words::number);
        axis::dates(pen, theme, &frame, frame.bottom() + 6.0 + theme.text * 0.8);
        let at = |t: i64, lines: f64| (frame.x_of(t as f64), frame.y_of(lines));
        let floor = moments.iter().map(|m| at(m.0, 0.0));
        let middle: Vec<_> = moments.iter().map(|m| at(m.0, m.1)).collect();
        let top: Vec<_> = moments.iter().map(|m| at(m.0, m.1 + m.2)).collect();
        pen.area(&floor.chain(middle.iter().rev().copied()).collect::<Vec<_>>(), Ink::fill(theme.before, 0.34));
        pen.area(
            &middle.iter().copied().chain(top.iter().rev().copied()).collect::<Vec<_>>(),
            Ink::fill(theme.accent, 0.34),
        );
        pen.path(&middle, Ink::line(theme.before, 1.8));
        pen.path(&top, Ink::line(theme.accent, 1.8));
        // A name stands in its area where there is room for it.
        for (word, below, above, color) in
            [("old", 0.0, end.1, theme.muted), ("new", end.1, end.1 + end.2, theme.accent)]
        {
            let middle = frame.y_of((below + above) / 2.0);
            if frame.y_of(below) - frame.y_of(above) > theme.text * 1.4 {
                pen.text(word, (frame.right() - 6.0, middle), Across::Right, color);
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::DAY_MS;

    #[test]
    fn what_is_new_lies_on_top_of_what_is_old() {
        let start = 1_793_577_600_000; // 2 Nov 2026
        let chart = BurnUp {
            name: "checkout".into(),
            moments: vec![(start, 900.0, 100.0), (start + 7 * DAY_MS, 600.0, 300.0)],
            forecast: None,
        };
        assert_eq!(
            chart.summary(),
            "checkout: 900 lines old and 100 new on 2 Nov 2026, 600 lines old and 300 new on 9 Nov 2026; no day is forecast."
        );
        let size = Size { width: 640, height: 260 };
        let (theme, drawing) = (Theme::light(), burn_up(&chart, &Theme::light(), size));
        let (right, frame) = (drawing.frame.right(), drawing.frame);
        let ends_at = |color: crate::Rgb, lines: f64| {
            let end = format!("{:.0},{:.0}", right * 10.0, frame.y_of(lines) * 10.0);
            let of_color = format!("stroke=\"{}\"", color.css());
            drawing.svg.split('<').any(|e| e.starts_with("polyline") && e.contains(&of_color) && e.contains(&end))
        };
        assert!(ends_at(theme.before, 600.0) && ends_at(theme.accent, 900.0), "{}", drawing.svg);
        assert!(!ends_at(theme.accent, 300.0), "the new lines stand on the old ones");
        let later = BurnUp { forecast: Some(start + 100 * DAY_MS), ..chart };
        assert!(later.summary().ends_with("done about 10 Feb 2027, if it goes on like this."), "{}", later.summary());
    }
}
