//! Hourly distributions from what the server adds up: classic buckets by `le`, or native histograms. Pure.

use super::api::{Line, Native};
use loadline_model::{Distribution, HOUR_MS, HourDistribution, Timestamp, num};
use std::collections::BTreeMap;

/// What tells two distributions of one hour apart: service and route.
pub(super) type Who = (String, Option<String>);

/// Cumulative counts of one hour by upper bound in bits order of positive numbers; infinite last.
type Cumulative = Vec<(f64, f64)>;

/// Distributions from lines of `sum by (le, …) (increase(x_bucket[1h]))`. A line's instant is the end of its hour.
/// `unit` converts the bounds into seconds.
pub(super) fn classic(
    lines: &[Line],
    who: impl Fn(&Line) -> Who,
    unit: f64,
) -> BTreeMap<Who, BTreeMap<Timestamp, Distribution>> {
    let mut cumulative: BTreeMap<Who, BTreeMap<Timestamp, Cumulative>> = BTreeMap::new();
    for line in lines {
        let Some(bound) = line.label("le").and_then(|le| le.parse::<f64>().ok()).filter(|b| !b.is_nan()) else {
            continue;
        };
        let hours = cumulative.entry(who(line)).or_default();
        for (at, count) in &line.samples {
            hours.entry(Timestamp(at.0 - HOUR_MS)).or_default().push((num::round9(bound.min(f64::MAX)) * unit, *count));
        }
    }
    let hours = |hours: BTreeMap<Timestamp, Cumulative>| -> BTreeMap<Timestamp, Distribution> {
        hours.into_iter().filter_map(|(start, c)| Some((start, per_bucket(c)?))).collect()
    };
    cumulative.into_iter().map(|(who, by_hour)| (who, hours(by_hour))).filter(|(_, h)| !h.is_empty()).collect()
}

/// Counts per bucket from cumulative ones. `increase` extrapolates to fractions, and instances that come and go can make
/// a higher bound count less than a lower one: counts are rounded and never fall.
fn per_bucket(mut cumulative: Cumulative) -> Option<Distribution> {
    cumulative.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut bounds = Vec::new();
    let mut counts = Vec::new();
    let mut below = 0u64;
    for (bound, count) in cumulative {
        let upto = (count.max(0.0).round() as u64).max(below);
        counts.push(upto - below);
        if bound < f64::MAX / 10.0 {
            bounds.push(num::round9(bound));
        }
        below = upto;
    }
    // A histogram without its +Inf bucket: nothing is known above the last bound, so nothing is counted there.
    if counts.len() == bounds.len() {
        counts.push(0);
    }
    (below > 0 && !bounds.is_empty()).then_some(Distribution::Classic { bounds, counts, sum: None })
}

/// Puts sums of observations (lines without `le`) into distributions.
pub(super) fn add_sums(
    distributions: &mut BTreeMap<Who, BTreeMap<Timestamp, Distribution>>,
    lines: &[Line],
    who: impl Fn(&Line) -> Who,
    unit: f64,
) {
    for line in lines {
        let Some(hours) = distributions.get_mut(&who(line)) else { continue };
        for (at, value) in &line.samples {
            if let Some(Distribution::Classic { sum, .. }) = hours.get_mut(&Timestamp(at.0 - HOUR_MS)) {
                *sum = Some(num::round9(value.max(0.0) * unit));
            }
        }
    }
}

/// Distributions from lines of `sum by (…) (increase(x[1h]))` over a native histogram.
pub(super) fn native(lines: &[Line], who: impl Fn(&Line) -> Who) -> BTreeMap<Who, BTreeMap<Timestamp, Distribution>> {
    let mut found: BTreeMap<Who, BTreeMap<Timestamp, Distribution>> = BTreeMap::new();
    for line in lines {
        for (at, histogram) in &line.natives {
            if let Some(d) = exponential(histogram) {
                found.entry(who(line)).or_default().insert(Timestamp(at.0 - HOUR_MS), d);
            }
        }
    }
    found
}

/// The schema is in the buckets' growth 2^(2^-schema); the narrowest bucket shows it.
fn exponential(histogram: &Native) -> Option<Distribution> {
    let positive = || histogram.buckets.iter().filter(|(low, high, _)| *low > 0.0 && high > low);
    let schema = positive()
        .map(|(low, high, _)| -num::log2(num::log2(high / low)).round())
        .fold(None, |most: Option<f64>, s| Some(most.map_or(s, |m| m.max(s))))?;
    if !(-4.0..=8.0).contains(&schema) {
        return None;
    }
    let scale = num::pow(2.0, schema);
    let mut counts: BTreeMap<i32, u64> = BTreeMap::new();
    for (_, high, count) in positive() {
        *counts.entry((num::log2(*high) * scale).round() as i32).or_default() += count.max(0.0).round() as u64;
    }
    let around_zero = histogram.buckets.iter().filter(|(low, high, _)| *low <= 0.0 && *high > 0.0);
    let zero = around_zero.map(|(_, _, count)| count.max(0.0).round() as u64).sum();
    let counts: Vec<(i32, u64)> = counts.into_iter().filter(|(_, n)| *n > 0).collect();
    (zero > 0 || !counts.is_empty()).then(|| Distribution::Exponential {
        schema: schema as i8,
        zero,
        counts,
        sum: histogram.sum.map(num::round9),
    })
}

/// As the model keeps them.
pub(super) fn hours(distributions: BTreeMap<Timestamp, Distribution>) -> Vec<HourDistribution> {
    distributions.into_iter().map(|(start, distribution)| HourDistribution { start, distribution }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(le: &str, values: &[f64]) -> Line {
        let samples = values.iter().enumerate().map(|(i, v)| (Timestamp((i as i64 + 1) * HOUR_MS), *v)).collect();
        Line { labels: [("le".to_owned(), le.to_owned())].into(), samples, ..Line::default() }
    }

    fn check(lines: &[(&str, f64)], unit: f64, expected: Option<(&[f64], &[u64])>) {
        let lines: Vec<Line> = lines.iter().map(|(le, v)| line(le, &[*v])).collect();
        let found = classic(&lines, |_| (String::new(), None), unit);
        let found = found.into_values().next().and_then(|h| h.into_values().next());
        let expected = expected.map(|(bounds, counts)| Distribution::Classic {
            bounds: bounds.to_vec(),
            counts: counts.to_vec(),
            sum: None,
        });
        assert_eq!(found, expected, "{lines:?}");
    }

    #[test]
    fn cumulative_becomes_per_bucket() {
        check(&[("+Inf", 10.2), ("0.1", 3.9), ("0.5", 9.1)], 1.0, Some((&[0.1, 0.5], &[4, 5, 1])));
        check(&[("0.1", 5.0), ("0.5", 4.0), ("+Inf", 6.0)], 1.0, Some((&[0.1, 0.5], &[5, 0, 1])));
        check(&[("100", 5.0), ("250", 6.0)], 0.001, Some((&[0.1, 0.25], &[5, 1, 0])));
        check(&[("0.1", 0.0), ("+Inf", 0.2)], 1.0, None);
        check(&[("+Inf", 5.0)], 1.0, None);
        check(&[("what", 5.0)], 1.0, None);
    }

    #[test]
    fn an_hour_ends_at_its_sample() {
        let lines = [line("1", &[1.0, 2.0]), line("+Inf", &[1.0, 3.0])];
        let found = classic(&lines, |_| ("a".into(), None), 1.0).remove(&("a".to_owned(), None)).expect("one service");
        assert_eq!(found.keys().copied().collect::<Vec<_>>(), [Timestamp(0), Timestamp(HOUR_MS)]);
    }

    #[test]
    fn native_histograms_keep_their_schema() {
        let growth = num::pow(2.0, 0.125);
        let native = Native {
            sum: Some(3.0),
            buckets: vec![(-0.001, 0.001, 2.0), (1.0 / growth, 1.0, 3.2), (1.0, growth, 5.0)],
        };
        let Some(Distribution::Exponential { schema, zero, counts, .. }) = exponential(&native) else {
            panic!("a distribution")
        };
        assert_eq!((schema, zero, counts), (3, 2, vec![(0, 3), (1, 5)]));
        assert_eq!(exponential(&Native { sum: None, buckets: vec![] }), None);
    }
}
