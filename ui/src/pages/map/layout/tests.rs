//! Properties of the picture, from the small company to 2,000 things.

use super::crossings::{crossings, ordered};
use super::net::{Net, columns};
use super::{BOX, Scene, layers, layout};
use crate::pages::map::drawn::{Drawn, Tie, drawn};
use crate::pages::map::tests::{company, crowd, edge, everything_open, node};
use loadline_model::{Kind, Relation, Topology};

/// The drawing with everything open.
fn open(topology: &Topology) -> Drawn {
    drawn(topology, &everything_open(topology))
}

fn check(scene: &Scene) {
    let mut by_row: Vec<(f64, f64)> = scene.boxes.clone();
    by_row.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.total_cmp(&b.0)));
    for pair in by_row.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        assert!(a.1 < b.1 && b.1 - a.1 >= BOX.1 || b.0 - a.0 >= BOX.0, "{a:?} and {b:?} overlap");
    }
    for (i, line) in scene.drawn.lines.iter().enumerate() {
        let (a, b) = (scene.layers[line.from], scene.layers[line.to]);
        let level = scene.stacked[line.from].layer == scene.stacked[line.to].layer;
        let down = a < b && !level || line.tie == Tie::Copy && level;
        assert!(
            down || scene.back[i],
            "{} to {}",
            scene.drawn.shapes[line.from].name,
            scene.drawn.shapes[line.to].name
        );
        assert!(!(down && scene.back[i]), "marked although it leads down");
    }
    for (shape, (x, y)) in scene.drawn.shapes.iter().zip(&scene.boxes) {
        assert!(
            x.is_finite() && *x >= -0.01 && x + BOX.0 <= scene.width + 0.01 && y + BOX.1 <= scene.height,
            "{}",
            shape.name
        );
        for band in &scene.bands {
            let inside = *x >= band.x && x + BOX.0 <= band.x + band.width;
            assert_eq!(inside, shape.zone.as_ref() == Some(&band.id), "{} in {}", shape.name, band.name);
        }
    }
}

#[test]
fn two_thousand_things_stand_in_order() {
    for systems in [1, 12, 106] {
        let drawn = open(&crowd(systems));
        assert!(systems < 106 || drawn.shapes.len() >= 2_000, "{}", drawn.shapes.len());
        let scene = layout(drawn);
        check(&scene);
        assert_eq!(scene.back.iter().filter(|b| **b).count(), 1, "the one loop");
        let aspect = scene.width / scene.height;
        assert!(systems == 1 || (0.5..4.0).contains(&aspect), "{} x {}", scene.width, scene.height);
    }
    check(&layout(open(&company())));
}

#[test]
fn the_same_graph_gives_the_same_picture() {
    let topology = crowd(20);
    assert_eq!(layout(open(&topology)), layout(open(&topology)));
}

#[test]
fn few_ties_cross_compared_with_the_order_of_the_ids() {
    // Zones hold things in their column, whatever they are tied to: without them fewer crossings remain.
    for (systems, zones, times) in [(12, true, 2), (106, true, 2), (12, false, 40), (106, false, 200)] {
        let mut drawn = open(&crowd(systems));
        if !zones {
            drawn.zones.clear();
            drawn.shapes.iter_mut().for_each(|s| s.zone = None);
        }
        let layers = layers::of(&drawn);
        let net = Net::new(&drawn, &layers, &columns(&drawn));
        let (naive, found) = (crossings(&net, &net.cells()), crossings(&net, &ordered(&net)));
        assert!(found * times <= naive, "{found} of {naive}");
    }
}

#[test]
fn an_order_keeps_every_item_in_its_cell() {
    let drawn = open(&crowd(12));
    let layers = layers::of(&drawn);
    let net = Net::new(&drawn, &layers, &columns(&drawn));
    let sorted = |order: super::crossings::Order| {
        let cells = order.into_iter().map(|(cell, mut items)| {
            items.sort_unstable();
            (cell, items)
        });
        cells.collect::<Vec<_>>()
    };
    assert_eq!(sorted(ordered(&net)), sorted(net.cells()));
}

#[test]
fn crossings_are_counted_as_they_are_drawn() {
    let mut topology = company();
    topology.graph.edges.clear();
    let hard = Relation::DependsOn { hard: true };
    // Two above two, tied crosswise: one crossing in the order of the ids, none in the order found.
    topology.graph.edges = vec![edge("api", "db", hard), edge("balancer", "cache", hard)];
    topology.graph.nodes.iter_mut().for_each(|n| n.zone = None);
    topology.graph.edges.sort();
    let drawn = open(&topology);
    let layers = layers::of(&drawn);
    let net = Net::new(&drawn, &layers, &columns(&drawn));
    assert_eq!((crossings(&net, &net.cells()), crossings(&net, &ordered(&net))), (1, 0));
}

#[test]
fn long_ties_keep_clear_of_what_they_pass() {
    let scene = layout(open(&crowd(12)));
    let passed: usize = scene.ways.iter().map(Vec::len).sum();
    assert!(passed > 0, "a long tie exists");
    for way in scene.ways.iter().flatten() {
        for (x, y) in &scene.boxes {
            let beside = way.x <= *x || way.x >= x + BOX.0 || way.bottom <= *y || way.top >= y + BOX.1;
            assert!(beside, "a way leads through a box at {x} {y}");
        }
    }
}

#[test]
fn every_line_has_a_path_that_begins_and_ends_at_its_boxes() {
    let scene = layout(open(&crowd(12)));
    for line in 0..scene.drawn.lines.len() {
        let d = scene.curve(line);
        assert!(d.starts_with('M') && !d.contains("NaN"), "{d}");
    }
}

#[test]
fn a_long_chain_stays_in_the_shape_of_a_window() {
    let mut topology = crowd(1);
    topology.graph.nodes = (0..60).map(|n| node(&format!("step-{n:02}"), Kind::Service, None)).collect();
    let hard = Relation::DependsOn { hard: true };
    topology.graph.edges =
        (0..59).map(|n| edge(&format!("step-{n:02}"), &format!("step-{:02}", n + 1), hard)).collect();
    let scene = layout(open(&topology));
    assert!(scene.width / scene.height > 0.5, "{} x {}", scene.width, scene.height);
    assert!(scene.boxes.iter().enumerate().all(|(i, a)| scene.boxes[i + 1..].iter().all(|b| a != b)));
}
