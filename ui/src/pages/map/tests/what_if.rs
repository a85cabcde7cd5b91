//! Changes that are offered, and what they are worth.

use super::{company, node, subject};
use crate::pages::map::what_if::{Change as Offer, asked, changes, effect, moved, worth};
use loadline_model::{Interval, Kind, Relation, Spof, SubjectId, Topology};
use loadline_topology::{WhatIf, single_failure_sets};
use loadline_wire::what_if::{Change, Moved, Readiness, TriedOut};

/// The company with exactly the single points of failure that its graph has.
fn assessed() -> Topology {
    let mut topology = company();
    topology.spofs = single_failure_sets(&topology.graph)
        .into_iter()
        .map(|(id, blast)| Spof {
            subject: subject(id.as_str()),
            blast_radius: blast,
            hours_per_year: Interval { p10: 2.0, p50: 9.0 * blast, p90: 31.0 },
            ..super::spof()
        })
        .collect();
    topology
}

fn words(topology: &Topology, id: &str) -> Vec<String> {
    changes(&topology.graph, &id.into()).into_iter().map(|c| c.word).collect()
}

fn named(topology: &Topology, id: &str, word: &str) -> Offer {
    changes(&topology.graph, &id.into()).into_iter().find(|c| c.word == word).expect("offered")
}

#[test]
fn what_is_offered_fits_the_thing() {
    let topology = company();
    assert_eq!(words(&topology, "db"), ["Add a replica", "Make Multi-AZ", "Move to zone-b"]);
    assert_eq!(words(&topology, "api"), ["Add one more member"], "its members are already in two zones");
    assert_eq!(words(&topology, "api-1"), ["Add one more member", "Move to zone-b"]);
    assert_eq!(words(&topology, "balancer"), ["Add a replica"]);
    assert!(words(&topology, "zone-a").is_empty() && words(&topology, "nobody").is_empty());
}

#[test]
fn members_of_one_zone_can_be_spread_over_several() {
    let mut topology = company();
    for edge in topology.graph.edges.iter_mut().filter(|e| e.from == SubjectId::from("api-2")) {
        if edge.relation == Relation::RunsIn {
            edge.to = "zone-a".into();
        }
    }
    topology.graph.edges.sort();
    topology.graph.nodes.iter_mut().filter(|n| n.name == "api-2").for_each(|n| n.zone = Some("zone-a".into()));
    let change = named(&topology, "api", "Make Multi-AZ");
    assert_eq!(change.steps, [WhatIf::MoveToZone { instance: "api-2".into(), zone: "zone-b".into() }]);
}

#[test]
fn failover_ends_a_single_point_of_failure_and_its_hours() {
    let topology = assessed();
    let failed = ["db".into()];
    let found = effect(&topology, &named(&topology, "db", "Make Multi-AZ"), &failed);
    assert_eq!(worth(&found.failure.0, &found.failure.1), "Then it stops no journey instead of 100\u{202f}%.");
    assert_eq!(found.this, Some((9.0, 0.0)));
    assert!(found.alone.1 < found.alone.0, "{:?}", found.alone);
    assert!(found.hours.1 <= found.hours.0 - 9.0 + 1e-9, "{:?}", found.hours);
}

#[test]
fn a_copy_that_nobody_switches_to_changes_nothing() {
    let topology = assessed();
    let found = effect(&topology, &named(&topology, "db", "Add a replica"), &["db".into()]);
    assert_eq!(worth(&found.failure.0, &found.failure.1), "No difference: it still stops 100\u{202f}% of journeys.");
    assert_eq!((found.alone.0, found.hours.0), (found.alone.1, found.hours.1));
}

#[test]
fn a_thing_that_becomes_a_group_loses_one_member() {
    let topology = assessed();
    let found = effect(&topology, &named(&topology, "balancer", "Add a replica"), &["balancer".into()]);
    assert_eq!(found.failure.1.journeys_lost, Vec::<String>::new());
    assert_eq!(found.this, Some((9.0, 0.0)));
}

#[test]
fn several_changes_follow_each_other_and_none_is_the_same_graph() {
    let topology = assessed();
    let none = Offer { word: String::new(), hint: String::new(), steps: Vec::new() };
    let found = effect(&topology, &none, &["db".into()]);
    assert_eq!(found.failure.0, found.failure.1);
    assert_eq!(found.alone.0, found.alone.1);
    let spare = node("spare", Kind::Service, None);
    assert!(topology.graph.node(&spare.id).is_none());
}

#[test]
fn the_shell_is_asked_what_the_button_means() {
    let topology = company();
    let steps = named(&topology, "db", "Make Multi-AZ").steps;
    let sent: Vec<Change> = steps.iter().map(asked).collect();
    assert_eq!(sent, [Change::MakeAutomaticFailover { store: "db".into() }]);
    let written = serde_json::to_value(&sent).expect("JSON");
    assert_eq!(written, serde_json::to_value(&steps).expect("JSON"), "one spelling on both sides");
}

#[test]
fn what_moves_is_named_and_the_rest_counted() {
    let one = |rule: &str| Moved { rule: rule.into(), title: format!("T{rule}"), subject: "db".into() };
    let number = || Readiness { proven: 1.0, possible: 2.0, label: "not ready".into() };
    let said = |closed: &[&str], opened: &[&str]| {
        let all = |rules: &[&str]| rules.iter().map(|r| one(r)).collect();
        moved(&TriedOut { now: number(), then: number(), closed: all(closed), opened: all(opened) })
    };
    assert_eq!(said(&["A"], &[]), "Would pass: TA (A, db).");
    assert!(said(&["A", "B", "C", "D"], &[]).ends_with("and 1 more."));
    assert_eq!(said(&[], &["A"]), "Would fail: TA (A, db).");
    assert!(said(&[], &[]).starts_with("No judgement changes"));
}
