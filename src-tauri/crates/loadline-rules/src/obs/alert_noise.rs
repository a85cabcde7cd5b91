//! Alert noise.

use super::telemetry::{alerting_read, alerts, no_alerting};
use crate::db::wording::{named, percent};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Provenance, Setting, Severity, key};

/// Shifts of 12 hours in 28 days.
const SHIFTS: f64 = 56.0;

pub(super) const RULE: Rule = Rule {
    id: "OBS-010",
    title: "Alert noise",
    question: "Do people trust the pager?",
    why: "People stop reading what is usually nothing, and the real page drowns. Two incidents a shift are as many as anyone can \
          follow up (SRE, being on call).",
    condition: "More than 2 pages per 12-hour shift, or more than half of the alerts resolved without action, or an alert firing \
                for more than 7 days",
    fix: &["delete or demote", "hysteresis and for-durations", "group by cause"],
    effort_days: [0.5, 2.0],
    effort_source: "HD",
    weight: 1,
    severity: "medium; low when only tickets are affected",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::Organisation,
    numbers: &[
        Number { key: "pages_per_shift", value: 2.0, unit: "count", source: "SRE: being on-call" },
        Number { key: "without_action", value: 0.5, unit: "ratio", source: "HD" },
        Number { key: "firing_days", value: 7.0, unit: "d", source: "HD" },
    ],
    sources: &[
        ("prometheus", "ALERTS and ALERTS_FOR_STATE over 28 days; alertmanager GET /api/v2/alerts"),
        ("aws", "cloudwatch:DescribeAlarmHistory"),
        ("datadog", "events of monitors"),
        ("oncall", "export of PagerDuty or Opsgenie: firings, duration, acknowledged, resolved within 5 minutes"),
    ],
    proof_metric: "pages_per_shift",
    proof: "pages per shift fall and the share that led to action rises",
    false_positives: "A storm: count one per incident.",
    unknown_when: "the history is shorter than 14 days",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let all = alerts(context);
    let mut evidence = Vec::new();
    let counted = anywhere(key::PAGES_PER_SHIFT, context);
    let idle = anywhere(key::ALERTS_WITHOUT_ACTION, context);
    evidence.extend(counted.map(|(n, p)| Evidence::read("pages per 12-hour shift over 28 days", format!("{n:.1}"), p)));
    evidence.extend(idle.map(|(n, p)| Evidence::read("resolved without action", percent(n), p)));
    let paging: Vec<_> = all.iter().filter(|(a, _)| a.pages == Some(true)).collect();
    let fired: Option<f64> =
        (!paging.is_empty()).then(|| paging.iter().map(|(a, _)| a.firings_28d.map(f64::from)).sum()).flatten();
    evidence.extend(fired.map(|n| Evidence::derived("firings of paging alerts in 28 days", format!("{n:.0}"))));
    let pages = counted.map(|(n, _)| n).or(fired.map(|n| n / SHIFTS));
    let stuck: Vec<_> = all
        .iter()
        .filter(|(a, _)| a.firing_since.is_some_and(|at| context.as_of.days_since(at) > subject.number("firing_days")))
        .collect();
    evidence.extend(stuck.iter().map(|(a, p)| {
        Evidence::read(
            a.name.clone(),
            a.firing_since.map_or_else(String::new, |at| format!("firing since {}", at.utc_day())),
            p,
        )
    }));

    let mut said = Vec::new();
    if let Some(n) = pages.filter(|n| *n > subject.number("pages_per_shift")) {
        said.push(format!("{n:.1} pages reach a 12-hour shift"));
    }
    if let Some((share, _)) = idle.filter(|(n, _)| *n > subject.number("without_action")) {
        said.push(format!("{} of the alerts need no action", percent(share)));
    }
    let pager = !said.is_empty() || stuck.iter().any(|(a, _)| a.pages != Some(false));
    if !stuck.is_empty() {
        let names: Vec<String> = stuck.iter().map(|(a, _)| a.name.clone()).collect();
        said.push(format!("{} fires for more than {:.0} days", named(&names), subject.number("firing_days")));
    }
    if !said.is_empty() {
        let severity = if pager { Severity::Medium } else { Severity::Low };
        let mut noisy: Vec<_> = all.iter().filter_map(|(a, _)| Some((a.firings_28d?, &a.name))).collect();
        noisy.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        evidence.extend(
            noisy.iter().take(5).map(|(n, name)| Evidence::derived((*name).clone(), format!("{n} firings in 28 days"))),
        );
        return CheckResult::fail(severity, format!("{}: people stop reading.", said.join(", ")), evidence);
    }
    if alerting_read(context).is_none() && counted.is_none() {
        return no_alerting();
    }
    let missing = match (pages.is_none(), idle.is_none()) {
        (false, false) => {
            return CheckResult::pass(
                format!("{:.1} pages reach a shift, and most lead to action.", pages.unwrap_or_default()),
                evidence,
            );
        }
        (true, _) => "how often alerts paged in 28 days",
        (_, true) => "how many alerts led to action",
    };
    let closes = "Connect the on-call tool (PagerDuty, Opsgenie) or allow cloudwatch:DescribeAlarmHistory.";
    CheckResult::unknown(GapReason::NotConnected, format!("{missing} is not known"), closes).with_evidence(evidence)
}

/// The highest value of a setting, whatever it is attached to.
fn anywhere<'a>(key: &str, context: &Context<'a>) -> Option<(f64, &'a Provenance)> {
    context
        .facts
        .all::<Setting>()
        .filter(|(_, s, _)| s.key == key)
        .filter_map(|(_, s, p)| s.value.as_number().map(|n| (n, p)))
        .max_by(|a, b| a.0.total_cmp(&b.0))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::obs::telemetry::cases::{alert, alerting, service};
    use crate::testing::{Case, as_of};
    use loadline_model::{Alert, AlertKind, Tier, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "organisation"), expected);
        let some = |firings| {
            alerting(service(Tier::T0)).has("api", Alert { firings_28d: firings, ..alert("errors", AlertKind::Errors) })
        };
        check(service(Tier::T0), "unknown not_connected");
        check(some(None), "unknown not_connected");
        check(some(Some(4)), "unknown not_connected");
        check(some(Some(4)).number("oncall", key::ALERTS_WITHOUT_ACTION, 0.3), "pass");
        check(some(Some(4)).number("oncall", key::ALERTS_WITHOUT_ACTION, 0.6), "fail medium");
        check(some(Some(113)), "fail medium");
        check(some(Some(4)).number("oncall", key::PAGES_PER_SHIFT, 2.1), "fail medium");
        let stuck = |pages| Alert {
            pages: Some(pages),
            firing_since: Some(as_of().plus_days(-8)),
            ..alert("disk", AlertKind::Cause)
        };
        check(some(Some(4)).has("api", stuck(true)), "fail medium");
        check(some(Some(4)).has("api", stuck(false)), "fail low");
    }
}
