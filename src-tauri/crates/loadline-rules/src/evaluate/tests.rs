use super::{catalog, judged_domains};
use crate::testing::{Case, as_of};
use crate::{Context, Rule, Subject};
use loadline_model::*;
use proptest::prelude::*;

fn check(_: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    // Passes when the switch is on, fails when it is off, and shows what it read.
    match context.facts.flag(&"db".into(), key::BACKUP_ENABLED) {
        Some((true, from)) => CheckResult::pass("On.", vec![Evidence::read("switch", "on", from)]),
        Some((false, from)) => CheckResult::fail(Severity::Medium, "Off.", vec![Evidence::read("switch", "off", from)]),
        None => CheckResult::unknown(GapReason::NotConnected, "nobody shows the switch", "Connect it."),
    }
}

/// A rule about the switch `backup.enabled` of databases.
static SWITCH: Rule = Rule { id: "TEST-901", check, escalation: Escalation::None, ..crate::testing::BLANK };

fn on(basis: Basis, days: i64, value: bool) -> Case {
    let setting = Setting { key: key::BACKUP_ENABLED.into(), item: None, value: Value::Bool(value) };
    Case::new().thing("db", Kind::Database).fact("db", basis, setting).edit(|s| {
        if let Some(fact) = s.facts.last_mut() {
            fact.provenance.read_at = as_of().plus_days(-days);
        }
    })
}

#[test]
fn weak_evidence_is_refused() {
    let check = |case: Case, expected: &str| assert_eq!(case.answer(&SWITCH, "db"), expected);
    check(on(Basis::Configured, 0, true), "pass");
    check(on(Basis::Measured, 7, true), "pass");
    check(on(Basis::Configured, 8, true), "unknown stale");
    check(on(Basis::Configured, 8, false), "unknown stale");
    check(on(Basis::Stated, 0, true), "unknown not_connected");
    check(on(Basis::Stated, 0, false), "fail medium");
    check(on(Basis::Stated, 400, false), "fail medium");
    check(on(Basis::Inferred, 0, true), "pass");
    let cut = |case: Case| case.edit(|s| s.accounts.iter_mut().for_each(|a| a.connected = false));
    check(cut(on(Basis::Configured, 0, true)), "unknown not_connected");
    check(cut(on(Basis::Configured, 0, false)), "unknown not_connected");
    let patient = |days| {
        let mut case = on(Basis::Configured, 8, true);
        case.policy.stale_after_days = days;
        case
    };
    check(patient(9.0), "pass");
}

#[test]
fn a_thing_that_only_a_disconnected_or_old_account_shows_is_not_judged() {
    fn always(_: &Subject<'_>, _: &Context<'_>) -> CheckResult {
        CheckResult::pass("By the model.", vec![Evidence::derived("model", "says so")])
    }
    static MODEL: Rule = Rule { id: "TEST-902", check: always, ..crate::testing::BLANK };
    let check = |case: Case, expected: &str| assert_eq!(case.answer(&MODEL, "db"), expected);
    let db = || Case::new().thing("db", Kind::Database);
    check(db(), "pass");
    check(db().edit(|s| s.accounts[0].connected = false), "unknown not_connected");
    check(db().edit(|s| s.facts[0].provenance.read_at = as_of().plus_days(-8)), "unknown stale");
    check(Case::new().fact("db", Basis::Stated, Resource::new(Kind::Database, "db")), "pass");
    let again = db().edit(|s| {
        let mut seen = s.facts[0].clone();
        s.facts[0].provenance.read_at = as_of().plus_days(-8);
        seen.provenance.account = "other".into();
        s.facts.push(seen);
    });
    check(again, "pass");
}

#[test]
fn nothing_to_judge_is_known_only_from_complete_fresh_connected_inventories() {
    let check = |case: Case, expected: &str| assert_eq!(case.answer(&SWITCH, "organisation"), expected);
    let listed = || Case::new().listed(Kind::Database);
    check(Case::new(), "unknown not_connected");
    check(Case::new().listed(Kind::Cache), "unknown not_connected");
    check(listed(), "not_applicable");
    let hidden = listed().gap("eu-west-1", "rds").edit(|s| s.gaps[0].hides = vec![Kind::Database]);
    check(hidden, "unknown permission_denied");
    check(listed().edit(|s| s.accounts[0].connected = false), "unknown not_connected");
    check(listed().edit(|s| s.inventories[0].read_at = as_of().plus_days(-8)), "unknown stale");
    let beside = |collected_at: Option<Timestamp>| {
        listed().edit(|s| {
            let other =
                AccountSummary { id: "other".into(), name: "other".into(), collected_at, ..s.accounts[0].clone() };
            s.accounts.push(other);
        })
    };
    check(beside(Some(as_of())), "not_applicable");
    check(beside(None), "unknown not_connected");
    let long_ago = |s: &mut Snapshot| {
        let read_at = as_of().plus_days(-60);
        s.inventories.push(Inventory { account: "other".into(), read_at, ..s.inventories[0].clone() });
    };
    check(beside(Some(as_of().plus_days(-60))).edit(long_ago), "unknown stale");
}

#[test]
fn production_is_the_default_and_gaps_name_their_subject() {
    let case = Case::new().thing("db", Kind::Database);
    fn environment(subject: &Subject<'_>, _: &Context<'_>) -> CheckResult {
        let production = subject.environment == Environment::Production && subject.tier == Tier::T0;
        if production { CheckResult::pass("", vec![]) } else { CheckResult::fail(Severity::Low, "", vec![]) }
    }
    static PRODUCTION: Rule = Rule { id: "TEST-903", check: environment, ..crate::testing::BLANK };
    assert_eq!(case.answer(&PRODUCTION, "db"), "pass");
    let gap = case.check_of(&SWITCH, "db").result.gap.expect("unknown has a gap");
    assert_eq!((gap.subject, gap.scope.as_str()), (Some("db".into()), "TEST-901"));
}

#[test]
fn every_rule_answers_every_kind_without_facts() {
    let case = Kind::ALL.into_iter().fold(Case::new(), |case, kind| case.thing(kind.word(), kind));
    for check in case.checks() {
        assert!(!matches!(check.result.outcome, Outcome::Pass), "{} passes without facts", check.rule);
        assert_eq!(check.result.gap.is_some(), check.result.outcome.is_unknown(), "{}", check.rule);
    }
    assert_eq!(catalog().len(), crate::all().count());
    assert!(judged_domains().contains("SPOF") && judged_domains().contains("DATA"));
}

/// A system in which every family has something to pass, to fail and to leave open.
fn rich() -> Case {
    let text = |t: &str| Value::Text(t.into());
    let hard = || Relation::DependsOn { hard: true };
    let copied = |automatic| Relation::ReplicatedTo { synchronous: None, automatic };
    let things = [
        ("api", Kind::Service),
        ("web", Kind::Service),
        ("db", Kind::Database),
        ("old", Kind::Database),
        ("mongo", Kind::Database),
        ("redis", Kind::Cache),
        ("jobs", Kind::Queue),
        ("nat", Kind::Gateway),
        ("lb", Kind::LoadBalancer),
        ("www", Kind::Entrypoint),
        ("psp", Kind::External),
        ("h1", Kind::Host),
        ("h2", Kind::Host),
        ("za", Kind::Zone),
        ("zb", Kind::Zone),
    ];
    let case = things.into_iter().fold(Case::new(), |case, (id, kind)| case.thing(id, kind));
    let case = case
        .members("api", &["a1", "a2"], Some(1))
        .edge("a1", Relation::RunsIn, "za")
        .edge("a2", Relation::RunsIn, "zb")
        .number("api", key::DESIRED_MEMBERS, 3.0)
        .number("api", key::MINIMUM_MEMBERS, 1.0)
        .spof("api", 1.0, true)
        .number("web", key::DESIRED_MEMBERS, 2.0)
        .edge("web", Relation::RunsIn, "h2")
        .edge("api", hard(), "db")
        .edge("web", hard(), "db")
        .edge("db", Relation::RunsIn, "h1")
        .edge("a1", Relation::RunsIn, "h1")
        .edge("api", hard(), "redis")
        .edge("api", hard(), "psp")
        .edge("api", Relation::RoutesThrough, "nat")
        .edge("web", Relation::RoutesThrough, "nat")
        .zone("a1", "za")
        .zone("a2", "zb")
        .zone("web", "za");
    let case = case
        .has(
            "db",
            Resource { managed: Some(false), engine: Some("postgresql".into()), ..Resource::new(Kind::Database, "db") },
        )
        .flag("db", key::AUTOMATIC_FAILOVER, false)
        .edge("db", copied(Some(true)), "old")
        .number("db", key::STANDBY_MEMBERS, 1.0)
        .flag("db", key::BACKUP_ENABLED, true)
        .number("db", key::BACKUP_RETENTION_DAYS, 7.0)
        .flag("db", key::PITR_ENABLED, true)
        .number("db", key::PITR_WINDOW_HOURS, 12.0)
        .backup("db", BackupKind::Snapshot, 30, true)
        .backup("db", BackupKind::Snapshot, 3, false)
        .number("db", key::RPO_MINUTES, 60.0)
        .number("db", key::RTO_MINUTES, 30.0)
        .has("db", restore(80, 1200.0))
        .has("db", restore(5, 7200.0))
        .flag("db", key::BACKUP_ISOLATED, true)
        .flag("db", key::BACKUP_IMMUTABLE, false)
        .flag("db", key::DELETION_PROTECTION, false)
        .flag("db", key::FSYNC, true)
        .flag("db", key::FULL_PAGE_WRITES, true)
        .set("db", key::SYNCHRONOUS_COMMIT, text("off"))
        .used("db", Limited::Connections, 0.5, 9.0);
    let case = case
        .flag("old", key::BACKUP_ENABLED, true)
        .number("old", key::BACKUP_RETENTION_DAYS, 0.0)
        .number("mongo", key::QUORUM_VOTES, 3.0)
        .number("mongo", key::QUORUM_HEALTHY, 2.0)
        .set("mongo", key::WRITE_CONCERN, text("1"))
        .backup("mongo", BackupKind::PointInTime, 1, true)
        .set("redis", key::STORE_ROLE, text("queue"))
        .flag("redis", key::AOF_ENABLED, false)
        .flag("redis", key::LAST_SAVE_OK, true)
        .flag("redis", key::AUTOMATIC_FAILOVER, true)
        .number("redis", key::SNAPSHOT_AGE_MINUTES, 60.0)
        .number("redis", key::RPO_MINUTES, 10.0)
        .number("redis", key::STANDBY_MEMBERS, 0.0)
        .flag("jobs", key::QUEUE_REPLICATED, true)
        .number("jobs", key::QUORUM_VOTES, 2.0)
        .flag("nat", key::EGRESS_REGIONAL, false)
        .flag("lb", key::HEALTH_CHECKS, true)
        .flag("lb", key::ENTRY_MANAGED, true)
        .number("lb", key::HEALTHY_TARGETS, 1.0)
        .flag("www", key::ENTRY_MANAGED, true)
        .flag("www", key::HEALTH_CHECKS, false)
        .set("psp", key::EXTERNAL_FALLBACK, text("none"))
        .flag("psp", key::EXTERNAL_TIMEOUT, false)
        .spof("psp", 0.3, true);
    let ends = |what: &str, days| Expiry {
        what: what.into(),
        name: what.into(),
        at: as_of().plus_days(days),
        automatic: None,
    };
    let case = case
        .has("www", ends("certificate", 90))
        .has("www", ends("certificate", 3))
        .has("www", ends("domain", 300))
        .set("api", key::SCHEDULE_RUNS_IN, text("one_host"));
    in_good_order(case)
}

/// What scaling, load control, edge, queues, delivery and cost need for a pass.
fn in_good_order(case: Case) -> Case {
    let flags = [
        ("lb", key::STICKY_SESSIONS, false),
        ("api", key::SESSIONS_IN_PROCESS, false),
        ("api", key::UPLOADS_ON_DISK, false),
        ("api", key::ARTEFACT_MUTABLE, false),
        ("api", key::READINESS_CHECK, true),
        ("api", key::RESOURCES_RESERVED, true),
        ("api", key::AUTOMATIC_ROLLBACK, true),
        ("api", key::CALL_BACKOFF, true),
        ("api", key::CALL_RETRIES_UNSAFE, false),
        ("www", key::RATE_LIMITED, true),
        ("psp", key::EXTERNAL_BREAKER, true),
        ("cdn", key::ORIGIN_EXPOSED, false),
        ("cdn", key::ORIGIN_FAILOVER, true),
        ("cdn", key::CDN_COMPRESSES, true),
        ("redis", key::CACHE_MEMORY_LIMITED, true),
        ("jobs", key::DEAD_LETTER, true),
        ("jobs", key::TASK_TIME_LIMIT, true),
        ("jobs", key::TASK_IDEMPOTENT, true),
        ("jobs", key::BROKER_ALARM, false),
        ("account", key::SPEND_WATCHED, true),
    ];
    let numbers = [
        ("api", key::MAXIMUM_MEMBERS, 8.0),
        ("api", key::AT_MAXIMUM_MINUTES_7D, 0.0),
        ("api", key::SCALING_FAILURES_7D, 0.0),
        ("api", key::SCALING_TARGET, 0.7),
        ("api", key::SCALE_OUT_SECONDS, 90.0),
        ("api", key::SCALING_ACTIONS_PER_HOUR, 1.0),
        ("api", key::INTERACTIVE_CHANGES_30D, 0.0),
        ("api", key::DRAIN_SECONDS, 60.0),
        ("api", key::CPU_THROTTLED, 0.0),
        ("api", key::OOM_KILLS_7D, 0.0),
        ("api", key::CALL_ATTEMPTS, 1.0),
        ("api", key::CALL_ATTEMPTS_MOST, 2.0),
        ("api", key::CONCURRENCY_LIMIT, 80.0),
        ("api", key::BODY_LIMIT_BYTES, 1e6),
        ("www", key::STATIC_REQUESTS, 0.1),
        ("www", key::STATIC_BYTES, 0.1),
        ("cdn", key::CDN_HIT_RATIO, 0.95),
        ("redis", key::CACHE_EVICTED_PER_SET, 0.0),
        ("redis", key::CACHE_SLOW_COMMANDS, 0.0),
        ("redis", key::CONNECTIONS_REFUSED_7D, 0.0),
        ("jobs", key::DEAD_LETTER_DEPTH, 0.0),
        ("jobs", key::CONSUMERS, 3.0),
        ("jobs", key::VISIBILITY_TIMEOUT_SECONDS, 100.0),
        ("jobs", key::TASK_SECONDS_P99, 5.0),
        ("jobs", key::BROKER_USED, 0.2),
        ("db", key::SIZE_STEPS_LEFT, 5.0),
        ("db", key::SIZE_HISTORY_DAYS, 400.0),
        ("account", key::SPEND_UNTAGGED, 0.1),
    ];
    let words = [
        ("api", key::SCALING_SIGNAL, "cpu"),
        ("api", key::ARTEFACT, "image"),
        ("api", key::DEPLOY_STRATEGY, "blue_green"),
        ("www", key::FIREWALL, "block"),
        ("redis", key::EVICTION_POLICY, "noeviction"),
        ("jobs", key::ACKNOWLEDGED, "after"),
    ];
    let case = case.thing("cdn", Kind::Cdn).thing("account", Kind::Account).thing("worker", Kind::Service);
    let case = flags.into_iter().fold(case, |case, (id, key, on)| case.flag(id, key, on));
    let case = numbers.into_iter().fold(case, |case, (id, key, n)| case.number(id, key, n));
    let case = words.into_iter().fold(case, |case, (id, key, w)| case.set(id, key, Value::Text(w.into())));
    let case = ["db", "redis", "psp"].into_iter().fold(case, |case, id| {
        let (item, value) = (Some(id.to_owned()), Value::Number(5.0));
        case.has("api", Setting { key: key::CALL_TIMEOUT_SECONDS.into(), item, value })
    });
    let case = case
        .edge("www", Relation::Serves, "cdn")
        .edge("cdn", Relation::Serves, "lb")
        .edge("lb", Relation::Serves, "api")
        .edge("worker", Relation::Consumes, "jobs")
        .number("worker", key::DESIRED_MEMBERS, 2.0)
        .used("redis", Limited::Memory, 0.4, 9.0)
        .used("redis", Limited::Cpu, 0.2, 9.0);
    let case = super::rich_people::people(super::rich_code::repository(case));
    (0..8).fold(case, |case, n| {
        let started_at = as_of().plus_days(-n * 3 - 1);
        let deployment = Deployment {
            id: format!("d-{n}"),
            environment: "production".into(),
            revision: String::new(),
            started_at,
            finished_at: Some(Timestamp(started_at.0 + 300_000)),
            status: DeploymentStatus::Succeeded,
            actor_kind: ActorKind::Pipeline,
            actor: None,
            strategy: None,
        };
        case.has("api", deployment)
    })
}

#[test]
fn the_newer_families_pass_where_everything_was_read() {
    let checks = rich().checks();
    let passes = |rule: &str, subject: &str| {
        checks
            .iter()
            .any(|c| c.rule.as_str() == rule && c.subject.id.as_str() == subject && c.result.outcome == Outcome::Pass)
    };
    let expected = [
        ("SCALE-001", "lb"),
        ("SCALE-002", "api"),
        ("SCALE-003", "api"),
        ("SCALE-004", "api"),
        ("SCALE-006", "api"),
        ("SCALE-007", "api"),
        ("SCALE-008", "api"),
        ("LOAD-001", "www"),
        ("LOAD-003", "www"),
        ("LOAD-004", "api"),
        ("LOAD-005", "psp"),
        ("LOAD-006", "api"),
        ("LOAD-007", "api"),
        ("EDGE-001", "www"),
        ("EDGE-002", "cdn"),
        ("EDGE-004", "cdn"),
        ("CACHE-003", "redis"),
        ("CACHE-006", "redis"),
        ("ASYNC-004", "jobs"),
        ("ASYNC-005", "jobs"),
        ("ASYNC-006", "jobs"),
        ("ASYNC-007", "jobs"),
        ("DEL-002", "api"),
        ("DEL-003", "api"),
        ("DEL-008", "api"),
        ("DEL-009", "api"),
        ("COST-002", "db"),
        ("COST-004", "account"),
    ];
    let expected = expected.into_iter().chain(super::rich_code::PASSES).chain(super::rich_people::PASSES);
    let not: Vec<_> = expected.filter(|(rule, subject)| !passes(rule, subject)).collect();
    assert!(not.is_empty(), "do not pass: {not:?}");
}

fn restore(days: i64, seconds: f64) -> BackupEvent {
    let at = as_of().plus_days(-days);
    BackupEvent {
        kind: BackupKind::Restore,
        at,
        succeeded: true,
        location: None,
        duration_s: Some(seconds),
        validated: Some(true),
        tool: None,
    }
}

/// What a connector says instead of the fact it could not read.
fn gap_for(fact: &Fact) -> Gap {
    let (scope, hides) = match &fact.body {
        Body::Resource(r) => ("inventory".to_owned(), vec![r.kind]),
        Body::Setting(s) => (s.key.clone(), vec![]),
        Body::Edge(e) => {
            let word =
                serde_json::to_value(e.relation).expect("serialises")["relation"].as_str().expect("tagged").to_owned();
            (word, vec![])
        }
        other => (serde_json::to_value(other.kind()).expect("serialises").as_str().expect("a word").to_owned(), vec![]),
    };
    Gap {
        account: Some(fact.provenance.account.clone()),
        scope,
        reason: GapReason::PermissionDenied,
        detail: "denied".into(),
        closes: "allow it".into(),
        hides,
        subject: Some(fact.subject.clone()),
    }
}

fn assert_nothing_turned_good(before: &[Check], after: &[Check], deleted: &str) {
    for now in after {
        let then = before.iter().find(|c| c.rule == now.rule && c.subject.id == now.subject.id);
        let good = |o: &Outcome| matches!(o, Outcome::Pass | Outcome::NotApplicable { .. });
        let was_good = then.is_some_and(|c| good(&c.result.outcome));
        assert!(
            !good(&now.result.outcome) || was_good,
            "{} on {} turned good by deleting {deleted}",
            now.rule,
            now.subject.id
        );
    }
}

fn without(case: Case, indices: &[usize]) -> (Case, String) {
    let mut indices = indices.to_vec();
    indices.sort_unstable();
    indices.dedup();
    let mut deleted = String::new();
    let case = case.edit(|s| {
        for at in indices.into_iter().rev().filter(|at| *at < s.facts.len()).collect::<Vec<_>>() {
            let fact = s.facts.remove(at);
            deleted.push_str(&format!("{}: {:?}; ", fact.subject, fact.body));
            s.gaps.push(gap_for(&fact));
        }
    });
    (case, deleted)
}

#[test]
fn law_9_no_check_turns_good_when_one_fact_is_lost() {
    let before = rich().checks();
    for at in 0..rich().facts().len() {
        let (case, deleted) = without(rich(), &[at]);
        assert_nothing_turned_good(&before, &case.checks(), &deleted);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn law_9_no_check_turns_good_when_facts_are_lost(indices in prop::collection::vec(0usize..300, 1..8)) {
        let before = rich().checks();
        let (case, deleted) = without(rich(), &indices);
        assert_nothing_turned_good(&before, &case.checks(), &deleted);
    }

    #[test]
    fn order_of_facts_does_not_matter(seed in any::<u64>()) {
        let mut draws = random::Draws::new(seed);
        let shuffled = rich().edit(|s| {
            for at in (1..s.facts.len()).rev() {
                s.facts.swap(at, draws.below(at + 1));
            }
        });
        let words = |checks: Vec<Check>| -> Vec<(RuleId, SubjectId, Outcome, String)> {
            checks.into_iter().map(|c| (c.rule, c.subject.id, c.result.outcome, c.result.sentence)).collect()
        };
        prop_assert_eq!(words(rich().checks()), words(shuffled.checks()));
    }
}

#[test]
fn every_subject_is_judged_once_by_each_rule() {
    let checks = rich().checks();
    let mut prints: Vec<_> = checks.iter().map(|c| c.fingerprint.clone()).collect();
    prints.sort();
    prints.dedup();
    assert_eq!(prints.len(), checks.len());
}
