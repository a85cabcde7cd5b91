//! No continuous integration gate.

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
    numbers: &[Number { key: "green", value: 0.9, unit: "ratio", source: "HD" }],
    sources: &[
        ("git", "pipelines in the tree with a step that runs tests"),
        ("github", "rules and protection of the default branch; runs of its workflows"),
        ("gitlab", "protected branches; pipelines of the default branch"),
    ],
    proof_metric: "change_failure_rate",
    proof: "required checks exist, and the share of green revisions rises above 90 %",
    false_positives: "Repositories of documents. Tests that another system runs.",
    unknown_when: "what guards the branch, also against pushes, may not be read, or no clone shows whether a pipeline runs tests",
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
        Some(checks) if checks > 0.0 => past_the_checks(subject, &mut seen, &mut verdict),
        Some(_) => verdict.fault(severity, format!("nothing must pass before a change of `{name}` lands")),
        None => verdict.lacks(
            GapReason::NotConnected,
            format!("what a change of `{name}` must pass before it lands is not known"),
            "Connect the repository's host (GitHub, GitLab or Bitbucket) with the right to read what protects its branches.",
        ),
    }
    match lowest_green(subject, context, &mut seen) {
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
    if let Some(approvals) = seen.number("approvals that are needed", "", key::CHANGE_APPROVALS).filter(|n| *n > 0.0) {
        seen.follows("reviewed by", count(approvals));
    }
    verdict.hidden(subject, context, &["setting"]);
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
    if seen.flag("administrators are bound too", key::CHANGE_BINDS_ADMINISTRATORS) == Some(false) {
        verdict.fault(Severity::Low, format!("administrators of `{name}` may pass its checks by"));
    }
}

/// The lowest share that any source tells: of two that build a repository each sees its own runs.
fn lowest_green(subject: &Subject<'_>, context: &Context<'_>, seen: &mut Reading<'_>) -> Option<f64> {
    let mut newest: BTreeMap<(&str, &str), (f64, &Provenance)> = BTreeMap::new();
    for (setting, from) in context.facts.settings(&subject.id, key::CHANGE_GREEN_SHARE) {
        let Some(share) = setting.value.as_number() else { continue };
        let known = newest.entry((from.account.as_str(), &from.call)).or_insert((share, from));
        if (known.1.read_at, known.1) < (from.read_at, from) {
            *known = (share, from);
        }
    }
    for (share, from) in newest.values() {
        seen.row("revisions that were green", format!("{share}"), from);
    }
    newest.into_values().map(|(share, _)| share).min_by(f64::total_cmp)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{Kind, Resource, Tier, key};

    fn repository(tier: Tier) -> Case {
        Case::new().has("repo", Resource { tier: Some(tier), ..Resource::new(Kind::Repository, "repo") })
    }

    fn guarded(tests: bool, checks: f64, green: f64) -> Case {
        repository(Tier::T0)
            .number("repo", key::CODE_PIPELINES, 1.0)
            .flag("repo", key::CODE_TESTS_RUN, tests)
            .number("repo", key::CHANGE_CHECKS, checks)
            .number("repo", key::CHANGE_GREEN_SHARE, green)
    }

    /// The same with who may push past the checks.
    fn pushed(by_request: Option<bool>, binds: Option<bool>) -> Case {
        let said = |case: Case, key, on: Option<bool>| match on {
            Some(on) => case.flag("repo", key, on),
            None => case,
        };
        let case = said(guarded(true, 2.0, 0.97), key::CHANGE_BY_REQUEST, by_request);
        said(case, key::CHANGE_CHECKS_BIND_PUSHES, binds)
    }

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "repo"), expected);
        check(repository(Tier::T0), "unknown not_connected");
        check(pushed(Some(true), None), "pass");
        check(pushed(Some(true), Some(false)), "pass");
        check(pushed(Some(false), Some(true)), "pass");
        check(pushed(Some(false), Some(false)), "fail medium");
        check(pushed(None, Some(false)), "unknown not_connected");
        check(pushed(Some(false), None), "unknown not_connected");
        check(guarded(true, 2.0, 0.97), "unknown not_connected");
        check(pushed(Some(true), None).flag("repo", key::CHANGE_BINDS_ADMINISTRATORS, false), "fail low");
        check(pushed(Some(true), None).flag("repo", key::CHANGE_BINDS_ADMINISTRATORS, true), "pass");
        // Of two that build it the one with the most failures counts, also when the other was read last.
        let other = pushed(Some(true), None).number("repo", key::CHANGE_GREEN_SHARE, 0.5).edit(|snapshot| {
            if let Some(last) = snapshot.facts.last_mut() {
                last.provenance.call = "other".into();
                last.provenance.read_at = last.provenance.read_at.plus_hours(-5);
            }
        });
        check(other, "fail high");
        check(guarded(false, 2.0, 0.97), "fail high");
        check(guarded(true, 0.0, 0.97), "fail high");
        check(guarded(true, 2.0, 0.89), "fail high");
        check(guarded(true, 0.0, 0.97).number("repo", key::TRUCK_FACTOR, 1.0), "fail critical");
        check(guarded(true, 0.0, 0.97).number("repo", key::TRUCK_FACTOR, 3.0), "fail high");
        // Half of it known and good is not enough.
        let host = repository(Tier::T1).number("repo", key::CHANGE_CHECKS, 2.0);
        check(host.number("repo", key::CHANGE_GREEN_SHARE, 1.0), "unknown not_connected");
        let clone = repository(Tier::T1).number("repo", key::CODE_PIPELINES, 1.0);
        check(clone.flag("repo", key::CODE_TESTS_RUN, true), "unknown not_connected");
    }
}
