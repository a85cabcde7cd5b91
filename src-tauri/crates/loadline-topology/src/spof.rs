//! Single points of failure with their path, hours and sentence (`scoring.md` §1.3, §1.6).

use crate::failure::percent;
use crate::hours::Risk;
use crate::impact::Impact;
use crate::lanes::Lanes;
use crate::paths::{Links, Ways};
use crate::system::System;
use loadline_model::{Graph, GroupArithmetic, Interval, Node, Spof, SubjectRef, num};
use std::collections::BTreeMap;

/// Entries of the list for which the arithmetic of the groups hit is written out; beyond these nobody reads it.
const WITH_ARITHMETIC: usize = 1_000;

/// How people and JSON name a node.
pub(crate) fn reference(node: &Node) -> SubjectRef {
    SubjectRef {
        id: node.id.clone(),
        kind: Some(node.kind),
        name: node.name.clone(),
        account: node.account.clone(),
        region: node.region.clone(),
    }
}

/// Everything a list of single points of failure is written from.
pub(crate) struct Writer<'a> {
    pub(crate) graph: &'a Graph,
    pub(crate) system: &'a System,
    pub(crate) impacts: &'a [Impact],
    pub(crate) certain_impacts: &'a [Impact],
    pub(crate) risks: &'a [(Risk, String)],
}

impl Writer<'_> {
    /// The list by expected hours a year, then blast radius, then id; and the sum of expected hours.
    pub(crate) fn list(&self) -> (Vec<Spof>, f64) {
        let expected = |v: &u32| self.risks[*v as usize].0.expected() * self.impacts[*v as usize].blast(self.system);
        let blast = |v: &u32| self.impacts[*v as usize].blast(self.system);
        let is_spof = |v: &u32| self.system.is_candidate(*v) && blast(v) > 0.0;
        let mut nodes: Vec<u32> = (0..self.system.elements() as u32).filter(is_spof).collect();
        nodes.sort_by(|a, b| {
            num::cmp9(expected(b), expected(a)).then_with(|| num::cmp9(blast(b), blast(a))).then_with(|| a.cmp(b))
        });
        let total = nodes.iter().map(expected).sum();
        let links = Links::of(self.graph, self.system);
        let mut ways: BTreeMap<u32, Ways<'_>> = BTreeMap::new();
        let mut lanes = Lanes::<1>::new(self.system);
        let spofs = nodes
            .iter()
            .enumerate()
            .map(|(rank, v)| {
                let journey = self.heaviest(*v);
                let way = ways.entry(journey).or_insert_with(|| Ways::new(self.system, &links, journey as usize));
                let mut spof = self.write(*v, journey, way);
                if rank < WITH_ARITHMETIC {
                    lanes.run(self.system, &[(*v, [1])]);
                    spof.groups = self.arithmetic(&lanes);
                }
                spof
            })
            .collect();
        (spofs, num::round9(total))
    }

    /// The heaviest journey a failure stops; the first in id order among equals.
    fn heaviest(&self, v: u32) -> u32 {
        let lost = self.impacts[v as usize].lost.iter().copied();
        let weight = |j: u32| self.system.journeys[j as usize].weight;
        lost.min_by(|a, b| num::cmp9(weight(*b), weight(*a)).then_with(|| a.cmp(b))).unwrap_or(0)
    }

    fn write(&self, v: u32, journey: u32, ways: &Ways<'_>) -> Spof {
        let (node, impact) = (&self.graph.nodes[v as usize], &self.impacts[v as usize]);
        let (risk, assumption) = &self.risks[v as usize];
        let blast = impact.blast(self.system);
        let way = ways.through(v);
        let mut path: Vec<String> = way.nodes.iter().map(|n| self.graph.nodes[*n as usize].name.clone()).collect();
        path.push(self.system.journeys[journey as usize].name.clone());
        let hours = risk.interval(blast);
        Spof {
            subject: reference(node),
            blast_radius: blast,
            degraded: impact.soft(self.system),
            journeys_lost: impact.lost.iter().map(|j| self.system.journeys[*j as usize].name.clone()).collect(),
            hours_per_year: hours,
            path,
            why: why(&node.name, blast, hours),
            groups: Vec::new(),
            confidence: way.confidence,
            proven: self.certain_impacts[v as usize].blast(self.system) > 0.0,
            assumption: assumption.clone(),
        }
    }

    /// Groups that lose a member.
    fn arithmetic(&self, lanes: &Lanes<1>) -> Vec<GroupArithmetic> {
        let is_down = |m: &&u32| lanes.down[**m as usize][0] & 1 == 1;
        let mut groups = Vec::new();
        for v in (0..self.system.elements() as u32).filter(|v| self.system.position[*v as usize] != u32::MAX) {
            if !self.system.is_group[v as usize] {
                continue;
            }
            let node = &self.graph.nodes[v as usize];
            for group in self.system.thresholds_of(v) {
                let lost = group.members.iter().filter(is_down).count();
                if lost > 0 {
                    let members = u32::try_from(group.members.len()).unwrap_or(u32::MAX);
                    groups.push(GroupArithmetic {
                        group: node.id.clone(),
                        required: node.required.unwrap_or(members),
                        members,
                        up_after: members.saturating_sub(u32::try_from(lost).unwrap_or(u32::MAX)),
                    });
                }
            }
        }
        groups
    }
}

fn why(name: &str, blast: f64, hours: Interval) -> String {
    format!("One failure of `{name}` stops {} of journeys, {} a year.", percent(blast), about(hours.p50))
}

/// `about 9 h`, `about 1.4 h`, `less than 0.1 h`.
fn about(hours: f64) -> String {
    if hours < 0.1 {
        return "less than 0.1 h".to_owned();
    }
    let tenths = format!("{hours:.1}");
    match tenths.strip_suffix(".0") {
        Some(whole) => format!("about {whole} h"),
        None if hours >= 10.0 => format!("about {hours:.0} h"),
        None => format!("about {tenths} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_has_its_numbers_first() {
        let at = |p50| Interval { p10: 0.0, p50, p90: 2.0 * p50 };
        assert_eq!(why("prod-db", 1.0, at(9.0)), "One failure of `prod-db` stops 100 % of journeys, about 9 h a year.");
        assert_eq!(why("nat", 0.3, at(0.04)), "One failure of `nat` stops 30 % of journeys, less than 0.1 h a year.");
        assert_eq!(about(12.3), "about 12 h");
        assert_eq!(about(1.44), "about 1.4 h");
    }
}
