//! How the requests of one series spread over latency, day by day: merged distributions on buckets that all days share.

use crate::hours::{HourCell, Hours};
use crate::latency::percentiles;
use loadline_model::databases::Missing;
use loadline_model::performance::{DaySpread, Periods, Spread};
use loadline_model::{Day, Distribution, FactIndex, Snapshot, SubjectId, key, num};
use std::collections::BTreeSet;

/// Most buckets: more are thinner than a line of text in a drawing and columns in a table that nobody reads.
const MOST_BUCKETS: usize = 32;
/// The fastest requests that together are less than this share of all fall into the first bucket, so that a few at
/// microseconds do not cost the rest its resolution. The slowest are never folded: they are what is looked for.
const TAIL: f64 = 0.000_5;
/// Days that can be compared with as many before them.
const PERIODS: [u32; 4] = [7, 14, 28, 90];

/// The spread of a subject's requests, of one route or of all merged; with a reason where nothing mergeable is held.
pub fn spread(snapshot: &Snapshot, subject: &SubjectId, route: Option<&str>) -> Spread {
    let index = FactIndex::new(snapshot);
    let name = index.resource(subject).map_or_else(|| subject.to_string(), |r| r.name.clone());
    let mut found = Spread { subject: subject.clone(), route: route.map(str::to_owned), ..Spread::default() };
    let id = index.canonical(subject);
    let Some(hours) = Hours::of(&index, &id, key::metric::REQUEST_DURATION, route) else {
        found.missing = Some(Missing {
            detail: format!("the latency of `{name}` is not measured"),
            closes: "Connect a source that holds request durations.".to_owned(),
        });
        return found;
    };
    let at = snapshot.taken_at;
    let period = |days: u32| {
        let back = i64::from(days);
        let now = hours.between(at.plus_days(-back), at);
        let before = hours.between(at.plus_days(-2 * back), at.plus_days(-back));
        Periods {
            days,
            now: percentiles(&hours, now),
            before: percentiles(&hours, before),
            now_measured: measured(now, days),
            before_measured: measured(before, days),
        }
    };
    found.periods = PERIODS.map(period).to_vec();
    match buckets(&hours) {
        Some((bounds, days)) => (found.bounds, found.days) = (bounds, days),
        None if hours.mergeable() => {
            found.missing = Some(Missing {
                detail: format!("no request of `{name}` took a time that its histogram can tell"),
                closes: "Record durations in seconds, with buckets from milliseconds to 10 s.".to_owned(),
            });
        }
        None => {
            found.missing = Some(Missing {
                detail: format!(
                    "the source keeps percentiles of `{name}` and no histogram, so how many requests took how long is not known"
                ),
                closes: "Record a histogram: http_server_request_duration_seconds_bucket, or a native histogram in Prometheus."
                    .to_owned(),
            });
        }
    }
    found
}

/// Days with observations, at most the length of the period: it begins and ends within a day.
fn measured(cells: &[HourCell], days: u32) -> u32 {
    let seen: BTreeSet<Day> = cells.iter().map(|c| c.day).collect();
    u32::try_from(seen.len()).unwrap_or(days).min(days)
}

/// Bounds and days; `None` when the form does not merge or every observation is at zero.
fn buckets(hours: &Hours) -> Option<(Vec<f64>, Vec<DaySpread>)> {
    let mut whole = hours.merged(&hours.cells)?;
    let ends = loop {
        let ends = ends(&whole)?;
        match coarser(&whole).filter(|_| (ends.1 - ends.0) as usize >= MOST_BUCKETS) {
            Some(next) => whole = next,
            None => break ends,
        }
    };
    let form = emptied(&whole)?;
    let days = hours.cells.chunk_by(|a, b| a.day == b.day).filter_map(|cells| {
        let day = hours.merged(cells)?.merge(&form).ok()?;
        Some(DaySpread { day: cells.first()?.day, counts: counts(&day, ends) })
    });
    let bounds = (ends.0..=ends.1).filter_map(|i| upper(&whole, i)).map(num::round9);
    Some((bounds.collect(), days.collect()))
}

/// Buckets with their index, ascending, and what lies above the last bound. What is at zero has the lowest index.
fn cells(d: &Distribution) -> (Vec<(i32, u64)>, u64) {
    match d {
        Distribution::Exponential { zero, counts, .. } => {
            (std::iter::once((i32::MIN, *zero)).chain(counts.iter().copied()).collect(), 0)
        }
        Distribution::Classic { bounds, counts, .. } => {
            let within = (0i32..).zip(counts.iter().copied()).take(bounds.len()).collect();
            (within, counts.get(bounds.len()).copied().unwrap_or(0))
        }
        Distribution::Gauges { .. } => (Vec::new(), 0),
    }
}

/// Upper bound of a bucket; `None` for what is at zero.
fn upper(d: &Distribution, i: i32) -> Option<f64> {
    match d {
        Distribution::Exponential { schema, .. } if i != i32::MIN => {
            Some(num::pow(2.0, f64::from(i) * num::pow(2.0, -f64::from(*schema))))
        }
        Distribution::Classic { bounds, .. } => bounds.get(usize::try_from(i).ok()?).copied(),
        _ => None,
    }
    .filter(|b| b.is_finite() && *b > 0.0)
}

/// First and last bucket that is shown.
fn ends(d: &Distribution) -> Option<(i32, i32)> {
    let (within, above) = cells(d);
    let total: u64 = above + within.iter().map(|(_, n)| n).sum::<u64>();
    let mut below = 0;
    let mut first = None;
    let mut last = None;
    for (i, n) in within.iter().filter(|(i, _)| upper(d, *i).is_some() || *i == i32::MIN) {
        below += n;
        if *i == i32::MIN {
            continue;
        }
        if first.is_none() && below as f64 >= TAIL * total as f64 && below > 0 {
            first = Some(*i);
        }
        if *n > 0 {
            last = Some(*i);
        }
    }
    // All of it above the last bound: that bound alone is worth a line.
    let only = || within.last().map(|(i, _)| *i).filter(|i| above > 0 && upper(d, *i).is_some());
    let last = last.or_else(only)?;
    let last = if above > 0 { within.last().map_or(last, |(i, _)| *i) } else { last };
    Some((first.unwrap_or(last).min(last), last))
}

/// The same on half as many buckets; `None` when there are no coarser ones.
fn coarser(d: &Distribution) -> Option<Distribution> {
    match d {
        Distribution::Exponential { schema, .. } if *schema > -4 => {
            d.merge(&Distribution::Exponential { schema: schema - 1, zero: 0, counts: Vec::new(), sum: None }).ok()
        }
        Distribution::Classic { bounds, .. } if bounds.len() > 1 => {
            // From the end, so that the last bound stays and nothing more lies above it.
            let mut kept: Vec<f64> = bounds.iter().rev().step_by(2).copied().collect();
            kept.reverse();
            let counts = vec![0; kept.len() + 1];
            d.merge(&Distribution::Classic { bounds: kept, counts, sum: None }).ok()
        }
        _ => None,
    }
}

/// The same buckets without observations.
fn emptied(d: &Distribution) -> Option<Distribution> {
    match d {
        Distribution::Exponential { schema, .. } => {
            Some(Distribution::Exponential { schema: *schema, zero: 0, counts: Vec::new(), sum: None })
        }
        Distribution::Classic { bounds, .. } => {
            Some(Distribution::Classic { bounds: bounds.clone(), counts: vec![0; bounds.len() + 1], sum: None })
        }
        Distribution::Gauges { .. } => None,
    }
}

/// Counts of the buckets between two, what is faster in the first, and last what is above all.
fn counts(d: &Distribution, (first, last): (i32, i32)) -> Vec<u64> {
    let (within, above) = cells(d);
    let mut counts = vec![0; (last - first) as usize + 2];
    for (i, n) in within {
        if let Some(count) = counts.get_mut((i.clamp(first, last) - first) as usize) {
            *count += n;
        }
    }
    if let Some(top) = counts.last_mut() {
        *top += above;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{at, fact, gauge, hour, latency, snapshot};
    use loadline_model::{DistributionSeries, HourDistribution, Timestamp};

    fn found(start: Timestamp, days: i64, series: DistributionSeries) -> Spread {
        spread(&snapshot(start.plus_days(days), vec![fact("api", series)]), &"api".into(), None)
    }

    fn hand(start: Timestamp, hours: &[(i64, Distribution)]) -> DistributionSeries {
        let hours = hours
            .iter()
            .map(|(h, d)| HourDistribution { start: start.plus_hours(*h), distribution: d.clone() })
            .collect();
        DistributionSeries { hours, ..latency(start, 0, None, |_| (0.1, 1)) }
    }

    fn classic(counts: [u64; 4]) -> Distribution {
        Distribution::Classic { bounds: vec![0.1, 0.5, 1.0], counts: counts.to_vec(), sum: None }
    }

    #[test]
    fn no_request_is_lost_and_none_invented() {
        let start = at("2026-10-05");
        let seen = found(start, 10, latency(start, 10, None, |h| (if h < 120 { 0.08 } else { 1.9 }, 700)));
        assert_eq!((seen.days.len(), seen.missing.is_none()), (10, true));
        assert!(seen.bounds.len() <= MOST_BUCKETS && seen.bounds.windows(2).all(|w| w[0] < w[1]), "{:?}", seen.bounds);
        let a_day: u64 = 24 * hour(0.08, 700).count().expect("counts");
        for day in &seen.days {
            assert_eq!((day.counts.len(), day.total()), (seen.bounds.len() + 1, a_day));
        }
        let slow = |day: &DaySpread| -> u64 {
            seen.bounds.iter().zip(&day.counts).filter(|(b, _)| **b > 1.0).map(|(_, n)| n).sum()
        };
        assert_eq!((slow(&seen.days[0]), slow(&seen.days[9])), (0, a_day));
    }

    #[test]
    fn a_worked_day_and_what_lies_above_the_last_bound() {
        let start = at("2026-10-05");
        let series =
            hand(start, &[(0, classic([5, 3, 0, 0])), (1, classic([1, 0, 0, 2])), (50, classic([0, 4, 0, 0]))]);
        let seen = found(start, 3, series);
        assert_eq!(seen.bounds, [0.1, 0.5, 1.0]);
        let days: Vec<&[u64]> = seen.days.iter().map(|d| d.counts.as_slice()).collect();
        assert_eq!(days, [[6, 3, 0, 2].as_slice(), &[0, 4, 0, 0]], "6 October was not measured and is not there");
        let all_above = found(start, 3, hand(start, &[(0, classic([0, 0, 0, 7]))]));
        assert_eq!((all_above.bounds, all_above.days[0].counts.clone()), (vec![1.0], vec![0, 7]));
    }

    #[test]
    fn a_few_very_fast_requests_cost_no_resolution() {
        let start = at("2026-10-05");
        let mostly = |extra: Vec<(i32, u64)>, zero| {
            let counts = extra.into_iter().chain((-120..-80).map(|i| (i, 1_000))).collect();
            Distribution::Exponential { schema: 5, zero, counts, sum: None }
        };
        let plain = found(start, 1, hand(start, &[(0, mostly(vec![], 0))]));
        let odd = found(start, 1, hand(start, &[(0, mostly(vec![(-600, 2)], 3))]));
        assert_eq!(odd.bounds, plain.bounds);
        assert_eq!(odd.days[0].counts[0], plain.days[0].counts[0] + 5, "they are in the first bucket");
    }

    #[test]
    fn percentiles_alone_say_why_there_is_no_spread() {
        let start = at("2026-10-05");
        let told = Distribution::Gauges { quantiles: vec![(0.5, 0.1)], count: Some(900) };
        let seen = found(start, 1, hand(start, &[(0, told)]));
        let missing = seen.missing.expect("a reason");
        assert!(missing.detail.contains("no histogram") && missing.closes.contains("histogram"), "{missing:?}");
        assert!(seen.bounds.is_empty() && seen.days.is_empty());
        assert_eq!(seen.periods.len(), 4, "like can still be compared with like");
        let series = gauge(key::metric::REQUEST_DURATION, "s", vec![(start, 0.2)]);
        let seen = spread(&snapshot(start.plus_days(1), vec![fact("api", series)]), &"api".into(), None);
        assert!(seen.missing.is_some());
        let nothing = spread(&snapshot(start, vec![]), &"api".into(), None);
        assert!(nothing.missing.is_some_and(|m| m.detail.contains("not measured")));
        assert!(nothing.periods.is_empty());
    }

    #[test]
    fn periods_come_from_merged_counts_and_tell_how_much_was_measured() {
        let start = at("2026-10-05");
        let seen = found(start, 20, latency(start, 20, None, |h| (if h < 13 * 24 { 0.8 } else { 0.1 }, 400)));
        let by = |days: u32| *seen.periods.iter().find(|p| p.days == days).expect("offered");
        let week = by(7);
        assert!(week.now.p50.is_some_and(|p| p < 0.12) && week.before.p50.is_some_and(|p| p > 0.7), "{week:?}");
        assert_eq!((week.now_measured, week.before_measured), (7, 7));
        assert_eq!((by(14).now_measured, by(14).before_measured), (14, 6));
        assert_eq!((by(28).before_measured, by(28).before.count, by(28).before.p50), (0, 0, None));
    }
}
