//! Arithmetic of low, middle and high: sums add end to end, which no narrower interval would promise without knowing how the
//! parts move together.

use loadline_model::{Interval, num};

/// A quantity that must be a number and not negative; anything else is not counted.
pub(crate) fn amount(x: f64) -> f64 {
    if x.is_finite() { x.max(0.0) } else { 0.0 }
}

/// No width.
pub(crate) fn exactly(x: f64) -> Interval {
    Interval { p10: x, p50: x, p90: x }
}

/// A multiple; `by` is not negative.
pub(crate) fn times(range: Interval, by: f64) -> Interval {
    Interval { p10: range.p10 * by, p50: range.p50 * by, p90: range.p90 * by }
}

/// Both together.
pub(crate) fn plus(a: Interval, b: Interval) -> Interval {
    Interval { p10: a.p10 + b.p10, p50: a.p50 + b.p50, p90: a.p90 + b.p90 }
}

/// As published.
pub(crate) fn rounded(range: Interval) -> Interval {
    Interval { p10: num::round9(range.p10), p50: num::round9(range.p50), p90: num::round9(range.p90) }
}

/// All together, as published.
pub(crate) fn sum(parts: impl Iterator<Item = Interval>) -> Interval {
    rounded(parts.fold(Interval::default(), plus))
}
