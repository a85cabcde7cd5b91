//! Who carries how many points: 100 points over the judged domains, and within a domain over its applicable rules.

use loadline_model::{DOMAINS, Policy, RuleId, RuleInfo};
use std::collections::{BTreeMap, BTreeSet};

/// Splits `total` in proportion to `weights` into integers that sum to it exactly: largest remainder, ties by key.
/// Negative weights count as zero; without any weight everyone gets zero.
pub(crate) fn apportion<K: Ord + Clone>(total: i64, weights: &BTreeMap<K, i64>) -> BTreeMap<K, i64> {
    let sum: i128 = weights.values().map(|w| i128::from(*w).max(0)).sum();
    if sum == 0 {
        return weights.keys().map(|k| (k.clone(), 0)).collect();
    }
    let mut shares = BTreeMap::new();
    let mut remainders: Vec<(i128, &K)> = Vec::with_capacity(weights.len());
    let mut missing = total;
    for (key, weight) in weights {
        let product = i128::from(total) * i128::from(*weight).max(0);
        let share = (product / sum) as i64;
        missing -= share;
        remainders.push((product % sum, key));
        shares.insert(key.clone(), share);
    }
    remainders.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    for (_, key) in remainders.into_iter().take(missing.max(0) as usize) {
        if let Some(share) = shares.get_mut(key) {
            *share += 1;
        }
    }
    shares
}

/// Points of every applicable rule in millionths, summing to 100 points when any applies and has weight (`scoring.md` §3.1).
pub(crate) fn rule_points(rules: &[RuleInfo], applicable: &BTreeSet<RuleId>, policy: &Policy) -> BTreeMap<RuleId, i64> {
    let mut domains: BTreeMap<&str, BTreeMap<RuleId, i64>> = BTreeMap::new();
    for rule in rules.iter().filter(|r| applicable.contains(&r.id) && default_points(&r.domain).is_some()) {
        domains.entry(&rule.domain).or_default().insert(rule.id.clone(), i64::from(rule.weight));
    }
    let weights = domain_weights(domains.keys().copied(), policy);
    apportion(100_000_000, &weights)
        .into_iter()
        .flat_map(|(domain, points)| domains.get(domain).map(|rules| apportion(points, rules)).unwrap_or_default())
        .collect()
}

/// Weights of the given domains in millionths: the policy's, or the defaults when the policy gives none of them any points.
fn domain_weights<'a>(domains: impl Iterator<Item = &'a str> + Clone, policy: &Policy) -> BTreeMap<&'a str, i64> {
    let default = |id: &str| default_points(id).unwrap_or(0.0);
    let chosen =
        |id: &str| policy.domain_points.get(id).copied().filter(|p| p.is_finite() && *p >= 0.0).unwrap_or(default(id));
    let micro = |points: f64| (points.min(1e6) * 1e6).round() as i64;
    let weights: BTreeMap<&str, i64> = domains.clone().map(|id| (id, micro(chosen(id)))).collect();
    if weights.values().any(|w| *w > 0) { weights } else { domains.map(|id| (id, micro(default(id)))).collect() }
}

fn default_points(domain: &str) -> Option<f64> {
    DOMAINS.iter().find(|(id, _, _)| *id == domain).map(|d| d.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(total: i64, weights: &[i64], expected: &[i64]) {
        let weights: BTreeMap<usize, i64> = weights.iter().copied().enumerate().collect();
        assert_eq!(apportion(total, &weights).into_values().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn shares_sum_exactly_and_ties_go_to_the_smallest_key() {
        check(100, &[1, 1, 1], &[34, 33, 33]);
        check(100, &[2, 1], &[67, 33]);
        check(7, &[0, 0], &[0, 0]);
        check(0, &[3, 4], &[0, 0]);
        check(5, &[-1, 1], &[0, 5]);
        check(20_000_000, &[600_000_000, 480_000_000], &[11_111_111, 8_888_889]);
    }
}
