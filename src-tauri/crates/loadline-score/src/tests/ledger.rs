//! The life of findings, and their order on the page.

use super::*;
use crate::findings;
use crate::ledger::{Ledger, Moment, update};
use FindingState::{Accepted, New, Open, Reopened, Resolved};

const RULE: &str = "DB-003";

fn print() -> Fingerprint {
    Fingerprint::of(&RULE.into(), &"db".into(), "")
}

fn acceptances(until: i64) -> BTreeMap<Fingerprint, Acceptance> {
    let acceptance = Acceptance {
        owner: "Ada".into(),
        reason: "soon".into(),
        until: Timestamp(until),
        author: "Ada".into(),
        at: Timestamp(0),
    };
    BTreeMap::from([(print(), acceptance)])
}

fn enter(previous: &Ledger, checks: &[Check], acceptances: &BTreeMap<Fingerprint, Acceptance>, number: i64) -> Ledger {
    let snapshot = SnapshotId::new(format!("s{number}"));
    let moment = Moment { snapshot: &snapshot, at: Timestamp(number) };
    let ledger = update(&previous.entries, checks, acceptances, &moment);
    assert_eq!(
        update(&ledger.entries, checks, acceptances, &moment),
        ledger,
        "entering a snapshot twice changes nothing"
    );
    ledger
}

fn states(ledger: &Ledger) -> Vec<FindingState> {
    ledger.entries[0].life.iter().map(|l| l.state).collect()
}

#[test]
fn a_finding_lives_from_new_to_reopened() {
    let none = BTreeMap::new();
    let bad = || vec![fail(RULE, "db", Severity::High, 1.0)];
    let first = enter(&Ledger::default(), &bad(), &none, 1);
    assert_eq!(states(&first), [New]);
    let second = enter(&first, &bad(), &none, 2);
    assert_eq!(states(&second), [New, Open]);
    let third = enter(&second, &bad(), &none, 3);
    assert_eq!(states(&third), [New, Open], "nothing happened");
    assert_eq!((third.entries[0].first_seen, third.entries[0].last_seen), (Timestamp(1), Timestamp(3)));

    let unseen = enter(&third, &[], &none, 4);
    assert_eq!(unseen.entries, third.entries, "not observed is not resolved");
    assert!(unseen.resolved.is_empty());

    let gone = enter(&unseen, &[pass(RULE, "db")], &none, 5);
    assert_eq!(states(&gone), [New, Open, Resolved]);
    assert_eq!(gone.resolved, gone.entries);
    assert_eq!(gone.entries[0].life[2].result, "pass");
    let still = enter(&gone, &[pass(RULE, "db")], &none, 6);
    assert_eq!(states(&still), [New, Open, Resolved]);
    assert!(still.resolved.is_empty(), "resolved once");
    assert_eq!(still.entries[0].last_seen, Timestamp(6));

    let back = enter(&still, &bad(), &none, 7);
    assert_eq!(states(&back), [New, Open, Resolved, Reopened]);
    assert_eq!(states(&enter(&back, &bad(), &none, 8)), [New, Open, Resolved, Reopened, Open]);
}

#[test]
fn severity_and_result_changes_are_events_and_not_applicable_resolves() {
    let none = BTreeMap::new();
    let first = enter(&Ledger::default(), &[unknown(RULE, "db")], &none, 1);
    let second = enter(&first, &[fail(RULE, "db", Severity::Low, 1.0)], &none, 2);
    let third = enter(&second, &[fail(RULE, "db", Severity::High, 1.0)], &none, 3);
    let fourth = enter(&third, &[absent(RULE, "db")], &none, 4);
    let life: Vec<_> = fourth.entries[0].life.iter().map(|l| (l.state, l.result.as_str(), l.severity)).collect();
    let expected = [
        (New, "unknown", None),
        (Open, "fail", Some(Severity::Low)),
        (Open, "fail", Some(Severity::High)),
        (Resolved, "not_applicable", None),
    ];
    assert_eq!(life, expected);
    assert!(
        enter(&Ledger::default(), &[pass(RULE, "db")], &none, 1).entries.is_empty(),
        "what never failed has no life"
    );
}

#[test]
fn acceptance_lasts_until_its_date() {
    let bad = || vec![fail(RULE, "db", Severity::High, 1.0)];
    let first = enter(&Ledger::default(), &bad(), &BTreeMap::new(), 1);
    let accepted = enter(&first, &bad(), &acceptances(3), 2);
    assert_eq!(states(&accepted), [New, Accepted]);
    let expired = enter(&accepted, &bad(), &acceptances(3), 3);
    assert_eq!(states(&expired), [New, Accepted, Open]);
    assert_eq!(states(&enter(&Ledger::default(), &bad(), &acceptances(3), 1)), [New, Accepted]);
    let resolved = enter(&accepted, &[pass(RULE, "db")], &acceptances(9), 3);
    assert_eq!(states(&resolved), [New, Accepted, Resolved], "an accepted finding can be gone too");
}

#[test]
fn a_failing_twin_outweighs_a_passing_one() {
    let none = BTreeMap::new();
    let twins = [
        pass(RULE, "db"),
        fail(RULE, "db", Severity::Low, 1.0),
        fail(RULE, "db", Severity::High, 1.0),
        unknown(RULE, "db"),
    ];
    let ledger = enter(&Ledger::default(), &twins, &none, 1);
    assert_eq!(ledger.entries[0].life[0].severity, Some(Severity::High));
}

#[test]
fn findings_are_listed_worst_first() {
    let checks = [
        unknown("OBS-001", "api"),
        fail("DB-003", "a", Severity::High, 0.2),
        fail("DB-003", "b", Severity::High, 0.9),
        fail("DB-007", "a", Severity::Critical, 0.05),
        pass("SPOF-001", "a"),
        unknown("PPL-001", "api"),
    ];
    let score = rated(&checks, &catalog());
    let ledger = enter(&Ledger::default(), &checks, &BTreeMap::new(), 1);
    let listed = findings(&checks, &ledger, &catalog(), &score, &BTreeMap::new(), Timestamp(1));
    let order: Vec<(&str, &str)> = listed.iter().map(|f| (f.rule.as_str(), f.subject.name.as_str())).collect();
    assert_eq!(order, [("DB-007", "a"), ("DB-003", "b"), ("DB-003", "a"), ("OBS-001", "api"), ("PPL-001", "api")]);
    assert!(listed.iter().all(|f| f.state == New && f.first_seen == Timestamp(1) && f.title.starts_with("title of")));
    assert_eq!(listed[0].item, Some(ItemId::of(&"DB-007".into(), &"a".into())));
    assert_eq!(listed[3].item, None, "an unknown has nothing to remedy yet");
    let total: i64 = listed.iter().map(|f| f.points_lost_micro).sum();
    assert_eq!(total, 100_000_000 - score.proven_micro.0);
}

#[test]
fn a_finding_shows_todays_acceptance() {
    let checks = [fail(RULE, "db", Severity::High, 1.0)];
    let score = rated(&checks, &catalog());
    let state = |ledger: &Ledger, acceptances: &BTreeMap<_, _>, at: i64| {
        let finding = findings(&checks, ledger, &catalog(), &score, acceptances, Timestamp(at)).remove(0);
        (finding.state, finding.acceptance.is_some())
    };
    let open = enter(&Ledger::default(), &checks, &BTreeMap::new(), 1);
    let accepted = enter(&Ledger::default(), &checks, &acceptances(5), 1);
    assert_eq!(state(&open, &acceptances(5), 2), (Accepted, true));
    assert_eq!(state(&accepted, &acceptances(5), 6), (Open, false));
    assert_eq!(state(&Ledger::default(), &BTreeMap::new(), 1), (New, false));
}
