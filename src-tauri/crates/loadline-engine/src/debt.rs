//! What debt rests on besides the checks: incidents, changes and complexity of the code, what people answered, what items took.

use crate::change_effort::{change_effort, code, files};
use crate::statements::Decided;
use loadline_model::{
    Check, Debt, FactIndex, Incident, Provenance, RuleId, RuleInfo, Setting, SubjectId, Timestamp, key,
};
use loadline_score::DebtInputs;
use std::collections::{BTreeMap, BTreeSet};

/// A quarter, in days.
const QUARTER_DAYS: i64 = 91;

/// The debt of a snapshot's checks.
pub(crate) fn debt(facts: &FactIndex<'_>, checks: &[Check], rules: &[RuleInfo], decided: &Decided) -> Debt {
    let incidents = incidents_per_quarter(facts, checks);
    let files = files(facts);
    let inputs = DebtInputs {
        incidents: &incidents,
        work: &change_effort(facts, &files),
        code: &code(facts, &files),
        calibration: loadline_score::calibration(&decided.items.took, rules),
        unplanned: unplanned(facts),
        team: &decided.policy.team,
    };
    loadline_score::debt(checks, rules, &inputs)
}

/// Incidents of the last quarter that name a rule as their cause, each once, per rule and failing subject: those that fail it
/// share its incidents.
fn incidents_per_quarter(facts: &FactIndex<'_>, checks: &[Check]) -> BTreeMap<RuleId, f64> {
    let since = facts.snapshot().taken_at.plus_days(-QUARTER_DAYS);
    let (mut counts, mut known) = (BTreeMap::new(), BTreeSet::new());
    for (_, incident, _) in facts.all::<Incident>().filter(|(_, i, _)| i.started_at >= since) {
        if !known.insert(&incident.id) {
            continue;
        }
        if let Some(cause) = incident.caused_by.as_deref().filter(|c| catalog_has(c)) {
            *counts.entry(RuleId::new(cause)).or_insert(0.0) += 1.0;
        }
    }
    for (rule, count) in &mut counts {
        let failing = checks.iter().filter(|c| c.rule == *rule && c.result.outcome.severity().is_some());
        let subjects: BTreeSet<&SubjectId> = failing.map(|c| &c.subject.id).collect();
        *count /= subjects.len().max(1) as f64;
    }
    counts
}

fn catalog_has(id: &str) -> bool {
    loadline_rules::all().any(|rule| rule.id == id)
}

/// Share of the working time that incidents and unplanned work took in the answers about the last quarter, 0–1: their mean;
/// `None` when nobody answered.
fn unplanned(facts: &FactIndex<'_>) -> Option<f64> {
    let as_of = facts.snapshot().taken_at;
    let recent = |at: Timestamp| (0.0..=QUARTER_DAYS as f64).contains(&as_of.days_since(at));
    let mut shares: BTreeMap<(SubjectId, Option<&str>), (&Provenance, f64)> = BTreeMap::new();
    for (about, said, from) in facts.all::<Setting>().filter(|(_, s, _)| s.key == key::WORK_UNPLANNED) {
        let begins = said.item.as_deref().and_then(Timestamp::parse).unwrap_or(from.read_at);
        let share = said.value.as_number().filter(|share| recent(begins) && (0.0..=1.0).contains(share));
        let Some(share) = share else { continue };
        let known = shares.entry((about.clone(), said.item.as_deref())).or_insert((from, share));
        if (known.0.read_at, known.0) < (from.read_at, from) {
            *known = (from, share);
        }
    }
    (!shares.is_empty()).then(|| shares.values().map(|(_, share)| share).sum::<f64>() / shares.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::{Case, assess};
    use loadline_model::{
        AccountId, Basis, Body, Choice, CodeStat, Decision, Fact, Kind, ORGANISATION, Resource, Snapshot, Value,
    };

    const NOW: Timestamp = Timestamp(1_793_577_600_000);

    fn fact(subject: &str, body: impl Into<Body>) -> Fact {
        let account = AccountId::new("git");
        let provenance = Provenance { account, call: "c".into(), read_at: NOW, basis: Basis::Measured };
        Fact { subject: subject.into(), body: body.into(), provenance }
    }

    fn incident(id: &str, cause: &str) -> Incident {
        serde_json::from_value(serde_json::json!({
            "id": id, "title": id, "started_at": NOW.plus_days(-3), "caused_by": cause
        }))
        .expect("an incident")
    }

    #[test]
    fn incidents_count_once_and_are_shared_by_subjects() {
        let facts = vec![
            fact("db", incident("i1", "DB-003")),
            fact("api", incident("i1", "DB-003")),
            fact("db", incident("i2", "DB-003")),
            fact("db", incident("i3", "NONE-999")),
        ];
        let snapshot = Snapshot { facts, taken_at: NOW, ..Snapshot::default() };
        let check = |on: &str, what: &str| {
            let subject = loadline_model::SubjectRef { id: on.into(), ..loadline_model::SubjectRef::organisation() };
            Check {
                rule: "DB-003".into(),
                fingerprint: loadline_model::Fingerprint::of(&"DB-003".into(), &subject.id, what),
                subject,
                result: loadline_model::CheckResult::fail(loadline_model::Severity::High, "slow", Vec::new()),
                base_severity: None,
                escalation: Vec::new(),
                exposure: loadline_model::Exposure::UNKNOWN,
            }
        };
        let index = FactIndex::new(&snapshot);
        // Two queries of one database fail: it still has both incidents.
        let one = incidents_per_quarter(&index, &[check("a", "q1"), check("a", "q2")]);
        assert_eq!(one.get(&RuleId::from("DB-003")), Some(&2.0));
        let two = incidents_per_quarter(&index, &[check("a", "q1"), check("b", "q1")]);
        assert_eq!((two.get(&RuleId::from("DB-003")), two.len()), (Some(&1.0), 1));
    }

    #[test]
    fn unplanned_work_is_the_mean_of_the_last_quarter() {
        let of = |weeks: &[(&str, f64)]| {
            let said = |(week, share): &(&str, f64)| {
                let (key, item) = (key::WORK_UNPLANNED.to_owned(), Some((*week).to_owned()));
                fact(ORGANISATION, Setting { key, item, value: Value::Number(*share) })
            };
            let facts = weeks.iter().map(said).collect();
            unplanned(&FactIndex::new(&Snapshot { facts, taken_at: NOW, ..Snapshot::default() }))
        };
        assert_eq!(of(&[]), None);
        assert_eq!(
            of(&[("2026-10-05", 0.25), ("2026-10-12", 0.75), ("2026-01-05", 1.0), ("2026-10-19", 7.0)]),
            Some(0.5)
        );
    }

    #[test]
    fn the_code_of_a_repository_is_gathered() {
        let file = |path: &str, churn: f64, complexity: f64, hotspot: f64| {
            let (churn, complexity, hotspot) = (Some(churn), Some(complexity), Some(hotspot));
            let (path, language) = (path.to_owned(), "Go".to_owned());
            fact("repo", CodeStat { path, language, lines: 100.0, churn, complexity, hotspot, ..CodeStat::default() })
        };
        let number = |key: &str, n: f64| fact("repo", Setting { key: key.into(), item: None, value: Value::Number(n) });
        let facts = vec![
            fact("repo", Resource::new(Kind::Repository, "repo")),
            file("a.go", 400.0, 300.0, 0.9),
            file("b.go", 1.0, 100.0, 0.1),
            number(key::CODE_FILES, 2.0),
            number(key::CODE_LINES, 200.0),
        ];
        let snapshot = Snapshot { facts, taken_at: NOW, ..Snapshot::default() };
        let facts = FactIndex::new(&snapshot);
        let found = code(&facts, &files(&facts)).remove(&SubjectId::new("repo")).expect("read");
        assert_eq!((found.hotspot, found.worst, found.mean), (Some(300.0), Some(300.0), Some(200.0)));
        assert_eq!(found.lines, Some(200.0));
    }

    #[test]
    fn what_items_took_reaches_the_assessment_and_its_estimates() {
        let took = |n: i64, weeks: f64| Decision {
            number: n,
            at: NOW,
            author: "mira".into(),
            choice: Choice::FinishItem { item: format!("DB-003@{n}").into(), at: NOW, took_weeks: Some(weeks) },
        };
        let of = |decisions: Vec<Decision>| {
            let snapshot = Snapshot { taken_at: NOW, ..Snapshot::default() };
            let case = Case { workspace: "w".into(), snapshot, previous: None, decisions, ledger: Vec::new() };
            assess(&case).debt.calibration
        };
        assert_eq!(of(Vec::new()), loadline_model::Calibration::default());
        let two = of(vec![took(1, 4.0), took(2, 4.0)]);
        assert_eq!((two.items, two.factor), (2, None));
        let three = of(vec![took(1, 4.0), took(2, 4.0), took(3, 4.0)]);
        let [ratio, factor] = [three.ratio, three.factor].map(|x| x.expect("three items"));
        assert!((factor * factor - ratio).abs() < 1e-6, "half way on the scale of logarithms: {three:?}");
        let back = Decision { choice: Choice::ReopenItem { item: "DB-003@3".into() }, ..took(4, 1.0) };
        assert_eq!(of(vec![took(1, 4.0), took(2, 4.0), took(3, 4.0), back]).factor, None);
    }
}
