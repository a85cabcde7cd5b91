//! Little or no automated test protection.

use super::reading::{CONNECT, measured};
use crate::db::wording::{count, percent};
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, CodeStat, Escalation, GapReason, Kind, Severity, key};
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule {
    id: "ARCH-009",
    title: "Little or no automated test protection",
    question: "Would tests catch a broken journey?",
    why: "Without tests that run by themselves every change is checked by users. They come before any rebuilding: S1 and DORA name \
          them among the first capabilities.",
    condition: "There are no tests, or no pipeline in the repository runs them, or tests run less than 50 % of the lines that changed",
    fix: &["tests of what the critical journeys do now", "run them on every change", "gate on changed lines"],
    effort_days: [3.0, 10.0],
    effort_source: "HD",
    weight: 2,
    severity: "high: no tests on T0; medium otherwise",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Repository]),
    numbers: &[
        Number { key: "unmeasured", value: 0.20, unit: "ratio", source: "HD" },
        Number { key: "changed", value: 0.50, unit: "ratio", source: "HD" },
        Number { key: "hotspot", value: 0.50, unit: "ratio", source: "HD (ARCH-004)" },
    ],
    sources: &[
        ("git", "files that are tests by their name; commands of pipelines that run tests"),
        ("import", "coverage reports (Cobertura, LCOV); SonarQube new_coverage"),
    ],
    proof_metric: "change_failure_rate",
    proof: "the change failure rate falls",
    false_positives: "Tests in another repository. How much of the journeys they cover decides, not how many there are.",
    unknown_when: "which routes the tests protect is not known, no coverage was imported, or pipelines are not kept in the repository",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let mut verdict = Verdict::new();
    let name = subject.name();
    measured(subject.number("unmeasured"), subject, &mut seen, &mut verdict);
    let code = seen.number("lines of code", "", key::CODE_LINES);
    let tests = seen.number("lines of tests", "", key::CODE_TEST_LINES);
    let pipelines = seen.number("files of pipelines", "", key::CODE_PIPELINES);
    let run = seen.flag("a step runs tests", key::CODE_TESTS_RUN);
    match (code, tests) {
        // What was not measured may be the tests.
        (Some(code), Some(0.0)) if code > 0.0 && !verdict.is_lacking() => {
            let severity = if subject.is_t0() { Severity::High } else { Severity::Medium };
            verdict.fault(severity, format!("`{name}` has {} lines of code and no test", count(code)));
        }
        (Some(_), Some(_)) => {}
        _ => verdict.lacks(GapReason::NotConnected, format!("the tests of `{name}` were not looked for"), CONNECT),
    }
    match (pipelines, run) {
        (_, Some(true)) => {}
        (Some(files), Some(false)) if files > 0.0 && tests.is_some_and(|t| t > 0.0) => {
            verdict.fault(Severity::Medium, format!("no pipeline of `{name}` runs its tests"));
        }
        _ => verdict.lacks(
            GapReason::NotConnected,
            format!("`{name}` holds no pipeline: whether something runs its tests is not known"),
            "Connect what builds it.",
        ),
    }
    coverage(subject, context, &mut seen, &mut verdict);
    verdict.lacks(
        GapReason::NotConnected,
        format!("which routes the tests of `{name}` protect is not known"),
        "Nothing closes this yet: Loadline maps no test to a route.",
    );
    verdict.answer(seen.rows, "")
}

/// What a coverage report says of the lines that changed, and of the files that cost most.
fn coverage(subject: &Subject<'_>, context: &Context<'_>, seen: &mut Reading<'_>, verdict: &mut Verdict) {
    let name = subject.name();
    let shares = |key| context.facts.settings(&subject.id, key).filter(|(s, _)| s.item.is_none());
    let shown = [(key::CODE_COVERAGE, "lines that tests run"), (key::CODE_COVERAGE_CHANGED, "of those that changed")];
    for (key, label) in shown {
        for (setting, from) in shares(key) {
            seen.row(label, setting.value.as_number().map_or_else(String::new, percent), from);
        }
    }
    let hot = context
        .facts
        .facts::<CodeStat>(&subject.id)
        .filter(|(s, _)| s.hotspot.is_some_and(|h| h >= subject.number("hotspot")));
    let hot: BTreeSet<&str> = hot.map(|(s, _)| s.path.as_str()).collect();
    for (setting, from) in context.facts.settings(&subject.id, key::CODE_COVERAGE) {
        if let (Some(path), Some(share)) = (setting.item.as_deref(), setting.value.as_number())
            && hot.contains(path)
        {
            seen.row(format!("hotspot {path}"), format!("tests run {} of its lines", percent(share)), from);
        }
    }
    match context.facts.number(&subject.id, key::CODE_COVERAGE_CHANGED) {
        Some((share, _)) if share < subject.number("changed") => {
            verdict
                .fault(Severity::Medium, format!("tests run {} of the lines of `{name}` that changed", percent(share)));
        }
        Some(_) => {}
        None => verdict.lacks(
            GapReason::NotConnected,
            format!("which of the changed lines of `{name}` tests run is not known"),
            "Save SonarQube's api/measures/component with new_coverage, then: loadline import sonarqube FILE.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::arch::cases::{partly, repository};
    use crate::testing::Case;
    use loadline_model::{Kind, Resource, Tier, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "repo"), expected);
        let lines = |tests: f64| {
            repository().number("repo", key::CODE_LINES, 900.0).number("repo", key::CODE_TEST_LINES, tests)
        };
        let run = |case: Case, run: bool| {
            case.number("repo", key::CODE_PIPELINES, 1.0).flag("repo", key::CODE_TESTS_RUN, run)
        };
        check(repository(), "unknown not_connected");
        check(lines(0.0), "fail high");
        let internal = Resource { tier: Some(Tier::T2), ..Resource::new(Kind::Repository, "repo") };
        check(lines(0.0).has("repo", internal), "fail medium");
        let partly = partly(0.9).number("repo", key::CODE_LINES, 900.0).number("repo", key::CODE_TEST_LINES, 0.0);
        check(partly, "unknown truncated");
        check(lines(500.0), "unknown not_connected");
        check(run(lines(500.0), false), "fail medium");
        check(run(lines(500.0), true), "unknown not_connected");
        let changed = |share| run(lines(500.0), true).number("repo", key::CODE_COVERAGE_CHANGED, share);
        check(changed(0.49), "fail medium");
        check(changed(0.80), "unknown not_connected");
        check(run(lines(500.0), true).number("repo", key::CODE_COVERAGE, 0.1), "unknown not_connected");
    }
}
