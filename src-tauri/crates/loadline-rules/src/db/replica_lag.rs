//! Replica lag.

use super::reading::Engine;
use super::remedies::start_replica;
use super::wording::duration;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Relation, Severity, key, num};
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule {
    id: "DB-011",
    title: "Replica lag",
    question: "How stale are replica reads, and how much would a failover lose?",
    why: "Lag is what users see as vanished writes, and what is lost when the primary dies before the replica caught up.",
    condition: "Lag at p99 over 7 days is above 10 s on replicas that serve users, above 60 s on standbys, or replication has \
                stopped (an hour or more behind)",
    fix: &[
        "find the long transaction or the table without a primary key",
        "apply in parallel",
        "give the replica the primary's size",
        "send lag-sensitive reads to the primary",
    ],
    effort_days: [0.5, 3.0],
    effort_source: "HD",
    weight: 2,
    severity: "critical: stopped on the only standby; high above 60 s; medium above 10 s",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Database]),
    numbers: &[
        Number { key: "reads_s", value: 10.0, unit: "s", source: "HD" },
        Number { key: "standby_s", value: 60.0, unit: "s", source: "HD" },
        Number { key: "stopped_s", value: 3_600.0, unit: "s", source: "HD" },
        Number { key: "days", value: 7.0, unit: "d", source: "HD" },
    ],
    sources: &[
        (
            "postgres",
            "pg_stat_replication -> write_lag, flush_lag, replay_lag; on the replica now() - pg_last_xact_replay_timestamp()",
        ),
        ("prometheus", "pg_replication_lag_seconds; mongodb_mongod_replset_member_replication_lag"),
        (
            "mysql",
            "SHOW REPLICA STATUS -> Seconds_Behind_Source, Replica_SQL_Running, Replica_IO_Running (before 8.0.22 and on MariaDB: SHOW SLAVE STATUS, Seconds_Behind_Master)",
        ),
        ("mongodb", "replSetGetStatus members[].optimeDate difference"),
        ("aws", "AWS/RDS ReplicaLag, AuroraReplicaLag (ms)"),
        ("gcp", "cloudsql.googleapis.com/database/replication/replica_lag"),
    ],
    proof_metric: "replica_lag",
    proof: "replica lag at p99 falls",
    false_positives: "An idle primary makes time-based lag grow: equal log positions count as no lag.",
    unknown_when: "the replay timestamp is NULL",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let facts = context.facts;
    if let Some((true, _)) = facts.flag(&subject.id, key::IS_STANDBY) {
        return CheckResult::not_applicable(format!(
            "`{}` is a replica; its lag is judged at its primary.",
            subject.name()
        ));
    }
    let standbys = facts.number(&subject.id, key::STANDBY_MEMBERS);
    let replicated = facts.edges_from(&subject.id).any(|e| matches!(e.edge.relation, Relation::ReplicatedTo { .. }));
    let (lags, evidence) = lags_of(subject, context);
    if let Some(stopped) = stopped(subject, context, standbys.map(|(n, _)| n), &evidence) {
        return stopped;
    }
    let Some((name, (lag, _))) = lags.iter().max_by(|a, b| a.1.0.total_cmp(&b.1.0).then(b.0.cmp(a.0))) else {
        return no_lag(subject, standbys.map(|(n, _)| n), replicated);
    };
    let read = facts.flag(&subject.id, key::READ_REPLICA_USED).is_some_and(|(used, _)| used);
    let said = format!("{name} is {} behind `{}`", duration(*lag), subject.name());
    let only = lags.len() == 1 && standbys.is_none_or(|(n, _)| n <= 1.0);
    // A single reading is above its own 99th percentile once in a hundred: it convicts, it cannot acquit.
    let severity = if *lag >= subject.number("stopped_s") && only {
        Some((Severity::Critical, "replication has stopped on the only standby: a failover would lose all of it."))
    } else if *lag > subject.number("standby_s") {
        Some((Severity::High, "a failover would lose it, and reads there are that stale."))
    } else if *lag > subject.number("reads_s") && read {
        Some((Severity::Medium, "users read data that is that stale."))
    } else {
        None
    };
    if let Some((severity, consequence)) = severity {
        return CheckResult::fail(severity, format!("{said}; {consequence}"), evidence);
    }
    let need = subject.number("days");
    let shortest = lags.values().map(|(_, days)| *days).fold(f64::INFINITY, f64::min);
    // The last day of a week-long series is rarely complete.
    if shortest < need - 0.5 {
        let detail =
            format!("{said} at the moment of reading; a pass needs {need:.0} days of samples, there are {shortest:.1}");
        return CheckResult::unknown(
            GapReason::ShortWindow,
            detail,
            "Connect a Prometheus that scrapes the exporter of the database, or CloudWatch ReplicaLag.",
        )
        .with_evidence(evidence);
    }
    CheckResult::pass(format!("{said} at p99, at most."), evidence)
}

/// A standby that says itself that it takes no changes: its lag is not a number any more.
fn stopped(
    subject: &Subject<'_>,
    context: &Context<'_>,
    standbys: Option<f64>,
    seen: &[Evidence],
) -> Option<CheckResult> {
    let said: Vec<_> =
        context.facts.settings(&subject.id, key::REPLICATION_RUNNING).filter(|(s, _)| s.item.is_some()).collect();
    let (setting, from) = said.iter().find(|(s, _)| s.value.as_bool() == Some(false))?;
    let name = setting.item.clone().unwrap_or_default();
    let only = said.len() == 1 && standbys.is_none_or(|n| n <= 1.0);
    let severity = if only { Severity::Critical } else { Severity::High };
    let mut evidence = vec![Evidence::read(format!("{name} takes changes"), "no", from)];
    evidence.extend(seen.iter().cloned());
    let which = if only { "the only standby" } else { "a standby" };
    let sentence =
        format!("Replication has stopped on {name}, {which} of `{}`: a failover would lose all since.", subject.name());
    Some(CheckResult::fail(severity, sentence, evidence).with_remedy(start_replica(subject.engine())))
}

/// Seconds behind and days observed for each standby, and what that rests on.
fn lags_of(subject: &Subject<'_>, context: &Context<'_>) -> (BTreeMap<String, (f64, f64)>, Vec<Evidence>) {
    let facts = context.facts;
    let mut evidence = Vec::new();
    let mut lags: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    let mut over_time = 0_usize;
    for (setting, from) in facts.settings(&subject.id, key::REPLICA_LAG_SECONDS) {
        let name = setting.item.clone().unwrap_or_else(|| "replica".to_owned());
        if let Some(lag) = setting.value.as_number() {
            evidence.push(Evidence::read(format!("lag of {name}"), duration(lag), from));
            // Primary and standby may both speak of one standby: the worse word counts.
            let known = lags.entry(name).or_insert((lag, 0.0));
            known.0 = known.0.max(lag);
        }
    }
    for (series, from) in facts.series(&subject.id, key::metric::REPLICA_LAG) {
        let name = series.labels.get("standby").cloned().unwrap_or_else(|| "replica".to_owned());
        let week: Vec<_> =
            series.samples.iter().filter(|s| from.read_at.days_since(s.at) <= subject.number("days")).collect();
        let mut values: Vec<f64> = week.iter().map(|s| s.value).filter(|v| v.is_finite()).collect();
        values.sort_by(f64::total_cmp);
        if let (Some(p99), Some(first)) = (num::quantile_sorted(&values, 0.99), week.first()) {
            let days = series.covered_until.days_since(first.at);
            evidence.push(Evidence::read(format!("lag of {name}, p99 over {days:.1} days"), duration(p99), from));
            // One sample is a reading like any other; and a reading that is worse than what was usual still counts.
            over_time += usize::from(days > 0.0);
            let known = lags.entry(name).or_insert((p99, 0.0));
            *known = (known.0.max(p99), days.max(0.0));
        }
    }
    // Two sources may name one standby differently: where every standby has a series, calm single readings add nothing.
    if over_time > 0 && over_time >= lags.values().filter(|(_, days)| *days <= 0.0).count() {
        lags.retain(|_, (lag, days)| *days > 0.0 || *lag > subject.number("reads_s"));
    }
    (lags, evidence)
}

fn no_lag(subject: &Subject<'_>, standbys: Option<f64>, replicated: bool) -> CheckResult {
    if standbys == Some(0.0) && !replicated {
        return CheckResult::not_applicable(format!("`{}` has no replica.", subject.name()));
    }
    if Engine::of(subject.engine()) == Engine::Mysql {
        let detail = format!("the lag of the replicas of `{}` is only known to them", subject.name());
        return CheckResult::unknown(
            GapReason::NotConnected,
            detail,
            "Connect each replica as well (loadline connect mysql).",
        );
    }
    CheckResult::unknown(
        GapReason::PermissionDenied,
        format!("the lag of the replicas of `{}` could not be read", subject.name()),
        "Grant the reading role pg_monitor (pg_stat_replication), REPLICATION CLIENT (MySQL) or clusterMonitor (MongoDB).",
    )
}

#[cfg(test)]
#[path = "replica_lag_tests.rs"]
mod tests;
