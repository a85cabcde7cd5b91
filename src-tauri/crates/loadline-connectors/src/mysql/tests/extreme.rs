//! Many statements, and bytes that are no text.

use super::*;

#[tokio::test]
async fn twenty_thousand_statements_are_read_up_to_the_cap() {
    let server = MariadbServer::start(&["--performance-schema-digests-size=30000"]).expect("MariaDB");
    plant(&server);
    for some in (0..20_000).collect::<Vec<_>>().chunks(5_000) {
        let shapes: String = some.iter().map(|n| format!("SELECT 1 AS s{n};")).collect();
        server.sql("shop", &shapes).expect("shapes");
    }
    server
        .sql("shop", "SELECT COUNT(*) AS planted FROM orders a JOIN users b ON a.total <> b.id")
        .expect("a costly one");
    let connector = connect_as(&server, "loadline").await;
    let begun = Instant::now();
    let scope = read(&connector, "tables").await;
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let kept = all::<QueryStat>(&scope.facts);
    assert!((200..=400).contains(&kept.len()), "{}", kept.len());
    assert!(kept.iter().any(|(_, q)| q.text.contains("planted") && q.calls == 1.0), "the costliest is among them");
    let gap = scope.gaps.iter().find(|g| g.reason == GapReason::Truncated).expect("a gap says so");
    let counted: f64 = gap.detail.split(' ').next().and_then(|n| n.parse().ok()).expect("a number first");
    assert!(counted > 20_000.0 && gap.detail.contains("% of the execution time"), "{}", gap.detail);
    assert!(scope.gaps.iter().all(|g| g.reason != GapReason::TimedOut), "{:?}", scope.gaps);
}

#[tokio::test]
async fn a_server_that_has_no_room_for_statements_says_how_many_it_lost() {
    let server = MariadbServer::start(&["--performance-schema-digests-size=200"]).expect("MariaDB");
    plant(&server);
    let shapes: String = (0..500).map(|n| format!("SELECT 1 AS s{n};")).collect();
    server.sql("shop", &shapes).expect("shapes");
    let scope = read(&connect_as(&server, "loadline").await, "activity").await;
    assert!(number(&scope, key::STATEMENTS_EVICTED) >= 300.0);
}

/// Sends bytes as they are, in a character set.
fn send(server: &MariadbServer, set: &str, bytes: &[u8]) {
    let mut client = server.client("shop").expect("a client");
    client.arg(format!("--default-character-set={set}")).arg("--force").stdin(Stdio::piped());
    let mut child = client.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a session");
    child.stdin.take().expect("its input").write_all(bytes).expect("it reads");
    child.wait().expect("it ends");
}

#[tokio::test]
async fn names_and_bytes_of_other_character_sets_are_read() {
    // Short digests, so that one ends in the middle of a letter.
    let server = MariadbServer::start(&["--performance-schema-max-digest-length=60"]).expect("MariaDB");
    plant(&server);
    send(&server, "latin1", b"CREATE TABLE `caf\xe9` (`na\xefve` int, KEY `\xfcber` (`na\xefve`));\n");
    send(&server, "latin1", b"SELECT `na\xefve` FROM `caf\xe9` WHERE `na\xefve` = 7;\n");
    send(
        &server,
        "binary",
        b"SELECT 'secret \xff\xfe\xc3', x'ff00' AS `\xff\xfe` FROM orders WHERE note = '\xc3\x28';\n",
    );
    send(&server, "utf8mb4", format!("SELECT 1 AS `{}`;\n", "\u{20ac}".repeat(60)).as_bytes());
    let connector = connect_as(&server, "loadline").await;
    let scope = read(&connector, "tables").await;
    assert!(scope.gaps.iter().all(|g| g.reason == GapReason::Truncated), "{:?}", scope.gaps);
    let stats = all::<TableStat>(&scope.facts);
    let (fact, stat) = *stats.iter().find(|(f, _)| f.subject.as_str().contains("caf")).expect("the table");
    assert!(fact.subject.as_str().ends_with("/shop.caf\u{e9}"), "{}", fact.subject);
    assert_eq!(stat.columns, Some(1.0));
    assert_eq!(index(&scope, "\u{fc}ber").columns, ["na\u{ef}ve"]);
    let read_it = all::<QueryStat>(&scope.facts).into_iter().map(|(_, q)| q).find(|q| q.tables == ["shop.caf\u{e9}"]);
    assert!(read_it.is_some_and(|q| q.text.contains("na\u{ef}ve")), "the statement on it is understood");
    let text = serde_json::to_string(&scope).expect("text that is text");
    assert!(!text.contains("secret"), "a literal left the server");
}
