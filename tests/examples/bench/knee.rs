//! The forecast against a real service that is driven to its limit.

use anyhow::{Context, Result, ensure};
use loadline_tests::knee::{RECORDED, drive};
use loadline_tests::program::root;

/// Drives the service, prints forecast and truth; fails when the truth lies outside. `record` commits the run.
pub(super) async fn measure(record: bool) -> Result<()> {
    let run = drive().await?;
    let (peak, forecast) = run.forecast()?;
    let reached = run.rate_at(forecast.limit).context("the climb did not cross the line")? / peak;
    let (printed, last) = (forecast.multiplier, run.climb[run.climb.len() - 1]);
    println!(
        "knee: {} workers at {:.0} ms, peak {peak:.0} requests/s; forecast {:.2}x ({:.2}-{:.2}) until they are {:.0} % busy, \
         measured {reached:.2}x; at the end {:.0} requests/s and {:.0} ms",
        run.workers,
        run.service_ms,
        printed.p50,
        printed.p10,
        printed.p90,
        100.0 * forecast.limit,
        last.rate,
        last.response_ms
    );
    ensure!(printed.p10 <= reached && reached <= printed.p90, "the limit lies outside the printed interval");
    if record {
        let file = root().join(RECORDED);
        std::fs::write(&file, serde_json::to_string(&run)? + "\n")?;
        println!("  written to {RECORDED}");
    }
    Ok(())
}
