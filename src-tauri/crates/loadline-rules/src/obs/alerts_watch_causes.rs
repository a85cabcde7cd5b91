//! Alerts watch causes (CPU), not user symptoms.

use super::telemetry::{alerting_read, alerts, no_alerting};
use crate::db::wording::{named, percent};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{Alert, AlertKind, CheckResult, Escalation, Evidence, GapReason, Journey, Severity};

pub(super) const RULE: Rule = Rule {
    id: "OBS-005",
    title: "Alerts watch causes (CPU), not user symptoms",
    question: "Do pages say what users lose?",
    why: "A busy CPU may hurt nobody, and users may suffer on an idle one. Alerting on checkout success below 95 % in 15 minutes \
          instead of CPU at 80 % found what mattered (S2), before users complained (S4).",
    condition: "A critical journey has no paging alert on latency, errors or its success, or more than half of the paging alerts \
                watch only CPU, memory or hosts",
    fix: &[
        "add alerts on symptoms: journey success, p95, error ratio",
        "turn alerts on causes into tickets or dashboards",
        "keep CPU 70 % for scaling, not for waking people",
    ],
    effort_days: [0.5, 2.0],
    effort_source: "S2: inside 1-2 weeks",
    weight: 3,
    severity: "high: a critical journey without a symptom alert; medium otherwise",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::Organisation,
    numbers: &[Number { key: "cause_share", value: 0.5, unit: "ratio", source: "HD; PROM: alert on symptoms" }],
    sources: &[
        ("prometheus", "GET /api/v1/rules -> alerting expr; alertmanager routes"),
        (
            "aws",
            "cloudwatch:DescribeAlarms -> Namespace, MetricName, Statistic, ExtendedStatistic, Threshold, ActionsEnabled, AlarmActions",
        ),
        ("datadog", "GET /api/v1/monitor -> type, query, message, options"),
        ("newrelic", "NerdGraph actor.account.alerts.nrqlConditionsSearch -> nrql.query, terms, signal, runbookUrl"),
        ("grafana", "GET /api/v1/provisioning/alert-rules"),
    ],
    proof_metric: "journey_success_ratio",
    proof: "the share of incidents that an alert detects rises; minutes to detection fall",
    false_positives: "Tickets on causes, for capacity, are fine.",
    unknown_when: "the alerting system is not connected",
    prerequisites: &["OBS-004"],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let Some(read) = alerting_read(context) else { return no_alerting() };
    let all = alerts(context);
    let paging: Vec<&Alert> = all.iter().map(|(a, _)| *a).filter(|a| a.pages == Some(true)).collect();
    let mut evidence =
        vec![Evidence::read("alert rules", format!("{}, {} of them page", all.len(), paging.len()), read)];
    evidence.extend(
        all.iter()
            .filter(|(a, _)| a.pages == Some(true))
            .take(20)
            .map(|(a, p)| Evidence::read(a.name.clone(), kind(a.watches), p)),
    );
    let journeys: Vec<&Journey> = context.topology.graph.journeys.iter().filter(|j| j.critical).collect();
    let (mut bare, mut doubtful) = (Vec::new(), Vec::new());
    for journey in &journeys {
        match watched(journey, &all.iter().map(|(a, _)| *a).collect::<Vec<_>>(), context) {
            Some(true) => {}
            Some(false) => bare.push(journey.name.clone()),
            None => doubtful.push(journey.name.clone()),
        }
    }
    let nothing = !all.iter().any(|(a, _)| is_symptom(a) && a.pages != Some(false));
    if !bare.is_empty() || (journeys.is_empty() && nothing) {
        let what = if bare.is_empty() { "users".to_owned() } else { named(&bare) };
        let sentence = format!("No page says that {what} cannot get through: users notice before you do.");
        let remedy = "Page when the error ratio is above 1 % or p95 above 500 ms for 10 minutes, or the journey's success falls below 95 % in 15 minutes.";
        return CheckResult::fail(Severity::High, sentence, evidence).with_remedy(remedy);
    }
    let causes: Vec<String> = paging.iter().filter(|a| a.watches == AlertKind::Cause).map(|a| a.name.clone()).collect();
    let share = causes.len() as f64 / paging.len().max(1) as f64;
    if share > subject.number("cause_share") {
        let sentence = format!("{} of the paging alerts watch causes, not users ({}).", percent(share), named(&causes));
        return CheckResult::fail(Severity::Medium, sentence, evidence)
            .with_remedy(format!("Turn these into tickets: {}.", causes.join(", ")));
    }
    if !doubtful.is_empty() {
        let detail = format!(
            "alerts on symptoms exist, but whether one is about {} and pages is not recognisable",
            named(&doubtful)
        );
        return CheckResult::unknown(
            GapReason::UnmappedSubject,
            detail,
            "Label alert rules with their service, and let the account read the receivers.",
        )
        .with_evidence(evidence);
    }
    CheckResult::pass("Every critical journey has a page on what users feel.".to_owned(), evidence)
}

fn is_symptom(alert: &Alert) -> bool {
    matches!(alert.watches, AlertKind::Latency | AlertKind::Errors | AlertKind::Business | AlertKind::BurnRate)
}

/// A symptom alert pages for a journey; `None` when one may, but its subject or its receiver is not known.
fn watched(journey: &Journey, alerts: &[&Alert], context: &Context<'_>) -> Option<bool> {
    let reach = context.reach_of(journey);
    let about = |a: &Alert| a.subjects.iter().any(|s| reach.contains(&context.facts.canonical(s)));
    let mut maybe = false;
    for alert in alerts.iter().filter(|a| is_symptom(a) && a.pages != Some(false)) {
        // The implicit journey is everything: any symptom alert is about it.
        let certain = (journey.implicit || about(alert)) && alert.pages == Some(true);
        if certain {
            return Some(true);
        }
        maybe |= alert.subjects.is_empty() || about(alert) || journey.implicit;
    }
    if maybe { None } else { Some(false) }
}

fn kind(watches: AlertKind) -> &'static str {
    match watches {
        AlertKind::Latency => "pages on latency",
        AlertKind::Errors => "pages on errors",
        AlertKind::Business => "pages on a business ratio",
        AlertKind::BurnRate => "pages on a burn rate",
        AlertKind::Cause => "pages on a cause",
        AlertKind::Other => "pages on something not recognised",
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::obs::telemetry::cases::{alert, alerting, journey, service};
    use crate::testing::Case;
    use loadline_model::{Alert, AlertKind, Tier};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "organisation"), expected);
        let buy = || alerting(journey(service(Tier::T0), "buy", 1.0));
        let symptom = || alert("errors", AlertKind::Errors);
        check(journey(service(Tier::T0), "buy", 1.0).has("api", symptom()), "unknown not_connected");
        check(buy(), "fail high");
        check(buy().has("api", alert("cpu", AlertKind::Cause)), "fail high");
        check(buy().has("api", symptom()), "pass");
        check(buy().has("api", Alert { pages: Some(false), ..symptom() }), "fail high");
        check(buy().has("api", Alert { pages: None, ..symptom() }), "unknown unmapped_subject");
        check(buy().has("api", Alert { subjects: vec![], ..symptom() }), "unknown unmapped_subject");
        check(buy().has("api", Alert { subjects: vec!["other".into()], ..symptom() }), "fail high");
        check(buy().has("api", symptom()).has("api", alert("cpu", AlertKind::Cause)), "pass");
        check(
            buy()
                .has("api", symptom())
                .has("api", alert("cpu", AlertKind::Cause))
                .has("api", alert("memory", AlertKind::Cause)),
            "fail medium",
        );
        check(alerting(service(Tier::T0)), "fail high");
    }
}
