//! The part of the latency chart that was zoomed into: pure.

use crate::charts::{Limits, Span};
use loadline_charts::{LatencyChart, Marker, coarser};
use loadline_model::DAY_MS;

/// Points of a part that are drawn one by one.
const FINE: usize = 20_000;

/// What can be zoomed into: from the first to the last day, a week at least; nothing where there is less.
pub fn limits(chart: &LatencyChart) -> Option<Limits> {
    let (first, last) = (chart.days.first()?, chart.days.last()?);
    let least = 6.0 * DAY_MS as f64;
    let whole = Span::new(first.at as f64, last.at as f64)?;
    (whole.to - whole.from > least).then_some(Limits { whole, least })
}

/// A chart with a coarser series beside it, where it has too many points to draw all of them in the time of a frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layers {
    /// Every point.
    pub fine: LatencyChart,
    coarse: Option<LatencyChart>,
}

impl Layers {
    pub fn of(fine: LatencyChart) -> Self {
        let coarse = coarser(&fine.days).map(|days| LatencyChart { days, ..fine.clone() });
        Self { fine, coarse }
    }

    /// What to draw of a part, or of the whole.
    pub fn drawn(&self, part: Option<Span>) -> LatencyChart {
        let (from, to) = part.map_or((f64::NEG_INFINITY, f64::INFINITY), |p| (p.from, p.to));
        let begin = self.fine.days.partition_point(|d| (d.at as f64) < from);
        let end = self.fine.days.partition_point(|d| d.at as f64 <= to);
        let chart = self.coarse.as_ref().filter(|_| end - begin > FINE).unwrap_or(&self.fine);
        part.map_or_else(|| chart.clone(), |part| part_of(chart, part))
    }
}

/// The days, markers and incidents of a chart that lie in a part of it.
pub fn part_of(chart: &LatencyChart, part: Span) -> LatencyChart {
    let (from, to) = (part.from.floor() as i64, part.to.ceil() as i64 + DAY_MS);
    let marked = |markers: &[Marker]| markers.iter().filter(|m| (from..to).contains(&m.at)).cloned().collect();
    let begin = chart.days.partition_point(|d| (d.at as f64) < part.from);
    let end = chart.days.partition_point(|d| d.at as f64 <= part.to);
    LatencyChart {
        name: chart.name.clone(),
        days: chart.days.get(begin..end).map(<[_]>::to_vec).unwrap_or_default(),
        deployments: marked(&chart.deployments),
        incidents: chart.incidents.iter().filter(|i| i.from < to && i.to > from).cloned().collect(),
        change_points: marked(&chart.change_points),
        items: marked(&chart.items),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_charts::{LatencyPoint, Span as Days};

    #[test]
    fn a_part_of_many_points_is_drawn_from_the_coarser_series() {
        let point = |n: i64| LatencyPoint { at: n * 60_000, p50: Some(n as f64), ..LatencyPoint::default() };
        let layers = Layers::of(LatencyChart { days: (0..100_000).map(point).collect(), ..LatencyChart::default() });
        assert!(layers.drawn(None).days.len() < 15_000);
        let part = |from: i64, to: i64| Span::new((from * 60_000) as f64, (to * 60_000) as f64);
        assert_eq!(layers.drawn(part(10_000, 20_000)).days, layers.fine.days[10_000..=20_000]);
        let some = layers.drawn(part(10_000, 60_000)).days;
        assert!(some.len() < 7_000 && some.iter().all(|d| d.at >= 10_000 * 60_000), "{}", some.len());
        assert_eq!(Layers::of(part_of(&layers.fine, part(0, 999).expect("a part"))).drawn(None).days.len(), 1_000);
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
