//! Who can recover what: recovery single points of failure (`scoring.md` §1.3) and their factor on repair (§1.6).

use crate::hours::{ABSENCE, NO_RUNBOOK, SLOWDOWN, recovery_factor};
use crate::impact::Impact;
use crate::spof::reference;
use crate::system::System;
use loadline_model::{Document, FactIndex, Graph, Kind, RecoverySpof, Relation, SubjectId, num};
use std::collections::{BTreeMap, BTreeSet};

/// Who knows, operates and ships each node, as node indices.
pub(crate) struct Recovery {
    persons: Vec<BTreeSet<u32>>,
    pipelines: Vec<BTreeSet<u32>>,
    groups: Vec<Vec<u32>>,
    runbooks: BTreeSet<SubjectId>,
}

impl Recovery {
    pub(crate) fn of(index: &FactIndex<'_>, graph: &Graph, system: &System) -> Self {
        let n = graph.nodes.len();
        let (mut persons, mut pipelines, mut groups) =
            (vec![BTreeSet::new(); n], vec![BTreeSet::new(); n], vec![Vec::new(); n]);
        for edge in &graph.edges {
            let (Some(from), Some(to)) = (system.node(&edge.from), system.node(&edge.to)) else { continue };
            match edge.relation {
                Relation::KnownBy | Relation::OperatedBy if system.kinds[to as usize] == Kind::Person => {
                    persons[from as usize].insert(to);
                }
                Relation::DeployedBy => {
                    pipelines[from as usize].insert(to);
                }
                Relation::MemberOf => groups[from as usize].push(to),
                _ => {}
            }
        }
        let direct = persons.clone();
        for (own, shipped_by) in persons.iter_mut().zip(&pipelines) {
            own.extend(shipped_by.iter().flat_map(|p| &direct[*p as usize]));
        }
        let runbooks = index
            .all::<Document>()
            .filter(|(_, d, _)| d.what == "runbook")
            .map(|(id, _, _)| index.canonical(id))
            .collect();
        Self { persons, pipelines, groups, runbooks }
    }

    /// Factor on the mean repair of a node, and why.
    pub(crate) fn factor(&self, system: &System, node: u32) -> (f64, Vec<String>) {
        let (mut factor, mut why) = (1.0, Vec::new());
        let parts = || std::iter::once(node).chain(self.groups[node as usize].iter().copied());
        let who: BTreeSet<u32> = parts().flat_map(|v| &self.persons[v as usize]).copied().collect();
        if who.len() == 1 {
            factor *= recovery_factor(ABSENCE, SLOWDOWN);
            why.push("only one person can recover it".to_owned());
        }
        let operated = matches!(
            system.kinds[node as usize],
            Kind::Service | Kind::Instance | Kind::Database | Kind::Cache | Kind::Queue | Kind::Store | Kind::Host
        );
        // No runbook anywhere says that runbooks were not read, not that there are none.
        let written = parts().any(|v| self.runbooks.contains(&system.ids[v as usize]));
        if operated && !self.runbooks.is_empty() && !written {
            factor *= NO_RUNBOOK;
            why.push("no runbook".to_owned());
        }
        (factor, why)
    }

    /// People and pipelines without whom something cannot be recovered, by blast radius, then id.
    pub(crate) fn spofs(&self, graph: &Graph, system: &System, impacts: &[Impact]) -> Vec<RecoverySpof> {
        let mut alone: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (v, (persons, pipelines)) in (0u32..).zip(self.persons.iter().zip(&self.pipelines)) {
            for only in [persons, pipelines].into_iter().filter(|set| set.len() == 1).flatten() {
                alone.entry(*only).or_default().push(v);
            }
        }
        let mut found: Vec<RecoverySpof> = alone
            .into_iter()
            .map(|(subject, only_for)| {
                let impact = only_for.iter().fold(Impact::default(), |all, v| all.joined(&self.component(impacts, *v)));
                let person = system.kinds[subject as usize] == Kind::Person;
                RecoverySpof {
                    subject: reference(&graph.nodes[subject as usize]),
                    only_for: only_for.iter().map(|v| reference(&graph.nodes[*v as usize])).collect(),
                    blast_radius: impact.blast(system),
                    repair_factor: if person { num::round9(recovery_factor(ABSENCE, SLOWDOWN)) } else { 1.0 },
                }
            })
            .collect();
        found.sort_by(|a, b| num::cmp9(b.blast_radius, a.blast_radius).then_with(|| a.subject.id.cmp(&b.subject.id)));
        found
    }

    /// What stops with a component; with a pipeline, what it ships.
    fn component(&self, impacts: &[Impact], v: u32) -> Impact {
        let shipped = (0u32..).zip(&self.pipelines).filter(|(_, p)| p.contains(&v)).map(|(s, _)| s);
        shipped.fold(impacts[v as usize].clone(), |all, s| all.joined(&impacts[s as usize]))
    }
}
