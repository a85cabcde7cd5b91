//! Members start or stop ungracefully, or lack resource settings.

use crate::db::wording::percent;
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "SCALE-008",
    title: "Members start or stop ungracefully, or lack resource settings",
    question: "Do deploys and scale-in drop requests, and can one container starve others?",
    why: "A member that gets requests before it is ready, or is stopped in the middle of them, turns every deployment into errors. \
          With checks, draining and one process per core deployments became invisible (S1).",
    condition: "No readiness check, no time to finish requests, no reserved CPU and memory, CPU throttled in more than 25 % of \
                periods, a kill for memory in 7 days, or a single-threaded runtime with one process on two or more cores",
    fix: &[
        "readiness on what it needs, liveness on the process only",
        "on SIGTERM finish what runs, then exit",
        "reserve p95 of use, limit memory with a margin",
        "use all cores",
    ],
    effort_days: [0.5, 3.0],
    effort_source: "HD",
    weight: 2,
    severity: "high: kills for memory on T0; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[
        Number { key: "throttled", value: 0.25, unit: "ratio", source: "HD" },
        Number { key: "cores", value: 2.0, unit: "count", source: "S1 (multi-process execution)" },
    ],
    sources: &[
        (
            "prometheus",
            "kube_pod_container_resource_requests; container_cpu_cfs_throttled_periods_total / container_cpu_cfs_periods_total; kube_pod_container_status_last_terminated_reason = OOMKilled",
        ),
        ("kubernetes", "readinessProbe, terminationGracePeriodSeconds, preStop"),
        (
            "aws",
            "target group deregistration_delay.timeout_seconds; ECS healthCheckGracePeriodSeconds, stopTimeout, cpu, memory; stopped tasks with OutOfMemoryError",
        ),
    ],
    proof_metric: "error_ratio",
    proof: "errors during deployments, throttled periods and kills for memory fall",
    false_positives: "A missing CPU limit by choice is not a finding.",
    unknown_when: "container metrics (cAdvisor) or the health settings are missing",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    let mut verdict = Verdict::new();
    let mut lacks = Vec::new();
    match seen.flag("readiness check", key::READINESS_CHECK) {
        Some(false) => {
            verdict.fault(Severity::Medium, format!("members of `{name}` get requests before they are ready"))
        }
        Some(true) => {}
        None => lacks.push("whether members wait for a readiness check"),
    }
    match seen.number("time to finish requests", "s", key::DRAIN_SECONDS) {
        Some(s) if s <= 0.0 => {
            verdict.fault(Severity::Medium, format!("members of `{name}` stop in the middle of requests"))
        }
        Some(_) => {}
        None => lacks.push("how long members may finish requests"),
    }
    match seen.flag("CPU and memory reserved", key::RESOURCES_RESERVED) {
        Some(false) => verdict.fault(
            Severity::Medium,
            format!("containers of `{name}` reserve no CPU or memory: a neighbour can starve them"),
        ),
        Some(true) => {}
        None => lacks.push("whether CPU and memory are reserved"),
    }
    match seen.number("CPU throttled", "of periods", key::CPU_THROTTLED) {
        Some(share) if share > subject.number("throttled") => {
            verdict.fault(Severity::Medium, format!("CPU of `{name}` is throttled in {} of periods", percent(share)));
        }
        Some(_) => {}
        None => lacks.push("whether CPU is throttled"),
    }
    let week = seen.number("kills for memory in 7 days", "", key::OOM_KILLS_7D);
    let month = seen.number("kills for memory in 30 days", "", key::OOM_KILLS_30D);
    match (week, month) {
        (Some(kills), _) if kills > 0.0 => {
            let severity = if subject.is_t0() { Severity::High } else { Severity::Medium };
            verdict.fault(severity, format!("members of `{name}` were killed for memory {kills:.0} times in 7 days"));
        }
        (Some(_), _) | (None, Some(0.0)) => {}
        _ => lacks.push("whether members were killed for memory in 7 days"),
    }
    single_process(subject, &mut seen, &mut verdict, &mut lacks);
    if let Some(what) = lacks.first() {
        verdict.lacks(
            GapReason::NotConnected,
            format!("{what} is not known for `{name}`"),
            "Connect the platform (ecs:DescribeServices, DescribeTaskDefinition, the cluster) and Prometheus with cAdvisor.",
        );
    }
    verdict.answer(
        seen.rows,
        format!("Members of `{name}` start when ready, finish what they began and have what they need."),
    )
}

/// One process of a single-threaded runtime leaves the other cores idle.
fn single_process(subject: &Subject<'_>, seen: &mut Reading<'_>, verdict: &mut Verdict, lacks: &mut Vec<&str>) {
    let engine = subject.engine();
    if !["node", "python", "ruby", "php"].iter().any(|e| engine.contains(e)) {
        return;
    }
    let processes = seen.number("processes per member", "", key::PROCESSES_PER_MEMBER);
    let cores = seen.number("cores per member", "", key::CORES_PER_MEMBER);
    match (processes, cores) {
        (Some(p), Some(c)) if p <= 1.0 && c >= subject.number("cores") => {
            verdict.fault(Severity::Medium, format!("one process of `{}` uses one of {c:.0} cores", subject.name()))
        }
        (Some(p), _) if p > 1.0 => {}
        (_, Some(c)) if c < subject.number("cores") => {}
        (Some(_), Some(_)) => {}
        _ => lacks.push("how many processes use how many cores"),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{Kind, Resource, Tier, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
        let node = |tier| {
            let engine = Some("nodejs".to_owned());
            Case::new().has("api", Resource { tier: Some(tier), engine, ..Resource::new(Kind::Service, "api") })
        };
        let graceful = |tier| {
            node(tier)
                .flag("api", key::READINESS_CHECK, true)
                .number("api", key::DRAIN_SECONDS, 60.0)
                .flag("api", key::RESOURCES_RESERVED, true)
                .number("api", key::CPU_THROTTLED, 0.02)
                .number("api", key::CORES_PER_MEMBER, 2.0)
                .number("api", key::PROCESSES_PER_MEMBER, 2.0)
        };
        let calm = |tier| graceful(tier).number("api", key::OOM_KILLS_30D, 0.0);
        check(node(Tier::T1), "unknown not_connected");
        check(graceful(Tier::T1), "unknown not_connected");
        check(calm(Tier::T1), "pass");
        check(graceful(Tier::T1).number("api", key::OOM_KILLS_30D, 2.0), "unknown not_connected");
        check(graceful(Tier::T1).number("api", key::OOM_KILLS_7D, 1.0), "fail medium");
        check(graceful(Tier::T0).number("api", key::OOM_KILLS_7D, 1.0), "fail high");
        check(node(Tier::T1).flag("api", key::READINESS_CHECK, false), "fail medium");
        check(node(Tier::T1).number("api", key::DRAIN_SECONDS, 0.0), "fail medium");
        check(node(Tier::T1).number("api", key::CPU_THROTTLED, 0.3), "fail medium");
        let alone = node(Tier::T1).number("api", key::PROCESSES_PER_MEMBER, 1.0);
        check(alone.number("api", key::CORES_PER_MEMBER, 4.0), "fail medium");
    }
}
