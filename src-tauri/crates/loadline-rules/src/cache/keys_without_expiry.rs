//! Keys without expiry.

use super::{no_read_cache, roles};
use crate::db::wording::percent;
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "CACHE-004",
    title: "Keys without expiry",
    question: "Will cached data live for ever?",
    why: "What never expires is served until somebody notices that it is wrong, and fills the memory until then. S4 kept profiles \
          and product lists for 30 minutes.",
    condition: "Fewer than 80 % of the keys of a cache expire",
    fix: &["a time to live for each prefix, with jitter", "invalidate on write", "write down what is never cached"],
    effort_days: [0.5, 2.0],
    effort_source: "HD",
    weight: 2,
    severity: "high when it may not evict; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Cache]),
    numbers: &[Number { key: "expiring", value: 0.8, unit: "ratio", source: "HD; S4 (TTL per kind of data)" }],
    sources: &[
        ("redis", "INFO keyspace -> dbN:keys=,expires="),
        ("prometheus", "redis_db_keys_expiring / redis_db_keys"),
    ],
    proof_metric: "cache_evictions",
    proof: "the share of keys that expire rises",
    false_positives: "Configuration or feature flags by design.",
    unknown_when: "the instance holds several roles, or what it holds is not known",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let roles = roles(&mut seen);
    if let Some(other) = no_read_cache(subject, &roles, &mut seen) {
        return other;
    }
    let name = subject.name();
    let mut verdict = Verdict::new();
    let expiring = seen.number("keys that expire", "", key::CACHE_KEYS_EXPIRING);
    let evicts = seen.text("eviction policy", key::EVICTION_POLICY);
    if roles.len() != 1 {
        let what = if roles.is_empty() { "what it holds is not known" } else { "it also holds what must be kept" };
        verdict.lacks(
            GapReason::UnmappedSubject,
            format!("which keys of `{name}` should expire is not known: {what}"),
            "State what it holds, and split it by role (CACHE-006).",
        );
        return verdict.answer(seen.rows, "");
    }
    match expiring {
        Some(share) if share < subject.number("expiring") => {
            let severity = if evicts == Some("noeviction") { Severity::High } else { Severity::Medium };
            verdict.fault(
                severity,
                format!(
                    "{} of the keys of `{name}` never expire: wrong answers stay and memory fills",
                    percent(1.0 - share)
                ),
            );
        }
        Some(_) => {}
        None => verdict.lacks(
            GapReason::NotConnected,
            format!("how many keys of `{name}` expire was not read"),
            "Connect the Redis itself (INFO keyspace), or a Prometheus that scrapes redis_exporter.",
        ),
    }
    verdict.hidden(subject, context, &[key::STORE_ROLE]);
    verdict.answer(seen.rows, format!("{} of the keys of `{name}` expire.", percent(expiring.unwrap_or_default())))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::cache::cases::redis;
    use crate::testing::Case;
    use loadline_model::{Setting, Value, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "redis"), expected);
        let expire = |role: &str, share| redis(role).number("redis", key::CACHE_KEYS_EXPIRING, share);
        let also = |role: &str| Setting {
            key: key::STORE_ROLE.into(),
            item: Some("db1".into()),
            value: Value::Text(role.into()),
        };
        check(redis("cache"), "unknown not_connected");
        check(expire("", 0.9), "unknown unmapped_subject");
        check(expire("sessions", 0.9), "not_applicable");
        check(expire("cache", 0.9), "pass");
        check(expire("cache", 0.9).gap("redis", key::STORE_ROLE), "unknown permission_denied");
        check(expire("cache", 0.7), "fail medium");
        check(expire("cache", 0.7).set("redis", key::EVICTION_POLICY, Value::Text("noeviction".into())), "fail high");
        check(expire("cache", 0.7).has("redis", also("queue")), "unknown unmapped_subject");
    }
}
