//! What-ifs: failures and changes.

mod worlds;

use loadline_model::*;
use loadline_topology::{WhatIf, fail, single_failure_sets, with_change};
use worlds::{World, e1};

fn blast(graph: &Graph, id: &str) -> f64 {
    single_failure_sets(graph).into_iter().find(|(v, _)| v.as_str() == id).map_or(0.0, |(_, b)| b)
}

#[test]
fn failing_says_what_follows() {
    let graph = e1().graph();
    let azb = fail(&graph, &["azb".into()]);
    assert_eq!(azb.down, ["api2", "azb", "redis"].map(SubjectId::from));
    assert_eq!(azb.degraded, ["api"].map(SubjectId::from));
    assert_eq!((azb.journeys_lost, azb.weight_lost), (vec!["checkout".to_owned(), "signup".into()], 0.5));
    assert_eq!(azb.journeys_degraded, ["browse"]);
    assert_eq!(azb.sentence, "This failure stops 50 % of journeys: checkout, signup; browse only degrades.");
    let both = fail(&graph, &["api1".into(), "api2".into(), "nobody".into()]);
    assert_eq!(both.sentence, "These failures together stop 100 % of journeys: browse, checkout, signup.");
    assert_eq!(fail(&graph, &["api1".into()]).sentence, "This failure stops no journey.");
    assert_eq!(fail(&graph, &[]).sentence, "Nothing fails, so nothing stops.");
    let json = serde_json::to_string(&both).expect("json");
    assert_eq!(serde_json::from_str::<loadline_topology::Failure>(&json).expect("back"), both);
}

#[test]
fn a_standby_that_takes_over_ends_a_spof_and_one_that_does_not_stays() {
    let graph = e1().graph();
    let copied = with_change(&graph, &WhatIf::AddReplica { group: "pg".into() });
    assert_eq!((blast(&graph, "pg"), blast(&copied, "pg")), (1.0, 1.0));
    let taking_over = with_change(&copied, &WhatIf::MakeAutomaticFailover { store: "pg".into() });
    assert_eq!((blast(&taking_over, "pg"), blast(&taking_over, "pg#2")), (0.0, 0.0));
    // Zone a then only takes the gateway with it.
    assert_eq!(blast(&taking_over, "aza"), 0.3);
    let at_once = with_change(&graph, &WhatIf::MakeAutomaticFailover { store: "pg".into() });
    assert_eq!(blast(&at_once, "pg"), 0.0);
}

#[test]
fn a_second_member_ends_a_spof_and_keeps_the_first_where_it_was() {
    let world = World::new()
        .thing("lb", Kind::LoadBalancer)
        .thing("api", Kind::Service)
        .thing("za", Kind::Zone)
        .runs_in(&["api"], "za")
        .chain(&["lb", "api"])
        .journey("j", 1.0, &["api"]);
    let graph = world.graph();
    let changed = with_change(&graph, &WhatIf::AddReplica { group: "api".into() });
    assert_eq!((blast(&graph, "api"), blast(&graph, "za")), (1.0, 1.0));
    let sets = single_failure_sets(&changed);
    assert_eq!(sets, [("lb".into(), 1.0)]);
    let together = with_change(&changed, &WhatIf::MoveToZone { instance: "api#3".into(), zone: "za".into() });
    assert_eq!(blast(&together, "za"), 1.0);
    assert_eq!(together.node(&"api#3".into()).and_then(|n| n.zone.clone()), Some("za".into()));
}

#[test]
fn softening_and_naming_nothing() {
    let graph = e1().graph();
    let soft = with_change(&graph, &WhatIf::Soften { from: "api".into(), to: "pg".into() });
    // The journeys still need the database themselves.
    assert_eq!(blast(&soft, "pg"), 1.0);
    let world = World::new()
        .thing("lb", Kind::LoadBalancer)
        .things(Kind::Service, &["api", "search"])
        .chain(&["lb", "api"])
        .needs("api", &["search"])
        .journey("j", 1.0, &["api"]);
    let graph = world.graph();
    let soft = with_change(&graph, &WhatIf::Soften { from: "api".into(), to: "search".into() });
    assert_eq!((blast(&graph, "search"), blast(&soft, "search")), (1.0, 0.0));
    for change in [
        WhatIf::AddReplica { group: "x".into() },
        WhatIf::MakeAutomaticFailover { store: "x".into() },
        WhatIf::MoveToZone { instance: "api".into(), zone: "lb".into() },
        WhatIf::Soften { from: "x".into(), to: "y".into() },
    ] {
        assert_eq!(with_change(&graph, &change), graph);
    }
}
