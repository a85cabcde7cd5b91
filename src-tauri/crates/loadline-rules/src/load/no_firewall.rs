//! No web application firewall on public entry.

use super::request_path;
use crate::verdict::{Verdict, internal};
use crate::{Applies, Context, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Relation, Severity, SubjectId, key};

pub(super) const RULE: Rule = Rule {
    id: "LOAD-003",
    title: "No web application firewall on public entry",
    question: "Is common attack traffic filtered before the app?",
    why: "Scans and injections cost capacity before they cost more. Basic rules at the edge are an hour's work (S4).",
    condition: "No managed rules in blocking mode stand before a public, user-facing entry",
    fix: &[
        "attach managed common rules in count mode",
        "review a week of what they would have stopped",
        "block",
        "exceptions by route",
    ],
    effort_days: [0.5, 2.0],
    effort_source: "HD",
    weight: 2,
    severity: "high with login or payment behind it; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Entrypoint]),
    numbers: &[],
    sources: &[
        ("aws", "wafv2:ListResourcesForWebACL, GetWebACLForResource; cloudfront DistributionConfig.WebACLId"),
        ("cloudflare", "rulesets phase http_request_firewall_managed entrypoint -> rules[].action"),
        ("gcp", "compute securityPolicies of backendServices"),
    ],
    proof_metric: "max_client_rate_at_origin",
    proof: "blocked requests rise and 4xx noise at the origin falls",
    false_positives: "Endpoints that only clients with a certificate reach.",
    unknown_when: "what answers at the entry is not mapped to its provider",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    if let Some(internal) = internal(subject) {
        return internal;
    }
    let name = subject.name();
    let mut verdict = Verdict::new();
    let path = request_path(subject, context);
    let mut rows = Vec::new();
    let mut modes = Vec::new();
    for id in &path {
        if let Some((mode, from)) = context.facts.text(id, key::FIREWALL) {
            rows.push(Evidence::read(format!("firewall at {}", context.reference(id).name), mode, from));
            modes.push(mode);
        }
    }
    if modes.is_empty() {
        verdict.lacks(
            GapReason::NotConnected,
            format!("whether a firewall stands before `{name}` is not known"),
            "Connect the provider of the entry (wafv2:GetWebACLForResource, Cloudflare rulesets).",
        );
    } else if !modes.contains(&"block") {
        let severity = if is_sensitive(&path, context) { Severity::High } else { Severity::Medium };
        let said = if modes.contains(&"count") {
            format!("the firewall before `{name}` only counts what it should stop")
        } else {
            format!("nothing filters attacks before `{name}`")
        };
        verdict.fault(severity, said);
    }
    verdict.answer(rows, format!("Managed rules filter what reaches `{name}`."))
}

/// A route of something on the path signs users in or takes their money.
fn is_sensitive(path: &[SubjectId], context: &Context<'_>) -> bool {
    const WORDS: [&str; 5] = ["login", "signin", "sign-in", "payment", "checkout"];
    context.facts.of_kind(Kind::Endpoint).any(|(id, endpoint)| {
        let name = endpoint.name.to_ascii_lowercase();
        let serves = |e: loadline_model::EdgeView<'_>| e.edge.relation == Relation::Serves && path.contains(&e.to);
        WORDS.iter().any(|w| name.contains(w)) && context.facts.edges_from(id).any(serves)
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::load::cases::entry;
    use crate::testing::Case;
    use loadline_model::{Kind, Relation, Tier, Value, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "www"), expected);
        let mode = |case: Case, at: &str, mode: &str| case.set(at, key::FIREWALL, Value::Text(mode.into()));
        check(entry(Tier::T0), "unknown not_connected");
        check(entry(Tier::T2), "not_applicable");
        check(mode(entry(Tier::T0), "lb", "block"), "pass");
        check(mode(entry(Tier::T0), "lb", "count"), "fail medium");
        check(mode(mode(entry(Tier::T0), "www", "none"), "lb", "block"), "pass");
        let login = mode(entry(Tier::T0), "lb", "none").thing("POST /login", Kind::Endpoint);
        check(login.edge("POST /login", Relation::Serves, "api"), "fail high");
    }
}
