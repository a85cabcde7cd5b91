//! No rate limiting.

use super::request_path;
use crate::source_text::hints;
use crate::verdict::{Verdict, internal};
use crate::{Applies, Context, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Relation, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "LOAD-001",
    title: "No rate limiting",
    question: "Can one client send 1000 requests per second?",
    why: "One client without a limit uses the capacity of all. Attackers sent 1,000 requests a second; 100 a minute for each \
          address or user stopped them and no real user noticed (S4).",
    condition: "Neither edge, gateway nor application limits the requests of one client on a public entry",
    fix: &[
        "start at 100 requests a minute per user or address, tighter on login",
        "only log first",
        "answer 429 with Retry-After",
        "count in a store that all members share",
    ],
    effort_days: [0.5, 3.0],
    effort_source: "S4: basic rate limiting inside 15-20 days",
    weight: 3,
    severity: "critical when login or payment is unlimited; high otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Entrypoint]),
    numbers: &[],
    sources: &[
        ("aws", "wafv2:GetWebACL -> RateBasedStatement.Limit, EvaluationWindowSec; apigateway UsagePlan throttle"),
        ("cloudflare", "rulesets phase http_ratelimit entrypoint -> rules[].ratelimit, enabled"),
        ("nginx", "limit_req_zone and limit_req on public locations"),
        ("repository", "middleware: express-rate-limit, slowapi, django-ratelimit"),
    ],
    proof_metric: "max_client_rate_at_origin",
    proof: "the highest rate of one client that reaches the origin falls",
    false_positives: "APIs on a private network.",
    unknown_when: "the edge is not connected and the application's configuration is not readable",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    if let Some(internal) = internal(subject) {
        return internal;
    }
    let name = subject.name();
    let mut verdict = Verdict::new();
    let mut rows = Vec::new();
    let (mut limited, mut open) = (false, false);
    for id in request_path(subject, context) {
        let at = context.reference(&id).name;
        if let Some((on, from)) = context.facts.flag(&id, key::RATE_LIMITED) {
            rows.push(Evidence::read(format!("limit per client at {at}"), if on { "yes" } else { "none" }, from));
            limited |= on;
            // What hands nothing on is the application: only with its word is "nowhere" known.
            let hands_on = context.facts.edges_from(&id).any(|e| e.edge.relation == Relation::Serves);
            open |= !on && !hands_on && id != subject.id;
        }
        for (setting, from) in context.facts.settings(&id, key::RATE_LIMITED) {
            let (Some(item), Some(on)) = (&setting.item, setting.value.as_bool()) else { continue };
            rows.push(Evidence::read(
                format!("limit per client on {item} at {at}"),
                if on { "yes" } else { "none" },
                from,
            ));
            if !on {
                verdict
                    .fault(Severity::Critical, format!("one client may try {item} at `{name}` as often as it likes"));
            }
        }
    }
    if !limited && open {
        verdict.fault(
            Severity::High,
            format!("one client may send any number of requests to `{name}` and use the capacity of all"),
        );
    } else if !limited {
        rows.extend(hints(&[key::idiom::RATE_LIMIT], &request_path(subject, context), context));
        verdict.lacks(
            GapReason::NotConnected,
            format!("whether anything limits one client of `{name}` is not known"),
            "Connect the edge (wafv2:GetWebACL, Cloudflare rulesets, nginx configuration) or the repository.",
        );
    }
    verdict.hidden_anywhere(subject, context, &[key::RATE_LIMITED]);
    verdict.answer(rows, format!("Requests of one client to `{name}` are limited."))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::load::cases::entry;
    use crate::testing::Case;
    use loadline_model::{Setting, Tier, Value, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "www"), expected);
        let login = |on| Setting { key: key::RATE_LIMITED.into(), item: Some("login".into()), value: Value::Bool(on) };
        check(entry(Tier::T0), "unknown not_connected");
        check(entry(Tier::T2), "not_applicable");
        check(entry(Tier::T0).flag("lb", key::RATE_LIMITED, false), "unknown not_connected");
        check(entry(Tier::T0).flag("api", key::RATE_LIMITED, false), "fail high");
        check(entry(Tier::T0).flag("lb", key::RATE_LIMITED, false).flag("api", key::RATE_LIMITED, true), "pass");
        check(entry(Tier::T0).flag("api", key::RATE_LIMITED, true).has("api", login(false)), "fail critical");
        check(
            entry(Tier::T0).flag("www", key::RATE_LIMITED, true).gap("www", key::RATE_LIMITED),
            "unknown permission_denied",
        );
    }
}
