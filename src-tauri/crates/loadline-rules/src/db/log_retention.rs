//! Log retention hazard: inactive slot or short oplog.

use super::reading::Engine;
use super::remedies::longer_log;
use super::wording::{bytes, duration};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Limited, Relation, Severity, key};
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule {
    id: "DB-018",
    title: "Log retention hazard: inactive slot or short oplog",
    question: "Can a dead replica fill the disk, or a short outage force a full resync?",
    why: "A replication slot keeps every log segment its consumer has not read: a forgotten one fills the disk and stops all \
          writes. An oplog that is too short turns an outage of a member into a full copy.",
    condition: "An inactive slot retains more than 10 % of the free disk, or may retain without limit, or a slot is about to \
                lose or has lost its log; or the operation log covers less than 24 h",
    fix: &["drop the slot or repair its consumer", "set max_slot_wal_keep_size", "enlarge the oplog"],
    effort_days: [0.25, 1.0],
    effort_source: "HD",
    weight: 2,
    severity: "critical when the disk is forecast full within 24 h; high within 7 days; medium otherwise",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Database]),
    numbers: &[
        Number { key: "free_share", value: 0.10, unit: "ratio", source: "HD" },
        Number { key: "oplog_hours", value: 24.0, unit: "h", source: "HD" },
        Number { key: "critical_days", value: 1.0, unit: "d", source: "HD" },
        Number { key: "high_days", value: 7.0, unit: "d", source: "HD" },
    ],
    sources: &[
        (
            "postgres",
            "pg_replication_slots -> active, restart_lsn, wal_status, safe_wal_size; pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn); max_slot_wal_keep_size",
        ),
        ("aws", "AWS/RDS ReplicationSlotDiskUsage, OldestReplicationSlotLag, TransactionLogsDiskUsage"),
        ("mongodb", "rs.printReplicationInfo(): first and last oplog entry; Atlas oplog measurements"),
        ("mysql", "SHOW BINARY LOGS; binlog_expire_logs_seconds"),
    ],
    proof_metric: "retained_log_bytes",
    proof: "retained log bytes fall; hours of oplog rise",
    false_positives: "A consumer in announced maintenance.",
    unknown_when: "the slots may not be read",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    match Engine::of(subject.engine()) {
        Engine::Mongodb => oplog(subject, context),
        Engine::Mysql => binary_log(subject, context),
        _ => slots(subject, context),
    }
}

fn oplog(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let Some((hours, from)) = context.facts.number(&subject.id, key::OPLOG_WINDOW_HOURS) else {
        let detail = format!("the oplog window of `{}` could not be read", subject.name());
        return CheckResult::unknown(
            GapReason::PermissionDenied,
            detail,
            "Give the reading user read on the local database (clusterMonitor).",
        );
    };
    let evidence = vec![Evidence::read("oplog window", duration(hours * 3_600.0), from)];
    let said = format!("The oplog of `{}` covers {}", subject.name(), duration(hours * 3_600.0));
    if hours < subject.number("oplog_hours") {
        let sentence = format!("{said}: a member that is away longer needs a full copy.");
        return CheckResult::fail(Severity::Medium, sentence, evidence)
            .with_remedy("db.adminCommand({ replSetResizeOplog: 1, minRetentionHours: 48 })");
    }
    CheckResult::pass(format!("{said}."), evidence)
}

fn binary_log(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let facts = context.facts;
    let copied = facts.edges_from(&subject.id).any(|e| matches!(e.edge.relation, Relation::ReplicatedTo { .. }));
    let short = facts.number(&subject.id, key::OPLOG_WINDOW_HOURS).filter(|(h, _)| *h < subject.number("oplog_hours"));
    let Some((hours, from)) = short.filter(|_| copied) else {
        return CheckResult::not_applicable(format!(
            "{} drops binary logs by age, whether a replica has read them or not.",
            subject.engine()
        ));
    };
    let kept = duration(hours * 3_600.0);
    let evidence = vec![Evidence::read("binary log", kept.clone(), from)];
    let sentence = format!(
        "The binary log of `{}` covers {kept}: a replica that is away longer needs a full copy.",
        subject.name()
    );
    CheckResult::fail(Severity::Medium, sentence, evidence).with_remedy(longer_log(subject.engine()))
}

fn slots(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let facts = context.facts;
    let items = [key::SLOT_ACTIVE, key::SLOT_RETAINED_BYTES, key::SLOT_WAL_STATUS];
    let names: BTreeSet<&str> =
        items.iter().flat_map(|k| facts.settings(&subject.id, k)).filter_map(|(s, _)| s.item.as_deref()).collect();
    let keep = facts.number(&subject.id, key::SLOT_KEEP_LIMIT_BYTES);
    let mut evidence: Vec<Evidence> = keep
        .map(|(n, p)| Evidence::read("most a slot may keep", if n < 0.0 { "no limit".to_owned() } else { bytes(n) }, p))
        .into_iter()
        .collect();
    // The limit is read together with the slots: without it the absence of slots is not known.
    let Some((limit, _)) = keep else {
        let detail = format!("the replication slots of `{}` could not be read", subject.name());
        return CheckResult::unknown(
            GapReason::PermissionDenied,
            detail,
            "Connect the database itself with a role in pg_monitor.",
        );
    };
    let disk = context.capacity.utilisation.iter().find(|u| u.subject.id == subject.id && u.limited == Limited::Disk);
    let free = disk.and_then(|u| u.hard_limit.map(|size| size * (1.0 - u.now.p50).max(0.0)));
    let (mut bad, mut unclear) = (Vec::new(), Vec::new());
    for name in names {
        let item = |key: &str| facts.settings(&subject.id, key).find(|(s, _)| s.item.as_deref() == Some(name));
        let active = item(key::SLOT_ACTIVE).and_then(|(s, p)| s.value.as_bool().map(|v| (v, p)));
        let retained = item(key::SLOT_RETAINED_BYTES).and_then(|(s, p)| s.value.as_number().map(|v| (v, p)));
        let status = item(key::SLOT_WAL_STATUS).and_then(|(s, p)| s.value.as_text().map(|v| (v, p)));
        evidence.extend(
            active.map(|(on, p)| Evidence::read(format!("slot {name}"), if on { "in use" } else { "not in use" }, p)),
        );
        evidence.extend(retained.map(|(n, p)| Evidence::read(format!("log kept for {name}"), bytes(n), p)));
        evidence.extend(status.map(|(s, p)| Evidence::read(format!("log status of {name}"), s, p)));
        let kept = retained.map_or_else(String::new, |(n, _)| format!(", {} kept", bytes(n)));
        match (active, status) {
            (_, Some((s @ ("unreserved" | "lost"), _))) => {
                bad.push((name, format!("its log is {s}: the replica must be copied again")))
            }
            (Some((false, _)), _) if limit < 0.0 => {
                bad.push((name, format!("nobody reads it and it may fill the disk{kept}")))
            }
            (Some((false, _)), _) => match retained.zip(free) {
                Some(((n, _), free)) if n > subject.number("free_share") * free => {
                    bad.push((name, format!("nobody reads it{kept} of {} free", bytes(free))))
                }
                Some(_) => {}
                None => unclear.push(name),
            },
            (Some((true, _)), _) => {}
            (None, _) => unclear.push(name),
        }
    }
    verdict(subject, context, bad.first(), unclear.first().copied(), evidence)
}

fn verdict(
    subject: &Subject<'_>,
    context: &Context<'_>,
    bad: Option<&(&str, String)>,
    unclear: Option<&str>,
    evidence: Vec<Evidence>,
) -> CheckResult {
    if let Some((name, why)) = bad {
        let sentence = format!("Replication slot `{name}` of `{}`: {why}.", subject.name());
        let remedy = format!(
            "SELECT pg_drop_replication_slot('{}'); ALTER SYSTEM SET max_slot_wal_keep_size = '10GB';",
            name.replace('\'', "''")
        );
        return CheckResult::fail(urgency(subject, context), sentence, evidence).with_remedy(remedy);
    }
    if let Some(name) = unclear {
        let detail = format!(
            "whether slot `{name}` threatens the disk of `{}` is not known: its state or the free disk is missing",
            subject.name()
        );
        return CheckResult::unknown(
            GapReason::NotConnected,
            detail,
            "Connect what measures the disk: CloudWatch FreeStorageSpace, or node_exporter.",
        )
        .with_evidence(evidence);
    }
    CheckResult::pass(format!("No replication slot of `{}` is left behind.", subject.name()), evidence)
}

fn urgency(subject: &Subject<'_>, context: &Context<'_>) -> Severity {
    let full = context
        .capacity
        .limits
        .iter()
        .filter(|l| l.subject.id == subject.id && l.resource == Limited::Disk && l.scenario == "measured")
        .filter_map(|l| l.days.map(|d| d.p10))
        .min_by(f64::total_cmp);
    match full {
        Some(days) if days < subject.number("critical_days") => Severity::Critical,
        Some(days) if days < subject.number("high_days") => Severity::High,
        _ => Severity::Medium,
    }
}

#[cfg(test)]
#[path = "log_retention_tests.rs"]
mod tests;
