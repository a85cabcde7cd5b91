//! Critical service runs on one instance.

use super::{Cut, by_tier, counted, cut, not_mapped, rows_of};
use crate::escalation::in_its_environment;
use crate::evaluate::{Reading, gap_about, hidden_by};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Exposure, GapReason, Kind, Severity, SubjectId, key};

pub(super) const RULE: Rule = Rule {
    id: "SPOF-001",
    title: "Critical service runs on one instance",
    question: "If this one process or machine dies, does a user journey stop?",
    why: "With one member every crash, restart and deployment is an outage for everybody. A stack that left \
          its single instance (S1) ran five times its load without a critical outage.",
    condition: "one usable member, a minimum of one, or as many members needed as there are; and a journey stops with it",
    fix: &[
        "move state out of the process (SCALE-001, SCALE-002)",
        "put a balancer with health checks in front",
        "run two or more members in two or more zones",
        "set the minimum to 2 and prove it by ending one member",
    ],
    effort_days: [2.0, 8.0],
    effort_source: "HD; scaling out is not among the 15-20 day quick wins of S4",
    weight: 5,
    severity: "critical for T0, high for T1, medium for T2; one higher after an unplanned restart in 30 days, one lower \
               outside production",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[Number { key: "members", value: 2.0, unit: "members", source: "WAF REL10-BP01, REL11-BP02; S1" }],
    sources: &[
        (
            "aws",
            "ecs:DescribeServices -> desiredCount, runningCount; autoscaling:DescribeAutoScalingGroups -> MinSize, Instances[]",
        ),
        ("k8s", "Deployment, StatefulSet -> spec.replicas, status.readyReplicas"),
        ("gcp", "run services -> scaling.minInstanceCount; instanceGroupManagers -> targetSize"),
        ("nginx", "upstream{} with one server line that is not a backup"),
    ],
    proof_metric: "availability_sli",
    proof: "the share of good requests rises; full outages a month fall to 0",
    false_positives: "A platform that starts members on demand (Cloud Run, Lambda) is redundant with a minimum of 0: its \
                      cold start is the question. A singleton chosen by leader election belongs to SPOF-012.",
    unknown_when: "the service cannot be mapped to its members, or its platform is redundant in an unknown region",
    prerequisites: &["SCALE-002"],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    if seen.flag("kept redundant by its platform", key::PLATFORM_REDUNDANT) == Some(true) {
        return on_platform(subject, seen);
    }
    let members = seen.members();
    let node = context.topology.graph.node(&subject.id);
    let grouped = node.map(|n| f64::from(n.members)).filter(|n| *n > 0.0);
    let grouped = grouped.or((!members.is_empty()).then_some(members.len() as f64));
    let desired = seen.number("members wanted", "members", key::DESIRED_MEMBERS);
    let minimum = seen.number("least members", "members", key::MINIMUM_MEMBERS);
    let Some(fewest) = [grouped, desired, minimum].into_iter().flatten().reduce(f64::min) else {
        return CheckResult::unknown(
            GapReason::UnmappedSubject,
            format!("how many members run `{name}` is not known"),
            "Connect the platform that runs it (ECS, Kubernetes, Cloud Run), or declare its members.",
        );
    };
    let required = node.and_then(|n| n.required).filter(|_| grouped.is_some()).map(f64::from);
    let assumed = node.is_some_and(|n| n.required_assumed);
    let tight = required.is_some_and(|k| grouped.is_some_and(|n| k >= n));
    if let Some(k) = required {
        seen.follows("group arithmetic", format!("{k:.0} of {:.0} must be up", grouped.unwrap_or(k)));
    }
    if let Some(gap) = gap_about(&subject.id, context, &["members", "scal", "member_of"]).filter(|_| !tight) {
        return hidden_by(gap, subject).with_evidence(seen.rows);
    }
    if fewest >= subject.number("members") && !tight {
        let sentence = format!("{} keep `{name}` running; losing one stops nothing.", counted(fewest, "member"));
        return CheckResult::pass(sentence, seen.rows);
    }
    let members: Vec<SubjectId> = members.into_iter().map(|e| e.from).collect();
    if fewest >= subject.number("members") && assumed {
        let fact = format!("{} run `{name}`, and how many of them it needs is not stated", counted(fewest, "member"));
        return not_mapped(subject, &fact).with_evidence(seen.rows);
    }
    one_is_all(subject, context, (fewest, grouped.or(desired)), &members, seen)
}

fn on_platform(subject: &Subject<'_>, seen: Reading<'_>) -> CheckResult {
    let name = subject.name();
    match subject.resource.and_then(|r| r.region.as_deref()) {
        Some(region) => {
            CheckResult::pass(format!("The platform keeps `{name}` redundant over the zones of {region}."), seen.rows)
        }
        None => CheckResult::unknown(
            GapReason::UnmappedSubject,
            format!("the platform keeps `{name}` redundant, but in which region is not known"),
            "Connect the account that runs it with its region.",
        )
        .with_evidence(seen.rows),
    }
}

fn one_is_all(
    subject: &Subject<'_>,
    context: &Context<'_>,
    (fewest, members_now): (f64, Option<f64>),
    members: &[SubjectId],
    mut seen: Reading<'_>,
) -> CheckResult {
    let name = subject.name();
    let spof = match cut(subject, members, context) {
        Cut::Journey(spof) => spof,
        // The graph shows the members of today; at its minimum the service stands and falls with one.
        Cut::Nothing
            if members_now.is_some_and(|now| now > fewest) && subject.exposure.high > Exposure::UNKNOWN.low =>
        {
            return may_shrink(subject, fewest, seen);
        }
        Cut::Nothing => {
            let sentence = format!("{} may run `{name}`, but no journey stops with it.", counted(fewest, "member"));
            return CheckResult::pass(sentence, seen.rows);
        }
        Cut::OnlyInferred | Cut::NotMapped => {
            let fact = format!("{} may be all that runs `{name}`", counted(fewest, "member"));
            return not_mapped(subject, &fact).with_evidence(seen.rows);
        }
    };
    let mut severity = by_tier(subject, [Severity::Critical, Severity::High, Severity::Medium]);
    let restarts = seen.number("unplanned restarts in 30 days", "", key::UNPLANNED_RESTARTS_30D).unwrap_or(0.0);
    if restarts > 0.0 {
        severity = severity.raised(1);
    }
    seen.rows.extend(rows_of(spof));
    let lost = spof.journeys_lost.join(", ");
    let how = match members_now {
        Some(now) if now > fewest => {
            format!("once `{name}` has shrunk to its minimum of {fewest:.0} and that one dies")
        }
        _ if fewest < subject.number("members") => format!("when the only member of `{name}` dies"),
        _ => format!("when one member of `{name}` dies: all of them are needed"),
    };
    let sentence = format!("{:.0} % of journeys ({lost}) stop {how}.", spof.blast_radius * 100.0);
    CheckResult::fail(in_its_environment(severity, subject), sentence, seen.rows)
        .with_remedy(format!("Run at least 2 members of `{name}` in 2 zones, and set its minimum to 2."))
}

fn may_shrink(subject: &Subject<'_>, fewest: f64, mut seen: Reading<'_>) -> CheckResult {
    let (name, share) = (subject.name(), subject.exposure.high * 100.0);
    seen.follows("journeys that need it", format!("{share:.0} %"));
    let severity =
        in_its_environment(by_tier(subject, [Severity::Critical, Severity::High, Severity::Medium]), subject);
    let sentence = format!(
        "{share:.0} % of journeys stop once `{name}` has shrunk to its minimum of {fewest:.0} and that one dies."
    );
    CheckResult::fail(severity, sentence, seen.rows)
        .with_remedy(format!("Set the minimum of `{name}` to 2 members in 2 zones."))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{Kind, Resource, Tier, key};

    #[test]
    fn cases() {
        let api = || Case::new().thing("api", Kind::Service);
        let one = || api().number("api", key::DESIRED_MEMBERS, 1.0);
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
        check(api(), "unknown unmapped_subject");
        check(one(), "unknown unmapped_subject");
        check(one().spof("api", 1.0, true), "fail critical");
        check(one().spof("api", 1.0, false), "unknown unmapped_subject");
        check(one().no_spof("api"), "pass");
        check(one().spof("api", 0.5, true).tier("api", Tier::T1), "fail high");
        check(one().spof("api", 0.1, true).tier("api", Tier::T2), "fail medium");
        let restarted = one().number("api", key::UNPLANNED_RESTARTS_30D, 2.0);
        check(restarted.spof("api", 0.1, true).tier("api", Tier::T2), "fail high");
        check(api().number("api", key::DESIRED_MEMBERS, 3.0), "pass");
        let may_shrink = api().number("api", key::DESIRED_MEMBERS, 3.0).number("api", key::MINIMUM_MEMBERS, 1.0);
        check(may_shrink.spof("api", 1.0, true), "fail critical");
        let shrinks = || api().members("api", &["a1", "a2"], Some(1)).number("api", key::MINIMUM_MEMBERS, 1.0);
        check(shrinks().no_spof("api"), "pass");
        check(shrinks().exposed("api", 0.6), "fail critical");
        check(api().members("api", &["a1"], Some(1)).spof("a1", 1.0, true), "fail critical");
        check(api().members("api", &["a1", "a2"], Some(1)), "pass");
        check(api().members("api", &["a1", "a2"], Some(2)).spof("api", 1.0, true), "fail critical");
        check(api().members("api", &["a1", "a2"], Some(2)).spof("a2", 1.0, true), "fail critical");
        check(api().members("api", &["a1", "a2"], None).spof("api", 1.0, true), "unknown unmapped_subject");
        check(api().flag("api", key::PLATFORM_REDUNDANT, true), "unknown unmapped_subject");
        let regional = Resource { region: Some("eu-west-1".into()), ..Resource::new(Kind::Service, "api") };
        check(Case::new().has("api", regional).flag("api", key::PLATFORM_REDUNDANT, true), "pass");
        check(
            Case::new().listed(Kind::Service).thing("db", Kind::Database).thing("api", Kind::Service),
            "unknown unmapped_subject",
        );
        assert_eq!(Case::new().listed(Kind::Service).answer(&RULE, "organisation"), "not_applicable");
    }
}
