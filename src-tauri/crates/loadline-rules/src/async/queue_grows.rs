//! Queue grows faster than it drains.

use super::{GROWTH_HOURS, judged_with_its_queues, net_inflow};
use crate::db::wording::{count, duration};
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::window::last_hours;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Severity, Tier, key};

pub(super) const RULE: Rule = Rule {
    id: "ASYNC-002",
    title: "Queue grows faster than it drains",
    question: "Will the backlog clear, and when?",
    why: "A queue hides an overload until it is long: by Little's law what waits is rate times waiting time, so twice the backlog is \
          twice the delay.",
    condition: "In the last 24 h more came in than went out for 30 minutes, or the backlog takes more than 15 minutes (T0), an hour \
                (T1) or 4 hours (T2) to drain",
    fix: &["scale workers on backlog or age", "give slow jobs a queue of their own", "batch, or drop what is stale"],
    effort_days: [0.5, 3.0],
    effort_source: "HD",
    weight: 3,
    severity: "critical: T0 and not draining for an hour; high: drains too late; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Queue]),
    numbers: &[
        Number { key: "drain_t0_min", value: 15.0, unit: "min", source: "HD" },
        Number { key: "drain_t1_min", value: 60.0, unit: "min", source: "HD" },
        Number { key: "drain_t2_min", value: 240.0, unit: "min", source: "HD" },
        Number { key: "window_hours", value: 24.0, unit: "h", source: "HD" },
    ],
    sources: &[
        ("aws", "AWS/SQS ApproximateNumberOfMessagesVisible, NumberOfMessagesSent, NumberOfMessagesDeleted"),
        ("rabbitmq", "GET /api/queues -> messages_ready, message_stats.publish_details.rate, ack_details.rate"),
        ("prometheus", "rabbitmq_detailed_queue_messages_ready, kafka_consumergroup_lag, celery_queue_length"),
    ],
    proof_metric: "queue_wait",
    proof: "drain time at p95 falls",
    false_positives: "Bulk jobs at night with an agreed deadline.",
    unknown_when: "rates are off (rates_mode none)",
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
    let Some(depth) = last_hours(&subject.id, key::metric::QUEUE_DEPTH, need, context) else {
        verdict.lacks(
            GapReason::NotConnected,
            format!("how much waits in `{name}` is not measured"),
            "Connect what counts it (CloudWatch ApproximateNumberOfMessagesVisible, the broker, a Prometheus exporter).",
        );
        return verdict.answer(seen.rows, "");
    };
    let backlog = depth.last();
    seen.rows.push(depth.row(
        "messages waiting, now and most in 24 h",
        format!("{} and {}", count(backlog), count(depth.quantile(1.0))),
    ));
    depth.require("the backlog", need, &mut verdict);
    if depth.quantile(1.0) <= 0.0 {
        return verdict.answer(seen.rows, format!("Nothing waited in `{name}`."));
    }
    let Some(net) = net_inflow(subject, need, context) else {
        verdict.lacks(
            GapReason::FeatureDisabled,
            format!("{} messages wait in `{name}`; how fast they come in and go out is not measured", count(backlog)),
            "Let the account read NumberOfMessagesSent and NumberOfMessagesDeleted, or switch the broker's rates on.",
        );
        return verdict.answer(seen.rows, "");
    };
    let growing = net.longest_hours(|v| v > 0.0);
    seen.rows.push(net.row("in less out, now", format!("{:.2} a second", net.last())));
    net.require("the rates", need, &mut verdict);
    let drain_s = if backlog <= 0.0 { Some(0.0) } else { (net.last() < 0.0).then(|| backlog / -net.last()) };
    let most_s = 60.0 * subject.number(drain_key(subject.tier));
    match drain_s {
        None if growing >= 1.0 && subject.is_t0() => verdict.fault(
            Severity::Critical,
            format!(
                "{} messages wait in `{name}` and more come in than go out, for {}",
                count(backlog),
                duration(growing * 3_600.0)
            ),
        ),
        None => {
            verdict.fault(Severity::High, format!("{} messages wait in `{name}` and it does not drain", count(backlog)))
        }
        Some(s) if s > most_s => {
            verdict.fault(
                Severity::High,
                format!("{} messages in `{name}` take {} to drain", count(backlog), duration(s)),
            );
        }
        Some(_) if growing >= GROWTH_HOURS => verdict.fault(
            Severity::Medium,
            format!("more came into `{name}` than went out for {}", duration(growing * 3_600.0)),
        ),
        Some(_) => {}
    }
    verdict.answer(seen.rows, format!("What waits in `{name}` drains in {}.", duration(drain_s.unwrap_or_default())))
}

fn drain_key(tier: Tier) -> &'static str {
    match tier {
        Tier::T0 => "drain_t0_min",
        Tier::T1 => "drain_t1_min",
        Tier::T2 => "drain_t2_min",
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::r#async::cases::{flows, queue};
    use crate::testing::Case;
    use crate::window::cases::series;
    use loadline_model::{Kind, Tier, key, key::metric};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "jobs"), expected);
        let depth = |backlog: f64| queue(Tier::T1).has("jobs", series(metric::QUEUE_DEPTH, 24, move |_| backlog));
        check(queue(Tier::T0), "unknown not_connected");
        check(queue(Tier::T0).flag("jobs", key::IS_DEAD_LETTER, true), "not_applicable");
        check(depth(0.0), "pass");
        check(depth(5.0), "unknown feature_disabled");
        check(flows(queue(Tier::T0), 24, -1.0, 100.0), "pass");
        check(flows(queue(Tier::T0), 6, -1.0, 100.0), "unknown short_window");
        check(flows(queue(Tier::T0), 24, -1.0, 4_000.0), "fail high");
        check(flows(queue(Tier::T1), 24, -1.0, 4_000.0), "pass");
        check(flows(queue(Tier::T0), 24, 2.0, 100.0), "fail critical");
        check(flows(queue(Tier::T1), 24, 2.0, 100.0), "fail high");
        let recovered = series(metric::QUEUE_IN, 24, |h| if (3.0..5.0).contains(&h) { 12.0 } else { 8.0 });
        let was = depth(3.0).has("jobs", recovered).has("jobs", series(metric::QUEUE_OUT, 24, |_| 10.0));
        check(was, "fail medium");
        assert_eq!(Case::new().listed(Kind::Queue).answer(&RULE, "organisation"), "not_applicable");
    }
}
