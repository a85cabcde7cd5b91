//! Message broker or topic is not replicated.

use crate::evaluate::{Reading, gap_about, hidden_by};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "SPOF-006",
    title: "Message broker or topic is not replicated",
    question: "Can one broker loss stop background work or lose accepted messages?",
    why: "Work that was accepted and then lost is worse than work that was refused: users were told it is done. RabbitMQ's \
          quorum queues and Kafka's replication factor of 3 with two in-sync copies survive one broker (RMQ, KFK).",
    condition: "one broker, or queues that are not copied, or fewer than three copies",
    fix: &[
        "three brokers over three zones",
        "quorum queues, or replication factor 3 with min.insync.replicas 2",
        "publisher confirms or acks=all",
        "drain and move queue by queue",
    ],
    effort_days: [2.0, 8.0],
    effort_source: "HD",
    weight: 3,
    severity: "high on a critical journey (T0), medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Queue]),
    numbers: &[Number {
        key: "copies",
        value: 3.0,
        unit: "members",
        source: "RMQ quorum queues; KFK replication factor",
    }],
    sources: &[
        ("rabbitmq", "GET /api/nodes -> running; GET /api/queues -> type, members, online, durable"),
        ("kafka", "DescribeTopics -> replicas, isr; DescribeConfigs -> min.insync.replicas"),
        (
            "aws",
            "mq:DescribeBroker -> DeploymentMode; kafka:ListClustersV2 -> NumberOfBrokerNodes; SQS is replicated by its platform",
        ),
    ],
    proof_metric: "availability_sli",
    proof: "publishing goes on while one broker restarts; under-replicated partitions stay 0",
    false_positives: "Transient, exclusive and reply queues.",
    unknown_when: "the broker answers, but the list of queues was cut by paging",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    if seen.flag("kept redundant by its platform", key::PLATFORM_REDUNDANT) == Some(true) {
        return CheckResult::pass(format!("The platform of `{name}` keeps copies of every message."), seen.rows);
    }
    let copied = seen.flag("messages are copied over brokers", key::QUEUE_REPLICATED);
    let votes = seen.number("voting members", "members", key::QUORUM_VOTES);
    let standbys = seen.number("standby brokers", "members", key::STANDBY_MEMBERS);
    let members = seen.members().len() as f64;
    let severity = if subject.is_t0() { Severity::High } else { Severity::Medium };
    let lost = "its loss stops background work and loses messages that were accepted";
    if copied == Some(false) {
        return CheckResult::fail(severity, format!("1 broker holds each message of `{name}`: {lost}."), seen.rows);
    }
    if let Some(votes) = votes.filter(|v| *v < subject.number("copies")) {
        let sentence =
            format!("{votes:.0} members hold `{name}`, fewer than {:.0}: one loss stops it.", subject.number("copies"));
        return CheckResult::fail(severity, sentence, seen.rows);
    }
    if members == 1.0 || standbys == Some(0.0) && copied.is_none() && members < 2.0 {
        return CheckResult::fail(severity, format!("1 broker runs `{name}`: {lost}."), seen.rows);
    }
    if let Some(gap) = gap_about(&subject.id, context, &["quorum", "queue", "failover", "member"]) {
        return hidden_by(gap, subject).with_evidence(seen.rows);
    }
    if copied == Some(true) {
        return CheckResult::pass(format!("The messages of `{name}` are copied; one broker can fail."), seen.rows);
    }
    CheckResult::unknown(
        GapReason::NotConnected,
        format!("whether the messages of `{name}` are copied over brokers is not visible"),
        "Connect the broker's management API (RabbitMQ: monitoring tag; Kafka: Describe), or the cloud account that runs it.",
    )
    .with_evidence(seen.rows)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{Kind, Tier, key};

    #[test]
    fn cases() {
        let queue = || Case::new().thing("jobs", Kind::Queue);
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "jobs"), expected);
        check(queue(), "unknown not_connected");
        check(queue().flag("jobs", key::QUEUE_REPLICATED, false), "fail high");
        check(queue().flag("jobs", key::QUEUE_REPLICATED, false).tier("jobs", Tier::T1), "fail medium");
        check(queue().flag("jobs", key::QUEUE_REPLICATED, true), "pass");
        let two = queue().flag("jobs", key::QUEUE_REPLICATED, true).number("jobs", key::QUORUM_VOTES, 2.0);
        check(two, "fail high");
        let three = queue().flag("jobs", key::QUEUE_REPLICATED, true).number("jobs", key::QUORUM_VOTES, 3.0);
        check(three, "pass");
        let cut = queue().flag("jobs", key::QUEUE_REPLICATED, true).gap("jobs", "queues");
        check(cut, "unknown permission_denied");
        check(queue().members("jobs", &["b1"], Some(1)), "fail high");
        check(queue().members("jobs", &["b1", "b2"], Some(1)), "unknown not_connected");
        check(queue().number("jobs", key::STANDBY_MEMBERS, 0.0), "fail high");
        check(queue().flag("jobs", key::PLATFORM_REDUNDANT, true), "pass");
        assert_eq!(Case::new().listed(Kind::Queue).answer(&RULE, "organisation"), "not_applicable");
    }
}
