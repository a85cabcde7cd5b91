//! Broker resource alarm or no headroom.

use super::judged_with_its_queues;
use crate::db::wording::percent;
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "ASYNC-007",
    title: "Broker resource alarm or no headroom",
    question: "Is the broker about to block publishers?",
    why: "At its memory or disk limit a broker blocks whoever publishes, and the request that only wanted to queue a mail hangs.",
    condition: "A resource alarm is active, or memory, disk or descriptors are more than 80 % used",
    fix: &[
        "drain it, or add consumers",
        "raise the disk limit and the disk",
        "limit the length of queues, with an overflow policy",
    ],
    effort_days: [0.25, 2.0],
    effort_source: "HD",
    weight: 2,
    severity: "critical: an alarm on T0; high: an alarm elsewhere, or more than 90 % used; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Queue]),
    numbers: &[
        Number { key: "used", value: 0.8, unit: "ratio", source: "HD; RMQ watermark 0.6 of memory" },
        Number { key: "high_used", value: 0.9, unit: "ratio", source: "HD" },
    ],
    sources: &[
        ("rabbitmq", "GET /api/nodes -> mem_alarm, disk_free_alarm, mem_used, mem_limit, fd_used, fd_total"),
        (
            "prometheus",
            "rabbitmq_alarms_memory_used_watermark, rabbitmq_process_resident_memory_bytes / rabbitmq_resident_memory_limit_bytes; kafka log directory usage",
        ),
        ("aws", "AWS/AmazonMQ RabbitMQMemUsed, RabbitMQMemLimit, RabbitMQDiskFree; AWS/Kafka KafkaDataLogsDiskUsed"),
    ],
    proof_metric: "dead_letter_depth",
    proof: "minutes in alarm fall to 0 and headroom rises",
    false_positives: "Nodes for development.",
    unknown_when: "the node endpoint may not be read",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    if let Some(dead) = judged_with_its_queues(subject, &mut seen) {
        return dead;
    }
    let name = subject.name();
    if seen.flag("kept up by its platform", key::PLATFORM_REDUNDANT) == Some(true) {
        let because = format!("`{name}` has no broker that its user could fill: its platform sizes it.");
        return CheckResult::not_applicable(because).with_evidence(seen.rows);
    }
    let mut verdict = Verdict::new();
    let alarm = seen.flag("resource alarm", key::BROKER_ALARM);
    let used = seen.number("most used of memory, disk, descriptors", "", key::BROKER_USED);
    if alarm == Some(true) {
        let severity = if subject.is_t0() { Severity::Critical } else { Severity::High };
        verdict.fault(severity, format!("the broker of `{name}` raises an alarm and blocks publishers"));
    }
    if let Some(used) = used.filter(|u| *u > subject.number("used")) {
        let severity = if used > subject.number("high_used") { Severity::High } else { Severity::Medium };
        verdict.fault(
            severity,
            format!("the broker of `{name}` uses {} of a resource; at its limit publishers block", percent(used)),
        );
    }
    if alarm.is_none() || used.is_none() {
        verdict.lacks(
            GapReason::NotConnected,
            format!("the resources of the broker of `{name}` were not read"),
            "Connect the broker (GET /api/nodes needs the monitoring tag), its Prometheus plugin, or CloudWatch.",
        );
    }
    verdict.answer(seen.rows, format!("The broker of `{name}` has headroom."))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::r#async::cases::queue;
    use crate::testing::Case;
    use loadline_model::{Tier, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "jobs"), expected);
        let alarm = |tier, on| queue(tier).flag("jobs", key::BROKER_ALARM, on);
        let used = |share| alarm(Tier::T0, false).number("jobs", key::BROKER_USED, share);
        check(queue(Tier::T0), "unknown not_connected");
        check(queue(Tier::T0).flag("jobs", key::PLATFORM_REDUNDANT, true), "not_applicable");
        check(alarm(Tier::T0, false), "unknown not_connected");
        check(alarm(Tier::T0, true), "fail critical");
        check(alarm(Tier::T1, true), "fail high");
        check(used(0.5), "pass");
        check(used(0.85), "fail medium");
        check(used(0.95), "fail high");
    }
}
