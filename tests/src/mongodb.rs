//! MongoDB and Atlas from the connector to the rules: planted problems are found, a healthy twin has none of them, and a
//! cluster that both see is one thing.

use loadline_connectors::testing::{AtlasReplay, MongoReplay, SecantusServer, account, install_crypto, last_days};
use loadline_connectors::{Progress, Secret, provider};
use loadline_engine::stages::{Judgement, judge};
use loadline_engine::statements::Decided;
use loadline_model::{
    AccountSummary, Check, Environment, FactIndex, Inventory, Kind, Outcome, Snapshot, SubjectId, Timestamp,
};

const SET: &str = include_str!("../../src-tauri/crates/loadline-connectors/src/mongodb/recorded/three_members.json");
const BROKEN_SET: &str = include_str!("../../src-tauri/crates/loadline-connectors/src/mongodb/recorded/troubled.json");
const PROJECT: &str = include_str!("../../src-tauri/crates/loadline-connectors/src/atlas/recorded/project.json");
const BROKEN_PROJECT: &str =
    include_str!("../../src-tauri/crates/loadline-connectors/src/atlas/recorded/troubled.json");

/// Adds everything that an account says to a snapshot.
async fn collect(into: &mut Snapshot, id: &str, config: &[(&str, &str)], secret: Option<&str>) {
    install_crypto();
    let mut account = account(id, config);
    account.environment = Some(Environment::Production);
    let found = provider(id).expect("a provider");
    let connector = (found.connect)(&account, secret.map(Secret::new)).await.expect("a connection");
    let window = last_days(8);
    into.taken_at = Timestamp(into.taken_at.0.max(window.now.0));
    let (name, provider) = (account.name.clone(), account.provider.clone());
    let collected_at = Some(window.now);
    into.accounts.push(AccountSummary { id: account.id.clone(), provider, name, connected: true, collected_at });
    for plan in connector.scopes().await.expect("scopes") {
        let scope = connector.read(&plan, &window, &Progress::silent()).await;
        let inventory = |kind: &Kind| Inventory {
            account: account.id.clone(),
            scope: scope.name.clone(),
            kind: *kind,
            read_at: window.now,
        };
        into.inventories.extend(scope.inventories.iter().map(inventory));
        into.facts.extend(scope.facts);
        into.gaps.extend(scope.gaps);
    }
}

fn judged(snapshot: &Snapshot) -> Judgement {
    judge(snapshot, &Decided::default(), &loadline_rules::catalog())
}

/// Rules that fail, each once, in order.
fn failing(judgement: &Judgement) -> Vec<&str> {
    let fails = |c: &&Check| matches!(c.result.outcome, Outcome::Fail { .. });
    let mut rules: Vec<&str> = judgement.checks.iter().filter(fails).map(|c| c.rule.as_str()).collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

fn check<'j>(judgement: &'j Judgement, rule: &str) -> &'j Check {
    let of_rule = |c: &&Check| c.rule.as_str() == rule;
    let fails = |c: &&Check| matches!(c.result.outcome, Outcome::Fail { .. });
    let mut found = judgement.checks.iter().filter(of_rule);
    found.clone().find(fails).or_else(|| found.next()).unwrap_or_else(|| panic!("{rule} was not judged"))
}

fn all_fail(judgement: &Judgement, rules: &[&str]) {
    let failing = failing(judgement);
    for rule in rules {
        assert!(failing.contains(rule), "{rule} does not fail: {:?}", check(judgement, rule).result);
    }
}

#[tokio::test]
async fn a_troubled_set_is_judged_and_its_healthy_twin_is_not() {
    let set = MongoReplay::start(3, &[SET, BROKEN_SET]).expect("a replay");
    let mut snapshot = Snapshot::default();
    collect(&mut snapshot, "mongodb", &[("url", &set[0].url())], None).await;
    let troubled = judged(&snapshot);
    let planted = [
        "DATA-008", "DB-003", "DB-005", "DB-007", "DB-011", "DB-015", "DB-017", "DB-018", "DB-019", "DB-021",
        "SPOF-004", "SPOF-010",
    ];
    all_fail(&troubled, &planted);
    for (rule, words) in [
        ("DB-003", "db.getCollection(\"orders\").createIndex({ user_id: 1 })"),
        ("DB-005", "limit(50)"),
        ("DB-018", "replSetResizeOplog"),
        ("DB-019", "db.getCollection(\"orders\").hideIndex(\"status_1\")"),
        ("DATA-008", "storage.journal.enabled"),
        ("SPOF-004", "replica set of 3"),
    ] {
        let found = check(&troubled, rule);
        assert!(found.result.remedy.as_deref().is_some_and(|r| r.contains(words)), "{rule}: {:?}", found.result);
    }
    let text = serde_json::to_string(&troubled.checks).expect("json");
    for foreign in ["hunter2", "987654321", "VACUUM", "CREATE INDEX", "ALTER SYSTEM", "WHERE id"] {
        assert!(!text.contains(foreign), "{foreign} in a verdict");
    }

    let set = MongoReplay::start(3, &[SET]).expect("a replay");
    let mut snapshot = Snapshot::default();
    collect(&mut snapshot, "mongodb", &[("url", &set[0].url())], None).await;
    let healthy = judged(&snapshot);
    let failing = failing(&healthy);
    assert!(planted.iter().all(|rule| !failing.contains(rule)), "{failing:?}");
    for rule in ["DATA-008", "DB-001", "DB-018", "DB-019", "SPOF-004", "SPOF-010"] {
        assert!(
            matches!(check(&healthy, rule).result.outcome, Outcome::Pass),
            "{rule}: {:?}",
            check(&healthy, rule).result
        );
    }
}

#[tokio::test]
async fn a_real_server_that_stands_alone_is_judged() {
    let server = SecantusServer::start(&["--standalone"]).expect("SecantusDB");
    server.script("", "client.shop.orders.insert_many([{'a': i} for i in range(100)])").expect("a shop");
    let mut snapshot = Snapshot::default();
    collect(&mut snapshot, "mongodb", &[("url", &server.url())], None).await;
    let alone = judged(&snapshot);
    all_fail(&alone, &["SPOF-004", "DB-001", "DB-021"]);
    assert!(check(&alone, "DB-001").result.remedy.as_deref().is_some_and(|r| r.contains("setProfilingLevel")));
    assert!(matches!(check(&alone, "DB-014").result.outcome, Outcome::NotApplicable { .. }));
    server
        .script("", "client.shop.command('profile', 1, slowms=0)\nlist(client.shop.orders.find({'a': 5}))")
        .expect("a profiler");
    let mut snapshot = Snapshot::default();
    collect(&mut snapshot, "mongodb", &[("url", &server.url())], None).await;
    assert!(matches!(check(&judged(&snapshot), "DB-001").result.outcome, Outcome::Pass));
}

#[tokio::test]
async fn a_troubled_project_is_judged_and_its_healthy_twin_is_not() {
    let planted = ["DATA-001", "DATA-003", "DATA-006", "DB-003", "DB-007", "DB-018", "DB-021", "SPOF-004"];
    let judged_of = async |texts: &[&str]| {
        let replay = AtlasReplay::start(texts).expect("a replay");
        let mut snapshot = Snapshot::default();
        let config = [("endpoint_url", replay.url()), ("public_key", "key".to_owned())];
        collect(&mut snapshot, "atlas", &config.each_ref().map(|(k, v)| (*k, v.as_str())), Some("canary-3f9a1c")).await;
        judged(&snapshot)
    };
    let troubled = judged_of(&[PROJECT, BROKEN_PROJECT]).await;
    all_fail(&troubled, &planted);
    let suggested = check(&troubled, "DB-003");
    assert!(
        suggested.result.remedy.as_deref().is_some_and(|r| r.contains("createIndex({ user_id: 1, at: 1 })")),
        "{suggested:?}"
    );
    let healthy = judged_of(&[PROJECT]).await;
    let failing = failing(&healthy);
    assert!(planted.iter().all(|rule| !failing.contains(rule)), "{failing:?}");
    for rule in ["DATA-001", "DATA-002", "DATA-003", "DATA-006", "DB-007", "DB-018", "SPOF-004", "SPOF-010"] {
        assert!(
            matches!(check(&healthy, rule).result.outcome, Outcome::Pass),
            "{rule}: {:?}",
            check(&healthy, rule).result
        );
    }
}

#[tokio::test]
async fn one_cluster_seen_by_both_is_one_thing() {
    let project = AtlasReplay::start(&[PROJECT]).expect("a replay");
    // The members advertise the names that Atlas's connection string holds; the way in is a tunnel.
    let names = ["PORT1", "PORT2", "PORT3"];
    let mut text = SET.to_owned();
    for (n, port) in names.iter().enumerate() {
        text = text.replace(&format!("127.0.0.1:{port}"), &format!("shop-shard-00-0{n}.abcde.mongodb.net:27017"));
    }
    let set = MongoReplay::start(1, &[&text]).expect("a replay");
    let mut snapshot = Snapshot::default();
    let config = [("endpoint_url", project.url()), ("public_key", "key".to_owned())];
    collect(&mut snapshot, "atlas", &config.each_ref().map(|(k, v)| (*k, v.as_str())), Some("canary-3f9a1c")).await;
    collect(&mut snapshot, "mongodb", &[("url", &set[0].url())], None).await;
    let judgement = judged(&snapshot);
    let facts = FactIndex::new(&judgement.stated);
    let databases: Vec<&SubjectId> = facts.of_kind(Kind::Database).map(|(id, _)| id).collect();
    assert_eq!(databases.len(), 1, "{databases:?}");
    assert_eq!(facts.of_kind(Kind::Instance).count(), 3, "members are the same three");
    let known = facts.resource(databases[0]).expect("the cluster");
    assert_eq!((known.managed, known.engine.as_deref()), (Some(true), Some("mongodb")));
}
