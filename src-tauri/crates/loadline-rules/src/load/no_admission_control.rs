//! No admission control: unbounded queues, bodies or concurrency.

use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Applies, Context, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "LOAD-007",
    title: "No admission control: unbounded queues, bodies or concurrency",
    question: "What does the service do at twice its capacity?",
    why: "A service that accepts everything works on requests whose users have left, and answers nobody. One that refuses what is \
          too much keeps serving the rest (SRE, handling overload; WAF REL05-BP04).",
    condition: "A T0 service has no limit on concurrent work, request bodies have no limit, or a stress test showed answered requests \
                fall while load rises",
    fix: &[
        "limit work in flight near the knee",
        "shed the least important first, with 503 and Retry-After",
        "write down the emergency levers",
    ],
    effort_days: [1.0, 4.0],
    effort_source: "HD",
    weight: 2,
    severity: "high when a stress test showed the collapse; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[],
    sources: &[
        ("gcp", "run maxInstanceRequestConcurrency (default 80)"),
        ("aws", "lambda reserved concurrency; API Gateway payload limit and throttle"),
        ("nginx", "client_max_body_size, limit_conn"),
        ("test", "goodput against offered load in a stress test (TEST-003)"),
    ],
    proof_metric: "route_latency",
    proof: "answered requests at twice the capacity stay level",
    false_positives: "The platform limits concurrency.",
    unknown_when: "neither the configuration nor a stress test is there",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    let mut verdict = Verdict::new();
    let closes = "Connect the proxy's or platform's configuration, state the limits, or run a stress test (TEST-003).";
    let collapses = seen.flag("answers fall under overload", key::GOODPUT_COLLAPSES);
    if collapses == Some(true) {
        verdict.fault(Severity::High, format!("`{name}` answers fewer requests the more arrive"));
    }
    match seen.number("work at once", "requests", key::CONCURRENCY_LIMIT) {
        Some(limit) if limit <= 0.0 && subject.is_t0() => {
            verdict.fault(Severity::Medium, format!("`{name}` accepts any number of requests at once"));
        }
        Some(_) => {}
        None if collapses == Some(false) || !subject.is_t0() => {}
        None => verdict.lacks(
            GapReason::NotConnected,
            format!("how many requests `{name}` works on at once is not known"),
            closes,
        ),
    }
    match seen.number("largest request body", "bytes", key::BODY_LIMIT_BYTES) {
        Some(limit) if limit <= 0.0 => {
            verdict.fault(Severity::Medium, format!("`{name}` accepts request bodies of any size"))
        }
        Some(_) => {}
        None => verdict.lacks(
            GapReason::NotConnected,
            format!("how large a request body `{name}` accepts is not known"),
            closes,
        ),
    }
    verdict.hidden(subject, context, &[key::GOODPUT_COLLAPSES, key::CONCURRENCY_LIMIT]);
    verdict.answer(seen.rows, format!("`{name}` refuses what is too much."))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::load::cases::service;
    use crate::testing::Case;
    use loadline_model::{Tier, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
        let bodies = |tier, bytes| service(tier).number("api", key::BODY_LIMIT_BYTES, bytes);
        check(service(Tier::T0), "unknown not_connected");
        check(bodies(Tier::T0, 1e6), "unknown not_connected");
        check(bodies(Tier::T1, 1e6), "pass");
        check(bodies(Tier::T1, 0.0), "fail medium");
        check(bodies(Tier::T0, 1e6).number("api", key::CONCURRENCY_LIMIT, 80.0), "pass");
        check(bodies(Tier::T0, 1e6).number("api", key::CONCURRENCY_LIMIT, 0.0), "fail medium");
        check(bodies(Tier::T0, 1e6).flag("api", key::GOODPUT_COLLAPSES, false), "pass");
        check(bodies(Tier::T0, 1e6).flag("api", key::GOODPUT_COLLAPSES, true), "fail high");
        let hidden = bodies(Tier::T1, 1e6).gap("api", key::GOODPUT_COLLAPSES);
        check(hidden, "unknown permission_denied");
    }
}
