//! Origin reachable around the edge, or no origin failover.

use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Applies, Context, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "EDGE-004",
    title: "Origin reachable around the edge, or no origin failover",
    question: "Can attackers bypass the edge, and what if the origin fails?",
    why: "Limits and filters at the edge protect only what passes it, and an origin's address is soon found.",
    condition: "The origin answers requests that did not pass the CDN, or a T0 CDN has one origin and no stale answer",
    fix: &[
        "admit only the edge's addresses, or a private origin",
        "a secret header or mutual TLS",
        "an origin group, or stale-if-error",
    ],
    effort_days: [0.5, 2.0],
    effort_source: "HD",
    weight: 2,
    severity: "high when firewall and limits live only at the edge; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Cdn]),
    numbers: &[],
    sources: &[
        (
            "aws",
            "ec2:DescribeSecurityGroups of the load balancer (prefix list com.amazonaws.global.cloudfront.origin-facing or 0.0.0.0/0); cloudfront OriginGroups.Items[].FailoverCriteria",
        ),
        ("cloudflare", "DNS proxied flags, Authenticated Origin Pulls, tunnels"),
        ("probe", "HTTPS to the origin's address, where permitted"),
    ],
    proof_metric: "max_client_rate_at_origin",
    proof: "requests that reach the origin directly fall to 0",
    false_positives: "Webhook endpoints that are public on purpose.",
    unknown_when: "the origin's network rules may not be read and probing is not permitted",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    let mut verdict = Verdict::new();
    match seen.flag("origin answers the whole internet", key::ORIGIN_EXPOSED) {
        Some(true) => {
            let guarded = seen.text("firewall at the edge", key::FIREWALL).is_some_and(|f| f != "none")
                || seen.flag("limit per client at the edge", key::RATE_LIMITED) == Some(true);
            let severity = if guarded { Severity::High } else { Severity::Medium };
            verdict.fault(severity, format!("the origin behind `{name}` answers anyone who knows its address"));
        }
        Some(false) => {}
        None => verdict.lacks(
            GapReason::NotConnected,
            format!("whether the origin behind `{name}` can be reached directly is not known"),
            "Allow ec2:DescribeSecurityGroups in the origin's account, or connect Cloudflare.",
        ),
    }
    if subject.is_t0() {
        match seen.flag("second origin or stale answer", key::ORIGIN_FAILOVER) {
            Some(false) => {
                verdict.fault(Severity::Medium, format!("when the one origin of `{name}` fails, so does every page"))
            }
            Some(true) => {}
            None => verdict.lacks(
                GapReason::NotConnected,
                format!("what `{name}` answers when its origin fails is not known"),
                "Allow cloudfront:GetDistributionConfig, or connect Cloudflare.",
            ),
        }
    }
    verdict.answer(seen.rows, format!("Nobody reaches the origin of `{name}` around it."))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{Kind, Resource, Tier, Value, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "cdn"), expected);
        let cdn = |tier| Case::new().has("cdn", Resource { tier: Some(tier), ..Resource::new(Kind::Cdn, "cdn") });
        let open = |tier, on| cdn(tier).flag("cdn", key::ORIGIN_EXPOSED, on);
        check(cdn(Tier::T1), "unknown not_connected");
        check(open(Tier::T1, false), "pass");
        check(open(Tier::T1, true), "fail medium");
        check(open(Tier::T1, true).set("cdn", key::FIREWALL, Value::Text("block".into())), "fail high");
        check(open(Tier::T0, false), "unknown not_connected");
        check(open(Tier::T0, false).flag("cdn", key::ORIGIN_FAILOVER, false), "fail medium");
        check(open(Tier::T0, false).flag("cdn", key::ORIGIN_FAILOVER, true), "pass");
    }
}
