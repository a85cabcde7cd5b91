//! Fewer points of a latency chart without losing what the eye would see.

use crate::LatencyPoint;

/// Points of a chart below which thinning is not worth a pass over them, for each pixel column.
const DENSE: usize = 8;

/// Of points denser than the columns: for each two columns the first, the last, and the lowest and highest of every percentile;
/// and every point where something begins or ceases to be known. What lies further apart than a step and a half is parted by
/// a point at which nothing is known, so that the rest needs no step. `None` where there are not many. Points ascend in time.
pub(crate) fn thinned(points: &[LatencyPoint], columns: u32, step: i64) -> Option<Vec<LatencyPoint>> {
    let (first, last) = (points.first()?.at, points.last()?.at);
    let groups = (columns as usize / 2).max(1);
    if points.len() <= 2 * groups * DENSE {
        return None;
    }
    let scale = groups as f64 / last.saturating_sub(first).max(1) as f64;
    let group_of = |p: &LatencyPoint| ((p.at.saturating_sub(first) as f64 * scale) as usize).min(groups - 1);
    let mut out = Vec::with_capacity(groups * 8);
    let mut group = Group::default();
    let mut number = 0;
    for (at, point) in points.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|i| points.get(i));
        let gap = before.filter(|b| point.at.saturating_sub(b.at) > step.saturating_add(step / 2));
        if gap.is_some() || group_of(point) != number {
            group.flush(points, &mut out);
            number = group_of(point);
        }
        if let Some(before) = gap {
            out.push(LatencyPoint { at: before.at.saturating_add(step), ..LatencyPoint::default() });
        }
        group.add(at, point, before);
    }
    group.flush(points, &mut out);
    Some(out)
}

/// Places of what is kept of two columns.
#[derive(Default)]
struct Group {
    ends: Option<(usize, usize)>,
    extremes: [Option<(usize, f64, usize, f64)>; 3],
    edges: Vec<usize>,
}

fn percentiles(p: &LatencyPoint) -> [Option<f64>; 3] {
    [p.p50, p.p95, p.p99].map(|v| v.filter(|v| v.is_finite()))
}

impl Group {
    fn add(&mut self, at: usize, point: &LatencyPoint, before: Option<&LatencyPoint>) {
        self.ends = Some((self.ends.map_or(at, |e| e.0), at));
        let values = percentiles(point);
        for (extreme, value) in self.extremes.iter_mut().zip(values) {
            let Some(v) = value else { continue };
            let (mut low, mut lowest, mut high, mut highest) = extreme.unwrap_or((at, v, at, v));
            if v < lowest {
                (low, lowest) = (at, v);
            }
            if v > highest {
                (high, highest) = (at, v);
            }
            *extreme = Some((low, lowest, high, highest));
        }
        if before.is_some_and(|b| percentiles(b).map(|v| v.is_some()) != values.map(|v| v.is_some())) {
            self.edges.extend([at - 1, at]);
        }
    }

    fn flush(&mut self, points: &[LatencyPoint], out: &mut Vec<LatencyPoint>) {
        let mut kept = std::mem::take(&mut self.edges);
        kept.extend(self.ends.take().into_iter().flat_map(|(a, b)| [a, b]));
        kept.extend(self.extremes.iter_mut().filter_map(Option::take).flat_map(|(low, _, high, _)| [low, high]));
        kept.sort_unstable();
        kept.dedup();
        for point in kept.into_iter().filter_map(|i| points.get(i)) {
            // The point before an edge may have been kept by the group before.
            if out.last().is_none_or(|last| last.at < point.at) {
                out.push(*point);
            }
        }
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
        assert!(kept.len() <= 200 * 8 && kept.windows(2).all(|w| w[0].at < w[1].at), "{}", kept.len());
        let group = |p: &LatencyPoint| (p.at as f64 * 200.0 / all[99_999].at as f64) as i64;
        for number in 0..200 {
            let highest = |points: &[LatencyPoint]| {
                points.iter().filter(|p| group(p) == number).filter_map(|p| p.p99).fold(0.0, f64::max)
            };
            assert!(highest(&all) > 0.0 && highest(&kept) == highest(&all), "group {number}");
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
}
