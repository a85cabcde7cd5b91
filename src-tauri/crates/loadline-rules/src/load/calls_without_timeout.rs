//! Calls without timeouts.

use crate::db::wording::{duration, named};
use crate::evaluate::Reading;
use crate::source_text::{at, hidden, likely, rows};
use crate::verdict::{Verdict, internal};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, EdgeView, Escalation, GapReason, Kind, Relation, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "LOAD-004",
    title: "Calls without timeouts",
    question: "Can a slow dependency hold threads and connections?",
    why: "A call without a timeout waits as long as the other side likes, and holds a thread and a connection. When enough wait, \
          routes that never needed the slow thing fail as well (SRE, cascading failures; S2).",
    condition: "A call of a user-facing service has no timeout, as its settings say or its code likely shows, or one of 60 s or more, \
                which is longer than the balancer in front waits",
    fix: &[
        "a connect and a total timeout for each call, from p99.9",
        "pass the deadline on",
        "inner timeouts shorter than outer ones",
    ],
    effort_days: [0.5, 3.0],
    effort_source: "HD",
    weight: 3,
    severity: "high: on the synchronous path of T0; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[Number {
        key: "outer_s",
        value: 60.0,
        unit: "s",
        source: "default idle timeout of ALB and nginx; WAF REL05-BP05",
    }],
    sources: &[
        ("repository", "HTTP, database and cache clients without timeout"),
        ("traces", "longest client span against the configured timeout"),
        ("postgres", "statement_timeout of the service's role ends its queries"),
        ("aws", "ALB idle_timeout.timeout_seconds"),
    ],
    proof_metric: "error_ratio",
    proof: "the longest client span and requests in flight fall while a dependency is slow",
    false_positives: "Streaming and long polling.",
    unknown_when: "what the service calls is not known, or neither code nor mesh shows its timeouts",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    if let Some(internal) = internal(subject) {
        return internal;
    }
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    let mut verdict = Verdict::new();
    let calls: Vec<EdgeView<'_>> = context
        .facts
        .edges_from(&subject.id)
        .filter(|e| matches!(e.edge.relation, Relation::DependsOn { .. }))
        .collect();
    if calls.is_empty() {
        verdict.lacks(
            GapReason::UnmappedSubject,
            format!("what `{name}` calls is not known"),
            "Link the service to what it calls: loadline link, or connect its platform or tracing.",
        );
    }
    let said = seen.numbers("timeout of calls", "s", key::CALL_TIMEOUT_SECONDS);
    let (mut endless, mut long, mut silent) = (Vec::new(), Vec::new(), Vec::new());
    for call in &calls {
        let target = context.reference(&call.to).name;
        let own = said.iter().find(|(item, _)| item.is_some_and(|i| context.facts.canonical(&i.into()) == call.to));
        match own.map(|(_, seconds)| *seconds).or_else(|| of_target(call, context, &mut seen)) {
            Some(seconds) if seconds <= 0.0 => endless.push(target),
            Some(seconds) if seconds >= subject.number("outer_s") => long.push((target, seconds)),
            Some(_) => {}
            None => silent.push(target),
        }
    }
    let severity = if subject.is_t0() { Severity::High } else { Severity::Medium };
    if !endless.is_empty() {
        verdict.fault(
            severity,
            format!("calls of `{name}` to {} wait for ever: when that is slow, `{name}` stops", named(&endless)),
        );
    }
    for (target, seconds) in long {
        let said = format!("`{name}` waits {} for `{target}`, longer than its own callers wait", duration(seconds));
        verdict.fault(Severity::Medium, said);
    }
    // Whether the place lies on the path of a user is not known, so it is medium, and nothing that is surer rests on it.
    let places = likely(key::idiom::CALL_WITHOUT_TIMEOUT, &subject.id, context);
    if !places.is_empty() && !verdict.is_faulty() {
        seen.rows.extend(rows(&places));
        verdict.fault(Severity::Medium, format!("code of `{name}` likely calls without a timeout: {}", at(&places)));
    }
    if !silent.is_empty() {
        verdict.lacks(
            GapReason::NotConnected,
            format!("whether calls of `{name}` to {} have a timeout is not known", named(&silent)),
            "Connect the repository, the mesh or tracing, or state the timeout of each call.",
        );
    }
    verdict.hidden(subject, context, &["depends_on", "built_from", key::CALL_TIMEOUT_SECONDS]);
    if let Some(gap) = hidden(&subject.id, context) {
        let detail = format!("the code of `{name}` was read in part: {}", gap.detail);
        verdict.lacks(gap.reason, detail, gap.closes.clone());
    }
    verdict.answer(seen.rows, format!("Every known call of `{name}` ends with a timeout."))
}

/// What the target itself shows: a provider's timeout, or a database that ends long statements. Within bounds is 1.
fn of_target(call: &EdgeView<'_>, context: &Context<'_>, seen: &mut Reading<'_>) -> Option<f64> {
    let target = context.reference(&call.to).name;
    if let Some((on, from)) = context.facts.flag(&call.to, key::EXTERNAL_TIMEOUT) {
        seen.row(format!("timeout of calls to {target}"), if on { "set" } else { "none" }, from);
        return Some(if on { 1.0 } else { 0.0 });
    }
    // A database that never ends statements says nothing about the client's own timeout.
    let (ms, from) = context.facts.number(&call.to, key::STATEMENT_TIMEOUT_MS).filter(|(ms, _)| *ms > 0.0)?;
    seen.row(format!("statements of {target} end after"), duration(ms / 1e3), from);
    Some(ms / 1e3)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::load::cases::service;
    use crate::source_text::cases::place;
    use crate::testing::Case;
    use loadline_model::{Kind, Relation, Setting, Tier, Value, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
        let calls =
            |case: Case, id: &str, kind| case.thing(id, kind).edge("api", Relation::DependsOn { hard: true }, id);
        let psp = |tier| calls(service(tier), "psp", Kind::External);
        let within = |case: Case, id: &str, seconds| {
            let (item, value) = (Some(id.to_owned()), Value::Number(seconds));
            case.has("api", Setting { key: key::CALL_TIMEOUT_SECONDS.into(), item, value })
        };
        check(service(Tier::T0), "unknown unmapped_subject");
        check(service(Tier::T2), "not_applicable");
        check(psp(Tier::T0), "unknown not_connected");
        check(psp(Tier::T0).flag("psp", key::EXTERNAL_TIMEOUT, true), "pass");
        check(psp(Tier::T0).flag("psp", key::EXTERNAL_TIMEOUT, false), "fail high");
        check(psp(Tier::T1).flag("psp", key::EXTERNAL_TIMEOUT, false), "fail medium");
        check(within(psp(Tier::T0), "psp", 5.0), "pass");
        check(within(psp(Tier::T0), "psp", 5.0).gap("api", "depends_on"), "unknown permission_denied");
        check(within(psp(Tier::T0), "psp", 90.0), "fail medium");
        check(within(psp(Tier::T0), "psp", 0.0), "fail high");
        let db = |ms| {
            calls(within(psp(Tier::T0), "psp", 5.0), "db", Kind::Database).number("db", key::STATEMENT_TIMEOUT_MS, ms)
        };
        check(db(5_000.0), "pass");
        let coded = |case: Case, likely| place(case, "api", key::idiom::CALL_WITHOUT_TIMEOUT, likely);
        check(coded(db(5_000.0), true), "fail medium");
        check(coded(service(Tier::T0), true), "fail medium");
        check(coded(psp(Tier::T0).flag("psp", key::EXTERNAL_TIMEOUT, false), true), "fail high");
        check(coded(db(5_000.0), false), "pass");
        check(coded(db(5_000.0), false).gap("code", "code_idiom"), "unknown permission_denied");
        check(coded(db(5_000.0), true).thing("web", Kind::Service).edge("web", Relation::BuiltFrom, "code"), "pass");
        check(db(0.0), "unknown not_connected");
    }
}
