//! Hotspot, worst and mean of a component's code, side by side: a mean alone hides the file that everybody has to change
//! (the trio that CodeScene shows).

use crate::debt::HOT;
use loadline_model::{CodeDebt, CodeStat, num};

/// Complexity of a repository's files where work happens, at its worst and on average. The mean and the worst need every file:
/// `measured` is how many there are, and of a longer list only the hottest are kept. `None` without files.
pub fn code_debt(files: &[CodeStat], measured: Option<f64>, lines: Option<f64>) -> Option<CodeDebt> {
    if files.is_empty() {
        return None;
    }
    let complexity = |f: &CodeStat| f.complexity.filter(|x| x.is_finite() && *x >= 0.0);
    let known: Vec<(&CodeStat, f64)> = files.iter().filter_map(|f| Some((f, complexity(f)?))).collect();
    let whole = known.len() == files.len() && measured.is_some_and(|n| files.len() as f64 >= n);
    let hot: Vec<&CodeStat> = files.iter().filter(|f| f.hotspot.is_some_and(|h| h > HOT)).collect();
    // A hot file of unknown complexity leaves the hotspot's unknown.
    let hot = hot.iter().map(|f| Some((f.churn?, complexity(f)?))).collect::<Option<Vec<_>>>();
    let worst = known.iter().max_by(|a, b| num::cmp9(a.1, b.1).then_with(|| b.0.path.cmp(&a.0.path)));
    let worst = worst.filter(|_| whole);
    Some(CodeDebt {
        hotspot: hot.and_then(|hot| mean(&hot)),
        worst: worst.map(|w| num::round9(w.1)),
        worst_path: worst.map(|w| w.0.path.clone()),
        mean: mean(&known.iter().map(|(f, x)| (f.lines, *x)).collect::<Vec<_>>()).filter(|_| whole),
        lines,
        ratio: None,
        rating: None,
    })
}

/// Mean of (weight, value); `None` without weight.
fn mean(parts: &[(f64, f64)]) -> Option<f64> {
    let parts = || parts.iter().filter(|(weight, _)| weight.is_finite() && *weight > 0.0);
    let weight: f64 = parts().map(|p| p.0).sum();
    (weight > 0.0).then(|| num::round9(parts().map(|(w, x)| w * x).sum::<f64>() / weight))
}
