use super::*;
use crate::fixture::{at, fact, gauge, snapshot};
use loadline_model::performance::BurnState;
use loadline_model::{Confidence, Edge, Fact, Relation, Resource};

const STEP: i64 = 300_000;

fn slo(name: &str, target: f64, told: Option<f64>) -> Slo {
    Slo { name: name.into(), target, window_days: 28.0, burn_rate_alert: None, budget_left: told }
}

/// Values every five minutes for so many days up to the snapshot; `value` gets the minutes before it.
fn sampled(metric: &str, days: i64, value: impl Fn(i64) -> Option<f64>) -> Fact {
    let end = at("2026-11-16T07:00:00Z");
    let samples = (0..days * 288).rev().filter_map(|i| Some((Timestamp(end.0 - i * STEP), value(i * 5)?)));
    fact("api", gauge(metric, "ratio", samples.collect()))
}

fn only(facts: Vec<Fact>) -> Objective {
    let mut all = promises(&snapshot(at("2026-11-16T07:02:00Z"), facts)).objectives;
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

#[test]
fn a_budget_is_counted_from_errors() {
    // 0.5 % may fail; 0.2 % does: 40 % is spent.
    let kept =
        only(vec![fact("api", slo("answers", 0.995, None)), sampled(key::metric::ERROR_RATIO, 29, |_| Some(0.002))]);
    let budget = kept.budget.as_ref().expect("measured");
    assert_eq!((kept.state, budget.measured, budget.left_at_most), (BudgetState::Kept, 1.0, 0.6));
    assert_eq!(
        kept.sentence,
        "`answers` promises 99.5 % over 28 days; 0.2 % failed, counted from the errors of `api`: 60 % of the error budget is left."
    );
    assert_eq!(kept.burns.iter().map(|b| b.rate).collect::<Vec<_>>(), [Some(0.4); 3]);

    let spent =
        only(vec![fact("api", slo("answers", 0.995, None)), sampled(key::metric::ERROR_RATIO, 29, |_| Some(0.02))]);
    assert_eq!((spent.state, spent.budget.map(|b| b.left_at_most)), (BudgetState::Overspent, Some(-3.0)));
    assert!(spent.sentence.ends_with("400 % of the error budget is spent."), "{}", spent.sentence);
}

#[test]
fn what_is_absent_is_neither_good_nor_bad() {
    let half = |m: i64| (m < 14 * 24 * 60).then_some(0.002);
    let short = only(vec![fact("api", slo("answers", 0.995, None)), sampled(key::metric::ERROR_RATIO, 29, half)]);
    let budget = short.budget.as_ref().expect("measured");
    assert_eq!((short.state, num::round9(budget.measured), budget.left_at_most), (BudgetState::NotProven, 0.5, 0.8));
    assert!(short.sentence.contains("only 50 % of that was measured, so at most 80 %"), "{}", short.sentence);
    // The half that was measured is already too much.
    let bad = only(vec![
        fact("api", slo("answers", 0.995, None)),
        sampled(key::metric::ERROR_RATIO, 29, |m| half(m).map(|_| 0.02)),
    ]);
    assert_eq!(bad.state, BudgetState::Overspent);
    let none = only(vec![fact("api", slo("answers", 0.995, None))]);
    assert_eq!((none.state, none.budget.is_none(), none.burns.len()), (BudgetState::NotProven, true, 0));
    assert!(none.missing.is_some_and(|m| m.closes.contains("`api`")));
    // Nothing for a week: the budget may be gone by now, and no alert would know.
    let stale = only(vec![
        fact("api", slo("answers", 0.995, None)),
        sampled(key::metric::ERROR_RATIO, 29, |m| (m > 7 * 24 * 60).then_some(0.0)),
    ]);
    assert_eq!(stale.state, BudgetState::NotProven);
    assert!(stale.burns.iter().all(|b| b.state == BurnState::Unknown), "{:?}", stale.burns);
}

#[test]
fn a_source_that_says_otherwise_is_not_overruled() {
    let check = |told: f64, bad: f64, expected: BudgetState, words: &str| {
        let found = only(vec![
            fact("api", slo("answers", 0.995, Some(told))),
            sampled(key::metric::ERROR_RATIO, 29, |_| Some(bad)),
        ]);
        assert_eq!(found.state, expected);
        assert!(found.sentence.contains(words), "{}", found.sentence);
    };
    check(0.41, 0.002, BudgetState::Kept, "Its source says that 41 % of the error budget is left.");
    check(0.41, 0.038, BudgetState::NotProven, "one of them counts something else");
    check(-0.5, 0.002, BudgetState::NotProven, "150 % of the error budget is spent");
    check(-0.5, 0.038, BudgetState::Overspent, "760 % of the error budget is spent");
    let told = only(vec![fact("api", slo("answers", 0.995, Some(0.41)))]);
    assert_eq!((told.state, told.told), (BudgetState::Kept, Some(0.41)));
}

#[test]
fn errors_are_not_taken_for_slowness_nor_a_target_of_everything_for_a_budget() {
    let errors = || sampled(key::metric::ERROR_RATIO, 29, |_| Some(0.0));
    let slow = only(vec![fact("api", slo("Checkout latency p95", 0.99, None)), errors()]);
    assert_eq!((slow.state, slow.budget.is_none()), (BudgetState::NotProven, true));
    let all = only(vec![fact("api", slo("answers", 1.0, None)), errors()]);
    assert_eq!((all.state, all.budget.is_none(), all.burns.len()), (BudgetState::NotProven, true, 0));
}

#[test]
fn a_journey_counts_its_success_and_the_newest_word_of_an_objective_counts() {
    let journey = |read: i64, target: f64| {
        let mut said = fact("buy", slo("buying", target, None));
        said.provenance.read_at = Timestamp(read);
        said
    };
    let mut success = sampled(key::metric::JOURNEY_SUCCESS, 29, |_| Some(0.996));
    success.subject = "buy".into();
    let found =
        only(vec![fact("buy", Resource::new(Kind::Journey, "buy")), journey(2, 0.99), journey(1, 0.5), success]);
    let budget = found.budget.expect("measured");
    assert_eq!((found.target, budget.left_at_most, budget.counts.as_str()), (0.99, 0.6, "success of `buy`"));
}

#[test]
fn incidents_reach_what_needs_the_thing_that_failed() {
    let incident = |id: &str, hour: i64, resolved: Option<i64>| Incident {
        id: id.into(),
        title: "The disk was full".into(),
        started_at: at("2026-11-10").plus_hours(hour),
        detected_at: None,
        resolved_at: resolved.map(|h| at("2026-11-10").plus_hours(h)),
        caused_by: None,
        failover: None,
        journeys: Vec::new(),
    };
    let needs =
        Edge { relation: Relation::DependsOn { hard: true }, to: "db".into(), confidence: Confidence::Declared };
    let facts = vec![
        fact("db", Resource::new(Kind::Database, "db")),
        fact("api", needs),
        fact("other", Resource::new(Kind::Service, "other")),
        fact("db", incident("late", 30, None)),
        fact("db", incident("early", 1, Some(3))),
        fact("api", incident("after the snapshot", 24 * 30, None)),
    ];
    let found = promises(&snapshot(at("2026-11-16"), facts)).incidents;
    assert_eq!(found.iter().map(|i| i.id.as_str()).collect::<Vec<_>>(), ["early", "late"]);
    assert_eq!(found[0].reaches, [SubjectId::from("api"), SubjectId::from("db")]);
    assert_eq!((found[1].until, found[0].until.is_some()), (None, true));
}
