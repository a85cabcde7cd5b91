//! No dead-letter path, or dead letters pile up.

use super::judged_with_its_queues;
use crate::db::wording::{count, duration, percent};
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{Alert, CheckResult, Escalation, GapReason, Kind, Severity, Tier, key};

pub(super) const RULE: Rule = Rule {
    id: "ASYNC-004",
    title: "No dead-letter path, or dead letters pile up",
    question: "Where do failing jobs go, and does someone look?",
    why: "Without a dead-letter path a bad message is delivered for ever or dropped without a word; RabbitMQ's quorum queues drop it \
          after 20 deliveries since 4.0.",
    condition: "A user-facing queue has no dead-letter destination, deliveries are not limited, dead letters wait for more than 24 h \
                without an alert, or more than 1 % of jobs fail",
    fix: &[
        "a dead-letter queue with bounded retries and backoff",
        "an alert on the first letter",
        "a way to send them again, and an owner",
    ],
    effort_days: [0.5, 2.0],
    effort_source: "HD",
    weight: 3,
    severity: "high: T0 without a dead-letter path; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Queue]),
    numbers: &[
        Number { key: "age_hours", value: 24.0, unit: "h", source: "HD" },
        Number { key: "failing", value: 0.01, unit: "ratio", source: "HD" },
    ],
    sources: &[
        (
            "aws",
            "sqs:GetQueueAttributes -> RedrivePolicy.deadLetterTargetArn, maxReceiveCount; ApproximateNumberOfMessagesVisible of the dead-letter queue; lambda DeadLetterConfig",
        ),
        ("rabbitmq", "arguments x-dead-letter-exchange, x-delivery-limit, or the policy"),
        ("prometheus", "celery_task_failed_total, celery_task_retried_total"),
    ],
    proof_metric: "dead_letter_depth",
    proof: "dead letters and their age fall, and so does the failure ratio",
    false_positives: "Telemetry that may be lost.",
    unknown_when: "policies may not be read",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    if let Some(dead) = judged_with_its_queues(subject, &mut seen) {
        return dead;
    }
    let name = subject.name();
    let mut verdict = Verdict::new();
    let path = seen.flag("dead-letter destination", key::DEAD_LETTER);
    match path {
        Some(false) if subject.tier != Tier::T2 => {
            let severity = if subject.is_t0() { Severity::High } else { Severity::Medium };
            verdict.fault(severity, format!("a job of `{name}` that keeps failing is delivered for ever or lost"));
        }
        Some(_) => {}
        None => lacks(&mut verdict, subject, "where failing jobs go"),
    }
    if seen.number("deliveries before it is given up", "", key::DELIVERY_LIMIT).is_some_and(|n| n < 0.0) {
        verdict.fault(Severity::Medium, format!("`{name}` delivers a failing job without limit"));
    }
    let depth = seen.number("dead letters", "", key::DEAD_LETTER_DEPTH);
    let age = seen.number("they wait for", "h", key::DEAD_LETTER_AGE_HOURS);
    match (depth, age) {
        (Some(n), _) if n <= 0.0 => {}
        (_, Some(hours)) if hours <= subject.number("age_hours") => {}
        (Some(n), Some(hours)) if !alerted(subject, context, &mut seen) => verdict.fault(
            Severity::Medium,
            format!(
                "{} jobs of `{name}` failed {} ago or earlier and no alert says so",
                count(n),
                duration(hours * 3_600.0)
            ),
        ),
        (Some(_), Some(_)) => {}
        _ if path == Some(true) => lacks(&mut verdict, subject, "how many dead letters wait and for how long"),
        _ => {}
    }
    if let Some(share) =
        seen.number("failed jobs in 24 h", "", key::QUEUE_FAILURE_RATIO).filter(|s| *s > subject.number("failing"))
    {
        verdict.fault(Severity::Medium, format!("{} of the jobs of `{name}` fail", percent(share)));
    }
    verdict.hidden(subject, context, &[key::DELIVERY_LIMIT, key::QUEUE_FAILURE_RATIO]);
    verdict.answer(seen.rows, format!("Jobs of `{name}` that keep failing are kept, and somebody looks."))
}

fn alerted(subject: &Subject<'_>, context: &Context<'_>, seen: &mut Reading<'_>) -> bool {
    let about = |a: &&Alert| a.subjects.iter().any(|s| context.facts.canonical(s) == subject.id);
    let alert = context.facts.all::<Alert>().filter(|(_, a, _)| about(a)).min_by(|a, b| a.1.name.cmp(&b.1.name));
    if let Some((_, alert, from)) = &alert {
        seen.row("alert", alert.name.clone(), from);
    }
    alert.is_some()
}

fn lacks(verdict: &mut Verdict, subject: &Subject<'_>, what: &str) {
    verdict.lacks(
        GapReason::NotConnected,
        format!("{what} is not known for `{}`", subject.name()),
        "Allow sqs:GetQueueAttributes and cloudwatch:GetMetricData, or connect the broker with its policies.",
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::r#async::cases::queue;
    use crate::testing::Case;
    use loadline_model::{Alert, AlertKind, Tier, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "jobs"), expected);
        let path = |tier, on| queue(tier).flag("jobs", key::DEAD_LETTER, on);
        let letters = |n, hours| {
            path(Tier::T0, true).number("jobs", key::DEAD_LETTER_DEPTH, n).number(
                "jobs",
                key::DEAD_LETTER_AGE_HOURS,
                hours,
            )
        };
        let alert = Alert {
            name: "DeadLetters".into(),
            expression: "> 0".into(),
            watches: AlertKind::Other,
            subjects: vec!["jobs".into()],
            pages: None,
            runbook: None,
            owner: None,
            delivery_tested_at: None,
            firings_28d: None,
            firing_since: None,
        };
        check(queue(Tier::T0), "unknown not_connected");
        check(queue(Tier::T0).flag("jobs", key::IS_DEAD_LETTER, true), "not_applicable");
        check(path(Tier::T0, false), "fail high");
        check(path(Tier::T1, false), "fail medium");
        check(path(Tier::T2, false), "pass");
        check(path(Tier::T0, true), "unknown not_connected");
        check(letters(0.0, 0.0), "pass");
        check(letters(3.0, 5.0), "pass");
        check(letters(3.0, 30.0), "fail medium");
        check(letters(3.0, 30.0).has("jobs", alert), "pass");
        check(letters(0.0, 0.0).number("jobs", key::DELIVERY_LIMIT, -1.0), "fail medium");
        check(letters(0.0, 0.0).number("jobs", key::QUEUE_FAILURE_RATIO, 0.02), "fail medium");
        check(letters(0.0, 0.0).gap("jobs", key::QUEUE_FAILURE_RATIO), "unknown permission_denied");
    }
}
