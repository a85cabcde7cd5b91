//! An unknown answer names the call that did not answer, where one of the rule's own sources was refused: the reader
//! then sees the permission to give instead of an account to connect that is connected already.

use crate::{Context, Subject};
use loadline_model::{AccountId, CheckResult, Gap, GapReason, Kind, Outcome, Resource};
use std::collections::BTreeSet;

/// The same result; what it lacks is said in the words of the gap, when there is one.
pub(super) fn name_the_gap(result: CheckResult, subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let Outcome::Unknown { reason: GapReason::NotConnected | GapReason::UnmappedSubject } = result.outcome else {
        return result;
    };
    let found = refused_source(subject, context).or_else(|| hiding(subject, context));
    found.map_or(result.clone(), |gap| in_words_of(gap, result))
}

/// Of what no subject was seen: the gap that may hide every one of them.
pub(super) fn of_nothing(kinds: &[Kind], context: &Context<'_>) -> Option<CheckResult> {
    let gap = kinds.iter().find_map(|kind| first(context.facts.gaps_hiding(*kind)))?;
    Some(CheckResult::unknown(gap.reason, gap.detail.clone(), gap.closes.clone()))
}

fn in_words_of(gap: &Gap, mut result: CheckResult) -> CheckResult {
    let own = result.gap.as_ref().map_or(String::new(), |g| format!("{}; ", g.detail));
    let mut named = CheckResult::unknown(gap.reason, format!("{own}{}", gap.detail), gap.closes.clone());
    named.evidence = std::mem::take(&mut result.evidence);
    named.remedy = result.remedy;
    named
}

/// A gap of the subject's region that names a call from which the rule reads.
fn refused_source<'c>(subject: &Subject<'_>, context: &Context<'c>) -> Option<&'c Gap> {
    let texts = subject.rule.sources.iter().flat_map(|(_, reads)| reads.split(|c: char| !c.is_ascii_alphanumeric()));
    let words: BTreeSet<&str> = texts.collect();
    let region = subject.resource.and_then(|r| r.region.as_deref());
    let about = context.facts.snapshot().gaps.iter().filter(|g| g.subject.is_none() && lies_in(g, region));
    first(about.filter(|g| actions(&g.detail).any(|action| words.contains(action))))
}

/// A gap of an account that cannot show things of this kind and does not show this one.
fn hiding<'c>(subject: &Subject<'_>, context: &Context<'c>) -> Option<&'c Gap> {
    let shown: BTreeSet<&AccountId> = context.facts.facts::<Resource>(&subject.id).map(|(_, p)| &p.account).collect();
    let unseen = |g: &&Gap| g.subject.is_none() && g.account.as_ref().is_some_and(|a| !shown.contains(a));
    first(context.facts.gaps_hiding(subject.kind()?).filter(unseen))
}

/// A permission that somebody can give comes before what only time heals.
fn first<'c>(gaps: impl Iterator<Item = &'c Gap>) -> Option<&'c Gap> {
    gaps.min_by_key(|g| g.reason != GapReason::PermissionDenied)
}

/// Scopes of providers end with their place: `rds/eu-west-1`, `route53/global`.
fn lies_in(gap: &Gap, region: Option<&str>) -> bool {
    let place = gap.scope.rsplit('/').next().unwrap_or_default();
    region.is_none_or(|region| place == region || place == "global")
}

/// Calls that a text names as `service:Action`, by their action.
fn actions(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace().filter_map(|word| {
        let (service, action) = word.split_once(':')?;
        let named = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        (named(service) && named(action)).then_some(action)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_found_in_the_words_of_a_gap() {
        let check = |text: &str, expected: &[&str]| assert_eq!(actions(text).collect::<Vec<_>>(), expected, "{text}");
        check("RDS in eu-west-1: rds:DescribeDBInstances could not be read: refused (x).", &["DescribeDBInstances"]);
        check("postgresql://db:5432 did not answer: timed out", &[]);
    }
}
