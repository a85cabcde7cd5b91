//! Hours of one metric of one subject in a form that merges fast in any grouping: by day, by throughput, by window.

use loadline_model::{
    Day, Distribution, DistributionSeries, FactIndex, HOUR_MS, Series, SeriesKind, SubjectId, Timestamp, Zone, key, num,
};
use std::collections::{BTreeMap, BTreeSet};

/// What the hours hold. Hours of another form than the newest hour's cannot be merged with it and are left out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Form {
    /// Buckets of this schema; the zero bucket is [`ZERO`].
    Exponential(i8),
    /// Buckets between these bounds.
    Classic(Vec<f64>),
    /// Percentiles computed elsewhere: compared like with like only.
    Gauges,
    /// Samples of a share in 0–1.
    Ratio,
    /// Samples of a level.
    Samples,
}

const ZERO: i32 = i32::MIN;
/// Buckets beyond this index hold no value that a clock could measure at any schema; a broken source must not make us
/// reserve memory up to them.
const FARTHEST_BUCKET: i32 = 100_000;

#[derive(Clone, Debug)]
enum Content {
    Buckets(Vec<(i32, u64)>),
    Quantiles(Vec<(f64, f64)>),
    Samples(Vec<f64>),
}

/// One UTC hour.
#[derive(Clone, Debug)]
pub(crate) struct HourCell {
    pub(crate) start: Timestamp,
    /// Local day of the workspace's zone.
    pub(crate) day: Day,
    /// Observations: requests for distributions, samples for series.
    pub(crate) count: u64,
    /// Requests of the hour, for strata; 0 when not known.
    pub(crate) throughput: f64,
    content: Content,
}

/// A statistic of merged hours, in the metric's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Level {
    pub(crate) value: f64,
    /// The true value lies above `value`, the last bound.
    pub(crate) above: bool,
    /// Observations behind it.
    pub(crate) count: u64,
}

/// All hours, ascending.
#[derive(Clone, Debug)]
pub(crate) struct Hours {
    pub(crate) cells: Vec<HourCell>,
    pub(crate) form: Form,
    /// Source was asked and answered up to here.
    pub(crate) covered_until: Timestamp,
}

/// Distribution series of a metric from the account that has most hours: two accounts that show the same service would
/// count every request twice.
pub(crate) fn distribution_series<'a>(
    index: &FactIndex<'a>,
    id: &SubjectId,
    metric: &str,
) -> Vec<&'a DistributionSeries> {
    let mut by_account: BTreeMap<&str, Vec<&DistributionSeries>> = BTreeMap::new();
    for (series, from) in index.distributions(id, metric) {
        by_account.entry(from.account.as_str()).or_default().push(series);
    }
    let hours = |all: &Vec<&DistributionSeries>| all.iter().map(|s| s.hours.len()).sum::<usize>();
    // The first account wins a tie: max_by_key keeps the last, so go backwards.
    by_account.into_values().rev().max_by_key(hours).unwrap_or_default()
}

/// Routes that have series of their own.
pub(crate) fn routes(series: &[&DistributionSeries]) -> BTreeSet<String> {
    series.iter().filter_map(|s| s.labels.get("route").cloned()).collect()
}

/// Series of one route; for `None` the whole-service series if the source has them, else every route.
fn of_route<'a>(series: &[&'a DistributionSeries], route: Option<&str>) -> Vec<&'a DistributionSeries> {
    let own = |want: Option<&str>| -> Vec<&DistributionSeries> {
        series.iter().copied().filter(|s| s.labels.get("route").map(String::as_str) == want).collect()
    };
    let exact = own(route);
    if exact.is_empty() && route.is_none() { series.to_vec() } else { exact }
}

impl Hours {
    /// Hours of a metric: from distributions, else from samples. `None` without any.
    pub(crate) fn of(index: &FactIndex, id: &SubjectId, metric: &str, route: Option<&str>) -> Option<Self> {
        let zone = &index.snapshot().zone;
        let distributions = distribution_series(index, id, metric);
        Self::from_distributions(&of_route(&distributions, route), zone)
            .or_else(|| Self::from_samples(index, id, metric, route))
    }

    /// Merges series hour by hour.
    pub(crate) fn from_distributions(series: &[&DistributionSeries], zone: &Zone) -> Option<Self> {
        let mut parts: BTreeMap<Timestamp, Vec<&Distribution>> = BTreeMap::new();
        for hour in series.iter().flat_map(|s| &s.hours) {
            parts.entry(hour.start).or_default().push(&hour.distribution);
        }
        let newest = parts.values().next_back()?.first()?;
        if matches!(newest, Distribution::Gauges { .. }) && series.len() > 1 {
            // Percentiles of several series have no common percentile.
            return None;
        }
        let form = common_form(newest, parts.values().flatten().copied())?;
        let cells =
            parts.iter().filter_map(|(start, parts)| merge_hour(*start, parts, &form, zone)).collect::<Vec<_>>();
        let covered_until = series.iter().map(|s| s.covered_until).max()?;
        (!cells.is_empty()).then_some(Self { cells, form, covered_until })
    }

    fn from_samples(index: &FactIndex, id: &SubjectId, metric: &str, route: Option<&str>) -> Option<Self> {
        let zone = &index.snapshot().zone;
        let series = gauge_series(index, id, metric, route)?;
        let demand = hourly_requests(index, id);
        let mut by_hour: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
        for s in series.samples.iter().filter(|s| s.value.is_finite()) {
            by_hour.entry(s.at.0.div_euclid(HOUR_MS) * HOUR_MS).or_default().push(s.value);
        }
        let cells = by_hour
            .into_iter()
            .map(|(start, values)| HourCell {
                start: Timestamp(start),
                day: zone.day_of(Timestamp(start)),
                count: values.len() as u64,
                throughput: demand.get(&start).copied().unwrap_or(0.0),
                content: Content::Samples(values),
            })
            .collect::<Vec<_>>();
        let form = if series.unit == "ratio" { Form::Ratio } else { Form::Samples };
        (!cells.is_empty()).then_some(Self { cells, form, covered_until: series.covered_until })
    }

    /// Merged counts give the quantile; gauges cannot be merged.
    pub(crate) fn mergeable(&self) -> bool {
        matches!(self.form, Form::Exponential(_) | Form::Classic(_))
    }

    /// Cells whose hour lies wholly in `from..until`.
    pub(crate) fn between(&self, from: Timestamp, until: Timestamp) -> &[HourCell] {
        let start = self.cells.partition_point(|c| c.start < from);
        let end = self.cells.partition_point(|c| c.start.0 + HOUR_MS <= until.0);
        self.cells.get(start..end).unwrap_or(&[])
    }

    /// The union of cells as one distribution; `None` when the form does not merge or there are no cells.
    pub(crate) fn merged<'c>(&self, cells: impl IntoIterator<Item = &'c HourCell>) -> Option<Distribution> {
        let mut sums: Vec<u64> = Vec::new();
        let (mut zero, mut lowest) = (0, i32::MAX);
        for cell in cells {
            let Content::Buckets(buckets) = &cell.content else { return None };
            for (bucket, n) in buckets {
                if *bucket == ZERO {
                    zero += n;
                    continue;
                }
                if sums.is_empty() {
                    lowest = *bucket;
                } else if *bucket < lowest {
                    sums.splice(0..0, std::iter::repeat_n(0, (lowest - bucket) as usize));
                    lowest = *bucket;
                }
                let at = (bucket - lowest) as usize;
                if at >= sums.len() {
                    sums.resize(at + 1, 0);
                }
                sums[at] += n;
            }
        }
        let filled = sums.iter().enumerate().filter(|(_, n)| **n > 0);
        match &self.form {
            Form::Exponential(schema) => {
                let counts = filled.map(|(i, n)| (lowest + i as i32, *n)).collect();
                Some(Distribution::Exponential { schema: *schema, zero, counts, sum: None })
            }
            Form::Classic(bounds) => {
                let mut counts = vec![0; bounds.len() + 1];
                filled.for_each(|(i, n)| counts[(lowest as usize + i).min(bounds.len())] = *n);
                Some(Distribution::Classic { bounds: bounds.clone(), counts, sum: None })
            }
            _ => None,
        }
    }

    /// The statistic of some cells: a quantile of merged counts; the median hour of gauges; the mean of shares; a
    /// quantile of samples. `None` without observations.
    pub(crate) fn level<'c>(
        &self,
        cells: impl IntoIterator<Item = &'c HourCell> + Clone,
        quantile: f64,
    ) -> Option<Level> {
        let count = cells.clone().into_iter().map(|c| c.count).sum();
        if self.mergeable() {
            let found = self.merged(cells)?.quantile(quantile)?;
            return (found.value > 0.0 || !found.above).then_some(Level {
                value: found.value,
                above: found.above,
                count,
            });
        }
        let mut values: Vec<f64> = Vec::new();
        for cell in cells {
            match &cell.content {
                Content::Samples(samples) => values.extend(samples),
                Content::Quantiles(quantiles) => {
                    values.extend(quantiles.iter().filter(|(q, _)| (q - quantile).abs() < 1e-9).map(|(_, v)| *v));
                }
                Content::Buckets(_) => return None,
            }
        }
        values.retain(|v| v.is_finite());
        values.sort_by(f64::total_cmp);
        let value = match self.form {
            Form::Ratio if values.is_empty() => None,
            Form::Ratio => Some(values.iter().sum::<f64>() / values.len() as f64),
            // The median hour is a summary of the gauge itself; averaging percentiles would invent a number.
            Form::Gauges => num::quantile_sorted(&values, 0.5),
            _ => num::quantile_sorted(&values, quantile),
        };
        value.map(|value| Level { value, above: false, count })
    }
}

/// The form all hours can be brought to: the coarsest schema, the shared bounds.
fn common_form<'a>(newest: &Distribution, all: impl Iterator<Item = &'a Distribution>) -> Option<Form> {
    match newest {
        Distribution::Gauges { .. } => Some(Form::Gauges),
        Distribution::Exponential { .. } => all
            .filter_map(|d| if let Distribution::Exponential { schema, .. } = d { Some(*schema) } else { None })
            .min()
            .map(Form::Exponential),
        Distribution::Classic { bounds, .. } => {
            let mut shared = bounds.clone();
            for d in all {
                if let Distribution::Classic { bounds, .. } = d
                    && *bounds != shared
                {
                    shared.retain(|b| bounds.contains(b));
                }
            }
            (!shared.is_empty()).then_some(Form::Classic(shared))
        }
    }
}

fn merge_hour(start: Timestamp, parts: &[&Distribution], form: &Form, zone: &Zone) -> Option<HourCell> {
    let cell = |count: u64, content| {
        Some(HourCell { start, day: zone.day_of(start), count, throughput: count as f64, content })
    };
    if let Form::Gauges = form {
        // Percentiles of several parts cannot be merged; the first part that has some stands for the hour.
        return parts.iter().find_map(|d| match d {
            Distribution::Gauges { quantiles, count } => {
                cell(count.unwrap_or(0), Content::Quantiles(quantiles.clone()))
            }
            _ => None,
        });
    }
    if let [only] = parts {
        let buckets = in_buckets(only, form)?;
        let count = buckets.iter().map(|(_, n)| n).sum();
        return if count == 0 { None } else { cell(count, Content::Buckets(buckets)) };
    }
    let mut buckets: BTreeMap<i32, u64> = BTreeMap::new();
    for (bucket, n) in parts.iter().filter_map(|d| in_buckets(d, form)).flatten() {
        *buckets.entry(bucket).or_insert(0) += n;
    }
    let count = buckets.values().sum();
    if count == 0 { None } else { cell(count, Content::Buckets(buckets.into_iter().collect())) }
}

fn in_buckets(d: &Distribution, form: &Form) -> Option<Vec<(i32, u64)>> {
    match (d, form) {
        (Distribution::Exponential { schema, zero, counts, .. }, Form::Exponential(want)) => {
            if schema != want {
                let coarse = Distribution::Exponential { schema: *want, zero: 0, counts: Vec::new(), sum: None };
                return in_buckets(&d.merge(&coarse).ok()?, form);
            }
            let zero = (*zero > 0).then_some((ZERO, *zero));
            let sane = |(i, n): &&(i32, u64)| *n > 0 && (-FARTHEST_BUCKET..=FARTHEST_BUCKET).contains(i);
            Some(zero.into_iter().chain(counts.iter().filter(sane).copied()).collect())
        }
        (Distribution::Classic { bounds, counts, .. }, Form::Classic(want)) => {
            if bounds != want {
                let shared = Distribution::Classic { bounds: want.clone(), counts: vec![0; want.len() + 1], sum: None };
                return in_buckets(&d.merge(&shared).ok()?, form);
            }
            Some((0i32..).zip(counts.iter().copied()).filter(|(_, n)| *n > 0).collect())
        }
        _ => None,
    }
}

/// The gauge series of a metric: the one of the route; the whole when no route is asked. Longest first.
pub(crate) fn gauge_series<'a>(
    index: &FactIndex<'a>,
    id: &SubjectId,
    metric: &str,
    route: Option<&str>,
) -> Option<&'a Series> {
    index
        .series(id, metric)
        .filter(|(s, _)| s.kind == SeriesKind::Gauge && s.labels.get("route").map(String::as_str) == route)
        .max_by_key(|(s, p)| (s.samples.len(), std::cmp::Reverse(p.account.clone())))
        .map(|(s, _)| s)
}

/// Requests per UTC hour from the request rate, by start of the hour in milliseconds.
fn hourly_requests(index: &FactIndex, id: &SubjectId) -> BTreeMap<i64, f64> {
    let mut sums: BTreeMap<i64, (f64, f64)> = BTreeMap::new();
    if let Some(rate) = gauge_series(index, id, key::metric::REQUEST_RATE, None) {
        for s in rate.samples.iter().filter(|s| s.value.is_finite()) {
            let sum = sums.entry(s.at.0.div_euclid(HOUR_MS) * HOUR_MS).or_default();
            *sum = (sum.0 + s.value, sum.1 + 1.0);
        }
    }
    sums.into_iter().map(|(hour, (sum, n))| (hour, sum / n * 3600.0)).collect()
}
