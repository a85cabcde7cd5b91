//! The same shop before and after: what was built in is found, and nothing else.

use super::documented::{Beside, turn};
use super::*;

const FAMILIES: [&str; 3] = ["SPOF-", "DATA-", "OBS-"];

#[test]
fn before_has_exactly_the_single_points_of_failure_that_were_built_in() {
    let estate = Estate::new("before.py", "", turn(Beside { tasks: "a", unsaved: true, ..Beside::default() }));
    let said = estate.assessed();
    let built_in = [
        "eu-west-1",
        "eu-west-1a",
        "front",
        "host",
        "orders",
        "task 0a000000",
        "www.shop.example",
        "www.shop.example (DNS)",
    ];
    assert_eq!(said.spofs(), built_in);
    let failing = [
        // Retention 0, no recovery to a point in time, one command deletes it.
        "DATA-001 orders",
        "DATA-003 orders",
        "DATA-006 orders",
        // Nobody is told of anything.
        "OBS-005 the organisation",
        // One task, one machine; each with all its members in one zone.
        "SPOF-001 api",
        "SPOF-001 everything",
        "SPOF-003 api",
        "SPOF-003 everything",
        "SPOF-004 orders",
        // One healthy target in each of its groups.
        "SPOF-008 front",
    ];
    assert_eq!(said.failing(&FAMILIES), failing);
    assert!(said.unread().is_empty(), "{:#?}", said.unread());
}

#[test]
fn after_only_what_truly_remains_is_left() {
    let estate = Estate::new("after.py", "", turn(Beside { tasks: "ab", cache: "ab", ..Beside::default() }));
    let said = estate.assessed();
    // One region, one name, one content network, one balancer, and one database whose standby takes over.
    let remains = ["eu-west-1", "front", "orders", "www.shop.example", "www.shop.example", "www.shop.example (DNS)"];
    assert_eq!(said.spofs(), remains);
    let most = said.list("spofs").iter().filter_map(|s| s["hours_per_year"]["p50"].as_f64()).fold(0.0, f64::max);
    assert!(most < 1.0, "each is kept up by the provider: {most} hours a year");
    // Alarms reach a person, but none has an owner or a runbook.
    assert_eq!(said.failing(&FAMILIES), ["OBS-009 the organisation"]);
    assert!(said.unread().is_empty(), "{:#?}", said.unread());
}
