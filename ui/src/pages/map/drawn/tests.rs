//! Folding loses nothing and is undone by opening.

use super::folds::{ALIKE_ABOVE, groups};
use super::{Drawn, drawn};
use crate::pages::map::tests::{company, crowd};
use loadline_model::{SubjectId, Topology};
use std::collections::BTreeSet;

/// Everything the drawing shows, itself or folded.
fn covered(drawn: &Drawn) -> BTreeSet<&SubjectId> {
    drawn.through.keys().collect()
}

fn everything_open(topology: &Topology) -> BTreeSet<SubjectId> {
    let mut open: BTreeSet<SubjectId> = groups(&topology.graph).into_keys().collect();
    loop {
        let more: Vec<SubjectId> =
            drawn(topology, &open).shapes.into_iter().filter(|s| !s.alike.is_empty()).map(|s| s.id).collect();
        if more.is_empty() {
            return open;
        }
        open.extend(more);
    }
}

#[test]
fn folding_loses_no_thing() {
    for topology in [company(), crowd(40)] {
        let (open, folded) = (drawn(&topology, &everything_open(&topology)), drawn(&topology, &BTreeSet::new()));
        assert_eq!(covered(&open), covered(&folded));
        assert!(folded.shapes.len() < open.shapes.len());
        for (id, v) in &folded.through {
            let shape = &folded.shapes[*v];
            let inside =
                shape.id == *id || shape.alike.contains(id) || shape.group.is_some() || !shape.alike.is_empty();
            assert!(inside, "{id} is shown by {}", shape.name);
        }
        let counted: usize = folded.shapes.iter().map(|s| s.alike.len()).sum();
        let clustered: BTreeSet<&SubjectId> = folded.shapes.iter().flat_map(|s| &s.alike).collect();
        assert_eq!(counted, clustered.len(), "nothing is counted twice");
    }
}

#[test]
fn things_alike_become_one_and_open_again() {
    let topology = crowd(10);
    let folded = drawn(&topology, &BTreeSet::new());
    let clusters: Vec<_> = folded.shapes.iter().filter(|s| !s.alike.is_empty()).collect();
    assert_eq!(clusters.len(), 10, "eight providers of each system");
    assert!(clusters.iter().all(|s| s.alike.len() == 8 && s.name == "8 external providers"), "{clusters:?}");
    let open = drawn(&topology, &BTreeSet::from([clusters[0].id.clone()]));
    assert_eq!(open.shapes.len(), folded.shapes.len() + 7);
    let folds_back = open.shapes.iter().filter(|s| s.fold.as_ref().is_some_and(|f| f.open)).count();
    assert_eq!(folds_back, 1, "the first of them folds them again");
}

#[test]
fn what_stops_a_journey_alone_is_never_folded_with_others() {
    let mut topology = crowd(10);
    let hidden = drawn(&topology, &BTreeSet::new()).shapes.into_iter().find_map(|s| s.alike.first().cloned());
    let hidden = hidden.expect("some are alike");
    let mut spof = crate::pages::map::tests::spof();
    spof.subject.id = hidden.clone();
    topology.spofs = vec![spof];
    let drawn = drawn(&topology, &BTreeSet::new());
    assert_eq!(drawn.shapes[drawn.through[&hidden]].id, hidden);
}

#[test]
fn a_small_drawing_folds_only_its_groups() {
    let topology = company();
    assert!(topology.graph.nodes.len() < ALIKE_ABOVE);
    assert!(drawn(&topology, &BTreeSet::new()).shapes.iter().all(|s| s.alike.is_empty()));
}
