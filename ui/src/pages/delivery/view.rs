//! What Delivery says, from the assessment: pure.

use crate::components::Status;
use crate::format;
use loadline_model::{
    ActorKind, Assessment, Comparison, DAY_MS, DeliveryTrend, DeploymentRow, Ending, Hours, Interval, Ratio, SubjectId,
    Timestamp,
};
use std::collections::BTreeMap;

/// How far back the time line reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    pub code: &'static str,
    pub word: &'static str,
    pub days: i64,
}

impl Reach {
    /// Every reach, the usual one last.
    pub const ALL: [Self; 3] = [
        Self { code: "2w", word: "2 weeks", days: 14 },
        Self { code: "4w", word: "4 weeks", days: 28 },
        Self { code: "3m", word: "3 months", days: 90 },
    ];

    /// From the route; three months unless said otherwise.
    pub fn of(code: Option<&str>) -> Self {
        let [.., usual] = Self::ALL;
        Self::ALL.into_iter().find(|r| Some(r.code) == code).unwrap_or(usual)
    }
}

/// A deployment on a lane.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Its place in the assessment's list.
    pub at: usize,
    /// Start, as a share of the time line.
    pub x: f64,
    /// Duration as a share of it.
    pub width: f64,
    pub outcome: Ending,
}

/// The deployments of one service, oldest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    pub service: SubjectId,
    pub name: String,
    pub ticks: Vec<Tick>,
    pub failed: usize,
}

/// A lane for each service with deployments in reach, most first.
pub fn lanes(assessment: &Assessment, reach: Reach) -> Vec<Lane> {
    let span = (reach.days * DAY_MS) as f64;
    let from = assessment.as_of.plus_days(-reach.days);
    let mut by_service: BTreeMap<&SubjectId, Lane> = BTreeMap::new();
    for (at, row) in assessment.deployments.iter().enumerate().rev() {
        let d = &row.deployment;
        if d.started_at < from || d.started_at > assessment.as_of {
            continue;
        }
        let lane = by_service.entry(&row.service.id).or_insert_with(|| Lane {
            service: row.service.id.clone(),
            name: row.service.name.clone(),
            ticks: Vec::new(),
            failed: 0,
        });
        let share = |ms: i64| (ms as f64 / span).clamp(0.0, 1.0);
        let x = share(d.started_at.0 - from.0);
        let width = d.finished_at.map_or(0.0, |end| share(end.0 - d.started_at.0)).min(1.0 - x);
        lane.failed += usize::from(d.has_failed());
        lane.ticks.push(Tick { at, x, width, outcome: d.ending(assessment.as_of) });
    }
    let mut lanes: Vec<Lane> = by_service.into_values().collect();
    lanes.sort_by(|a, b| b.ticks.len().cmp(&a.ticks.len()).then_with(|| a.service.cmp(&b.service)));
    lanes
}

/// Days to write below the time line: share of its width and the moment.
pub fn days(assessment: &Assessment, reach: Reach) -> Vec<(f64, Timestamp)> {
    let step = if reach.days <= 14 { 2 } else { 7 * (reach.days / 45 + 1) };
    let first = assessment.as_of.plus_days(-reach.days);
    let steps = 0..reach.days / step;
    let at = |n: i64| reach.days - (n + 1) * step;
    steps.map(|n| (at(n) as f64 / reach.days as f64, first.plus_days(at(n)))).collect()
}

/// What the page says first.
pub fn sentence(assessment: &Assessment) -> String {
    let trends = &assessment.trends.delivery;
    let all: u32 = trends.iter().map(|t| t.deployments).sum();
    let failed: u32 = trends.iter().map(|t| t.failed).sum();
    let services = trends.iter().filter(|t| t.deployments > 0).count();
    let failures = match failed {
        0 => "none failed".to_owned(),
        1 => "one failed or was rolled back".to_owned(),
        n => format!("{} failed or were rolled back", format::whole(n)),
    };
    format!(
        "{} of {} in 90 days; {failures}.",
        format::count(all as usize, "production deployment", "production deployments"),
        format::count(services, "service", "services"),
    )
}

/// A time as people say it: minutes below an hour, days from two days on.
fn span(hours: f64) -> String {
    match hours {
        h if h < 1.0 => format::duration_ms((h * 3_600_000.0) as u64),
        h if h < 48.0 => format::hours(h),
        h => format!("{} days", format::number(h / 24.0, u8::from(h < 240.0))),
    }
}

/// A figure with what it stands on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// The figure; `None` below the fewest observations.
    pub main: Option<String>,
    /// Interval and sample, or how many are missing.
    pub sub: String,
}

/// Frequency, lead time, failures, recovery and rework of a service.
pub fn keys(trend: &DeliveryTrend) -> [Cell; 5] {
    let dora = &trend.dora;
    let frequency = Cell {
        main: dora.per_week.map(|n| format!("{} a week", format::number(n, u8::from(n < 10.0)))),
        sub: match dora.per_week {
            Some(n) => format!("{} · {}", band(n, [7.0, 1.0, 0.25]), observed(dora.observed_days)),
            None => dora.frequency_lacks().unwrap_or_default(),
        },
    };
    let lead = times(dora.lead, 10, [24.0, 168.0, 720.0], "change");
    let recovery = times(dora.recovery, 5, [1.0, 24.0, 168.0], "failure");
    let failure = rate(trend.failure_rate.as_ref(), trend.failed, dora.ended);
    let Ratio { hits, n, rate: of } = dora.rework;
    [frequency, lead, failure, recovery, rate(of.as_ref(), hits, n)]
}

/// The cluster of DORA's report of 2024 in which a frequency lies, from the best limit on: a label, not a mark.
fn band(value: f64, limits: [f64; 3]) -> &'static str {
    let words = ["elite", "high", "medium"];
    limits.iter().zip(words).find(|(least, _)| value >= **least).map_or("low", |(_, word)| word)
}

/// The same for hours, where less is better.
fn band_of_hours(hours: f64, limits: [f64; 3]) -> &'static str {
    let words = ["elite", "high", "medium"];
    limits.iter().zip(words).find(|(most, _)| hours <= **most).map_or("low", |(_, word)| word)
}

fn observed(days: f64) -> String {
    format!("{} observed", format::count(days.floor() as usize, "day", "days"))
}

fn times(sample: Hours, least: u32, limits: [f64; 3], what: &str) -> Cell {
    let n = format::count(sample.n as usize, what, &format!("{what}s"));
    match (sample.median, sample.p90) {
        (Some(median), Some(p90)) => Cell {
            main: Some(span(median)),
            sub: format!("{} · 9 of 10 within {} · {n}", band_of_hours(median, limits), span(p90)),
        },
        _ => Cell { main: None, sub: format!("{n}, {least} needed") },
    }
}

fn rate(interval: Option<&Interval>, hits: u32, n: u32) -> Cell {
    match interval {
        Some(i) => Cell {
            main: Some(format::percent(i.p50)),
            sub: format!("{}–{} · {hits} of {n}", format::percent(i.p10), format::percent(i.p90)),
        },
        None => Cell { main: None, sub: format!("{hits} of {n}, 20 needed") },
    }
}

/// How a service is deployed, in a sentence; empty when nothing is known.
pub fn habits(trend: &DeliveryTrend) -> String {
    let mut said = Vec::new();
    if let Some(minutes) = trend.median_minutes {
        said.push(format!("takes {}", format::duration_ms((minutes * 60_000.0) as u64)));
    }
    // Nothing below the least sample.
    if let Some(i) = trend.dora.pipeline.rate {
        let Ratio { hits, n, .. } = trend.dora.pipeline;
        let (least, most) = (format::percent(1.0 - i.p90), format::percent(1.0 - i.p10));
        let people = match trend.dora.people {
            0 => String::new(),
            n => format!(", by {}", format::count(n as usize, "person", "people")),
        };
        said.push(match n.saturating_sub(hits) {
            0 => format!("all {n} by a pipeline, so at most {most} by hand"),
            hand => format!("{hand} of {n} by hand ({least}–{most}){people}"),
        });
    }
    if !trend.dora.ships_with.is_empty() {
        let names: Vec<&str> = trend.dora.ships_with.iter().map(|s| s.subject.name.as_str()).collect();
        said.push(format!("ships with {}", names.join(", ")));
    }
    said.join(" · ")
}

/// The shape of an ending.
pub fn status(ending: Ending) -> Status {
    match ending {
        Ending::Succeeded => Status::Pass,
        Ending::Failed => Status::Critical,
        Ending::RolledBack => Status::High,
        Ending::Running => Status::Low,
        Ending::NotTold => Status::Unknown,
    }
}

/// Who began it.
pub fn actor(row: &DeploymentRow) -> String {
    let kind = match row.deployment.actor_kind {
        ActorKind::Pipeline => "pipeline",
        ActorKind::Person => "by hand",
        ActorKind::Unknown => "not known",
    };
    match &row.deployment.actor {
        Some(name) => format!("{kind}, {name}"),
        None => kind.to_owned(),
    }
}

/// A revision as people say it: the first characters of a hash, or the whole name.
pub fn revision(text: &str) -> &str {
    let is_hash = text.len() >= 20 && text.bytes().all(|b| b.is_ascii_hexdigit());
    text.get(..10).filter(|_| is_hash).unwrap_or(text)
}

/// How long it took.
pub fn took(row: &DeploymentRow) -> Option<u64> {
    u64::try_from(row.deployment.finished_at?.0 - row.deployment.started_at.0).ok()
}

/// What a deployment did to latency: its comparison and the comparison's place, strongest word first.
pub fn effect<'a>(assessment: &'a Assessment, row: &DeploymentRow) -> Option<(usize, &'a Comparison)> {
    let of = |c: &Comparison| c.deployment.as_deref() == Some(row.deployment.id.as_str());
    assessment.comparisons.iter().enumerate().filter(|(_, c)| of(c)).min_by_key(|(at, c)| (c.verdict, *at))
}

/// The places of the deployments that the filters leave, newest first.
pub fn listed(assessment: &Assessment, service: Option<&str>, failed_only: bool) -> Vec<usize> {
    let wanted = |row: &DeploymentRow| {
        service.is_none_or(|s| row.service.id.as_str() == s) && (!failed_only || row.deployment.has_failed())
    };
    assessment.deployments.iter().enumerate().filter(|(_, row)| wanted(row)).map(|(at, _)| at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::{Dora, Hours, SubjectRef};

    fn trend(dora: Dora) -> DeliveryTrend {
        DeliveryTrend {
            subject: SubjectRef::organisation(),
            deployments: 41,
            observed_since: None,
            median_minutes: Some(11.0),
            failed: 9,
            failure_rate: Some(Interval { p10: 0.13, p50: 0.22, p90: 0.34 }),
            by_pipeline: Some(0.75),
            dora,
        }
    }

    #[test]
    fn a_figure_below_its_sample_says_what_is_missing() {
        let [frequency, lead, failure, recovery, rework] = keys(&trend(Dora { ended: 41, ..Dora::default() }));
        assert!([&frequency, &lead, &recovery, &rework].iter().all(|c| c.main.is_none()));
        assert_eq!((failure.main.as_deref(), failure.sub.contains("9 of 41")), (Some("22\u{202f}%"), true));
        assert!(
            lead.sub.contains("0 changes, 10 needed") && recovery.sub.contains("5 needed"),
            "{lead:?} {recovery:?}"
        );
    }

    #[test]
    fn a_figure_stands_with_its_cluster_and_sample() {
        let hours = |n, median, p90| Hours { n, median: Some(median), p90: Some(p90) };
        let dora = Dora {
            observed_days: 80.0,
            per_week: Some(3.2),
            lead: hours(30, 50.0, 90.0),
            recovery: hours(9, 0.5, 3.0),
            ended: 41,
            ..Dora::default()
        };
        let [frequency, lead, _, recovery, _] = keys(&trend(dora));
        assert!(frequency.sub.starts_with("high · 80 days"), "{frequency:?}");
        assert!(lead.sub.starts_with("high ·") && lead.sub.ends_with("30 changes"), "{lead:?}");
        assert!(recovery.sub.starts_with("elite ·"), "{recovery:?}");
    }

    #[test]
    fn habits_name_who_deploys_by_hand() {
        let of = |hits| Ratio { hits, n: 12, rate: Some(Interval { p10: 0.6, p50: 0.75, p90: 0.87 }) };
        let said = habits(&trend(Dora { people: 2, pipeline: of(9), ..Dora::default() }));
        assert!(said.contains("3 of 12 by hand (13") && said.contains("), by 2 people"), "{said}");
        assert!(said.starts_with("takes 11"), "{said}");
        assert!(habits(&trend(Dora { pipeline: of(12), ..Dora::default() })).contains("all 12 by a pipeline"));
        assert_eq!(
            habits(&DeliveryTrend { median_minutes: None, ..trend(Dora::default()) }),
            "",
            "nothing below the sample"
        );
    }

    #[test]
    fn times_are_said_in_the_unit_that_people_use() {
        let check = |hours: f64, expected: &str| assert_eq!(span(hours).replace('\u{202f}', " "), expected);
        check(0.1, "6 min");
        check(20.4, "20 h");
        check(60.0, "2.5 days");
        check(480.0, "20 days");
    }

    #[test]
    fn only_hashes_are_shortened() {
        assert_eq!(revision("0123456789abcdef0123456789abcdef01234567"), "0123456789");
        assert_eq!(revision("release-2026-11-16-with-a-name"), "release-2026-11-16-with-a-name");
    }
}
