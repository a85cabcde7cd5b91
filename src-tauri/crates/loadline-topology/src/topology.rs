//! Everything that follows from the graph, in order.

use crate::build::build_with_gaps;
use crate::exposure::{self, Views};
use crate::impact::impacts;
use crate::recovery::Recovery;
use crate::spof::{Writer, reference};
use crate::system::System;
use crate::{availability, groups, observed, pairs};
use loadline_model::{Confidence, FactIndex, FragilePair, Graph, Relation, SubjectId, Topology};
use std::collections::BTreeSet;

/// The graph of a snapshot and what follows from it (`scoring.md` §1). Deterministic: the same snapshot gives the same bytes.
pub fn analyse(index: &FactIndex<'_>) -> Topology {
    let (graph, gaps) = build_with_gaps(index);
    let system = System::new(&graph);
    let impacts = impacts(&system);
    let certain = System::new(&without_inferred(&graph));
    let certain_impacts = crate::impact::impacts(&certain);
    let recovery = Recovery::of(index, &graph, &system);
    let risks = observed::risks(index, &graph, &system, &recovery);
    let unavailability: Vec<f64> = risks.iter().map(|(risk, _)| risk.unavailability()).collect();

    let writer =
        Writer { graph: &graph, system: &system, impacts: &impacts, certain_impacts: &certain_impacts, risks: &risks };
    let (spofs, hours_upper_bound) = writer.list();
    let views = Views {
        graph: &graph,
        system: &system,
        impacts: &impacts,
        certain: &certain,
        certain_impacts: &certain_impacts,
    };
    Topology {
        spofs,
        hours_upper_bound,
        fragile_pairs: pairs::find(&system, &impacts, &unavailability)
            .into_iter()
            .map(|pair| FragilePair {
                first: reference(&graph.nodes[pair.first as usize]),
                second: reference(&graph.nodes[pair.second as usize]),
                journeys_lost: pair.lost.iter().map(|j| system.journeys[*j as usize].name.clone()).collect(),
                risk: pair.risk,
            })
            .collect(),
        recovery_spofs: recovery.spofs(&graph, &system, &impacts),
        exposures: exposure::of_all(index, &views),
        blast_radius: graph.nodes.iter().zip(&impacts).map(|(n, i)| (n.id.clone(), i.blast(&system))).collect(),
        availability: availability::journeys(&system, &unavailability),
        cycles: hard_cycles(&system),
        gaps,
        graph,
    }
}

/// The same graph as if nothing had been inferred; groups need as many of the members left as they did of all, at most all.
fn without_inferred(graph: &Graph) -> Graph {
    let mut certain = graph.clone();
    certain.edges.retain(|e| e.confidence != Confidence::Inferred);
    let needed: BTreeSet<(&SubjectId, &SubjectId)> =
        certain.edges.iter().filter(|e| e.relation == Relation::Needs).map(|e| (&e.from, &e.to)).collect();
    for journey in &mut certain.journeys {
        let id = &journey.id;
        journey.needs.retain(|need| needed.contains(&(id, need)));
    }
    let counted = groups::members(&certain);
    for (i, node) in certain.nodes.iter_mut().enumerate() {
        let left = counted.get(&(i as u32)).map_or(0, |m| u32::try_from(m.len()).unwrap_or(u32::MAX));
        if left < node.members {
            node.required = node.required.map(|k| if node.required_assumed { left } else { k.min(left) });
            node.members = left;
        }
    }
    certain
}

/// Loops of hard needs, each in id order, in order of their first id.
fn hard_cycles(system: &System) -> Vec<Vec<SubjectId>> {
    let hard = crate::csr::Components::of(&system.hard_only());
    let mut cycles: Vec<Vec<SubjectId>> = hard
        .iter()
        .filter(|component| component.len() > 1)
        .map(|component| {
            let mut ids: Vec<SubjectId> =
                component.iter().filter_map(|v| system.ids.get(*v as usize)).cloned().collect();
            ids.sort();
            ids
        })
        .collect();
    cycles.sort();
    cycles
}
