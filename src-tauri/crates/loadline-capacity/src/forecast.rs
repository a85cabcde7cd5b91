//! From utilisation and growth to multiples and days: exact, instant, the same in the window and in the assessment
//! (`scoring.md` §4.4).

use loadline_model::{DAYS_PER_MONTH, Interval, LimitForecast, Scenario, Utilisation, num};
use std::cmp::Ordering;

/// Days beyond which nothing is forecast.
pub const HORIZON_DAYS: f64 = 730.0;
/// Largest multiple that is written; it means "at least".
pub const LARGEST_MULTIPLE: f64 = 1_000.0;
/// Multiples below this are written as 0: the line was passed, and less demand would not help.
pub const SMALLEST_MULTIPLE: f64 = 0.01;
/// A store's multiple is the demand that fills it within so many days: the planning horizon of CAP-007.
pub const FILL_DAYS: f64 = 90.0;
/// A forecast beyond this multiple of the observed range of demand is an extrapolation.
pub const TRUSTED_RANGE: f64 = 3.0;

/// Multiple of today's peak demand at which utilisation `u` reaches `line`: (line / u)^(1 / gamma), in
/// 0..=[`LARGEST_MULTIPLE`]. Below 1 the line was passed already. Non-finite input gives 0, the cautious end.
pub fn multiplier(u: f64, line: f64, gamma: f64) -> f64 {
    if !(u.is_finite() && line.is_finite() && gamma.is_finite()) || line <= 0.0 {
        return 0.0;
    }
    if u <= 0.0 {
        return LARGEST_MULTIPLE;
    }
    if gamma <= 0.0 {
        return if u >= line { 0.0 } else { LARGEST_MULTIPLE };
    }
    // Exponents beyond 700 overflow, and the cap lies far below.
    let multiple = num::exp((num::ln(line / u) / gamma).clamp(-700.0, 700.0)).min(LARGEST_MULTIPLE);
    if multiple < SMALLEST_MULTIPLE { 0.0 } else { multiple }
}

/// Days until `u` reaches `line` when demand grows by `monthly` (0.2 = 20 % a month); 0 when it has. `None`: no limit
/// within [`HORIZON_DAYS`], or non-finite input.
pub fn days_until(u: f64, line: f64, gamma: f64, monthly: f64) -> Option<f64> {
    if !(u.is_finite() && line.is_finite() && gamma.is_finite() && monthly.is_finite()) {
        return None;
    }
    if u >= line {
        return Some(0.0);
    }
    if u <= 0.0 || gamma <= 0.0 || monthly <= 0.0 {
        return None;
    }
    let days = DAYS_PER_MONTH * num::ln(line / u) / (gamma * num::ln(1.0 + monthly));
    (days <= HORIZON_DAYS).then_some(days)
}

/// Days until a store at `u` that fills by `per_day` (share of the hard limit a day, at today's demand) reaches `line`,
/// when demand and so the rate of filling grow by `monthly`. `None` as for [`days_until`].
pub fn days_to_fill(u: f64, line: f64, per_day: f64, monthly: f64) -> Option<f64> {
    if !(u.is_finite() && line.is_finite() && per_day.is_finite() && monthly.is_finite()) || monthly <= -1.0 {
        return None;
    }
    if u >= line {
        return Some(0.0);
    }
    if per_day <= 0.0 {
        return None;
    }
    let rate = num::ln(1.0 + monthly) / DAYS_PER_MONTH;
    let flat = (line - u) / per_day;
    // used(t) = u + per_day (e^(rate t) - 1) / rate; without growth the straight line.
    let inside = 1.0 + flat * rate;
    let days = if rate.abs() < 1e-9 {
        flat
    } else if inside > 0.0 {
        num::ln(inside) / rate
    } else {
        return None;
    };
    (days <= HORIZON_DAYS).then_some(days)
}

/// One possible truth about a limited resource.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct State {
    pub(crate) u: f64,
    pub(crate) gamma: f64,
    pub(crate) fill: Option<f64>,
}

impl State {
    pub(crate) fn multiple(&self, line: f64) -> f64 {
        match self.fill {
            None => multiplier(self.u, line, self.gamma),
            Some(per_day) if per_day > 0.0 => ((line - self.u) / (per_day * FILL_DAYS)).clamp(0.0, LARGEST_MULTIPLE),
            Some(_) => multiplier(self.u, line, 0.0),
        }
    }

    pub(crate) fn days(&self, line: f64, monthly: f64) -> Option<f64> {
        match self.fill {
            None => days_until(self.u, line, self.gamma, monthly),
            Some(per_day) => days_to_fill(self.u, line, per_day, monthly),
        }
    }
}

/// The middle and the corners of what is known about a resource.
fn corners(u: &Utilisation) -> (State, Vec<State>) {
    let middle = State { u: u.now.p50, gamma: u.gamma.p50, fill: u.fill_per_day.map(|f| f.p50) };
    let fills = u.fill_per_day.map_or(vec![None], |f| vec![Some(f.p10), Some(f.p90)]);
    let mut all = vec![middle];
    for now in [u.now.p10, u.now.p90] {
        for gamma in [u.gamma.p10, u.gamma.p90] {
            all.extend(fills.iter().map(|fill| State { u: now, gamma, fill: *fill }));
        }
    }
    (middle, all)
}

fn spread(middle: f64, all: impl Iterator<Item = f64>) -> Interval {
    let (low, high) = all.fold((middle, middle), |(low, high), v| (low.min(v), high.max(v)));
    Interval { p10: num::round9(low), p50: num::round9(middle), p90: num::round9(high) }
}

/// Days as an interval: `None` when even the pessimistic end lies beyond the horizon; ends beyond it are written as the
/// horizon.
pub(crate) fn days_interval(low: f64, middle: f64, high: f64) -> Option<Interval> {
    let within = |d: f64| num::round9(d.min(HORIZON_DAYS));
    (low <= HORIZON_DAYS).then(|| Interval { p10: within(low), p50: within(middle), p90: within(high) })
}

fn plain(u: &Utilisation, scenario: String) -> LimitForecast {
    let (middle, all) = corners(u);
    let multiplier = spread(middle.multiple(u.line), all.iter().map(|s| s.multiple(u.line)));
    LimitForecast {
        subject: u.subject.clone(),
        resource: u.limited,
        scenario,
        utilisation: num::round9(u.now.p50),
        limit: u.line,
        multiplier,
        days: None,
        first_probability: 0.0,
        breaks: None,
        extrapolated: multiplier.p50 > TRUSTED_RANGE * u.observed_range,
    }
}

/// Earliest days, then smallest multiple, then likeliest first, then id and resource.
pub(crate) fn order(a: &LimitForecast, b: &LimitForecast) -> Ordering {
    let days = |f: &LimitForecast| f.days.map_or(f64::MAX, |d| d.p50);
    num::cmp9(days(a), days(b))
        .then_with(|| num::cmp9(a.multiplier.p50, b.multiplier.p50))
        .then_with(|| num::cmp9(b.first_probability, a.first_probability))
        .then_with(|| a.subject.id.cmp(&b.subject.id))
        .then_with(|| a.resource.cmp(&b.resource))
}

/// The first of the list is the first at the middle of everything known; without draws there is no finer probability.
fn ranked(mut limits: Vec<LimitForecast>) -> Vec<LimitForecast> {
    limits.sort_by(order);
    if let Some(first) = limits.first_mut() {
        first.first_probability = 1.0;
    }
    limits
}

/// What a one-off multiple of today's peak breaks, first limit first. Intervals are the corners of what is known;
/// `first_probability` is 1 for the first and 0 for the others.
pub fn at_multiple(utilisation: &[Utilisation], times: f64) -> Vec<LimitForecast> {
    let scenario = Scenario::Multiple { times }.word();
    let limits = utilisation.iter().map(|u| {
        let forecast = plain(u, scenario.clone());
        let beyond = times > TRUSTED_RANGE * u.observed_range;
        LimitForecast {
            breaks: Some(forecast.multiplier.p50 <= times),
            extrapolated: forecast.extrapolated || beyond,
            ..forecast
        }
    });
    ranked(limits.collect())
}

/// What growth by `growth_monthly` (0.2 = 20 % a month) breaks within `months`, first limit first. As [`at_multiple`],
/// with days until each line.
pub fn what_if(utilisation: &[Utilisation], growth_monthly: f64, months: f64) -> Vec<LimitForecast> {
    let scenario = format!("{}_percent", num::round9(num::round9(growth_monthly) * 100.0));
    let limits = utilisation.iter().map(|u| {
        let (middle, all) = corners(u);
        let days = |s: &State| s.days(u.line, growth_monthly).unwrap_or(f64::INFINITY);
        let (low, high) =
            all.iter().map(days).fold((f64::INFINITY, 0.0f64), |(low, high), d| (low.min(d), high.max(d)));
        LimitForecast {
            days: days_interval(low, days(&middle), high),
            breaks: Some(days(&middle) <= months * DAYS_PER_MONTH),
            ..plain(u, scenario.clone())
        }
    });
    ranked(limits.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn e13_days_to_limit() {
        let table = [
            (0.42, 0.70, [111.2, 85.3, 69.7]),
            (0.55, 0.80, [81.6, 62.6, 51.1]),
            (0.60, 0.85, [75.9, 58.1, 47.5]),
            (0.31, 0.70, [177.4, 136.0, 111.1]),
        ];
        for (u, line, want) in table {
            for (monthly, want) in [0.15, 0.20, 0.25].into_iter().zip(want) {
                let got = days_until(u, line, 1.0, monthly).expect("grows");
                assert!((got - want).abs() < 0.05, "{u} to {line} at {monthly}: {got}");
            }
        }
        let months = |times: f64| num::ln(times) / num::ln(1.2);
        assert!((months(5.0) - 8.827).abs() < 1e-3 && (months(10.0) - 12.629).abs() < 1e-3);
        assert!((num::pow(1.2, 12.0) - 8.916).abs() < 1e-3);
    }

    #[test]
    fn the_ends_are_said_not_guessed() {
        assert_eq!(days_until(0.8, 0.8, 1.0, 0.2), Some(0.0));
        assert_eq!(days_until(0.5, 0.8, 1.0, 0.0), None);
        assert_eq!(days_until(0.5, 0.8, 0.0, 0.2), None);
        assert_eq!(days_until(0.001, 0.8, 1.0, 0.01), None, "beyond the horizon");
        assert_eq!(days_until(f64::NAN, 0.8, 1.0, 0.2), None);
        assert_eq!(multiplier(0.0, 0.8, 1.0), LARGEST_MULTIPLE);
        assert_eq!(multiplier(0.5, 0.8, 0.0), LARGEST_MULTIPLE);
        assert_eq!(multiplier(0.9, 0.8, 0.0), 0.0);
        assert_eq!(multiplier(f64::NAN, 0.8, 1.0), 0.0);
        assert!((multiplier(0.2, 0.8, 1.0) - 4.0).abs() < 1e-12);
        assert!((multiplier(0.2, 0.8, 2.0) - 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_disk_fills_without_growth() {
        assert!((days_to_fill(0.5, 0.8, 0.01, 0.0).expect("fills") - 30.0).abs() < 1e-9);
        let growing = days_to_fill(0.5, 0.8, 0.01, 0.2).expect("fills");
        assert!(growing < 30.0 && growing > 24.0, "{growing}");
        let shrinking = days_to_fill(0.5, 0.8, 0.01, -0.2).expect("still fills");
        assert!(shrinking > 30.0);
        assert_eq!(days_to_fill(0.5, 0.8, 0.001, -0.5), None, "it never gets there");
        assert_eq!(days_to_fill(0.5, 0.8, 0.0, 0.2), None);
        assert_eq!(days_to_fill(0.9, 0.8, 0.0, 0.2), Some(0.0));
        // used(t) by numeric integration reaches the line at the answer.
        let rate = num::ln(1.2) / DAYS_PER_MONTH;
        let used: f64 =
            (0..10_000).map(|i| growing / 1e4 * 0.01 * num::exp(rate * growing * (f64::from(i) + 0.5) / 1e4)).sum();
        assert!((0.5 + used - 0.8).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn p23_days_fall_with_use_growth_and_elasticity_and_rise_with_the_line(
            u in 0.05f64..0.6, line in 0.65f64..0.9, gamma in 0.3f64..1.9, monthly in 0.05f64..0.9,
        ) {
            let days = |u, line, gamma, monthly| days_until(u, line, gamma, monthly).unwrap_or(f64::INFINITY);
            let base = days(u, line, gamma, monthly);
            prop_assert!(days(u * 1.02, line, gamma, monthly) <= base);
            prop_assert!(days(u, line, gamma * 1.02, monthly) <= base);
            prop_assert!(days(u, line, gamma, monthly * 1.02) <= base);
            prop_assert!(days(u, line * 1.02, gamma, monthly) >= base);
        }

        #[test]
        fn p27_days_and_multiple_agree(u in 0.05f64..0.6, line in 0.65f64..0.9, gamma in 0.3f64..1.9, monthly in 0.05f64..0.9) {
            if let Some(days) = days_until(u, line, gamma, monthly) {
                let grown = num::pow(1.0 + monthly, days / DAYS_PER_MONTH);
                let m = multiplier(u, line, gamma);
                prop_assert!((grown / m - 1.0).abs() < 1e-9 || m == LARGEST_MULTIPLE, "{} against {}", grown, m);
            }
        }

        #[test]
        fn nothing_gives_nan(u in prop::num::f64::ANY, line in prop::num::f64::ANY, gamma in prop::num::f64::ANY, monthly in prop::num::f64::ANY) {
            prop_assert!(multiplier(u, line, gamma).is_finite());
            prop_assert!(days_until(u, line, gamma, monthly).is_none_or(|d| (0.0..=HORIZON_DAYS).contains(&d)));
            prop_assert!(days_to_fill(u, line, gamma, monthly).is_none_or(|d| (0.0..=HORIZON_DAYS).contains(&d)));
        }
    }
}
