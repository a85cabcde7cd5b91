//! No pooler, or clients wait for pooled connections.

use super::pooled::{mean_wait, pools_of};
use super::reading::{Engine, slow_dependent};
use super::wording::{count, duration};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{
    CheckResult, Escalation, Evidence, GapReason, Kind, Limited, PoolStat, Provenance, Severity, key,
};

pub(super) const RULE: Rule = Rule {
    id: "DB-008",
    title: "No pooler, or clients wait for pooled connections",
    question: "Do requests queue for a database connection?",
    why: "PostgreSQL pays a process for every connection, so many clients starve it long before the CPU is full; a pooler lets \
          few real connections serve many clients (S4: 3-5 times faster with replica and indexes).",
    condition: "With a pooler: clients wait, a wait lasts more than 1 s, or the mean wait is above 10 ms. Without one, on \
                PostgreSQL: more than 50 client connections or more than 10 new sessions a second",
    fix: &[
        "put PgBouncer or RDS Proxy in front, in transaction mode",
        "size the server pool with Erlang C, not by the number of clients",
        "end long transactions first (DB-017)",
        "check that prepared statements are supported (max_prepared_statements)",
    ],
    effort_days: [1.0, 3.0],
    effort_source: "S4: inside the 15-20 day quick wins",
    weight: 3,
    severity: "high when a dependent service is slower than 500 ms at p95 at the same time; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Database]),
    numbers: &[
        Number { key: "max_wait_s", value: 1.0, unit: "s", source: "HD" },
        Number { key: "mean_wait_ms", value: 10.0, unit: "ms", source: "HD" },
        Number { key: "connections", value: 50.0, unit: "count", source: "HD" },
        Number { key: "sessions_per_second", value: 10.0, unit: "1/s", source: "HD" },
    ],
    sources: &[
        (
            "pgbouncer",
            "SHOW POOLS -> cl_active, cl_waiting, sv_active, sv_idle, maxwait, maxwait_us, pool_mode; SHOW STATS -> avg_wait_time (us), avg_xact_time, avg_query_time; SHOW CONFIG -> default_pool_size, max_client_conn",
        ),
        (
            "prometheus",
            "pgbouncer_pools_client_waiting_connections, pgbouncer_pools_client_maxwait_seconds; hikaricp_connections_pending, db_client_connection_pending_requests, db.client.connection.wait_time",
        ),
        ("aws", "rds:DescribeDBProxies; AWS/RDS DatabaseConnectionsBorrowLatency"),
        ("postgres", "pg_stat_database.sessions over time; count of client backends in pg_stat_activity"),
    ],
    proof_metric: "connection_wait",
    proof: "connection wait at p95 and new sessions a second fall",
    false_positives: "Clients that need session mode: LISTEN, temporary tables, advisory locks.",
    unknown_when: "the pooler's console is not reachable and no exporter shows it",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let pools = pools_of(subject, context);
    let declared = context.facts.flag(&subject.id, key::POOLER_PRESENT);
    let mut evidence: Vec<Evidence> = declared
        .map(|(on, p)| Evidence::read("connection pooler", if on { "present" } else { "absent" }, p))
        .into_iter()
        .collect();
    match declared.map(|(on, _)| on).or((!pools.is_empty()).then_some(true)) {
        Some(true) => with_pooler(subject, context, &pools, evidence),
        Some(false) if Engine::of(subject.engine()) == Engine::Postgresql => without_pooler(subject, context, evidence),
        Some(false) if !subject.engine().is_empty() => CheckResult::not_applicable(format!(
            "{} serves connections without a process each; it needs no pooler.",
            subject.engine()
        )),
        None if Engine::of(subject.engine()) == Engine::Mysql => CheckResult::not_applicable(format!(
            "{} serves connections without a process each; it needs no pooler.",
            subject.engine()
        )),
        None if Engine::of(subject.engine()) == Engine::Mongodb => {
            CheckResult::not_applicable(format!("Drivers of `{}` pool their connections themselves.", subject.name()))
        }
        _ => {
            evidence.clear();
            CheckResult::unknown(
                GapReason::NotConnected,
                format!("whether a pooler stands before `{}` is not known", subject.name()),
                "Connect the pooler (pgbouncer_exporter through Prometheus, or rds:DescribeDBProxies).",
            )
        }
    }
}

fn with_pooler(
    subject: &Subject<'_>,
    context: &Context<'_>,
    pools: &[(&PoolStat, &Provenance)],
    mut evidence: Vec<Evidence>,
) -> CheckResult {
    evidence.extend(pools.iter().map(|(p, from)| {
        let waiting = p.waiting.map_or_else(|| "unknown".to_owned(), count);
        Evidence::read(
            format!("pool {}", p.pool),
            format!("{waiting} clients waiting, longest {}", duration(p.max_wait_s.unwrap_or_default())),
            from,
        )
    }));
    let waiting: f64 = pools.iter().filter_map(|(p, _)| p.waiting).sum();
    let longest = pools.iter().filter_map(|(p, _)| p.max_wait_s).fold(0.0, f64::max);
    let advice: Vec<_> =
        context.capacity.pools.iter().filter(|a| pools.iter().any(|(p, _)| p.pool == a.pool)).collect();
    let slowly = subject.number("mean_wait_ms");
    let counted = mean_wait(subject, context);
    let waited = counted.as_ref().map(|(ms, _)| *ms);
    evidence.extend(counted.map(|(_, row)| row));
    // What the pooler counted is believed before what the model expects.
    let late = waited.map_or_else(|| advice.iter().any(|a| a.wait_ms.is_none_or(|w| w > slowly)), |ms| ms > slowly);
    if waiting > 0.0 || longest > subject.number("max_wait_s") || late {
        let slow = slow_dependent(&subject.id, context);
        let severity = if slow.is_some() { Severity::High } else { Severity::Medium };
        evidence.extend(slow);
        let sentence = if waiting > 0.0 {
            format!(
                "{} clients wait for a connection to `{}`, the longest for {}.",
                count(waiting),
                subject.name(),
                duration(longest)
            )
        } else {
            let longest = longest.max(waited.unwrap_or_default() / 1_000.0);
            format!("Requests wait for a connection to `{}`: the longest for {}.", subject.name(), duration(longest))
        };
        let size = advice.iter().max_by_key(|a| a.advised).map(|a| {
            format!("Set the server pool of {} to {} (Erlang C, mean wait of at most 5 ms).", a.pool, a.advised)
        });
        let result = CheckResult::fail(severity, sentence, evidence);
        return match size {
            Some(remedy) => result.with_remedy(remedy),
            None => result,
        };
    }
    // One reading without a queue says nothing about the other 99 %: the mean wait over time must be known as well.
    let over_time = waited.is_some() || advice.iter().any(|a| a.wait_ms.is_some());
    let measured = pools.iter().any(|(p, _)| p.waiting.is_some()) && over_time;
    if !measured {
        return CheckResult::unknown(
            GapReason::LowSample,
            format!("waits in the pooler of `{}` were not seen over time (have {} readings, need a series)", subject.name(), pools.len()),
            "Connect a Prometheus that scrapes pgbouncer_exporter, or let the account read PgBouncer's SHOW POOLS and SHOW STATS.",
        )
        .with_evidence(evidence);
    }
    CheckResult::pass(format!("Nobody waits for a connection to `{}`.", subject.name()), evidence)
}

fn without_pooler(subject: &Subject<'_>, context: &Context<'_>, mut evidence: Vec<Evidence>) -> CheckResult {
    let peak = context
        .capacity
        .utilisation
        .iter()
        .find(|u| u.subject.id == subject.id && u.limited == Limited::Connections)
        .and_then(|u| u.hard_limit.map(|limit| u.now.p50 * limit));
    let in_use = context.facts.number(&subject.id, key::CONNECTIONS_IN_USE);
    let sessions = context.facts.number(&subject.id, key::NEW_SESSIONS_PER_SECOND);
    evidence.extend(in_use.map(|(n, p)| Evidence::read("client connections in use", count(n), p)));
    evidence.extend(peak.map(|n| Evidence::derived("client connections at peak", count(n))));
    evidence.extend(sessions.map(|(n, p)| Evidence::read("new sessions a second", count(n), p)));
    let connections = [peak, in_use.map(|(n, _)| n)].into_iter().flatten().reduce(f64::max);
    let many = connections.filter(|n| *n > subject.number("connections"));
    let fast = sessions.map(|(n, _)| n).filter(|n| *n > subject.number("sessions_per_second"));
    let said = match (many, fast) {
        (Some(n), _) => format!("{} client connections", count(n)),
        (None, Some(n)) => format!("{} new sessions a second", count(n)),
        (None, None) if connections.is_some() && sessions.is_some() => {
            return CheckResult::pass(
                format!("`{}` has few connections; it does without a pooler.", subject.name()),
                evidence,
            );
        }
        _ => {
            return CheckResult::unknown(
                GapReason::PermissionDenied,
                format!("connections in use and new sessions a second of `{}` were not both read", subject.name()),
                "Grant the reading role pg_monitor (pg_stat_activity, pg_stat_database.sessions), PostgreSQL 14 or later.",
            )
            .with_evidence(evidence);
        }
    };
    let slow = slow_dependent(&subject.id, context);
    let severity = if slow.is_some() { Severity::High } else { Severity::Medium };
    evidence.extend(slow);
    let sentence =
        format!("{said} reach `{}` without a pooler; each costs the server a process and memory.", subject.name());
    CheckResult::fail(severity, sentence, evidence)
        .with_remedy("PgBouncer: pool_mode = transaction, default_pool_size = 2 x CPU cores of the database.")
}

#[cfg(test)]
#[path = "pooler_missing_tests.rs"]
mod tests;
