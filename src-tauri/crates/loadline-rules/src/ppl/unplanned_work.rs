//! Incident work eats the team.

use super::said::numbers;
use crate::db::wording::{duration, percent};
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Incident, Severity, Timestamp, key};
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule {
    id: "PPL-006",
    title: "Incident work eats the team",
    question: "How much time goes to fires?",
    why: "What fires take is missing from the work that would prevent the next one. S5 stood at 60 % before it stabilised, and \
          doubled its velocity after; SRE caps operational work at 50 % and on-call at 25 %.",
    condition: "Incidents and unplanned work took more than 25 % of the working time of the last 4 weeks",
    fix: &[
        "repair the cause that returns most often",
        "freeze what is not critical for a bounded time (S5: one quarter)",
        "an error budget that decides",
    ],
    effort_days: [1.0, 5.0],
    effort_source: "HD",
    weight: 2,
    severity: "critical >= 60 %; high >= 50 %; medium > 25 %",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::Organisation,
    numbers: &[
        Number { key: "medium", value: 0.25, unit: "ratio", source: "SRE (on-call at most 25 %)" },
        Number { key: "high", value: 0.50, unit: "ratio", source: "SRE (operational work at most 50 %)" },
        Number { key: "critical", value: 0.60, unit: "ratio", source: "S5 (60 % on incidents)" },
        Number { key: "days", value: 28.0, unit: "d", source: "HD (4 weeks)" },
    ],
    sources: &[
        ("stated", "loadline answer work.unplanned_share, one for each week or sprint"),
        ("oncall, github, gitlab", "incidents with their duration: shown beside it"),
    ],
    proof_metric: "unplanned_work_share",
    proof: "the share of unplanned work and the number of incidents that return fall",
    false_positives: "A migration that happens once.",
    unknown_when: "nobody says which share of the time went into it: incidents last, but do not say who worked on them",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut verdict = Verdict::new();
    let mut rows = Vec::new();
    let days = subject.number("days");
    let recent = |at: Timestamp| (0.0..=days).contains(&context.as_of.days_since(at));
    let mut shares = Vec::new();
    for (said, share) in numbers(key::WORK_UNPLANNED, context) {
        let begins = said.item.and_then(Timestamp::parse).unwrap_or(said.from.read_at);
        if recent(begins) {
            rows.push(Evidence::read(format!("unplanned work from {}", begins.utc_day()), percent(share), said.from));
            shares.push(share);
        }
    }
    incidents(days, context, &mut rows);
    let mean = shares.iter().sum::<f64>() / shares.len().max(1) as f64;
    let severity = match mean {
        _ if shares.is_empty() => None,
        m if m >= subject.number("critical") => Some(Severity::Critical),
        m if m >= subject.number("high") => Some(Severity::High),
        m if m > subject.number("medium") => Some(Severity::Medium),
        _ => None,
    };
    if let Some(severity) = severity {
        let said = format!("incidents and unplanned work took {} of the working time of {days:.0} days", percent(mean));
        verdict.fault(severity, said);
    }
    if shares.is_empty() {
        verdict.lacks(
            GapReason::NotConnected,
            format!("which share of the last {days:.0} days went into incidents and unplanned work is not known"),
            "No connector reads time spent. Answer: loadline answer work.unplanned_share 30% --item 2026-11-02.",
        );
    }
    verdict.hidden_anywhere(subject, context, &[key::WORK_UNPLANNED]);
    verdict.answer(rows, format!("Incidents and unplanned work took {} of the working time.", percent(mean)))
}

/// Incidents of the window, each once: how many, and how long they lasted.
fn incidents(days: f64, context: &Context<'_>, rows: &mut Vec<Evidence>) {
    let mut known = BTreeSet::new();
    let (mut hours, mut open, mut source) = (0.0, 0_usize, None);
    for (_, incident, from) in context.facts.all::<Incident>() {
        let age = context.as_of.days_since(incident.started_at);
        if !(0.0..=days).contains(&age) || !known.insert(&incident.id) {
            continue;
        }
        source = source.max(Some((from.read_at, from)));
        match incident.resolved_at {
            Some(end) => hours += end.hours_since(incident.started_at).max(0.0),
            None => open += 1,
        }
    }
    if let Some((_, from)) = source {
        let lasted = duration(hours * 3_600.0);
        let said = format!("{} in {days:.0} days, {lasted} in all, {open} still open", known.len());
        rows.push(Evidence::read("incidents", said, from));
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::{Case, as_of};
    use loadline_model::{Basis, Incident, ORGANISATION, Setting, Value, key};

    fn week(case: Case, basis: Basis, begins: &str, share: f64) -> Case {
        let setting =
            Setting { key: key::WORK_UNPLANNED.into(), item: Some(begins.into()), value: Value::Number(share) };
        case.fact(ORGANISATION, basis, setting)
    }

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, ORGANISATION), expected);
        let said = |share| week(Case::new(), Basis::Stated, "2026-11-02", share);
        check(Case::new(), "unknown not_connected");
        check(said(0.25), "unknown not_connected");
        check(said(0.26), "fail medium");
        check(said(0.50), "fail high");
        check(said(0.60), "fail critical");
        check(week(said(0.60), Basis::Stated, "2026-11-09", 0.10), "fail medium");
        // What was said of July is no answer about November.
        check(week(Case::new(), Basis::Stated, "2026-07-06", 0.60), "unknown not_connected");
        check(week(Case::new(), Basis::Measured, "2026-11-02", 0.10), "pass");
        let denied = week(Case::new(), Basis::Measured, "2026-11-02", 0.10).gap("x", key::WORK_UNPLANNED);
        check(denied, "unknown permission_denied");
    }

    #[test]
    fn incidents_are_shown_and_do_not_judge() {
        let incident = Incident {
            id: "i-1".into(),
            title: "Checkout is down".into(),
            started_at: as_of().plus_days(-3),
            detected_at: None,
            resolved_at: Some(as_of().plus_days(-3).plus_hours(5)),
            caused_by: None,
            failover: None,
            journeys: vec![],
        };
        let check = Case::new().has("api", incident.clone()).has("web", incident).check_of(&RULE, ORGANISATION);
        assert!(check.result.outcome.is_unknown());
        let shown: Vec<&str> = check.result.evidence.iter().map(|e| e.value.as_str()).collect();
        assert_eq!(shown, ["1 in 28 days, 5 h in all, 0 still open"]);
    }
}
