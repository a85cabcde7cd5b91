//! What the names of required checks tell: whether one of them likely builds or tests.

use crate::Subject;
use crate::db::wording::named;
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use loadline_model::{GapReason, key};

/// Words of a check that builds or tests, and of one that does something else.
const TESTS: [&str; 21] = [
    "test",
    "tests",
    "testing",
    "unittest",
    "unittests",
    "unit",
    "integration",
    "e2e",
    "spec",
    "specs",
    "ci",
    "build",
    "builds",
    "verify",
    "pipeline",
    "pytest",
    "tox",
    "jest",
    "vitest",
    "rspec",
    "phpunit",
];
const NO_TESTS: [&str; 20] = [
    "cla",
    "license",
    "licence",
    "dco",
    "lint",
    "linter",
    "format",
    "fmt",
    "style",
    "docs",
    "title",
    "label",
    "labels",
    "deploy",
    "preview",
    "scan",
    "codeql",
    "security",
    "codecov",
    "changelog",
];

/// Whether the name of a check says that it likely builds or tests.
fn likely_tests(name: &str) -> bool {
    let name = name.to_lowercase();
    let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).collect();
    words.iter().any(|w| TESTS.contains(w)) && !words.iter().any(|w| NO_TESTS.contains(w))
}

/// A check that must pass is a gate where it tests: a signed agreement is none.
pub(super) fn what_they_check(subject: &Subject<'_>, seen: &mut Reading<'_>, verdict: &mut Verdict) {
    let checks = seen.numbers("must pass", "", key::CHANGE_CHECKS);
    let names: Vec<String> = checks.iter().filter_map(|(check, _)| check.map(str::to_owned)).collect();
    // The number itself is a row already.
    seen.rows.retain(|row| row.label != "must pass");
    if names.iter().any(|check| likely_tests(check)) {
        return;
    }
    let name = subject.name();
    let detail = if names.is_empty() {
        format!("which checks must pass before a change of `{name}` lands is not known")
    } else {
        format!("no check that must pass before a change of `{name}` lands says that it tests: {}", named(&names))
    };
    verdict.lacks(
        GapReason::UnmappedSubject,
        detail,
        "Require the job that runs the tests, and let its name say so (test, build, ci).",
    );
}

#[cfg(test)]
mod tests {
    use super::likely_tests;

    #[test]
    fn names_of_checks() {
        let check = |name: &str, expected| assert_eq!(likely_tests(name), expected, "{name}");
        check("test", true);
        check("ci/circleci: build", true);
        check("continuous-integration/travis-ci", true);
        check("Unit Tests (ubuntu-latest)", true);
        check("license/cla", false);
        check("ci/circleci: lint", false);
        check("contest", false);
        check("build docs", false);
    }
}
