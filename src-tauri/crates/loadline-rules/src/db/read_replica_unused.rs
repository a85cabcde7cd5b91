//! Read-heavy workload without a used read replica.

use super::reading::{DAY_HOURS, no_statements, short_window, statements};
use super::wording::percent;
use crate::cap::headroom::measured_by;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Limited, Severity, Verb, key};

pub(super) const RULE: Rule = Rule {
    id: "DB-010",
    title: "Read-heavy workload without a used read replica",
    question: "Could reads leave the primary?",
    why: "Writes can only go to one place; reads need not. Moving them halved the primary's load at once (S2) and all reads to \
          one replica was among the quick wins of S4.",
    condition: "Reads take 80 % or more of database time, the primary's CPU is above 50 % at peak, and no replica serves reads",
    fix: &[
        "add a replica",
        "route reads that are outside of transactions to it",
        "decide per flow who must read their own writes",
        "watch its lag (DB-011)",
    ],
    effort_days: [2.0, 5.0],
    effort_source: "S2: part of 2-3 weeks; S4: inside 15-20 days",
    weight: 3,
    severity: "high when the primary's CPU is above 70 % at peak; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Database]),
    numbers: &[
        Number { key: "read_share", value: 0.80, unit: "ratio", source: "HD" },
        Number { key: "cpu", value: 0.50, unit: "ratio", source: "HD" },
        Number { key: "high_cpu", value: 0.70, unit: "ratio", source: "HD" },
        Number { key: "cpu_days", value: 7.0, unit: "d", source: "HD" },
        Number { key: "window_hours", value: DAY_HOURS, unit: "h", source: "HD" },
    ],
    sources: &[
        (
            "postgres",
            "pg_stat_statements by verb; pg_stat_database tup_returned, tup_fetched against tup_inserted + tup_updated + tup_deleted; pg_stat_replication; xact_commit on the replica",
        ),
        ("mysql", "Com_select against Com_insert + Com_update + Com_delete; digests by verb"),
        ("mongodb", "opcounters.query against insert, update, delete; readPreference of the driver"),
        (
            "aws",
            "rds:DescribeDBInstances -> ReadReplicaDBInstanceIdentifiers; DBClusterMembers; CPUUtilization, DatabaseConnections, ReadIOPS per instance",
        ),
        ("gcp", "sqladmin instances.get -> replicaNames; cloudsql.googleapis.com/database/cpu/utilization"),
    ],
    proof_metric: "primary_read_share",
    proof: "the primary's CPU at p95 falls while the share of reads on replicas rises",
    false_positives: "A cache that already answers most reads: fix that first. A standby for failover only cannot serve reads.",
    unknown_when: "the verbs of statements are not visible",
    prerequisites: &["DB-003", "DB-004"],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let facts = context.facts;
    if let Some((true, _)) = facts.flag(&subject.id, key::IS_STANDBY) {
        return CheckResult::not_applicable(format!("`{}` is itself a replica.", subject.name()));
    }
    let replica = facts.flag(&subject.id, key::READ_REPLICA_USED);
    let mut evidence: Vec<Evidence> = replica
        .map(|(used, p)| Evidence::read("a replica serves reads", if used { "yes" } else { "no" }, p))
        .into_iter()
        .collect();
    if let Some((true, _)) = replica {
        return CheckResult::pass(format!("A replica of `{}` serves reads.", subject.name()), evidence);
    }
    let counted = statements(&subject.id, context);
    if counted.all.is_empty() {
        return no_statements(subject).with_evidence(evidence);
    }
    evidence.extend(counted.evidence());
    let need = subject.number("window_hours");
    if !counted.cover_a_day(need) {
        return short_window("the statement statistics", counted.hours, need, evidence);
    }
    let reading: f64 = counted.all.iter().filter(|s| s.stat.verb == Verb::Read).map(|s| s.stat.total_ms).sum();
    let share = if counted.total_ms > 0.0 { reading / counted.total_ms } else { 0.0 };
    evidence.push(Evidence::derived("reads, share of database time", percent(share)));
    if share < subject.number("read_share") {
        return CheckResult::pass(
            format!("Reads take {} of the time of `{}`: a replica would move little.", percent(share), subject.name()),
            evidence,
        );
    }
    judge_primary(subject, context, share, replica.is_some(), evidence)
}

/// Reads dominate: whether that is a problem depends on how busy the primary is.
fn judge_primary(
    subject: &Subject<'_>,
    context: &Context<'_>,
    share: f64,
    replica_known: bool,
    mut evidence: Vec<Evidence>,
) -> CheckResult {
    let cpu = context.capacity.utilisation.iter().find(|u| u.subject.id == subject.id && u.limited == Limited::Cpu);
    let Some(cpu) = cpu else {
        let detail = format!("the CPU of `{}` is not measured", subject.name());
        return CheckResult::unknown(
            GapReason::NotConnected,
            detail,
            "Connect what measures the host: CloudWatch CPUUtilization, Cloud SQL cpu/utilization, or node_exporter.",
        )
        .with_evidence(evidence);
    };
    evidence.extend(measured_by(cpu, context));
    let used = cpu.now.p50;
    if used <= subject.number("cpu") {
        let need = subject.number("cpu_days");
        if cpu.days < need {
            return short_window(
                "the CPU samples of the primary",
                Some(cpu.days * DAY_HOURS),
                need * DAY_HOURS,
                evidence,
            );
        }
        return CheckResult::pass(
            format!(
                "The primary of `{}` is at {} CPU at peak: reads need not leave it yet.",
                subject.name(),
                percent(used)
            ),
            evidence,
        );
    }
    if !replica_known {
        let detail = format!("whether a replica of `{}` serves reads is not known", subject.name());
        return CheckResult::unknown(
            GapReason::NotConnected,
            detail,
            "Connect the account that lists replicas, or the replica itself.",
        )
        .with_evidence(evidence);
    }
    let severity = if used > subject.number("high_cpu") { Severity::High } else { Severity::Medium };
    let sentence = format!(
        "{} of the time of `{}` is reading, its CPU is at {} at peak, and no replica takes any of it.",
        percent(share),
        subject.name(),
        percent(used)
    );
    CheckResult::fail(severity, sentence, evidence)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::db::reading::cases::{database, statement};
    use crate::testing::Case;
    use loadline_model::{Limited, Tier, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
        let load = |reads: f64, hours: f64| {
            database("mysql", Tier::T0)
                .has("db", statement("SELECT a", reads, 1.0, 1.0, hours))
                .has("db", statement("UPDATE a", 100.0 - reads, 1.0, 1.0, hours))
        };
        let alone = |reads, cpu, days| {
            load(reads, 48.0).flag("db", key::READ_REPLICA_USED, false).used("db", Limited::Cpu, cpu, days)
        };
        check(database("mysql", Tier::T0), "unknown feature_disabled");
        check(database("mysql", Tier::T0).flag("db", key::IS_STANDBY, true), "not_applicable");
        check(database("mysql", Tier::T0).flag("db", key::READ_REPLICA_USED, true), "pass");
        check(load(90.0, 2.0), "unknown short_window");
        check(load(70.0, 48.0), "pass");
        check(load(90.0, 48.0), "unknown not_connected");
        check(load(90.0, 48.0).used("db", Limited::Cpu, 0.6, 9.0), "unknown not_connected");
        check(alone(90.0, 0.4, 9.0), "pass");
        check(alone(90.0, 0.4, 1.0), "unknown short_window");
        check(alone(90.0, 0.6, 9.0), "fail medium");
        check(alone(90.0, 0.8, 9.0), "fail high");
    }
}
