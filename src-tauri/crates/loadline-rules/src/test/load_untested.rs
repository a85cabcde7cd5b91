//! No recent load test at relevant scale.

use crate::evaluate::Reading;
use crate::source_text::repositories_of;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{
    Basis, CheckResult, Environment, Escalation, Evidence, GapReason, Kind, ORGANISATION, Provenance, Severity,
    TestKind, TestRun, key, num,
};

pub(super) const RULE: Rule = Rule {
    id: "TEST-001",
    title: "No recent load test at relevant scale",
    question: "Is there evidence that the next peak will hold?",
    why: "What was never driven to the next peak is tested by the next peak, with users in it (S3; WAF REL07-BP04).",
    condition: "The last load test of a critical service that it stood is older than 90 days, or was below twice today's peak",
    fix: &[
        "scripts of the most used journeys with their real mix",
        "requests that arrive at a rate, whether or not answers come",
        "once a month, and before every announced event",
        "keep the results as data",
    ],
    effort_days: [2.0, 5.0],
    effort_source: "HD",
    weight: 3,
    severity: "high while demand grows by 20 % a month or more; medium otherwise",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[
        Number { key: "days", value: 90.0, unit: "d", source: "HD" },
        Number { key: "times_peak", value: 2.0, unit: "multiple", source: "HD; S3 (simulate thousands of users)" },
        Number { key: "growth", value: 0.20, unit: "ratio", source: "S5 (20 % a month)" },
    ],
    sources: &[
        ("recorded", "loadline tests record --kind load, with a summary of k6 or the load as a multiple of the peak"),
        ("stated", "loadline answer test.load_90d"),
        ("git", "k6, Locust, JMeter, Gatling and Artillery files: shown beside it, for a script is no run"),
        ("demo", "load tests with their highest load as a multiple of that day's peak"),
    ],
    proof_metric: "supported_multiplier",
    proof: "the tested load over the peak rises above 2",
    false_positives: "Shadow traffic, or a real sale at the same rate.",
    unknown_when: "no account tells of a load test, and nobody said that there was none; a person's yes shows no run",
    prerequisites: &[],
    check,
};

/// Days of a month, for growth.
const MONTH_DAYS: f64 = 30.0;

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let name = subject.name();
    if !subject.is_t0() || subject.environment != Environment::Production {
        let because = format!("`{name}` is on no critical journey of production.");
        return CheckResult::not_applicable(because)
            .with_evidence(vec![Evidence::derived("tier", "not T0 in production")]);
    }
    let mut seen = Reading::of(subject, context);
    let mut verdict = Verdict::new();
    let growth = context.capacity.growth.monthly.map_or(0.0, |g| g.p50);
    let severity = if growth >= subject.number("growth") { Severity::High } else { Severity::Medium };
    let days = subject.number("days");
    let demand = context.trends.demand.iter().find(|d| d.subject.id == subject.id);
    let peak = demand.map(|d| d.peak).filter(|p| *p > 0.0);
    let mut runs = runs(subject, context);
    let stood = |run: &TestRun| run.passed && context.as_of.days_since(run.at) <= days;
    let height = |run: &TestRun| times_today(run, growth, peak, context).unwrap_or_default();
    // Words beside a run that was counted and is enough would only weaken it.
    let enough = |run: &TestRun| stood(run) && height(run) >= subject.number("times_peak");
    if runs.iter().any(|(run, from)| from.basis != Basis::Stated && enough(run)) {
        runs.retain(|(_, from)| from.basis != Basis::Stated);
    }
    let recent: Vec<&TestRun> = runs.iter().map(|(run, _)| *run).filter(|run| stood(run)).collect();
    let highest = recent.iter().copied().max_by(|a, b| height(a).total_cmp(&height(b)));
    let newest = runs.len().saturating_sub(3);
    for (n, (run, from)) in runs.iter().enumerate().rev() {
        // The newest ones, and the one that the answer rests on.
        if n >= newest || highest.is_some_and(|h| std::ptr::eq(h, *run)) {
            seen.happened("load test", told(run, context), from);
        }
    }
    if runs.iter().any(|(run, _)| run.requests_per_second.is_some()) {
        seen.rows.extend(peak.map(|p| Evidence::derived("requests a second at peak", format!("{p:.1}"))));
    }
    let held = highest.and_then(|run| times_today(run, growth, peak, context));
    match held {
        Some(times) if times >= subject.number("times_peak") => {}
        Some(times) if recent.iter().all(|run| times_today(run, growth, peak, context).is_some()) => {
            verdict.fault(severity, format!("`{name}` was tested with {times:.1} times today's peak at most"));
        }
        _ if !recent.is_empty() => verdict.lacks(
            GapReason::LowSample,
            format!("how much of the peak the load tests of `{name}` reached is not known"),
            "Record the load of the test as a multiple of that day's peak (--times-peak), or connect what measures the requests of the service.",
        ),
        _ => untested(subject, context, severity, runs.last().map(|(run, _)| *run), &mut seen, &mut verdict),
    }
    verdict.hidden(subject, context, &["test_run"]);
    verdict.answer(seen.rows, format!("`{name}` stood {:.1} times today's peak in a test.", held.unwrap_or_default()))
}

/// Load tests of the service, oldest first.
fn runs<'a>(subject: &Subject<'_>, context: &Context<'a>) -> Vec<(&'a TestRun, &'a Provenance)> {
    let all = context.facts.facts::<TestRun>(&subject.id);
    let mut runs: Vec<_> = all.filter(|(t, _)| t.kind == TestKind::Load && t.at <= context.as_of).collect();
    runs.sort_by_key(|(run, from)| (run.at, run.passed, *from));
    runs
}

/// The load of a test as a multiple of today's peak: what its tool counted over the peak that is measured; or what was told as a
/// multiple of that day's peak, as demand has grown since. The lower one where both are known.
fn times_today(run: &TestRun, growth: f64, peak: Option<f64>, context: &Context<'_>) -> Option<f64> {
    let grown = num::pow(1.0 + growth.max(0.0), context.as_of.days_since(run.at) / MONTH_DAYS);
    let told = run.peak_multiplier.map(|times| times / grown);
    let counted = run.requests_per_second.zip(peak).map(|(rate, peak)| rate / peak);
    told.into_iter().chain(counted).min_by(f64::total_cmp)
}

/// A run in words.
fn told(run: &TestRun, context: &Context<'_>) -> String {
    let held = if run.passed { "stood" } else { "not stood" };
    let figures = Some(run.figures()).filter(|said| !said.is_empty());
    let figures = figures.unwrap_or_else(|| "of unknown load".to_owned());
    format!("{:.0} days ago, {figures}, {held}", context.as_of.days_since(run.at))
}

/// Nothing in the window that the service stood.
fn untested(
    subject: &Subject<'_>,
    context: &Context<'_>,
    severity: Severity,
    last: Option<&TestRun>,
    seen: &mut Reading<'_>,
    verdict: &mut Verdict,
) {
    let (name, days) = (subject.name(), subject.number("days"));
    // The question asks of the last days, so an answer is one for as long.
    let said = context.facts.flag(&ORGANISATION.into(), key::TEST_LOAD_90D);
    let said = said.filter(|(_, from)| context.as_of.days_since(from.read_at) <= days);
    if let Some((on, from)) = said {
        seen.row("tested in the last 90 days, a person says", if on { "yes" } else { "no" }, from);
    }
    match (said, last) {
        (Some((false, _)), _) => verdict.fault(severity, format!("nobody tried more than today's load on `{name}`")),
        (None, Some(last)) => {
            let ago = context.as_of.days_since(last.at);
            let said = if ago > days {
                format!("`{name}` was last tested under load {ago:.0} days ago")
            } else {
                format!("`{name}` did not stand its load test of {ago:.0} days ago")
            };
            verdict.fault(severity, said);
        }
        (said, _) => {
            seen.rows.extend(scripts(subject, context));
            let what = if said.is_some() { "what a load test of" } else { "whether a load test of" };
            let rest = if said.is_some() { "reached is shown by no account" } else { "was run is shown by no account" };
            verdict.lacks(
                GapReason::NotConnected,
                format!("{what} `{name}` {rest}"),
                format!(
                    "Record it: loadline tests record --kind load --on {} --at TIME --passed --times-peak N. Where there was none: loadline answer test.load_90d no.",
                    subject.id
                ),
            );
        }
    }
}

/// Files that are load tests in what the service is built from.
fn scripts(subject: &Subject<'_>, context: &Context<'_>) -> Vec<Evidence> {
    let mut rows = Vec::new();
    for repository in repositories_of(&subject.id, context) {
        for (setting, from) in context.facts.settings(&repository, key::CODE_LOAD_TESTS) {
            let tool = setting.item.as_deref().unwrap_or("any tool");
            rows.push(Evidence::read(format!("files that are load tests, {tool}"), setting.value.to_string(), from));
        }
    }
    rows
}

#[cfg(test)]
#[path = "load_untested_tests.rs"]
mod tests;
