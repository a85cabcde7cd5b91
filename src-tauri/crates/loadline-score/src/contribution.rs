//! What each failing or unknown check weighs in its rule (`scoring.md` §3.1), in integers so that sums are exact in any order.

use crate::points::apportion;
use loadline_model::{Check, Exposure, Fingerprint, Outcome, RuleId, Severity};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// A contribution of 1: exposure 1 at severity critical, or wholly unknown.
pub(crate) const ONE: i64 = 1_000_000_000;

/// A failing or unknown check, weighed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contribution<'a> {
    pub(crate) check: &'a Check,
    /// Severity, when it fails; `None` when it is unknown.
    pub(crate) severity: Option<Severity>,
    /// Upper bound of the exposure, in billionths.
    pub(crate) exposure: i64,
    /// Weight in what is proven, in billionths.
    pub(crate) proven: i64,
    /// Weight in the best case, in billionths.
    pub(crate) possible: i64,
}

/// Contributions by fingerprint.
pub(crate) type Contributions<'a> = BTreeMap<&'a Fingerprint, Contribution<'a>>;

/// Rules with at least one check that applies.
pub(crate) fn applicable(checks: &[Check]) -> BTreeSet<RuleId> {
    checks
        .iter()
        .filter(|c| !matches!(c.result.outcome, Outcome::NotApplicable { .. }))
        .map(|c| c.rule.clone())
        .collect()
}

/// Weighs the failing and unknown checks of the rules that carry points. Of two checks with one fingerprint the worse counts.
///
/// When no check at all is known, no exposure can be known either, so every unknown weighs fully (P22).
pub(crate) fn contributions<'a>(checks: &'a [Check], points: &BTreeMap<RuleId, i64>) -> Contributions<'a> {
    let judged = || checks.iter().filter(|c| points.contains_key(&c.rule));
    let anything_known = judged().any(|c| matches!(c.result.outcome, Outcome::Pass | Outcome::Fail { .. }));
    let mut all: Contributions<'a> = BTreeMap::new();
    for contribution in judged().filter_map(|c| weigh(c, anything_known)) {
        let worse = |a: &Contribution<'_>| (a.proven, a.severity.is_none(), Reverse(a.possible));
        let kept = all.entry(&contribution.check.fingerprint).or_insert(contribution);
        if worse(&contribution) > worse(kept) {
            *kept = contribution;
        }
    }
    all
}

fn weigh(check: &Check, anything_known: bool) -> Option<Contribution<'_>> {
    let (low, high) = bounds(check.exposure);
    let micro = |x: f64| (x * ONE as f64).round() as i64;
    match check.result.outcome {
        Outcome::Pass | Outcome::NotApplicable { .. } => None,
        Outcome::Fail { severity } => Some(Contribution {
            check,
            severity: Some(severity),
            exposure: micro(high),
            proven: micro(high * severity.loss()),
            possible: micro(low * severity.loss()),
        }),
        Outcome::Unknown { .. } => {
            let weight = if anything_known { micro(high) } else { ONE };
            Some(Contribution { check, severity: None, exposure: weight, proven: weight, possible: 0 })
        }
    }
}

/// Exposure clamped to 0–1 with low <= high; what is not a number is not known.
pub(crate) fn bounds(exposure: Exposure) -> (f64, f64) {
    let or = |x: f64, unknown: f64| if x.is_finite() { x.clamp(0.0, 1.0) } else { unknown };
    let low = or(exposure.low, Exposure::UNKNOWN.low);
    (low, or(exposure.high, 1.0).max(low))
}

/// Points lost by a rule: `points × min(1, sum)`, rounded half up.
pub(crate) fn lost(points: i64, sum: i64) -> i64 {
    let product = i128::from(points) * i128::from(sum.clamp(0, ONE));
    ((product + i128::from(ONE) / 2) / i128::from(ONE)) as i64
}

/// Points lost by each check: the rule's loss in proportion to what each proves missing, exact to the millionth.
pub(crate) fn attribute<'a>(
    points: &BTreeMap<RuleId, i64>,
    contributions: &Contributions<'a>,
) -> BTreeMap<&'a Fingerprint, i64> {
    let mut by_rule: BTreeMap<&RuleId, BTreeMap<&'a Fingerprint, i64>> = BTreeMap::new();
    for (fingerprint, contribution) in contributions {
        by_rule.entry(&contribution.check.rule).or_default().insert(*fingerprint, contribution.proven);
    }
    by_rule
        .into_iter()
        .flat_map(|(rule, weights)| {
            let carried = points.get(rule).copied().unwrap_or(0);
            apportion(lost(carried, saturating_sum(weights.values().copied())), &weights)
        })
        .collect()
}

/// Sum that stays at the largest value instead of wrapping.
pub(crate) fn saturating_sum(values: impl Iterator<Item = i64>) -> i64 {
    values.fold(0, i64::saturating_add)
}
