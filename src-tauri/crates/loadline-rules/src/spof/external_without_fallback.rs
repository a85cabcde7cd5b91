//! External provider is a hard dependency without fallback.

use super::{dependants, names};
use crate::evaluate::Reading;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::time::HOURS_PER_YEAR;
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Severity, Value, key};

pub(super) const RULE: Rule = Rule {
    id: "SPOF-011",
    title: "External provider is a hard dependency without fallback",
    question: "Does a payment, mail, identity or AI provider outage stop a core journey?",
    why: "A provider that is called while the user waits adds its downtime to yours: 99.9 % alone is 8.8 hours a year, in hours \
          nobody here chooses.",
    condition: "a critical journey waits for the provider, and neither timeout, fallback, queue nor second provider is there",
    fix: &[
        "a timeout and a circuit breaker (LOAD-004, LOAD-005)",
        "accept, queue, and settle later",
        "a second provider, or an answer from the cache for this journey",
        "the provider's status page in the runbook",
    ],
    effort_days: [2.0, 10.0],
    effort_source: "HD",
    weight: 2,
    severity: "high when its observed or promised availability is below the journey's target, medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::External]),
    numbers: &[Number { key: "journey_target", value: 0.999, unit: "ratio", source: "S5 (99.9 % uptime)" }],
    sources: &[
        (
            "traces",
            "client spans -> server.address, peer.service, error share; http_client_request_duration_seconds by server_address",
        ),
        ("repo", "imports of SDKs and base URLs; flags that name a second provider"),
        ("user", "declared dependency, hard or soft"),
    ],
    proof_metric: "error_ratio",
    proof: "journeys keep succeeding while the provider fails",
    false_positives: "A provider that only background workers call.",
    unknown_when: "no tracing is connected and no dependency is declared",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    let timeout = seen.flag("calls have a timeout", key::EXTERNAL_TIMEOUT);
    let fallback = seen.text("fallback", key::EXTERNAL_FALLBACK);
    if let Some(way) = fallback.filter(|f| *f != "none") {
        return CheckResult::pass(format!("`{name}` may fail: there is a fallback ({way})."), seen.rows);
    }
    if timeout == Some(true) {
        return CheckResult::pass(format!("Calls to `{name}` end with a timeout instead of with it."), seen.rows);
    }
    let hard = dependants(subject, context, true);
    for edge in &hard {
        seen.row("fails without it", names(std::slice::from_ref(edge), context), edge.provenance);
    }
    let stops_nothing = context.topology.blast_radius.get(&subject.id).is_some_and(|b| *b == 0.0);
    if subject.exposure.known && (stops_nothing || !subject.is_t0()) {
        return CheckResult::pass(format!("No critical journey waits for `{name}`."), seen.rows);
    }
    if hard.is_empty() || !subject.is_t0() {
        return CheckResult::unknown(
            GapReason::UnmappedSubject,
            format!("which journeys wait for `{name}` is not known"),
            "Connect tracing, or declare which services depend on it and whether they can do without.",
        )
        .with_evidence(seen.rows);
    }
    if timeout.is_none() || fallback.is_none() {
        return CheckResult::unknown(
            GapReason::NotConnected,
            format!("{} wait for `{name}`; whether calls have a timeout and a fallback is not known", names(&hard, context)),
            "Connect tracing or the repository, or state both (timeout; queue, cache, second_provider, degrade or none).",
        )
        .with_evidence(seen.rows);
    }
    let target = subject.number("journey_target");
    let available = seen.number("availability", "", key::EXTERNAL_AVAILABILITY);
    let below = available.is_some_and(|a| a < target);
    let cost = match available {
        Some(a) => format!(" about {:.1} hours a year", (1.0 - a).max(0.0) * HOURS_PER_YEAR),
        None => " whenever it is down".to_owned(),
    };
    if below {
        seen.follows("journey target", Value::Number(target).to_string());
    }
    let sentence = format!(
        "1 provider, `{name}`, stops {}{cost}: calls have neither timeout nor fallback.",
        names(&hard, context)
    );
    CheckResult::fail(if below { Severity::High } else { Severity::Medium }, sentence, seen.rows)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{Basis, Kind, Relation, Setting, Tier, Value, key};

    #[test]
    fn cases() {
        let psp = || Case::new().thing("psp", Kind::External).thing("api", Kind::Service);
        let needed = || psp().edge("api", Relation::DependsOn { hard: true }, "psp");
        let fallback = |way: &str| needed().set("psp", key::EXTERNAL_FALLBACK, Value::Text(way.into()));
        let bare = || fallback("none").flag("psp", key::EXTERNAL_TIMEOUT, false);
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "psp"), expected);
        check(psp(), "unknown unmapped_subject");
        check(needed(), "unknown not_connected");
        check(fallback("none"), "unknown not_connected");
        check(bare(), "fail medium");
        check(bare().number("psp", key::EXTERNAL_AVAILABILITY, 0.9995), "fail medium");
        check(bare().number("psp", key::EXTERNAL_AVAILABILITY, 0.995), "fail high");
        check(fallback("queue"), "pass");
        check(fallback("none").flag("psp", key::EXTERNAL_TIMEOUT, true), "pass");
        check(bare().no_spof("psp"), "pass");
        check(bare().no_spof("psp").tier("psp", Tier::T1), "pass");
        check(bare().tier("psp", Tier::T1), "unknown unmapped_subject");
        let stated = Setting { key: key::EXTERNAL_FALLBACK.into(), item: None, value: Value::Text("queue".into()) };
        check(needed().fact("psp", Basis::Stated, stated), "unknown not_connected");
        assert_eq!(Case::new().listed(Kind::External).answer(&RULE, "organisation"), "not_applicable");
    }
}
