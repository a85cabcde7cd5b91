use crate::testing::{Place, account, begin, hour, on_both, scope};
use loadline_model::{Body, Fact, Gap, GapReason, Kind, ScopeStatus, Snapshot, Zone, ZoneOffset};
use serde_json::json;
use std::collections::BTreeSet;

on_both!(
    every_kind_of_fact_comes_back_exactly,
    a_number_that_is_not_finite_becomes_a_gap,
    nothing_is_lost_of_a_full_scope
);

/// One of every kind, most fields filled.
fn every_kind() -> Vec<Body> {
    let t = hour(3).0;
    let bodies = json!([
        {"type": "resource", "kind": "database", "name": "app", "engine": "postgresql", "managed": false, "tier": "t0"},
        {"type": "edge", "relation": "depends_on", "hard": true, "to": "cache", "confidence": "observed"},
        {"type": "edge", "relation": "replicated_to", "synchronous": true, "to": "standby", "confidence": "declared"},
        {"type": "setting", "key": "max_connections", "value": 100.0},
        {"type": "setting", "key": "fsync", "item": "main", "value": true},
        {"type": "setting", "key": "wal_level", "value": "replica"},
        {"type": "limit", "limited": "disk", "value": 1.5e11, "unit": "bytes"},
        {"type": "series", "metric": "used.disk", "unit": "bytes", "kind": "delta", "labels": {"device": "vda"},
         "samples": [{"at": t, "value": 0.1}, {"at": t + 86_400_000, "value": 1e300}], "covered_until": t + 86_400_000},
        {"type": "distribution_series", "metric": "request.duration", "unit": "s", "labels": {"route": "/a"}, "hours": [
            {"start": t, "distribution": {"form": "exponential", "schema": 3, "zero": 1, "counts": [[-5, 2], [7, 9]], "sum": 4.5}},
            {"start": t + 3_600_000, "distribution": {"form": "classic", "bounds": [0.1, 0.5], "counts": [3, 2, 1]}},
            {"start": t + 7_200_000, "distribution": {"form": "gauges", "quantiles": [[0.5, 0.1], [0.99, 2.5]], "count": 77}}
         ], "covered_until": t + 7_200_000},
        {"type": "deployment", "id": "d1", "environment": "production", "revision": "abc", "started_at": t,
         "finished_at": t, "status": "rolled_back", "actor_kind": "pipeline", "actor": null, "strategy": "canary"},
        {"type": "change", "what": "resize", "at": t, "until": null, "description": "larger"},
        {"type": "commit", "sha": "abc", "at": t, "author": "p1", "files": ["a.rs"]},
        {"type": "change_request", "id": "7", "opened_at": t, "merged_at": t, "lines": 12.0, "approvals": 1},
        {"type": "incident", "id": "i", "title": "down", "started_at": t, "journeys": ["checkout"], "failover": false},
        {"type": "alert", "name": "burn", "expression": "x > 1", "watches": "burn_rate", "subjects": ["db"], "pages": true},
        {"type": "slo", "name": "checkout", "target": 0.999, "window_days": 28.0, "budget_left": -0.25},
        {"type": "query_stat", "fingerprint": "f", "text": "select $1", "verb": "read", "calls": 1e6, "total_ms": 0.30000000000000004, "rows": 3.0, "tables": ["t"]},
        {"type": "plan", "fingerprint": "f", "nodes": ["Seq Scan"], "full_scans": ["t"], "cost": 12.5},
        {"type": "table_stat", "rows": 5.0, "last_autovacuum": t, "unindexed_filters": ["email"]},
        {"type": "index_stat", "index": "i", "columns": ["a", "b"], "unique": true},
        {"type": "pool_stat", "pool": "web", "size": 20.0, "waiting": 0.0},
        {"type": "lock_sample", "at": t, "active": 3.0, "blocked": 1.0, "longest_wait_s": 2.5, "longest_idle_in_transaction_s": 0.0,
         "oldest_transaction_s": 9.0, "chains": ["1 waits for 2"]},
        {"type": "code_stat", "path": "src/a.rs", "language": "Rust", "lines": 120.0, "owners": 2},
        {"type": "document", "what": "runbook", "title": "Ünïcode ✓", "url": null, "updated_at": t},
        {"type": "backup_event", "kind": "restore", "at": t, "succeeded": true, "validated": true},
        {"type": "test_run", "kind": "failover", "at": t, "passed": false, "recovery_s": 31.0},
        {"type": "cost_line", "service": "db", "amount": 12.34, "currency": "EUR", "from": t, "until": t},
        {"type": "expiry", "what": "certificate", "name": "*.example", "at": t, "automatic": true},
        {"type": "imported_finding", "source": "other", "rule": "r", "title": "t", "severity": "HIGH", "failing": true},
        {"type": "statement", "key": "owner", "value": "ana", "author": "ben"},
    ]);
    serde_json::from_value(bodies).expect("one of every kind")
}

fn sorted(facts: &[Fact]) -> Vec<String> {
    let mut texts: Vec<String> = facts.iter().map(|f| serde_json::to_string(f).expect("json")).collect();
    texts.sort();
    texts
}

async fn every_kind_of_fact_comes_back_exactly(place: &Place) {
    let facts: Vec<Fact> = every_kind().into_iter().map(|body| crate::testing::fact("a", "db", body)).collect();
    let kinds: BTreeSet<_> = facts.iter().map(|f| f.body.kind()).collect();
    assert_eq!(kinds.len(), 27, "every kind has an example");
    let store = place.open().await;
    let collection = begin(&store, "a", hour(0)).await;
    store.commit_scope(&collection, &scope("all", ScopeStatus::Complete, facts.clone())).await.expect("committed");
    let id = store.take_snapshot(hour(2), &Zone::default()).await.expect("taken");
    store.close().await;

    let snapshot = place.open().await.load_snapshot(&id).await.expect("loaded");
    assert_eq!(sorted(&snapshot.facts), sorted(&facts));
    let text = serde_json::to_string(&snapshot).expect("json");
    assert_eq!(serde_json::from_str::<Snapshot>(&text).expect("reads back"), snapshot);
}

async fn a_number_that_is_not_finite_becomes_a_gap(place: &Place) {
    let store = place.open().await;
    let collection = begin(&store, "a", hour(0)).await;
    let limit = loadline_model::Limit { limited: loadline_model::Limited::Cpu, value: f64::NAN, unit: "1".into() };
    let facts = vec![
        crate::testing::fact("a", "db", limit),
        crate::testing::series("a", "cpu", &[(0, 0.5), (1, f64::NAN), (2, f64::INFINITY), (3, 0.25)]),
    ];
    store.commit_scope(&collection, &scope("s", ScopeStatus::Complete, facts)).await.expect("committed");
    let id = store.take_snapshot(hour(2), &Zone::default()).await.expect("taken");
    let snapshot = store.load_snapshot(&id).await.expect("loaded");
    assert_eq!(crate::testing::samples(&snapshot.facts, "cpu"), [(0, 0.5), (3, 0.25)]);
    assert_eq!(snapshot.facts.len(), 1);
    assert_eq!(snapshot.gaps[0].reason, GapReason::ParseError);
    assert_eq!(snapshot.gaps[0].subject, Some("db".into()));
}

async fn nothing_is_lost_of_a_full_scope(place: &Place) {
    let store = place.open().await;
    let collection = begin(&store, "a", hour(0)).await;
    let gap = Gap {
        account: Some("a".into()),
        scope: "server".into(),
        reason: GapReason::PermissionDenied,
        detail: "denied".into(),
        closes: "grant it".into(),
        hides: vec![Kind::Table],
        subject: None,
    };
    let mut full = scope("server", ScopeStatus::Partial, vec![]);
    full.gaps.push(gap.clone());
    full.inventories = vec![Kind::Database, Kind::Table];
    store.commit_scope(&collection, &full).await.expect("committed");
    let offsets = vec![ZoneOffset { from: hour(0), seconds: 3600 }];
    let zone = Zone { name: "Europe/Berlin".into(), offsets };
    let id = store.take_snapshot(hour(2), &zone).await.expect("taken");
    let snapshot = store.load_snapshot(&id).await.expect("loaded");
    assert_eq!((snapshot.gaps, snapshot.zone, snapshot.taken_at), (vec![gap], zone, hour(2)));
    let listed: Vec<_> = snapshot.inventories.iter().map(|i| (i.scope.as_str(), i.kind, i.read_at)).collect();
    assert_eq!(listed, [("server", Kind::Database, hour(1)), ("server", Kind::Table, hour(1))]);
    let summary = &snapshot.accounts[0];
    assert_eq!((summary.name.as_str(), summary.connected), (account("a").name.as_str(), true));
    assert_eq!(summary.collected_at, Some(hour(1)));
}
