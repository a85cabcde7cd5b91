use crate::testing::{Place, begin, hour, on_both, samples, scope, series};
use crate::{Location, Store};
use loadline_model::{ScopeStatus, Zone};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

on_both!(a_kill_at_any_moment_loses_nothing_acknowledged);

const WORKSPACE: &str = "LOADLINE_TEST_WORKSPACE";

/// The killed process: does nothing unless the test below starts it. Acknowledges each scope once it is durable.
#[tokio::test]
async fn commits_until_killed() {
    let Ok(place) = std::env::var(WORKSPACE) else { return };
    let store = Store::open(&Location::parse(&place)).await.expect("opens");
    let collection = begin(&store, "a", hour(0)).await;
    let done = store.collections(&"a".into()).await.expect("listed").iter().map(|c| c.scopes.len() as i64).sum::<i64>();
    for n in done.. {
        let facts = vec![series("a", "cpu", &[(n, n as f64)])];
        let server = scope("server", ScopeStatus::Complete, facts);
        store.commit_scope(&collection, &server).await.expect("committed");
        let mut out = std::io::stdout();
        writeln!(out, "acknowledged {n}").and_then(|()| out.flush()).expect("the parent reads");
    }
}

/// Kills the process after some acknowledgements and answers the last one it gave.
fn run_and_kill(place: &Place, acknowledgements: usize) -> i64 {
    let mut child = Command::new(std::env::current_exe().expect("the test binary"))
        .args(["--exact", "tests::durability::commits_until_killed", "--nocapture"])
        .env(WORKSPACE, place.text())
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines().map_while(Result::ok);
    let mut acknowledged = lines.filter_map(|l| l.strip_prefix("acknowledged ")?.parse().ok());
    let last = acknowledged.by_ref().take(acknowledgements).last().expect("some scopes were committed");
    child.kill().expect("killed");
    child.wait().expect("gone");
    acknowledged.last().unwrap_or(last)
}

async fn a_kill_at_any_moment_loses_nothing_acknowledged(place: &Place) {
    for acknowledgements in [1, 4, 11, 25] {
        let last = run_and_kill(place, acknowledgements);
        let store = place.open().await;
        let collections = store.collections(&"a".into()).await.expect("listed");
        let kept = collections.iter().map(|c| c.scopes.len() as i64).sum::<i64>();
        assert!(kept > last, "{kept} scopes kept, but the one numbered {last} was acknowledged");
        let id = store.take_snapshot(hour(1), &Zone::default()).await.expect("taken");
        let facts = store.load_snapshot(&id).await.expect("loaded").facts;
        let wanted: Vec<(i64, f64)> = (0..kept).map(|n| (n, n as f64)).collect();
        assert_eq!(samples(&facts, "cpu"), wanted, "each scope is there whole");
        store.close().await;
    }
}
