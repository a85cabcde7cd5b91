//! No continuous integration gate.

use super::required_checks::what_they_check;
use crate::db::wording::{count, percent};
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Provenance, Severity, key};
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule {
    id: "DEL-001",
    title: "No continuous integration gate",
    question: "Is every change built and tested before it can reach production?",
    why: "A test that may be skipped is skipped on the day that matters. What nothing has to pass before it lands is tested by users.",
    condition: "No pipeline runs tests, or nothing must pass before a change lands on the shipped branch, or people may push past \
                what must pass, or more than 10 % of its revisions of 28 days were not green where fewest were",
    fix: &[
        "build and test each change request",
        "require the checks and one review",
        "keep the answer below 10 minutes",
    ],
    effort_days: [1.0, 4.0],
    effort_source: "HD",
    weight: 3,
    severity: "high; critical when T0 and its truck factor is 1; medium: people may push past the checks; low: only administrators may",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Repository]),
    numbers: &[
        Number { key: "green", value: 0.9, unit: "ratio", source: "HD" },
        Number { key: "revisions", value: 10.0, unit: "count", source: "HD (fewer tell of no habit)" },
        Number {
            key: "seen",
            value: 0.1,
            unit: "ratio",
            source: "HD (of the commits of 28 days; a push may hold several)",
        },
    ],
    sources: &[
        ("git", "pipelines in the tree with a step that runs tests"),
        ("github", "rules and protection of the default branch; runs of its workflows"),
        ("gitlab", "protected branches; pipelines of the default branch"),
    ],
    proof_metric: "change_failure_rate",
    proof: "required checks exist, and the share of green revisions rises above 90 %",
    false_positives: "Repositories of documents. Tests that another system runs.",
    unknown_when: "what guards the branch, also against pushes, may not be read, or no name of a required check says that it builds \
                   or tests, or fewer than 10 revisions ran, or no clone shows whether a pipeline runs tests",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let mut verdict = Verdict::new();
    let name = subject.name();
    let alone = seen.number("truck factor", "", key::TRUCK_FACTOR).is_some_and(|n| n <= 1.0);
    let severity = if subject.is_t0() && alone { Severity::Critical } else { Severity::High };
    let pipelines = seen.number("pipelines", "", key::CODE_PIPELINES);
    match (seen.flag("a pipeline runs tests", key::CODE_TESTS_RUN), pipelines) {
        (Some(true), _) => {}
        (Some(false), Some(files)) if files > 0.0 => {
            verdict.fault(severity, format!("no pipeline of `{name}` runs its tests"));
        }
        _ => verdict.lacks(
            GapReason::NotConnected,
            format!("whether something runs the tests of `{name}` is not known"),
            "Connect a clone of the repository (loadline connect git --path …); pipelines outside it are not seen.",
        ),
    }
    match seen.number("checks that must pass", "", key::CHANGE_CHECKS) {
        Some(checks) if checks > 0.0 => {
            what_they_check(subject, &mut seen, &mut verdict);
            past_the_checks(subject, &mut seen, &mut verdict);
        }
        Some(_) => verdict.fault(severity, format!("nothing must pass before a change of `{name}` lands")),
        None => verdict.lacks(
            GapReason::NotConnected,
            format!("what a change of `{name}` must pass before it lands is not known"),
            "Connect the repository's host (GitHub, GitLab or Bitbucket) with the right to read what protects its branches.",
        ),
    }
    how_they_ended(severity, subject, context, &mut seen, &mut verdict);
    if let Some(approvals) = seen.number("approvals that are needed", "", key::CHANGE_APPROVALS).filter(|n| *n > 0.0) {
        seen.follows("reviewed by", count(approvals));
    }
    verdict.answer(seen.rows, format!("Changes of `{name}` are tested before they land."))
}

/// Checks that bind merges alone are no gate for who may push to the branch itself.
fn past_the_checks(subject: &Subject<'_>, seen: &mut Reading<'_>, verdict: &mut Verdict) {
    let name = subject.name();
    let by_request = seen.flag("nothing lands but by request", key::CHANGE_BY_REQUEST);
    let pushes = seen.flag("checks bind pushes too", key::CHANGE_CHECKS_BIND_PUSHES);
    match (by_request, pushes) {
        (Some(true), _) | (_, Some(true)) => {}
        (Some(false), Some(false)) => {
            verdict.fault(Severity::Medium, format!("people may push to `{name}` past the checks, which bind merges alone"));
        }
        _ => verdict.lacks(
            GapReason::NotConnected,
            format!("whether people may push to `{name}` past its checks is not known"),
            "Connect the repository's host with the right to read who may push, or restrict pushes in the repository itself.",
        ),
    }
    match seen.flag("administrators are bound too", key::CHANGE_BINDS_ADMINISTRATORS) {
        Some(true) => {}
        Some(false) => verdict.fault(Severity::Low, format!("administrators of `{name}` may pass its checks by")),
        None => verdict.lacks(
            GapReason::PermissionDenied,
            format!("who may pass the checks of `{name}` by is not known"),
            "GitHub shows the bypass list of a ruleset to none who may only read: require the checks by branch protection that binds \
             administrators too.",
        ),
    }
}

/// How pipelines of the branch ended, and whether they ran for enough of its revisions.
fn how_they_ended(
    severity: Severity,
    subject: &Subject<'_>,
    context: &Context<'_>,
    seen: &mut Reading<'_>,
    verdict: &mut Verdict,
) {
    let name = subject.name();
    let shares = each_source(key::CHANGE_GREEN_SHARE, "revisions that were green", subject, context, seen);
    let ran = each_source(key::CHANGE_REVISIONS, "revisions that ran in 28 days", subject, context, seen);
    // The lowest share that any source tells: of two that build a repository each sees its own runs.
    match shares.into_iter().min_by(f64::total_cmp) {
        Some(green) if green < subject.number("green") => {
            verdict.fault(severity, format!("{} of the revisions of `{name}` were not green", percent(1.0 - green)));
        }
        Some(_) => {}
        None => verdict.lacks(
            GapReason::NotConnected,
            format!("how the pipelines of `{name}` ended is not known"),
            "Connect what builds it (GitHub, GitLab, Bitbucket, CircleCI, Jenkins) with the right to read its pipelines.",
        ),
    }
    let ran = ran.into_iter().fold(0.0, f64::max);
    if ran < subject.number("revisions") {
        verdict.few("revisions with a pipeline that ended", ran as usize, subject.number("revisions"));
    }
    let days = seen.number("history read", "days", key::HISTORY_DAYS).map(|days| days.clamp(RUN_DAYS, 365.0));
    let commits = seen.number("commits in 12 months", "", key::HISTORY_COMMITS);
    if let Some(usual) = days.zip(commits).map(|(days, commits)| commits * RUN_DAYS / days)
        && ran < usual * subject.number("seen")
    {
        let detail = format!(
            "pipelines of `{name}` ended for {} revisions in 28 days, in which it gets some {} commits",
            count(ran),
            count(usual)
        );
        verdict.lacks(
            GapReason::LowSample,
            detail,
            "Let the pipeline run for every push to the branch that is shipped.",
        );
    }
}

/// Days of pipelines that hosts are asked for.
const RUN_DAYS: f64 = 28.0;

/// What each source says of a number, newest first of each, as rows.
fn each_source(
    key: &str,
    label: &str,
    subject: &Subject<'_>,
    context: &Context<'_>,
    seen: &mut Reading<'_>,
) -> Vec<f64> {
    let mut newest: BTreeMap<(&str, &str), (f64, &Provenance)> = BTreeMap::new();
    for (setting, from) in context.facts.settings(&subject.id, key) {
        let Some(number) = setting.value.as_number() else { continue };
        let known = newest.entry((from.account.as_str(), &from.call)).or_insert((number, from));
        if (known.1.read_at, known.1) < (from.read_at, from) {
            *known = (number, from);
        }
    }
    for (number, from) in newest.values() {
        seen.row(label, format!("{number}"), from);
    }
    newest.into_values().map(|(number, _)| number).collect()
}

#[cfg(test)]
#[path = "no_gate_tests.rs"]
mod tests;
