//! Too few, saturated or missing consumers.

use super::{GROWTH_HOURS, judged_with_its_queues, net_inflow};
use crate::db::wording::{count, percent};
use crate::evaluate::{Reading, gap_anywhere};
use crate::verdict::Verdict;
use crate::window::last_hours;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Relation, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "ASYNC-005",
    title: "Too few, saturated or missing consumers",
    question: "Is anything listening, and can it keep up?",
    why: "A queue accepts work whether or not anybody does it; the one worker that died on Friday is found on Monday.",
    condition: "Messages wait and nobody listens, one consumer serves a T0 queue, consumers are busy for more than half of the time \
                with a backlog, or they do not scale although the queue grew in 28 days",
    fix: &[
        "two or more workers over zones",
        "scale on backlog per worker",
        "more partitions before more consumers",
        "tune the prefetch",
    ],
    effort_days: [0.5, 3.0],
    effort_source: "HD",
    weight: 2,
    severity: "critical: nobody listens on T0; high: nobody listens elsewhere, or one consumer on T0; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Queue]),
    numbers: &[
        Number { key: "consumers", value: 2.0, unit: "count", source: "HD" },
        Number { key: "capacity", value: 0.5, unit: "ratio", source: "HD" },
        Number { key: "growth_days", value: 28.0, unit: "d", source: "HD" },
    ],
    sources: &[
        ("rabbitmq", "consumers, consumer_capacity"),
        ("prometheus", "rabbitmq_detailed_queue_consumers, kafka_consumergroup_members, celery_active_consumer_count"),
        (
            "aws",
            "ecs desiredCount of the services that read the queue, lambda:ListEventSourceMappings; their scaling policies",
        ),
    ],
    proof_metric: "queue_wait",
    proof: "minutes without consumers and backlog per worker fall",
    false_positives: "Queues that are drained on demand.",
    unknown_when: "the workers of the queue are not mapped",
    prerequisites: &["ASYNC-004"],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    if let Some(dead) = judged_with_its_queues(subject, &mut seen) {
        return dead;
    }
    let name = subject.name();
    let mut verdict = Verdict::new();
    let depth = last_hours(&subject.id, key::metric::QUEUE_DEPTH, 24.0, context);
    let waiting = depth.as_ref().map(|d| d.last());
    seen.rows.extend(depth.as_ref().map(|d| d.row("messages waiting", count(d.last()))));
    let listening =
        seen.number("consumers", "", key::CONSUMERS).or_else(|| members_of_consumers(subject, context, &mut seen));
    match listening {
        Some(n) if n <= 0.0 => match waiting {
            Some(messages) if messages > 0.0 => {
                let severity = if subject.is_t0() { Severity::Critical } else { Severity::High };
                verdict.fault(severity, format!("{} messages wait in `{name}` and nobody listens", count(messages)));
            }
            Some(_) => {}
            None => verdict.lacks(
                GapReason::NotConnected,
                format!("nobody listens to `{name}`, and whether messages wait is not measured"),
                "Connect what counts its messages.",
            ),
        },
        Some(n) if n < subject.number("consumers") && subject.is_t0() => {
            verdict.fault(
                Severity::High,
                format!("one consumer does the work of `{name}`: when it stops, all of it waits"),
            );
        }
        Some(_) => {}
        None => verdict.lacks(
            GapReason::UnmappedSubject,
            format!("who reads `{name}` is not known"),
            "Connect the broker, or link the queue to the service that consumes it.",
        ),
    }
    let free = seen.number("deliverable at once", "of the time", key::CONSUMER_CAPACITY);
    if let Some(free) = free.filter(|c| *c < subject.number("capacity") && waiting.is_some_and(|w| w > 0.0)) {
        verdict.fault(
            Severity::Medium,
            format!(
                "consumers of `{name}` can take a message in only {} of the time while messages wait",
                percent(free)
            ),
        );
    }
    let hours = 24.0 * subject.number("growth_days");
    let grew = net_inflow(subject, hours, context).is_some_and(|net| net.longest_hours(|v| v > 0.0) >= GROWTH_HOURS);
    if seen.flag("consumers scale by themselves", key::CONSUMERS_SCALE) == Some(false) && grew {
        verdict.fault(Severity::Medium, format!("`{name}` grew in the last 28 days and nothing adds consumers"));
    }
    if let Some(gap) =
        gap_anywhere(context, &["consumes", key::CONSUMER_CAPACITY, key::CONSUMERS_SCALE, "members.desired"])
    {
        verdict.lacks(gap.reason, format!("who reads `{name}` is not certain: {}", gap.detail), gap.closes.clone());
    }
    verdict.hidden(subject, context, &["series"]);
    verdict.answer(seen.rows, format!("Enough consumers listen to `{name}`."))
}

/// Members of the services that read the queue; a platform that scales by itself counts as enough.
fn members_of_consumers(subject: &Subject<'_>, context: &Context<'_>, seen: &mut Reading<'_>) -> Option<f64> {
    let facts = context.facts;
    let mut sum = None;
    for edge in facts.edges_to(&subject.id).filter(|e| e.edge.relation == Relation::Consumes) {
        let reader = context.reference(&edge.from).name;
        let elastic = facts.flag(&edge.from, key::PLATFORM_REDUNDANT).filter(|(on, _)| *on);
        let desired = facts.number(&edge.from, key::DESIRED_MEMBERS);
        let (members, from) = match (elastic, desired) {
            (Some((_, from)), _) => (subject.number("consumers"), from),
            (None, Some((members, from))) => (members, from),
            (None, None) => continue,
        };
        seen.row("read by", reader.clone(), edge.provenance);
        seen.row(format!("members of {reader}"), count(members), from);
        sum = Some(sum.unwrap_or(0.0) + members);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::r#async::cases::{flows, queue};
    use crate::testing::Case;
    use crate::window::cases::series;
    use loadline_model::{Relation, Tier, key, key::metric};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "jobs"), expected);
        let listen = |tier, n| queue(tier).number("jobs", key::CONSUMERS, n);
        let waits = |case: Case, n: f64| case.has("jobs", series(metric::QUEUE_DEPTH, 24, move |_| n));
        let read_by = |case: Case| case.edge("worker", Relation::Consumes, "jobs");
        check(queue(Tier::T0), "unknown unmapped_subject");
        check(queue(Tier::T0).flag("jobs", key::IS_DEAD_LETTER, true), "not_applicable");
        check(read_by(queue(Tier::T0)), "unknown unmapped_subject");
        check(read_by(queue(Tier::T0)).number("worker", key::DESIRED_MEMBERS, 2.0), "pass");
        check(read_by(queue(Tier::T0)).flag("worker", key::PLATFORM_REDUNDANT, true), "pass");
        check(listen(Tier::T0, 0.0), "unknown not_connected");
        check(waits(listen(Tier::T0, 0.0), 5.0), "fail critical");
        check(waits(listen(Tier::T1, 0.0), 5.0), "fail high");
        check(waits(listen(Tier::T1, 0.0), 0.0), "pass");
        check(listen(Tier::T0, 1.0), "fail high");
        check(listen(Tier::T1, 1.0), "pass");
        check(listen(Tier::T0, 2.0), "pass");
        check(listen(Tier::T0, 2.0).gap("worker", "consumes"), "unknown permission_denied");
        check(waits(listen(Tier::T0, 2.0), 9.0).number("jobs", key::CONSUMER_CAPACITY, 0.4), "fail medium");
        let fixed = |case: Case| case.flag("jobs", key::CONSUMERS_SCALE, false);
        check(fixed(flows(listen(Tier::T0, 2.0), 48, 2.0, 9.0)), "fail medium");
        check(fixed(flows(listen(Tier::T0, 2.0), 48, -1.0, 9.0)), "pass");
    }
}
