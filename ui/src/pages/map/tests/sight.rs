//! What is in the window, what is written there, what is found and what is lit.

use super::{company, crowd, everything_open};
use crate::pages::map::drawn::drawn;
use crate::pages::map::drawn::folds::{above, open_at_first};
use crate::pages::map::layout::{Scene, layout};
use crate::pages::map::lens::{Detail, Lens};
use crate::pages::map::search::found;
use crate::pages::map::trace::{Fate, fates, trace};
use loadline_topology::fail;
use std::collections::BTreeSet;

const WINDOW: (f64, f64) = (900.0, 600.0);

fn small() -> Scene {
    let topology = company();
    layout(drawn(&topology, &open_at_first(&topology.graph)))
}

fn at(scene: &Scene, name: &str) -> usize {
    scene.drawn.shapes.iter().position(|s| s.name == name).expect("drawn")
}

#[test]
fn a_fitted_drawing_is_wholly_in_the_window() {
    for scene in [small(), layout(drawn(&crowd(100), &BTreeSet::new()))] {
        let lens = Lens::fit(&scene, WINDOW.0, WINDOW.1);
        let right = lens.x + scene.width * lens.scale;
        let bottom = lens.y + scene.height * lens.scale;
        assert!(lens.x >= 0.0 && lens.y >= 0.0 && right <= WINDOW.0 + 0.01 && bottom <= WINDOW.1 + 0.01, "{lens:?}");
        let sight = lens.sight(WINDOW);
        assert!(scene.boxes.iter().all(|b| sight.holds(*b)));
    }
}

#[test]
fn zooming_keeps_the_point_under_the_pointer_and_ends() {
    let lens = Lens { x: 10.0, y: 20.0, scale: 0.5 };
    let (before, zoomed) = (lens.under(300.0, 200.0), lens.zoom(1.7, 300.0, 200.0));
    let after = zoomed.under(300.0, 200.0);
    assert!((before.0 - after.0).abs() < 1e-9 && (before.1 - after.1).abs() < 1e-9);
    assert!((lens.zoom(1e9, 0.0, 0.0).scale - 2.0).abs() < 1e-12);
    assert!(lens.zoom(1e-9, 0.0, 0.0).scale > 0.0);
}

#[test]
fn the_middle_of_a_box_asked_for_is_in_the_window() {
    let scene = layout(drawn(&crowd(100), &BTreeSet::new()));
    let lens = Lens::fit(&scene, WINDOW.0, WINDOW.1);
    for v in [0, scene.boxes.len() / 2, scene.boxes.len() - 1] {
        for lens in [lens.centre_on(scene.centre(v), WINDOW), lens.zoom(8.0, 0.0, 0.0).reveal(scene.centre(v), WINDOW)]
        {
            let (x, y) = scene.centre(v);
            let (px, py) = (lens.x + x * lens.scale, lens.y + y * lens.scale);
            assert!(px >= 0.0 && px <= WINDOW.0 && py >= 0.0 && py <= WINDOW.1, "{px} {py}");
        }
    }
    assert_eq!(lens.centre_on(scene.centre(0), WINDOW).detail(), Detail::Full);
}

#[test]
fn far_away_only_names_that_do_not_cover_each_other_are_written() {
    let scene = layout(drawn(&crowd(100), &everything_open(&crowd(100))));
    let lens = Lens::fit(&scene, WINDOW.0, WINDOW.1);
    assert_eq!(lens.detail(), Detail::Blocks);
    let tags = lens.tags(&scene, 0..scene.boxes.len(), WINDOW);
    assert!(!tags.is_empty() && tags.len() <= 24, "{}", tags.len());
    assert_eq!(tags[0], 0, "the most important comes first");
    for (i, a) in tags.iter().enumerate() {
        for b in &tags[i + 1..] {
            let screen = |v: &usize| (scene.boxes[*v].0 * lens.scale, scene.boxes[*v].1 * lens.scale);
            let ((ax, ay), (bx, by)) = (screen(a), screen(b));
            assert!((ax - bx).abs() > 60.0 || (ay - by).abs() > 24.0, "{a} covers {b}");
        }
    }
}

#[test]
fn a_small_move_draws_nothing_anew() {
    let scene = small();
    let lens = Lens::fit(&scene, WINDOW.0, WINDOW.1);
    let sights: BTreeSet<String> =
        (0..20).map(|i| format!("{:?}", lens.pan(f64::from(i), 0.0).sight(WINDOW))).collect();
    assert!(sights.len() <= 3, "{}", sights.len());
}

#[test]
fn what_is_folded_is_found_and_shown() {
    let topology = company();
    let folded = drawn(&topology, &BTreeSet::new());
    let names: Vec<String> = found(&topology.graph, &folded, " API").into_iter().map(|(_, name, _)| name).collect();
    assert_eq!(names, ["api", "api-1", "api-2"]);
    assert!(found(&topology.graph, &folded, "mira").is_empty(), "a person is not on the map");
    assert!(found(&topology.graph, &folded, " ").is_empty());
    let open = above(&topology.graph, &"api-2".into());
    let shown = drawn(&topology, &open);
    assert_eq!(shown.shapes[shown.through[&"api-2".into()]].name, "api-2");
}

#[test]
fn the_path_that_proves_it_is_lit() {
    let (topology, scene) = (company(), small());
    let path: Vec<String> = ["entry", "balancer", "api", "db", "Sign up"].map(Into::into).to_vec();
    let lit = trace(&topology.graph, &scene.drawn, &path);
    let shapes: BTreeSet<usize> = ["entry", "balancer", "api", "db"].iter().map(|n| at(&scene, n)).collect();
    assert_eq!(lit.shapes, shapes);
    assert_eq!(lit.lines.len(), 3);
    assert_eq!(lit.needs, BTreeSet::from([(0, at(&scene, "api"))]));
    let zone = trace(&topology.graph, &scene.drawn, &["zone-a".into(), "db".into()]);
    assert!(zone.zones.contains(&"zone-a".into()));
    assert_eq!(trace(&topology.graph, &scene.drawn, &[]), Default::default());
}

#[test]
fn every_shape_has_the_fate_of_what_it_stands_for() {
    let (topology, scene) = (company(), small());
    let failed = ["zone-a".into()];
    let failure = fail(&topology.graph, &failed);
    let found = fates(&scene.drawn, &failed, Some(&failure));
    assert_eq!(found[at(&scene, "api-1")], Fate::Down);
    assert_eq!(found[at(&scene, "api-2")], Fate::Up);
    assert_eq!(found[at(&scene, "copy")], Fate::Up);
    assert!(fates(&scene.drawn, &[], None).iter().all(|f| *f == Fate::Untouched));
    let crowd = crowd(7);
    let folded = drawn(&crowd, &BTreeSet::new());
    let cluster = folded.shapes.iter().position(|s| !s.inside.is_empty()).expect("some are alike");
    let one = [folded.shapes[cluster].inside[0].clone()];
    let some = fates(&folded, &one, Some(&fail(&crowd.graph, &one)));
    assert_eq!(some[cluster], Fate::Degraded);
    let all = folded.shapes[cluster].inside.clone();
    assert_eq!(fates(&folded, &all, Some(&fail(&crowd.graph, &all)))[cluster], Fate::Down);
}
