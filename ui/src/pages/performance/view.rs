//! What Performance says, from the assessment: pure.

use crate::charts::{Point, csv_field};
use crate::components::Status;
use crate::format;
use loadline_charts::{LatencyChart, Marker, words};
use loadline_model::{
    Assessment, Comparison, DAY_MS, Day, DayPercentiles, DeploymentStatus, LatencyTrend, Percentiles, Verdict,
};

/// How much history is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    FourWeeks,
    ThreeMonths,
    All,
}

impl Range {
    /// Every range: code in the route and word.
    pub const ALL: [(&str, &str, Range); 3] =
        [("4w", "4 weeks", Range::FourWeeks), ("3m", "3 months", Range::ThreeMonths), ("all", "All", Range::All)];

    /// From the route; three months unless said otherwise.
    pub fn of(code: Option<&str>) -> Self {
        Self::ALL.iter().find(|(c, ..)| Some(*c) == code).map_or(Range::ThreeMonths, |(.., range)| *range)
    }
    /// The days of it.
    pub fn cut(self, days: &[DayPercentiles]) -> &[DayPercentiles] {
        let Some(last) = days.last() else { return days };
        let back = match self {
            Range::FourWeeks => 28,
            Range::ThreeMonths => 91,
            Range::All => i32::MAX,
        };
        let from = days.partition_point(|d| last.day.0.saturating_sub(d.day.0) >= back);
        &days[from..]
    }
}

/// Key of a series in the route.
pub fn key(trend: &LatencyTrend) -> String {
    format!("{}|{}", trend.subject.id, trend.route.as_deref().unwrap_or_default())
}

/// What people call a series.
pub fn name(trend: &LatencyTrend) -> String {
    match &trend.route {
        Some(route) => format!("{} · {route}", trend.subject.name),
        None => format!("{} · all routes", trend.subject.name),
    }
}

/// Name of an exported file, without its ending.
pub fn file_name(trend: &LatencyTrend) -> String {
    let name = name(trend);
    name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

/// The chosen series: what the route names, else the first.
pub fn chosen<'a>(assessment: &'a Assessment, wanted: Option<&str>) -> Option<&'a LatencyTrend> {
    let all = &assessment.trends.latency;
    all.iter().find(|t| Some(key(t).as_str()) == wanted).or_else(|| all.first())
}

/// The chart of a series.
pub fn chart(assessment: &Assessment, trend: &LatencyTrend, range: Range) -> LatencyChart {
    let days = range.cut(&trend.days);
    let at = |day: Day| day.utc_start().0;
    let same_service = |id: &loadline_model::SubjectId| *id == trend.subject.id;
    let deployments = assessment.deployments.iter().filter(|d| same_service(&d.service.id)).map(|d| Marker {
        at: d.deployment.finished_at.unwrap_or(d.deployment.started_at).0,
        label: d.deployment.revision.clone(),
        failed: matches!(d.deployment.status, DeploymentStatus::Failed | DeploymentStatus::RolledBack),
    });
    let items =
        comparisons(assessment, trend).into_iter().filter(|(_, c)| c.item.is_some() && same_service(&c.subject.id));
    let mut items: Vec<Marker> =
        items.map(|(_, c)| Marker { at: c.at.0, label: c.title.clone(), failed: false }).collect();
    items.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.label.cmp(&b.label)));
    items.dedup();
    LatencyChart {
        name: name(trend),
        days: days.iter().map(Into::into).collect(),
        deployments: deployments.collect(),
        incidents: Vec::new(),
        change_points: trend
            .change_points
            .iter()
            .map(|c| Marker { at: at(c.day), label: String::new(), failed: false })
            .collect(),
        items,
    }
}

/// Every comparison with its place in the assessment: the series' own route first, then the rest of its service,
/// then others; roadmap items before deployments, newest first.
pub fn comparisons<'a>(assessment: &'a Assessment, trend: &LatencyTrend) -> Vec<(usize, &'a Comparison)> {
    let mut all: Vec<_> = assessment.comparisons.iter().enumerate().collect();
    all.sort_by_key(|(at, c)| {
        (c.subject.id != trend.subject.id, c.route != trend.route, c.item.is_none(), std::cmp::Reverse(c.at), *at)
    });
    all
}

/// The comparison to open first: the newest that found a change, else the newest.
pub fn opened(all: &[(usize, Comparison)], wanted: Option<usize>) -> Option<&(usize, Comparison)> {
    let changed = |c: &Comparison| matches!(c.verdict, Verdict::Improved | Verdict::Regressed);
    let named = all.iter().find(|(at, _)| Some(*at) == wanted);
    named.or_else(|| all.iter().find(|(_, c)| changed(c))).or_else(|| all.first())
}

/// What a comparison measured: `p50 of social-api, GET /feed`.
pub fn measured(comparison: &Comparison) -> String {
    let statistic = comparison.metric.rsplit(' ').next().filter(|word| word.starts_with('p') && word.len() < 4);
    let of = statistic.map(|s| format!("{s} of ")).unwrap_or_default();
    format!("{of}{}, {}", comparison.subject.name, comparison.route.as_deref().unwrap_or("all routes"))
}

/// A statistic of a comparison in the unit of its metric.
pub fn level(comparison: &Comparison, value: Option<f64>) -> String {
    match value {
        None => "not known".into(),
        Some(v) if comparison.metric.contains("duration") || comparison.metric.contains("latency") => words::seconds(v),
        Some(v) if comparison.metric.contains("ratio") => format::percent(v),
        Some(v) => words::number(v),
    }
}

/// Places of the cursor.
pub fn points(chart: &LatencyChart) -> Vec<Point> {
    let said = |name: &str, value: Option<f64>| value.map(|v| format!("{name} {}", words::seconds(v)));
    chart
        .days
        .iter()
        .map(|day| {
            let mut lines = vec![format::date(loadline_model::Timestamp(day.at), "UTC")];
            lines.extend([said("p50", day.p50), said("p95", day.p95), said("p99", day.p99)].into_iter().flatten());
            if lines.len() == 1 {
                lines.push("not measured".into());
            }
            let deployed = chart.deployments.iter().filter(|d| (day.at..day.at + DAY_MS).contains(&d.at)).count();
            if deployed > 0 {
                lines.push(format::count(deployed, "deployment", "deployments"));
            }
            Point { x: day.at as f64, ys: [day.p50, day.p95, day.p99].into_iter().flatten().collect(), words: lines }
        })
        .collect()
}

/// A percentile with its bound: `≥ 10 s` above the last bucket.
pub fn value(value: Option<f64>, above: bool) -> String {
    match value {
        Some(v) if above => format!("≥ {}", words::seconds(v)),
        Some(v) => words::seconds(v),
        None => "not enough requests".into(),
    }
}

/// Rows of the two periods: name, before, after, change in percent.
pub fn periods(trend: &LatencyTrend) -> [(&'static str, String, String, Option<f64>); 3] {
    let (now, then) = (&trend.last_week, &trend.week_before);
    let change = |a: Option<f64>, b: Option<f64>, bounded: bool| match (a, b) {
        (Some(a), Some(b)) if b > 0.0 && !bounded => Some((a / b - 1.0) * 100.0),
        _ => None,
    };
    let row = |name, pick: fn(&Percentiles) -> (Option<f64>, bool)| {
        let ((a, a_above), (b, b_above)) = (pick(now), pick(then));
        (name, value(b, b_above), value(a, a_above), change(a, b, a_above || b_above))
    };
    [row("p50", |p| (p.p50, false)), row("p95", |p| (p.p95, p.p95_above)), row("p99", |p| (p.p99, p.p99_above))]
}

/// A change as people read it: `−82 %`.
pub fn signed_percent(change: f64) -> String {
    let text = format::number(change.abs(), u8::from(change.abs() < 10.0));
    let sign = if change < 0.0 { "\u{2212}" } else { "+" };
    if text == "0" { "0\u{202f}%".into() } else { format!("{sign}{text}\u{202f}%") }
}

/// The shape beside a verdict.
pub fn status(verdict: Verdict) -> Status {
    match verdict {
        Verdict::Improved => Status::Pass,
        Verdict::Regressed => Status::High,
        Verdict::NoDetectableChange => Status::Low,
        Verdict::InsufficientData => Status::Unknown,
        Verdict::Confounded => Status::Medium,
    }
}

/// What limits a verdict, in words.
pub fn caveats(comparison: &Comparison) -> Vec<String> {
    let mut caveats = Vec::new();
    if comparison.confidence == "provisional" {
        caveats.push("Provisional: fewer than seven matched days so far, so the word may still change.".into());
    }
    match (comparison.verdict, comparison.equivalent) {
        (Verdict::NoDetectableChange, Some(true)) => caveats.push("Equivalent: any change is within ±5 %.".into()),
        (Verdict::NoDetectableChange, _) => {
            let least = comparison
                .detectable_percent
                .map(|p| format!(" Smaller than {}\u{202f}% would not show in this data.", format::number(p, 0)));
            caveats.push(format!(
                "Inconclusive: a change may be there, but not larger than the interval.{}",
                least.unwrap_or_default()
            ));
        }
        (Verdict::InsufficientData, _) => {
            caveats.push("No effect is given: an estimate from this little data would be noise.".into())
        }
        (Verdict::Confounded, _) => caveats.push(
            "Something else changed at the same time, so the effect cannot be given to this change alone.".into(),
        ),
        _ => {}
    }
    caveats.push(match comparison.aa_rate {
        Some(rate) => format!(
            "On this service's own quiet weeks the same procedure cries change in {} of {} tries.",
            format::percent(rate),
            format::whole(comparison.aa_runs)
        ),
        None => "How often the procedure errs on this service's own quiet weeks is not known yet: too little history."
            .into(),
    });
    caveats
}

/// The days as CSV.
pub fn csv(trend: &LatencyTrend, range: Range) -> String {
    let number = |v: Option<f64>| v.map(format::plain).unwrap_or_default();
    let mut text = String::from("day,subject,route,requests,p50_s,p95_s,p99_s\n");
    for day in range.cut(&trend.days) {
        let p = &day.percentiles;
        let route = trend.route.as_deref().unwrap_or("all");
        let row = [
            day.day.to_string(),
            csv_field(&trend.subject.name),
            csv_field(route),
            p.count.to_string(),
            number(p.p50),
            number(p.p95),
            number(p.p99),
        ];
        text.push_str(&row.join(","));
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::SubjectRef;

    fn percentiles(p50: Option<f64>) -> Percentiles {
        Percentiles { count: 900, p50, p95: p50.map(|v| v * 2.0), p99: None, p95_above: false, p99_above: false }
    }

    fn trend(days: i32) -> LatencyTrend {
        let day = |d| DayPercentiles { day: Day(20_000 + d), percentiles: percentiles(Some(0.25)) };
        LatencyTrend {
            subject: SubjectRef::organisation(),
            metric: "http.server.request.duration".into(),
            route: Some("=GET".into()),
            unit: "s".into(),
            mergeable: true,
            last_week: percentiles(Some(0.25)),
            week_before: percentiles(Some(1.25)),
            days: (0..days).map(day).collect(),
            change_points: Vec::new(),
        }
    }

    #[test]
    fn a_range_counts_back_from_the_newest_day() {
        let trend = trend(200);
        for (range, expected) in [(Range::FourWeeks, 28), (Range::ThreeMonths, 91), (Range::All, 200)] {
            assert_eq!(range.cut(&trend.days).len(), expected);
        }
        assert_eq!(Range::of(Some("4w")), Range::FourWeeks);
        assert_eq!(Range::of(Some("nonsense")), Range::ThreeMonths);
        assert!(Range::All.cut(&[]).is_empty());
    }

    #[test]
    fn periods_compare_only_what_is_known() {
        let [p50, _, p99] = periods(&trend(1));
        assert_eq!((p50.1.as_str(), p50.2.as_str()), ("1.25 s", "250 ms"));
        assert_eq!(signed_percent(p50.3.expect("known")), "\u{2212}80\u{202f}%");
        assert_eq!((p99.2.as_str(), p99.3), ("not enough requests", None));
        assert_eq!(value(Some(10.0), true), "≥ 10 s");
        assert_eq!(signed_percent(0.01), "0\u{202f}%");
    }

    #[test]
    fn csv_has_one_row_a_day_and_no_formula() {
        let text = csv(&trend(3), Range::All);
        assert_eq!(text.lines().count(), 4);
        assert!(
            text.lines().nth(1).is_some_and(|row| row.ends_with(",the organisation,'=GET,900,0.25,0.5,")),
            "{text}"
        );
    }
}
