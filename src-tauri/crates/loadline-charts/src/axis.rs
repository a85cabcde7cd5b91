//! Axes: hairline grid, values with units, dates.

use crate::canvas::{Across, Ink, Pen};
use crate::{Frame, Theme, scale, words};
use loadline_model::{DAY_MS, Day, HOUR_MS, Timestamp};

/// Grid lines and labels of the value axis.
pub(crate) fn values(pen: &Pen, theme: &Theme, frame: &Frame, say: fn(f64) -> String) {
    let fit = |pixels: f64| ((frame.height / pixels) as usize).clamp(2, 9);
    let wanted = fit(26.0);
    let ticks = if frame.y_log {
        scale::log_ticks(frame.y_min, frame.y_max, fit(17.0))
    } else {
        scale::linear_ticks(frame.y_min, frame.y_max, wanted)
    };
    for tick in ticks.into_iter().filter(|t| *t <= frame.y_max * 1.001) {
        let y = frame.y_of(tick);
        pen.line((frame.left, y), (frame.right(), y), Ink::line(theme.hairline, 1.0));
        pen.text(&say(tick), (frame.left - 8.0, y), Across::Right, theme.muted);
    }
}

/// Dates below the plotted area, as many as fit.
pub(crate) fn dates(pen: &Pen, theme: &Theme, frame: &Frame, y: f64) {
    let mut free_from = frame.left - 24.0;
    for (at, text) in date_ticks(frame.x_min as i64, frame.x_max as i64, frame.width / (pen.size() * 6.0)) {
        let x = frame.x_of(at as f64);
        let half = pen.width_of(&text) / 2.0;
        if x - half >= free_from && x + half <= frame.right() + 24.0 {
            pen.text(&text, (x, y), Across::Middle, theme.muted);
            free_from = x + half + 8.0;
        }
    }
}

/// Instants worth a label between two ends: hours, days, weeks from Monday, or months.
pub(crate) fn date_ticks(from: i64, to: i64, fit: f64) -> Vec<(i64, String)> {
    let span = to.saturating_sub(from).max(1);
    let fit = fit.clamp(2.0, 40.0);
    if span < 2 * DAY_MS {
        let step = [1, 2, 3, 6, 12]
            .into_iter()
            .map(|h| h * HOUR_MS)
            .find(|s| (span / s) as f64 <= fit)
            .unwrap_or(12 * HOUR_MS);
        let first = from.div_euclid(step) + 1;
        return (first..=to.div_euclid(step)).map(|i| (i * step, clock(i * step))).collect();
    }
    let (first, last) = (Timestamp(from).utc_day().0, Timestamp(to).utc_day().0);
    let days = f64::from(last - first);
    let month = |d: i32| Day(d).civil();
    if let Some(step) = [1, 2, 7, 14].into_iter().find(|s| days / f64::from(*s) <= fit) {
        // Day 4 since 1970-01-01 was a Monday.
        let on_grid = |d: &i32| (d - 4).rem_euclid(step) == 0 && i64::from(*d) * DAY_MS >= from;
        return (first..=last)
            .filter(on_grid)
            .map(|d| (i64::from(d) * DAY_MS, words::day(i64::from(d) * DAY_MS)))
            .collect();
    }
    let step = [1, 2, 3, 6, 12].into_iter().find(|s| days / (30.4 * f64::from(*s)) <= fit).unwrap_or(12);
    let on_grid = |d: &i32| month(*d).2 == 1 && (month(*d).1 - 1) % step == 0 && i64::from(*d) * DAY_MS >= from;
    let name = |d: i32| match month(d) {
        (year, 1, _) => year.to_string(),
        (_, m, _) => words::month_name(m).to_owned(),
    };
    (first..=last.min(first + 40_000)).filter(on_grid).map(|d| (i64::from(d) * DAY_MS, name(d))).collect()
}

fn clock(ms: i64) -> String {
    let minutes = ms.rem_euclid(DAY_MS) / 60_000;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// A drawing without data says so, in the look of the unknown.
pub(crate) fn nothing(pen: &Pen, theme: &Theme, frame: &Frame, why: &str) {
    pen.hatch((frame.left, frame.top), (frame.right(), frame.bottom()));
    let middle = (frame.left + frame.width / 2.0, frame.top + frame.height / 2.0);
    let half = (pen.width_of(why) / 2.0 + 10.0).min(frame.width / 2.0);
    let tall = pen.size().min(frame.height / 2.0);
    pen.rect((middle.0 - half, middle.1 - tall), (middle.0 + half, middle.1 + tall), Ink::fill(theme.paper, 1.0));
    pen.text(why, middle, Across::Middle, theme.muted);
}

/// Maximal runs of known points in ascending order; a step of more than one and a half usual steps is a gap.
pub(crate) fn runs(points: impl Iterator<Item = (i64, Option<f64>)>, step: i64) -> Vec<Vec<(i64, f64)>> {
    let mut out: Vec<Vec<(i64, f64)>> = Vec::new();
    let mut joined = false;
    for (at, value) in points {
        let Some(value) = value.filter(|v| v.is_finite()) else {
            joined = false;
            continue;
        };
        match out.last_mut() {
            Some(run)
                if joined && run.last().is_some_and(|l| at.saturating_sub(l.0) <= step.saturating_add(step / 2)) =>
            {
                run.push((at, value))
            }
            _ => out.push(vec![(at, value)]),
        }
        joined = true;
    }
    out
}

/// The usual distance between points: the median; a day when there are fewer than two.
pub(crate) fn usual_step(times: impl Iterator<Item = i64>) -> i64 {
    let times: Vec<i64> = times.collect();
    let mut steps: Vec<i64> = times.windows(2).map(|w| w[1].saturating_sub(w[0])).filter(|d| *d > 0).collect();
    if steps.is_empty() {
        return DAY_MS;
    }
    let middle = steps.len() / 2;
    *steps.select_nth_unstable(middle).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_follow_the_span() {
        let start = 1_793_577_600_000; // 2 Nov 2026, a Monday
        let texts = |days: i64, fit: f64| -> Vec<String> {
            date_ticks(start, start + days * DAY_MS, fit).into_iter().map(|t| t.1).collect()
        };
        assert_eq!(texts(3, 10.0), ["2 Nov", "3 Nov", "4 Nov", "5 Nov"]);
        assert_eq!(texts(28, 6.0), ["2 Nov", "9 Nov", "16 Nov", "23 Nov", "30 Nov"]);
        assert_eq!(texts(150, 6.0), ["Dec", "2027", "Feb", "Mar", "Apr"]);
        assert_eq!(texts(1, 5.0), ["06:00", "12:00", "18:00", "00:00"]);
    }

    #[test]
    fn gaps_stay_gaps() {
        let points =
            [(0, Some(1.0)), (10, Some(2.0)), (20, None), (30, Some(3.0)), (60, Some(4.0)), (70, Some(f64::NAN))];
        let runs = runs(points.into_iter(), 10);
        assert_eq!(runs, [vec![(0, 1.0), (10, 2.0)], vec![(30, 3.0)], vec![(60, 4.0)]]);
        assert_eq!(usual_step([0, 10, 20, 50].into_iter()), 10);
    }
}
