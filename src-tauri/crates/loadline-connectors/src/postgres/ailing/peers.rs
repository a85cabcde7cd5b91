//! What other people's tools report of the same server: each of it is found by us too, or the table says why not.

use super::*;
use crate::sql::lexer::{Token, lex};
use crate::testing::{assessed, findings, run as run_tool, user_of};
use loadline_model::{Fact, QueryStat};
use std::process::Command;

/// What became of a tool's report.
enum Ours {
    /// A finding of this rule says it, in these words.
    Found(&'static str, &'static str),
    /// The tool is content, and so are we: no finding of this rule names this.
    Fine(&'static str, &'static str),
    /// Nothing that is judged, for this reason.
    Explained(&'static str),
}

use Ours::{Explained, Fine, Found};

const ANOTHER_PRODUCT: &str = "about a product that Loadline does not read";
const A_NUMBER: &str = "a number without a verdict; sizes are kept as series, and their growth is forecast (CAP-007)";
const NETWORK: &str =
    "asks a web site for the newest version; Loadline calls nobody but connected accounts (end of life is DB-021)";
const DRIFT: &str = "compares with an earlier state or a second server: a change is no problem in itself";

/// Every action of `check_postgres` 2.25 with its thresholds, the word it answers with, and what we say.
const ACTIONS: &[(&str, &[&str], &str, Ours)] = &[
    // It finds no file of a segment that waits, although the archive never worked.
    ("archive_ready", &["--warning=1", "--critical=999"], "OK", Found("DATA-002", "last backup or archive job failed")),
    ("autovac_freeze", &[], "OK", Fine("DB-014", "")),
    ("backends", &["--warning=70%", "--critical=99%"], "WARNING", Found("DB-007", "of its connections")),
    ("bloat", &["--warning=5M", "--critical=9G"], "WARNING", Found("DB-013", "`public.orders` are dead rows")),
    (
        "checkpoint",
        &[],
        "",
        Explained("reads the data folder; how often checkpoints are forced is a fact beside DB-012"),
    ),
    ("cluster_id", &[], "", Explained(DRIFT)),
    (
        "commitratio",
        &["--warning=50%", "--critical=10%"],
        "OK",
        Explained("no rule: rollbacks are the application's errors"),
    ),
    ("connection", &[], "OK", Explained("that the server answers is what collecting shows")),
    ("custom_query", &[], "", Explained("whatever the user asks")),
    ("database_size", &["--warning=1", "--critical=9 TB"], "WARNING", Explained(A_NUMBER)),
    ("dbstats", &[], "", Explained("prints counters")),
    ("disabled_triggers", &[], "OK", Explained("no rule: a trigger that is off is no load")),
    ("disk_space", &[], "", Explained("asks the machine; CAP-007 judges it from the account that measures the disk")),
    ("fsm_pages", &[], "", Explained("PostgreSQL 8.3 and older")),
    ("fsm_relations", &[], "", Explained("PostgreSQL 8.3 and older")),
    ("hitratio", &["--warning=90%", "--critical=50%"], "OK", Fine("DB-012", "")),
    ("hot_standby_delay", &[], "CRITICAL", Found("DB-011", "a failover would lose it")),
    ("index_size", &["--warning=100M", "--critical=9 TB"], "WARNING", Found("DB-019", "never used: `never`")),
    ("indexes_size", &["--warning=100M", "--critical=9 TB"], "WARNING", Found("DB-019", "never used: `never`")),
    ("last_analyze", &["--warning=1h", "--critical=1d"], "OK", Fine("DB-013", "since it was analyzed")),
    ("last_autoanalyze", &["--include=public.orders"], "UNKNOWN", Found("DB-013", "`public.orders`")),
    ("last_autovacuum", &["--include=public.orders"], "UNKNOWN", Found("DB-013", "`public.orders`")),
    ("last_vacuum", &["--include=public.orders"], "UNKNOWN", Found("DB-013", "`public.orders`")),
    ("listener", &[], "", Explained("LISTEN is no load")),
    // It counts locks of tables; who waits for a row waits for another transaction.
    ("locks", &["--warning=total=999", "--critical=waiting=1"], "OK", Found("DB-015", "for a lock")),
    ("logfile", &[], "", Explained("writes into the server's log to see it arrive: Loadline changes nothing")),
    ("new_version_bc", &[], "", Explained(NETWORK)),
    ("new_version_box", &[], "", Explained(NETWORK)),
    ("new_version_cp", &[], "", Explained(NETWORK)),
    ("new_version_pg", &[], "", Explained(NETWORK)),
    ("new_version_tnm", &[], "", Explained(NETWORK)),
    ("pgagent_jobs", &[], "", Explained(ANOTHER_PRODUCT)),
    ("pgb_pool_cl_active", &[], "", Explained("compared on a real PgBouncer, pgbouncer/tests.rs")),
    ("pgb_pool_cl_waiting", &[], "", Explained("compared on a real PgBouncer, pgbouncer/tests.rs")),
    ("pgb_pool_maxwait", &[], "", Explained("compared on a real PgBouncer, pgbouncer/tests.rs")),
    ("pgb_pool_sv_active", &[], "", Explained("a number of the pool; DB-008 judges who waits")),
    ("pgb_pool_sv_idle", &[], "", Explained("a number of the pool; DB-008 judges who waits")),
    ("pgb_pool_sv_login", &[], "", Explained("a number of the pool; DB-008 judges who waits")),
    ("pgb_pool_sv_tested", &[], "", Explained("a number of the pool; DB-008 judges who waits")),
    ("pgb_pool_sv_used", &[], "", Explained("a number of the pool; DB-008 judges who waits")),
    ("pgbouncer_backends", &[], "", Explained("compared on a real PgBouncer, pgbouncer/tests.rs")),
    ("pgbouncer_checksum", &[], "", Explained(DRIFT)),
    ("prepared_txns", &["--warning=30", "--critical=9999"], "WARNING", Found("DB-017", "was open for")),
    ("query_runtime", &[], "", Explained("runs a query of the user's: Loadline runs none")),
    ("query_time", &["--warning=30 s", "--critical=1 h"], "WARNING", Found("DB-015", "for a lock")),
    ("relation_size", &["--warning=1", "--critical=9 TB"], "WARNING", Explained(A_NUMBER)),
    (
        "replicate_row",
        &[],
        "",
        Explained("updates a row to see it arrive: Loadline changes nothing; DB-011 judges the lag"),
    ),
    ("replication_slots", &["--warning=1M", "--critical=9 TB"], "WARNING", Found("DB-018", "`abandoned`")),
    ("same_schema", &[], "", Explained(DRIFT)),
    ("sequence", &[], "CRITICAL", Found("CAP-009", "`public.small.id`")),
    ("settings_checksum", &[], "", Explained(DRIFT)),
    ("slony_status", &[], "", Explained(ANOTHER_PRODUCT)),
    ("table_size", &["--warning=1", "--critical=9 TB"], "WARNING", Explained(A_NUMBER)),
    ("timesync", &[], "OK", Explained("clocks of two machines; Loadline counts by the server's")),
    ("total_relation_size", &["--warning=1", "--critical=9 TB"], "WARNING", Explained(A_NUMBER)),
    ("txn_idle", &["--warning=30 s", "--critical=1 h"], "WARNING", Found("DB-017", "was open for")),
    ("txn_time", &["--warning=30 s", "--critical=1 h"], "WARNING", Found("DB-017", "was open for")),
    ("txn_wraparound", &[], "OK", Fine("DB-014", "")),
    ("version", &[], "", Explained("compares with a version that the user names; DB-021 knows the end of life")),
    ("wal_files", &["--warning=1", "--critical=999"], "WARNING", Found("DB-018", "`abandoned`")),
];

fn check_postgres(ailing: &Ailing, action: &str, more: &[&str]) -> String {
    let (mut hosts, mut ports) = (ailing.server.socket(), ailing.server.port.to_string());
    if action == "hot_standby_delay" {
        hosts = format!("{hosts},{}", ailing.standby.socket());
        ports = format!("{ports},{}", ailing.standby.port);
    }
    let mut command = Command::new("check_postgres");
    command.args([format!("--action={action}"), format!("--host={hosts}"), format!("--port={ports}")]);
    command.args(["--dbuser=postgres", "--dbname=shop"]).args(more);
    if action == "hot_standby_delay" {
        command.args(["--warning=1", "--critical=2"]);
    }
    let output = command.output().expect("check_postgres is installed");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let word = ["OK", "WARNING", "CRITICAL", "UNKNOWN"].into_iter().nth(output.status.code().unwrap_or(9) as usize);
    format!("{} {text}{}", word.unwrap_or_default(), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test]
async fn what_check_postgres_reports_is_found_or_explained() {
    let ailing = ailing().await;
    let (scopes, cluster) = ailing.read().await;
    let found = findings(&assessed(&scopes, user_of(&cluster, &scopes)));
    let says = |rule: &str, words: &str| found.iter().any(|f| f.starts_with(rule) && f.contains(words));
    let mut wrong = Vec::new();
    for (action, more, expected, ours) in ACTIONS {
        if !expected.is_empty() {
            let said = check_postgres(&ailing, action, more);
            if !said.starts_with(expected) {
                wrong.push(format!("{action} does not say {expected}: {said}"));
            }
        }
        match ours {
            Found(rule, words) if !says(rule, words) => wrong.push(format!("{action}: {rule} does not say `{words}`")),
            Fine(rule, words) if says(rule, words) => wrong.push(format!("{action}: {rule} is not content")),
            Explained(why) if why.len() < 10 => wrong.push(format!("{action} is not explained")),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}\n\n{}", wrong.join("\n"), found.join("\n"));
    let help = run_tool(Command::new("check_postgres").arg("--help")).expect("check_postgres is installed");
    let listed = help.lines().skip_while(|l| !l.starts_with("Actions:"));
    let mut known: Vec<&str> =
        listed.filter_map(|l| l.strip_prefix(' ')?.split_once(" - ")).map(|(a, _)| a.trim()).collect();
    known.sort_unstable();
    assert_eq!(known, ACTIONS.iter().map(|(action, ..)| *action).collect::<Vec<_>>(), "a new action needs its row");
}

/// The words of a statement without values and signs, so that two normalised forms can be compared.
fn words(text: &str) -> String {
    let lexed = lex(text);
    let word = |t: &(bool, Token)| match &t.1 {
        Token::Word(word) => Some(word.clone()),
        _ => None,
    };
    lexed.tokens.iter().filter_map(word).collect::<Vec<_>>().join(" ")
}

fn statements(scopes: &[Scope], cluster: &SubjectId) -> Vec<QueryStat> {
    let of = |f: &Fact| match &f.body {
        loadline_model::Body::QueryStat(stat) if f.subject == *cluster => Some(stat.clone()),
        _ => None,
    };
    scopes.iter().flat_map(|s| s.facts.iter().filter_map(of)).collect()
}

#[tokio::test]
async fn the_statements_of_the_log_and_of_the_view_are_those_we_rank() {
    let ailing = ailing().await;
    let (scopes, cluster) = ailing.read().await;
    let found = findings(&assessed(&scopes, user_of(&cluster, &scopes)));
    let ours = statements(&scopes, &cluster);
    let known: Vec<String> = ours.iter().map(|q| words(&q.text)).collect();

    let log = format!("{}/log", ailing.server.socket());
    let mut pgbadger = Command::new("pgbadger");
    pgbadger.args(["-q", "-x", "json", "-o", "-", "--prefix", "%m [%p] %q%u@%d ", &log]);
    let report = run_tool(&mut pgbadger).expect("pgbadger is installed");
    let report: serde_json::Value = serde_json::from_str(&report).expect("json");
    let shapes = report["normalyzed_info"]["postgres"].as_object().expect("statements").clone();
    let applications: Vec<&String> =
        shapes.iter().filter(|(_, s)| s["users"]["app"].is_object()).map(|(text, _)| text).collect();
    assert!(applications.len() >= 2, "{:?}", shapes.keys().collect::<Vec<_>>());
    for text in applications {
        assert!(known.contains(&words(text)), "pgbadger ranks `{text}`, and we do not: {known:?}");
    }
    let spills = report["top_tempfile_info"]["postgres"].to_string();
    assert!(spills.contains("GROUP BY note"), "{spills}");
    assert!(found.iter().any(|f| f.starts_with("DB-020") && f.contains("group by note")), "{}", found.join("\n"));
    let errors: Vec<String> =
        report["error_info"]["postgres"].as_object().map(|e| e.keys().cloned().collect()).unwrap_or_default();
    // What else it lists: starting up, the index that was broken on purpose, and what another test made the server refuse.
    assert!(errors.iter().any(|e| e.contains("still waiting for ShareLock")), "{errors:?}");
    assert!(found.iter().any(|f| f.starts_with("DB-015")), "{}", found.join("\n"));

    for order in ["total_exec_time", "calls", "rows", "temp_blks_written"] {
        let top = format!(
            "SELECT query FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid WHERE r.rolname = 'app'
             ORDER BY {order} DESC LIMIT 5"
        );
        let one_line = format!("SELECT regexp_replace(query, '\\s+', ' ', 'g') FROM ({top}) t");
        let top = ailing.server.sql("shop", &one_line).expect("the view");
        for text in top.lines() {
            assert!(known.contains(&words(text)), "the view ranks `{text}` by {order}, and we do not: {known:?}");
        }
    }
}
