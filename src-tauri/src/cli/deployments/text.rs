//! Deployments and the keys of DORA as text: what the window shows, and by which rule.

use crate::cli::print;
use loadline_model::dora::COUNTED;
use loadline_model::{Assessment, DeliveryTrend, DeploymentRow, FailedBy, FailedChange, Hours, Interval, Told};

/// Deployments that are listed, newest first.
const LISTED: usize = 50;
pub(super) fn print(a: &Assessment) {
    let rows: Vec<Vec<String>> = a.deployments.iter().take(LISTED).map(|row| listed(a, row)).collect();
    print::table(&["when", "service", "revision", "outcome", "took", "by", "id"], &rows);
    print::line("");
    let trends = &a.trends.delivery;
    let keys: Vec<Vec<String>> = trends.iter().map(keys).collect();
    print::table(&["90 days", "deployments a week", "lead time", "fail", "recovery", "rework"], &keys);
    for trend in trends {
        let name = &trend.subject.name;
        habits(trend).iter().for_each(|said| print::line(format!("{name}: {said}")));
        let told = trend.dora.told.iter().filter_map(Told::sentence);
        told.for_each(|said| print::line(format!("{name}: {said} By its own rules.")));
    }
    if !trends.is_empty() {
        print::line("");
        COUNTED.iter().for_each(|(what, rule)| print::line(format!("{what}: {rule}.")));
    }
}

fn listed(a: &Assessment, row: &DeploymentRow) -> Vec<String> {
    let d = &row.deployment;
    let minutes = |end: loadline_model::Timestamp| format!("{:.0} min", (end.0 - d.started_at.0) as f64 / 60_000.0);
    let trend = a.trends.delivery.iter().find(|t| t.subject.id == row.service.id);
    let failure = trend.and_then(|t| t.dora.failures.iter().find(|f| f.deployment == d.id));
    let outcome = format!("{}{}", d.ending(a.as_of).word(), failure.map(because).unwrap_or_default());
    vec![
        print::moment(d.started_at),
        row.service.name.clone(),
        d.revision.clone(),
        outcome,
        d.finished_at.map_or_else(|| "–".into(), minutes),
        d.actor.clone().unwrap_or_else(|| format!("{:?}", d.actor_kind).to_lowercase()),
        d.id.clone(),
    ]
}

/// Why it counts as failed, beside its outcome.
fn because(failure: &FailedChange) -> String {
    let link = failure.link.as_deref().unwrap_or_default();
    match failure.by {
        FailedBy::Told => String::new(),
        FailedBy::Named => format!(", incident {link} names it"),
        FailedBy::Undone => format!(", undone by {link}"),
        FailedBy::Likely => format!(", likely failed: incident {link}"),
    }
}

/// The keys of DORA, each with what it stands on.
fn keys(trend: &DeliveryTrend) -> Vec<String> {
    let dora = &trend.dora;
    let hours = |h: &Hours| match h.median {
        Some(median) => format!("{median:.1} h, n = {}", h.n),
        None => format!("too few, n = {}", h.n),
    };
    let rate = |interval: Option<&Interval>, hits: u32, n: u32| match interval {
        Some(i) => format!("{}, {hits} of {n}", share(*i)),
        None => format!("too few, {hits} of {n}"),
    };
    let frequency = dora.per_week.map(|n| format!("{n:.1}")).or_else(|| dora.frequency_lacks());
    vec![
        trend.subject.name.clone(),
        frequency.unwrap_or_default(),
        hours(&dora.lead),
        rate(trend.failure_rate.as_ref(), trend.failed, dora.ended),
        hours(&dora.recovery),
        rate(dora.rework.rate.as_ref(), dora.rework.hits, dora.rework.n),
    ]
}

/// `22 % (13–34)`
fn share(i: Interval) -> String {
    format!("{:.0} % ({:.0}–{:.0})", i.p50 * 100.0, i.p10 * 100.0, i.p90 * 100.0)
}

/// How a service is deployed and what its figures rest on, in sentences.
fn habits(trend: &DeliveryTrend) -> Vec<String> {
    let dora = &trend.dora;
    let mut said =
        vec![format!("{} deployments in {:.0} days observed", trend.deployments, dora.observed_days.floor())];
    said.extend(trend.median_minutes.map(|m| format!("a good one takes {m:.0} min (median)")));
    if let Some(rate) = dora.pipeline.rate {
        let by_hand = Interval { p10: 1.0 - rate.p90, p50: 1.0 - rate.p50, p90: 1.0 - rate.p10 };
        let people = match dora.people {
            0 => String::new(),
            1 => ", by 1 person".to_owned(),
            n => format!(", by {n} people"),
        };
        let hand = dora.pipeline.n - dora.pipeline.hits.min(dora.pipeline.n);
        said.push(format!("{} by hand, {hand} of {}{people}", share(by_hand), dora.pipeline.n));
    }
    if !dora.ships_with.is_empty() {
        let names: Vec<&str> = dora.ships_with.iter().map(|s| s.subject.name.as_str()).collect();
        said.push(format!("ships with {}", names.join(", ")));
    }
    let mut lines = vec![format!("{}.", said.join("; "))];
    if !dora.failures.is_empty() {
        lines.push(format!("counts as failed: {}.", dora.failed_by()));
    }
    if dora.untold > 0 {
        lines.push(format!("how {} deployments ended nobody tells.", dora.untold));
    }
    if !dora.environments.is_empty() {
        let each = dora.environments.iter().map(|e| {
            let week = e.per_week.map_or_else(|| format!("{} good", e.good), |n| format!("{n:.1} a week"));
            let lead = e.lead.median.map(|h| format!(", lead time {h:.1} h")).unwrap_or_default();
            format!("{} {week}{lead}", e.name)
        });
        lines.push(format!("of these environments the slowest counts: {}.", each.collect::<Vec<_>>().join("; ")));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::{Dora, InEnvironment, Ratio, ShipsWith, SubjectRef, Timestamp};

    fn trend(dora: Dora) -> DeliveryTrend {
        DeliveryTrend {
            subject: SubjectRef::organisation(),
            deployments: 12,
            observed_since: None,
            median_minutes: Some(11.0),
            failed: 1,
            failure_rate: None,
            by_pipeline: None,
            dora,
        }
    }

    #[test]
    fn the_text_says_what_the_window_shows() {
        let rate = Interval { p10: 0.6, p50: 0.75, p90: 0.87 };
        let web = SubjectRef { name: "web".into(), ..SubjectRef::organisation() };
        let failure = |by| FailedChange {
            deployment: "d".into(),
            at: Timestamp(0),
            environment: "production".into(),
            by,
            link: Some("i-1".into()),
        };
        let dora = Dora {
            observed_days: 24.6,
            good: 12,
            people: 2,
            untold: 3,
            pipeline: Ratio { hits: 9, n: 12, rate: Some(rate) },
            ships_with: vec![ShipsWith { subject: web, share: 0.9, n: 10 }],
            failures: vec![failure(FailedBy::Likely)],
            environments: vec![InEnvironment { name: "prod-eu".into(), good: 4, ..InEnvironment::default() }],
            ..Dora::default()
        };
        let said = habits(&trend(dora.clone())).join("\n");
        for words in [
            "12 deployments in 24 days observed; a good one takes 11 min (median)",
            "25 % (13–40) by hand, 3 of 12, by 2 people; ships with web.",
            "counts as failed: 1 likely: an incident",
            "how 3 deployments ended",
            "prod-eu 4 good",
        ] {
            assert!(said.contains(words), "{words}: {said}");
        }
        assert_eq!(because(&failure(FailedBy::Likely)), ", likely failed: incident i-1");
        let alone = Dora { environments: Vec::new(), ..dora };
        assert_eq!(keys(&trend(alone))[1], "too early: 24 of 28 days seen");
        assert!(!habits(&trend(Dora::default())).join("").contains("by hand"), "nothing below the least sample");
    }
}
