//! Quorum group cannot lose a member.

use crate::evaluate::Reading;
use crate::{Applies, Context, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "SPOF-010",
    title: "Quorum group cannot lose a member",
    question: "Is there a replica set or quorum that already runs at its minimum?",
    why: "A group that needs a majority stops accepting writes with the next member it loses once none is spare. With members at \
          99.5 % each, two of three are out 0.0075 % of the time, one alone 0.5 %.",
    condition: "healthy voters are no more than the majority of all voters, or the number of voters is even",
    fix: &[
        "bring the failed member back",
        "grow to 3 or 5 voters over 3 zones",
        "replace arbiters by members that hold data",
    ],
    effort_days: [1.0, 4.0],
    effort_source: "HD",
    weight: 3,
    severity: "critical when no member is spare now, high when the design has none, medium for an even number of voters",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Database, Kind::Cache, Kind::Queue]),
    numbers: &[],
    sources: &[
        ("mongodb", "replSetGetConfig -> members[].votes; replSetGetStatus -> members[].health"),
        (
            "kafka",
            "UnderMinIsrPartitionCount, OfflinePartitionsCount; kafka_topic_partition_under_replicated_partition",
        ),
        ("rabbitmq", "GET /api/queues -> members, online"),
        ("redis", "SENTINEL ckquorum; CLUSTER INFO -> cluster_state"),
        ("k8s", "etcd_server_has_leader, etcd member count"),
    ],
    proof_metric: "spare_members",
    proof: "members above the quorum rise to 1 or more",
    false_positives: "A planned rolling restart, within its announced window.",
    unknown_when: "the member health that the source reports is older than 5 minutes: it is then left out",
    prerequisites: &[],
    check,
};

/// Engines whose members vote; others fail over by other means (SPOF-004).
const VOTING: [&str; 7] = ["mongodb", "kafka", "rabbitmq", "redis", "valkey", "etcd", "elasticsearch"];

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    let votes = seen.number("votes", "members", key::QUORUM_VOTES);
    let healthy = seen.number("healthy voters", "members", key::QUORUM_HEALTHY);
    if votes.is_none() && healthy.is_none() {
        return no_vote_seen(subject, seen);
    }
    let (Some(votes), Some(healthy)) = (votes, healthy) else {
        return CheckResult::unknown(
            GapReason::PermissionDenied,
            format!("only one of votes and healthy voters of `{name}` could be read"),
            "Allow reading both the configuration and the status of the group (MongoDB: clusterMonitor).",
        )
        .with_evidence(seen.rows);
    };
    let majority = (votes / 2.0).floor() + 1.0;
    let configured = seen.number("votes that must agree", "members", key::QUORUM_NEEDED).unwrap_or(0.0);
    // A Sentinel's quorum may ask for more than the majority, which it needs in any case.
    let needed = majority.max(configured);
    let spare = healthy - needed;
    seen.follows("majority", format!("{majority:.0} of {votes:.0}"));
    seen.follows("spare members", format!("{spare:.0}"));
    let stops = "the next loss stops its writes";
    if votes - needed < 1.0 && healthy >= votes {
        let sentence = format!("0 of {votes:.0} voters of `{name}` may fail by its design: {stops}.");
        let remedy = if votes - majority < 1.0 {
            format!("Grow `{name}` to 3 voters in 3 zones.")
        } else {
            format!("Lower the quorum of `{name}` from {configured:.0} to {majority:.0}.")
        };
        return CheckResult::fail(Severity::High, sentence, seen.rows).with_remedy(remedy);
    }
    if spare < 1.0 {
        let sentence =
            format!("{healthy:.0} of {votes:.0} voters of `{name}` are healthy and {needed:.0} are needed: {stops}.");
        return CheckResult::fail(Severity::Critical, sentence, seen.rows)
            .with_remedy(format!("Bring the {:.0} missing voters of `{name}` back first.", votes - healthy));
    }
    if votes % 2.0 == 0.0 {
        let sentence =
            format!("{votes:.0} voters are even: `{name}` can lose no more members than with {:.0}.", votes - 1.0);
        return CheckResult::fail(Severity::Medium, sentence, seen.rows);
    }
    CheckResult::pass(format!("{spare:.0} of {votes:.0} voters of `{name}` can be lost."), seen.rows)
}

fn no_vote_seen(subject: &Subject<'_>, mut seen: Reading<'_>) -> CheckResult {
    let name = subject.name();
    let engine = subject.engine();
    if !engine.is_empty() && !VOTING.contains(&engine) {
        return CheckResult::not_applicable(format!("`{name}` ({engine}) keeps no quorum of its own."));
    }
    if seen.flag("kept redundant by its platform", key::PLATFORM_REDUNDANT) == Some(true) {
        return CheckResult::pass(format!("The platform of `{name}` keeps its copies."), seen.rows);
    }
    if seen.number("standbys", "members", key::STANDBY_MEMBERS) == Some(0.0) {
        let because = format!("`{name}` is a single node and votes with nobody.");
        return CheckResult::not_applicable(because).with_evidence(seen.rows);
    }
    CheckResult::unknown(
        GapReason::NotConnected,
        format!("votes and health of the members of `{name}` are not known"),
        "Connect the engine itself with the right to read its group's status (MongoDB: clusterMonitor; RabbitMQ: monitoring).",
    )
    .with_evidence(seen.rows)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{Kind, Resource, key};

    fn run(engine: &str) -> Case {
        Case::new().has("db", Resource { engine: Some(engine.into()), ..Resource::new(Kind::Database, "db") })
    }

    #[test]
    fn cases() {
        let group = |votes, healthy| {
            run("mongodb").number("db", key::QUORUM_VOTES, votes).number("db", key::QUORUM_HEALTHY, healthy)
        };
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
        check(run("mongodb"), "unknown not_connected");
        check(run("mongodb").number("db", key::QUORUM_VOTES, 3.0), "unknown permission_denied");
        check(group(3.0, 3.0), "pass");
        check(group(3.0, 2.0), "fail critical");
        check(group(5.0, 4.0), "pass");
        check(group(5.0, 3.0), "fail critical");
        check(group(2.0, 2.0), "fail high");
        check(group(2.0, 1.0), "fail critical");
        check(group(1.0, 1.0), "fail high");
        check(group(4.0, 4.0), "fail medium");
        check(group(4.0, 3.0), "fail critical");
        let sentinels = |quorum, healthy| group(3.0, healthy).number("db", key::QUORUM_NEEDED, quorum);
        check(sentinels(2.0, 3.0), "pass");
        check(sentinels(3.0, 3.0), "fail high");
        check(sentinels(3.0, 2.0), "fail critical");
        check(sentinels(1.0, 2.0), "fail critical");
        check(run("postgresql"), "not_applicable");
        check(run("redis").number("db", key::STANDBY_MEMBERS, 0.0), "not_applicable");
        check(run("kafka").flag("db", key::PLATFORM_REDUNDANT, true), "pass");
    }
}
