//! Items from checks: effort, value, needs, decisions.

use super::*;
use crate::items::half_days;

fn rule(id: &str, days: [f64; 2], prerequisites: &[&str]) -> RuleInfo {
    RuleInfo {
        id: id.into(),
        domain: RuleId::from(id).family().to_owned(),
        title: format!("title of {id}"),
        question: String::new(),
        why: String::new(),
        condition: String::new(),
        fix: vec!["step".into()],
        effort_days: days,
        effort_source: "HD".into(),
        weight: 3,
        severity: "high".into(),
        escalation: Escalation::None,
        data_safety: false,
        organisation: false,
        subjects: Vec::new(),
        thresholds: Vec::new(),
        sources: Vec::new(),
        proof_metric: "http.p95".into(),
        proof: "falls".into(),
        false_positives: String::new(),
        unknown_when: String::new(),
        prerequisites: prerequisites.iter().map(|p| (*p).into()).collect(),
    }
}

fn check_of(rule: &str, on: &str, discriminator: &str, result: CheckResult) -> Check {
    let (rule, id) = (RuleId::from(rule), SubjectId::from(on));
    let fingerprint = Fingerprint::of(&rule, &id, discriminator);
    let subject = SubjectRef { id, kind: Some(Kind::Service), name: on.into(), account: None, region: None };
    Check {
        rule,
        subject,
        fingerprint,
        result,
        base_severity: None,
        escalation: Vec::new(),
        exposure: Exposure::ORGANISATION,
    }
}

fn bad(rule: &str, on: &str) -> Check {
    check_of(rule, on, "", CheckResult::fail(Severity::High, "bad", Vec::new()).with_remedy(format!("remedy {on}")))
}

fn id(rule: &str, on: &str) -> ItemId {
    ItemId::of(&rule.into(), &on.into())
}

fn capacity(first: Option<(&str, Option<&str>, f64)>) -> Capacity {
    let subject =
        |name: &str| SubjectRef { id: name.into(), kind: None, name: name.into(), account: None, region: None };
    let interval = |x: f64| Interval { p10: x, p50: x, p90: x };
    let limit = |(on, _, days): (&str, Option<&str>, f64)| LimitForecast {
        subject: subject(on),
        resource: Limited::Connections,
        scenario: "measured".into(),
        utilisation: 0.5,
        limit: 0.8,
        multiplier: interval(1.6),
        days: Some(interval(days)),
        first_probability: 1.0,
        breaks: None,
        extrapolated: false,
    };
    let rung = |(on, rule, _): (&str, Option<&str>, f64)| Rung {
        subject: subject(on),
        resource: Limited::Connections,
        multiplier: interval(1.6),
        rule: rule.map(Into::into),
        fix: String::new(),
    };
    Capacity {
        growth: Growth { monthly: None, weeks: 0, peak: None, missing: None },
        utilisation: Vec::new(),
        limits: Vec::new(),
        first_limit: first.map(limit),
        ladder: first.map(rung).into_iter().collect(),
        unmeasured: Vec::new(),
        families: Vec::new(),
        zone_loss: Vec::new(),
        pools: Vec::new(),
    }
}

fn score(lost: &[(&Check, i64)]) -> Score {
    let losses = lost.iter().map(|(c, micro)| LostPoints {
        fingerprint: c.fingerprint.clone(),
        rule: c.rule.clone(),
        subject: c.subject.name.clone(),
        result: "fail".into(),
        lost: MicroPoints(*micro),
    });
    Score {
        proven: 0.0,
        possible: 0.0,
        coverage: 1.0,
        proven_micro: MicroPoints(0),
        possible_micro: MicroPoints(0),
        confidence: "high".into(),
        label: Label::NotReady,
        label_by_number: Label::NotReady,
        provisional: false,
        gates: Vec::new(),
        domains: Vec::new(),
        losses: losses.collect(),
        rule_points: Vec::new(),
    }
}

/// Items without topology, capacity and debt.
fn plain(checks: &[Check], rules: &[RuleInfo], decisions: &ItemDecisions) -> Vec<Item> {
    let lost: Vec<(&Check, i64)> =
        checks.iter().filter(|c| c.result.outcome.severity().is_some()).map(|c| (c, 1_500_000)).collect();
    items(
        checks,
        rules,
        &score(&lost),
        &Topology::default(),
        &capacity(None),
        &Debt::default(),
        decisions,
        &Policy::default(),
    )
}

#[test]
fn effort_is_the_geometric_middle_in_half_days() {
    let check = |days: [f64; 2], expected: (u32, u32, u32)| {
        let h = half_days(days);
        assert_eq!((h.low, h.mode, h.high), expected, "{days:?}");
    };
    check([0.5, 2.0], (1, 2, 4));
    check([1.0, 4.0], (2, 4, 8));
    check([0.25, 0.5], (1, 1, 1));
    check([10.0, 20.0], (20, 28, 40));
    check([0.0, 0.0], (1, 1, 1));
    check([f64::NAN, f64::INFINITY], (1, 1, 1));
    check([4.0, 1.0], (4, 4, 4));
}

#[test]
fn one_item_for_each_rule_and_subject_that_fails() {
    let twin = check_of(
        "DB-003",
        "db",
        "second query",
        CheckResult::fail(Severity::High, "bad", Vec::new()).with_remedy("index two"),
    );
    let hidden = check_of("DB-003", "cache", "", CheckResult::unknown(GapReason::Stale, "old", "collect"));
    let fine = check_of("DB-003", "fine", "", CheckResult::pass("fine", Vec::new()));
    let checks = [bad("DB-003", "db"), twin, bad("DB-003", "replica"), hidden, fine, bad("XX-001", "unjudged")];
    let items = plain(&checks, &[rule("DB-003", [1.0, 4.0], &[])], &ItemDecisions::default());
    let listed: Vec<(&ItemId, i64, usize)> = items.iter().map(|i| (&i.id, i.value, i.closes.len())).collect();
    assert_eq!(listed, [(&id("DB-003", "db"), 3000, 2), (&id("DB-003", "replica"), 1500, 1)]);
    assert!(items[0].id.as_str().starts_with("DB-003@") && items[0].id.as_str().len() == "DB-003@".len() + 8);
    assert_eq!(
        (items[0].title.as_str(), items[0].steps.len(), items[0].steps[2].as_str()),
        ("title of DB-003", 3, "step")
    );
    assert_eq!((items[0].parts.points, items[0].proof_metric.as_str()), (3.0, "http.p95"));
}

#[test]
fn value_has_four_parts() {
    let spof = |on: &str, hours: f64| Spof {
        subject: bad("SPOF-001", on).subject,
        blast_radius: 0.5,
        degraded: 0.0,
        journeys_lost: Vec::new(),
        hours_per_year: Interval { p10: 0.0, p50: hours, p90: 9.0 },
        path: Vec::new(),
        why: String::new(),
        groups: Vec::new(),
        confidence: Confidence::Observed,
        proven: true,
        assumption: String::new(),
    };
    let topology = Topology { spofs: vec![spof("api", 4.0), spof("db", f64::NAN)], ..Topology::default() };
    let checks = [bad("SPOF-001", "api"), bad("SPOF-001", "db"), bad("DB-009", "api"), bad("DB-009", "db")];
    let component = |check: &[&Check], interest: f64| {
        let findings = check.iter().map(|c| c.fingerprint.clone()).collect();
        ComponentDebt::plain(check[0].subject.clone(), Interval::default(), interest, findings)
    };
    let debt = Debt {
        components: vec![component(&[&checks[0], &checks[2]], 1.0), component(&[&checks[1]], 0.25)],
        ..Debt::default()
    };
    let rules = [rule("SPOF-001", [1.0, 4.0], &[]), rule("DB-009", [1.0, 4.0], &[])];
    let of = |capacity: &Capacity, weights: ValueWeights| {
        let policy = Policy { weights, ..Policy::default() };
        let lost: Vec<(&Check, i64)> = checks.iter().map(|c| (c, 2_000_000)).collect();
        let items =
            items(&checks, &rules, &score(&lost), &topology, capacity, &debt, &ItemDecisions::default(), &policy);
        items.into_iter().map(|i| (i.id.clone(), (i.parts, i.value))).collect::<BTreeMap<_, _>>()
    };
    let limited = capacity(Some(("db", Some("DB-009"), 45.0)));
    let valued = of(&limited, ValueWeights::default());
    let parts = |points, hours, interest, urgency| ValueParts { points, hours, interest, urgency };
    assert_eq!(valued[&id("SPOF-001", "api")], (parts(2.0, 4.0, 0.5, 0.0), 7000));
    assert_eq!(valued[&id("SPOF-001", "db")], (parts(2.0, 0.0, 0.25, 0.0), 2500));
    assert_eq!(valued[&id("DB-009", "api")], (parts(2.0, 0.0, 0.5, 0.0), 3000));
    assert_eq!(valued[&id("DB-009", "db")], (parts(2.0, 0.0, 0.0, 5.0), 7000));
    let nonsense = ValueWeights { points: f64::NAN, hours: -1.0, interest: 0.0, urgency: 2.0 };
    assert_eq!(of(&limited, nonsense)[&id("DB-009", "db")].1, 10_000);
    for (rule, days, urgency) in
        [(None, 45.0, 0.0), (Some("SPOF-001"), 45.0, 0.0), (Some("DB-009"), 90.0, 0.0), (Some("DB-009"), 0.0, 10.0)]
    {
        let valued = of(&capacity(Some(("db", rule, days))), ValueWeights::default());
        assert_eq!(valued[&id("DB-009", "db")].0.urgency, urgency, "{rule:?} {days}");
    }
}

#[test]
fn needs_are_the_same_subject_or_the_only_item() {
    let rules = [rule("DB-002", [1.0, 4.0], &[]), rule("DB-003", [1.0, 4.0], &["DB-002", "DB-003", "OBS-001"])];
    let check = |checks: &[Check], on: &str, expected: &[ItemId]| {
        let items = plain(checks, &rules, &ItemDecisions::default());
        let item = items.into_iter().find(|i| i.id == id("DB-003", on)).expect("fails");
        assert_eq!(item.needs, expected);
    };
    check(&[bad("DB-003", "a"), bad("DB-002", "a"), bad("DB-002", "b")], "a", &[id("DB-002", "a")]);
    check(&[bad("DB-003", "a"), bad("DB-002", "b")], "a", &[id("DB-002", "b")]);
    check(&[bad("DB-003", "a"), bad("DB-002", "b"), bad("DB-002", "c")], "a", &[]);
    check(&[bad("DB-003", "a")], "a", &[]);
}

#[test]
fn decisions_mark_items_and_keep_what_is_done_visible() {
    let at = Timestamp(5);
    let decide = |number: i64, choice: Choice| Decision { number, at, author: "Ada".into(), choice };
    let (a, b, c) = (id("DB-003", "a"), id("DB-003", "b"), id("DB-003", "c"));
    let log = [
        decide(1, Choice::StartItem { item: a.clone(), at }),
        decide(2, Choice::FinishItem { item: b.clone(), at, took_weeks: Some(1.5) }),
        decide(3, Choice::FinishItem { item: a.clone(), at, took_weeks: Some(9.0) }),
        decide(4, Choice::ReopenItem { item: a.clone() }),
        decide(5, Choice::PinItem { item: a.clone(), sprint: Some(2) }),
        decide(6, Choice::StartItem { item: c.clone(), at }),
        decide(7, Choice::PinItem { item: c.clone(), sprint: Some(1) }),
        decide(8, Choice::PinItem { item: c.clone(), sprint: None }),
        decide(9, Choice::RemoveJourney { id: "j".into() }),
    ];
    let decisions = ItemDecisions::from_log(&log);
    assert_eq!((decisions.done.len(), decisions.started.len(), decisions.pinned.len()), (1, 1, 1));
    assert_eq!(decisions.took, BTreeMap::from([(b.clone(), 1.5)]));

    let passing = |on: &str| check_of("DB-003", on, "", CheckResult::pass("fine", Vec::new()));
    let checks = [bad("DB-003", "a"), passing("b"), bad("DB-003", "c"), passing("d")];
    let items = plain(&checks, &[rule("DB-003", [1.0, 4.0], &[])], &decisions);
    let of = |id: &ItemId| items.iter().find(|i| i.id == *id).expect("listed");
    assert_eq!((of(&a).pinned_sprint, of(&a).started_at, of(&a).done_at), (Some(2), None, None));
    assert_eq!((of(&b).done_at, of(&b).value, of(&b).closes.len()), (Some(at), 0, 1));
    assert_eq!((of(&a).took_weeks, of(&b).took_weeks), (None, Some(1.5)));
    assert_eq!((of(&c).started_at, of(&c).pinned_sprint), (Some(at), None));
    assert_eq!(items.len(), 3);
}

#[test]
fn open_items_are_planned_at_the_team_s_pace_and_done_ones_keep_their_estimate() {
    let item = |on: &str| id("DB-003", on);
    let finished = Choice::FinishItem { item: item("b"), at: Timestamp(5), took_weeks: Some(1.0) };
    let log = [Decision { number: 1, at: Timestamp(5), author: "Ada".into(), choice: finished }];
    let passing = check_of("DB-003", "b", "", CheckResult::pass("fine", Vec::new()));
    let checks = [bad("DB-003", "a"), passing];
    let rules = [rule("DB-003", [1.0, 4.0], &[])];
    let of = |factor: Option<f64>, items_known: u32| {
        let calibration = Calibration { items: items_known, factor, ..Calibration::default() };
        let debt = Debt { calibration, ..Debt::default() };
        let decisions = ItemDecisions::from_log(&log);
        let found = items(
            &checks,
            &rules,
            &score(&[]),
            &Topology::default(),
            &capacity(None),
            &debt,
            &decisions,
            &Policy::default(),
        );
        found.into_iter().map(|i| (i.id, i.half_days)).collect::<BTreeMap<_, _>>()
    };
    let plain = HalfDays { low: 2, mode: 4, high: 8 };
    assert_eq!(of(None, 1), BTreeMap::from([(item("a"), plain), (item("b"), plain)]));
    let slow = HalfDays { low: 3, mode: 6, high: 12 };
    assert_eq!(of(Some(1.5), 4), BTreeMap::from([(item("a"), slow), (item("b"), plain)]));
}
