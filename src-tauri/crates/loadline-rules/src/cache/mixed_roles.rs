//! One cache instance mixes roles or blocks on slow commands.

use super::{must_keep, roles};
use crate::db::wording::{count, percent};
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Limited, Severity, key, num};

pub(super) const RULE: Rule = Rule {
    id: "CACHE-006",
    title: "One cache instance mixes roles or blocks on slow commands",
    question: "Can a big key, a KEYS call or a queue backlog stall sessions?",
    why: "Redis runs one command after the other: while it deletes a big list for the queue, nobody can sign in.",
    condition: "Sessions, queues and cached data share an instance, commands slower than 10 ms run more than once a minute, a \
                sampled key is larger than 10 MB, connections were rejected, or its CPU is above 80 % at peak",
    fix: &[
        "one instance for each role",
        "SCAN instead of KEYS, UNLINK instead of DEL",
        "bounded collections",
        "request coalescing and jitter of the time to live against stampedes",
    ],
    effort_days: [0.5, 3.0],
    effort_source: "HD",
    weight: 2,
    severity: "high: rejected connections, or CPU above 90 %; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Cache]),
    numbers: &[
        Number { key: "slow", value: 1.0, unit: "1/min", source: "HD" },
        Number { key: "big_key", value: 10_000_000.0, unit: "bytes", source: "HD (some 10 ms on one core)" },
        Number { key: "cpu", value: 0.80, unit: "ratio", source: "HD" },
        Number { key: "high_cpu", value: 0.90, unit: "ratio", source: "AWS ElastiCache (alarm near 90 % of one core)" },
    ],
    sources: &[
        ("redis", "SLOWLOG GET, INFO commandstats, clients -> rejected_connections; key prefixes"),
        ("prometheus", "redis_slowlog_length, redis_rejected_connections_total"),
        ("aws", "AWS/ElastiCache EngineCPUUtilization, CurrConnections"),
    ],
    proof_metric: "route_latency",
    proof: "p99 of commands and rejected connections fall",
    false_positives: "Small installations with fewer than 100 operations a second.",
    unknown_when: "the slow log is off, or what the instance holds is not known",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    let mut verdict = Verdict::new();
    let roles = roles(&mut seen);
    if roles.len() > 1 && must_keep(&roles) {
        let said: Vec<&str> = roles.iter().copied().collect();
        verdict.fault(
            Severity::Medium,
            format!("`{name}` holds {} together: one role can stall or evict the other", said.join(" and ")),
        );
    } else if roles.is_empty() {
        lacks(&mut verdict, subject, "what it holds");
    }
    match seen.number("commands slower than 10 ms", "1/min", key::CACHE_SLOW_COMMANDS) {
        Some(slow) if slow > subject.number("slow") => {
            verdict.fault(
                Severity::Medium,
                format!("{} commands a minute block `{name}` for more than 10 ms", count(slow)),
            );
        }
        Some(_) => {}
        None => lacks(&mut verdict, subject, "its slow commands"),
    }
    match seen.number("rejected connections in 7 days", "", key::CONNECTIONS_REFUSED_7D) {
        Some(n) if n > 0.0 => {
            verdict.fault(Severity::High, format!("`{name}` rejected {} connections in 7 days", count(n)))
        }
        Some(_) => {}
        None => lacks(&mut verdict, subject, "its rejected connections"),
    }
    // How much of it the roles and sizes stand for.
    seen.number("keys", "", key::CACHE_KEYS);
    seen.number("keys sampled", "", key::CACHE_KEYS_SAMPLED);
    let keys = seen.numbers("largest sampled key", "bytes", key::CACHE_BIG_KEY_BYTES);
    let largest = keys.into_iter().max_by(|a, b| num::cmp9(a.1, b.1).then_with(|| b.0.cmp(&a.0)));
    if let Some((pattern, bytes)) = largest.filter(|(_, bytes)| *bytes > subject.number("big_key")) {
        verdict.fault(
            Severity::Medium,
            format!(
                "a key `{}` of {:.0} MB blocks `{name}` whenever it is read or deleted",
                pattern.unwrap_or("*"),
                bytes / 1e6
            ),
        );
    }
    let cpu = context.capacity.utilisation.iter().find(|u| u.subject.id == subject.id && u.limited == Limited::Cpu);
    match cpu {
        Some(cpu) => {
            let used = cpu.now.p90;
            seen.rows.push(Evidence::derived("CPU at peak", percent(used)));
            seen.rows.extend(crate::cap::headroom::measured_by(cpu, context));
            if used > subject.number("cpu") {
                let severity = if used > subject.number("high_cpu") { Severity::High } else { Severity::Medium };
                verdict.fault(
                    severity,
                    format!("the one thread of `{name}` is busy for {} of the time at peak", percent(used)),
                );
            }
        }
        None => lacks(&mut verdict, subject, "its CPU"),
    }
    verdict.hidden(subject, context, &[key::STORE_ROLE]);
    verdict.answer(seen.rows, format!("`{name}` has one role and answers without stalls."))
}

fn lacks(verdict: &mut Verdict, subject: &Subject<'_>, what: &str) {
    verdict.lacks(
        GapReason::NotConnected,
        format!("`{}` does not show {what}", subject.name()),
        "Connect the Redis itself (SLOWLOG, INFO) and what records EngineCPUUtilization; state what it holds.",
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::cache::cases::redis;
    use crate::testing::Case;
    use loadline_model::{Limited, Setting, Value, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "redis"), expected);
        let calm = |role: &str, cpu| {
            redis(role)
                .number("redis", key::CACHE_SLOW_COMMANDS, 0.1)
                .number("redis", key::CONNECTIONS_REFUSED_7D, 0.0)
                .used("redis", Limited::Cpu, cpu, 9.0)
        };
        let also = |role: &str| Setting {
            key: key::STORE_ROLE.into(),
            item: Some("db1".into()),
            value: Value::Text(role.into()),
        };
        check(redis(""), "unknown not_connected");
        check(calm("", 0.3), "unknown not_connected");
        check(calm("cache", 0.3), "pass");
        check(calm("cache", 0.3).has("redis", also("sessions")), "fail medium");
        check(calm("cache", 0.3).has("redis", also("rebuildable")), "pass");
        let big = |bytes| {
            let (key, item) = (key::CACHE_BIG_KEY_BYTES.into(), Some("report:*".into()));
            calm("cache", 0.3).has("redis", Setting { key, item, value: Value::Number(bytes) })
        };
        check(big(2e6), "pass");
        check(big(12e6), "fail medium");
        check(calm("cache", 0.85), "fail medium");
        check(calm("cache", 0.95), "fail high");
        check(redis("cache").number("redis", key::CACHE_SLOW_COMMANDS, 3.0), "fail medium");
        check(redis("cache").number("redis", key::CONNECTIONS_REFUSED_7D, 3.0), "fail high");
    }
}
