//! Deployments cause visible errors or downtime.

use super::history::history;
use crate::db::wording::percent;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{
    CheckResult, DAY_MS, Deployment, Escalation, Evidence, GapReason, Kind, Provenance, Series, Severity, Timestamp,
    key, num,
};

pub(super) const RULE: Rule = Rule {
    id: "DEL-010",
    title: "Deployments cause visible errors or downtime",
    question: "Do users notice a release?",
    why: "A release that users notice is made rarely, late at night and large. S1 and S4 deployed without any downtime.",
    condition: "Over the last 10 deployments the error ratio from start to 10 minutes after the end is more than 0.1 points above \
                the same hours of the four weeks before, or in any of them more than 1 % of requests failed, and more than usual",
    fix: &[
        "readiness and draining (SCALE-008)",
        "never fewer healthy members than before",
        "expand-contract migrations with a lock timeout",
        "warm up before traffic",
    ],
    effort_days: [1.0, 4.0],
    effort_source: "HD",
    weight: 3,
    severity: "critical: half of the requests or more fail during a deployment on T0; high: more than 1 %; medium: more than 0.1 \
               points",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[
        Number { key: "excess", value: 0.001, unit: "ratio", source: "HD; S1, S4 (zero downtime)" },
        Number { key: "failing", value: 0.01, unit: "ratio", source: "HD (availability below 99 %)" },
        Number { key: "outage", value: 0.5, unit: "ratio", source: "HD" },
        Number { key: "deployments", value: 10.0, unit: "count", source: "HD" },
        Number { key: "least", value: 3.0, unit: "count", source: "HD" },
        Number { key: "covered", value: 0.8, unit: "ratio", source: "HD (of the samples of the weeks before)" },
        Number { key: "requests", value: 100.0, unit: "count", source: "HD (fewer may stay away by chance)" },
        Number { key: "days", value: 90.0, unit: "d", source: "HD" },
    ],
    sources: &[
        ("prometheus", "error ratio of http_server_request_duration_seconds_count round each deployment"),
        ("aws", "HTTPCode_Target_5XX_Count, RequestCount round each deployment; HealthyHostCount"),
        ("import", "start and end of deployment records"),
    ],
    proof_metric: "error_ratio",
    proof: "excess errors per deployment fall to 0",
    false_positives: "Fewer than 100 requests in the window.",
    unknown_when: "there are fewer than 3 deployments, or errors were not measured throughout one of the last 10: what is down counts \
                   no requests",
    prerequisites: &["SCALE-008"],
    check,
};

/// Errors go on after the end: caches are cold, connections are made anew.
const AFTER_MS: i64 = 600_000;
/// Weeks before with which a deployment's window is compared.
const WEEKS: i64 = 4;

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let days = subject.number("days");
    let history = history(subject, days, context);
    if let Some(missing) = history.missing(subject) {
        return missing;
    }
    let name = subject.name();
    let mut rows = history.rows(days);
    let mut verdict = Verdict::new();
    let whole = context.facts.series(&subject.id, key::metric::ERROR_RATIO).filter(|(s, _)| s.labels.is_empty());
    let Some((series, from)) = whole.max_by_key(|(s, p)| (s.samples.len(), *p)) else {
        verdict.lacks(
            GapReason::NotConnected,
            format!("errors of `{name}` are not measured over time"),
            "Connect Prometheus or the load balancer in front (HTTPCode_Target_5XX_Count).",
        );
        return verdict.answer(rows, "");
    };
    let recent = history.ended().collect::<Vec<_>>();
    let skip = recent.len().saturating_sub(subject.number("deployments") as usize);
    let last = &recent[skip..];
    let silence = Silence::of(subject, context);
    let felt: Vec<(&Deployment, Felt)> =
        last.iter().filter_map(|d| felt(d, series, &silence, subject).map(|f| (*d, f))).collect();
    if felt.len() < last.len() {
        verdict.lacks(
            GapReason::LowSample,
            format!("errors of `{name}` were measured throughout {} of {} deployments", felt.len(), last.len()),
            "Measure them in front of the service (a load balancer): what is down counts no requests of its own.",
        );
    }
    if (felt.len() as f64) < subject.number("least") {
        verdict.few("deployments with errors measured round them", felt.len(), subject.number("least"));
        return verdict.answer(rows, "");
    }
    rows.push(row("error ratio", series, from));
    if let Some((rate, from)) = silence.rate.filter(|_| felt.iter().any(|(_, f)| f.silent > 0)) {
        rows.push(row("requests", rate, from));
    }
    let excess = num::median(&felt.iter().map(|(_, f)| f.errors - f.usual).collect::<Vec<_>>()).unwrap_or_default();
    let Some((worst, most)) = felt.iter().max_by(|a, b| a.1.errors.total_cmp(&b.1.errors).then(a.0.id.cmp(&b.0.id)))
    else {
        return verdict.answer(rows, "");
    };
    rows.push(Evidence::derived("median excess of errors", format!("{:.2} points", excess * 100.0)));
    rows.push(Evidence::derived(
        format!("worst, {}", worst.id),
        format!("{} against usually {}", percent(most.errors), percent(most.usual)),
    ));
    let lost = most.errors > subject.number("failing") && most.errors - most.usual > subject.number("excess");
    if lost {
        let outage = most.errors >= subject.number("outage") && subject.is_t0();
        let severity = if outage { Severity::Critical } else { Severity::High };
        let how = if most.silent > 0 { "failed or did not arrive" } else { "failed" };
        verdict
            .fault(severity, format!("{} of the requests to `{name}` {how} during a deployment", percent(most.errors)));
    } else if excess > subject.number("excess") {
        verdict.fault(
            Severity::Medium,
            format!("a deployment of `{name}` costs {:.2} points more errors than usual", excess * 100.0),
        );
    }
    verdict.hidden(subject, context, &["deployment"]);
    verdict.told_in_part(subject, context, &["eployments", "InstanceRefreshes"]);
    verdict.answer(rows, format!("Users did not notice the last {} deployments of `{name}`.", felt.len()))
}

fn row(label: &str, series: &Series, from: &Provenance) -> Evidence {
    Evidence::read(label, format!("{} samples until {}", series.samples.len(), series.covered_until), from)
}

/// What tells that users found nobody: how many requests arrive.
struct Silence<'a> {
    rate: Option<(&'a Series, &'a Provenance)>,
}

impl<'a> Silence<'a> {
    fn of(subject: &Subject<'_>, context: &Context<'a>) -> Self {
        let whole = context.facts.series(&subject.id, key::metric::REQUEST_RATE).filter(|(s, _)| s.labels.is_empty());
        Self { rate: whole.max_by_key(|(s, p)| (s.samples.len(), *p)) }
    }
    /// Samples without any request where the weeks before had many: an error ratio of nothing is not said, and users got nothing.
    fn samples(&self, (from, until): (Timestamp, Timestamp), least: f64) -> usize {
        let Some((rate, _)) = self.rate else { return 0 };
        let usual: Vec<f64> = weeks_before(rate, (from, until)).iter().filter_map(|v| mean(v)).collect();
        let seconds = (until.0 - from.0) as f64 / 1_000.0;
        if num::median(&usual).is_none_or(|usual| usual * seconds < least) {
            return 0;
        }
        values(rate, (from, until)).iter().filter(|v| **v <= 0.0).count()
    }
}

/// Error ratios during a deployment and in the same clock window of the weeks before.
struct Felt {
    errors: f64,
    usual: f64,
    /// Samples of no request at all, each counted as failed.
    silent: usize,
}

/// `None` where too few samples are there to say how it went.
fn felt(deployment: &Deployment, series: &Series, silence: &Silence<'_>, subject: &Subject<'_>) -> Option<Felt> {
    let window = (deployment.started_at, Timestamp(deployment.finished_at?.0 + AFTER_MS));
    let before = weeks_before(series, window);
    let counts: Vec<f64> = before.iter().map(|v| v.len() as f64).collect();
    let usual: Vec<f64> = before.iter().filter_map(|v| mean(v)).collect();
    let during = values(series, window);
    let silent = silence.samples(window, subject.number("requests"));
    let known = (during.len() + silent) as f64;
    if known < 1.0 || known < num::median(&counts)? * subject.number("covered") {
        return None;
    }
    let errors = (during.iter().sum::<f64>() + silent as f64) / known;
    Some(Felt { errors, usual: num::median(&usual)?, silent })
}

/// The samples of the same clock window in the weeks before that have any.
fn weeks_before(series: &Series, (from, until): (Timestamp, Timestamp)) -> Vec<Vec<f64>> {
    let week = |w: i64| {
        let earlier = |at: Timestamp| Timestamp(at.0 - w * 7 * DAY_MS);
        values(series, (earlier(from), earlier(until)))
    };
    (1..=WEEKS).map(week).filter(|values| !values.is_empty()).collect()
}

fn values(series: &Series, (from, until): (Timestamp, Timestamp)) -> Vec<f64> {
    let first = series.samples.partition_point(|s| s.at < from);
    let within = series.samples.iter().skip(first).take_while(|s| s.at <= until);
    within.map(|s| s.value).filter(|v| v.is_finite()).collect()
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
#[path = "deployments_hurt_tests.rs"]
mod tests;
