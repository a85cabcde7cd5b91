//! Fragile pairs against trying every pair.

mod worlds;

use loadline_model::*;
use loadline_topology::System;
use std::collections::{BTreeMap, BTreeSet};

/// Pairs are found by pruning; here every pair of every graph is tried.
#[test]
fn fragile_pairs_equal_trying_every_pair() {
    let mut found_any = 0;
    for seed in 20_000..20_400 {
        let world = worlds::random_world(seed);
        let topology = world.topology();
        let system = System::new(&topology.graph);
        let mut scratch = system.scratch();
        let broken = |name: &String| topology.graph.journeys.iter().any(|j| j.name == *name && j.broken_model);
        let mut lost = |failed: &[SubjectId]| -> BTreeSet<String> {
            let lost = system.fail(&mut scratch, failed).journeys_lost;
            lost.into_iter().filter(|name| !broken(name)).collect()
        };
        let single: Vec<&SubjectId> = topology.graph.nodes.iter().filter(|n| n.members == 0).map(|n| &n.id).collect();
        let alone: Vec<BTreeSet<String>> = single.iter().map(|id| lost(std::slice::from_ref(*id))).collect();
        let mut expected = BTreeMap::new();
        for a in 0..single.len() {
            for b in a + 1..single.len() {
                let both = lost(&[single[a].clone(), single[b].clone()]);
                let more: Vec<String> =
                    both.into_iter().filter(|j| !alone[a].contains(j) && !alone[b].contains(j)).collect();
                if !more.is_empty() {
                    expected.insert((single[a].clone(), single[b].clone()), more);
                }
            }
        }
        let found: BTreeMap<(SubjectId, SubjectId), Vec<String>> = topology
            .fragile_pairs
            .iter()
            .map(|p| ((p.first.id.clone(), p.second.id.clone()), p.journeys_lost.clone()))
            .collect();
        found_any += usize::from(!found.is_empty());
        if expected.len() <= 50 {
            assert_eq!(found, expected, "seed {seed}");
        } else {
            assert_eq!(found.len(), 50);
            assert!(found.iter().all(|(pair, journeys)| expected.get(pair) == Some(journeys)), "seed {seed}");
        }
    }
    assert!(found_any > 50, "{found_any}");
}
