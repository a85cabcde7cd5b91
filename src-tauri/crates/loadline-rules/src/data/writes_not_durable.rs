//! Acknowledged writes are not durable.

use super::judged_with_primary;
use crate::escalation::in_its_environment;
use crate::evaluate::Reading;
use crate::{Applies, Context, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "DATA-008",
    title: "Acknowledged writes are not durable",
    question: "Can a write be confirmed to a user and still vanish on failover?",
    why: "Users act on what was confirmed: an order that vanished after its receipt is worse than an order that failed. Engines \
          offer faster settings that give this up (PG, MY, MDB, KFK).",
    condition: "commits are not flushed, torn pages are not prevented, commits do not wait, or the default write concern is less \
                than the majority",
    fix: &[
        "back to the safe defaults",
        "majority write concern, or acks=all with min.insync.replicas 2",
        "measure write latency before and after",
    ],
    effort_days: [0.5, 2.0],
    effort_source: "HD",
    weight: 3,
    severity: "critical when commits are not flushed (fsync off), high for T0, medium otherwise; one lower outside production",
    escalation: Escalation::None,
    data_safety: true,
    applies: Applies::To(&[Kind::Database, Kind::Queue]),
    numbers: &[],
    sources: &[
        ("postgres", "SHOW fsync; SHOW synchronous_commit; SHOW full_page_writes"),
        ("mysql", "innodb_flush_log_at_trx_commit, sync_binlog, rpl_semi_sync_source_enabled"),
        ("mongodb", "getDefaultRWConcern -> defaultWriteConcern.w, j"),
        ("kafka", "producer acks in the repository, topic min.insync.replicas (acks=all is the default since 3.0)"),
        ("rabbitmq", "durable queue, persistent publish, publisher confirms"),
    ],
    proof_metric: "stores_protected_share",
    proof: "no confirmed write is lost in a failover drill; write latency is charted beside it",
    false_positives: "Replicas for analysis; synchronous_commit = off for single transactions of telemetry.",
    unknown_when: "the clients' settings are not visible (Kafka, MongoDB)",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    if let Some(result) = judged_with_primary(subject, &mut seen) {
        return result;
    }
    let flushed = seen.flag("commits are flushed (fsync)", key::FSYNC);
    let whole_pages = seen.flag("torn pages are prevented (full_page_writes)", key::FULL_PAGE_WRITES);
    let waits = seen.text("commits wait (synchronous_commit)", key::SYNCHRONOUS_COMMIT).map(|s| s != "off");
    let concern = seen.text("default write concern", key::WRITE_CONCERN).map(|w| (w, matches!(w, "majority" | "all")));
    let fault = if is_mysql(subject) { mysql_fault(subject, flushed, whole_pages, waits) } else { None }
        .or_else(|| fault(subject, flushed, whole_pages, waits, concern));
    if let Some((severity, fault, remedy)) = fault {
        let severity = in_its_environment(severity, subject);
        return CheckResult::fail(severity, format!("`{name}`: {fault}."), seen.rows).with_remedy(remedy);
    }
    let all_said = flushed.is_some() && whole_pages.is_some() && waits.is_some();
    // An engine with a write concern has a journal besides, and neither torn pages nor commits that wait.
    let partly_said = whole_pages.is_some() || waits.is_some();
    if all_said || concern.is_some() && !partly_said {
        return CheckResult::pass(format!("What `{name}` confirms is kept."), seen.rows);
    }
    CheckResult::unknown(
        GapReason::NotConnected,
        format!("whether `{name}` keeps what it confirms is not known"),
        "Connect the engine itself (PostgreSQL: pg_read_all_settings; MySQL: any user; MongoDB: clusterMonitor); for Kafka, the producers' repository.",
    )
    .with_evidence(seen.rows)
}

fn is_mysql(subject: &Subject<'_>) -> bool {
    ["mysql", "maria"].iter().any(|name| subject.engine().contains(name))
}

/// The same of MySQL and MariaDB, in their words.
fn mysql_fault(
    subject: &Subject<'_>,
    flushed: Option<bool>,
    whole_pages: Option<bool>,
    waits: Option<bool>,
) -> Option<(Severity, String, String)> {
    let in_tier = if subject.is_t0() { Severity::High } else { Severity::Medium };
    let persist = if subject.engine().contains("maria") { "SET GLOBAL" } else { "SET PERSIST" };
    let (severity, fault, remedy) = match (flushed, whole_pages, waits) {
        (Some(false), ..) => {
            let fault = "1 crash can corrupt it: nothing is flushed to disk (innodb_flush_method is nosync)";
            (
                Severity::Critical,
                fault,
                "Set innodb_flush_method = O_DIRECT in the configuration file and restart.".to_owned(),
            )
        }
        (_, Some(false), _) => {
            let fault = "1 crash can tear pages that were confirmed (innodb_doublewrite is off)";
            (in_tier, fault, "Set innodb_doublewrite = ON in the configuration file and restart.".to_owned())
        }
        (_, _, Some(false)) => {
            let fault =
                "0 confirmed writes are sure to be on disk (innodb_flush_log_at_trx_commit or sync_binlog is not 1)";
            (in_tier, fault, format!("{persist} innodb_flush_log_at_trx_commit = 1; {persist} sync_binlog = 1;"))
        }
        _ => return None,
    };
    Some((severity, fault.to_owned(), remedy))
}

/// The worst setting: severity, consequence, remedy.
fn fault(
    subject: &Subject<'_>,
    flushed: Option<bool>,
    whole_pages: Option<bool>,
    waits: Option<bool>,
    concern: Option<(&str, bool)>,
) -> Option<(Severity, String, String)> {
    let in_tier = if subject.is_t0() { Severity::High } else { Severity::Medium };
    let on = |setting: &str| format!("ALTER SYSTEM SET {setting} = on; SELECT pg_reload_conf();");
    if flushed == Some(false) {
        if subject.engine() == "mongodb" {
            let fault = "1 crash can lose what it confirmed: the journal is off";
            let remedy = "Remove storage.journal.enabled: false from the server's configuration and restart it.";
            return Some((Severity::Critical, fault.to_owned(), remedy.to_owned()));
        }
        let fault = "1 crash can corrupt it: commits are not flushed to disk (fsync is off)";
        return Some((Severity::Critical, fault.to_owned(), on("fsync")));
    }
    if whole_pages == Some(false) {
        let fault = "1 crash can tear pages that were confirmed (full_page_writes is off)";
        return Some((in_tier, fault.to_owned(), on("full_page_writes")));
    }
    if waits == Some(false) {
        let fault = "0 confirmed writes are sure to be on disk (synchronous_commit is off)";
        return Some((in_tier, fault.to_owned(), on("synchronous_commit")));
    }
    let (weak, _) = concern.filter(|(_, safe)| !safe)?;
    let fault = format!("w: {weak} is the default write concern, so a failover loses what the majority had not yet");
    let remedy = match subject.engine() {
        "mongodb" => "db.adminCommand({ setDefaultRWConcern: 1, defaultWriteConcern: { w: \"majority\" } })",
        _ => "Set the default write concern to majority (Kafka: acks=all with min.insync.replicas 2).",
    };
    Some((in_tier, fault, remedy.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{Environment, Kind, Resource, Tier, Value, key};

    #[test]
    fn cases() {
        let db = || Case::new().thing("db", Kind::Database);
        let text = |case: Case, key: &str, value: &str| case.set("db", key, Value::Text(value.into()));
        let pg = |fsync, pages, commit: &str| {
            let case = db().flag("db", key::FSYNC, fsync).flag("db", key::FULL_PAGE_WRITES, pages);
            text(case, key::SYNCHRONOUS_COMMIT, commit)
        };
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
        check(db(), "unknown not_connected");
        check(db().flag("db", key::FSYNC, true), "unknown not_connected");
        check(pg(true, true, "on"), "pass");
        check(pg(true, true, "remote_apply"), "pass");
        check(pg(false, true, "on"), "fail critical");
        check(pg(true, false, "on"), "fail high");
        check(pg(true, false, "on").tier("db", Tier::T1), "fail medium");
        check(pg(true, true, "off"), "fail high");
        check(text(db(), key::WRITE_CONCERN, "majority"), "pass");
        check(text(db(), key::WRITE_CONCERN, "1"), "fail high");
        check(text(db(), key::WRITE_CONCERN, "0").tier("db", Tier::T1), "fail medium");
        let journal = |on| text(db().flag("db", key::FSYNC, on), key::WRITE_CONCERN, "majority");
        check(journal(true), "pass");
        check(journal(false), "fail critical");
        let staging = Resource { environment: Some(Environment::Staging), ..Resource::new(Kind::Database, "db") };
        check(pg(false, true, "on").has("db", staging), "fail high");
        check(pg(false, true, "on").flag("db", key::IS_STANDBY, true), "not_applicable");
        let mysql = || Resource { engine: Some("mysql".into()), ..Resource::new(Kind::Database, "db") };
        check(pg(true, true, "on").has("db", mysql()), "pass");
        check(pg(true, true, "off").has("db", mysql()), "fail high");
        check(pg(true, false, "on").has("db", mysql()), "fail high");
        check(pg(false, true, "on").has("db", mysql()), "fail critical");
    }
}
