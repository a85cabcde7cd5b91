//! Sticky sessions.

use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Applies, Context, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Relation, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "SCALE-001",
    title: "Sticky sessions",
    question: "Does the load balancer pin users to a server?",
    why: "Users that are pinned to one member cannot be moved: a new member stays idle, and every member that stops signs its \
          users out. Sessions in server memory blocked scaling in S4.",
    condition: "A balancer pins users of an HTTP service to one member",
    fix: &[
        "move sessions to Redis or tokens (SCALE-002)",
        "switch stickiness off on one target group",
        "compare the error ratio, then switch it off everywhere",
    ],
    effort_days: [0.5, 2.0],
    effort_source: "HD",
    weight: 3,
    severity: "high when a service behind it keeps sessions in its process; medium alone",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::LoadBalancer]),
    numbers: &[],
    sources: &[
        ("aws", "elasticloadbalancing:DescribeTargetGroupAttributes -> stickiness.enabled, stickiness.type"),
        ("kubernetes", "Service.spec.sessionAffinity = ClientIP; ingress annotation affinity: cookie"),
        ("nginx", "ip_hash, hash, sticky in upstream"),
    ],
    proof_metric: "error_ratio",
    proof: "the busiest member gets no more requests than the mean, and nobody is signed out during a deployment",
    false_positives: "WebSockets, or affinity to a warm cache with a safe fallback.",
    unknown_when: "the attributes of the target groups may not be read",
    prerequisites: &["SCALE-002"],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    let mut verdict = Verdict::new();
    let pins = seen.flags("pins users to a member", key::STICKY_SESSIONS);
    if pins.iter().any(|(_, on)| *on) {
        let behind = context.facts.edges_from(&subject.id).filter(|e| e.edge.relation == Relation::Serves);
        let stateful = behind
            .filter_map(|e| context.facts.flag(&e.to, key::SESSIONS_IN_PROCESS).map(|(on, from)| (on, e.to, from)))
            .find(|(on, ..)| *on);
        match stateful {
            Some((_, service, from)) => {
                let service = context.reference(&service).name;
                seen.row(format!("sessions of `{service}`"), "in its process", from);
                let said = format!(
                    "`{name}` pins users to members of `{service}`, which keep their sessions: a member that stops signs its users out"
                );
                verdict.fault(Severity::High, said);
            }
            None => {
                verdict.fault(Severity::Medium, format!("`{name}` pins users to one member: added members stay idle"))
            }
        }
    } else if pins.is_empty() {
        verdict.lacks(
            GapReason::NotConnected,
            format!("whether `{name}` pins users to a member was not read"),
            "Connect the account of the balancer with elasticloadbalancing:DescribeTargetGroupAttributes, or the cluster.",
        );
    }
    verdict.hidden(subject, context, &[key::STICKY_SESSIONS, "DescribeTargetGroupAttributes"]);
    verdict.answer(seen.rows, format!("`{name}` sends each request to whatever member is free."))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{Kind, Relation, Setting, Value, key};

    #[test]
    fn cases() {
        let lb = || Case::new().thing("lb", Kind::LoadBalancer);
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "lb"), expected);
        let group = |name: &str, on| Setting {
            key: key::STICKY_SESSIONS.into(),
            item: Some(name.into()),
            value: Value::Bool(on),
        };
        check(lb(), "unknown not_connected");
        check(lb().flag("lb", key::STICKY_SESSIONS, false), "pass");
        check(lb().has("lb", group("a", false)).has("lb", group("b", true)), "fail medium");
        check(lb().has("lb", group("a", false)).gap("lb", key::STICKY_SESSIONS), "unknown permission_denied");
        let pinned = lb().flag("lb", key::STICKY_SESSIONS, true).edge("lb", Relation::Serves, "api");
        check(pinned.flag("api", key::SESSIONS_IN_PROCESS, true), "fail high");
        assert_eq!(Case::new().listed(Kind::LoadBalancer).answer(&RULE, "organisation"), "not_applicable");
    }
}
