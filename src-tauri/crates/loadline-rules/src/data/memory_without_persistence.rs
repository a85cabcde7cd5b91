//! In-memory store holds durable data without persistence.

use crate::evaluate::{Reading, gap_about};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "DATA-007",
    title: "In-memory store holds durable data without persistence",
    question: "Will a Redis restart lose jobs, sessions or counters?",
    why: "Memory forgets. Jobs that were accepted and sessions that were opened vanish with the process, although users were told \
          that they are done.",
    condition: "it holds more than a cache, and writes are not appended to disk (nor copied to a replica that takes over, with a \
                fresh snapshot), or the last save failed",
    fix: &[
        "append-only file, every second, or a managed durable store",
        "a replica that takes over",
        "accepted work in a durable broker",
    ],
    effort_days: [0.5, 3.0],
    effort_source: "HD",
    weight: 2,
    severity: "high for queues with accepted work and for user data, medium for sessions, low for what can be rebuilt",
    escalation: Escalation::Standard,
    data_safety: true,
    applies: Applies::To(&[Kind::Cache, Kind::Queue]),
    numbers: &[Number {
        key: "snapshot_minutes",
        value: 1440.0,
        unit: "min",
        source: "HD (objective of DATA-002); RD persistence",
    }],
    sources: &[
        (
            "redis",
            "INFO persistence -> aof_enabled, rdb_last_save_time, rdb_last_bgsave_status, aof_last_write_status; CONFIG GET appendfsync save",
        ),
        ("celery", "broker_url scheme redis"),
        ("repo", "session store, sidekiq, bull and rq configuration"),
    ],
    proof_metric: "restorable_point_age",
    proof: "changes since the last save fall; no job is lost in a restart drill",
    false_positives: "A pure cache.",
    unknown_when: "what it holds is not known, or the provider hides whether it appends to disk",
    prerequisites: &[],
    check,
};

/// Engines that keep their data in memory first.
const IN_MEMORY: [&str; 5] = ["redis", "valkey", "keydb", "dragonfly", "memcached"];

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    let engine = subject.engine();
    if !engine.is_empty() && !IN_MEMORY.contains(&engine) {
        return CheckResult::not_applicable(format!("`{name}` ({engine}) keeps its data on disk."));
    }
    if let Some((role, from)) = context.facts.text(&subject.id, key::STORE_ROLE).filter(|(role, _)| *role == "cache") {
        seen.row("holds", role, from);
        let because = format!("`{name}` is a pure cache: nothing in it must survive.");
        return CheckResult::not_applicable(because).with_evidence(seen.rows);
    }
    let saved = seen.flag("last save and write succeeded", key::LAST_SAVE_OK);
    let appended = seen.flag("append-only file", key::AOF_ENABLED);
    if saved == Some(true) && appended == Some(true) {
        return CheckResult::pass(format!("`{name}` appends every write to disk, and the last one worked."), seen.rows);
    }
    let fault = match (saved, appended) {
        (Some(false), _) => Some(format!("The last save of `{name}` failed")),
        (_, Some(false)) => match copied_elsewhere(subject, context, &mut seen) {
            Some(true) if saved == Some(true) && gap_about(&subject.id, context, &["rpo_"]).is_none() => {
                let sentence = format!("A replica of `{name}` takes over, and its snapshot is fresh.");
                return CheckResult::pass(sentence, seen.rows);
            }
            Some(true) => None,
            Some(false) => Some(format!("0 writes of `{name}` are appended to disk")),
            None => None,
        },
        _ => None,
    };
    let role = context.facts.text(&subject.id, key::STORE_ROLE);
    let (Some(fault), Some((role, from))) = (fault, role) else {
        let what = if role.is_none() { "what it holds and how it is kept" } else { "how it is kept" };
        return CheckResult::unknown(
            if role.is_none() { GapReason::UnmappedSubject } else { GapReason::FeatureDisabled },
            format!("{what} is not known of `{name}`"),
            "Connect the Redis itself with INFO and CONFIG GET allowed, and state what it holds (queue, sessions, cache).",
        )
        .with_evidence(seen.rows);
    };
    seen.row("holds", role, from);
    let (severity, lost) = match role {
        "queue" => (Severity::High, "work that was accepted"),
        "sessions" => (Severity::Medium, "every session"),
        "rebuildable" => (Severity::Low, "its counters"),
        _ => (Severity::High, "the only copy of its data"),
    };
    CheckResult::fail(severity, format!("{fault}: a restart loses {lost}."), seen.rows)
        .with_remedy("CONFIG SET appendonly yes; CONFIG SET appendfsync everysec; keep both in the configuration file.")
}

/// A replica takes over and the last snapshot is fresh enough; `None`: not known.
fn copied_elsewhere(subject: &Subject<'_>, context: &Context<'_>, seen: &mut Reading<'_>) -> Option<bool> {
    let takes_over = seen.flag("a replica takes over", key::AUTOMATIC_FAILOVER);
    let age = seen.number("age of the last snapshot", "min", key::SNAPSHOT_AGE_MINUTES);
    let declared = context.facts.number(&subject.id, key::RPO_MINUTES).map(|(minutes, _)| minutes);
    // A declared objective may only be stricter here: the default already accepts a day.
    let limit = declared.map_or(f64::INFINITY, |d| d).min(subject.number("snapshot_minutes"));
    let none = takes_over.is_none() && seen.number("replicas", "members", key::STANDBY_MEMBERS) == Some(0.0);
    match (takes_over, age) {
        (Some(false), _) => Some(false),
        _ if none => Some(false),
        (_, Some(age)) if age > limit => Some(false),
        (Some(true), Some(_)) => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{Basis, Kind, Resource, Setting, Value, key};

    #[test]
    fn cases() {
        let redis = || Case::new().thing("redis", Kind::Cache);
        let holds = |role: &str| redis().set("redis", key::STORE_ROLE, Value::Text(role.into()));
        let off =
            |role: &str| holds(role).flag("redis", key::AOF_ENABLED, false).number("redis", key::STANDBY_MEMBERS, 0.0);
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "redis"), expected);
        check(redis(), "unknown unmapped_subject");
        check(holds("queue"), "unknown feature_disabled");
        check(off("queue"), "fail high");
        check(off("sessions"), "fail medium");
        check(off("rebuildable"), "fail low");
        check(off("user_data"), "fail high");
        check(off("cache"), "not_applicable");
        check(redis().flag("redis", key::AOF_ENABLED, false), "unknown unmapped_subject");
        check(holds("queue").flag("redis", key::LAST_SAVE_OK, false), "fail high");
        let kept = redis().flag("redis", key::AOF_ENABLED, true).flag("redis", key::LAST_SAVE_OK, true);
        check(kept, "pass");
        let replica = |age| {
            let case = holds("queue").flag("redis", key::AOF_ENABLED, false).flag("redis", key::LAST_SAVE_OK, true);
            case.flag("redis", key::AUTOMATIC_FAILOVER, true).number("redis", key::SNAPSHOT_AGE_MINUTES, age)
        };
        check(replica(60.0), "pass");
        check(replica(1500.0), "fail high");
        let stated = Setting { key: key::STORE_ROLE.into(), item: None, value: Value::Text("cache".into()) };
        check(redis().fact("redis", Basis::Stated, stated), "unknown not_connected");
        let kafka = Resource { engine: Some("kafka".into()), ..Resource::new(Kind::Queue, "redis") };
        check(Case::new().has("redis", kafka), "not_applicable");
    }
}
