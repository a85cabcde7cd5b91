//! What is drawn and said of the small company.

use super::{company, edge, spof};
use crate::pages::map::drawn::folds::open_at_first;
use crate::pages::map::drawn::{Drawn, Tie, drawn};
use crate::pages::map::layout::{BOX, layout};
use crate::pages::map::view;
use loadline_model::Relation;
use loadline_topology::fail;
use std::collections::BTreeSet;

fn named(drawn: &Drawn) -> Vec<&str> {
    drawn.shapes.iter().map(|s| s.name.as_str()).collect()
}

#[test]
fn only_the_request_path_is_drawn_and_members_fold_into_their_group() {
    let topology = company();
    let open = drawn(&topology, &open_at_first(&topology.graph));
    assert_eq!(named(&open), ["api", "api-1", "api-2", "balancer", "cache", "copy", "db", "entry"]);
    assert_eq!(open.loose, 1, "the stray service");
    assert_eq!(open.pairs.len(), 1);
    let folded = drawn(&topology, &BTreeSet::new());
    assert_eq!(named(&folded), ["api", "balancer", "cache", "copy", "db", "entry"]);
    assert_eq!(folded.pairs, [], "a pair inside one folded group has no two ends");
    assert!(folded.lines.iter().any(|l| l.tie == Tie::Soft && l.inferred));
}

#[test]
fn layers_go_down_and_boxes_never_overlap() {
    let topology = company();
    let scene = layout(drawn(&topology, &open_at_first(&topology.graph)));
    let layer = |name: &str| scene.layers[scene.drawn.shapes.iter().position(|s| s.name == name).expect("drawn")];
    assert!(layer("entry") < layer("balancer") && layer("balancer") < layer("api") && layer("api") < layer("db"));
    assert_eq!(layer("copy"), layer("db"), "a copy stands beside its source");
    assert_eq!(scene.back.iter().filter(|b| **b).count(), 0, "nothing leads upwards");
    for (i, a) in scene.boxes.iter().enumerate() {
        for b in &scene.boxes[i + 1..] {
            assert!((a.0 - b.0).abs() >= BOX.0 || (a.1 - b.1).abs() >= BOX.1, "{a:?} and {b:?}");
        }
        assert!(a.0 >= -0.01 && a.0 + BOX.0 <= scene.width + 0.01 && a.1 + BOX.1 <= scene.height);
    }
}

#[test]
fn bands_hold_exactly_what_runs_in_their_zone() {
    let topology = company();
    let scene = layout(drawn(&topology, &open_at_first(&topology.graph)));
    assert_eq!(scene.bands.len(), 2);
    for band in &scene.bands {
        for (shape, (x, _)) in scene.drawn.shapes.iter().zip(&scene.boxes) {
            let inside = *x >= band.x && x + BOX.0 <= band.x + band.width;
            assert_eq!(inside, shape.zone.as_ref() == Some(&band.id), "{} in {}", shape.name, band.name);
        }
    }
}

#[test]
fn the_same_graph_gives_the_same_picture_even_with_a_cycle() {
    let mut topology = company();
    topology.graph.edges.push(edge("db", "api", Relation::DependsOn { hard: true }));
    topology.graph.edges.sort();
    let draw = || layout(drawn(&topology, &open_at_first(&topology.graph)));
    assert_eq!(draw(), draw());
}

#[test]
fn arrows_reach_the_neighbours() {
    let topology = company();
    let scene = layout(drawn(&topology, &open_at_first(&topology.graph)));
    let at = |name: &str| scene.drawn.shapes.iter().position(|s| s.name == name).expect("drawn");
    assert_eq!(scene.step(at("entry"), (0.0, 1.0)), Some(at("balancer")));
    assert_eq!(scene.step(at("entry"), (0.0, -1.0)), None);
    let (left, right) =
        if scene.boxes[at("api-1")].0 < scene.boxes[at("api-2")].0 { ("api-1", "api-2") } else { ("api-2", "api-1") };
    let rightwards = std::iter::successors(Some(at(left)), |v| {
        scene.step(*v, (1.0, 0.0)).filter(|n| scene.layers[*n] == scene.layers[*v])
    });
    assert!(rightwards.into_iter().any(|v| v == at(right)));
}

#[test]
fn sentences_say_what_stops() {
    let topology = company();
    let failure = fail(&topology.graph, &["db".into()]);
    assert_eq!(
        view::sentence(&["db".into()], &failure, Some(&spof())),
        "One failure of db stops 100\u{202f}% of journeys, about 9\u{202f}h a year: Sign up."
    );
    let one = fail(&topology.graph, &["api-1".into()]);
    assert!(view::sentence(&["api-1".into()], &one, None).starts_with("One failure of api-1 stops no journey"));
    assert!(view::sentence(&[], &one, None).starts_with("Choose a thing"));
}
