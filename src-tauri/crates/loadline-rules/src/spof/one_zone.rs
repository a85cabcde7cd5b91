//! All members of a service sit in one zone.

use crate::evaluate::Reading;
use crate::{Applies, Context, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Relation, Severity, SubjectId, key};
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule {
    id: "SPOF-003",
    title: "All members of a service sit in one zone",
    question: "Would the loss of one availability zone stop this service?",
    why: "Zones fail as a whole, and members that share one fail together: two instances in one zone are still one point of \
          failure. The contractual floor rises from 99.5 % for an instance to 99.99 % for members over two zones (SLA).",
    condition: "the members in use occupy one zone, or losing the fullest zone leaves fewer than are needed",
    fix: &[
        "add subnets in a second zone",
        "spread members over zones (topologySpreadConstraints on topology.kubernetes.io/zone, or the group's zones)",
        "turn on zone rebalancing",
        "check that what is left carries the load (CAP-008)",
    ],
    effort_days: [1.0, 4.0],
    effort_source: "HD",
    weight: 3,
    severity: "high for T0, medium otherwise; critical when a database it needs lies in the same single zone",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[],
    sources: &[
        (
            "aws",
            "ecs:DescribeTasks -> availabilityZone; autoscaling:DescribeAutoScalingGroups -> Instances[].AvailabilityZone",
        ),
        ("k8s", "Pod.spec.nodeName joined to the node label topology.kubernetes.io/zone"),
        ("gcp", "container clusters -> locations[]; instanceGroupManagers -> distributionPolicy.zones"),
    ],
    proof_metric: "largest_failure_domain_share",
    proof: "the share of members in the fullest zone falls",
    false_positives: "Regions with one zone, and cells bound to a zone on purpose with a router above them.",
    unknown_when: "the zone of a member is not known, or how many members are needed",
    prerequisites: &["SPOF-001"],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let name = subject.name();
    let mut seen = Reading::of(subject, context);
    if seen.flag("kept redundant by its platform", key::PLATFORM_REDUNDANT) == Some(true) {
        return CheckResult::pass(format!("The platform spreads `{name}` over the zones of its region."), seen.rows);
    }
    let members: Vec<SubjectId> = seen.members().into_iter().map(|e| e.from).collect();
    let alone = [subject.id.clone()];
    let placed: &[SubjectId] = if members.is_empty() { &alone } else { &members };
    let mut zones: BTreeMap<String, u32> = BTreeMap::new();
    let mut unplaced = 0;
    for member in placed {
        let found = zones_of(member, context, &mut seen);
        if found.is_empty() {
            unplaced += 1;
        }
        for zone in found {
            *zones.entry(zone).or_default() += 1;
        }
    }
    if unplaced > 0 || zones.is_empty() {
        return CheckResult::unknown(
            GapReason::UnmappedSubject,
            format!("the zone of {unplaced} of {} members of `{name}` is not known", placed.len()),
            "Connect the cloud account or cluster that places them; on Kubernetes label nodes with topology.kubernetes.io/zone.",
        )
        .with_evidence(seen.rows);
    }
    let list: Vec<String> = zones.iter().map(|(zone, count)| format!("{zone}: {count}")).collect();
    seen.follows("members by zone", list.join(", "));
    if let [zone] = zones.keys().collect::<Vec<_>>()[..] {
        return in_one_zone(subject, context, zone, seen);
    }
    let fullest = zones.values().copied().max().unwrap_or(0);
    let left = (placed.len() as u32).saturating_sub(fullest);
    let node = context.topology.graph.node(&subject.id).filter(|_| !members.is_empty());
    let survivors = format!("{left} members of `{name}` survive the loss of its fullest zone");
    match node.and_then(|n| n.required) {
        Some(_) if node.is_some_and(|n| n.required_assumed) => CheckResult::unknown(
            GapReason::UnmappedSubject,
            format!("{survivors}; how many it needs is not stated"),
            "Declare how many members must be up (required_members of the service).",
        )
        .with_evidence(seen.rows),
        Some(needed) if left < needed => {
            CheckResult::fail(base(subject), format!("{survivors}, and {needed} are needed."), seen.rows)
        }
        _ => {
            let sentence = format!("{} zones carry `{name}`; it survives the loss of any.", zones.len());
            CheckResult::pass(sentence, seen.rows)
        }
    }
}

fn in_one_zone(subject: &Subject<'_>, context: &Context<'_>, zone: &str, mut seen: Reading<'_>) -> CheckResult {
    let name = subject.name();
    let hard = Relation::DependsOn { hard: true };
    let needed = context.facts.edges_from(&subject.id).filter(|e| e.edge.relation == hard);
    let beside = needed.into_iter().find(|e| {
        let database = context.facts.resource(&e.to).is_some_and(|r| r.kind == Kind::Database);
        database && context.topology.graph.node(&e.to).and_then(|n| n.zone.as_ref()).is_some_and(|z| z.as_str() == zone)
    });
    let with = beside.map(|e| {
        let database = context.reference(&e.to).name;
        seen.row("needs a database in the same zone", database.clone(), e.provenance);
        format!(" and its database `{database}`")
    });
    let severity = if with.is_some() { Severity::Critical } else { base(subject) };
    let zone_name = context.reference(&zone.into()).name;
    let beside = with.unwrap_or_default();
    let sentence = format!("1 zone, {zone_name}, holds every member of `{name}`{beside}: its loss stops them all.");
    CheckResult::fail(severity, sentence, seen.rows)
}

fn base(subject: &Subject<'_>) -> Severity {
    if subject.is_t0() { Severity::High } else { Severity::Medium }
}

/// Zones a thing runs in: those it says itself, else the one the graph finds through its host.
fn zones_of(id: &SubjectId, context: &Context<'_>, seen: &mut Reading<'_>) -> Vec<String> {
    let mut zones = Vec::new();
    for edge in context.facts.edges_from(id).filter(|e| e.edge.relation == Relation::RunsIn) {
        if context.facts.resource(&edge.to).is_some_and(|r| r.kind == Kind::Zone) {
            seen.row(
                format!("`{}` runs in", context.reference(id).name),
                context.reference(&edge.to).name,
                edge.provenance,
            );
            zones.push(edge.to.to_string());
        }
    }
    if zones.is_empty() {
        let edges = context.facts.edges_from(id).filter(|e| e.edge.relation == Relation::RunsIn);
        let through: Vec<_> = edges.collect();
        if let Some(zone) = context.topology.graph.node(id).and_then(|n| n.zone.clone()).filter(|_| !through.is_empty())
        {
            for edge in &through {
                seen.row(
                    format!("`{}` runs in", context.reference(id).name),
                    context.reference(&edge.to).name,
                    edge.provenance,
                );
            }
            zones.push(zone.to_string());
        }
    }
    zones.sort();
    zones.dedup();
    zones
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{Kind, Relation, Tier, key};

    #[test]
    fn cases() {
        let zones = || Case::new().thing("api", Kind::Service).thing("za", Kind::Zone).thing("zb", Kind::Zone);
        let two = |k| zones().members("api", &["a1", "a2"], k).edge("a1", Relation::RunsIn, "za");
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
        check(zones(), "unknown unmapped_subject");
        check(two(Some(1)), "unknown unmapped_subject");
        check(two(Some(1)).edge("a2", Relation::RunsIn, "za"), "fail high");
        check(two(Some(1)).edge("a2", Relation::RunsIn, "za").tier("api", Tier::T1), "fail medium");
        check(two(Some(1)).edge("a2", Relation::RunsIn, "zb"), "pass");
        check(two(None).edge("a2", Relation::RunsIn, "zb"), "unknown unmapped_subject");
        let three = zones().members("api", &["a1", "a2", "a3"], Some(2)).edge("a1", Relation::RunsIn, "za");
        check(three.edge("a2", Relation::RunsIn, "za").edge("a3", Relation::RunsIn, "zb"), "fail high");
        let with_db = two(Some(1)).edge("a2", Relation::RunsIn, "za").thing("db", Kind::Database);
        let with_db = with_db.edge("api", Relation::DependsOn { hard: true }, "db").zone("db", "za");
        check(with_db.tier("api", Tier::T1), "fail critical");
        check(zones().edge("api", Relation::RunsIn, "za"), "fail high");
        check(zones().edge("api", Relation::RunsIn, "za").edge("api", Relation::RunsIn, "zb"), "pass");
        check(zones().flag("api", key::PLATFORM_REDUNDANT, true), "pass");
    }
}
