//! Oldest message too old.

use super::judged_with_its_queues;
use crate::db::wording::duration;
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::window::last_hours;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Severity, Tier, key};

pub(super) const RULE: Rule = Rule {
    id: "ASYNC-003",
    title: "Oldest message too old",
    question: "How long does accepted work wait?",
    why: "The time through the system is what users feel of background work: a mail for signing in that comes after ten minutes \
          is a failed sign-in.",
    condition: "At p99 of 24 h the oldest message waits longer than the objective; 60 s on T0, 15 min on T1, 24 h on T2 by default",
    fix: &["as ASYNC-002: workers that scale on age", "a queue for each objective"],
    effort_days: [0.5, 3.0],
    effort_source: "HD",
    weight: 3,
    severity: "high: 5 times the objective on T0; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Queue]),
    numbers: &[
        Number { key: "t0_s", value: 60.0, unit: "s", source: "HD" },
        Number { key: "t1_s", value: 900.0, unit: "s", source: "HD" },
        Number { key: "t2_s", value: 86_400.0, unit: "s", source: "HD" },
        Number { key: "high_times", value: 5.0, unit: "times", source: "HD" },
        Number { key: "window_hours", value: 24.0, unit: "h", source: "HD" },
    ],
    sources: &[
        ("aws", "AWS/SQS ApproximateAgeOfOldestMessage"),
        ("rabbitmq", "head_message_timestamp, only if publishers set one"),
        ("prometheus", "celery_task_queue_wait_time_bucket; consumer lag in seconds"),
    ],
    proof_metric: "queue_wait",
    proof: "p99 of the wait falls",
    false_positives: "Jobs that are delayed by design.",
    unknown_when: "messages carry no timestamp",
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
    let need = subject.number("window_hours");
    let Some(age) = last_hours(&subject.id, key::metric::QUEUE_AGE, need, context) else {
        verdict.lacks(
            GapReason::FeatureDisabled,
            format!("how long messages wait in `{name}` is not measured"),
            "Connect CloudWatch (ApproximateAgeOfOldestMessage), let publishers set a timestamp, or export the wait of jobs.",
        );
        return verdict.answer(seen.rows, "");
    };
    let agreed = seen.number("objective", "s", key::QUEUE_WAIT_OBJECTIVE_SECONDS).filter(|s| *s > 0.0);
    let objective = agreed.unwrap_or_else(|| {
        subject.number(match subject.tier {
            Tier::T0 => "t0_s",
            Tier::T1 => "t1_s",
            Tier::T2 => "t2_s",
        })
    });
    let waits = age.quantile(0.99);
    seen.rows.push(
        age.row("oldest message at p99 of 24 h", format!("{}, objective {}", duration(waits), duration(objective))),
    );
    if waits > objective {
        let extreme = subject.is_t0() && waits > subject.number("high_times") * objective;
        let severity = if extreme { Severity::High } else { Severity::Medium };
        verdict.fault(
            severity,
            format!("accepted work waits {} in `{name}`, the objective is {}", duration(waits), duration(objective)),
        );
    }
    age.require("the age of messages", need, &mut verdict);
    verdict.hidden(subject, context, &[key::QUEUE_WAIT_OBJECTIVE_SECONDS]);
    verdict.answer(seen.rows, format!("Work waits at most {} in `{name}`.", duration(waits)))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::r#async::cases::queue;
    use crate::testing::Case;
    use crate::window::cases::series;
    use loadline_model::{Tier, key, key::metric};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "jobs"), expected);
        let waits = |tier, hours, s: f64| queue(tier).has("jobs", series(metric::QUEUE_AGE, hours, move |_| s));
        check(queue(Tier::T0), "unknown feature_disabled");
        check(queue(Tier::T0).flag("jobs", key::IS_DEAD_LETTER, true), "not_applicable");
        check(waits(Tier::T0, 24, 40.0), "pass");
        check(waits(Tier::T0, 5, 40.0), "unknown short_window");
        check(waits(Tier::T0, 24, 70.0), "fail medium");
        check(waits(Tier::T0, 24, 400.0), "fail high");
        check(waits(Tier::T1, 24, 400.0), "pass");
        check(waits(Tier::T1, 24, 400.0).number("jobs", key::QUEUE_WAIT_OBJECTIVE_SECONDS, 300.0), "fail medium");
        check(waits(Tier::T2, 24, 4e4), "pass");
    }
}
