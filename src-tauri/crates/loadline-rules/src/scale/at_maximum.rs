//! Autoscaler is pinned at its maximum or failing.

use super::{scaler, suffers};
use crate::db::wording::duration;
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::window::last_hours;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Limited, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "SCALE-004",
    title: "Autoscaler is pinned at its maximum or failing",
    question: "Has scaling already run out?",
    why: "At its maximum an autoscaler is a fixed size again, and it looks as if it still worked.",
    condition: "More than 15 minutes at the maximum in any of the last 7 days, or a failed scaling activity",
    fix: &[
        "raise the maximum after checking connections and quotas (DB-009, CAP-006)",
        "find the bottleneck that makes more members useless (CAP-009)",
        "let nodes scale as well",
    ],
    effort_days: [0.25, 2.0],
    effort_source: "HD",
    weight: 3,
    severity: "critical: at the maximum now while users are slow or failing; high: at the maximum on T0; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[
        Number { key: "minutes", value: 15.0, unit: "min", source: "HD" },
        Number { key: "window_hours", value: 168.0, unit: "h", source: "HD" },
    ],
    sources: &[
        (
            "aws",
            "application-autoscaling:DescribeScalableTargets -> MaxCapacity; DescribeScalingActivities -> StatusCode, NotScaledReasons; AutoScalingGroup MaxSize against GroupInServiceInstances",
        ),
        (
            "prometheus",
            "kube_horizontalpodautoscaler_status_current_replicas / kube_horizontalpodautoscaler_spec_max_replicas; condition ScalingLimited",
        ),
        ("gcp", "run container/instance_count against maxInstanceCount"),
    ],
    proof_metric: "minutes_at_max_members",
    proof: "minutes a week at the maximum fall to 0",
    false_positives: "A limit on cost by decision: waive it with the reason.",
    unknown_when: "there is no history of the number of members, or scaling activities may not be read",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    if let Err(no_scaler) = scaler(subject, &mut seen) {
        return *no_scaler;
    }
    let name = subject.name();
    let mut verdict = Verdict::new();
    let need = subject.number("window_hours");
    let used = last_hours(&subject.id, &Limited::Members.utilisation_metric(), need, context);
    let counted = seen.number("longest stretch at the maximum, 7 days", "min", key::AT_MAXIMUM_MINUTES_7D);
    let charted = used.as_ref().map(|w| w.longest_hours(|v| v >= 1.0) * 60.0);
    if let (Some(window), Some(minutes)) = (&used, charted) {
        seen.rows.push(window.row("members against the maximum", format!("at it for {minutes:.0} min in a row")));
    }
    let wanted = seen.number("members wanted", "members", key::DESIRED_MEMBERS);
    let most = seen.number("most members", "members", key::MAXIMUM_MEMBERS);
    let failures = seen.number("failed scaling activities, 7 days", "", key::SCALING_FAILURES_7D);
    let pinned = counted.into_iter().chain(charted).reduce(f64::max);
    if let Some(minutes) = pinned.filter(|m| *m > subject.number("minutes")) {
        let now =
            wanted.zip(most).is_some_and(|(now, most)| now >= most) || used.as_ref().is_some_and(|w| w.last() >= 1.0);
        let severity = match () {
            () if now && suffers(subject, context) => Severity::Critical,
            () if subject.is_t0() => Severity::High,
            () => Severity::Medium,
        };
        let since = duration(minutes * 60.0);
        verdict.fault(
            severity,
            format!("`{name}` stayed at its maximum for {since} in the last week: more load found no more members"),
        );
    }
    if let Some(failed) = failures.filter(|f| *f > 0.0) {
        verdict.fault(Severity::Medium, format!("{failed:.0} scaling activities of `{name}` failed in 7 days"));
    }
    match (counted, &used) {
        (Some(_), _) => {}
        (None, Some(window)) => window.require("the number of members", need, &mut verdict),
        (None, None) => verdict.lacks(
            GapReason::NotConnected,
            format!("how long `{name}` stayed at its maximum is not known"),
            "Connect what records the number of members (CloudWatch GroupInServiceInstances, ECS RunningTaskCount, kube-state-metrics).",
        ),
    }
    if failures.is_none() {
        verdict.lacks(
            GapReason::NotConnected,
            format!("whether scaling activities of `{name}` fail was not read"),
            "Allow application-autoscaling:DescribeScalingActivities or autoscaling:DescribeScalingActivities.",
        );
    }
    verdict.hidden(subject, context, &[key::AT_MAXIMUM_MINUTES_7D, "series"]);
    verdict.answer(seen.rows, format!("`{name}` had room to grow all week."))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::scale::cases::{scales, service};
    use crate::testing::Case;
    use crate::window::cases::series;
    use loadline_model::{ErrorTrend, SubjectRef, Tier, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
        let pinned = |tier, minutes| {
            scales(tier, "cpu").number("api", key::AT_MAXIMUM_MINUTES_7D, minutes).number(
                "api",
                key::SCALING_FAILURES_7D,
                0.0,
            )
        };
        check(service(Tier::T0), "unknown not_connected");
        check(scales(Tier::T0, "none"), "not_applicable");
        check(scales(Tier::T0, "cpu"), "unknown not_connected");
        check(pinned(Tier::T0, 10.0), "pass");
        check(pinned(Tier::T0, 16.0), "fail high");
        check(pinned(Tier::T1, 16.0), "fail medium");
        check(scales(Tier::T1, "cpu").number("api", key::SCALING_FAILURES_7D, 2.0), "fail medium");
        let charted = |hours, at: f64| {
            let share = series("utilisation.members", hours, move |h| if h < 3.0 { at } else { 0.4 });
            scales(Tier::T0, "cpu").has("api", share).number("api", key::SCALING_FAILURES_7D, 0.0)
        };
        check(charted(168, 0.5), "pass");
        check(charted(48, 0.5), "unknown short_window");
        check(charted(48, 1.0), "fail high");
        let mut slow = charted(168, 1.0);
        slow.trends.errors.push(ErrorTrend {
            subject: SubjectRef { id: "api".into(), kind: None, name: "api".into(), account: None, region: None },
            route: None,
            last_week: 0.03,
            windows_breached: 0.2,
            windows: 2016,
            days: vec![],
        });
        check(slow, "fail critical");
    }
}
