//! Facts to graph: nodes, groups, journeys, tiers, exposure.

mod worlds;

use loadline_model::*;
use worlds::{HARD, SOFT, World};

const AUTOMATIC: Relation = Relation::ReplicatedTo { synchronous: None, automatic: Some(true) };
const MANUAL: Relation = Relation::ReplicatedTo { synchronous: None, automatic: None };

fn served() -> World {
    World::new().thing("lb", Kind::LoadBalancer).thing("api", Kind::Service).chain(&["lb", "api"]).journey(
        "j",
        1.0,
        &["api"],
    )
}
fn blast(world: &World, id: &str) -> f64 {
    world.topology().blast_radius[&id.into()]
}

#[test]
fn what_an_edge_names_exists() {
    let graph = served().edge("api", HARD, "db.internal:5432").edge("api", HARD, "api.stripe.com").graph();
    let node = |id: &str| graph.node(&id.into()).expect("implied");
    assert!(node("db.internal:5432").implied && node("db.internal:5432").kind == Kind::Database);
    assert_eq!((node("api.stripe.com").kind, node("api.stripe.com").account.clone()), (Kind::External, None));
    let watched = served().edge("api", Relation::Notifies, "pager").graph();
    assert!(watched.node(&"pager".into()).is_none());
}

#[test]
fn what_is_behind_a_balancer_exists_until_it_is_shown_that_nothing_is() {
    let blind = World::new().thing("lb", Kind::LoadBalancer);
    let behind = blind.topology();
    let spofs: Vec<&str> = behind.spofs.iter().map(|s| s.subject.name.as_str()).collect();
    assert!(spofs.contains(&"what is behind lb"), "{spofs:?}");
    assert!(behind.spofs.iter().all(|s| s.subject.name != "what is behind lb" || !s.proven));
    let empty = World::new().thing("lb", Kind::LoadBalancer).set("lb", key::ENTRY_TARGETS, Value::Number(0.0));
    assert_eq!(empty.graph().nodes.len(), 1);
    let known = World::new().thing("lb", Kind::LoadBalancer).thing("api", Kind::Service).chain(&["lb", "api"]);
    assert_eq!(known.graph().nodes.len(), 2);
}

#[test]
fn what_users_may_reach_unseen_is_not_internal() {
    let world = || World::new().thing("www", Kind::Dns).thing("cdn", Kind::Cdn).thing("api", Kind::Service);
    let tier = |world: World| world.chain(&["www", "cdn"]).graph().node(&"api".into()).map(|n| n.tier);
    assert_eq!(tier(world()), Some(Tier::T2), "everything was read, and no way leads there");
    assert_eq!(
        tier(world().gap(GapReason::PermissionDenied, &[Kind::LoadBalancer])),
        Some(Tier::T0),
        "one journey needs whatever there is"
    );
    let declared = world().journey("j", 1.0, &["cdn"]);
    assert_eq!(tier(declared.gap(GapReason::PermissionDenied, &[Kind::LoadBalancer])), Some(Tier::T1));
}

#[test]
fn one_thing_seen_twice_is_one_node() {
    let world =
        served().thing("pg", Kind::Database).edge("pg", Relation::SameAs, "db:5432").edge("api", HARD, "db:5432");
    let graph = world.graph();
    assert!(graph.node(&"db:5432".into()).is_none());
    assert_eq!(blast(&world, "pg"), 1.0);
}

#[test]
fn edges_said_twice_count_once_and_the_stronger_statement_wins() {
    let both = |a: (Relation, Confidence), b: (Relation, Confidence)| {
        let world = served().thing("pg", Kind::Database).sure("api", a.0, "pg", a.1).sure("api", b.0, "pg", b.1);
        let edges: Vec<Relation> =
            world.graph().edges.into_iter().filter(|e| e.to.as_str() == "pg").map(|e| e.relation).collect();
        edges
    };
    assert_eq!(both((HARD, Confidence::Observed), (SOFT, Confidence::Observed)), [HARD]);
    assert_eq!(both((HARD, Confidence::Inferred), (SOFT, Confidence::Declared)), [SOFT]);
    assert_eq!(both((HARD, Confidence::Declared), (HARD, Confidence::Declared)), [HARD]);
}

#[test]
fn unknown_k_is_all_members_and_flagged() {
    let world = |k| {
        World::new()
            .thing("lb", Kind::LoadBalancer)
            .group("api", Kind::Service, k, &["a1", "a2"])
            .chain(&["lb", "api"])
            .journey("j", 1.0, &["api"])
    };
    let api = |k| world(k).graph().node(&"api".into()).cloned().expect("node");
    assert_eq!((api(None).required, api(None).members, api(None).required_assumed), (Some(2), 2, true));
    assert_eq!((api(Some(1)).required, api(Some(1)).required_assumed), (Some(1), false));
    assert_eq!((blast(&world(None), "a1"), blast(&world(Some(1)), "a1")), (1.0, 0.0));
    let on_platform = world(None).set("api", key::PLATFORM_REDUNDANT, Value::Bool(true));
    assert_eq!(blast(&on_platform, "a1"), 0.0);
}

#[test]
fn only_a_copy_that_takes_over_is_a_member() {
    let pair = |relation| {
        served()
            .says("pg", Resource::new(Kind::Database, "pg"))
            .things(Kind::Instance, &["p", "r"])
            .edge("p", Relation::MemberOf, "pg")
            .edge("r", Relation::MemberOf, "pg")
            .edge("p", relation, "r")
            .needs("api", &["pg"])
    };
    let pg = |world: &World| world.graph().node(&"pg".into()).map(|n| (n.required, n.members)).expect("node");
    assert_eq!((pg(&pair(MANUAL)), blast(&pair(MANUAL), "p"), blast(&pair(MANUAL), "r")), ((Some(1), 1), 1.0, 0.0));
    assert_eq!((pg(&pair(AUTOMATIC)), blast(&pair(AUTOMATIC), "p")), ((Some(1), 2), 0.0));
    let set = pair(MANUAL).set("pg", key::AUTOMATIC_FAILOVER, Value::Bool(true));
    assert_eq!((pg(&set), blast(&set, "p"), blast(&set, "r")), ((Some(1), 2), 0.0, 0.0));
}

#[test]
fn two_databases_with_an_automatic_copy_stand_for_each_other() {
    let world = |relation| {
        served().things(Kind::Database, &["main", "standby"]).edge("main", relation, "standby").needs("api", &["main"])
    };
    assert_eq!(blast(&world(MANUAL), "main"), 1.0);
    assert_eq!((blast(&world(AUTOMATIC), "main"), blast(&world(AUTOMATIC), "standby")), (0.0, 0.0));
    let together = world(AUTOMATIC).thing("az", Kind::Zone).runs_in(&["main", "standby"], "az");
    assert_eq!(blast(&together, "az"), 1.0);
    // A manual copy belongs to what it copies, so it is known that nothing stops with it.
    assert_eq!(world(MANUAL).topology().exposure(&"standby".into()), Exposure { low: 0.05, high: 0.05, known: true });
}

#[test]
fn zones_are_followed_through_hosts_and_two_places_are_both_needed_unless_said() {
    let world = served()
        .thing("node1", Kind::Host)
        .things(Kind::Zone, &["za", "zb"])
        .runs_in(&["api"], "node1")
        .runs_in(&["node1"], "za");
    assert_eq!(world.graph().node(&"api".into()).and_then(|n| n.zone.clone()), Some("za".into()));
    assert_eq!(blast(&world, "za"), 1.0);
    let spread = served().things(Kind::Zone, &["za", "zb"]).runs_in(&["api"], "za").runs_in(&["api"], "zb");
    assert_eq!(spread.graph().node(&"api".into()).and_then(|n| n.zone.clone()), None);
    assert_eq!(blast(&spread, "za"), 1.0);
    let platform = spread.set("api", key::PLATFORM_REDUNDANT, Value::Bool(true));
    assert_eq!((blast(&platform, "za"), blast(&platform, "api")), (0.0, 1.0));
}

#[test]
fn a_queue_leads_to_its_consumers() {
    let world = served()
        .things(Kind::Service, &["mailer"])
        .thing("jobs", Kind::Queue)
        .edge("api", Relation::Publishes, "jobs")
        .edge("mailer", Relation::Consumes, "jobs")
        .journey("mail", 1.0, &["mailer"]);
    assert!(world.topology().graph.journeys.iter().all(|j| !j.broken_model));
    assert_eq!((blast(&world, "jobs"), blast(&world, "lb")), (0.5, 1.0));
}

#[test]
fn without_journeys_everything_users_reach_is_needed() {
    let world = World::new()
        .thing("lb", Kind::LoadBalancer)
        .group("api", Kind::Service, Some(1), &["a1", "a2"])
        .things(Kind::Database, &["pg", "reports"])
        .thing("redis", Kind::Cache)
        .chain(&["lb", "api"])
        .needs("api", &["pg"])
        .edge("api", SOFT, "redis");
    let topology = world.topology();
    let journey = &topology.graph.journeys[0];
    assert!(journey.implicit && journey.weight == 1.0);
    assert_eq!(journey.needs, ["api", "pg"].map(SubjectId::from));
    assert_eq!(topology.gaps[0].reason, GapReason::UnmappedSubject);
    assert!(topology.exposure(&"pg".into()).known && topology.spofs.iter().all(|s| s.proven));
    assert_eq!(topology.exposure(&"reports".into()), Exposure::UNKNOWN);
}

#[test]
fn without_an_entry_everything_is_needed_by_inference() {
    let mut staging = Resource::new(Kind::Database, "staging");
    staging.environment = Some(Environment::Staging);
    let world = World::new().things(Kind::Database, &["pg"]).thing("api", Kind::Service).says("staging", staging);
    let topology = world.topology();
    assert_eq!(topology.graph.journeys[0].needs, ["api", "pg"].map(SubjectId::from));
    let pg = topology.spofs.iter().find(|s| s.subject.name == "pg").expect("listed");
    assert!(!pg.proven && pg.confidence == Confidence::Inferred);
    assert_eq!(topology.exposure(&"pg".into()), Exposure { low: 1.0, high: 1.0, known: false });
    assert_eq!(topology.exposure(&"staging".into()), Exposure { low: 0.05, high: 0.05, known: true });
    assert_eq!(World::new().topology().graph.journeys.len(), 0);
}

#[test]
fn tiers_are_declared_or_follow_from_the_way_users_take() {
    let mut declared = Resource::new(Kind::Database, "old");
    declared.tier = Some(Tier::T2);
    let world = served()
        .things(Kind::Database, &["pg", "lake"])
        .says("old", declared)
        .things(Kind::Service, &["search", "batch"])
        .thing("redis", Kind::Cache)
        .needs("api", &["pg"])
        .edge("api", SOFT, "search")
        .edge("api", SOFT, "redis")
        .set("redis", key::STORE_ROLE, Value::Text("cache".into()));
    let graph = world.graph();
    let tier = |id: &str| graph.node(&id.into()).map(|n| n.tier).expect("node");
    assert_eq!(["lb", "api", "pg", "lake"].map(tier), [Tier::T0; 4]);
    assert_eq!(["search", "redis"].map(tier), [Tier::T1; 2]);
    assert_eq!(["batch", "old"].map(tier), [Tier::T2; 2]);
    let minor = served().set("j", key::JOURNEY_CRITICAL, Value::Bool(false)).graph();
    assert_eq!(minor.node(&"api".into()).map(|n| n.tier), Some(Tier::T1));
}

#[test]
fn what_is_off_the_path_answers_for_what_depends_on_it() {
    let world = served()
        .thing("pg", Kind::Database)
        .needs("api", &["pg"])
        .thing("orders", Kind::Table)
        .edge("orders", Relation::StoredIn, "pg")
        .thing("GET /", Kind::Endpoint)
        .edge("api", Relation::Serves, "GET /")
        .thing("repo", Kind::Repository)
        .edge("api", Relation::BuiltFrom, "repo")
        .thing("lonely", Kind::Repository);
    let topology = world.topology();
    let whole = Exposure { low: 1.0, high: 1.0, known: true };
    for id in ["orders", "GET /", "repo", "j"] {
        assert_eq!(topology.exposure(&id.into()), whole, "{id}");
        assert_eq!(topology.graph.node(&id.into()).is_some(), id == "repo");
    }
    assert_eq!(topology.exposure(&"lonely".into()), Exposure::UNKNOWN);
}

#[test]
fn a_gap_on_the_request_path_makes_exposure_unknown() {
    let world = || worlds::e1();
    let known = |world: World, id: &str| world.topology().exposure(&id.into()).known;
    assert!(known(world(), "nat") && known(world(), "redis"));
    assert!(!known(world().gap(GapReason::PermissionDenied, &[Kind::Service]), "redis"));
    assert!(!known(world().gap(GapReason::PermissionDenied, &[Kind::Instance]), "nat"));
    assert!(known(world().gap(GapReason::PermissionDenied, &[Kind::Instance]), "redis"));
    assert!(!known(world().gap(GapReason::PermissionDenied, &[Kind::Cache]), "redis"));
    assert!(known(world().gap(GapReason::PermissionDenied, &[Kind::Pipeline]), "nat"));
    // A journey of which nobody says what it needs may need anything.
    assert!(!known(world().journey("mystery", 0.1, &[]), "redis"));
}

#[test]
fn one_person_is_a_recovery_spof_and_slows_repair() {
    let world = |people: &[&str]| {
        let world = served().thing("pg", Kind::Database).needs("api", &["pg"]).thing("ci", Kind::Pipeline);
        let world = world.edge("api", Relation::DeployedBy, "ci");
        people.iter().fold(world, |w, p| w.thing(p, Kind::Person).edge("pg", Relation::KnownBy, p))
    };
    let hours = |people: &[&str]| {
        let topology = world(people).topology();
        topology.spofs.iter().find(|s| s.subject.name == "pg").map(|s| s.hours_per_year.p50).expect("listed")
    };
    let alone = world(&["ann"]).topology().recovery_spofs;
    let names: Vec<(&str, f64)> = alone.iter().map(|r| (r.subject.name.as_str(), r.blast_radius)).collect();
    assert_eq!(names, [("ann", 1.0), ("ci", 1.0)]);
    assert_eq!(alone[0].only_for[0].name, "pg");
    assert_eq!(world(&["ann", "bob"]).topology().recovery_spofs.len(), 1);
    let factor = hours(&["ann"]) / hours(&["ann", "bob"]);
    assert!((factor - 1.288_461_538).abs() < 1e-6, "{factor}");
}

#[test]
fn incidents_move_the_rate() {
    let incident = |id: &str, days: i64| Incident {
        id: id.into(),
        title: "down".into(),
        started_at: World::new().0.taken_at.plus_days(-days),
        detected_at: None,
        resolved_at: Some(World::new().0.taken_at.plus_days(-days).plus_hours(2)),
        caused_by: None,
        failover: None,
        journeys: vec![],
    };
    let quiet = served();
    let noisy = (0..3).fold(served(), |w, n| w.says("api", incident(&format!("i{n}"), 60 * (n + 1))));
    let hours = |world: &World, id: &str| {
        let spofs = world.topology().spofs;
        spofs.into_iter().find(|s| s.subject.id.as_str() == id).map(|s| s.hours_per_year.p50).expect("listed")
    };
    assert!(hours(&noisy, "api") > 2.0 * hours(&quiet, "api"));
    assert!(hours(&noisy, "lb") < hours(&quiet, "lb"));
    let spofs = noisy.topology().spofs;
    assert!(spofs.iter().any(|s| s.assumption.contains("3 incidents in 0.49 years")), "{}", spofs[0].assumption);
}
