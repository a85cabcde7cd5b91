//! Jobs can be lost or run twice.

use super::judged_with_its_queues;
use crate::db::wording::duration;
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "ASYNC-006",
    title: "Jobs can be lost or run twice",
    question: "What happens to a job when its worker dies or runs long?",
    why: "A job acknowledged before the work is lost with its worker; one that runs longer than the visibility timeout is given to a \
          second worker while the first still runs (Celery on Redis: 3,600 s by default).",
    condition: "p99 of run time is above 80 % of the visibility timeout, jobs have no time limit, a T0 job is acknowledged before the \
                work, or after it without being idempotent",
    fix: &[
        "time limits",
        "a visibility timeout longer than the longest job and delay",
        "an idempotency key stored with the result",
        "acknowledge late, with a prefetch of 1 for long jobs",
    ],
    effort_days: [0.5, 3.0],
    effort_source: "HD",
    weight: 2,
    severity: "high: jobs of a T0 queue are lost or run twice; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Queue]),
    numbers: &[Number { key: "of_timeout", value: 0.8, unit: "ratio", source: "HD; CEL and RMQ defaults" }],
    sources: &[
        (
            "aws",
            "sqs:GetQueueAttributes -> VisibilityTimeout; lambda Timeout and Duration p99 of the functions that read it",
        ),
        ("prometheus", "celery_task_runtime_bucket"),
        ("repository", "task_acks_late, task_time_limit, visibility_timeout, idempotency keys"),
        ("rabbitmq", "consumer_timeout (default 30 min)"),
    ],
    proof_metric: "dead_letter_depth",
    proof: "jobs that ran twice and jobs that were lost fall to 0",
    false_positives: "Jobs that are idempotent by nature, such as warming a cache.",
    unknown_when: "the configuration of the workers is not readable",
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
    let severity = if subject.is_t0() { Severity::High } else { Severity::Medium };
    let mut lacks = Vec::new();
    let timeout = seen.number("delivered again after", "s", key::VISIBILITY_TIMEOUT_SECONDS);
    let runs = seen.number("run time at p99", "s", key::TASK_SECONDS_P99);
    match (runs, timeout) {
        (Some(runs), Some(timeout)) if runs > subject.number("of_timeout") * timeout => verdict.fault(
            severity,
            format!(
                "jobs of `{name}` run {} at p99 and are given to a second worker after {}",
                duration(runs),
                duration(timeout)
            ),
        ),
        (Some(_), Some(_)) => {}
        (None, _) => lacks.push("how long jobs run"),
        (_, None) => lacks.push("after what time a job is delivered again"),
    }
    match seen.flag("jobs have a time limit", key::TASK_TIME_LIMIT) {
        Some(false) => {
            verdict.fault(Severity::Medium, format!("a job of `{name}` that hangs holds its worker for ever"))
        }
        Some(true) => {}
        None => lacks.push("whether jobs have a time limit"),
    }
    let acknowledged = seen.text("acknowledged", key::ACKNOWLEDGED);
    let idempotent = seen.flag("idempotent", key::TASK_IDEMPOTENT);
    match (acknowledged, idempotent) {
        (Some("before"), _) if subject.is_t0() => {
            verdict
                .fault(severity, format!("a job of `{name}` is acknowledged before the work and lost with its worker"));
        }
        (Some("before"), _) | (Some("after"), Some(true)) => {}
        (Some("after"), Some(false)) => {
            verdict.fault(severity, format!("a job of `{name}` whose worker dies runs again, with its effects"));
        }
        (Some("after"), None) => lacks.push("whether running a job twice does harm"),
        _ => lacks.push("when jobs are acknowledged"),
    }
    if let Some(what) = lacks.first() {
        verdict.lacks(
            GapReason::NotConnected,
            format!("{what} is not known for `{name}`"),
            "Connect the repository or the workers' configuration, the queue's attributes (sqs:GetQueueAttributes), and what measures run times.",
        );
    }
    verdict.answer(seen.rows, format!("A job of `{name}` is done once, also when its worker dies."))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::r#async::cases::queue;
    use crate::testing::Case;
    use loadline_model::{Tier, Value, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "jobs"), expected);
        let runs = |tier, seconds| {
            queue(tier)
                .number("jobs", key::VISIBILITY_TIMEOUT_SECONDS, 100.0)
                .number("jobs", key::TASK_SECONDS_P99, seconds)
                .flag("jobs", key::TASK_TIME_LIMIT, true)
        };
        let acknowledged = |case: Case, when: &str| case.set("jobs", key::ACKNOWLEDGED, Value::Text(when.into()));
        let late =
            |tier, seconds, on| acknowledged(runs(tier, seconds), "after").flag("jobs", key::TASK_IDEMPOTENT, on);
        check(queue(Tier::T0), "unknown not_connected");
        check(queue(Tier::T0).flag("jobs", key::IS_DEAD_LETTER, true), "not_applicable");
        check(runs(Tier::T0, 40.0), "unknown not_connected");
        check(acknowledged(runs(Tier::T0, 40.0), "after"), "unknown not_connected");
        check(late(Tier::T0, 40.0, true), "pass");
        check(late(Tier::T0, 40.0, false), "fail high");
        check(late(Tier::T0, 90.0, true), "fail high");
        check(late(Tier::T1, 90.0, true), "fail medium");
        check(acknowledged(runs(Tier::T0, 40.0), "before"), "fail high");
        check(acknowledged(runs(Tier::T1, 40.0), "before"), "pass");
        check(queue(Tier::T0).flag("jobs", key::TASK_TIME_LIMIT, false), "fail medium");
    }
}
