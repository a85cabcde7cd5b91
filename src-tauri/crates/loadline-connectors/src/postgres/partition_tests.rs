//! A real table divided by month: judged as one, its last partition seen, its parts left to vacuum.

use super::tests::{all, connect_as, read};
use crate::testing::{PostgresServer, failing, judged, real_now};
use loadline_model::{IndexStat, Plan, QueryStat, SubjectId, TableStat};

/// Two partitions of 120,000 rows in all; the last one ends soon after now and none follows. Its twin has a default.
const TABLES: &str = "CREATE EXTENSION pg_stat_statements; CREATE EXTENSION hypopg;
    CREATE TABLE users (id serial PRIMARY KEY); INSERT INTO users SELECT FROM generate_series(1, 20000);
    CREATE TABLE events (at timestamptz NOT NULL, user_id int REFERENCES users, kind text) PARTITION BY RANGE (at);
    CREATE TABLE calm (at timestamptz NOT NULL, kind text) PARTITION BY RANGE (at);
    DO $$ DECLARE this date := date_trunc('month', now()); BEGIN
        EXECUTE format('CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (%L) TO (%L)', this - interval '1 month', this);
        EXECUTE format('CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM (%L) TO (%L)', this, this + interval '1 month');
        EXECUTE format('CREATE TABLE calm_1 PARTITION OF calm FOR VALUES FROM (%L) TO (%L)', this, this + interval '1 month');
    END $$;
    CREATE TABLE calm_rest PARTITION OF calm DEFAULT;
    CREATE INDEX by_kind ON events (kind); CREATE INDEX by_at ON events (at);
    CREATE INDEX only_here ON events_1 (kind, at);
    INSERT INTO events SELECT date_trunc('month', now()) - interval '1 hour' * (n % 600 - 300), 1 + n % 20000, 'k' || n % 7
        FROM generate_series(1, 120000) n;
    CREATE ROLE loadline LOGIN PASSWORD 'loadline-secret';
    GRANT pg_read_all_stats TO loadline; GRANT pg_read_all_settings TO loadline;
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO loadline; GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO loadline;
    ANALYZE; SELECT pg_stat_statements_reset();";

#[tokio::test]
async fn a_divided_table_is_judged_as_one() {
    let server = PostgresServer::start("autovacuum = off\n").expect("PostgreSQL");
    server.sql("postgres", "CREATE DATABASE shop").expect("a database");
    server.sql("shop", TABLES).expect("tables");
    server.sql("shop", &"SELECT count(*) FROM events WHERE user_id = 3;".repeat(40)).expect("look-ups");
    server.sql("shop", &"SELECT count(*) FROM events_2 WHERE user_id = 4;".repeat(5)).expect("look-ups");
    let connector = connect_as(&server, "loadline").await;
    let scopes = [read(&connector, "server").await, read(&connector, "database/shop").await];
    assert_eq!(scopes[1].gaps, [], "nothing is hidden");
    let facts = &scopes[1].facts;
    let table = |name: &str| SubjectId(format!("{}/shop/public.{name}", connector.server.cluster()));
    let stat =
        |name: &str| all::<TableStat>(facts).into_iter().find(|(f, _)| f.subject == table(name)).expect("read").1;

    let (whole, part) = (stat("events"), stat("events_2"));
    assert_eq!((whole.partitions, whole.rows), (Some(2.0), Some(120_000.0)));
    assert_eq!(whole.unindexed_filters, ["user_id"], "statements on the whole and on a part ask the same");
    assert_eq!(whole.unindexed_references.len(), 1, "one constraint, whatever the number of partitions");
    assert_eq!((part.partition_of.as_deref(), part.seq_scans), (Some("public.events"), None));
    assert!(part.dead_rows.is_some() && part.unindexed_references.is_empty(), "{part:?}");
    assert!(whole.total_bytes > part.total_bytes && part.total_bytes > Some(0.0), "{whole:?} {part:?}");
    let last = whole.last_partition.expect("an end by time");
    let days = last.until.days_since(real_now());
    assert!((0.0..31.1).contains(&days) && last.from.is_some_and(|from| from < real_now()), "{last:?}");
    assert_eq!(stat("calm").last_partition, None, "its default partition takes what comes");

    let indexes = |name: &str| -> Vec<&str> {
        let own = all::<IndexStat>(facts).into_iter().filter(|(f, _)| f.subject == table(name));
        let mut names: Vec<&str> = own.map(|(_, i)| i.index.as_str()).collect();
        names.sort_unstable();
        names
    };
    assert_eq!(indexes("events"), ["by_at", "by_kind"], "as they were created, not each part of them");
    assert_eq!((indexes("events_1"), indexes("events_2")), (vec!["only_here"], vec![]));
    let named = all::<QueryStat>(facts).into_iter().filter(|(_, q)| q.text.contains("user_id"));
    assert!(named.map(|(_, q)| &q.tables).all(|t| *t == ["public.events"]));
    let plans = all::<Plan>(facts);
    assert!(plans.iter().any(|(_, p)| p.full_scans == ["public.events"] && p.scans.len() == 1), "{plans:?}");

    let missing = judged("DB-003", &scopes, vec![]);
    let (_, remedy) = failing(&missing, &table("events")).expect("a finding");
    assert!(
        remedy.starts_with("CREATE INDEX events_user_id_idx ON ONLY public.events (user_id); then on each"),
        "{remedy}"
    );
    assert_eq!(failing(&missing, &table("events_1")), None);
    let server_id = scopes[0].facts.iter().map(|f| &f.subject).find(|s| **s == connector.server.cluster());
    let ceiling = judged("CAP-009", &scopes, vec![]);
    let (sentence, _) = failing(&ceiling, server_id.expect("the server")).expect("a finding");
    assert!(sentence.contains("Rows of `public.events` are refused from"), "{sentence}");
    assert!(!sentence.contains("calm"), "{sentence}");
    // What the remedy says works on this server.
    let rest = remedy.replace("then on each of its 2 partitions CREATE INDEX CONCURRENTLY … (user_id); ", "");
    let created = rest.split("ALTER").next().expect("a statement");
    server.sql("shop", created).expect("the index of the whole");
    for part in ["events_1", "events_2"] {
        server.sql("shop", &format!("CREATE INDEX CONCURRENTLY {part}_u ON {part} (user_id)")).expect("an index");
        server.sql("shop", &format!("ALTER INDEX events_user_id_idx ATTACH PARTITION {part}_u")).expect("attached");
    }
    let again = read(&connector, "database/shop").await;
    let found = all::<TableStat>(&again.facts).into_iter().find(|(f, _)| f.subject == table("events")).expect("read").1;
    assert_eq!((found.unindexed_filters.len(), found.unindexed_references.len()), (0, 0));
}
