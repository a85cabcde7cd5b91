//! Tests of [`crate::assess`] from facts to headroom.

use crate::{assess, at_multiple, forecast, what_if};
use loadline_model::{
    AccountId, Basis, Body, Capacity, Confidence, DAYS_PER_MONTH, Day, DemandTrend, Environment, Fact, FactIndex,
    Graph, GraphEdge, Kind, Limit, Limited, Node, Policy, PoolStat, Provenance, QueryStat, Relation, Resource, Sample,
    Series, SeriesKind, Setting, Snapshot, SubjectRef, Tier, Timestamp, Topology, Trends, Value, Verb, key, num,
};
use std::collections::BTreeMap;

const TAKEN: &str = "2026-11-16T00:00:00Z";

fn taken() -> Timestamp {
    Timestamp::parse(TAKEN).expect("an instant")
}

/// Facts and graph of a small system.
#[derive(Default)]
struct Case {
    snapshot: Snapshot,
    topology: Topology,
    trends: Trends,
}

impl Case {
    fn new() -> Self {
        let mut case = Self::default();
        case.snapshot.taken_at = taken();
        case
    }
    fn says(mut self, subject: &str, body: impl Into<Body>) -> Self {
        let provenance = Provenance {
            account: AccountId::new("prom"),
            call: "query".into(),
            read_at: taken(),
            basis: Basis::Measured,
        };
        self.snapshot.facts.push(Fact { subject: subject.into(), body: body.into(), provenance });
        self
    }
    fn node(mut self, id: &str, kind: Kind, zone: Option<&str>) -> Self {
        self.topology.graph.nodes.push(Node {
            id: id.into(),
            kind,
            name: id.into(),
            account: None,
            region: None,
            zone: zone.map(Into::into),
            environment: Environment::Production,
            tier: Tier::T1,
            required: None,
            members: 0,
            required_assumed: false,
            implied: false,
            managed: None,
            engine: None,
        });
        self.topology.graph.nodes.sort_by(|a, b| a.id.cmp(&b.id));
        self.says(id, Resource::new(kind, id))
    }
    fn edge(mut self, from: &str, relation: Relation, to: &str) -> Self {
        let edge = GraphEdge {
            from: from.into(),
            to: to.into(),
            relation,
            confidence: Confidence::Declared,
            basis: Basis::Configured,
            source: "test".into(),
        };
        self.topology.graph.edges.push(edge);
        self
    }
    /// Hourly samples of the last `days` days; `level` takes the hour, 0 at the start.
    fn series(self, id: &str, metric: &str, days: i64, level: impl Fn(i64) -> f64) -> Self {
        let start = taken().plus_days(-days);
        let samples = (1..=days * 24).map(|h| Sample { at: start.plus_hours(h), value: level(h) }).collect();
        let series = Series {
            metric: metric.into(),
            unit: "ratio".into(),
            kind: SeriesKind::Gauge,
            labels: BTreeMap::new(),
            samples,
            covered_until: taken(),
        };
        self.says(id, series)
    }
    fn setting(self, id: &str, key: &str, item: Option<&str>, value: f64) -> Self {
        self.says(id, Setting { key: key.into(), item: item.map(Into::into), value: Value::Number(value) })
    }
    /// Weekly peaks that grow by `monthly`, ending in `peak`.
    fn demand(mut self, id: &str, kind: Kind, weeks: i32, monthly: f64, peak: f64) -> Self {
        let subject = SubjectRef { id: id.into(), kind: Some(kind), name: id.into(), account: None, region: None };
        let week = |back: i32| {
            let grown = num::pow(1.0 + monthly, -f64::from(back) * 7.0 / DAYS_PER_MONTH);
            (Day(taken().utc_day().0 - 7 * (back + 1)), peak * grown)
        };
        let weekly_peaks = (0..weeks).rev().map(week).collect();
        self.trends.demand.push(DemandTrend { subject, peak, weekly_peaks, days: vec![] });
        self
    }
    fn capacity(&self) -> Capacity {
        assess(&FactIndex::new(&self.snapshot), &self.topology, &self.trends, &Policy::default())
    }
}

/// Requests a second over the day: 100 on average, 170 at noon UTC.
fn rate(h: i64) -> f64 {
    100.0 - 70.0 * num::cos(2.0 * std::f64::consts::PI * (h % 24) as f64 / 24.0)
}

fn shop() -> Case {
    Case::new()
        .node("api", Kind::Service, None)
        .node("pg", Kind::Database, None)
        .node("redis", Kind::Cache, None)
        .demand("api", Kind::Service, 16, 0.2, 170.0)
        .series("api", key::metric::REQUEST_RATE, 28, rate)
        .series("api", "utilisation.cpu", 28, |h| 0.3 * rate(h) / 170.0)
        .setting("pg", key::MAX_CONNECTIONS, None, 103.0)
        .setting("pg", key::RESERVED_CONNECTIONS, None, 3.0)
        .setting("pg", key::CONNECTIONS_IN_USE, None, 60.0)
        .setting("pg", key::SEQUENCE_USED, Some("orders.id"), 0.31)
        .setting("pg", key::SEQUENCE_USED, Some("users.id"), 0.12)
        .says("pg", Limit { limited: Limited::Disk, value: 1e9, unit: "bytes".into() })
        .series("pg", "used.disk", 28, |h| 3e8 + 1e6 * h as f64 / 24.0)
}

#[test]
fn the_whole_picture() {
    let found = shop().capacity();
    let growth = found.growth.monthly.expect("16 weeks");
    assert!((growth.p50 - 0.2).abs() < 1e-6 && found.growth.peak == Some(170.0) && found.growth.missing.is_none());
    let of = |l: Limited| found.utilisation.iter().find(|u| u.limited == l).expect("measured");
    let cpu = of(Limited::Cpu);
    assert!((cpu.now.p50 - 0.3).abs() < 0.01 && cpu.gamma_fitted && (cpu.gamma.p50 - 1.0).abs() < 0.01, "{cpu:?}");
    assert!(
        cpu.observed_range > 4.0 && cpu.days > 13.0 && cpu.sources[0].starts_with("prom: utilisation.cpu, 336 samples")
    );
    let connections = of(Limited::Connections);
    assert_eq!((connections.now.p50, connections.days, connections.hard_limit), (0.6, 0.0, Some(100.0)));
    assert!(
        connections.now.p10 < 0.5 && connections.now.p90 > 0.9 && !connections.gamma_fitted,
        "one reading is no peak"
    );
    assert_eq!(of(Limited::IntegerKey).now.p50, 0.31);
    assert!(of(Limited::IntegerKey).sources[0].contains("orders.id"));
    let fill = of(Limited::Disk).fill_per_day.expect("28 days");
    assert!((fill.p50 - 0.001).abs() < 1e-6 && (of(Limited::Disk).now.p50 - 0.328).abs() < 0.001);
    assert_eq!(found.families, ["compute", "connections", "database", "storage"]);

    let first = found.first_limit.as_ref().expect("measured growth");
    assert_eq!((first.resource, first.scenario.as_str()), (Limited::Connections, "measured"));
    assert!((first.days.expect("grows").p50 - 48.0).abs() < 8.0, "{:?}", first.days);
    let words: Vec<&str> = found.limits.iter().map(|l| l.scenario.as_str()).collect();
    assert_eq!(words, ["measured", "20_percent", "5x", "10x"].map(|w| [w; 4]).concat());
    let rules: Vec<&str> = found.ladder.iter().filter_map(|r| r.rule.as_ref()).map(|r| r.as_str()).collect();
    assert_eq!(rules[0], "CAP-005");
    assert_eq!(found.ladder.len(), 3);
    let missing: Vec<(&str, Limited)> = found.unmeasured.iter().map(|u| (u.subject.id.as_str(), u.resource)).collect();
    let want = [("api", Limited::Memory), ("pg", Limited::Cpu), ("pg", Limited::Memory), ("redis", Limited::Memory)];
    assert_eq!(missing, want);
    assert!(found.unmeasured.iter().all(|u| !u.closes.is_empty()));
}

#[test]
fn p35_same_input_same_bytes_and_order_of_facts_is_nothing() {
    let mut case = shop();
    let text = |c: &Case| serde_json::to_string(&c.capacity()).expect("numbers");
    let once = text(&case);
    assert_eq!(once, text(&case));
    case.snapshot.facts.reverse();
    assert_eq!(once, text(&case));
}

#[test]
fn the_window_agrees_with_the_assessment() {
    let found = shop().capacity();
    let assessed: Vec<_> = found.limits.iter().filter(|l| l.scenario == "20_percent").collect();
    for quick in what_if(&found.utilisation, 0.2, 12.0) {
        let slow = assessed.iter().find(|l| l.subject == quick.subject && l.resource == quick.resource).expect("both");
        let (a, b) = (quick.days.expect("fills"), slow.days.expect("fills"));
        assert!((a.p50 - b.p50).abs() < 0.15 * b.p50 + 2.0, "{:?}: {a:?} against {b:?}", quick.resource);
        assert!(a.p10 <= a.p50 && a.p50 <= a.p90 && quick.scenario == "20_percent");
    }
    let at5 = at_multiple(&found.utilisation, 5.0);
    assert_eq!(at5.len(), 4);
    assert_eq!((at5[0].resource, at5[0].breaks, at5[0].scenario.as_str()), (Limited::Connections, Some(true), "5x"));
    assert!(at5.iter().map(|l| l.first_probability).sum::<f64>() == 1.0);
    let at_one = at_multiple(&found.utilisation, 1.0);
    assert!(at_one.iter().all(|l| l.breaks == Some(false)));
    assert!(at_multiple(&found.utilisation, 100.0).iter().all(|l| l.extrapolated));
    assert!(what_if(&[], 0.2, 12.0).is_empty());
}

#[test]
fn nights_do_not_hide_the_peak_and_batches_do_not_make_one() {
    let batch = |h: i64| if (0..4).contains(&(h % 24)) { 0.95 } else { 0.3 };
    let with = Case::new()
        .node("api", Kind::Service, None)
        .demand("api", Kind::Service, 4, 0.2, 170.0)
        .series("api", key::metric::REQUEST_RATE, 28, rate)
        .series("api", "utilisation.cpu", 28, batch);
    assert_eq!(with.capacity().utilisation[0].now.p50, 0.3);
    let without = Case::new().node("api", Kind::Service, None).series("api", "utilisation.cpu", 28, batch);
    assert_eq!(without.capacity().utilisation[0].now.p50, 0.95, "without demand the resource's own busy hours count");
    let growth = with.capacity().growth;
    assert_eq!((growth.monthly, growth.weeks), (None, 4));
    assert!(growth.missing.is_some_and(|m| m.contains("4 of 8")));
    assert_eq!(with.capacity().first_limit.map(|l| l.scenario), Some("20_percent".to_owned()));
}

#[test]
fn staging_and_stale_series_are_no_limits() {
    let mut staging = Resource::new(Kind::Database, "stage");
    staging.environment = Some(Environment::Staging);
    let mut case = Case::new().says("stage", staging).series("stage", "utilisation.cpu", 14, |_| 0.99);
    case = case.node("pg", Kind::Database, None).series("pg", "utilisation.cpu", 14, |_| 0.5);
    for fact in case.snapshot.facts.iter_mut().filter(|f| f.subject.as_str() == "pg") {
        if let Body::Series(s) = &mut fact.body {
            s.samples.iter_mut().for_each(|s| s.at = s.at.plus_days(-40));
        }
    }
    let found = case.capacity();
    assert!(found.utilisation.is_empty() && found.limits.is_empty() && found.first_limit.is_none());
    assert!(found.unmeasured.iter().any(|u| u.subject.id.as_str() == "pg" && u.resource == Limited::Cpu));
    assert!(found.growth.missing.is_some());
}

#[test]
fn an_autoscaler_counts_members_not_its_target() {
    let case = Case::new()
        .node("api", Kind::Service, None)
        .series("api", "utilisation.cpu", 14, |_| 0.68)
        .setting("api", key::DESIRED_MEMBERS, None, 4.0)
        .setting("api", key::MINIMUM_MEMBERS, None, 2.0)
        .setting("api", key::MAXIMUM_MEMBERS, None, 12.0)
        .says("api", Setting { key: key::SCALING_SIGNAL.into(), item: None, value: Value::Text("cpu".into()) });
    let found = case.capacity();
    let first = found.first_limit.expect("members");
    assert!((first.multiplier.p50 - 3.0).abs() < 0.2 && first.resource == Limited::Members, "{:?}", first.multiplier);
    assert!(found.utilisation.iter().any(|u| u.limited == Limited::Cpu), "rules still see the target");
    assert!(found.unmeasured.iter().any(|u| u.resource == Limited::Cpu && u.closes.contains("load test")));
}

#[test]
fn the_worst_zone_is_named() {
    let mut case =
        Case::new().node("api", Kind::Service, None).node("za", Kind::Zone, None).node("zb", Kind::Zone, None);
    for (member, zone) in [("a1", "za"), ("a2", "za"), ("b1", "zb")] {
        case = case.node(member, Kind::Instance, Some(zone)).edge(member, Relation::MemberOf, "api");
        case = case.series(member, "utilisation.cpu", 14, |_| 0.4);
    }
    let found = case.capacity();
    let loss = &found.zone_loss[0];
    assert_eq!((loss.zone.as_str(), loss.members, loss.lost, loss.before), ("za", 3, 2, 0.4));
    assert!((loss.after - 1.2).abs() < 1e-9);
    assert!(found.unmeasured.iter().all(|u| u.resource != Limited::Cpu), "members' CPU is the service's");
    let unknown = Case { topology: Topology { graph: Graph::default(), ..Topology::default() }, ..case };
    assert!(unknown.capacity().zone_loss.is_empty());
}

#[test]
fn e12_a_pool_is_advised_from_its_statements() {
    let stat = QueryStat {
        fingerprint: "q".into(),
        text: "SELECT 1".into(),
        verb: Verb::Read,
        calls: 400.0 * 86_400.0,
        total_ms: 400.0 * 86_400.0 * 20.0,
        rows: 1.0,
        rows_examined: None,
        blocks_read: None,
        temp_blocks: None,
        since: Some(taken().plus_days(-1)),
        tables: vec![],
        route: None,
    };
    let pool = |size: f64| PoolStat { pool: "app".into(), size: Some(size), active: Some(8.0), ..PoolStat::default() };
    let advised = |size: f64| {
        Case::new().node("pg", Kind::Database, None).says("pg", stat.clone()).says("pg", pool(size)).capacity()
    };
    let ten = &advised(10.0).pools[0];
    assert!((ten.wait_ms.expect("stable") - 4.0918).abs() < 1e-3 && (ten.rho - 0.8).abs() < 1e-9 && ten.advised == 10);
    let eight = &advised(8.0).pools[0];
    assert_eq!((eight.wait_ms, eight.advised), (None, 10), "unstable is never a number");
    let pool_use = advised(10.0);
    assert_eq!(pool_use.utilisation[0].now.p50, 0.8);
}

#[test]
fn single_samples_of_a_collection_are_readings() {
    let case = Case::new()
        .node("pg", Kind::Database, None)
        .says("pg", Limit { limited: Limited::Connections, value: 97.0, unit: "connections".into() });
    let mut case = case.series("pg", "used.connections", 1, |_| 48.5);
    for fact in &mut case.snapshot.facts {
        if let Body::Series(s) = &mut fact.body {
            s.samples.truncate(1);
        }
    }
    let found = case.capacity();
    let u = &found.utilisation[0];
    assert_eq!((u.now.p50, u.samples, u.days, u.unit.as_str()), (0.5, 1, 0.0, "connections"));
    assert!(u.now.p10 < 0.45 && u.now.p90 > 0.7 && u.sources[0].contains("one reading"), "{u:?}");
}

#[test]
fn nothing_known_is_nothing_said() {
    let found = Case::new().capacity();
    assert!(
        found.utilisation.is_empty() && found.limits.is_empty() && found.ladder.is_empty() && found.pools.is_empty()
    );
    assert!(found.growth.peak.is_none() && found.families.is_empty());
    assert!(forecast::at_multiple(&[], 5.0).is_empty());
}
