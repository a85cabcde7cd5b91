//! Dependencies or runtimes out of date.

use super::reading::CONNECT;
use super::runtime_support::{Support, support, table_age_days};
use super::{advisories, framework_support};
use crate::db::wording::named;
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "ARCH-008",
    title: "Dependencies or runtimes out of date",
    question: "Are you running unsupported or known-vulnerable code?",
    why: "A runtime past its end gets no repair for the next hole, and the longer it waits the more has to change at once. Without a \
          lock file nobody can say what runs.",
    condition: "A runtime or framework is past its end of life, or a manifest that names libraries has no lock file, or a critical or \
                high advisory older than 30 days is open",
    fix: &["upgrade the runtime", "commit the lock file", "automated update pull requests", "remove what is not used"],
    effort_days: [1.0, 10.0],
    effort_source: "HD",
    weight: 2,
    severity: "high: runtime or framework past its end, critical or high advisory older than 30 days; medium: no lock file, an \
               advisory without a day; one level lower for what development alone uses",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Repository]),
    numbers: &[
        Number { key: "table_days", value: 180.0, unit: "d", source: "HD (releases come twice a year)" },
        Number { key: "alert_days", value: 30.0, unit: "d", source: "HD" },
        Number { key: "advisory_days", value: 7.0, unit: "d", source: "HD (of the folder as a whole)" },
        Number { key: "ecosystem_days", value: 30.0, unit: "d", source: "HD (a younger advisory is no fault yet)" },
    ],
    sources: &[
        (
            "git",
            "base images, .nvmrc, .python-version and their like; manifests and lock files; a local folder of OSV records",
        ),
        ("import", "open advisories of another tool"),
    ],
    proof_metric: "open_dependency_alerts",
    proof: "runtimes past their end and open advisories fall to 0",
    false_positives: "Whether the vulnerable part of a library is reached is not known. Libraries without a lock file on purpose. Support \
                      that was bought after its end. The age of a release is shown and never fails: a newer one need not exist.",
    unknown_when: "no source of advisories is connected, or its data is older than 7 days, or not every library is pinned, or the table \
                   of ends is older than 180 days",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let mut verdict = Verdict::new();
    let name = subject.name();
    let on = context.as_of.utc_day();
    let young = table_age_days(context.as_of) <= subject.number("table_days");
    let runtimes = seen.texts("runtime", key::CODE_RUNTIME);
    let frameworks = seen.texts("framework", key::CODE_FRAMEWORK);
    let of_runtimes = runtimes.iter().map(|row| (row, support as fn(&str, &str, _) -> Support));
    let of_frameworks = frameworks.iter().map(|row| (row, framework_support::support as fn(&str, &str, _) -> Support));
    for ((item, version), support) in of_runtimes.chain(of_frameworks) {
        let item = item.unwrap_or_default();
        let what = item.split(' ').next().unwrap_or(item);
        match support(what, version, on) {
            Support::Ended(end) => verdict.fault(
                Severity::High,
                format!("`{name}` runs on {what} {version}, whose support ended on {end} ({item})"),
            ),
            Support::Until(_) | Support::Open if young => {}
            Support::Until(_) | Support::Open | Support::Unlisted => verdict.lacks(
                GapReason::Stale,
                format!("how long {what} {version} is supported is not known"),
                "Update Loadline: its table of ends is too old, or does not name this release.",
            ),
        }
    }
    let locked = seen.flags("locked", key::CODE_LOCKED);
    let open: Vec<String> =
        locked.iter().filter(|(_, on)| !on).filter_map(|(item, _)| item.map(str::to_owned)).collect();
    if !open.is_empty() {
        verdict.fault(Severity::Medium, format!("manifests of `{name}` have no lock file: {}", named(&open)));
    }
    advisories::judge(subject, context, &mut seen, &mut verdict);
    // Evidence alone: a release may be old because there is no newer one.
    let label = "days since the release of the used version";
    seen.numbers(&format!("{label}, mean of direct libraries"), "d", key::CODE_RELEASE_AGE);
    seen.numbers(&format!("{label}, oldest direct library"), "d", key::CODE_RELEASE_AGE_OLDEST);
    if runtimes.is_empty() {
        let detail = format!("no file of `{name}` names the one version of its runtime");
        verdict.lacks(GapReason::NotConnected, detail, "Name it in the base image or a file such as .python-version.");
    }
    if locked.is_empty() {
        verdict.lacks(GapReason::NotConnected, format!("no manifest of `{name}` was read"), CONNECT);
    }
    verdict.answer(
        seen.rows,
        format!("Runtimes of `{name}` are supported, its libraries are locked, and no grave advisory is open."),
    )
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::arch::cases::repository;
    use crate::testing::{Case, as_of};
    use loadline_model::{ImportedFinding, Setting, Value, key};

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
        let linter = ImportedFinding { rule: "no-unused-vars".into(), ..advisory("high") };
        check(named().has("repo", linter), "unknown not_connected");
        check(item(runs("python", "3.13"), key::CODE_LOCKED, "npm", Value::Bool(true)), "unknown not_connected");
        check(runs("python", "3.13").has("repo", advisory("low")), "unknown not_connected");
        check(locked().has("repo", advisory("Critical")), "fail medium");
        let framework = |at: &str, version: &str| {
            item(named().has("repo", advisory("low")), key::CODE_FRAMEWORK, at, text(version))
        };
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
}
