//! Files that change together (`scoring.md` §2.3).

use super::{FileLog, History};
use std::collections::BTreeMap;

/// Commits with more files than this are no sign that two of them belong together.
const MOST_FILES: usize = 30;
/// Fewest commits together that are told; fewer are chance.
const LEAST_SUPPORT: u32 = 5;
/// Most pairs that are counted; beyond it the rest of the commits is left out.
const MOST_PAIRS: usize = 2_000_000;

/// Two files that change together.
#[derive(Clone, Debug, PartialEq)]
pub struct Coupling {
    /// The one whose path comes first.
    pub first: String,
    /// The other.
    pub second: String,
    /// Commits that touched both.
    pub support: u32,
    /// Support over the smaller churn of the two, 0–1.
    pub confidence: f64,
}

/// Pairs with a support of at least five, the surest first, then by support and path; and whether all were counted.
pub fn couplings(history: &History, files: &[FileLog]) -> (Vec<Coupling>, bool) {
    let mut pairs: BTreeMap<(usize, usize), u32> = BTreeMap::new();
    let mut complete = true;
    let often = |at: &&usize| files.get(**at).is_some_and(|f| f.churn >= LEAST_SUPPORT);
    for touched in history.together().iter().filter(|t| t.len() <= MOST_FILES) {
        let touched: Vec<usize> = touched.iter().filter(often).copied().collect();
        if pairs.len() > MOST_PAIRS {
            complete = false;
            break;
        }
        for (i, a) in touched.iter().enumerate() {
            for b in touched.iter().skip(i + 1) {
                *pairs.entry((*a, *b)).or_insert(0) += 1;
            }
        }
    }
    let named = |((a, b), support): ((usize, usize), u32)| {
        let (first, second) = (files.get(a)?, files.get(b)?);
        let confidence = f64::from(support) / f64::from(first.churn.min(second.churn).max(1));
        Some(Coupling { first: first.path.clone(), second: second.path.clone(), support, confidence })
    };
    let mut found: Vec<Coupling> =
        pairs.into_iter().filter(|(_, support)| *support >= LEAST_SUPPORT).filter_map(named).collect();
    found.sort_by(|a, b| {
        let by = b.confidence.total_cmp(&a.confidence).then_with(|| b.support.cmp(&a.support));
        by.then_with(|| (&a.first, &a.second).cmp(&(&b.first, &b.second)))
    });
    (found, complete)
}
