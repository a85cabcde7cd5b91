//! Hotspots: files that are both complex and often changed (`scoring.md` §2.3).

use loadline_model::{CodeStat, num};
use std::collections::BTreeMap;

/// H = rank of churn × rank of complexity, both 0–1; 0 when a rank is not a number.
pub fn hotspot(rank_churn: f64, rank_complexity: f64) -> f64 {
    let rank = |r: f64| if r.is_finite() { r.clamp(0.0, 1.0) } else { 0.0 };
    num::round9(rank(rank_churn) * rank(rank_complexity))
}

/// Percentile ranks in 0–1 in the order given: the share of the others that is smaller, equals counting half.
/// A value without others ranks 0.5; values that are not numbers rank 0 and are not counted as others.
pub fn mid_ranks(values: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let others = sorted.len().saturating_sub(1);
    let rank = |value: f64| {
        if !value.is_finite() {
            return 0.0;
        }
        if others == 0 {
            return 0.5;
        }
        let below = sorted.partition_point(|v| *v < value);
        let equal = sorted.partition_point(|v| *v <= value) - below;
        (below as f64 + equal.saturating_sub(1) as f64 / 2.0) / others as f64
    };
    values.iter().map(|v| rank(*v)).collect()
}

/// H of the files of one repository, ranked within their language, in the order given; `None` where churn or complexity is not
/// known. A file without a change in the window has H = 0.
pub fn hotspots(files: &[CodeStat]) -> Vec<Option<f64>> {
    let mut languages: BTreeMap<&str, Vec<(usize, f64, f64)>> = BTreeMap::new();
    for (at, file) in files.iter().enumerate() {
        let finite = |x: Option<f64>| x.filter(|x| x.is_finite());
        if let (Some(churn), Some(complexity)) = (finite(file.churn), finite(file.complexity)) {
            languages.entry(&file.language).or_default().push((at, churn, complexity));
        }
    }
    let mut scores = vec![None; files.len()];
    for measured in languages.values() {
        let churn = mid_ranks(&measured.iter().map(|m| m.1).collect::<Vec<_>>());
        let complexity = mid_ranks(&measured.iter().map(|m| m.2).collect::<Vec<_>>());
        for ((file, churn), complexity) in measured.iter().zip(churn).zip(complexity) {
            if let Some(score) = scores.get_mut(file.0) {
                *score = Some(if file.1 > 0.0 { hotspot(churn, complexity) } else { 0.0 });
            }
        }
    }
    scores
}
