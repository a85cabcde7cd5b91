//! Throughput strata: deciles of hourly requests over both windows, merged until each side has the minimum (`scoring.md` §5.4).

use crate::hours::HourCell;
use loadline_model::num;

/// Ascending cuts between strata and how much of the requests both windows share.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Strata {
    cuts: Vec<f64>,
    /// Share of requests (0–1) in deciles that both windows reach, before merging.
    pub(crate) overlap: f64,
}

#[derive(Clone, Copy, Default)]
struct Bin {
    cells: [usize; 2],
    observations: [u64; 2],
    requests: f64,
}

impl Strata {
    /// `least_cells` and `least_count` are per stratum and window.
    pub(crate) fn of(before: &[&HourCell], after: &[&HourCell], least_cells: usize, least_count: u64) -> Self {
        let mut all: Vec<f64> = before.iter().chain(after).map(|c| c.throughput).collect();
        all.sort_by(f64::total_cmp);
        let mut cuts: Vec<f64> = (1..10).filter_map(|i| num::quantile_sorted(&all, f64::from(i) / 10.0)).collect();
        cuts.dedup();
        let deciles = Self { cuts, overlap: 0.0 };
        let mut bins = vec![Bin::default(); deciles.cuts.len() + 1];
        for (side, cells) in [before, after].into_iter().enumerate() {
            for cell in cells {
                let bin = &mut bins[deciles.stratum(cell.throughput)];
                bin.cells[side] += 1;
                bin.observations[side] += cell.count;
                bin.requests += cell.throughput.max(f64::MIN_POSITIVE);
            }
        }
        // Windows may differ in length: a day after a change is compared with two weeks before it.
        let sizes = [before.len().max(1) as f64, after.len().max(1) as f64];
        let (mut shared, mut total) = (0.0, 0.0);
        for bin in &bins {
            total += bin.requests;
            // One stray hour does not make a load level common to both windows.
            let [one, other] = [0, 1].map(|side| bin.cells[side] as f64 / sizes[side]);
            if one.min(other) > 0.0 && one.min(other) * 10.0 >= one + other {
                shared += bin.requests;
            }
        }
        let overlap = if total > 0.0 { shared / total } else { 0.0 };
        Self { cuts: merged_cuts(&deciles.cuts, &bins, least_cells, least_count), overlap }
    }

    /// Which stratum an hour of this throughput lies in.
    pub(crate) fn stratum(&self, throughput: f64) -> usize {
        self.cuts.partition_point(|c| *c < throughput)
    }
}

fn merged_cuts(cuts: &[f64], bins: &[Bin], least_cells: usize, least_count: u64) -> Vec<f64> {
    let enough =
        |b: &Bin| b.cells.iter().all(|n| *n >= least_cells) && b.observations.iter().all(|n| *n >= least_count);
    let mut kept = Vec::new();
    let mut open = Bin::default();
    for (i, bin) in bins.iter().enumerate() {
        for side in 0..2 {
            open.cells[side] += bin.cells[side];
            open.observations[side] += bin.observations[side];
        }
        if enough(&open) {
            if let Some(cut) = cuts.get(i) {
                kept.push(*cut);
            }
            open = Bin::default();
        }
    }
    // What is left over at the top is too little on its own and joins the stratum below.
    if open.cells != [0, 0] {
        kept.pop();
    }
    kept
}
