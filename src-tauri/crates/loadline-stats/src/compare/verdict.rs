//! The one word of a comparison and how far to trust it (`scoring.md` §5.6).

use crate::effect::SMALLEST;
use loadline_model::Verdict;

/// The word for an effect. `theta` is the log ratio (or log odds) after against before; a metric of which more is
/// better has its sign turned. Without a p-value or with a non-finite effect there is not enough data.
pub(crate) fn verdict(theta: Option<f64>, p_adjusted: Option<f64>, lower_is_better: bool, confounded: bool) -> Verdict {
    let (Some(theta), Some(p)) = (theta.filter(|t| t.is_finite()), p_adjusted.filter(|p| p.is_finite())) else {
        return Verdict::InsufficientData;
    };
    let worse = if lower_is_better { theta } else { -theta };
    if p > 0.05 || worse.abs() < SMALLEST {
        // Without a clear effect there is nothing that a rival could explain.
        Verdict::NoDetectableChange
    } else if confounded {
        Verdict::Confounded
    } else if worse < 0.0 {
        Verdict::Improved
    } else {
        Verdict::Regressed
    }
}

/// Metrics of which more is better; everything else is better when it is lower.
pub(crate) fn lower_is_better(metric: &str) -> bool {
    use loadline_model::key::metric as m;
    ![m::JOURNEY_SUCCESS, m::BUFFER_HIT_RATIO, m::CACHE_HIT_RATIO, m::REQUEST_RATE, m::ACTIVE_USERS].contains(&metric)
}

/// What supports or weakens a comparison.
pub(crate) struct Support {
    pub(crate) pairs: usize,
    pub(crate) full_days: u32,
    pub(crate) aa_rate: Option<f64>,
    pub(crate) mergeable: bool,
    /// A change point was found independently near the moment, or no change was claimed.
    pub(crate) seen_independently: bool,
    /// The effect keeps its sign without load normalisation.
    pub(crate) same_sign: bool,
}

/// `provisional` before a full week on both sides; else from how many doubts there are.
pub(crate) fn confidence(s: &Support) -> &'static str {
    if s.full_days < super::measure::FINAL_DAYS {
        return "provisional";
    }
    let doubts = [s.pairs < 10, s.aa_rate.is_none_or(|r| r > 0.1), !s.mergeable, !s.seen_independently, !s.same_sign];
    ["high", "medium", "low"][doubts.iter().filter(|d| **d).count().min(2)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words() {
        let check = |theta, p, lower, confounded, want| assert_eq!(verdict(theta, p, lower, confounded), want);
        check(Some(-1.8), Some(0.001), true, false, Verdict::Improved);
        check(Some(-1.8), Some(0.001), false, false, Verdict::Regressed);
        check(Some(0.2), Some(0.04), true, false, Verdict::Regressed);
        check(Some(0.2), Some(0.06), true, false, Verdict::NoDetectableChange);
        check(Some(0.04), Some(0.001), true, false, Verdict::NoDetectableChange);
        check(Some(-1.8), Some(0.001), true, true, Verdict::Confounded);
        check(None, Some(0.001), true, false, Verdict::InsufficientData);
        check(Some(f64::NAN), Some(0.001), true, false, Verdict::InsufficientData);
    }

    proptest! {
        #[test]
        fn p34_every_input_has_one_word(theta in prop::option::of(prop::num::f64::ANY), p in prop::option::of(prop::num::f64::ANY), lower: bool, confounded: bool) {
            let word = verdict(theta, p, lower, confounded);
            prop_assert_eq!(word, verdict(theta, p, lower, confounded));
            if matches!(word, Verdict::Improved | Verdict::Regressed) {
                let mirrored = verdict(theta.map(|t| -t), p, lower, confounded);
                prop_assert!(matches!(mirrored, Verdict::Improved | Verdict::Regressed) && mirrored != word);
            }
        }
    }
}
