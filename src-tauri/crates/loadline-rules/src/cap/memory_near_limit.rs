//! Memory near limit.

use super::headroom::{judged_with_its_group, tightest};
use crate::db::wording::count;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Limited, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "CAP-002",
    title: "Memory near limit",
    question: "Will something be killed for memory?",
    why: "Memory has no gentle end: at the limit the system kills whatever is largest, usually the database or the process that \
          serves most users.",
    condition: "Memory at peak is above 85 %, or reaches its line within 7 days, or something was killed for memory in 30 days",
    fix: &["hunt the leak by comparing heaps", "set limits and concurrency to match", "add memory last"],
    effort_days: [0.5, 5.0],
    effort_source: "HD",
    weight: 2,
    severity: "critical: above 95 % on a store, or a kill on a T0 thing; high: above 90 %, or a kill elsewhere; medium above 85 %",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Service, Kind::Instance, Kind::Host, Kind::Database, Kind::Cache]),
    numbers: &[
        Number { key: "medium", value: 0.85, unit: "ratio", source: "HD" },
        Number { key: "high", value: 0.90, unit: "ratio", source: "HD" },
        Number { key: "critical", value: 0.95, unit: "ratio", source: "HD" },
        Number { key: "leak_days", value: 7.0, unit: "d", source: "HD" },
        Number { key: "samples_days", value: 7.0, unit: "d", source: "HD" },
    ],
    sources: &[
        (
            "prometheus",
            "container_memory_working_set_bytes / limit; node_memory_MemAvailable_bytes; kube_pod_container_status_last_terminated_reason{reason=\"OOMKilled\"}",
        ),
        (
            "aws",
            "AWS/RDS FreeableMemory, SwapUsage; CWAgent mem_used_percent; ElastiCache DatabaseMemoryUsagePercentage",
        ),
        (
            "gcp",
            "cloudsql.googleapis.com/database/memory/utilization, run.googleapis.com/container/memory/utilizations",
        ),
        ("redis", "INFO memory -> used_memory, maxmemory"),
    ],
    proof_metric: "resource_utilisation",
    proof: "working set at p95 and kills for memory fall",
    false_positives: "Page cache that is counted as used.",
    unknown_when: "an EC2 instance has no agent: its memory is invisible from outside",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    if let Some(with_group) = judged_with_its_group(subject, context) {
        return with_group;
    }
    let mut evidence = Vec::new();
    let kills = context.facts.number(&subject.id, key::OOM_KILLS_30D);
    evidence.extend(kills.map(|(n, p)| Evidence::read("kills for memory in 30 days", count(n), p)));
    if let Some((n, _)) = kills.filter(|(n, _)| *n > 0.0) {
        let severity = if subject.is_t0() { Severity::Critical } else { Severity::High };
        let sentence = format!("`{}` was killed for memory {} times in 30 days.", subject.name(), count(n));
        return CheckResult::fail(severity, sentence, evidence);
    }
    let Some(memory) = tightest(subject, &[Limited::Memory], subject.number("leak_days"), context) else {
        return CheckResult::unknown(
            GapReason::FeatureDisabled,
            format!("the memory of `{}` is not measured", subject.name()),
            "Install the CloudWatch agent (mem_used_percent) or node_exporter; for containers connect a Prometheus with cAdvisor.",
        )
        .with_evidence(evidence);
    };
    evidence.extend(memory.evidence(context));
    let used = memory.used();
    let store = subject.kind().is_some_and(Kind::is_store);
    let severity = if used > subject.number("critical") && store {
        Severity::Critical
    } else if used > subject.number("high") {
        Severity::High
    } else if used > subject.number("medium") || memory.ends_within(subject.number("leak_days")) {
        Severity::Medium
    } else {
        return memory.acquit(subject, "memory", subject.number("samples_days"), subject.number("leak_days"), evidence);
    };
    CheckResult::fail(severity, format!("{}; beyond it something is killed.", memory.said(subject, "memory")), evidence)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::cap::headroom::cases::{thing, uses};
    use crate::testing::Case;
    use loadline_model::{Kind, Limited::Memory, Tier, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "x"), expected);
        let x = |kind| thing(kind, Tier::T1);
        check(x(Kind::Service), "unknown feature_disabled");
        check(uses(x(Kind::Service), Memory, 0.5, 9.0, None), "pass");
        check(uses(x(Kind::Service), Memory, 0.5, 1.0, None), "unknown short_window");
        check(uses(x(Kind::Service), Memory, 0.5, 9.0, Some(6.0)), "fail medium");
        check(uses(x(Kind::Service), Memory, 0.86, 0.0, None), "fail medium");
        check(uses(x(Kind::Service), Memory, 0.96, 9.0, None), "fail high");
        check(uses(x(Kind::Database), Memory, 0.96, 9.0, None), "fail critical");
        check(x(Kind::Service).number("x", key::OOM_KILLS_30D, 1.0), "fail high");
        check(thing(Kind::Service, Tier::T0).number("x", key::OOM_KILLS_30D, 1.0), "fail critical");
    }
}
