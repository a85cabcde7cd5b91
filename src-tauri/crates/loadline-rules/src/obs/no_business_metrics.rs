//! No business metrics.

use super::telemetry::{critical_journeys, metrics_read, no_journeys};
use crate::db::wording::named;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Journey, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "OBS-004",
    title: "No business metrics",
    question: "Would you see that sign-up or checkout is broken while servers answer 200?",
    why: "Servers can be healthy while nobody can buy: 8 % of answers carried the wrong payload for three weeks and every \
          dashboard was green (S2).",
    condition: "A declared critical journey has no success ratio that arrives within 15 minutes",
    fix: &[
        "emit start and success of the journey, with the reason of a failure",
        "show the ratio per 15 minutes",
        "put it next to p95 on the journey's board",
    ],
    effort_days: [1.0, 3.0],
    effort_source: "S2: inside 1-2 weeks",
    weight: 3,
    severity: "high for the journey with the largest weight; medium otherwise",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::Organisation,
    numbers: &[Number { key: "delay_minutes", value: 15.0, unit: "min", source: "S2 (15-minute windows)" }],
    sources: &[
        ("prometheus", "signup_started/completed, checkout_started/succeeded, search_performed/result_clicked"),
        ("datadog", "custom metrics and events"),
        ("newrelic", "custom events"),
        ("aws", "CloudWatch custom namespace"),
        ("postgres", "a count over the product database"),
        ("person", "which metric measures which journey"),
    ],
    proof_metric: "journey_success_ratio",
    proof: "journeys with a metric rise; drills are noticed sooner",
    false_positives: "Product analytics that arrive more than an hour late do not count.",
    unknown_when: "no journey is declared",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let journeys = critical_journeys(context);
    if journeys.is_empty() {
        return no_journeys();
    }
    let mut evidence = Vec::new();
    let (mut without, mut named_only): (Vec<&Journey>, Vec<String>) = (Vec::new(), Vec::new());
    for journey in &journeys {
        let newest = context
            .facts
            .series(&journey.id, key::metric::JOURNEY_SUCCESS)
            .max_by_key(|(s, _)| s.samples.last().map(|l| l.at));
        let delay =
            newest.and_then(|(s, from)| s.samples.last().map(|last| (from.read_at.hours_since(last.at) * 60.0, from)));
        if let Some((minutes, from)) = delay {
            evidence.push(Evidence::read(
                format!("success of `{}`", journey.name),
                format!("{minutes:.0} minutes old when read"),
                from,
            ));
        }
        if delay.is_some_and(|(minutes, _)| minutes <= subject.number("delay_minutes")) {
            continue;
        }
        match context.facts.text(&journey.id, key::JOURNEY_SUCCESS_METRIC) {
            Some((metric, _)) if delay.is_none() => named_only.push(format!("{metric} of {}", journey.name)),
            _ => without.push(journey),
        }
    }
    if let Some(heaviest) = without.iter().max_by(|a, b| a.weight.total_cmp(&b.weight).then(b.id.cmp(&a.id))) {
        if !metrics_read(context) {
            return CheckResult::unknown(
                GapReason::NotConnected,
                format!("no source of metrics is connected, so whether `{}` is measured is not known", heaviest.name),
                "Connect the metrics (Prometheus, CloudWatch, Datadog) and name the metric: loadline journeys set NAME --success-metric METRIC.",
            );
        }
        let most = journeys.iter().map(|j| j.weight).fold(0.0, f64::max);
        let severity = if heaviest.weight >= most { Severity::High } else { Severity::Medium };
        let names: Vec<String> = without.iter().map(|j| j.name.clone()).collect();
        let sentence = format!(
            "Nothing shows whether {} succeeds: it can be broken for weeks while servers answer 200.",
            named(&names)
        );
        return CheckResult::fail(severity, sentence, evidence);
    }
    if !named_only.is_empty() {
        let detail = format!("{} is declared but no connected account delivers it", named(&named_only));
        return CheckResult::unknown(GapReason::NotConnected, detail, "Connect the account that records this metric.")
            .with_evidence(evidence);
    }
    CheckResult::pass(format!("The success of all {} critical journeys is measured.", journeys.len()), evidence)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::obs::telemetry::cases::{journey, service};
    use crate::testing::{Case, as_of};
    use loadline_model::*;

    fn success(minutes_late: i64) -> Series {
        let at = Timestamp(as_of().plus_hours(-1).0 - minutes_late * 60_000);
        Series {
            metric: key::metric::JOURNEY_SUCCESS.into(),
            unit: "ratio".into(),
            kind: SeriesKind::Gauge,
            labels: Default::default(),
            samples: vec![Sample { at, value: 0.98 }],
            covered_until: as_of().plus_hours(-1),
        }
    }

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "organisation"), expected);
        let buy = || journey(service(Tier::T0), "buy", 0.7);
        let both = || journey(buy(), "browse", 0.3);
        check(service(Tier::T0), "unknown unmapped_subject");
        let mut implicit = buy();
        implicit.topology.graph.journeys[0].implicit = true;
        check(implicit, "unknown unmapped_subject");
        check(buy(), "unknown not_connected");
        check(buy().has("buy", success(5)), "pass");
        check(buy().has("buy", success(16)), "fail high");
        check(both().has("buy", success(5)), "fail medium");
        check(both().has("browse", success(5)), "fail high");
        let named =
            Setting { key: key::JOURNEY_SUCCESS_METRIC.into(), item: None, value: Value::Text("buy_ok".into()) };
        check(buy().fact("buy", Basis::Stated, named), "unknown not_connected");
    }
}
