//! Dependencies or runtimes out of date.

use super::reading::CONNECT;
use super::runtime_support::{Support, support, table_age_days};
use crate::db::wording::named;
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, ImportedFinding, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "ARCH-008",
    title: "Dependencies or runtimes out of date",
    question: "Are you running unsupported or known-vulnerable code?",
    why: "A runtime past its end gets no repair for the next hole, and the longer it waits the more has to change at once. Without a \
          lock file nobody can say what runs.",
    condition: "A runtime is past its end of life, or a manifest that names libraries has no lock file, or an advisory is open",
    fix: &["upgrade the runtime", "commit the lock file", "automated update pull requests", "remove what is not used"],
    effort_days: [1.0, 10.0],
    effort_source: "HD",
    weight: 2,
    severity: "high: runtime past its end; medium otherwise",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Repository]),
    numbers: &[Number { key: "table_days", value: 180.0, unit: "d", source: "HD (releases come twice a year)" }],
    sources: &[
        ("git", "base images, .nvmrc, .python-version and their like; manifests and lock files"),
        ("import", "open advisories of another tool"),
    ],
    proof_metric: "open_dependency_alerts",
    proof: "runtimes past their end and open advisories fall to 0",
    false_positives: "Dependencies of development alone. Libraries without a lock file on purpose.",
    unknown_when: "no source of advisories is connected, or the table of ends is older than 180 days",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let mut verdict = Verdict::new();
    let name = subject.name();
    let on = context.as_of.utc_day();
    let runtimes = seen.texts("runtime", key::CODE_RUNTIME);
    for (item, version) in &runtimes {
        let item = item.unwrap_or_default();
        let runtime = item.split(' ').next().unwrap_or(item);
        match support(runtime, version, on) {
            Support::Ended(end) => verdict.fault(
                Severity::High,
                format!("`{name}` runs on {runtime} {version}, whose support ended on {end} ({item})"),
            ),
            Support::Until(_) if table_age_days(context.as_of) <= subject.number("table_days") => {}
            Support::Until(_) | Support::Unlisted => verdict.lacks(
                GapReason::Stale,
                format!("how long {runtime} {version} is supported is not known"),
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
    let mut advisories = 0;
    for (finding, from) in context.facts.facts::<ImportedFinding>(&subject.id).filter(|(f, _)| is_advisory(f)) {
        seen.row(format!("{} {}", finding.source, finding.rule), finding.title.clone(), from);
        advisories += 1;
        if finding.failing && matches!(finding.severity.to_lowercase().as_str(), "critical" | "high") {
            verdict.fault(Severity::Medium, format!("{} says of `{name}`: {}", finding.source, finding.title));
        }
    }
    if runtimes.is_empty() {
        let detail = format!("no file of `{name}` names the one version of its runtime");
        verdict.lacks(GapReason::NotConnected, detail, "Name it in the base image or a file such as .python-version.");
    }
    if locked.is_empty() {
        verdict.lacks(GapReason::NotConnected, format!("no manifest of `{name}` was read"), CONNECT);
    }
    if advisories == 0 {
        let detail = format!("whether advisories are open for what `{name}` uses is not known");
        verdict.lacks(GapReason::NotConnected, detail, "Import the findings of a tool that knows advisories.");
    }
    verdict.answer(seen.rows, format!("Runtimes of `{name}` are supported and its libraries are locked."))
}

/// Words with which the identifiers of advisories begin. A linter's finding says nothing of what is used.
const ADVISORIES: [&str; 8] = ["CVE", "GHSA", "OSV", "RUSTSEC", "PYSEC", "SNYK", "GO-", "MAL-"];

fn is_advisory(finding: &ImportedFinding) -> bool {
    let rule = finding.rule.to_ascii_uppercase();
    ADVISORIES.iter().any(|word| rule.starts_with(word))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::arch::cases::repository;
    use crate::testing::Case;
    use loadline_model::{ImportedFinding, Setting, Value, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "repo"), expected);
        let item = |case: Case, key: &str, item: &str, value: Value| {
            case.has("repo", Setting { key: key.into(), item: Some(item.into()), value })
        };
        let runs = |name: &str, version: &str| {
            item(repository(), key::CODE_RUNTIME, &format!("{name} in Dockerfile"), Value::Text(version.into()))
        };
        let advisory = |severity: &str| ImportedFinding {
            source: "scanner".into(),
            rule: "CVE".into(),
            title: "a hole".into(),
            severity: severity.into(),
            failing: true,
            ..ImportedFinding::default()
        };
        check(repository(), "unknown not_connected");
        check(runs("python", "3.8"), "fail high");
        check(runs("node", "18.1"), "fail high");
        check(runs("cobol", "1"), "unknown stale");
        check(item(repository(), key::CODE_LOCKED, "npm", Value::Bool(false)), "fail medium");
        check(item(repository(), key::CODE_LOCKED, "npm", Value::Bool(true)), "unknown not_connected");
        let locked = || item(repository(), key::CODE_LOCKED, "npm", Value::Bool(true));
        check(locked().has("repo", advisory("low")), "unknown not_connected");
        let named = || item(locked(), key::CODE_RUNTIME, "python in Dockerfile", Value::Text("3.13".into()));
        check(named().has("repo", advisory("low")), "pass");
        let linter = ImportedFinding { rule: "no-unused-vars".into(), ..advisory("high") };
        check(named().has("repo", linter), "unknown not_connected");
        check(item(runs("python", "3.13"), key::CODE_LOCKED, "npm", Value::Bool(true)), "unknown not_connected");
        check(runs("python", "3.13").has("repo", advisory("low")), "unknown not_connected");
        check(locked().has("repo", advisory("Critical")), "fail medium");
    }
}
