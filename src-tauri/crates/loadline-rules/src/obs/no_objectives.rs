//! No objectives or burn-rate alerts.

use super::telemetry::{alerting_read, alerts, critical_journeys, no_alerting, no_journeys};
use crate::db::wording::named;
use crate::{Applies, Context, Rule, Subject};
use loadline_model::{AlertKind, CheckResult, Escalation, Evidence, GapReason, Severity, Slo};

pub(super) const RULE: Rule = Rule {
    id: "OBS-006",
    title: "No objectives or burn-rate alerts",
    question: "Is there an agreed target and a budget?",
    why: "Without a target every incident is an opinion. An objective of 99.9 % (S5) leaves a budget that decides between new \
          features and repair, and burn rates page only when it is really going.",
    condition: "A critical journey has no objective, or its objective has no multi-window burn-rate alert",
    fix: &[
        "start with 99.9 % availability and a p95 objective",
        "page at 14.4x over 1 h and 5 min and at 6x over 6 h and 30 min; ticket at 1x over 3 d and 6 h",
        "agree what happens when the budget is gone",
    ],
    effort_days: [0.5, 2.0],
    effort_source: "HD",
    weight: 2,
    severity: "medium",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::Organisation,
    numbers: &[],
    sources: &[
        ("aws", "application-signals:ListServiceLevelObjectives"),
        ("datadog", "GET /api/v1/slo"),
        ("newrelic", "NerdGraph serviceLevel"),
        ("prometheus", "GET /api/v1/rules matching burn rates"),
        ("repository", "sloth and OpenSLO files"),
    ],
    proof_metric: "availability_sli",
    proof: "budget remaining and the precision of pages rise",
    false_positives: "Low traffic: use objectives on request counts or synthetic checks.",
    unknown_when: "no journey is declared",
    prerequisites: &[],
    check,
};

fn check(_: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let journeys = critical_journeys(context);
    if journeys.is_empty() {
        return no_journeys();
    }
    let objectives: Vec<_> = context.facts.all::<Slo>().collect();
    let read = alerting_read(context);
    if objectives.is_empty() && read.is_none() {
        return no_alerting();
    }
    let mut evidence: Vec<Evidence> =
        read.map(|p| Evidence::read("alerting system", "read completely", p)).into_iter().collect();
    evidence.extend(objectives.iter().map(|(id, slo, p)| {
        let left = slo.budget_left.map_or_else(String::new, |b| format!(", {:.0} % of the budget left", b * 100.0));
        let value = format!("{:.2} % over {:.0} days{left}", slo.target * 100.0, slo.window_days);
        Evidence::read(format!("{} of `{}`", slo.name, context.reference(id).name), value, p)
    }));
    let burn = alerts(context);
    let (mut bare, mut silent, mut doubtful) = (Vec::new(), Vec::new(), Vec::new());
    for journey in &journeys {
        let reach = context.reach_of(journey);
        let own: Vec<&Slo> = objectives.iter().filter(|(id, ..)| reach.contains(*id)).map(|(_, slo, _)| *slo).collect();
        let alerted = own.iter().any(|s| s.burn_rate_alert == Some(true))
            || burn.iter().any(|(a, _)| {
                a.watches == AlertKind::BurnRate
                    && a.subjects.iter().any(|s| reach.contains(&context.facts.canonical(s)))
            });
        if own.is_empty() {
            bare.push(journey.name.clone());
        } else if !alerted && (read.is_some() || own.iter().all(|s| s.burn_rate_alert == Some(false))) {
            silent.push(journey.name.clone());
        } else if !alerted {
            doubtful.push(journey.name.clone());
        }
    }
    if !bare.is_empty() {
        let sentence = format!("{} has no agreed objective: nobody can say whether it is good enough.", named(&bare));
        return CheckResult::fail(Severity::Medium, sentence, evidence);
    }
    if !silent.is_empty() {
        let sentence =
            format!("The objective of {} has no burn-rate alert: its budget goes unnoticed.", named(&silent));
        return CheckResult::fail(Severity::Medium, sentence, evidence);
    }
    if !doubtful.is_empty() {
        let detail = format!("whether the objective of {} has a burn-rate alert was not read", named(&doubtful));
        return CheckResult::unknown(
            GapReason::NotConnected,
            detail,
            "Connect the alerting system that watches the objective.",
        )
        .with_evidence(evidence);
    }
    CheckResult::pass(
        format!("All {} critical journeys have an objective with a burn-rate alert.", journeys.len()),
        evidence,
    )
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::obs::telemetry::cases::{alert, alerting, journey, service};
    use crate::testing::Case;
    use loadline_model::{AlertKind, Slo, Tier};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "organisation"), expected);
        let buy = || journey(service(Tier::T0), "buy", 1.0);
        let slo = |burn_rate_alert| Slo {
            name: "availability".into(),
            target: 0.999,
            window_days: 30.0,
            burn_rate_alert,
            budget_left: Some(0.4),
        };
        check(service(Tier::T0), "unknown unmapped_subject");
        check(buy(), "unknown not_connected");
        check(alerting(buy()), "fail medium");
        check(buy().has("api", slo(Some(true))), "pass");
        check(buy().has("api", slo(Some(false))), "fail medium");
        check(buy().has("api", slo(None)), "unknown not_connected");
        check(alerting(buy().has("api", slo(None))), "fail medium");
        check(buy().has("api", slo(None)).has("api", alert("burn", AlertKind::BurnRate)), "pass");
        check(buy().has("elsewhere", slo(Some(true))), "fail medium");
    }
}
