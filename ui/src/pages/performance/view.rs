//! What Performance says, from the assessment: pure.

use super::objectives_view::{incidents, lasted, reaching};
use super::range::Shown;
use crate::charts::{Point, csv_field};
use crate::components::Status;
use crate::format;
use loadline_charts::{LatencyChart, LatencyPoint, Marker, Span, words};
use loadline_model::performance::{IncidentRow, Periods, Promises};
use loadline_model::{Assessment, Comparison, DAY_MS, Day, LatencyTrend, Percentiles, Verdict};
use std::collections::BTreeMap;

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
    words_of(&name(trend))
}

/// Text as a part of a file's name.
pub fn words_of(text: &str) -> String {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

/// Both distributions of a comparison as CSV, on the bounds that either has.
pub fn shapes_csv(comparison: &Comparison) -> String {
    let mut rows: Vec<(f64, Option<f64>, Option<f64>)> = Vec::new();
    for (before, shape) in [(true, &comparison.before_shape), (false, &comparison.after_shape)] {
        for (bound, share) in shape {
            let known = rows.iter().position(|(b, ..)| b == bound);
            let at = known.unwrap_or_else(|| {
                rows.push((*bound, None, None));
                rows.len() - 1
            });
            if let Some(row) = rows.get_mut(at) {
                *(if before { &mut row.1 } else { &mut row.2 }) = Some(*share);
            }
        }
    }
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let number = |v: Option<f64>| v.map(format::plain).unwrap_or_default();
    let line = |(bound, before, after): &(f64, Option<f64>, Option<f64>)| {
        format!("{},{},{}\n", format::plain(*bound), number(*before), number(*after))
    };
    std::iter::once("up_to_s,share_before,share_after\n".to_owned()).chain(rows.iter().map(line)).collect()
}

/// The chosen series: what the route names, else the first.
pub fn chosen<'a>(assessment: &'a Assessment, wanted: Option<&str>) -> Option<&'a LatencyTrend> {
    let all = &assessment.trends.latency;
    all.iter().find(|t| Some(key(t).as_str()) == wanted).or_else(|| all.first())
}

/// Every day on show with its percentiles; a day that was not measured is there without any.
pub fn days(trend: &LatencyTrend, shown: Shown) -> Vec<(Day, Option<Percentiles>)> {
    let measured: BTreeMap<Day, Percentiles> = trend.days.iter().map(|d| (d.day, d.percentiles)).collect();
    let Some((oldest, _)) = measured.first_key_value() else { return Vec::new() };
    shown.days(*oldest).map(|day| (day, measured.get(&day).copied())).collect()
}

/// How much of what is on show was measured: `26 of 28 days measured`.
pub fn measured_days(trend: &LatencyTrend, shown: Shown) -> String {
    let days = days(trend, shown);
    let measured = days.iter().filter(|(_, p)| p.is_some()).count();
    format!("{} of {} measured", format::whole(measured), format::count(days.len(), "day", "days"))
}

/// The chart of a series.
pub fn chart(assessment: &Assessment, trend: &LatencyTrend, promises: &Promises, shown: Shown) -> LatencyChart {
    let oldest = trend.days.first().map_or(shown.last, |d| d.day);
    let on_show = |m: &Marker| shown.holds(oldest, m.at);
    let same_service = |id: &loadline_model::SubjectId| *id == trend.subject.id;
    let deployments = assessment.deployments.iter().filter(|d| same_service(&d.service.id)).map(|d| Marker {
        at: d.deployment.finished_at.unwrap_or(d.deployment.started_at).0,
        label: d.deployment.revision.clone(),
        failed: d.deployment.has_failed(),
    });
    let items =
        comparisons(assessment, trend).into_iter().filter(|(_, c)| c.item.is_some() && same_service(&c.subject.id));
    let mut items: Vec<Marker> =
        items.map(|(_, c)| Marker { at: c.at.0, label: c.title.clone(), failed: false }).filter(on_show).collect();
    items.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.label.cmp(&b.label)));
    items.dedup();
    let moved =
        trend.change_points.iter().map(|c| Marker { at: c.day.utc_start().0, label: String::new(), failed: false });
    LatencyChart {
        name: name(trend),
        days: days(trend, shown).into_iter().map(|(day, p)| point(day, p)).collect(),
        deployments: deployments.filter(on_show).collect(),
        incidents: incidents_of(trend, promises, shown).into_iter().map(|i| span(i, assessment.as_of.0)).collect(),
        change_points: moved.filter(on_show).collect(),
        items,
        moving: false,
    }
}

/// The incidents on show that reach the thing of a series, oldest first.
pub fn incidents_of<'a>(trend: &LatencyTrend, promises: &'a Promises, shown: Shown) -> Vec<&'a IncidentRow> {
    reaching(incidents(promises, shown), &trend.subject.id)
}

/// An incident on the drawing. Titles are free text and may name customers or people, so a drawing, which is saved and passed
/// on without redaction, says only what failed.
fn span(incident: &IncidentRow, as_of: i64) -> Span {
    let to = incident.until.map_or(as_of, |until| until.0);
    Span { from: incident.from.0, to, label: format!("incident on {}", incident.subject.name) }
}

/// An incident below the drawing: `An incident on api lasted 96 min: …`.
pub fn told(incident: &IncidentRow, as_of: loadline_model::Timestamp) -> String {
    let on = format!("An incident on {}", incident.subject.name);
    match incident.until.filter(|until| *until <= as_of) {
        Some(_) => format!("{on} lasted {}: {}", lasted(incident, as_of), incident.title),
        None => format!("{on}, {}: {}", lasted(incident, as_of), incident.title),
    }
}

fn point(day: Day, measured: Option<Percentiles>) -> LatencyPoint {
    let at = day.utc_start().0;
    measured.map_or(LatencyPoint { at, ..LatencyPoint::default() }, |p| LatencyPoint::of(at, &p))
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
            let bounded = |name: &str, v: Option<f64>| match (v, day.above) {
                (Some(v), Some(bound)) if v >= bound => Some(format!("{name} {}", value(Some(v), true))),
                _ => said(name, v),
            };
            lines
                .extend([said("p50", day.p50), bounded("p95", day.p95), bounded("p99", day.p99)].into_iter().flatten());
            if lines.len() == 1 {
                lines.push("not measured".into());
            }
            let deployed = chart.deployments.iter().filter(|d| (day.at..day.at + DAY_MS).contains(&d.at)).count();
            if deployed > 0 {
                lines.push(format::count(deployed, "deployment", "deployments"));
            }
            let touching = chart.incidents.iter().filter(|i| i.from < day.at + DAY_MS && i.to >= day.at);
            lines.extend(touching.map(|i| i.label.clone()));
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
pub fn periods(periods: &Periods) -> [(&'static str, String, String, Option<f64>); 4] {
    let (now, then) = (&periods.now, &periods.before);
    let change = |a: Option<f64>, b: Option<f64>, bounded: bool| match (a, b) {
        (Some(a), Some(b)) if b > 0.0 && !bounded => Some((a / b - 1.0) * 100.0),
        _ => None,
    };
    let row = |name, pick: fn(&Percentiles) -> (Option<f64>, bool)| {
        let ((a, a_above), (b, b_above)) = (pick(now), pick(then));
        (name, value(b, b_above), value(a, a_above), change(a, b, a_above || b_above))
    };
    let even = periods.now_measured == periods.before_measured;
    let requests = change(Some(now.count as f64), Some(then.count as f64), !even);
    [
        row("p50", |p| (p.p50, false)),
        row("p95", |p| (p.p95, p.p95_above)),
        row("p99", |p| (p.p99, p.p99_above)),
        ("Requests", counted(then, periods.before_measured), counted(now, periods.now_measured), requests),
    ]
}

/// Requests of a period; percentiles that a source computed itself may come without their number.
fn counted(p: &Percentiles, measured: u32) -> String {
    if p.count == 0 && measured > 0 { "not counted".into() } else { format::whole(p.count) }
}

/// What to keep in mind when one of the periods was measured less than the other.
pub fn uneven(periods: &Periods) -> Option<String> {
    let least = periods.now_measured.min(periods.before_measured);
    let most = periods.now_measured.max(periods.before_measured);
    (least < most).then(|| match least {
        0 => "One of the two was not measured at all, so nothing can be said about a change.".to_owned(),
        _ => "The two were not measured on as many days: a difference may come from the days that are missing."
            .to_owned(),
    })
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

/// The days on show as CSV; a day that was not measured has an empty row.
pub fn csv(trend: &LatencyTrend, shown: Shown) -> String {
    let number = |v: Option<f64>| v.map(format::plain).unwrap_or_default();
    let mut text = String::from("day,subject,route,requests,p50_s,p95_s,p99_s\n");
    for (day, p) in days(trend, shown) {
        let route = trend.route.as_deref().unwrap_or("all");
        let row = [
            day.to_string(),
            csv_field(&trend.subject.name),
            csv_field(route),
            p.map(|p| p.count.to_string()).unwrap_or_default(),
            number(p.and_then(|p| p.p50)),
            number(p.and_then(|p| p.p95)),
            number(p.and_then(|p| p.p99)),
        ];
        text.push_str(&row.join(","));
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::range::Range;
    use super::*;
    use loadline_model::{DayPercentiles, SubjectRef};

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

    fn shown(range: Range, last: i32) -> Shown {
        Shown { range, last: Day(last) }
    }

    #[test]
    fn days_without_measurements_stay_on_show() {
        let mut trend = trend(10);
        trend.days.remove(4);
        let days = days(&trend, shown(Range::Days(7), 20_011));
        let measured: Vec<bool> = days.iter().map(|(_, p)| p.is_some()).collect();
        assert_eq!(measured, [true, true, true, true, true, false, false], "20005 to 20011, held up to 20009");
        assert_eq!(measured_days(&trend, shown(Range::All, 20_011)), "9 of 12 days measured");
        assert!(super::days(&super::tests::trend(0), shown(Range::All, 20_011)).is_empty());
    }

    #[test]
    fn periods_compare_only_what_is_known() {
        let both = Periods {
            days: 28,
            now: percentiles(Some(0.25)),
            before: percentiles(Some(1.25)),
            now_measured: 28,
            before_measured: 28,
        };
        let [p50, _, p99, requests] = periods(&both);
        assert_eq!((p50.1.as_str(), p50.2.as_str()), ("1.25 s", "250 ms"));
        assert_eq!(signed_percent(p50.3.expect("known")), "\u{2212}80\u{202f}%");
        assert_eq!((p99.2.as_str(), p99.3), ("not enough requests", None));
        assert_eq!((requests.3, uneven(&both)), (Some(0.0), None));
        assert_eq!(value(Some(10.0), true), "≥ 10 s");
        assert_eq!(signed_percent(0.01), "0\u{202f}%");
        let short = Periods { before_measured: 6, ..both };
        assert_eq!(periods(&short)[3].3, None, "fewer days have fewer requests");
        assert!(uneven(&short).is_some_and(|said| said.contains("missing")));
        assert!(
            uneven(&Periods { before_measured: 0, ..both }).is_some_and(|said| said.contains("not measured at all"))
        );
    }

    #[test]
    fn a_drawing_says_what_failed_and_never_the_title() {
        let at = |day: i32| Day(day).utc_start();
        let incident = IncidentRow {
            id: "1".into(),
            subject: SubjectRef { name: "db".into(), ..SubjectRef::organisation() },
            title: "Ann of ACME deleted everything".into(),
            from: at(20_004),
            until: Some(at(20_005)),
            reaches: vec![SubjectRef::organisation().id],
            recorded: false,
        };
        let promises = Promises { as_of: at(20_009), incidents: vec![incident.clone()], ..Promises::default() };
        let on_chart = incidents_of(&trend(3), &promises, shown(Range::Days(7), 20_009));
        assert_eq!(on_chart, [&incident]);
        let span = span(&incident, promises.as_of.0);
        assert_eq!((span.label.as_str(), span.to), ("incident on db", at(20_005).0));
        let chart =
            LatencyChart { days: vec![point(Day(20_004), None)], incidents: vec![span], ..LatencyChart::default() };
        assert_eq!(points(&chart)[0].words[1..], ["not measured", "incident on db"]);
        let size = loadline_charts::Size { width: 400, height: 200 };
        assert!(!loadline_charts::latency(&chart, &loadline_charts::Theme::light(), size).svg.contains("Ann"));
        assert_eq!(
            told(&incident, promises.as_of),
            "An incident on db lasted 24\u{202f}h: Ann of ACME deleted everything"
        );
        assert!(incidents_of(&trend(3), &promises, shown(Range::Days(7), 20_020)).is_empty());
    }

    #[test]
    fn shapes_share_their_bounds() {
        let mut comparison = a_comparison();
        comparison.before_shape = vec![(0.1, 0.25), (1.0, 0.75)];
        comparison.after_shape = vec![(0.1, 1.0), (0.05, 0.0)];
        assert_eq!(shapes_csv(&comparison), "up_to_s,share_before,share_after\n0.05,,0\n0.1,0.25,1\n1,0.75,\n");
        assert_eq!(words_of("GET /feed: before & after"), "GET-feed-before-after");
    }

    fn a_comparison() -> Comparison {
        Comparison {
            item: None,
            deployment: None,
            title: "x".into(),
            subject: SubjectRef::organisation(),
            metric: "http.server.request.duration p50".into(),
            route: None,
            at: loadline_model::Timestamp(0),
            verdict: Verdict::Improved,
            sentence: String::new(),
            effect_percent: None,
            unadjusted_percent: None,
            before: None,
            after: None,
            confidence: "high".into(),
            aa_rate: None,
            aa_runs: 0,
            pairs: 7,
            p_adjusted: None,
            change_at: None,
            equivalent: None,
            detectable_percent: None,
            confounders: Vec::new(),
            before_shape: Vec::new(),
            after_shape: Vec::new(),
        }
    }

    #[test]
    fn a_percentile_above_the_last_bound_says_at_least() {
        let p = Percentiles { p99: Some(10.0), p99_above: true, ..percentiles(Some(0.25)) };
        let chart = LatencyChart { days: vec![point(Day(20_004), Some(p))], ..LatencyChart::default() };
        assert_eq!(points(&chart)[0].words[1..], ["p50 250 ms", "p95 500 ms", "p99 ≥ 10 s"]);
    }

    #[test]
    fn csv_has_one_row_a_day_and_no_formula() {
        let text = csv(&trend(3), shown(Range::All, 20_003));
        assert_eq!((text.lines().count(), text.lines().last()), (5, Some("2024-10-07,the organisation,'=GET,,,,")));
        assert!(
            text.lines().nth(1).is_some_and(|row| row.ends_with(",the organisation,'=GET,900,0.25,0.5,")),
            "{text}"
        );
    }
}
