//! Outbound traffic of several zones shares one NAT or egress.

use crate::evaluate::{Reading, gap_anywhere, hidden_by};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, EdgeView, Escalation, GapReason, Kind, Relation, Severity, SubjectId, Tier, key};
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule {
    id: "SPOF-007",
    title: "Outbound traffic of several zones shares one NAT or egress",
    question: "Does one egress device or zone carry every call to payment, mail and other providers?",
    why: "Members in two zones are no help when both reach the world through one zone: its loss cuts payment, mail and every \
          other provider. A zonal NAT gateway lives in a single zone (AWS-VPC), with 99.9 % in its contract (SLA).",
    condition: "the egress lies in one zone, or on one machine, and carries traffic of two or more zones",
    fix: &[
        "one NAT per zone with routes that stay in the zone, or a regional NAT gateway",
        "endpoints inside the network for the cloud's own APIs: fewer dependencies and less to pay",
    ],
    effort_days: [0.5, 2.0],
    effort_source: "HD",
    weight: 2,
    severity: "high when a T0 service reaches a provider it cannot do without through it, medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Gateway]),
    numbers: &[Number { key: "zones", value: 2.0, unit: "zones", source: "WAF REL10-BP01" }],
    sources: &[
        (
            "aws",
            "ec2:DescribeNatGateways -> SubnetId, AvailabilityMode; ec2:DescribeRouteTables -> Routes[].NatGatewayId, Associations[]",
        ),
        ("gcp", "compute routers.get -> nats[]"),
        ("repo", "terraform aws_nat_gateway with count 1 and several private subnets"),
    ],
    proof_metric: "largest_failure_domain_share",
    proof: "zones served by an egress in another zone fall to 0",
    false_positives: "Development networks, and workloads that call nobody outside.",
    unknown_when: "the route tables could not be read",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    let regional = seen.flag("spans the zones of its region", key::EGRESS_REGIONAL);
    if regional == Some(true) {
        return CheckResult::pass(format!("`{name}` spans the zones of its region."), seen.rows);
    }
    let one_machine = regional.is_none() && seen.managed() == Some(false);
    let routed: Vec<EdgeView<'_>> =
        context.facts.edges_to(&subject.id).filter(|e| e.edge.relation == Relation::RoutesThrough).collect();
    for edge in &routed {
        seen.row("routed through it", context.reference(&edge.from).name, edge.provenance);
    }
    if routed.is_empty() || regional.is_none() && !one_machine {
        let what = if routed.is_empty() { "what is routed through" } else { "whether one zone or all of them carry" };
        return CheckResult::unknown(
            GapReason::NotConnected,
            format!("{what} `{name}` is not known"),
            "Allow ec2:DescribeNatGateways, ec2:DescribeRouteTables and ec2:DescribeSubnets (or connect the account).",
        )
        .with_evidence(seen.rows);
    }
    if one_machine {
        let sentence =
            format!("1 machine, `{name}`, carries all outbound calls: when it dies, no provider can be reached.");
        return CheckResult::fail(base(&routed, context), sentence, seen.rows);
    }
    by_zones(subject, context, &routed, seen)
}

fn by_zones(
    subject: &Subject<'_>,
    context: &Context<'_>,
    routed: &[EdgeView<'_>],
    mut seen: Reading<'_>,
) -> CheckResult {
    let name = subject.name();
    let inside = routed.iter().filter(|e| !is_external(&e.from, context));
    let found: Vec<BTreeSet<SubjectId>> = inside.map(|e| zones_of(&e.from, context)).collect();
    let unplaced = found.iter().filter(|zones| zones.is_empty()).count();
    let zones: BTreeSet<SubjectId> = found.into_iter().flatten().collect();
    let list: Vec<String> = zones.iter().map(|z| context.reference(z).name).collect();
    seen.follows("zones behind it", list.join(", "));
    if zones.len() as f64 >= subject.number("zones") {
        let count = zones.len();
        let sentence =
            format!("{count} zones reach the world through `{name}` in one zone: its loss cuts every provider off.");
        return CheckResult::fail(base(routed, context), sentence, seen.rows);
    }
    if let Some(gap) = gap_anywhere(context, &["route", "runs_in", "member_of"]) {
        return hidden_by(gap, subject).with_evidence(seen.rows);
    }
    if unplaced > 0 || zones.is_empty() {
        return CheckResult::unknown(
            GapReason::UnmappedSubject,
            format!("the zones of {unplaced} things routed through `{name}` are not known"),
            "Connect the cloud account or cluster that places them.",
        )
        .with_evidence(seen.rows);
    }
    CheckResult::pass(format!("1 zone uses `{name}`; other zones do not depend on it."), seen.rows)
}

fn is_external(id: &SubjectId, context: &Context<'_>) -> bool {
    context.facts.resource(id).is_some_and(|r| r.kind == Kind::External)
}

fn zones_of(id: &SubjectId, context: &Context<'_>) -> BTreeSet<SubjectId> {
    let members = context.facts.edges_to(id).filter(|e| e.edge.relation == Relation::MemberOf).map(|e| e.from);
    let all = members.chain([id.clone()]);
    all.filter_map(|m| context.topology.graph.node(&m).and_then(|n| n.zone.clone())).collect()
}

/// High when something on a critical path cannot do without a provider behind this egress.
fn base(routed: &[EdgeView<'_>], context: &Context<'_>) -> Severity {
    let hard = Relation::DependsOn { hard: true };
    let critical = |id: &SubjectId| context.topology.graph.node(id).is_none_or(|n| n.tier == Tier::T0);
    let needs_provider =
        |id: &SubjectId| context.facts.edges_from(id).any(|e| e.edge.relation == hard && is_external(&e.to, context));
    let high = routed.iter().map(|e| &e.from).any(|id| {
        let external = is_external(id, context)
            && context.facts.edges_to(id).any(|e| e.edge.relation == hard && critical(&e.from));
        external || needs_provider(id) && critical(id)
    });
    if high { Severity::High } else { Severity::Medium }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{Kind, Relation, Resource, Tier, key};

    #[test]
    fn cases() {
        let nat = || Case::new().thing("nat", Kind::Gateway).thing("api", Kind::Service).thing("psp", Kind::External);
        let routed = || nat().edge("api", Relation::RoutesThrough, "nat").members("api", &["a1", "a2"], Some(1));
        let zonal = || routed().flag("nat", key::EGRESS_REGIONAL, false);
        let over = |second: &str| zonal().zone("a1", "za").zone("a2", second);
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "nat"), expected);
        check(nat(), "unknown not_connected");
        check(routed(), "unknown not_connected");
        check(nat().flag("nat", key::EGRESS_REGIONAL, false), "unknown not_connected");
        check(zonal(), "unknown unmapped_subject");
        check(over("za"), "pass");
        check(over("za").gap("api", "route_tables"), "unknown permission_denied");
        check(over("zb"), "fail medium");
        let pays = over("zb").edge("api", Relation::DependsOn { hard: true }, "psp");
        check(pays.tier("api", Tier::T0), "fail high");
        let pays = over("zb").edge("api", Relation::DependsOn { hard: true }, "psp");
        check(pays.tier("api", Tier::T1), "fail medium");
        let behind = over("zb").edge("psp", Relation::RoutesThrough, "nat");
        check(behind.edge("api", Relation::DependsOn { hard: true }, "psp").tier("api", Tier::T0), "fail high");
        check(nat().flag("nat", key::EGRESS_REGIONAL, true), "pass");
        let machine = Resource { managed: Some(false), ..Resource::new(Kind::Gateway, "nat") };
        check(routed().has("nat", machine), "fail medium");
    }
}
