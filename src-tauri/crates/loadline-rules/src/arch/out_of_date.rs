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
#[path = "out_of_date_tests.rs"]
mod tests;
