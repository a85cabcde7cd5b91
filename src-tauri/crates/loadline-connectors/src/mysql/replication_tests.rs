//! Replication as the vendors' documentation prints it, for what no server here can show.

use super::*;

fn server(uuid: Option<&str>) -> Server {
    Server { uuid: uuid.map(str::to_owned), hostname: "box".into(), endpoint: "box:3306".into(), ..Server::default() }
}

/// MySQL 8.0 Reference Manual, 15.7.7.35 "SHOW REPLICA STATUS", the columns we use.
const MYSQL_8: [(&str, &str); 8] = [
    ("Replica_IO_State", "Waiting for source to send event"),
    ("Source_Host", "127.0.0.1"),
    ("Source_Port", "13000"),
    ("Replica_IO_Running", "Yes"),
    ("Replica_SQL_Running", "Yes"),
    ("Seconds_Behind_Source", "0"),
    ("Source_UUID", "3e11fa47-71ca-11e1-9e33-c80aa9429562"),
    ("SQL_Delay", "0"),
];

/// The same before 8.0.22, where it is SHOW SLAVE STATUS, and on MariaDB, which has no uuid.
const OLDER: [(&str, &str); 6] = [
    ("Master_Host", "db1.example.com"),
    ("Master_Port", "3306"),
    ("Slave_IO_Running", "Yes"),
    ("Slave_SQL_Running", "Yes"),
    ("Seconds_Behind_Master", "40"),
    ("SQL_Delay", "30"),
];

#[test]
fn both_vocabularies_are_read() {
    let check = |columns: &[(&str, &str)], changed: &[(&str, &str)], expected: Option<(&str, bool, Option<f64>)>| {
        let with: Vec<(&str, &str)> = columns
            .iter()
            .map(|(k, v)| (*k, changed.iter().find(|(name, _)| name == k).map_or(*v, |(_, v)| *v)))
            .collect();
        let found = channels(&server(None), &[Row::of(&with)]);
        let expected = expected.map(|(primary, running, lag)| Channel { primary: primary.into(), running, lag });
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{changed:?}");
    };
    let uuid = "mysql:3e11fa47-71ca-11e1-9e33-c80aa9429562";
    check(&MYSQL_8, &[], Some((uuid, true, Some(0.0))));
    check(&MYSQL_8, &[("Replica_SQL_Running", "No"), ("Seconds_Behind_Source", "")], Some((uuid, false, None)));
    check(&MYSQL_8, &[("Replica_IO_Running", "Connecting"), ("Seconds_Behind_Source", "9")], Some((uuid, false, None)));
    // The recovery channel of a group names no host.
    check(&MYSQL_8, &[("Source_Host", "")], None);
    let address = "mysql://db1.example.com:3306";
    check(&OLDER, &[], Some((address, true, Some(10.0))));
    check(&OLDER, &[("Seconds_Behind_Master", "5")], Some((address, true, Some(0.0))));
    check(&OLDER, &[("Master_Host", "127.0.0.1")], Some(("mysql://box:3306", true, Some(10.0))));
}

#[test]
fn a_group_has_one_that_writes() {
    // MySQL 8.0 Reference Manual, 20.2.1.2 "replication_group_members".
    let rows = |own: &str| {
        let row = |id: &str, state, role| {
            let is_own = if id == own { "1" } else { "0" };
            Row::of(&[("id", id), ("state", state), ("role", role), ("own", is_own)])
        };
        [row("a1", "ONLINE", "PRIMARY"), row("b2", "ONLINE", "SECONDARY"), row("c3", "RECOVERING", "SECONDARY")]
    };
    let placed = |own: &str| {
        let mut server = server(Some(own));
        in_group(&mut server, &members(&rows(own)));
        (server.standby, server.cluster().as_str().to_owned())
    };
    assert_eq!(placed("a1"), (None, "mysql:a1".to_owned()));
    assert_eq!(placed("b2"), (Some(true), "mysql:a1".to_owned()));
    assert_eq!(placed("c3"), (None, "mysql:c3".to_owned()), "one that does not take part stands for itself");
    assert_eq!(members(&rows("a1")).iter().filter(|m| m.online).count(), 2);
}

#[test]
fn copies_are_named_by_user_and_host() {
    let row = |id, host| Row::of(&[("id", id), ("user", "repl"), ("host", host)]);
    let named = [Row::of(&[("id", "8"), ("uuid", "9f-11")])];
    let found = copy_names(&[row("7", "10.0.0.2:51000"), row("8", "10.0.0.2:51001"), row("9", "replica")], &named);
    let expected = [("repl@10.0.0.2", None), ("repl@10.0.0.2 (2)", Some("9f-11")), ("repl@replica", None)];
    assert_eq!(found, expected.map(|(n, u)| (n.to_owned(), u.map(str::to_owned))));
}
