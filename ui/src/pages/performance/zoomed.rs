//! The part of the latency chart that was zoomed into: pure.

use crate::charts::{Limits, Span};
use loadline_charts::{LatencyChart, Marker, coarser};
use loadline_model::DAY_MS;
use std::ops::Range;

/// Points of a part that are drawn one by one.
const FINE: usize = 20_000;
/// The same while it moves.
const MOVING: usize = 1_500;

/// What can be zoomed into: from the first to the last day, a week at least; nothing where there is less.
pub fn limits(chart: &LatencyChart) -> Option<Limits> {
    let (first, last) = (chart.days.first()?, chart.days.last()?);
    let least = 6.0 * DAY_MS as f64;
    let whole = Span::new(first.at as f64, last.at as f64)?;
    (whole.to - whole.from > least).then_some(Limits { whole, least })
}

/// A chart with coarser series beside it, where it has too many points to draw all of them in the time of a frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layers {
    /// Every point.
    pub fine: LatencyChart,
    /// Each of an eighth of the points of the one before.
    coarse: Vec<LatencyChart>,
}

impl Layers {
    pub fn of(fine: LatencyChart) -> Self {
        let level = |days| LatencyChart { days, ..fine.clone() };
        let first = coarser(&fine.days).map(level);
        let coarse = std::iter::successors(first, |last| coarser(&last.days).map(level)).collect();
        Self { fine, coarse }
    }

    /// What to draw of a part, or of the whole, standing or moving.
    pub fn drawn(&self, part: Option<Span>, moving: bool) -> LatencyChart {
        let within = |chart: &LatencyChart| part.map_or(chart.days.len(), |p| places(chart, p).len());
        let most = if moving { MOVING } else { FINE };
        // What stands needs no more than the first of the coarser ones.
        let coarse = self.coarse.iter().take(if moving { usize::MAX } else { 1 });
        let levels: Vec<&LatencyChart> = std::iter::once(&self.fine).chain(coarse).collect();
        let fits = levels.iter().find(|chart| within(chart) <= most).or(levels.last());
        let chart = fits.copied().unwrap_or(&self.fine);
        LatencyChart { moving, ..part.map_or_else(|| chart.clone(), |part| part_of(chart, part)) }
    }
}

/// The days, markers and incidents of a chart that lie in a part of it.
pub fn part_of(chart: &LatencyChart, part: Span) -> LatencyChart {
    let (from, to) = (part.from.floor() as i64, part.to.ceil() as i64 + DAY_MS);
    let marked = |markers: &[Marker]| markers.iter().filter(|m| (from..to).contains(&m.at)).cloned().collect();
    LatencyChart {
        name: chart.name.clone(),
        days: chart.days.get(places(chart, part)).map(<[_]>::to_vec).unwrap_or_default(),
        deployments: marked(&chart.deployments),
        incidents: chart.incidents.iter().filter(|i| i.from < to && i.to > from).cloned().collect(),
        change_points: marked(&chart.change_points),
        items: marked(&chart.items),
        moving: chart.moving,
    }
}

fn places(chart: &LatencyChart, part: Span) -> Range<usize> {
    chart.days.partition_point(|d| (d.at as f64) < part.from)..chart.days.partition_point(|d| d.at as f64 <= part.to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_charts::{LatencyPoint, Span as Days};

    #[test]
    fn a_part_of_many_points_is_drawn_from_the_coarser_series() {
        let point = |n: i64| LatencyPoint { at: n * 60_000, p50: Some(n as f64), ..LatencyPoint::default() };
        let layers = Layers::of(LatencyChart { days: (0..100_000).map(point).collect(), ..LatencyChart::default() });
        assert!(layers.drawn(None, false).days.len() < 15_000);
        let part = |from: i64, to: i64| Span::new((from * 60_000) as f64, (to * 60_000) as f64);
        assert_eq!(layers.drawn(part(10_000, 20_000), false).days, layers.fine.days[10_000..=20_000]);
        let some = layers.drawn(part(10_000, 60_000), false).days;
        assert!(some.len() < 7_000 && some.iter().all(|d| d.at >= 10_000 * 60_000), "{}", some.len());
        assert_eq!(
            Layers::of(part_of(&layers.fine, part(0, 999).expect("a part"))).drawn(None, true).days.len(),
            1_000
        );
        let many = Layers::of(LatencyChart { days: (0..400_000).map(point).collect(), ..LatencyChart::default() });
        let moving = many.drawn(None, true);
        assert!(moving.moving && moving.days.len() < 7_000, "{}", moving.days.len());
        let near = many.drawn(part(10_000, 20_000), true);
        assert!((1_000..=1_500).contains(&near.days.len()), "{}", near.days.len());
        assert_eq!(many.drawn(part(10_000, 11_000), true).days.len(), 1_001, "few are drawn one by one");
    }

    #[test]
    fn a_part_shows_its_days_and_what_happened_in_them() {
        let day = |d: i64| (20_000 + d) * DAY_MS;
        let mark = |d: i64| Marker { at: day(d) + 1, label: d.to_string(), failed: false };
        let chart = LatencyChart {
            days: (0..30).map(|d| LatencyPoint { at: day(d), ..LatencyPoint::default() }).collect(),
            deployments: vec![mark(3), mark(10), mark(16), mark(17)],
            incidents: vec![Days { from: day(2), to: day(10) + 5, label: "long".into() }],
            ..LatencyChart::default()
        };
        let part = Span::new(day(10) as f64, day(16) as f64).expect("a part");
        let shown = part_of(&chart, part);
        assert_eq!((shown.days.len(), shown.days[0].at), (7, day(10)));
        assert_eq!(shown.deployments.iter().map(|m| m.label.as_str()).collect::<Vec<_>>(), ["10", "16"]);
        assert_eq!(shown.incidents.len(), 1, "it reaches into the part");
        let whole = limits(&chart).expect("a month").whole;
        assert_eq!((whole.from, whole.to), (day(0) as f64, day(29) as f64));
        assert_eq!(
            limits(&LatencyChart { days: chart.days[..7].to_vec(), ..chart }),
            None,
            "a week is not cut further"
        );
    }
}
