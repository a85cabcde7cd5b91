//! Deployments are slow.

use super::history::{history, minutes};
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, Kind, Severity, num};

pub(super) const RULE: Rule = Rule {
    id: "DEL-003",
    title: "Deployments are slow",
    question: "How long from merge button to running in production?",
    why: "The time of a deployment is also the least time of every repair. S1 went from more than 30 minutes to about 5.",
    condition: "Over 28 days with 5 or more good deployments the median is above 15 minutes, or the 90th percentile above 30",
    fix: &["cache dependencies and layers", "run tests in parallel", "a smaller image", "deploy only what changed"],
    effort_days: [1.0, 5.0],
    effort_source: "HD",
    weight: 2,
    severity: "high: median above 30 minutes; medium: above 15; low: only the 90th percentile",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[
        Number { key: "median_min", value: 15.0, unit: "min", source: "S1 (target 5)" },
        Number { key: "severe_min", value: 30.0, unit: "min", source: "S1 (30+ min at the start)" },
        Number { key: "deployments", value: 5.0, unit: "count", source: "HD" },
        Number { key: "days", value: 28.0, unit: "d", source: "HD" },
    ],
    sources: &[
        ("github", "deployment statuses: created_at of in_progress to success; workflow run_started_at, updated_at"),
        ("aws", "ECS deployments[] createdAt, updatedAt, rolloutState; codedeploy createTime, completeTime"),
        ("import", "started_at and finished_at of deployment records"),
    ],
    proof_metric: "deploy_duration",
    proof: "the median and the 90th percentile of deployment minutes fall",
    false_positives: "The bake time of a canary is not waste.",
    unknown_when: "there are fewer than 5 good deployments with an end",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let days = subject.number("days");
    let history = history(subject, days, context);
    if let Some(missing) = history.missing(subject) {
        return missing;
    }
    let mut rows = history.rows(days);
    let mut verdict = Verdict::new();
    let mut took: Vec<f64> = history.succeeded().filter_map(minutes).collect();
    let need = subject.number("deployments");
    let (Some(median), Some(p90)) = (num::median(&took), num::quantile(&mut took, 0.9)) else {
        verdict.few("good deployments with an end in 28 days", 0, need);
        return verdict.answer(rows, "");
    };
    rows.push(Evidence::derived("minutes, median and 90th percentile", format!("{median:.0} and {p90:.0}")));
    if (took.len() as f64) < need {
        verdict.few("good deployments with an end in 28 days", took.len(), need);
        return verdict.answer(rows, "");
    }
    let name = subject.name();
    let severe = subject.number("severe_min");
    if median > subject.number("median_min") {
        let severity = if median > severe { Severity::High } else { Severity::Medium };
        verdict
            .fault(severity, format!("a deployment of `{name}` takes {median:.0} minutes, and so does every repair"));
    } else if p90 > severe {
        verdict.fault(Severity::Low, format!("one in ten deployments of `{name}` takes more than {p90:.0} minutes"));
    }
    verdict.hidden(subject, context, &["deployment"]);
    verdict.told_in_part(subject, context, &["eployments", "InstanceRefreshes"]);
    verdict.answer(rows, format!("A deployment of `{name}` takes {median:.0} minutes."))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::del::history::cases::{deployment, deployments, service};
    use crate::testing::Case;
    use loadline_model::{DeploymentStatus, Tier};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
        let took = |minutes| deployments(service(Tier::T0), 6, 24, minutes);
        check(service(Tier::T0), "unknown not_connected");
        check(deployments(service(Tier::T0), 4, 24, 5), "unknown low_sample");
        check(deployments(service(Tier::T0), 6, 24 * 30, 5), "unknown low_sample");
        check(took(5), "pass");
        check(took(16), "fail medium");
        check(took(31), "fail high");
        let slow = |case: Case, hours| case.has("api", deployment(hours, 50, DeploymentStatus::Succeeded));
        check(slow(took(5), 1), "pass");
        check(slow(slow(took(5), 1), 2), "fail low");
        check(took(5).gap("api", "deployments"), "unknown permission_denied");
        // Those that failed at once do not make the others faster.
        let failed = |case: Case, n: i64| case.has("api", deployment(200 + n, 1, DeploymentStatus::Failed));
        check((0..20).fold(took(31), failed), "fail high");
    }
}
