//! Scaling signal, target or cooldown is poor.

use super::{scaler, suffers};
use crate::db::wording::{duration, percent};
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::window::last_hours;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Limited, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "SCALE-006",
    title: "Scaling signal, target or cooldown is poor",
    question: "Does scaling react to the real bottleneck in time?",
    why: "A scaler that watches the wrong thing, or that takes five minutes, adds members after the users have left. S4 scaled on \
          CPU above 70 % or high latency.",
    condition: "The CPU target is above 80 % or below 40 %, CPU is the only signal while users are slow at a CPU below 50 %, a new \
                member serves after more than 5 minutes, or there are more than 6 scaling actions an hour",
    fix: &[
        "a target of 60-70 %",
        "add requests per target, concurrency or queue age as a signal",
        "shorten image pull and start",
        "scale in more slowly",
    ],
    effort_days: [0.5, 2.0],
    effort_source: "HD",
    weight: 2,
    severity: "high while users are slow or failing; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[
        Number { key: "target_high", value: 0.80, unit: "ratio", source: "HD" },
        Number { key: "target_low", value: 0.40, unit: "ratio", source: "HD" },
        Number { key: "cpu_idle", value: 0.50, unit: "ratio", source: "HD" },
        Number { key: "ready_s", value: 300.0, unit: "s", source: "HD" },
        Number { key: "actions", value: 6.0, unit: "1/h", source: "HD" },
    ],
    sources: &[
        (
            "aws",
            "TargetTrackingScalingPolicyConfiguration -> TargetValue, PredefinedMetricSpecification, ScaleOutCooldown; DescribeScalingActivities; ECS task PENDING to RUNNING",
        ),
        ("kubernetes", "spec.metrics[].resource.target.averageUtilization; spec.behavior; pod created to Ready"),
    ],
    proof_metric: "scale_out_seconds",
    proof: "seconds from breach to added ready capacity fall",
    false_positives: "Predictive scaling in place.",
    unknown_when: "there was no scaling in 28 days and no load test",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let signal = match scaler(subject, &mut seen) {
        Ok(signal) => signal,
        Err(no_scaler) => return *no_scaler,
    };
    let name = subject.name();
    let mut verdict = Verdict::new();
    let suffers = suffers(subject, context);
    let severity = if suffers { Severity::High } else { Severity::Medium };
    let on_cpu = signal == "cpu";
    if on_cpu {
        match seen.number("target", "", key::SCALING_TARGET) {
            Some(target) if target > subject.number("target_high") => verdict.fault(
                severity,
                format!("the scaler of `{name}` waits until {} CPU, where requests already queue", percent(target)),
            ),
            Some(target) if target < subject.number("target_low") => verdict.fault(
                severity,
                format!("the scaler of `{name}` aims at {} CPU and pays for idle members", percent(target)),
            ),
            Some(_) => {}
            None => lacks(&mut verdict, subject, "the target", "DescribeScalingPolicies"),
        }
        let cpu = last_hours(&subject.id, &Limited::Cpu.utilisation_metric(), 168.0, context);
        if let Some(cpu) = cpu.filter(|_| suffers) {
            let busy = cpu.quantile(0.95);
            seen.rows.push(cpu.row("CPU at p95 while users wait", percent(busy)));
            if busy < subject.number("cpu_idle") {
                let said = format!(
                    "users of `{name}` wait while its CPU is at {}: CPU does not show its bottleneck",
                    percent(busy)
                );
                verdict.fault(severity, said);
            }
        }
    }
    match seen.number("from alarm to a serving member", "s", key::SCALE_OUT_SECONDS) {
        Some(ready) if ready > subject.number("ready_s") => {
            verdict.fault(severity, format!("a new member of `{name}` serves after {}", duration(ready)));
        }
        Some(_) => {}
        None => lacks(&mut verdict, subject, "the time to a ready member", "DescribeScalingActivities"),
    }
    match seen.number("most scaling actions in an hour", "", key::SCALING_ACTIONS_PER_HOUR) {
        Some(actions) if actions > subject.number("actions") => {
            verdict.fault(severity, format!("the scaler of `{name}` changed its mind {actions:.0} times in an hour"));
        }
        Some(_) => {}
        None => lacks(&mut verdict, subject, "how often it acts", "DescribeScalingActivities"),
    }
    verdict.hidden(subject, context, &["series"]);
    verdict.answer(seen.rows, format!("`{name}` scales on {signal} in time and calmly."))
}

fn lacks(verdict: &mut Verdict, subject: &Subject<'_>, what: &str, call: &str) {
    verdict.lacks(
        GapReason::NotConnected,
        format!("{what} of the scaler of `{}` was not read", subject.name()),
        format!(
            "Allow application-autoscaling:{call} (or autoscaling:{call}), connect the cluster, or run a load test."
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::scale::cases::scales;
    use crate::testing::Case;
    use crate::window::cases::series;
    use loadline_model::{ErrorTrend, SubjectRef, Tier, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
        let tuned = |signal: &str, target, ready, actions| {
            scales(Tier::T1, signal)
                .number("api", key::SCALING_TARGET, target)
                .number("api", key::SCALE_OUT_SECONDS, ready)
                .number("api", key::SCALING_ACTIONS_PER_HOUR, actions)
        };
        check(scales(Tier::T1, "none"), "not_applicable");
        check(scales(Tier::T1, "cpu"), "unknown not_connected");
        check(scales(Tier::T1, "cpu").number("api", key::SCALING_TARGET, 0.9), "fail medium");
        check(tuned("cpu", 0.7, 95.0, 2.0), "pass");
        check(tuned("cpu", 0.85, 95.0, 2.0), "fail medium");
        check(tuned("cpu", 0.3, 95.0, 2.0), "fail medium");
        check(tuned("requests", 0.9, 95.0, 2.0), "pass");
        check(tuned("cpu", 0.7, 310.0, 2.0), "fail medium");
        check(tuned("cpu", 0.7, 95.0, 7.0), "fail medium");
        let mut slow = tuned("cpu", 0.7, 95.0, 2.0).has("api", series("utilisation.cpu", 168, |_| 0.3));
        slow.trends.errors.push(ErrorTrend {
            subject: SubjectRef { id: "api".into(), kind: None, name: "api".into(), account: None, region: None },
            route: None,
            last_week: 0.03,
            windows_breached: 0.2,
            windows: 2016,
            days: vec![],
        });
        check(slow, "fail high");
    }
}
