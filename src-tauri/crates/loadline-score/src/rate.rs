//! The readiness score (`scoring.md` §3.1).

use crate::contribution::{Contributions, applicable, attribute, contributions, lost, saturating_sum};
use crate::{gates, label, points};
use loadline_model::{
    Capacity, Check, DOMAINS, DomainScore, GapReason, LostPoints, MicroPoints, Outcome, Policy, RuleId, RuleInfo,
    Score, Topology, num,
};
use std::collections::BTreeMap;

/// What the gates and weights look at besides the checks.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// Graph and single points of failure.
    pub topology: &'a Topology,
    /// Headroom.
    pub capacity: &'a Capacity,
    /// Domain points.
    pub policy: &'a Policy,
}

/// Rates a snapshot's checks. `rules` are the rules this model version judges; checks of other rules are ignored.
///
/// Points are integers of a millionth: losses sum exactly to what is missing from 100. Without any applicable check nothing is
/// rated: proven 0, possible 100, coverage 0, label `not_rated`.
pub fn rate(checks: &[Check], rules: &[RuleInfo], situation: &Situation<'_>) -> Score {
    let points = points::rule_points(rules, &applicable(checks), situation.policy);
    let contributions = contributions(checks, &points);
    let tallies = tally(&points, &contributions);
    let total = tallies.values().fold(Tally::default(), |sum, t| sum.plus(t));
    let rated = total.points > 0;
    let proven_micro = MicroPoints(if rated { MicroPoints::FULL.0 - total.proven_lost } else { 0 });
    let possible_micro = MicroPoints(MicroPoints::FULL.0 - total.possible_lost);
    let coverage = if rated { num::round9(1.0 - MicroPoints(total.unknown).points() / 100.0) } else { 0.0 };
    let label_by_number = label::by_number(proven_micro, coverage, label::criticals(checks, rules));
    let gates = gates::gates(checks, situation);
    Score {
        proven: num::round9(proven_micro.points()),
        possible: num::round9(possible_micro.points()),
        coverage,
        proven_micro,
        possible_micro,
        confidence: label::confidence(coverage).to_owned(),
        label: label::capped(label_by_number, &gates),
        label_by_number,
        provisional: coverage < 0.7,
        gates,
        domains: domains(checks, rules, &tallies),
        losses: losses(&points, &contributions),
        rule_points: points.into_iter().map(|(rule, p)| (rule, MicroPoints(p))).collect(),
    }
}

/// Points of a rule or domain and how they are lost, in millionths.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    points: i64,
    proven_lost: i64,
    possible_lost: i64,
    /// Lost through unknown checks alone.
    unknown: i64,
}

impl Tally {
    fn plus(&self, other: &Self) -> Self {
        Self {
            points: self.points + other.points,
            proven_lost: self.proven_lost + other.proven_lost,
            possible_lost: self.possible_lost + other.possible_lost,
            unknown: self.unknown + other.unknown,
        }
    }
    /// 100 × the share of the points that is left; `None` without points.
    fn left(&self, lost: i64) -> Option<f64> {
        (self.points > 0).then(|| num::round9(100.0 * (self.points - lost) as f64 / self.points as f64))
    }
}

fn tally(points: &BTreeMap<RuleId, i64>, contributions: &Contributions<'_>) -> BTreeMap<RuleId, Tally> {
    let of = |rule: &RuleId| contributions.values().filter(|c| c.check.rule == *rule).collect::<Vec<_>>();
    points
        .iter()
        .map(|(rule, points)| {
            let own = of(rule);
            let tally = Tally {
                points: *points,
                proven_lost: lost(*points, saturating_sum(own.iter().map(|c| c.proven))),
                possible_lost: lost(*points, saturating_sum(own.iter().map(|c| c.possible))),
                unknown: lost(*points, saturating_sum(own.iter().filter(|c| c.severity.is_none()).map(|c| c.proven))),
            };
            (rule.clone(), tally)
        })
        .collect()
}

fn losses(points: &BTreeMap<RuleId, i64>, contributions: &Contributions<'_>) -> Vec<LostPoints> {
    let attributed = attribute(points, contributions);
    let mut losses: Vec<LostPoints> = contributions
        .iter()
        .filter_map(|(fingerprint, c)| {
            let lost = attributed.get(fingerprint).copied().filter(|p| *p > 0)?;
            Some(LostPoints {
                fingerprint: (*fingerprint).clone(),
                rule: c.check.rule.clone(),
                subject: c.check.subject.name.clone(),
                result: c.check.result.outcome.word().to_owned(),
                lost: MicroPoints(lost),
            })
        })
        .collect();
    losses.sort_by(|a, b| b.lost.cmp(&a.lost).then_with(|| a.fingerprint.cmp(&b.fingerprint)));
    losses
}

fn domains(checks: &[Check], rules: &[RuleInfo], tallies: &BTreeMap<RuleId, Tally>) -> Vec<DomainScore> {
    let domain_of: BTreeMap<&RuleId, &str> = rules.iter().map(|r| (&r.id, r.domain.as_str())).collect();
    let mut domains: Vec<DomainScore> = DOMAINS
        .iter()
        .map(|(id, name, _)| {
            let within = |rule: &RuleId| domain_of.get(rule) == Some(id);
            let own: Vec<&Tally> = tallies.iter().filter(|(rule, _)| within(rule)).map(|(_, t)| t).collect();
            let sum = own.iter().fold(Tally::default(), |sum, t| sum.plus(t));
            let status = if !domain_of.values().any(|d| d == id) {
                "not_judged_yet"
            } else if own.is_empty() {
                "not_applicable"
            } else if checks.iter().filter(|c| within(&c.rule)).all(nobody_connected) {
                "not_connected"
            } else {
                "judged"
            };
            DomainScore {
                id: (*id).to_owned(),
                name: (*name).to_owned(),
                points: MicroPoints(sum.points),
                proven: sum.left(sum.proven_lost),
                possible: sum.left(sum.possible_lost),
                coverage: sum.left(sum.unknown).map(|c| num::round9(c / 100.0)),
                status: status.to_owned(),
            }
        })
        .collect();
    domains.sort_by(|a, b| b.points.cmp(&a.points).then_with(|| a.id.cmp(&b.id)));
    domains
}

fn nobody_connected(check: &Check) -> bool {
    match check.result.outcome {
        Outcome::Unknown { reason } => reason == GapReason::NotConnected,
        Outcome::NotApplicable { .. } => true,
        Outcome::Pass | Outcome::Fail { .. } => false,
    }
}
