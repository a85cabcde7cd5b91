//! How often proof errs where the truth is known, and what merging distributions costs.

use crate::seconds;
use anyhow::{Context, Result, ensure};
use loadline_model::random::Draws;
use loadline_model::{Distribution, num};
use loadline_stats::simulated::Tally;

/// Five times the histories of the tests.
const RUNS: u64 = 1_000;

/// A/A and power over simulated histories; fails beyond the promised bounds.
pub(super) fn simulated() -> Result<()> {
    let (took, quiet) = seconds(|| Tally::of(RUNS, 1.0));
    let share = |n: u64| 100.0 * n as f64 / RUNS as f64;
    println!(
        "simulated, {RUNS} quiet histories: {:.1} % improved or regressed (at most {:.1} % with 95 %), interval holds the truth \
         in {:.1} %, {:.1} ms each",
        share(quiet.improved + quiet.regressed),
        100.0 * quiet.moved_at_most(),
        share(quiet.covered),
        took * 1e3 / RUNS as f64
    );
    ensure!(quiet.moved_at_most() <= 0.10, "too many false verdicts");
    for (ratio, word) in [(0.9, "10 %"), (0.8, "20 %"), (0.5, "50 %")] {
        let found = Tally::of(RUNS, ratio);
        println!(
            "  {word} faster: seen in {:.1} %, taken for slower in {:.1} %, interval holds the truth in {:.1} %",
            share(found.improved),
            share(found.regressed),
            share(found.covered)
        );
        // Of 95 % intervals around a small effect a few end on the wrong side of zero; five in a thousand would be too many.
        ensure!(found.regressed * 200 <= RUNS, "{} of {RUNS} turned round", found.regressed);
        ensure!(ratio > 0.8 || found.improved * 10 >= 9 * RUNS, "a fifth is seen too seldom");
    }
    Ok(())
}

/// Merging 1,000 histograms of 1,000 values, against sorting the million values themselves.
pub(super) fn merge() -> Result<()> {
    const SCHEMA: i8 = 5;
    let mut draws = Draws::new(9);
    let values: Vec<Vec<f64>> = (0..1_000)
        .map(|hour| {
            let level = 0.2 * (1.0 + 0.5 * num::sin(f64::from(hour) / 24.0));
            (0..1_000).map(|_| draws.lognormal(level, 0.5)).collect()
        })
        .collect();
    let parts: Vec<Distribution> = values.iter().map(|v| Distribution::from_values(v, SCHEMA)).collect();
    let quantiles = [0.5, 0.95, 0.99];
    let (ours, merged) = seconds(|| {
        let whole = Distribution::merge_all(&parts).ok().flatten()?;
        Some(quantiles.map(|q| whole.quantile(q).map_or(0.0, |found| found.value)))
    });
    let (theirs, exact) = seconds(|| {
        let mut all: Vec<f64> = values.concat();
        all.sort_by(f64::total_cmp);
        quantiles.map(|q| all[(q * all.len() as f64).ceil() as usize - 1])
    });
    let merged = merged.context("one form")?;
    let worst = merged.iter().zip(exact).map(|(m, e)| (m / e - 1.0).abs()).fold(0.0, f64::max);
    let stated = num::sqrt(num::pow(2.0, num::pow(2.0, -f64::from(SCHEMA)))) - 1.0;
    ensure!(worst <= stated + 1e-9, "p50, p95 or p99 is off by {worst}, more than the stated {stated}");
    let bytes = serde_json::to_vec(&parts)?.len();
    println!(
        "merge of 1,000 histograms with p50, p95, p99: {:.1} ms; of their 1,000,000 values: {:.1} ms, ratio {:.1}x; off by {:.2} % \
         of {:.2} % stated; {} KB as JSON against {} KB of plain numbers",
        ours * 1e3,
        theirs * 1e3,
        theirs / ours,
        100.0 * worst,
        100.0 * stated,
        bytes / 1024,
        8_000_000 / 1024
    );
    Ok(())
}
