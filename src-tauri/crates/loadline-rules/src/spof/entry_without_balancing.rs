//! Entry point has no health-checked balancing.

use super::by_tier;
use crate::escalation::in_its_environment;
use crate::evaluate::{Reading, gap_about, hidden_by};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Relation, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "SPOF-008",
    title: "Entry point has no health-checked balancing",
    question: "Do users reach you through one address without failover?",
    why: "One address without a health check turns a lost host into an outage for everybody until a person acts; behind a \
          balancer it costs one health-check interval. S1 added checks and balancing among its first steps.",
    condition: "one address that no provider keeps up, one healthy target, health checks off, or a proxy of your own on one host",
    fix: &[
        "a managed balancer over two or more zones",
        "an alias or CNAME to it instead of an address",
        "a health check that touches what the service needs (OBS-008)",
        "two proxies, or a managed one",
    ],
    effort_days: [1.0, 4.0],
    effort_source: "HD",
    weight: 3,
    severity: "critical for T0, high otherwise; medium behind a CDN with two or more origins; one lower outside production",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Entrypoint, Kind::LoadBalancer]),
    numbers: &[Number { key: "targets", value: 2.0, unit: "targets", source: "WAF REL11-BP02" }],
    sources: &[
        (
            "aws",
            "route53:ListResourceRecordSets -> ResourceRecords, AliasTarget; elbv2:DescribeTargetHealth; elbv2:DescribeTargetGroups -> HealthCheckEnabled",
        ),
        ("cloudflare", "GET /zones/{zone_id}/dns_records -> type, content, proxied; load_balancers"),
        ("nginx", "upstream members, max_fails, fail_timeout"),
    ],
    proof_metric: "error_ratio",
    proof: "the least number of healthy targets rises; errors while one target is ended fall",
    false_positives: "The anycast address of a platform (CloudFront, Cloud Run, Cloudflare).",
    unknown_when: "the DNS zone or the balancer is not connected",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    let least = subject.number("targets");
    let managed = seen.flag("a provider keeps it up", key::ENTRY_MANAGED);
    let targets = seen.number("addresses or targets", "", key::ENTRY_TARGETS);
    let healthy = seen.number("healthy targets", "", key::HEALTHY_TARGETS);
    let checked = seen.flag("health checks", key::HEALTH_CHECKS);
    let hosts = seen.number("members wanted", "members", key::DESIRED_MEMBERS).or_else(|| {
        let members = seen.members().len() as f64;
        (members > 0.0).then_some(members)
    });
    let fault = if checked == Some(false) {
        Some(format!("0 health checks guard `{name}`: requests still go to a dead target"))
    } else if let Some(up) = healthy.filter(|up| *up < least) {
        Some(format!(
            "{up:.0} of {:.0} targets behind `{name}` are healthy: one more loss stops it",
            targets.unwrap_or(up)
        ))
    } else if managed == Some(false) && targets.is_some_and(|t| t < least) {
        Some(format!("1 address that no provider keeps up answers for `{name}`: its host's loss stops everybody"))
    } else if managed == Some(false) && hosts.is_some_and(|h| h < least) {
        Some(format!("1 host runs the proxy `{name}`: its loss stops everybody"))
    } else {
        None
    };
    if let Some(fault) = fault {
        let severity = in_its_environment(severity(subject, context), subject);
        return CheckResult::fail(severity, format!("{fault}."), seen.rows).with_remedy(format!(
            "Put a managed balancer with health checks over at least 2 targets before `{name}`."
        ));
    }
    if let Some(gap) = gap_about(&subject.id, context, &["health", "entry", "target", "members"]) {
        return hidden_by(gap, subject).with_evidence(seen.rows);
    }
    // A name that points at a platform is only a name: the balancer behind it is judged by itself.
    if managed == Some(true) && subject.kind() == Some(Kind::Entrypoint) {
        return CheckResult::pass(format!("A provider answers at `{name}`, from more than one place."), seen.rows);
    }
    if checked == Some(true) && healthy.is_some() && (managed == Some(true) || hosts.is_some()) {
        let sentence = format!("`{name}` spreads requests over {:.0} healthy targets.", healthy.unwrap_or(least));
        return CheckResult::pass(sentence, seen.rows);
    }
    CheckResult::unknown(
        GapReason::NotConnected,
        format!("who keeps `{name}` up and how many healthy targets it has is not known"),
        "Connect the DNS zone and the balancer (Route 53 and ELB, Cloudflare, nginx).",
    )
    .with_evidence(seen.rows)
}

fn severity(subject: &Subject<'_>, context: &Context<'_>) -> Severity {
    let facts = context.facts;
    let is_cdn = |e: &loadline_model::EdgeView<'_>| facts.resource(&e.from).is_some_and(|r| r.kind == Kind::Cdn);
    let fronts = facts.edges_to(&subject.id).filter(|e| e.edge.relation == Relation::Serves).filter(is_cdn);
    let origins = |e: loadline_model::EdgeView<'_>| {
        facts.edges_from(&e.from).filter(|e| e.edge.relation == Relation::Serves).count() as f64
    };
    if fronts.map(origins).any(|n| n >= subject.number("targets")) {
        return Severity::Medium;
    }
    by_tier(subject, [Severity::Critical, Severity::High, Severity::High])
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{Environment, Kind, Relation, Resource, Tier, key};

    #[test]
    fn cases() {
        let lb = || Case::new().thing("lb", Kind::LoadBalancer);
        let behind = |healthy| lb().flag("lb", key::ENTRY_MANAGED, true).number("lb", key::HEALTHY_TARGETS, healthy);
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "lb"), expected);
        check(lb(), "unknown not_connected");
        check(behind(3.0), "unknown not_connected");
        check(behind(3.0).flag("lb", key::HEALTH_CHECKS, true), "pass");
        check(behind(3.0).flag("lb", key::HEALTH_CHECKS, false), "fail critical");
        check(behind(3.0).flag("lb", key::HEALTH_CHECKS, true).gap("lb", "health_checks"), "unknown permission_denied");
        check(behind(1.0), "fail critical");
        check(behind(1.0).tier("lb", Tier::T1), "fail high");
        let staging = Resource { environment: Some(Environment::Staging), ..Resource::new(Kind::LoadBalancer, "lb") };
        check(behind(1.0).has("lb", staging), "fail high");
        let cdn = behind(1.0).thing("cdn", Kind::Cdn).edge("cdn", Relation::Serves, "lb");
        check(cdn.edge("cdn", Relation::Serves, "other"), "fail medium");
        let own = || lb().flag("lb", key::ENTRY_MANAGED, false);
        check(own().number("lb", key::DESIRED_MEMBERS, 1.0), "fail critical");
        check(own().number("lb", key::ENTRY_TARGETS, 1.0), "fail critical");
        let two = own().number("lb", key::DESIRED_MEMBERS, 2.0).number("lb", key::HEALTHY_TARGETS, 2.0);
        check(two.flag("lb", key::HEALTH_CHECKS, true), "pass");
    }

    #[test]
    fn a_name_that_points_at_a_platform_is_kept_up_by_it() {
        let name = || Case::new().thing("www", Kind::Entrypoint);
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "www"), expected);
        check(name(), "unknown not_connected");
        check(name().flag("www", key::ENTRY_MANAGED, true), "pass");
        check(name().flag("www", key::ENTRY_MANAGED, false).number("www", key::ENTRY_TARGETS, 1.0), "fail critical");
    }
}
