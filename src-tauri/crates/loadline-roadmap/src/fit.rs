//! Whether a sprint holds although costs are ranges (`scoring.md` §6.2).

use loadline_model::hash::seed;
use loadline_model::random::Draws;
use loadline_model::{HalfDays, ItemId, MODEL_VERSION, num};

/// Draws behind a probability.
const DRAWS: u32 = 2_000;

/// Part of an item that falls into a sprint: its id, its effort, and the share 0–1 of it that is done there.
pub(crate) type Load<'a> = (&'a ItemId, HalfDays, f64);

/// Probability 0–1 that items fit into a budget of half-days, from 2,000 triangular draws of each effort. The draws are seeded
/// with budget, ids and model version, so the same sprint always gets the same answer.
pub fn fits_probability(items: &[(&ItemId, HalfDays)], budget: u32) -> f64 {
    let loads: Vec<Load<'_>> = items.iter().map(|(id, effort)| (*id, *effort, 1.0)).collect();
    probability(&loads, budget)
}

pub(crate) fn probability(loads: &[Load<'_>], budget: u32) -> f64 {
    let mut loads = loads.to_vec();
    loads.sort_by(|a, b| a.0.cmp(b.0));
    let budget_word = budget.to_string();
    let mut parts = vec!["roadmap.fit", MODEL_VERSION, budget_word.as_str()];
    parts.extend(loads.iter().map(|(id, _, _)| id.as_str()));
    let mut draws = Draws::new(seed(&parts));
    let mut draw = |h: &HalfDays| draws.triangular(f64::from(h.low), f64::from(h.mode), f64::from(h.high));
    let fits = (0..DRAWS)
        .filter(|_| {
            loads.iter().map(|(_, effort, share)| draw(effort) * share).sum::<f64>() <= f64::from(budget) + 1e-9
        })
        .count();
    num::round9(fits as f64 / f64::from(DRAWS))
}

/// Half-days that suffice in 80 of 100 cases: the 80th percentile of the triangular effort, rounded up.
pub fn safe_half_days(effort: HalfDays) -> u32 {
    const Q: f64 = 0.8;
    let (low, mode, high) = (f64::from(effort.low), f64::from(effort.mode), f64::from(effort.high));
    if high <= low {
        return effort.mode;
    }
    let width = high - low;
    let at = if Q <= (mode - low) / width {
        low + num::sqrt(Q * width * (mode - low))
    } else {
        high - num::sqrt((1.0 - Q) * width * (high - mode))
    };
    (at - 1e-9).ceil().max(0.0) as u32
}
