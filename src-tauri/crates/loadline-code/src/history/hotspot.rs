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

/// Files of a language below which ranks among them say little: of fewer, the most complex tenth is not one file (HD).
const FEW: usize = 10;
/// Cognitive complexity of a file that stands for rank 0.9 on the fixed scale: three functions beyond the 15 of
/// SonarSource's rule, and some (HD).
const COMPLEX: f64 = 50.0;
/// Changes in a year that stand for rank 1 on the fixed scale: two a month, twice what ARCH-004 asks for (HD).
const BUSY: f64 = 24.0;

/// Ranks files of one repository: `(path, language, churn, complexity)`. The highest score first, then by path. A rank is
/// the share of the other files of the language that are below, equals counting half. Where the language has fewer than
/// [`FEW`] files there is nobody to compare with, and being first of three means little: those stand on a fixed scale.
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
            let few = churns.get(language).is_none_or(|files| files.len() < FEW);
            let (churn_rank, complexity_rank) = if few {
                (scale(*churn, 1.0 / BUSY), scale(*complexity, 0.9 / COMPLEX))
            } else {
                (rank(&churns, language, *churn), rank(&complexities, language, *complexity))
            };
            let churn_rank = if *churn == 0 { 0.0 } else { churn_rank };
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
    let others = sorted.len().saturating_sub(1).max(1);
    (below as f64 + (equal.saturating_sub(1)) as f64 / 2.0) / others as f64
}

/// A place on the fixed scale, 0–1.
fn scale(value: u32, each: f64) -> f64 {
    (f64::from(value) * each).min(1.0)
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

    #[test]
    fn few_files_of_a_language_stand_on_a_fixed_scale() {
        let score = |files: &[(&str, &str, u32, u32)]| {
            let spots = hotspots(files);
            let of = |h: &Hotspot| format!("{} {:.2} {:.2} {:.2}", h.path, h.churn_rank, h.complexity_rank, h.score);
            spots.iter().map(of).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(score(&[("app.py", "python", 101, 240)]), "app.py 1.00 1.00 1.00");
        assert_eq!(score(&[("app.py", "python", 12, 50)]), "app.py 0.50 0.90 0.45");
        assert_eq!(score(&[("app.py", "python", 0, 240)]), "app.py 0.00 1.00 0.00");
        // The first of two small files is no hotspot.
        assert_eq!(
            score(&[("a.py", "python", 30, 2), ("b.py", "python", 1, 1)]),
            "a.py 1.00 0.04 0.04, b.py 0.04 0.02 0.00"
        );
    }

    proptest! {
        #[test]
        fn p12_and_p13_only_the_order_counts_and_no_churn_is_no_hotspot(
            values in proptest::collection::vec((0_u32..20, 0_u32..20), FEW..30)
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
