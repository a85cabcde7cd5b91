//! What breaks first: 2,000 seeded draws of growth, utilisation and elasticity (`scoring.md` §4.5).

use crate::forecast::{State, TRUSTED_RANGE, days_interval, order};
use crate::growth::DRAWS;
use loadline_model::random::Draws;
use loadline_model::{Interval, LimitForecast, MODEL_VERSION, Scenario, Utilisation, hash, num};

/// Normal quantile of 90 %: an 80 % interval reaches this many standard deviations to each side.
const Z_80: f64 = 1.281_551_565_544_600_4;

/// Forecasts of every resource in every scenario, first limit first within each. `growth` holds [`DRAWS`] draws of
/// monthly growth; without it the measured scenario is left out.
pub(crate) fn limits(
    utilisation: &[Utilisation],
    growth: Option<&[f64]>,
    scenarios: &[Scenario],
) -> Vec<LimitForecast> {
    let states: Vec<Vec<State>> = utilisation.iter().map(drawn_states).collect();
    let mut all = Vec::new();
    for scenario in scenarios {
        let monthly: Option<Vec<f64>> = match scenario {
            Scenario::Measured => growth.map(<[f64]>::to_vec),
            Scenario::TwentyPercent => Some(vec![0.2; DRAWS]),
            Scenario::Multiple { .. } => Some(Vec::new()),
        };
        if let Some(monthly) = monthly {
            all.extend(in_scenario(utilisation, &states, scenario, &monthly));
        }
    }
    all
}

/// What may be true of a resource. The stream depends on the resource alone: the same draws meet every scenario, and
/// another resource never changes them.
fn drawn_states(u: &Utilisation) -> Vec<State> {
    let seed = hash::seed(&["first limit", u.subject.id.as_str(), u.limited.word(), MODEL_VERSION]);
    let mut random = Draws::new(seed);
    (0..DRAWS)
        .map(|_| State {
            u: two_sided(&mut random, &u.now).max(0.0),
            gamma: random.triangular(u.gamma.p10, u.gamma.p50, u.gamma.p90),
            fill: u.fill_per_day.map(|f| two_sided(&mut random, &f)),
        })
        .collect()
}

/// A normal draw with its own spread on each side of the median.
fn two_sided(random: &mut Draws, interval: &Interval) -> f64 {
    let z = random.normal();
    let spread = if z < 0.0 { interval.p50 - interval.p10 } else { interval.p90 - interval.p50 };
    interval.p50 + z * spread.max(0.0) / Z_80
}

fn in_scenario(
    utilisation: &[Utilisation],
    states: &[Vec<State>],
    scenario: &Scenario,
    monthly: &[f64],
) -> Vec<LimitForecast> {
    let times = if let Scenario::Multiple { times } = scenario { Some(*times) } else { None };
    let mut wins = vec![0u32; utilisation.len()];
    let mut days = vec![Vec::with_capacity(DRAWS); utilisation.len()];
    let mut multiples = vec![Vec::with_capacity(DRAWS); utilisation.len()];
    for draw in 0..DRAWS {
        let mut first: Option<(usize, f64, f64)> = None;
        for (i, (u, states)) in utilisation.iter().zip(states).enumerate() {
            let Some(state) = states.get(draw) else { continue };
            let multiple = num::round9(state.multiple(u.line));
            let until = monthly.get(draw).and_then(|g| state.days(u.line, *g)).map_or(f64::INFINITY, num::round9);
            days[i].push(until);
            multiples[i].push(multiple);
            // Equal days are decided by the multiple, then by the order of ids.
            let earlier = first.is_none_or(|(_, t, m)| until < t || (until == t && multiple < m));
            if earlier {
                first = Some((i, until, multiple));
            }
        }
        if let Some((i, _, _)) = first {
            wins[i] += 1;
        }
    }
    let forecast = |(i, u): (usize, &Utilisation)| {
        let multiplier = interval(&mut multiples[i])?;
        let reached = interval(&mut days[i]).and_then(|d| days_interval(d.p10, d.p50, d.p90));
        Some(LimitForecast {
            subject: u.subject.clone(),
            resource: u.limited,
            scenario: scenario.word(),
            utilisation: u.now.p50,
            limit: u.line,
            multiplier: Interval {
                p10: num::round9(multiplier.p10),
                p50: num::round9(multiplier.p50),
                p90: num::round9(multiplier.p90),
            },
            days: if times.is_some() { None } else { reached },
            first_probability: num::round9(f64::from(wins[i]) / DRAWS as f64),
            breaks: times.map(|t| multiplier.p50 <= t),
            extrapolated: multiplier.p50.max(times.unwrap_or(0.0)) > TRUSTED_RANGE * u.observed_range,
        })
    };
    let mut limits: Vec<LimitForecast> = utilisation.iter().enumerate().filter_map(forecast).collect();
    limits.sort_by(order);
    limits
}

/// 10th, 50th and 90th percentile, infinite where the draw itself is.
fn interval(values: &mut [f64]) -> Option<Interval> {
    values.sort_by(f64::total_cmp);
    let at = |q: f64| values.get((q * values.len().saturating_sub(1) as f64).round() as usize).copied();
    Some(Interval { p10: at(0.1)?, p50: at(0.5)?, p90: at(0.9)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elasticity;
    use loadline_model::{Limited, SubjectRef};
    use proptest::prelude::*;

    fn resource(id: &str, limited: Limited, u: f64) -> Utilisation {
        Utilisation {
            subject: SubjectRef { id: id.into(), kind: None, name: id.into(), account: None, region: None },
            limited,
            now: Interval { p10: u * 0.95, p50: u, p90: u * 1.05 },
            line: limited.default_limit(),
            gamma: elasticity::DEFAULT,
            gamma_fitted: false,
            days: 14.0,
            samples: 4032,
            hard_limit: None,
            unit: "share".into(),
            sources: vec![],
            observed_range: 4.0,
            fill_per_day: None,
        }
    }

    const GROWTH: [Scenario; 2] = [Scenario::TwentyPercent, Scenario::Multiple { times: 5.0 }];

    #[test]
    fn the_fullest_breaks_first() {
        let all = [
            resource("a", Limited::Cpu, 0.3),
            resource("b", Limited::Connections, 0.7),
            resource("c", Limited::Memory, 0.5),
        ];
        let found = limits(&all, None, &GROWTH);
        assert_eq!(found.iter().map(|l| l.subject.id.as_str()).collect::<Vec<_>>(), ["b", "c", "a", "b", "c", "a"]);
        assert!(found[0].first_probability > 0.95 && found[0].days.is_some_and(|d| d.p10 < d.p50 && d.p50 < d.p90));
        assert!((found[2].days.expect("grows").p50 - 141.0).abs() < 12.0, "{:?}", found[2].days);
        assert_eq!(found[3].breaks, Some(true));
        assert_eq!((found[3].days, found[3].scenario.as_str()), (None, "5x"));
        assert!(limits(&all, None, &[Scenario::Measured]).is_empty(), "growth was not fitted");
    }

    #[test]
    fn without_growth_the_disk_still_fills_and_is_first() {
        let mut disk = resource("disk", Limited::Disk, 0.5);
        disk.fill_per_day = Some(Interval { p10: 0.009, p50: 0.01, p90: 0.011 });
        let all = [resource("cpu", Limited::Cpu, 0.6), disk];
        let flat = vec![0.0; DRAWS];
        let found = limits(&all, Some(&flat), &[Scenario::Measured]);
        assert_eq!((found[0].subject.id.as_str(), found[0].first_probability), ("disk", 1.0));
        assert!((found[0].days.expect("fills").p50 - 30.0).abs() < 1.0);
        assert_eq!(found[1].days, None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn p29_probabilities_to_be_first_sum_to_one(levels in prop::collection::vec(0.01f64..0.99, 1..6), same in any::<bool>()) {
            let all: Vec<Utilisation> = levels
                .iter()
                .enumerate()
                .map(|(i, u)| resource(&format!("r{i}"), Limited::Cpu, if same { levels[0] } else { *u }))
                .collect();
            for scenario in [Scenario::Measured, Scenario::TwentyPercent, Scenario::Multiple { times: 10.0 }] {
                let flat = vec![0.0; DRAWS];
                let sum: f64 = limits(&all, Some(&flat), &[scenario]).iter().map(|l| l.first_probability).sum();
                prop_assert!((sum - 1.0).abs() < 1e-6);
            }
        }

        #[test]
        fn p28_another_resource_removes_none_and_moves_none(u in 0.05f64..0.9, v in 0.05f64..0.9) {
            let one = [resource("a", Limited::Cpu, u)];
            let two = [one[0].clone(), resource("b", Limited::Memory, v)];
            let alone = limits(&one, None, &GROWTH);
            let both = limits(&two, None, &GROWTH);
            for l in alone {
                let again = both.iter().find(|b| b.subject == l.subject && b.scenario == l.scenario).expect("still there");
                prop_assert_eq!((again.multiplier, again.days), (l.multiplier, l.days));
            }
        }
    }
}
