//! Static files are served by the application.

use crate::db::wording::percent;
use crate::evaluate::Reading;
use crate::load::request_path;
use crate::verdict::{Verdict, internal};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Limited, Relation, Severity, SubjectId, key};

pub(super) const RULE: Rule = Rule {
    id: "EDGE-001",
    title: "Static files are served by the application",
    question: "Do images, scripts and videos load your servers?",
    why: "Files that never change need no application. A CDN served them in 50-100 ms instead of 1-2 s and took 40-50 % of the work \
          off the servers (S4).",
    condition: "No CDN stands before a public entry, or static files are more than 20 % of the requests or 50 % of the bytes at the \
                origin",
    fix: &[
        "object storage as origin behind a CDN",
        "names with a hash of the content and a long max-age",
        "resized images in modern formats",
        "uploads to presigned URLs",
    ],
    effort_days: [1.0, 4.0],
    effort_source: "S4: inside 15-20 days",
    weight: 3,
    severity: "high when the origin's CPU is the first limit; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Entrypoint]),
    numbers: &[
        Number { key: "requests", value: 0.20, unit: "ratio", source: "HD" },
        Number { key: "bytes", value: 0.50, unit: "ratio", source: "HD" },
    ],
    sources: &[
        (
            "aws",
            "cloudfront:ListDistributions -> Aliases, Origins, CacheBehaviors; request logs of the load balancer by extension",
        ),
        ("cloudflare", "httpRequestsAdaptiveGroups by edgeResponseContentTypeName, cacheStatus"),
        ("nginx", "access log: requests and bytes by extension"),
    ],
    proof_metric: "static_requests_at_origin",
    proof: "static requests a minute at the origin and p75 of assets fall",
    false_positives: "Internal tools, and entries that serve only an API.",
    unknown_when: "logs carry neither path nor content type, or what stands before the entry is not known",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    if let Some(internal) = internal(subject) {
        return internal;
    }
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    let mut verdict = Verdict::new();
    let severity = if origin_is_first_limit(context) { Severity::High } else { Severity::Medium };
    let path = request_path(subject, context);
    let is_cdn = |id: &SubjectId| context.facts.resource(id).is_some_and(|r| r.kind == Kind::Cdn);
    let before = context.facts.edges_to(&subject.id).filter(|e| e.edge.relation == Relation::Serves).map(|e| e.from);
    let cdn = path.iter().cloned().chain(before).find(is_cdn);
    let requests = seen.number("static share of requests at the origin", "", key::STATIC_REQUESTS);
    let bytes = seen.number("static share of bytes at the origin", "", key::STATIC_BYTES);
    if let Some(share) = requests.filter(|s| *s > subject.number("requests")) {
        verdict.fault(severity, format!("{} of the requests that reach `{name}` ask for static files", percent(share)));
    }
    if let Some(share) = bytes.filter(|s| *s > subject.number("bytes")) {
        verdict.fault(severity, format!("{} of the bytes from `{name}` are static files", percent(share)));
    }
    match cdn {
        Some(id) => {
            let from = context.facts.provenance(&id);
            seen.rows.extend(from.map(|p| Evidence::read("CDN", context.reference(&id).name, p)));
        }
        None if path.len() > 1 && context.facts.inventory_read(Kind::Cdn) => {
            seen.follows("CDN", "none on the way, and all CDNs were listed");
            verdict.fault(severity, format!("no CDN stands before `{name}`: every image and script loads the servers"));
        }
        None => verdict.lacks(
            GapReason::NotConnected,
            format!("whether a CDN stands before `{name}` is not known"),
            "Connect the DNS zone and the CDN (cloudfront:ListDistributions, Cloudflare).",
        ),
    }
    if requests.is_none() || bytes.is_none() {
        verdict.lacks(
            GapReason::NotConnected,
            format!("how much of what `{name}` serves is static was not read"),
            "Connect logs with path and bytes (load balancer, nginx) or the CDN's analytics.",
        );
    }
    verdict.answer(seen.rows, format!("Static files hardly reach the servers behind `{name}`."))
}

fn origin_is_first_limit(context: &Context<'_>) -> bool {
    let compute = |k: Option<Kind>| matches!(k, Some(Kind::Service | Kind::Instance | Kind::Host));
    context.capacity.first_limit.as_ref().is_some_and(|l| l.resource == Limited::Cpu && compute(l.subject.kind))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{Kind, Relation, Resource, Tier, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "www"), expected);
        let entry =
            |tier| Case::new().has("www", Resource { tier: Some(tier), ..Resource::new(Kind::Entrypoint, "www") });
        let shares = |case: Case, requests, bytes| {
            case.number("www", key::STATIC_REQUESTS, requests).number("www", key::STATIC_BYTES, bytes)
        };
        let fronted = || entry(Tier::T1).thing("cdn", Kind::Cdn).edge("www", Relation::Serves, "cdn");
        check(entry(Tier::T1), "unknown not_connected");
        check(entry(Tier::T2), "not_applicable");
        check(entry(Tier::T1).edge("www", Relation::Serves, "lb"), "unknown not_connected");
        check(entry(Tier::T1).edge("www", Relation::Serves, "lb").listed(Kind::Cdn), "fail medium");
        check(fronted(), "unknown not_connected");
        check(shares(fronted(), 0.1, 0.3), "pass");
        check(shares(fronted(), 0.3, 0.3), "fail medium");
        check(shares(fronted(), 0.1, 0.6), "fail medium");
    }
}
