//! Scaling bounds do not fit the spike.

use super::scaler;
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Relation, Severity, SubjectId, key};
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule {
    id: "SCALE-005",
    title: "Scaling bounds do not fit the spike",
    question: "Do minimum and maximum survive a zone loss and a 10x spike?",
    why: "Bounds are the real size of an autoscaled service: sale days brought ten times the typical load (S4), and a zone takes \
          its members with it.",
    condition: "The minimum is below 2 on T0, minimum equals maximum, the maximum cannot serve 10 times the peak, or the minimum \
                without one zone cannot serve the peak",
    fix: &[
        "minimum: what the peak needs, times zones / (zones - 1)",
        "maximum: spike demand / capacity of a member, plus 20 %",
        "scale before events that are known",
    ],
    effort_days: [0.25, 1.0],
    effort_source: "HD",
    weight: 2,
    severity: "high when the maximum cannot serve 3 times the peak; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[
        Number { key: "members", value: 2.0, unit: "members", source: "WAF REL11-BP05" },
        Number { key: "spike", value: 10.0, unit: "times", source: "S4 (10x sale spike), S5" },
        Number { key: "high_spike", value: 3.0, unit: "times", source: "HD" },
    ],
    sources: &[
        ("aws", "ScalableTarget MinCapacity, MaxCapacity; AutoScalingGroup MinSize, MaxSize; zones of its members"),
        ("kubernetes", "HorizontalPodAutoscaler minReplicas, maxReplicas"),
        ("test", "requests a second of one member in a load test or a fit of throughput against members"),
    ],
    proof_metric: "supported_multiplier",
    proof: "the multiple of today's peak that the maximum can serve rises",
    false_positives: "Services behind a queue may aim at the backlog instead.",
    unknown_when: "the capacity of one member was never measured: it is not assumed to be linear",
    prerequisites: &["SCALE-003", "DB-009"],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    if let Err(no_scaler) = scaler(subject, &mut seen) {
        return *no_scaler;
    }
    let name = subject.name();
    let mut verdict = Verdict::new();
    let least = seen.number("least members", "members", key::MINIMUM_MEMBERS);
    let most = seen.number("most members", "members", key::MAXIMUM_MEMBERS);
    let (Some(least), Some(most)) = (least, most) else {
        verdict.lacks(
            GapReason::NotConnected,
            format!("the bounds of the scaler of `{name}` were not read"),
            "Connect the platform that runs it (application-autoscaling:DescribeScalableTargets, or the cluster).",
        );
        return verdict.answer(seen.rows, "");
    };
    if subject.is_t0() && least < subject.number("members") {
        verdict.fault(Severity::Medium, format!("`{name}` may shrink to {least:.0} member: its loss is an outage"));
    }
    if least >= most {
        verdict.fault(
            Severity::Medium,
            format!("minimum and maximum of `{name}` are both {most:.0}: its scaler cannot act"),
        );
    }
    let each = seen.number("requests a second of one member", "1/s", key::MEMBER_CAPACITY);
    let demand = context.trends.demand.iter().find(|d| d.subject.id == subject.id);
    let peak = demand.map(|d| d.peak).filter(|p| *p > 0.0);
    seen.rows.extend(peak.map(|p| Evidence::derived("requests a second at peak", format!("{p:.1}"))));
    match (each, peak) {
        (Some(each), Some(peak)) => {
            let times = most * each / peak;
            seen.follows("multiple of the peak that the maximum serves", format!("{times:.1}"));
            spike(subject, times, &mut verdict);
            zone_loss(subject, context, (least, each, peak), &mut seen, &mut verdict);
        }
        (None, _) => verdict.lacks(
            GapReason::NotConnected,
            format!("how many requests a second one member of `{name}` can serve was never measured"),
            "Run a load test and record the rate of one member at the objective (TEST-001).",
        ),
        (_, None) => verdict.lacks(
            GapReason::NotConnected,
            format!("the peak of `{name}` is not measured"),
            "Connect Prometheus or the load balancer in front (RequestCount).",
        ),
    }
    verdict.answer(
        seen.rows,
        format!("{least:.0} to {most:.0} members of `{name}` carry the spike and the loss of a zone."),
    )
}

fn spike(subject: &Subject<'_>, times: f64, verdict: &mut Verdict) {
    if times >= subject.number("spike") {
        return;
    }
    let severity = if times < subject.number("high_spike") { Severity::High } else { Severity::Medium };
    verdict.fault(
        severity,
        format!("at its maximum `{}` serves {times:.1} times today's peak; a sale day brings 10", subject.name()),
    );
}

fn zone_loss(
    subject: &Subject<'_>,
    context: &Context<'_>,
    (least, each, peak): (f64, f64, f64),
    seen: &mut Reading<'_>,
    verdict: &mut Verdict,
) {
    let members = context.facts.edges_to(&subject.id).filter(|e| e.edge.relation == Relation::MemberOf);
    let zone_of = |id: &SubjectId| context.topology.graph.node(id).and_then(|n| n.zone.clone());
    let zones: BTreeSet<SubjectId> = members.filter_map(|e| zone_of(&e.from)).collect();
    if zones.len() < 2 {
        verdict.lacks(
            GapReason::UnmappedSubject,
            format!("over how many zones `{}` spreads is not known to be more than one", subject.name()),
            "Connect the platform that places its members; SPOF-003 judges a single zone.",
        );
        return;
    }
    let left = (least * (zones.len() as f64 - 1.0) / zones.len() as f64).floor();
    seen.follows(
        "members left of the minimum without one zone",
        format!("{left:.0} of {least:.0} over {} zones", zones.len()),
    );
    if left * each < peak {
        verdict.fault(
            Severity::Medium,
            format!(
                "without one zone the minimum of `{}` leaves {left:.0}, and the peak needs {:.0}",
                subject.name(),
                (peak / each).ceil()
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::scale::cases::scales;
    use crate::testing::Case;
    use loadline_model::{DemandTrend, SubjectRef, Tier, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
        let bounds = |tier, least, most| {
            scales(tier, "cpu").number("api", key::MINIMUM_MEMBERS, least).number("api", key::MAXIMUM_MEMBERS, most)
        };
        let zones = |case: Case| case.members("api", &["a", "b"], Some(1)).zone("a", "za").zone("b", "zb");
        let peak = |mut case: Case, each: f64| {
            case.trends.demand.push(DemandTrend {
                subject: SubjectRef { id: "api".into(), kind: None, name: "api".into(), account: None, region: None },
                peak: 50.0,
                weekly_peaks: vec![],
                days: vec![],
            });
            case.number("api", key::MEMBER_CAPACITY, each)
        };
        check(scales(Tier::T0, "none"), "not_applicable");
        check(scales(Tier::T0, "cpu"), "unknown not_connected");
        check(bounds(Tier::T0, 1.0, 8.0), "fail medium");
        check(bounds(Tier::T1, 1.0, 8.0), "unknown not_connected");
        check(bounds(Tier::T1, 4.0, 4.0), "fail medium");
        check(peak(zones(bounds(Tier::T0, 2.0, 10.0)), 50.0), "pass");
        check(peak(bounds(Tier::T0, 2.0, 10.0), 50.0), "unknown unmapped_subject");
        check(peak(zones(bounds(Tier::T0, 2.0, 8.0)), 50.0), "fail medium");
        check(peak(zones(bounds(Tier::T0, 4.0, 10.0)), 14.0), "fail high");
        check(peak(zones(bounds(Tier::T0, 2.0, 20.0)), 40.0), "fail medium");
    }
}
