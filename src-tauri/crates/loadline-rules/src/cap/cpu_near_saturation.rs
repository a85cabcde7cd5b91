//! CPU near saturation.

use super::headroom::{judged_with_its_group, tightest};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Limited, Severity};

pub(super) const RULE: Rule = Rule {
    id: "CAP-001",
    title: "CPU near saturation",
    question: "How much CPU headroom is left at peak?",
    why: "Waiting grows faster than load: a queue answers 3.3 times slower at 70 %, 5 times at 80 % and 10 times at 90 % \
          utilisation (M/M/1), so 70 % is where latency leaves the flat part (S4 alarms there).",
    condition: "CPU at peak is above 70 %, or measured growth takes it there within 90 days",
    fix: &["find what uses it (profiling, DB-002)", "scale out", "only then buy a larger size"],
    effort_days: [0.5, 5.0],
    effort_source: "HD",
    weight: 3,
    severity: "critical above 90 %; high above 80 % or within 30 days; medium above 70 % or within 90 days",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Service, Kind::Instance, Kind::Host, Kind::Database, Kind::Cache]),
    numbers: &[
        Number { key: "medium", value: 0.70, unit: "ratio", source: "S4; M/M/1 multiplier 3.3x" },
        Number { key: "high", value: 0.80, unit: "ratio", source: "M/M/1 multiplier 5x" },
        Number { key: "critical", value: 0.90, unit: "ratio", source: "M/M/1 multiplier 10x" },
        Number { key: "high_days", value: 30.0, unit: "d", source: "HD" },
        Number { key: "medium_days", value: 90.0, unit: "d", source: "HD" },
        Number { key: "samples_days", value: 7.0, unit: "d", source: "HD" },
    ],
    sources: &[
        (
            "prometheus",
            "rate(container_cpu_usage_seconds_total[5m]) / kube_pod_container_resource_limits or requests; 1 - avg(rate(node_cpu_seconds_total{mode=\"idle\"}[5m]))",
        ),
        (
            "aws",
            "AWS/EC2, AWS/ECS, AWS/RDS CPUUtilization; CPUCreditBalance on burstable types; ElastiCache EngineCPUUtilization",
        ),
        ("gcp", "cloudsql.googleapis.com/database/cpu/utilization, run.googleapis.com/container/cpu/utilizations"),
        ("redis", "INFO cpu; EngineCPUUtilization"),
    ],
    proof_metric: "resource_utilisation",
    proof: "CPU at p95 falls at equal load, and with it CPU-seconds per request",
    false_positives: "Batch nodes; a tier that autoscaling holds at its target by design (SCALE-004 judges that).",
    unknown_when: "there are fewer than 7 days of samples",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    if let Some(with_group) = judged_with_its_group(subject, context) {
        return with_group;
    }
    let Some(cpu) = tightest(subject, &[Limited::Cpu], subject.number("medium_days"), context) else {
        return CheckResult::unknown(
            GapReason::NotConnected,
            format!("the CPU of `{}` is not measured", subject.name()),
            "Connect Prometheus (node_exporter or cAdvisor), or the cloud account with cloudwatch:GetMetricData or monitoring.viewer.",
        );
    };
    let evidence = cpu.evidence(context);
    let (medium_days, need) = (subject.number("medium_days"), subject.number("samples_days"));
    // CPU is spiky: a few readings are not its peak, in either direction.
    if cpu.utilisation.days < need {
        return cpu.acquit(subject, "CPU", need, medium_days, evidence);
    }
    let used = cpu.used();
    let severity = if used > subject.number("critical") {
        Severity::Critical
    } else if used > subject.number("high") || cpu.ends_within(subject.number("high_days")) {
        Severity::High
    } else if used > subject.number("medium") || cpu.ends_within(medium_days) {
        Severity::Medium
    } else {
        return cpu.acquit(subject, "CPU", need, medium_days, evidence);
    };
    // Response time of M/M/1 in multiples of the service time; above 97 % the formula says less than "it queues".
    let slower = if used < 0.97 {
        format!("requests take {:.1} times their service time", 1.0 / (1.0 - used))
    } else {
        "requests queue".to_owned()
    };
    CheckResult::fail(severity, format!("{}; at that level {slower}.", cpu.said(subject, "CPU")), evidence)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::cap::headroom::cases::{lasts, thing, uses};
    use crate::testing::Case;
    use loadline_model::{Kind, Limited::Cpu, Relation, Tier};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "x"), expected);
        let x = || thing(Kind::Service, Tier::T1);
        check(x(), "unknown not_connected");
        check(uses(x(), Cpu, 0.30, 9.0, None), "pass");
        check(uses(x(), Cpu, 0.30, 2.0, None), "unknown short_window");
        check(uses(x(), Cpu, 0.95, 2.0, None), "unknown short_window");
        check(x().used("x", Cpu, 0.30, 9.0), "unknown short_window");
        check(lasts(x().used("x", Cpu, 0.30, 9.0), Cpu, "20_percent", Some(140.0), 2.0), "pass");
        check(lasts(x().used("x", Cpu, 0.60, 9.0), Cpu, "20_percent", Some(25.0), 2.0), "unknown short_window");
        check(uses(x(), Cpu, 0.60, 9.0, Some(80.0)), "fail medium");
        check(uses(x(), Cpu, 0.60, 9.0, Some(20.0)), "fail high");
        check(uses(x(), Cpu, 0.75, 9.0, None), "fail medium");
        check(uses(x(), Cpu, 0.85, 9.0, None), "fail high");
        check(uses(x(), Cpu, 0.95, 9.0, None), "fail critical");
        let member = x().thing("i", Kind::Instance).edge("i", Relation::MemberOf, "x").used("i", Cpu, 0.85, 9.0);
        check(member, "fail high");
    }
}
