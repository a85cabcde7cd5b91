//! What rules about code share: how much was measured, and where an idiom was recognised.

use crate::db::wording::percent;
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Context, Subject};
use loadline_model::{CodeIdiom, GapReason, Provenance, key};

/// Most places shown as rows.
const SHOWN: usize = 10;

/// Says what is missing when too little of the code was measured for an absence to mean something.
pub(crate) fn measured(most_unmeasured: f64, subject: &Subject<'_>, seen: &mut Reading<'_>, verdict: &mut Verdict) {
    let name = subject.name();
    match seen.number("files measured", "", key::CODE_FILES) {
        Some(files) if files > 0.0 => {}
        Some(_) => verdict.lacks(
            GapReason::FeatureDisabled,
            format!("`{name}` holds no source file in a language that Loadline measures"),
            "Nothing closes this: Python, JavaScript, TypeScript, Go, Rust, Java, Ruby, PHP and C# are measured.",
        ),
        None => verdict.lacks(GapReason::NotConnected, format!("the code of `{name}` was not read"), CONNECT),
    }
    match seen.number("share of source files not measured", "", key::CODE_UNMEASURED) {
        Some(share) if share > most_unmeasured => verdict.lacks(
            GapReason::Truncated,
            format!("{} of the source files of `{name}` are in other languages or could not be read", percent(share)),
            "Nothing closes this for other languages; fetch the clone again if files are missing.",
        ),
        Some(_) => {}
        None => {
            verdict.lacks(GapReason::NotConnected, format!("how much of `{name}` was measured is not known"), CONNECT)
        }
    }
}

pub(super) const CONNECT: &str = "Connect a clone of the repository (loadline connect git --path …).";

/// Where an idiom was recognised.
pub(crate) struct Places<'c> {
    /// Places that leave little else to think.
    pub likely: Vec<&'c CodeIdiom>,
    /// Places that may be something else.
    pub possible: usize,
}

/// The places of an idiom in a repository, each a row; `None` when nobody looked for it.
pub(crate) fn places<'c>(
    what: &str,
    subject: &Subject<'_>,
    context: &'c Context<'_>,
    seen: &mut Reading<'_>,
    verdict: &mut Verdict,
) -> Option<Places<'c>> {
    let counts = seen.numbers("places recognised", "", key::CODE_IDIOMS);
    let count = counts.iter().find(|(item, _)| *item == Some(what)).map(|(_, count)| *count);
    seen.rows.retain(|row| !row.label.starts_with("places recognised") || row.label.ends_with(&format!(", {what}")));
    let mut told: Vec<(&'c CodeIdiom, &Provenance)> =
        context.facts.facts::<CodeIdiom>(&subject.id).filter(|(i, _)| i.what == what).collect();
    told.sort_by_key(|(i, _)| (!i.likely, &i.path, i.line));
    told.dedup_by_key(|(i, _)| (&i.path, i.line));
    for (idiom, from) in told.iter().take(SHOWN) {
        let sure = if idiom.likely { "likely" } else { "possible" };
        seen.row(format!("{}:{}", idiom.path, idiom.line), format!("{sure}: {}", idiom.how), from);
    }
    let Some(_) = count else {
        let detail = format!("nobody looked for it in the code of `{}`", subject.name());
        verdict.lacks(GapReason::NotConnected, detail, CONNECT);
        return None;
    };
    let possible = told.iter().filter(|(i, _)| !i.likely).count();
    Some(Places { likely: told.into_iter().map(|(i, _)| i).filter(|i| i.likely).collect(), possible })
}

/// `src/a.py:4 and 2 more places`.
pub(crate) fn at(places: &[&CodeIdiom]) -> String {
    let first = places.first().map_or_else(String::new, |p| format!("`{}:{}`", p.path, p.line));
    match places.len().saturating_sub(1) {
        0 => first,
        1 => format!("{first} and 1 more place"),
        more => format!("{first} and {more} more places"),
    }
}

/// Says what is missing when the history of a repository is cut, or shorter than these days.
pub(crate) fn history_too_short(days: f64, subject: &Subject<'_>, seen: &mut Reading<'_>, verdict: &mut Verdict) {
    let name = subject.name();
    match seen.flag("the history is whole", key::HISTORY_COMPLETE) {
        Some(true) => {}
        Some(false) => verdict.lacks(
            GapReason::Truncated,
            format!("the clone of `{name}` holds only a part of its history"),
            "git fetch --unshallow",
        ),
        None => verdict.lacks(GapReason::NotConnected, format!("the history of `{name}` was not read"), CONNECT),
    }
    if let Some(read) = seen.number("history read", "days", key::HISTORY_DAYS)
        && read < days
    {
        verdict.short(&format!("the history of `{name}`"), read * 24.0, days * 24.0);
    }
}
