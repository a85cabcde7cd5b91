//! Hotspots: complex code that changes all the time (`scoring.md` §2.3).

use std::collections::BTreeMap;

/// A file with what ranks it.
#[derive(Clone, Debug, PartialEq)]
pub struct Hotspot {
    /// Path.
    pub path: String,
    /// Rank of its churn in its language, 0–1; 0 without a change in the window.
    pub churn_rank: f64,
    /// Rank of its complexity in its language, 0–1.
    pub complexity_rank: f64,
    /// H, the product of both.
    pub score: f64,
}

/// Ranks files of one repository: `(path, language, churn, complexity)`. The highest score first, then by path. A rank is
/// the share of the other files of the language that are below, equals counting half; a file that is alone in its
/// language ranks 0.5.
pub fn hotspots(files: &[(&str, &str, u32, u32)]) -> Vec<Hotspot> {
    let mut churns: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    let mut complexities: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (_, language, churn, complexity) in files {
        churns.entry(language).or_default().push(*churn);
        complexities.entry(language).or_default().push(*complexity);
    }
    for values in churns.values_mut().chain(complexities.values_mut()) {
        values.sort_unstable();
    }
    let mut ranked: Vec<Hotspot> = files
        .iter()
        .map(|(path, language, churn, complexity)| {
            let churn_rank = if *churn == 0 { 0.0 } else { rank(&churns, language, *churn) };
            let complexity_rank = rank(&complexities, language, *complexity);
            Hotspot { path: (*path).to_owned(), churn_rank, complexity_rank, score: churn_rank * complexity_rank }
        })
        .collect();
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.path.cmp(&b.path)));
    ranked
}

/// Share of the others that are below `value`, equals counting half.
fn rank(values: &BTreeMap<&str, Vec<u32>>, language: &str, value: u32) -> f64 {
    let sorted = values.get(language).map_or(&[][..], Vec::as_slice);
    let below = sorted.partition_point(|v| *v < value);
    let equal = sorted.partition_point(|v| *v <= value) - below;
    let others = sorted.len().saturating_sub(1);
    if others == 0 { 0.5 } else { (below as f64 + (equal.saturating_sub(1)) as f64 / 2.0) / others as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn e08_ranks_multiply() {
        // 11 files: the ninth in churn and the eighth in complexity have 0.9 and 0.8 of the others below them.
        let names: Vec<String> = (0..11).map(|n| format!("f{n:02}")).collect();
        let files: Vec<(&str, &str, u32, u32)> =
            names.iter().enumerate().map(|(n, p)| (p.as_str(), "go", n as u32 + 1, ((n + 10) % 11) as u32)).collect();
        let found = hotspots(&files).into_iter().find(|h| h.path == "f09").expect("ranked");
        assert_eq!((found.churn_rank, found.complexity_rank), (0.9, 0.8));
        assert!((found.score - 0.72).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn p12_and_p13_only_the_order_counts_and_no_churn_is_no_hotspot(
            values in proptest::collection::vec((0_u32..20, 0_u32..20), 1..30)
        ) {
            let names: Vec<String> = (0..values.len()).map(|n| format!("f{n:02}")).collect();
            let with = |grow: fn(u32) -> u32| -> Vec<Hotspot> {
                let files: Vec<(&str, &str, u32, u32)> =
                    names.iter().zip(&values).map(|(p, (c, x))| (p.as_str(), "go", grow(*c), grow(*x))).collect();
                hotspots(&files)
            };
            let plain = with(|v| v);
            // Zero stays zero: no change in the window is no order but a fact.
            prop_assert_eq!(&plain, &with(|v| v * v * 3 + v));
            for spot in &plain {
                let at = names.iter().position(|n| *n == spot.path).expect("known");
                prop_assert!(values[at].0 > 0 || spot.score == 0.0);
                prop_assert!((0.0..=1.0).contains(&spot.score));
            }
        }
    }
}
