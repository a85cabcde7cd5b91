//! No headroom for losing a zone or member.

use super::headroom::measured_by;
use crate::db::wording::percent;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{
    CheckResult, Escalation, Evidence, GapReason, Kind, Limited, Relation, Severity, SubjectId, Utilisation, num,
};
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule {
    id: "CAP-008",
    title: "No headroom for losing a zone or member",
    question: "After losing one zone, do the survivors carry peak?",
    why: "Redundancy without headroom only moves the outage: the survivors take the lost zone's load, saturate, and fall as well.",
    condition: "After the loss of the worst zone the survivors would be above 85 % at peak, before scaling can react",
    fix: &[
        "raise the minimum of members",
        "use a third zone: three zones need 150 % of peak in total, two need 200 %",
        "shed load that can wait",
    ],
    effort_days: [0.5, 2.0],
    effort_source: "HD",
    weight: 2,
    severity: "high on a T0 thing; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Service, Kind::Database, Kind::Cache]),
    numbers: &[
        Number { key: "after", value: 0.85, unit: "ratio", source: "HD; WAF REL11-BP05 (static stability)" },
        Number { key: "samples_days", value: 7.0, unit: "d", source: "HD, as CAP-001" },
    ],
    sources: &[
        (
            "aws",
            "autoscaling:DescribeAutoScalingGroups, ecs:DescribeTasks, rds:DescribeDBClusters -> AvailabilityZone; CPUUtilization",
        ),
        ("gcp", "compute.regionInstanceGroupManagers.listManagedInstances -> zone; cpu/utilization"),
        ("kubernetes", "Node labels topology.kubernetes.io/zone; Pod.spec.nodeName"),
        ("prometheus", "utilisation at peak by member"),
    ],
    proof_metric: "largest_failure_domain_share",
    proof: "utilisation after the loss of a zone falls below 85 %",
    false_positives: "Scaling out that was shown to be faster than the surge.",
    unknown_when: "members are not mapped to zones, or their load was watched for less than 7 days",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut zones: Vec<_> = context.capacity.zone_loss.iter().filter(|z| z.subject.id == subject.id).collect();
    zones.sort_by(|a, b| num::cmp9(b.after, a.after).then(a.zone.cmp(&b.zone)));
    let Some(worst) = zones.first() else {
        return CheckResult::unknown(
            GapReason::UnmappedSubject,
            format!("which zones the members of `{}` are in, or how busy they are, is not known", subject.name()),
            "Connect the platform that places the members (zones) and what measures them (CPU at peak).",
        );
    };
    let mut evidence: Vec<Evidence> = zones
        .iter()
        .map(|z| {
            let value = format!(
                "{} before, {} after losing {} of {} members",
                percent(z.before),
                percent(z.after),
                z.lost,
                z.members
            );
            Evidence::derived(format!("zone {}", z.zone), value)
        })
        .collect();
    let loaded = loaded(subject, context);
    evidence.extend(loaded.iter().flat_map(|u| measured_by(u, context)));
    let said = format!(
        "Losing {} takes `{}` from {} to {} at peak ({} of {} members)",
        worst.zone,
        subject.name(),
        percent(worst.before),
        percent(worst.after),
        worst.lost,
        worst.members
    );
    let limit = subject.number("after");
    if worst.after <= limit {
        let (need, have) =
            (subject.number("samples_days"), loaded.iter().map(|u| u.days).reduce(f64::min).unwrap_or(0.0));
        if have < need {
            let detail = format!("{said}; a verdict needs {need:.0} days of samples, there are {have:.1}");
            let closes = "Connect what records the load over time (Prometheus, CloudWatch, Cloud Monitoring).";
            return CheckResult::unknown(GapReason::ShortWindow, detail, closes).with_evidence(evidence);
        }
        return CheckResult::pass(format!("{said}."), evidence);
    }
    let severity = if subject.is_t0() { Severity::High } else { Severity::Medium };
    let result = CheckResult::fail(severity, format!("{said}: the survivors fall as well."), evidence);
    match members_needed(worst.before, worst.members, worst.lost, limit) {
        Some(members) => result.with_remedy(format!("Run at least {members} members, spread as now, before peak.")),
        None => result.with_remedy("Spread the members over a second zone first: losing this one loses them all."),
    }
}

/// What says how busy the group is: its own figures, else those of its members.
fn loaded<'c>(subject: &Subject<'_>, context: &Context<'c>) -> Vec<&'c Utilisation> {
    let of = |ids: &BTreeSet<SubjectId>| -> Vec<&'c Utilisation> {
        let all = context.capacity.utilisation.iter().filter(|u| ids.contains(&u.subject.id));
        all.filter(|u| matches!(u.limited, Limited::Cpu | Limited::Workers)).collect()
    };
    let own = of(&BTreeSet::from([subject.id.clone()]));
    if !own.is_empty() {
        return own;
    }
    let members = context.facts.edges_to(&subject.id).filter(|e| e.edge.relation == Relation::MemberOf);
    of(&members.map(|e| e.from).collect())
}

/// Members, spread as now, whose survivors stay at the limit; `None` when the zone holds them all.
fn members_needed(before: f64, members: u32, lost: u32, limit: f64) -> Option<u32> {
    let survive = 1.0 - f64::from(lost) / f64::from(members.max(1));
    (survive > 0.0 && limit > 0.0).then(|| (before * f64::from(members) / (survive * limit) - 1e-9).ceil() as u32)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::cap::headroom::cases::thing;
    use crate::testing::Case;
    use loadline_model::{Kind, Limited, SubjectRef, Tier, ZoneLoss};

    fn losing(tier: Tier, after: f64) -> Case {
        let mut case = thing(Kind::Service, tier);
        let subject = SubjectRef { id: "x".into(), kind: None, name: "x".into(), account: None, region: None };
        case.capacity.zone_loss =
            vec![ZoneLoss { subject, zone: "a".into(), members: 4, lost: 2, before: after / 2.0, after }];
        case
    }

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "x"), expected);
        check(thing(Kind::Service, Tier::T0), "unknown unmapped_subject");
        check(losing(Tier::T0, 0.85), "unknown short_window");
        check(losing(Tier::T0, 0.85).used("x", Limited::Cpu, 0.4, 6.0), "unknown short_window");
        check(losing(Tier::T0, 0.85).used("x", Limited::Cpu, 0.4, 9.0), "pass");
        check(losing(Tier::T0, 0.90), "fail high");
        check(losing(Tier::T1, 0.90), "fail medium");
    }

    #[test]
    fn the_remedy_counts_members() {
        let found = losing(Tier::T0, 1.2).check_of(&RULE, "x").result;
        assert_eq!(found.remedy.as_deref(), Some("Run at least 6 members, spread as now, before peak."));
    }
}
