//! Why the score moved between two snapshots, as an identity in millionths of a point (`scoring.md` §3.3).

use crate::contribution::{Contribution, Contributions, attribute, contributions};
use loadline_model::{
    Cause, Check, Decomposition, DeltaLine, Fingerprint, MicroPoints, ORGANISATION, RuleId, Score, SubjectId,
};
use std::collections::{BTreeMap, BTreeSet};

/// A score with the checks it was made of.
#[derive(Clone, Copy, Debug)]
pub struct Scored<'a> {
    /// The score.
    pub score: &'a Score,
    /// Its checks.
    pub checks: &'a [Check],
    /// Version of model and catalog that judged them.
    pub model_version: &'a str,
}

/// Decomposes the change of the proven score into lines that sum to it exactly.
///
/// Across model versions every line is caused by `model`; use [`decompose_through`] when the old evidence was judged again.
/// What belongs to a subject that only one side observed, to a rule that only one side applies, or to changed weights is
/// `scope` and never mixed with work done (mission law 10). What no check explains, such as the step from not rated to rated,
/// is one `scope` line without a check.
pub fn decompose(before: &Scored<'_>, after: &Scored<'_>) -> Decomposition {
    let (then, now) = (Side::of(before), Side::of(after));
    let lines =
        if before.model_version == after.model_version { explain(&then, &now) } else { judged_anew(&then, &now) };
    settle(before.score.proven_micro, after.score.proven_micro, lines)
}

/// The same when the model changed in between and `rejudged` is the old evidence judged by the new model: what the model moved
/// comes first, the rest compares like with like.
pub fn decompose_through(before: &Scored<'_>, rejudged: &Scored<'_>, after: &Scored<'_>) -> Decomposition {
    let (then, anew, now) = (Side::of(before), Side::of(rejudged), Side::of(after));
    let mut lines = judged_anew(&then, &anew);
    lines.extend(explain(&anew, &now));
    settle(before.score.proven_micro, after.score.proven_micro, lines)
}

/// One side of a comparison, with points attributed to its checks.
struct Side<'a> {
    points: BTreeMap<RuleId, i64>,
    contributions: Contributions<'a>,
    lost: BTreeMap<&'a Fingerprint, i64>,
    subjects: BTreeSet<&'a SubjectId>,
}

impl<'a> Side<'a> {
    fn of(scored: &Scored<'a>) -> Self {
        let points: BTreeMap<RuleId, i64> =
            scored.score.rule_points.iter().map(|(rule, p)| (rule.clone(), p.0)).collect();
        let contributions = contributions(scored.checks, &points);
        let lost = attribute(&points, &contributions);
        Self { points, contributions, lost, subjects: scored.checks.iter().map(|c| &c.subject.id).collect() }
    }
    /// The check's subject was judged at all; the organisation always is.
    fn observes(&self, check: &Check) -> bool {
        check.subject.id.as_str() == ORGANISATION || self.subjects.contains(&check.subject.id)
    }
    fn lost(&self, fingerprint: &Fingerprint) -> i64 {
        self.lost.get(fingerprint).copied().unwrap_or(0)
    }
}

/// Checks that either side loses points through, with what each side knows of them.
fn pairs<'a, 'b>(
    then: &'b Side<'a>,
    now: &'b Side<'a>,
) -> impl Iterator<Item = (&'a Fingerprint, &'a Check, Option<&'b Contribution<'a>>, Option<&'b Contribution<'a>>)> {
    let all: BTreeSet<&'a Fingerprint> = then.contributions.keys().chain(now.contributions.keys()).copied().collect();
    all.into_iter().filter_map(move |fingerprint| {
        let (old, new) = (then.contributions.get(fingerprint), now.contributions.get(fingerprint));
        Some((fingerprint, new.or(old)?.check, old, new))
    })
}

fn judged_anew(then: &Side<'_>, now: &Side<'_>) -> Vec<DeltaLine> {
    pairs(then, now).map(|(id, check, _, _)| line(Cause::Model, id, check, then.lost(id) - now.lost(id))).collect()
}

fn explain(then: &Side<'_>, now: &Side<'_>) -> Vec<DeltaLine> {
    let with_old_weights = attribute(&then.points, &now.contributions);
    let mut lines = Vec::new();
    for (id, check, old, new) in pairs(then, now) {
        let (was, is) = (then.lost(id), now.lost(id));
        let rule_scope = then.points.contains_key(&check.rule) != now.points.contains_key(&check.rule);
        if rule_scope || !(then.observes(check) && now.observes(check)) {
            lines.push(line(Cause::Scope, id, check, was - is));
            continue;
        }
        let same_weights = with_old_weights.get(id).copied().unwrap_or(0);
        lines.push(line(Cause::Scope, id, check, same_weights - is));
        for (cause, change) in classify(old, new, was, same_weights) {
            lines.push(line(cause, id, check, change));
        }
    }
    lines
}

/// The cause of a check's change at unchanged weights; `was` and `is` are points lost.
fn classify(old: Option<&Contribution<'_>>, new: Option<&Contribution<'_>>, was: i64, is: i64) -> Vec<(Cause, i64)> {
    let change = was - is;
    let single = |cause| vec![(cause, change)];
    let (old, new) = match (old, new) {
        (None, None) => return Vec::new(),
        (None, Some(new)) => return single(if new.severity.is_some() { Cause::Opened } else { Cause::BecameUnknown }),
        (Some(old), None) => {
            return single(if old.severity.is_some() { Cause::Closed } else { Cause::ResolvedUnknown });
        }
        (Some(old), Some(new)) => (old, new),
    };
    let exposure_changed = old.exposure != new.exposure;
    match (old.severity, new.severity) {
        (Some(_), None) => single(Cause::BecameUnknown),
        (None, Some(_)) => single(Cause::ResolvedUnknown),
        (Some(a), Some(b)) if a != b && exposure_changed => {
            let severity = severity_part(old, new, was, is, b.loss() - a.loss());
            vec![(Cause::Severity, severity), (Cause::Exposure, change - severity)]
        }
        (a, b) if a != b => single(Cause::Severity),
        _ if exposure_changed => single(Cause::Exposure),
        _ => single(Cause::Rescaled),
    }
}

/// The severity's part when both changed: d(e l) = e_mid dl + l_mid de, in points at the middle of both rates.
fn severity_part(old: &Contribution<'_>, new: &Contribution<'_>, was: i64, is: i64, severity_change: f64) -> i64 {
    let rate = |lost: i64, weight: i64| if weight > 0 { lost as f64 / weight as f64 } else { 0.0 };
    let middle_rate = (rate(was, old.proven) + rate(is, new.proven)) / 2.0;
    let middle_exposure = (old.exposure + new.exposure) as f64 / 2.0;
    (-middle_rate * middle_exposure * severity_change).round() as i64
}

fn line(cause: Cause, fingerprint: &Fingerprint, check: &Check, change: i64) -> DeltaLine {
    DeltaLine {
        cause,
        fingerprint: fingerprint.clone(),
        rule: check.rule.clone(),
        subject: check.subject.name.clone(),
        change: MicroPoints(change),
    }
}

/// Drops what did not move, adds what no check explains, and orders: largest first, then cause, then check.
fn settle(from: MicroPoints, to: MicroPoints, lines: Vec<DeltaLine>) -> Decomposition {
    let mut lines: Vec<DeltaLine> = lines.into_iter().filter(|l| l.change.0 != 0).collect();
    let unexplained = to.0 - from.0 - lines.iter().map(|l| l.change.0).sum::<i64>();
    if unexplained != 0 {
        lines.push(DeltaLine {
            cause: Cause::Scope,
            fingerprint: Fingerprint::default(),
            rule: RuleId::default(),
            subject: "what is judged at all".to_owned(),
            change: MicroPoints(unexplained),
        });
    }
    lines.sort_by(|a, b| {
        let size = b.change.0.abs().cmp(&a.change.0.abs());
        size.then_with(|| a.cause.cmp(&b.cause)).then_with(|| a.fingerprint.cmp(&b.fingerprint))
    });
    Decomposition { from, to, lines }
}
