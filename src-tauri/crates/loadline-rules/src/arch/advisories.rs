//! Advisories that are open for what a repository uses: those of another tool, and those of a folder of OSV records that were
//! compared with its lock files.

use crate::db::wording::{count, named};
use crate::evaluate::{Reading, cut_import};
use crate::verdict::Verdict;
use crate::{Context, Subject};
use loadline_model::{Day, GapReason, ImportedFinding, Provenance, Severity, key};

/// The source of what was compared with a folder of records.
const OSV: &str = "OSV";
/// Most advisories shown as rows.
const SHOWN: usize = 20;
/// Words with which the identifiers of advisories begin. A linter's finding says nothing of what is used.
const IDENTIFIERS: [&str; 8] = ["CVE", "GHSA", "OSV", "RUSTSEC", "PYSEC", "SNYK", "GO-", "MAL-"];

fn is_advisory(finding: &ImportedFinding) -> bool {
    let rule = finding.rule.to_ascii_uppercase();
    finding.source == OSV || IDENTIFIERS.iter().any(|word| rule.starts_with(word))
}

/// Says what is open, and what is missing before its absence means something.
pub(super) fn judge(subject: &Subject<'_>, context: &Context<'_>, seen: &mut Reading<'_>, verdict: &mut Verdict) {
    let mut told: Vec<(&ImportedFinding, &Provenance)> =
        context.facts.facts::<ImportedFinding>(&subject.id).filter(|(f, _)| is_advisory(f)).collect();
    told.sort_by_key(|(f, _)| (!f.failing, weight(f), &f.rule, &f.title));
    for (finding, from) in told.iter().take(SHOWN) {
        seen.row(format!("{} {}", finding.source, finding.rule), finding.title.clone(), from);
    }
    let open = || told.iter().map(|(f, _)| *f).filter(|f| f.failing);
    dated(subject, context, open(), verdict);
    let name = subject.name();
    for finding in open().filter(|f| f.published.is_none() && is_grave(f)) {
        let severity = lower(Severity::Medium, finding);
        verdict.fault(severity, format!("{} says of `{name}`: {}", finding.source, finding.title));
    }
    let mut unrated: Vec<String> = open().filter(|f| !is_rated(f)).map(|f| f.rule.clone()).collect();
    unrated.dedup();
    if !unrated.is_empty() {
        verdict.lacks(
            GapReason::LowSample,
            format!("how severe these open advisories are is said nowhere: {}", named(&unrated)),
            "Update the libraries, add GitHub's advisories to the folder, or import findings with a `security-severity`.",
        );
    }
    if let Some(gap) = cut_import(&subject.id, "sarif", context) {
        let detail = format!("what another tool found in `{name}` may be a part: {}", gap.detail);
        verdict.lacks(gap.reason, detail, gap.closes.clone());
    }
    // Another tool that found something open knows its own advisories; what was compared here then adds to it.
    if !open().any(|f| f.source != OSV) {
        compared(subject, context, seen, verdict);
    }
    all_known(subject, seen, verdict);
}

/// Whether every library is known: of one that nobody named no tool can say anything.
fn all_known(subject: &Subject<'_>, seen: &mut Reading<'_>, verdict: &mut Verdict) {
    let missing = seen.texts("libraries not all known", key::CODE_PACKAGES_MISSING);
    let missing: Vec<String> = missing.iter().filter_map(|(path, _)| path.map(str::to_owned)).collect();
    if !missing.is_empty() {
        let detail = format!("not every library that `{}` uses is known: {}", subject.name(), named(&missing));
        verdict.lacks(GapReason::Truncated, detail, "Commit a lock file that names everything that is installed.");
    }
}

/// Advisories whose day is known: a fault when they have been open for long.
fn dated<'f>(
    subject: &Subject<'_>,
    context: &Context<'_>,
    open: impl Iterator<Item = &'f ImportedFinding>,
    verdict: &mut Verdict,
) {
    let days = subject.number("alert_days");
    let is_old = |day: Day| f64::from(context.as_of.utc_day().0 - day.0) > days;
    let old: Vec<&ImportedFinding> = open.filter(|f| is_grave(f) && f.published.is_some_and(is_old)).collect();
    for severity in [Severity::High, Severity::Medium] {
        let these: Vec<String> = old
            .iter()
            .filter(|f| lower(Severity::High, f) == severity)
            .map(|f| format!("{} {}", f.rule, f.title.split(", ").next().unwrap_or_default()))
            .collect();
        if !these.is_empty() {
            let (n, name) = (count(these.len() as f64), subject.name());
            let whom = if severity == Severity::High { "" } else { " in development alone" };
            let said = format!(
                "{n} critical or high advisories older than {days:.0} days are open for what `{name}` uses{whom}"
            );
            verdict.fault(severity, format!("{said}: {}", named(&these)));
        }
    }
}

/// What was compared with a folder of records, and how new those are.
fn compared(subject: &Subject<'_>, context: &Context<'_>, seen: &mut Reading<'_>, verdict: &mut Verdict) {
    let name = subject.name();
    let pinned = seen.numbers("libraries pinned", "", key::CODE_PACKAGES);
    seen.numbers("libraries compared", "", key::CODE_PACKAGES_COMPARED);
    seen.number("advisories open", "", key::CODE_ADVISORIES_OPEN);
    let Some(whole) = seen.flag("advisories read", key::CODE_ADVISORIES_READ) else {
        let detail = format!("whether advisories are open for what `{name}` uses is not known");
        let closes = "Name a folder of OSV records in `advisories` of the account (git), or import the findings of a tool that \
                      knows advisories.";
        return verdict.lacks(GapReason::NotConnected, detail, closes);
    };
    if !whole {
        let detail = format!("the folder of advisories for `{name}` was not read to its end, or holds damaged files");
        verdict.lacks(
            GapReason::Truncated,
            detail,
            "Unpack the export again, with the ecosystems that are used alone.",
        );
    }
    let closes = "Download OSV's export of the ecosystem again and unpack it into the folder.";
    let newest = seen.texts("newest advisory", key::CODE_ADVISORIES_NEWEST);
    let age = |day: &str| Day::parse(day).map(|day| f64::from(context.as_of.utc_day().0 - day.0));
    let youngest = newest.iter().filter_map(|(_, day)| age(day)).reduce(f64::min);
    if youngest.is_none_or(|days| days > subject.number("advisory_days")) {
        let said = youngest.map_or_else(|| "has no day".to_owned(), |days| format!("is {days:.0} days old"));
        verdict.lacks(GapReason::Stale, format!("the newest advisory that `{name}` was compared with {said}"), closes);
    }
    for (ecosystem, _) in pinned.iter().filter(|(_, libraries)| *libraries > 0.0) {
        let of = ecosystem.unwrap_or_default();
        let day = newest.iter().find(|(item, _)| item == ecosystem).and_then(|(_, day)| age(day));
        match day {
            None => {
                let detail = format!("the folder of advisories for `{name}` holds none about {of}");
                verdict.lacks(GapReason::NotConnected, detail, closes);
            }
            Some(days) if days > subject.number("ecosystem_days") => {
                let detail = format!("the newest advisory about {of} is {days:.0} days old");
                verdict.lacks(GapReason::Stale, detail, closes);
            }
            Some(_) => {}
        }
    }
    for (ecosystem, libraries) in seen.numbers("libraries not ordered", "", key::CODE_PACKAGES_UNORDERED) {
        if libraries > 0.0 {
            let of = ecosystem.unwrap_or_default();
            let detail = format!(
                "for {} libraries of {of} an advisory exists whose versions cannot be ordered",
                count(libraries)
            );
            verdict.lacks(
                GapReason::ParseError,
                detail,
                "Look the libraries up by hand, or import a scanner's findings.",
            );
        }
    }
    if pinned.is_empty() {
        let detail = format!("no lock file of `{name}` names a library that advisories could be about");
        verdict.lacks(GapReason::FeatureDisabled, detail, "Commit the lock file.");
    }
}

/// Whether the severity is a rating of what the hole allows. SARIF's levels (`error`, `warning`, `note`, `none`) are not.
fn is_rated(finding: &ImportedFinding) -> bool {
    let rated = ["critical", "high", "medium", "moderate", "low", "negligible"];
    rated.contains(&finding.severity.to_lowercase().as_str())
}

fn is_grave(finding: &ImportedFinding) -> bool {
    matches!(finding.severity.to_lowercase().as_str(), "critical" | "high")
}

/// What development alone uses weighs one level less.
fn lower(severity: Severity, finding: &ImportedFinding) -> Severity {
    match (severity, finding.development) {
        (Severity::High, Some(true)) => Severity::Medium,
        (Severity::Medium, Some(true)) => Severity::Low,
        _ => severity,
    }
}

/// The worst first, and what nobody rates before it.
fn weight(finding: &ImportedFinding) -> u8 {
    match finding.severity.to_lowercase().as_str() {
        _ if !is_rated(finding) => 0,
        "critical" => 1,
        "high" => 2,
        "medium" | "moderate" => 3,
        _ => 4,
    }
}
