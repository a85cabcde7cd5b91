//! All users get a new version at once.

use super::history::{History, history};
use crate::db::wording::percent;
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "DEL-009",
    title: "All users get a new version at once",
    question: "Is there blue-green, canary or staged rollout?",
    why: "A mistake that reaches one user in twenty first is a report; one that reaches all is an outage (S1 blue-green, S5 \
          progressive rollouts).",
    condition: "A T0 service stops the old version before the new one runs, or rolls out to everybody without analysis while more \
                than 10 % of its changes fail",
    fix: &["blue-green, or a canary of 5, 25, 100 % with analysis", "keep the old version warm for the bake time"],
    effort_days: [1.0, 5.0],
    effort_source: "HD",
    weight: 2,
    severity: "high: the old version stops first; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[
        Number { key: "failure_rate", value: 0.10, unit: "ratio", source: "HD" },
        Number { key: "days", value: 90.0, unit: "d", source: "HD" },
    ],
    sources: &[
        (
            "aws",
            "ecs deploymentConfiguration.strategy, minimumHealthyPercent, maximumPercent, bakeTimeInMinutes; codedeploy deploymentConfigName",
        ),
        ("kubernetes", "Deployment strategy.type; Rollout canary steps"),
        ("import", "strategy of deployment records"),
    ],
    proof_metric: "change_recovery_time",
    proof: "the share of users that a failed version reaches falls",
    false_positives: "Workers and batch jobs.",
    unknown_when: "the strategy is not readable, or it is rolling and how changes end is not read",
    prerequisites: &["DEL-008"],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let name = subject.name();
    if !subject.is_t0() {
        let because = format!("`{name}` is on no critical journey.");
        return CheckResult::not_applicable(because).with_evidence(vec![Evidence::derived("tier", "not T0")]);
    }
    let mut seen = Reading::of(subject, context);
    let days = subject.number("days");
    let history = history(subject, days, context);
    let last = history.all.last().and_then(|d| d.strategy.clone());
    let strategy = seen.text("strategy", key::DEPLOY_STRATEGY).map(str::to_owned);
    let strategy = strategy.or_else(|| {
        seen.rows.extend(history.rows(days));
        last.inspect(|s| seen.follows("strategy of the last deployment", s.clone()))
    });
    let mut verdict = Verdict::new();
    match strategy.as_deref() {
        Some("recreate" | "in_place") => {
            verdict.fault(Severity::High, format!("the old version of `{name}` stops before the new one runs: a bad one reaches everybody"));
        }
        Some("blue_green" | "canary" | "linear") => {}
        Some("rolling") => rolling(subject, context, &history, (&mut seen, &mut verdict)),
        Some(other) => verdict.lacks(
            GapReason::ParseError,
            format!("the strategy `{other}` of `{name}` is not one that Loadline knows"),
            "State it as recreate, in_place, rolling, blue_green or canary.",
        ),
        None => verdict.lacks(
            GapReason::NotConnected,
            format!("how new versions of `{name}` reach users is not known"),
            "Connect what deploys it (ecs:DescribeServices, codedeploy, the cluster), or record the strategy with deployments.",
        ),
    }
    if context.facts.text(&subject.id, key::DEPLOY_STRATEGY).is_none() {
        verdict.hidden(subject, context, &["deployment", key::DEPLOY_STRATEGY]);
        verdict.told_in_part(subject, context, &["eployments", "InstanceRefreshes"]);
    }
    let how = strategy.unwrap_or_default().replace('_', "-");
    verdict.answer(seen.rows, format!("New versions of `{name}` reach users step by step ({how})."))
}

/// Rolling without analysis is as good as the changes are.
fn rolling(
    subject: &Subject<'_>,
    context: &Context<'_>,
    history: &History<'_>,
    (seen, verdict): (&mut Reading<'_>, &mut Verdict),
) {
    if seen.flag("bad versions are rolled back by themselves", key::AUTOMATIC_ROLLBACK) == Some(true) {
        return;
    }
    let name = subject.name();
    let rows = history.rows(subject.number("days"));
    if !rows.iter().any(|row| seen.rows.contains(row)) {
        seen.rows.extend(rows);
    }
    verdict.hidden(subject, context, &["deployment"]);
    verdict.told_in_part(subject, context, &["eployments", "InstanceRefreshes"]);
    let trend = context.trends.delivery.iter().find(|d| d.subject.id == subject.id);
    let Some(rate) = trend.and_then(|t| t.failure_rate) else {
        verdict.lacks(
            GapReason::LowSample,
            format!("`{name}` rolls out without analysis, and how many of its changes fail is not known"),
            "Record 20 deployments in 90 days with their outcome.",
        );
        return;
    };
    seen.follows("change failure rate", percent(rate.p50));
    if rate.p50 > subject.number("failure_rate") {
        let said =
            format!("`{name}` rolls out to everybody without analysis, and {} of its changes fail", percent(rate.p50));
        verdict.fault(Severity::Medium, said);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::del::history::cases::{deployment, failing, service};
    use crate::testing::Case;
    use loadline_model::{Deployment, DeploymentStatus, Tier, Value, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
        let by = |strategy: &str| service(Tier::T0).set("api", key::DEPLOY_STRATEGY, Value::Text(strategy.into()));
        check(service(Tier::T0), "unknown not_connected");
        check(service(Tier::T1), "not_applicable");
        check(by("recreate"), "fail high");
        check(by("canary"), "pass");
        check(by("yolo"), "unknown parse_error");
        check(by("rolling"), "unknown low_sample");
        check(by("rolling").flag("api", key::AUTOMATIC_ROLLBACK, true), "pass");
        check(failing(by("rolling"), Some([0.02, 0.05, 0.1])), "pass");
        check(failing(by("rolling"), Some([0.1, 0.15, 0.2])), "fail medium");
        let told = |case: Case| case.has("api", deployment(5, 4, DeploymentStatus::Succeeded));
        check(
            told(failing(by("rolling"), Some([0.02, 0.05, 0.1]))).gap("api", "deployments"),
            "unknown permission_denied",
        );
        let old = told(failing(by("rolling"), Some([0.02, 0.05, 0.1]))).edit(|snapshot| {
            if let Some(last) = snapshot.facts.last_mut() {
                last.provenance.read_at = last.provenance.read_at.plus_days(-60);
            }
        });
        check(old, "unknown stale");
        let seen = |strategy: &str| Deployment {
            strategy: Some(strategy.into()),
            ..deployment(5, 4, DeploymentStatus::Succeeded)
        };
        check(service(Tier::T0).has("api", seen("blue_green")), "pass");
        check(service(Tier::T0).has("api", seen("in_place")), "fail high");
    }
}
