//! Fewer points of a latency chart without losing what the eye would see.

use crate::LatencyPoint;
use crate::axis::usual_step;

/// Points of a chart below which thinning is not worth a pass over them, for each pixel column.
const DENSE: usize = 8;
/// Points beyond which a coarser series is worth keeping for drawing.
const MANY: usize = 40_000;
/// Points that become two of the coarser series.
const COARSE: usize = 16;

/// Of points denser than the columns: two for each two columns, which hold the lowest and the highest of every percentile in
/// the order in which they came. What is known, and up to which bound, is the same for all points that become two. What
/// lies further apart than a step and a half is parted by a point at which nothing is known, so that the rest needs no
/// step. `None` where there are not many. Points ascend in time.
pub(crate) fn thinned(points: &[LatencyPoint], columns: u32, step: i64) -> Option<Vec<LatencyPoint>> {
    let (first, last) = (points.first()?.at, points.last()?.at);
    let groups = (columns as usize / 2).max(1);
    if points.len() <= 2 * groups * DENSE {
        return None;
    }
    let scale = groups as f64 / last.saturating_sub(first).max(1) as f64;
    let group_of = |_: usize, p: &LatencyPoint| ((p.at.saturating_sub(first) as f64 * scale) as usize).min(groups - 1);
    Some(reduced(points, step, group_of, |group| group.last))
}

/// A series of an eighth of the points, at even distances like the points themselves, whose every two hold the extremes
/// of sixteen: of a million values a chart can be drawn from it in the time of a frame. `None` where there are few.
pub fn coarser(points: &[LatencyPoint]) -> Option<Vec<LatencyPoint>> {
    let step = usual_step(points.iter().map(|p| p.at));
    let half = step.saturating_mul(COARSE as i64 / 2);
    (points.len() > MANY).then(|| {
        reduced(points, step, |place, _| place / COARSE, |group| group.last.min(group.first.at.saturating_add(half)))
    })
}

fn reduced(
    points: &[LatencyPoint],
    step: i64,
    number_of: impl Fn(usize, &LatencyPoint) -> usize,
    second: impl Fn(&Group) -> i64,
) -> Vec<LatencyPoint> {
    let mut out: Vec<LatencyPoint> = Vec::new();
    let mut group: Option<(usize, Group)> = None;
    let flush = |group: Option<(usize, Group)>, out: &mut Vec<LatencyPoint>| {
        let Some((_, group)) = group else { return };
        let (early, late) = group.ends(second(&group));
        out.push(early);
        out.extend(late);
    };
    let mut before: Option<&LatencyPoint> = None;
    for (place, point) in points.iter().enumerate() {
        let number = number_of(place, point);
        let gap = before.filter(|b| point.at.saturating_sub(b.at) > step.saturating_add(step / 2));
        let same = group.as_ref().is_some_and(|(n, g)| *n == number && g.knows_as(point)) && gap.is_none();
        if !same {
            flush(group.take(), &mut out);
        }
        if let Some(before) = gap {
            out.push(LatencyPoint { at: before.at.saturating_add(step), ..LatencyPoint::default() });
        }
        group.get_or_insert_with(|| (number, Group::new(point))).1.add(point);
        before = Some(point);
    }
    flush(group, &mut out);
    out
}

/// Neighbours of which the same is known.
struct Group {
    first: LatencyPoint,
    last: i64,
    extremes: [Extremes; 3],
}

/// Time and value of the lowest and of the highest.
#[derive(Clone, Copy)]
struct Extremes {
    low: (i64, f64),
    high: (i64, f64),
}

fn percentiles(p: &LatencyPoint) -> [Option<f64>; 3] {
    [p.p50, p.p95, p.p99].map(|v| v.filter(|v| v.is_finite()))
}

impl Group {
    fn new(point: &LatencyPoint) -> Self {
        let none = Extremes { low: (point.at, f64::INFINITY), high: (point.at, f64::NEG_INFINITY) };
        Self { first: *point, last: point.at, extremes: [none; 3] }
    }

    fn knows_as(&self, point: &LatencyPoint) -> bool {
        percentiles(&self.first).map(|v| v.is_some()) == percentiles(point).map(|v| v.is_some())
            && self.first.above == point.above
    }

    fn add(&mut self, point: &LatencyPoint) {
        self.last = point.at;
        for (extremes, value) in self.extremes.iter_mut().zip(percentiles(point)) {
            let Some(value) = value else { continue };
            if value < extremes.low.1 {
                extremes.low = (point.at, value);
            }
            if value > extremes.high.1 {
                extremes.high = (point.at, value);
            }
        }
    }

    /// What comes first of each percentile's extremes and, unless one point is all there was, what comes then.
    fn ends(&self, second: i64) -> (LatencyPoint, Option<LatencyPoint>) {
        let known = percentiles(&self.first).map(|v| v.is_some());
        let pick = |at: usize, late: bool| {
            let Extremes { low, high } = self.extremes[at];
            let value = if (low.0 <= high.0) == late { high.1 } else { low.1 };
            known[at].then_some(value)
        };
        let point =
            |at, late| LatencyPoint { at, p50: pick(0, late), p95: pick(1, late), p99: pick(2, late), ..self.first };
        (point(self.first.at, false), (second > self.first.at).then(|| point(second, true)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::random::Draws;

    const STEP: i64 = 300_000;

    fn many(n: i64) -> Vec<LatencyPoint> {
        let mut draws = Draws::new(3);
        let mut point = |i: i64| {
            let p50 = draws.lognormal(0.2, 0.4);
            LatencyPoint { at: i * STEP, p50: Some(p50), p95: Some(3.0 * p50), p99: Some(5.0 * p50), above: None }
        };
        (0..n).map(&mut point).collect()
    }

    #[test]
    fn few_points_stay_as_they_are() {
        assert_eq!(thinned(&many(1_000), 800, STEP), None);
        assert_eq!(thinned(&[], 800, STEP), None);
    }

    #[test]
    fn extremes_of_every_two_columns_survive() {
        let all = many(100_000);
        let kept = thinned(&all, 400, STEP).expect("many");
        assert!(kept.len() <= 200 * 2 && kept.windows(2).all(|w| w[0].at < w[1].at), "{}", kept.len());
        let group = |p: &LatencyPoint| ((p.at as f64 * (200.0 / all[99_999].at as f64)) as i64).min(199);
        for number in 0..200 {
            let highest = |points: &[LatencyPoint]| {
                points.iter().filter(|p| group(p) == number).filter_map(|p| p.p99).fold(0.0, f64::max)
            };
            let lowest = |points: &[LatencyPoint]| {
                points.iter().filter(|p| group(p) == number).filter_map(|p| p.p50).fold(f64::INFINITY, f64::min)
            };
            assert!(highest(&all) > 0.0 && highest(&kept) == highest(&all), "group {number}");
            assert!(lowest(&all).is_finite() && lowest(&kept) == lowest(&all), "group {number}");
        }
    }

    #[test]
    fn what_is_not_known_stays_unknown() {
        let mut all = many(100_000);
        all[50_000].p99 = None;
        all.drain(70_000..70_003);
        let kept = thinned(&all, 400, STEP).expect("many");
        let unknown: Vec<i64> = kept.iter().filter(|p| p.p99.is_none()).map(|p| p.at / STEP).collect();
        assert_eq!(unknown, [50_000, 70_000], "one was not measured, and nothing is there after another");
        assert!(kept.iter().any(|p| p.at == 49_999 * STEP) && kept.iter().any(|p| p.at == 50_001 * STEP));
        assert!(kept.iter().any(|p| p.at == 69_999 * STEP) && kept.iter().any(|p| p.at == 70_003 * STEP));
    }

    #[test]
    fn a_coarser_series_keeps_extremes_and_what_is_unknown_at_even_distances() {
        assert_eq!(coarser(&many(40_000)), None);
        let mut all = many(100_000);
        all[50_000].p99 = None;
        all.drain(70_000..70_100);
        let kept = coarser(&all).expect("many");
        assert!(kept.len() < 100_000 / 7 && kept.windows(2).all(|w| w[0].at < w[1].at), "{}", kept.len());
        let ends = |points: &[LatencyPoint], pick: fn(&LatencyPoint) -> Option<f64>| {
            let values = || points.iter().filter_map(pick);
            (values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max))
        };
        assert_eq!(ends(&kept, |p| p.p50), ends(&all, |p| p.p50));
        assert_eq!(ends(&kept, |p| p.p99), ends(&all, |p| p.p99));
        let unknown: Vec<i64> = kept.iter().filter(|p| p.p99.is_none()).map(|p| p.at / STEP).collect();
        assert_eq!(unknown, [50_000, 70_000]);
        let usual = usual_step(kept.iter().map(|p| p.at));
        assert_eq!(usual, 8 * STEP);
        let apart = kept.windows(2).filter(|w| w[1].at - w[0].at > usual + usual / 2).count();
        assert_eq!(apart, 1, "only what was not measured lies further apart");
    }
}
