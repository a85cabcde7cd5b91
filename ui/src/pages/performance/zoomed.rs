//! The part of the latency chart that was zoomed into: pure.

use crate::charts::{Limits, Span};
use loadline_charts::{LatencyChart, Marker};
use loadline_model::DAY_MS;

/// What can be zoomed into: from the first to the last day, a week at least; nothing where there is less.
pub fn limits(chart: &LatencyChart) -> Option<Limits> {
    let (first, last) = (chart.days.first()?, chart.days.last()?);
    let least = 6.0 * DAY_MS as f64;
    let whole = Span::new(first.at as f64, last.at as f64)?;
    (whole.to - whole.from > least).then_some(Limits { whole, least })
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
