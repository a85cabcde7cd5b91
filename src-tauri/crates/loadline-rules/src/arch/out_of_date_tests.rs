use super::RULE;
use crate::arch::cases::repository;
use crate::testing::{Case, as_of};
use loadline_model::{IMPORTED, ImportedFinding, Setting, Value, key};

fn item(case: Case, key: &str, item: &str, value: impl Into<Value>) -> Case {
    case.has("repo", Setting { key: key.into(), item: Some(item.into()), value: value.into() })
}

fn advisory(severity: &str) -> ImportedFinding {
    let (source, rule) = ("scanner".to_owned(), "CVE".to_owned());
    ImportedFinding { source, rule, severity: severity.into(), failing: true, ..ImportedFinding::default() }
}

#[test]
fn runtimes_locks_and_the_advisories_of_another_tool() {
    let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "repo"), expected);
    let text = |text: &str| Value::Text(text.into());
    let runs = |name: &str, version: &str| {
        item(repository(), key::CODE_RUNTIME, &format!("{name} in Dockerfile"), text(version))
    };
    check(repository(), "unknown not_connected");
    check(runs("python", "3.8"), "fail high");
    check(runs("node", "18.1"), "fail high");
    check(runs("cobol", "1"), "unknown stale");
    check(item(repository(), key::CODE_LOCKED, "npm", Value::Bool(false)), "fail medium");
    check(item(repository(), key::CODE_LOCKED, "npm", Value::Bool(true)), "unknown not_connected");
    let locked = || item(repository(), key::CODE_LOCKED, "npm", Value::Bool(true));
    check(locked().has("repo", advisory("low")), "unknown not_connected");
    let named = || item(locked(), key::CODE_RUNTIME, "python in Dockerfile", text("3.13"));
    check(named().has("repo", advisory("low")), "pass");
    // A level of SARIF rates the tool's rule, and what was accepted or was fixed tells of no scan.
    for level in ["error", "warning", "note", "none", "unknown"] {
        check(named().has("repo", advisory(level)), "unknown low_sample");
    }
    let accepted = ImportedFinding { failing: false, ..advisory("low") };
    check(named().has("repo", accepted), "unknown not_connected");
    let partly = item(named(), key::CODE_PACKAGES_MISSING, "pom.xml", text("direct"));
    check(partly.has("repo", advisory("low")), "unknown truncated");
    let failed = |of: &str| {
        named().has("repo", advisory("low")).gap("x", &format!("sarif/scanner/{of}")).edit(|s| {
            s.gaps[0].account = Some(IMPORTED.into());
            s.gaps[0].subject = None;
        })
    };
    check(failed("repo"), "unknown permission_denied");
    check(failed("other"), "pass");
    let linter = ImportedFinding { rule: "no-unused-vars".into(), ..advisory("high") };
    check(named().has("repo", linter), "unknown not_connected");
    check(item(runs("python", "3.13"), key::CODE_LOCKED, "npm", Value::Bool(true)), "unknown not_connected");
    check(runs("python", "3.13").has("repo", advisory("low")), "unknown not_connected");
    check(locked().has("repo", advisory("Critical")), "fail medium");
    let framework =
        |at: &str, version: &str| item(named().has("repo", advisory("low")), key::CODE_FRAMEWORK, at, text(version));
    check(framework("django in poetry.lock", "3.2.1"), "fail high");
    check(framework("django in poetry.lock", "5.2.1"), "pass");
    check(framework("django in poetry.lock", "99.1"), "unknown stale");
    check(framework("vue in yarn.lock", "3.4.0"), "pass");
}

#[test]
fn advisories_of_a_folder() {
    let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "repo"), expected);
    let day = |ago: i64| Value::Text(as_of().plus_days(-ago).utc_day().to_string());
    // Everything is known: 9 libraries of npm were compared with advisories whose newest is so many days old.
    let with = |case: Case, newest: i64| {
        let case = item(case, key::CODE_LOCKED, "npm", Value::Bool(true));
        let case = item(case, key::CODE_RUNTIME, "python in Dockerfile", Value::Text("3.13".into()));
        let case = item(case, key::CODE_PACKAGES, "npm", Value::Number(9.0));
        item(case, key::CODE_ADVISORIES_NEWEST, "npm", day(newest)).flag("repo", key::CODE_ADVISORIES_READ, true)
    };
    let known = |newest: i64| with(repository(), newest);
    let osv = |severity: &str, days_ago: i64| ImportedFinding {
        source: "OSV".into(),
        rule: "GHSA-1".into(),
        published: Some(as_of().plus_days(-days_ago).utc_day()),
        ..advisory(severity)
    };
    let development = |finding| ImportedFinding { development: Some(true), ..finding };
    check(known(1), "pass");
    check(known(7), "pass");
    check(known(8), "unknown stale");
    check(known(1).has("repo", osv("critical", 31)), "fail high");
    check(known(1).has("repo", osv("high", 31)), "fail high");
    check(known(1).has("repo", development(osv("high", 31))), "fail medium");
    check(known(1).has("repo", osv("critical", 30)), "pass");
    check(known(1).has("repo", osv("medium", 400)), "pass");
    check(known(1).has("repo", osv("unknown", 400)), "unknown low_sample");
    check(known(90).has("repo", osv("critical", 31)), "fail high");
    let undated = ImportedFinding { published: None, ..osv("high", 0) };
    check(known(1).has("repo", undated.clone()), "fail medium");
    check(known(1).has("repo", development(undated)), "fail low");
    check(known(1).has("repo", ImportedFinding { failing: false, ..osv("critical", 90) }), "pass");
    check(with(repository().flag("repo", key::CODE_ADVISORIES_READ, false), 1), "unknown truncated");
    check(item(known(1), key::CODE_PACKAGES, "PyPI", Value::Number(3.0)), "unknown not_connected");
    let python = |newest: i64| {
        let case = item(known(1), key::CODE_PACKAGES, "PyPI", Value::Number(3.0));
        item(case, key::CODE_ADVISORIES_NEWEST, "PyPI", day(newest))
    };
    check(python(30), "pass");
    check(python(31), "unknown stale");
    check(item(known(1), key::CODE_PACKAGES_UNORDERED, "npm", Value::Number(1.0)), "unknown parse_error");
    check(item(known(1), key::CODE_PACKAGES_MISSING, "pom.xml", Value::Text("direct".into())), "unknown truncated");
    check(item(known(1), key::CODE_RELEASE_AGE, "npm", Value::Number(2_000.0)), "pass");
}
