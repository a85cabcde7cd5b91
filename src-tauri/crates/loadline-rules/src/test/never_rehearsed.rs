//! Failure has never been rehearsed.

use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{
    Basis, CheckResult, Environment, Escalation, Evidence, GapReason, Incident, Kind, ORGANISATION, Provenance,
    Severity, TestKind, TestRun, Timestamp, key,
};

pub(super) const RULE: Rule = Rule {
    id: "TEST-004",
    title: "Failure has never been rehearsed",
    question: "Do failover, loss of a member and loss of a dependency work as drawn?",
    why: "A standby that never took over is a drawing of one. Failures that are introduced on purpose, in working hours, replace \
          assumed times to recover by measured ones (S3; WAF REL12).",
    condition: "The last drill of a critical part is older than 180 days or was not stood, or nobody ever made it fail",
    fix: &[
        "begin in a copy, then in production with a condition that stops it",
        "one expectation for each drill: what should happen, and how long it may take",
        "record the time to recover: loadline tests record --kind failover",
    ],
    effort_days: [1.0, 3.0],
    effort_source: "HD",
    weight: 3,
    severity: "high where it was never rehearsed or the last drill was not stood; medium where it was long ago",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Database, Kind::Cache, Kind::Queue, Kind::Service, Kind::Host, Kind::External]),
    numbers: &[Number { key: "days", value: 180.0, unit: "d", source: "HD; WAF REL12 (game days)" }],
    sources: &[
        ("recorded", "loadline tests record --kind failover or chaos, with the time to recover"),
        ("incidents", "an incident from which it recovered by failover counts as a drill"),
        ("stated", "loadline answer test.drill_180d"),
    ],
    proof_metric: "days_since_validated_restore",
    proof: "the measured time to recover stays within the objective",
    false_positives: "A real failure with a clean recovery is a drill: record it as one.",
    unknown_when: "no drill was recorded, and nobody said that there was none; a person's yes shows no drill",
    prerequisites: &["SPOF-004"],
    check,
};

/// The failure of a part, made or met.
struct Drill<'c> {
    at: Timestamp,
    stood: bool,
    seconds: Option<f64>,
    what: &'static str,
    from: &'c Provenance,
}

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let name = subject.name();
    if !subject.is_t0() || subject.environment != Environment::Production {
        let because = format!("`{name}` is on no critical journey of production.");
        return CheckResult::not_applicable(because)
            .with_evidence(vec![Evidence::derived("tier", "not T0 in production")]);
    }
    let mut seen = Reading::of(subject, context);
    if seen.flag("is a standby", key::IS_STANDBY) == Some(true) {
        let because = format!("`{name}` is a standby; its primary is judged.");
        return CheckResult::not_applicable(because).with_evidence(seen.rows);
    }
    let mut verdict = Verdict::new();
    let days = subject.number("days");
    let mut drills = drills(subject, context);
    // Words beside a failure that an account tells of would only weaken it.
    let told = |d: &Drill<'_>| d.from.basis != Basis::Stated && d.stood && context.as_of.days_since(d.at) <= days;
    if drills.last().is_some_and(|d| d.stood) && drills.iter().any(told) {
        drills.retain(|d| d.from.basis != Basis::Stated);
    }
    for drill in drills.iter().rev().take(3) {
        let took = drill.seconds.map_or_else(String::new, |s| format!(", back after {s:.0} s"));
        let held = if drill.stood { "stood" } else { "not stood" };
        let ago = context.as_of.days_since(drill.at);
        seen.happened(drill.what, format!("{ago:.0} days ago, {held}{took}"), drill.from);
    }
    match drills.last() {
        Some(last) if !last.stood => {
            verdict.fault(Severity::High, format!("`{name}` did not stand the last failure that was made of it"));
        }
        Some(last) if context.as_of.days_since(last.at) > days => {
            let ago = context.as_of.days_since(last.at);
            verdict.fault(Severity::Medium, format!("the failure of `{name}` was last rehearsed {ago:.0} days ago"));
        }
        Some(_) => {}
        None => never(subject, context, days, &mut seen, &mut verdict),
    }
    verdict.hidden(subject, context, &["test_run"]);
    verdict.answer(
        seen.rows,
        format!("The failure of `{name}` was rehearsed in the last {days:.0} days, and it came back."),
    )
}

/// Nothing shows a drill.
fn never(subject: &Subject<'_>, context: &Context<'_>, days: f64, seen: &mut Reading<'_>, verdict: &mut Verdict) {
    let name = subject.name();
    // The question asks of the last days, so an answer is one for as long.
    let said = context.facts.flag(&ORGANISATION.into(), key::TEST_DRILL_180D);
    let said = said.filter(|(_, from)| context.as_of.days_since(from.read_at) <= days);
    if let Some((on, from)) = said {
        seen.row("any drill in the last 180 days, a person says", if on { "yes" } else { "no" }, from);
    }
    if let Some((false, _)) = said {
        return verdict.fault(Severity::High, format!("nobody ever made `{name}` fail to see whether it comes back"));
    }
    verdict.lacks(
        GapReason::NotConnected,
        format!("whether the failure of `{name}` was rehearsed is shown by no account"),
        format!(
            "Record the drill: loadline tests record --kind failover --on {} --at TIME --passed. Where there was none: loadline answer test.drill_180d no.",
            subject.id
        ),
    );
}

/// Oldest first. A restore from a backup shows that data comes back, and not that this part does (DATA-004).
fn drills<'c>(subject: &Subject<'_>, context: &Context<'c>) -> Vec<Drill<'c>> {
    let tests = context.facts.facts::<TestRun>(&subject.id);
    let tests = tests.filter(|(t, _)| matches!(t.kind, TestKind::Failover | TestKind::Chaos));
    let tests = tests.map(|(t, from)| Drill { at: t.at, stood: t.passed, seconds: t.recovery_s, what: "drill", from });
    let met = context.facts.facts::<Incident>(&subject.id).filter(|(i, _)| i.failover == Some(true));
    let met = met.filter_map(|(i, from)| {
        let back = i.resolved_at?;
        let seconds = Some(back.hours_since(i.started_at) * 3_600.0);
        Some(Drill { at: i.started_at, stood: true, seconds, what: "incident, recovered by failover", from })
    });
    let mut all: Vec<Drill<'c>> = tests.chain(met).filter(|d| d.at <= context.as_of).collect();
    // Of two words about one moment the worse one is last, and counts.
    all.sort_by_key(|d| (d.at, !d.stood, d.from.read_at));
    all
}

#[cfg(test)]
#[path = "never_rehearsed_tests.rs"]
mod tests;
