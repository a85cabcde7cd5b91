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
    unknown_when: "there are fewer than 3 deployments with metrics round them",
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
    let felt: Vec<(&Deployment, Felt)> =
        recent.into_iter().skip(skip).filter_map(|d| felt(d, series).map(|f| (d, f))).collect();
    if (felt.len() as f64) < subject.number("least") {
        verdict.few("deployments with errors measured round them", felt.len(), subject.number("least"));
        return verdict.answer(rows, "");
    }
    rows.push(row(series, from));
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
    if lost && most.errors >= subject.number("outage") && subject.is_t0() {
        verdict.fault(
            Severity::Critical,
            format!("{} of the requests to `{name}` failed during a deployment", percent(most.errors)),
        );
    } else if lost {
        verdict.fault(
            Severity::High,
            format!("{} of the requests to `{name}` failed during a deployment", percent(most.errors)),
        );
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

fn row(series: &Series, from: &Provenance) -> Evidence {
    Evidence::read("error ratio", format!("{} samples until {}", series.samples.len(), series.covered_until), from)
}

/// Error ratios during a deployment and in the same clock window of the weeks before.
struct Felt {
    errors: f64,
    usual: f64,
}

fn felt(deployment: &Deployment, series: &Series) -> Option<Felt> {
    let (start, end) = (deployment.started_at, Timestamp(deployment.finished_at?.0 + AFTER_MS));
    let errors = mean(series, start, end)?;
    let before: Vec<f64> = (1..=WEEKS)
        .filter_map(|w| {
            let earlier = |at: Timestamp| Timestamp(at.0 - w * 7 * DAY_MS);
            mean(series, earlier(start), earlier(end))
        })
        .collect();
    Some(Felt { errors, usual: num::median(&before)? })
}

fn mean(series: &Series, from: Timestamp, until: Timestamp) -> Option<f64> {
    let first = series.samples.partition_point(|s| s.at < from);
    let values: Vec<f64> = series
        .samples
        .iter()
        .skip(first)
        .take_while(|s| s.at <= until)
        .map(|s| s.value)
        .filter(|v| v.is_finite())
        .collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::del::history::cases::{deployments, service};
    use crate::testing::Case;
    use crate::window::cases::series;
    use loadline_model::{Tier, key::metric};

    /// Five daily deployments, with an error ratio during and outside of them.
    fn shipped(tier: Tier, during: f64, usual: f64) -> Case {
        let errors = series(metric::ERROR_RATIO, 24 * 50, move |h| {
            let deploying = (23.0..=120.0).contains(&h) && (h.rem_euclid(24.0) == 0.0 || h.rem_euclid(24.0) >= 23.5);
            if deploying { during } else { usual }
        });
        deployments(service(tier), 5, 24, 25).has("api", errors)
    }

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
        check(service(Tier::T0), "unknown not_connected");
        check(deployments(service(Tier::T0), 5, 24, 5), "unknown not_connected");
        let short = deployments(service(Tier::T0), 2, 24, 25);
        check(short.has("api", series(metric::ERROR_RATIO, 24 * 50, |_| 0.0)), "unknown low_sample");
        check(shipped(Tier::T0, 0.001, 0.001), "pass");
        check(shipped(Tier::T0, 0.02, 0.02), "pass");
        check(shipped(Tier::T0, 0.004, 0.001), "fail medium");
        check(shipped(Tier::T0, 0.05, 0.001), "fail high");
        check(shipped(Tier::T0, 0.9, 0.001), "fail critical");
        check(shipped(Tier::T1, 0.9, 0.001), "fail high");
        check(shipped(Tier::T0, 0.001, 0.001).gap("api", "deployments"), "unknown permission_denied");
    }
}
