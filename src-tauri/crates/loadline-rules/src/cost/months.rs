//! Levels of the last four months, oldest first.

use crate::Context;
use loadline_model::{CostLine, DAY_MS, Provenance, Sample, Series};
use std::collections::BTreeMap;

/// Months compared: three rises need four levels.
pub(super) const MONTHS: usize = 4;
/// Days of a month.
pub(super) const DAYS: i64 = 30;

/// Which of the last months an age in days falls into, oldest 0.
fn month_of(age_days: i64) -> Option<usize> {
    let back = usize::try_from(age_days.checked_div(DAYS)?).ok()?;
    (age_days >= 0 && back < MONTHS).then(|| MONTHS - 1 - back)
}

/// Mean cost a day of each month, and the days that bills cover; a line is spread evenly over its days.
pub(super) fn monthly_cost(lines: &[(&CostLine, &Provenance)], context: &Context<'_>) -> (Vec<f64>, Vec<f64>) {
    let mut by_day: BTreeMap<i64, f64> = BTreeMap::new();
    for (line, _) in lines.iter().filter(|(l, _)| l.amount.is_finite() && l.from < l.until) {
        let (first, last) = (line.from.0.div_euclid(DAY_MS), (line.until.0 - 1).div_euclid(DAY_MS));
        let count = (last - first + 1) as f64;
        for day in first..=last.min(first + 400) {
            *by_day.entry(day).or_default() += line.amount / count;
        }
    }
    let today = context.as_of.0.div_euclid(DAY_MS);
    let (mut sums, mut days) = (vec![0.0; MONTHS], vec![0.0; MONTHS]);
    for (day, amount) in by_day {
        if let Some((sum, seen)) = month_of(today - day).and_then(|m| Some((sums.get_mut(m)?, days.get_mut(m)?))) {
            *sum += amount;
            *seen += 1.0;
        }
    }
    (sums.iter().zip(&days).map(|(sum, n)| sum / f64::max(*n, 1.0)).collect(), days)
}

/// Mean level of each month of the fullest series of a metric; `None` when a month is empty.
pub(super) fn monthly<'a>(metric: &str, context: &Context<'a>) -> Option<(Vec<f64>, &'a Provenance)> {
    let series = context.facts.all::<Series>().filter(|(_, s, _)| s.metric == metric);
    let (_, series, from) = series.max_by(|a, b| (a.1.samples.len(), b.0, b.2).cmp(&(b.1.samples.len(), a.0, a.2)))?;
    let today = context.as_of.0.div_euclid(DAY_MS);
    let in_month = |month: usize| {
        let of = move |s: &&Sample| s.value.is_finite() && month_of(today - s.at.0.div_euclid(DAY_MS)) == Some(month);
        let values: Vec<f64> = series.samples.iter().filter(of).map(|s| s.value).collect();
        let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
        (mean > 0.0).then_some(mean)
    };
    Some(((0..MONTHS).map(in_month).collect::<Option<Vec<f64>>>()?, from))
}
