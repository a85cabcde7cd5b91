//! Folding loses nothing and is undone by opening.

use super::folds::ALIKE_ABOVE;
use super::{Drawn, drawn};
use crate::pages::map::tests::{company, crowd, everything_open};
use loadline_model::SubjectId;
use std::collections::BTreeSet;

/// Everything the drawing shows, itself or folded.
fn covered(drawn: &Drawn) -> BTreeSet<&SubjectId> {
    drawn.through.keys().collect()
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
                shape.id == *id || shape.inside.contains(id) || shape.group.is_some() || !shape.inside.is_empty();
            assert!(inside, "{id} is shown by {}", shape.name);
        }
        let counted: usize = folded.shapes.iter().map(|s| s.inside.len()).sum();
        let clustered: BTreeSet<&SubjectId> = folded.shapes.iter().flat_map(|s| &s.inside).collect();
        assert_eq!(counted, clustered.len(), "nothing is counted twice");
    }
}

#[test]
fn things_alike_become_one_and_open_again() {
    let topology = crowd(7);
    let folded = drawn(&topology, &BTreeSet::new());
    let clusters: Vec<_> = folded.shapes.iter().filter(|s| !s.inside.is_empty()).collect();
    assert_eq!(clusters.len(), 7, "eight providers of each system");
    assert!(clusters.iter().all(|s| s.inside.len() == 8 && s.name == "8 external providers"), "{clusters:?}");
    let open = drawn(&topology, &BTreeSet::from([clusters[0].id.clone()]));
    assert_eq!(open.shapes.len(), folded.shapes.len() + 7);
    let folds_back = open.shapes.iter().filter(|s| s.fold.as_ref().is_some_and(|f| f.open)).count();
    assert_eq!(folds_back, 1, "the first of them folds them again");
}

#[test]
fn what_stops_a_journey_alone_is_never_folded_with_others() {
    let mut topology = crowd(7);
    let hidden = drawn(&topology, &BTreeSet::new()).shapes.into_iter().find_map(|s| s.inside.first().cloned());
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
    assert!(drawn(&topology, &BTreeSet::new()).shapes.iter().all(|s| s.inside.is_empty()));
}

#[test]
fn a_large_drawing_is_folded_into_parts_that_a_window_can_show() {
    for systems in [12, 106] {
        let mut topology = crowd(systems);
        let hidden = topology.graph.nodes.iter().find(|n| n.name.ends_with("cart-db")).expect("there").id.clone();
        let mut spof = crate::pages::map::tests::spof();
        spof.subject.id = hidden.clone();
        topology.spofs = vec![spof];
        let folded = drawn(&topology, &BTreeSet::new());
        assert!(folded.shapes.len() <= 44, "{}", folded.shapes.len());
        let part = &folded.shapes[folded.through[&hidden]];
        assert_eq!(part.part, Some(1), "what stops a journey alone is counted on its part");
        let open = drawn(&topology, &BTreeSet::from([part.id.clone()]));
        assert_eq!(open.shapes[open.through[&hidden]].id, hidden, "opening shows it");
        let back = open.shapes.iter().find(|s| s.fold.as_ref().is_some_and(|f| f.id == part.id && f.open));
        assert!(back.is_some(), "and one of its things folds it again");
        assert_eq!(covered(&open), covered(&folded));
    }
}

#[test]
fn many_journeys_become_one_of_several_and_the_heaviest_stay() {
    let mut topology = company();
    let journey = topology.graph.journeys[0].clone();
    topology.graph.journeys = (0..200)
        .map(|n| loadline_model::Journey {
            id: format!("j{n:03}").as_str().into(),
            name: format!("journey {n}"),
            weight: if n == 150 { 0.5 } else { 0.001 },
            ..journey.clone()
        })
        .collect();
    let drawn = drawn(&topology, &BTreeSet::new());
    assert_eq!(drawn.journeys[0].name, "journey 150");
    let rest = drawn.journeys.last().expect("some");
    assert_eq!(rest.inside.len() + drawn.journeys.len() - 1, 200);
    assert!((drawn.journeys.iter().map(|j| j.weight).sum::<f64>() - 0.699).abs() < 1e-9);
}
