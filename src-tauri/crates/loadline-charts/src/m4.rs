//! Fewer points without losing what the eye would see (M4: first, last, lowest and highest of each group).

/// At most two points per pixel column: groups of two columns keep their first, last, lowest and highest point, so extremes and
/// ends survive. Points must ascend in x; points that are not finite are dropped. Short series come back as they are.
pub fn downsample_m4(points: &[(i64, f64)], columns: u32) -> Vec<(i64, f64)> {
    let finite = || points.iter().copied().filter(|p| p.1.is_finite());
    let (Some(first), Some(last)) = (finite().next(), finite().next_back()) else { return Vec::new() };
    let most = (columns.max(2) / 2 * 4) as usize;
    if points.len() <= most {
        return finite().collect();
    }
    let groups = i64::from(columns.max(2) / 2);
    let scale = groups as f64 / last.0.saturating_sub(first.0).max(1) as f64;
    let group_of = |x: i64| ((x.saturating_sub(first.0) as f64 * scale) as i64).clamp(0, groups - 1);
    let mut out = Vec::with_capacity(most);
    let mut current = Group::of(first);
    let mut number = 0;
    for point in finite() {
        let group = group_of(point.0);
        if group == number {
            current.add(point);
        } else {
            current.flush(&mut out);
            current = Group::of(point);
            number = group;
        }
    }
    current.flush(&mut out);
    out
}

struct Group {
    seen: usize,
    first: (usize, (i64, f64)),
    low: (usize, (i64, f64)),
    high: (usize, (i64, f64)),
    last: (usize, (i64, f64)),
}

impl Group {
    fn of(point: (i64, f64)) -> Self {
        Self { seen: 0, first: (0, point), low: (0, point), high: (0, point), last: (0, point) }
    }
    fn add(&mut self, point: (i64, f64)) {
        self.seen += 1;
        self.last = (self.seen, point);
        if point.1 < self.low.1.1 {
            self.low = self.last;
        }
        if point.1 > self.high.1.1 {
            self.high = self.last;
        }
    }
    fn flush(&self, out: &mut Vec<(i64, f64)>) {
        let mut kept = [self.first, self.low, self.high, self.last];
        kept.sort_by_key(|k| k.0);
        let mut before = None;
        for (order, point) in kept {
            // The first point of the series is added to its own group once more; equal points draw nothing.
            if before != Some(order) && out.last() != Some(&point) {
                out.push(point);
            }
            before = Some(order);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::random::Draws;
    use proptest::prelude::*;

    fn noise(n: usize) -> Vec<(i64, f64)> {
        let mut draws = Draws::new(7);
        (0..n).map(|i| (i as i64 * 60_000, draws.uniform())).collect()
    }

    #[test]
    fn a_million_points_become_two_per_column_and_keep_their_extremes() {
        let mut points = noise(1_000_000);
        points[123_456].1 = 40.0;
        points[654_321].1 = -40.0;
        let kept = downsample_m4(&points, 800);
        assert!(kept.len() <= 1600, "{}", kept.len());
        assert!(kept.contains(&points[123_456]) && kept.contains(&points[654_321]));
        assert_eq!((kept.first(), kept.last()), (points.first(), points.last()));
        assert!(kept.is_sorted_by_key(|p| p.0));
    }

    #[test]
    fn short_empty_and_broken_series() {
        assert_eq!(downsample_m4(&[], 100), []);
        assert_eq!(downsample_m4(&[(1, f64::NAN)], 100), []);
        assert_eq!(downsample_m4(&[(1, 2.0), (2, f64::INFINITY), (3, 4.0)], 100), [(1, 2.0), (3, 4.0)]);
        assert_eq!(downsample_m4(&vec![(5, 1.0); 5000], 2).len(), 1);
    }

    proptest! {
        #[test]
        fn the_envelope_of_every_group_survives(values in prop::collection::vec(-1e6..1e6f64, 1..3000), columns in 1u32..200) {
            let points: Vec<(i64, f64)> = values.iter().enumerate().map(|(i, v)| (i as i64, *v)).collect();
            let kept = downsample_m4(&points, columns);
            let extremes = |p: &[(i64, f64)]| {
                p.iter().fold((f64::MAX, f64::MIN), |(l, h), x| (l.min(x.1), h.max(x.1)))
            };
            prop_assert!(kept.len() <= (columns.max(2) as usize * 2).max(points.len().min(columns.max(2) as usize * 2)));
            prop_assert_eq!(extremes(&kept), extremes(&points));
            prop_assert!(kept.iter().all(|k| points.contains(k)));
        }
    }
}
