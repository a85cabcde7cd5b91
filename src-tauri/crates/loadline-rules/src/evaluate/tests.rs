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
    check(hidden, "unknown not_connected");
    check(listed().edit(|s| s.accounts[0].connected = false), "unknown not_connected");
    check(listed().edit(|s| s.inventories[0].read_at = as_of().plus_days(-8)), "unknown stale");
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
    case.has("www", ends("certificate", 90)).has("www", ends("certificate", 3)).has("www", ends("domain", 300)).set(
        "api",
        key::SCHEDULE_RUNS_IN,
        text("one_host"),
    )
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
    fn law_9_no_check_turns_good_when_facts_are_lost(indices in prop::collection::vec(0usize..100, 1..8)) {
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
