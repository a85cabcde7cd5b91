//! Eviction policy or memory limit is unsafe.

use super::{must_keep, roles};
use crate::db::wording::percent;
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Limited, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "CACHE-003",
    title: "Eviction policy or memory limit is unsafe",
    question: "What happens when the cache is full?",
    why: "A full cache either throws something away or refuses to write. Sessions and jobs that are evicted are gone without an \
          error; a cache that may not evict fails every write.",
    condition: "No memory limit; a cache that may not evict; sessions or jobs that may be evicted; more than 90 % of memory used; more \
                than 1 % of writes evict; or only keys with a time to live may go and fewer than half have one",
    fix: &[
        "a cache: set maxmemory with a reserve, and allkeys-lru or allkeys-lfu",
        "sessions and jobs: noeviction, an alert, and an instance of their own",
        "size it from the peak of used memory",
    ],
    effort_days: [0.25, 2.0],
    effort_source: "HD",
    weight: 3,
    severity: "high: may not evict and is nearly full, or may evict sessions or jobs; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Cache]),
    numbers: &[
        Number { key: "used", value: 0.9, unit: "ratio", source: "HD" },
        Number { key: "evicted", value: 0.01, unit: "ratio", source: "HD" },
        Number { key: "expiring", value: 0.5, unit: "ratio", source: "HD; RD eviction semantics" },
    ],
    sources: &[
        (
            "redis",
            "INFO memory -> used_memory, maxmemory, maxmemory_policy; INFO stats -> evicted_keys; CONFIG GET maxmemory-policy",
        ),
        ("prometheus", "redis_memory_used_bytes / redis_memory_max_bytes, redis_evicted_keys_total"),
        ("aws", "elasticache:DescribeCacheParameters -> maxmemory-policy; DatabaseMemoryUsagePercentage, Evictions"),
    ],
    proof_metric: "cache_evictions",
    proof: "evictions a minute fall and memory headroom rises",
    false_positives: "Managed defaults differ: the live value counts.",
    unknown_when: "CONFIG or INFO fields are masked, or what the instance holds is not known",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    let mut verdict = Verdict::new();
    let roles = roles(&mut seen);
    let keeps = must_keep(&roles);
    if seen.flag("memory limit", key::CACHE_MEMORY_LIMITED) == Some(false) {
        verdict.fault(Severity::Medium, format!("`{name}` has no memory limit: it grows until its host kills it"));
    }
    let memory =
        context.capacity.utilisation.iter().find(|u| u.subject.id == subject.id && u.limited == Limited::Memory);
    let used = memory.map(|u| u.now.p90);
    seen.rows.extend(used.map(|u| Evidence::derived("memory used at peak", percent(u))));
    seen.rows.extend(memory.into_iter().flat_map(|u| crate::cap::headroom::measured_by(u, context)));
    let full = used.is_some_and(|u| u > subject.number("used"));
    if full {
        verdict.fault(Severity::Medium, format!("`{name}` uses {} of its memory", percent(used.unwrap_or_default())));
    }
    let policy = seen.text("eviction policy", key::EVICTION_POLICY);
    let expiring = seen.number("keys that expire", "", key::CACHE_KEYS_EXPIRING);
    match policy {
        Some("noeviction") if !roles.is_empty() && !keeps => {
            let severity = if full { Severity::High } else { Severity::Medium };
            verdict.fault(severity, format!("`{name}` is a cache that may not evict: full, it fails every write"));
        }
        Some(policy) if policy != "noeviction" && keeps => {
            verdict.fault(Severity::High, format!("`{name}` holds what must be kept and may evict it ({policy}): users are signed out or jobs lost without an error"));
        }
        Some(policy) if policy.starts_with("volatile") => match expiring {
            Some(share) if share < subject.number("expiring") => {
                verdict.fault(
                    Severity::Medium,
                    format!("only keys with a time to live may leave `{name}`, and {} have one", percent(share)),
                );
            }
            Some(_) => {}
            None => lacks(&mut verdict, subject, "how many keys expire"),
        },
        Some(_) => {}
        None => lacks(&mut verdict, subject, "the eviction policy"),
    }
    match seen.number("keys evicted per key written", "", key::CACHE_EVICTED_PER_SET) {
        Some(share) if share > subject.number("evicted") => {
            verdict.fault(
                Severity::Medium,
                format!("{} of the writes of `{name}` throw another key away", percent(share)),
            );
        }
        Some(_) => {}
        None => lacks(&mut verdict, subject, "how many keys are evicted"),
    }
    if roles.is_empty() {
        lacks(&mut verdict, subject, "what it holds");
    }
    if context.facts.flag(&subject.id, key::CACHE_MEMORY_LIMITED).is_none() {
        lacks(&mut verdict, subject, "the memory limit");
    }
    if used.is_none() {
        lacks(&mut verdict, subject, "the use of memory");
    }
    verdict.hidden(subject, context, &[key::STORE_ROLE]);
    verdict.answer(seen.rows, format!("`{name}` has room, and knows what to do when it is full."))
}

fn lacks(verdict: &mut Verdict, subject: &Subject<'_>, what: &str) {
    verdict.lacks(
        GapReason::NotConnected,
        format!("{what} of `{}` is not known", subject.name()),
        "Connect the Redis itself (INFO, CONFIG GET), or the cloud account (elasticache:DescribeCacheParameters, CloudWatch Evictions); state what it holds.",
    );
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::cache::cases::redis;
    use crate::testing::Case;
    use loadline_model::{Limited, Value, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "redis"), expected);
        let policy =
            |role: &str, policy: &str| redis(role).set("redis", key::EVICTION_POLICY, Value::Text(policy.into()));
        let read =
            |case: Case, used| {
                case.flag("redis", key::CACHE_MEMORY_LIMITED, true)
                    .number("redis", key::CACHE_EVICTED_PER_SET, 0.001)
                    .used("redis", Limited::Memory, used, 9.0)
            };
        check(redis("cache"), "unknown not_connected");
        check(read(policy("cache", "allkeys-lru"), 0.5), "pass");
        check(read(policy("", "allkeys-lru"), 0.5), "unknown not_connected");
        check(policy("cache", "allkeys-lru"), "unknown not_connected");
        check(read(policy("cache", "allkeys-lru"), 0.95), "fail medium");
        check(read(policy("cache", "noeviction"), 0.5), "fail medium");
        check(read(policy("cache", "noeviction"), 0.95), "fail high");
        check(read(policy("sessions", "noeviction"), 0.5), "pass");
        check(read(policy("sessions", "volatile-lru"), 0.5), "fail high");
        check(read(policy("cache", "volatile-lru"), 0.5), "unknown not_connected");
        check(read(policy("cache", "volatile-lru"), 0.5).number("redis", key::CACHE_KEYS_EXPIRING, 0.4), "fail medium");
        check(read(policy("cache", "volatile-lru"), 0.5).number("redis", key::CACHE_KEYS_EXPIRING, 0.9), "pass");
        check(redis("cache").flag("redis", key::CACHE_MEMORY_LIMITED, false), "fail medium");
        check(redis("cache").number("redis", key::CACHE_EVICTED_PER_SET, 0.02), "fail medium");
    }
}
