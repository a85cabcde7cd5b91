//! No automatic scaling.

use super::no_scaler;
use crate::evaluate::Reading;
use crate::verdict::{Verdict, internal};
use crate::window::last_hours;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Limited, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "SCALE-003",
    title: "No automatic scaling",
    question: "Who adds servers at 3 a.m.?",
    why: "A fixed number of members is too large at night and too small at the peak. With scaling, 10x spikes were handled \
          without anybody awake, at a small increase of cost (S4).",
    condition: "No scaling policy, and the busy hours carry more than 3 times the load of the quiet ones",
    fix: &[
        "make the service stateless first (SCALE-001, SCALE-002)",
        "target tracking at 70 % CPU or on requests per target",
        "set bounds that fit the spike (SCALE-005)",
        "load-test the policy",
    ],
    effort_days: [1.0, 4.0],
    effort_source: "HD; part of the S4 plan",
    weight: 3,
    severity: "high when a limit of it is forecast within 90 days; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[
        Number { key: "peak_to_trough", value: 3.0, unit: "ratio", source: "HD" },
        Number { key: "limit_days", value: 90.0, unit: "d", source: "HD" },
        Number { key: "window_hours", value: 168.0, unit: "h", source: "HD; a week holds every daily cycle" },
    ],
    sources: &[
        (
            "aws",
            "application-autoscaling:DescribeScalableTargets, DescribeScalingPolicies; autoscaling:DescribePolicies; RequestCount for peak and trough",
        ),
        ("kubernetes", "autoscaling/v2 HorizontalPodAutoscaler; KEDA ScaledObject"),
        ("gcp", "run scaling; instanceGroupManagers autoscaler"),
    ],
    proof_metric: "minutes_at_max_members",
    proof: "minutes with a saturated member and scaling by hand fall",
    false_positives: "Flat traffic with more than three times headroom.",
    unknown_when: "what runs the service is not mapped, or a week of its traffic is not measured",
    prerequisites: &["SCALE-001"],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    if let Some(internal) = internal(subject) {
        return internal;
    }
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    if seen.flag("scaled by its platform", key::PLATFORM_REDUNDANT) == Some(true) {
        return CheckResult::pass(format!("The platform of `{name}` scales it by itself."), seen.rows);
    }
    match seen.text("scales by", key::SCALING_SIGNAL) {
        None => return no_scaler(subject).with_evidence(seen.rows),
        Some("none") => {}
        Some(signal) => return CheckResult::pass(format!("`{name}` scales by itself ({signal})."), seen.rows),
    }
    let mut verdict = Verdict::new();
    let need = subject.number("window_hours");
    let Some(demand) = last_hours(&subject.id, key::metric::REQUEST_RATE, need, context) else {
        verdict.lacks(
            GapReason::NotConnected,
            format!("`{name}` does not scale by itself, and whether its traffic varies is not measured"),
            "Connect Prometheus or the load balancer in front (RequestCount).",
        );
        return verdict.answer(seen.rows, "");
    };
    let (peak, trough) = (demand.quantile(0.99), demand.quantile(0.05));
    seen.rows.push(demand.row("requests a second, quiet and busy", format!("{trough:.2} and {peak:.2}")));
    let swings = peak > subject.number("peak_to_trough") * trough;
    if swings {
        let severity = if limit_is_near(subject, context) { Severity::High } else { Severity::Medium };
        let times = if trough > 0.0 { format!("{:.1} times", peak / trough) } else { "many times".to_owned() };
        verdict.fault(
            severity,
            format!("the load of `{name}` swings {times} and nothing adds members: at the peak a person must be awake"),
        );
    }
    demand.require("the request rate", need, &mut verdict);
    verdict
        .answer(seen.rows, format!("`{name}` does not scale by itself, and its traffic is flat enough to do without."))
}

fn limit_is_near(subject: &Subject<'_>, context: &Context<'_>) -> bool {
    let of_members = |l: Limited| matches!(l, Limited::Cpu | Limited::Memory | Limited::Workers | Limited::Members);
    let scenario = if context.capacity.growth.monthly.is_some() { "measured" } else { "20_percent" };
    context.capacity.limits.iter().any(|l| {
        l.subject.id == subject.id
            && of_members(l.resource)
            && l.scenario == scenario
            && l.days.is_some_and(|d| d.p50 < subject.number("limit_days"))
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::scale::cases::{scales, service};
    use crate::testing::Case;
    use crate::window::cases::series;
    use loadline_model::{Interval, LimitForecast, Limited, SubjectRef, Tier, key, key::metric};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
        let fixed = || scales(Tier::T1, "none");
        let daily = |hours, low: f64| {
            series(metric::REQUEST_RATE, hours, move |h| if (h as i64).rem_euclid(24) < 12 { 40.0 } else { low })
        };
        check(service(Tier::T1), "unknown not_connected");
        check(scales(Tier::T1, "cpu"), "pass");
        check(service(Tier::T1).flag("api", key::PLATFORM_REDUNDANT, true), "pass");
        check(scales(Tier::T2, "none"), "not_applicable");
        check(fixed(), "unknown not_connected");
        check(fixed().has("api", daily(168, 5.0)), "fail medium");
        check(fixed().has("api", daily(168, 30.0)), "pass");
        check(fixed().has("api", daily(48, 30.0)), "unknown short_window");
        let mut near = fixed().has("api", daily(168, 5.0));
        let at = Interval { p10: 40.0, p50: 60.0, p90: 80.0 };
        near.capacity.limits.push(LimitForecast {
            subject: SubjectRef { id: "api".into(), kind: None, name: "api".into(), account: None, region: None },
            resource: Limited::Cpu,
            scenario: "20_percent".into(),
            utilisation: 0.6,
            limit: 0.7,
            multiplier: at,
            days: Some(at),
            first_probability: 0.5,
            breaks: None,
            extrapolated: false,
        });
        check(near, "fail high");
    }
}
