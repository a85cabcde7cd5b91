//! Against a real PgBouncer before a real PostgreSQL.

use super::*;
use crate::testing::{
    Certificate, PgBouncerServer, PostgresServer, ScriptedServer, account, failing, judged, last_days, run_psql,
};
use loadline_model::{
    Body, Edge, Fact, FactBody, GapReason, Kind, Limit, PoolStat, Provenance, Relation, Resource, ScopeStatus, Setting,
    Value, key,
};
use std::process::{Child, Stdio};

const FAR: &str = "postgresql://db.internal:6000";

fn servers(pool_size: u32) -> (PostgresServer, PgBouncerServer) {
    let server = PostgresServer::start("").expect("PostgreSQL");
    for sql in ["CREATE ROLE app LOGIN PASSWORD 'app-secret'", "CREATE DATABASE shop"] {
        server.sql("postgres", sql).expect(sql);
    }
    let databases = format!(
        "shop = host=127.0.0.1 port={{port}} dbname=shop pool_size={pool_size}\n\
         far = host=db.internal port=6000 dbname=shop pool_mode=session"
    );
    let more = "pool_mode = transaction\nmax_client_conn = 50\ndefault_pool_size = 5";
    let pooler = PgBouncerServer::start(&server, &databases, more).expect("PgBouncer");
    (server, pooler)
}

async fn connect_as(pooler: &PgBouncerServer, user: &str) -> PgBouncer {
    let account = account("pgbouncer", &[("url", &pooler.url(user))]);
    PgBouncer::connect(account, Some(Secret::new(format!("{user}-secret")))).await.expect("a connection")
}

async fn read(connector: &PgBouncer) -> Scope {
    connector.read(&ScopePlan::new("console", ""), &last_days(1), &Progress::silent()).await
}

/// A client that keeps a connection of the pool busy, or waits for one.
fn sleeper(pooler: &PgBouncerServer) -> Child {
    let mut psql = run_psql("127.0.0.1", pooler.port).expect("psql");
    psql.env("PGPASSWORD", "app-secret").args(["-U", "app", "-d", "shop", "-c", "SELECT pg_sleep(60)"]);
    psql.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("psql")
}

fn all<T: FactBody>(scope: &Scope) -> Vec<(&Fact, &T)> {
    scope.facts.iter().filter_map(|f| Some((f, T::of(&f.body)?))).collect()
}

fn setting(scope: &Scope, subject: &str, key: &str, item: Option<&str>) -> Option<Value> {
    let found = all::<Setting>(scope)
        .into_iter()
        .find(|(f, s)| f.subject.as_str() == subject && s.key == key && s.item.as_deref() == item);
    found.map(|(_, s)| s.value.clone())
}

/// The database behind the pooler, as its own account would say it.
fn far(scope: &Scope) -> Vec<Fact> {
    let provenance = Provenance { call: "test".into(), ..scope.facts[0].provenance.clone() };
    let resource = Resource { engine: Some("postgresql".into()), ..Resource::new(Kind::Database, "shop") };
    vec![Fact { subject: FAR.into(), body: Body::from(resource), provenance }]
}

#[tokio::test]
async fn waiting_clients_are_found_and_a_calm_pooler_is_not_blamed() {
    let (_server, pooler) = servers(2);
    let connector = connect_as(&pooler, "stats").await;
    let gateway = format!("pgbouncer://127.0.0.1:{}", pooler.port);
    let calm = read(&connector).await;
    assert_eq!(failing(&judged("DB-008", std::slice::from_ref(&calm), far(&calm)), &FAR.into()), None);

    let mut clients: Vec<Child> = (0..4).map(|_| sleeper(&pooler)).collect();
    let mut scope = read(&connector).await;
    for _ in 0..100 {
        if all::<PoolStat>(&scope).iter().any(|(_, p)| p.waiting == Some(2.0) && p.active == Some(2.0)) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        scope = read(&connector).await;
    }
    // A check of another maker on the same console, as its administrator: it warns of the same.
    for action in ["pgb_pool_cl_waiting", "pgb_pool_maxwait", "pgb_pool_cl_active", "pgbouncer_backends"] {
        let mut command = std::process::Command::new("check_postgres");
        command.args([&format!("--action={action}"), "--host=127.0.0.1", &format!("--port={}", pooler.port)]);
        command.args(["--dbuser=stats", "--dbpass=stats-secret", "--warning=1", "--critical=40"]);
        // Waits are said in whole seconds, so the first is not seen at once.
        let mut warns =
            || command.output().expect("check_postgres is installed").status.code().is_some_and(|code| code == 1);
        crate::testing::until(action, 20, &mut warns).expect("it warns");
    }
    for client in &mut clients {
        client.kill().and_then(|()| client.wait()).expect("it ends");
    }
    let (at, pool) = all::<PoolStat>(&scope).into_iter().find(|(_, p)| p.pool == "shop/app").expect("the pool");
    assert_eq!((pool.size, pool.active, pool.waiting), (Some(2.0), Some(2.0), Some(2.0)));
    assert!(pool.max_wait_s.is_some_and(|s| s > 0.0), "{pool:?}");
    assert_eq!(at.subject.as_str(), gateway, "a loopback address names no database");
    let (sentence, _) =
        failing(&judged("DB-008", std::slice::from_ref(&scope), far(&scope)), &FAR.into()).expect("a finding");
    assert!(sentence.starts_with("2 clients wait for a connection to `shop`"), "{sentence}");
}

#[tokio::test]
async fn the_pooler_is_described_to_a_stats_user() {
    let (_server, pooler) = servers(2);
    let connector = connect_as(&pooler, "stats").await;
    let gateway = format!("pgbouncer://127.0.0.1:{}", pooler.port);
    let scope = read(&connector).await;
    let (_, resource) = all::<Resource>(&scope)[0];
    assert_eq!((resource.kind, resource.engine.as_deref()), (Kind::Gateway, Some("pgbouncer")));
    assert!(resource.engine_version.as_deref().is_some_and(|v| v.starts_with("1.")), "{resource:?}");
    assert_eq!(all::<Limit>(&scope)[0].1.value, 50.0);
    let mode = |database| setting(&scope, &gateway, key::POOL_MODE, Some(database));
    assert_eq!(
        (mode("shop"), mode("far")),
        (Some(Value::Text("transaction".into())), Some(Value::Text("session".into())))
    );
    assert_eq!(setting(&scope, FAR, key::POOLER_PRESENT, None), Some(Value::Bool(true)));
    let edges = all::<Edge>(&scope);
    assert_eq!(edges.len(), 1, "{edges:?}");
    let (from, edge) = edges[0];
    assert_eq!((from.subject.as_str(), edge.to.as_str()), (gateway.as_str(), FAR));
    assert_eq!(edge.relation, Relation::DependsOn { hard: true });
    // The one thing that is not exact is said to be that.
    assert_eq!(scope.status, ScopeStatus::Partial);
    assert_eq!(
        scope.gaps.iter().map(|g| g.reason).collect::<Vec<_>>(),
        [GapReason::UnmappedSubject],
        "{:?}",
        scope.gaps
    );
    assert!(connector.test().await.iter().all(|p| p.granted == Some(true)));
    assert!(connector.estimate().await.calls == 6 && connector.cost().calls > 6 && connector.cost().connections == 1);
}

#[tokio::test]
async fn an_administrator_changes_nothing_and_a_stats_user_could_not() {
    let (_server, pooler) = servers(2);
    let administrator = connect_as(&pooler, "admin").await;
    let config = async || administrator.console.show(&shows::CONFIG).await.expect("shown").lines;
    let before = config().await;
    assert_ne!(read(&administrator).await.status, ScopeStatus::Failed);
    assert_eq!(config().await, before);
    let stats = connect_as(&pooler, "stats").await;
    for command in ["PAUSE", "RELOAD", "SHUTDOWN", "SET max_client_conn = 1"] {
        let refused = stats.console.try_anything(command).await;
        assert!(refused.is_err_and(|said| said.contains("admin access needed")), "{command}");
    }
    assert_eq!(config().await, before);
}

#[tokio::test]
async fn refusals_say_why_without_the_secret() {
    let (server, pooler) = servers(2);
    let check = async |url: String, secret: &str, code: &str| {
        let account = account("pgbouncer", &[("url", &url)]);
        let error = PgBouncer::connect(account, Some(Secret::new(secret))).await.map(|_| ()).expect_err(code);
        assert_eq!(error.code(), code, "{error}");
        assert!(!error.to_string().contains(secret), "{error}");
    };
    check(pooler.url("stats"), "wrong-hunter2", "authentication_failed").await;
    check(pooler.url("nobody"), "nobody-secret", "authentication_failed").await;
    check("postgres://stats@127.0.0.1:1/pgbouncer".to_owned(), "hunter2", "unreachable").await;
    check("postgres://stats:hunter2@127.0.0.1:1/pgbouncer".to_owned(), "hunter2", "password_in_url").await;
    // PostgreSQL itself is no pooler.
    check(server.url("app", "shop"), "app-secret", "source_error").await;
    let silent = ScriptedServer::start(|_, _| ()).expect("a server");
    check(format!("postgres://stats@{}/pgbouncer", silent.host()), "hunter2", "timed_out").await;
}

#[tokio::test]
async fn tls_may_be_required_unknown_or_expired() {
    let server = PostgresServer::start("").expect("PostgreSQL");
    let folder = tempfile::TempDir::new().expect("a folder");
    for expired in [false, true] {
        let certificate = Certificate::make(folder.path(), expired).expect("a certificate");
        let pooler = PgBouncerServer::start_encrypted(&server, &certificate).expect("PgBouncer with TLS");
        let url = pooler.url("stats").replace("127.0.0.1", "localhost");
        let authority = certificate.certificate.display().to_string();
        let trusting = [("url", url.as_str()), ("sslmode", "verify-full"), ("ca_file", &authority)];
        for (config, says) in [
            (&[("url", url.as_str()), ("sslmode", "disable")][..], "Set sslmode to require"),
            (&[("url", url.as_str()), ("sslmode", "verify-full")][..], "certificate"),
            (&trusting[..], if expired { "Renew the server's certificate." } else { "" }),
        ] {
            let connected = PgBouncer::connect(account("pgbouncer", config), Some(Secret::new("stats-secret"))).await;
            if says.is_empty() {
                connected.map(|_| ()).expect("a trusted certificate");
                continue;
            }
            let error = connected.map(|_| ()).expect_err(says);
            assert_eq!(error.code(), "tls_failed", "{error}");
            assert!(error.to_string().contains(says) && !error.to_string().contains("stats-secret"), "{error}");
        }
    }
}

#[tokio::test]
async fn a_pooler_that_dies_leaves_gaps() {
    let (_server, pooler) = servers(2);
    let connector = connect_as(&pooler, "stats").await;
    drop(pooler);
    let scope = read(&connector).await;
    assert!(!scope.gaps.is_empty() && scope.gaps.iter().all(|g| g.reason == GapReason::ApiError), "{:?}", scope.gaps);
    assert_eq!(all::<PoolStat>(&scope).len(), 0, "unknown, not zero");
}
