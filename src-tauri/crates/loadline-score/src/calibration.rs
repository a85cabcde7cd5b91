//! What items really took against their estimates, and what estimates are multiplied by from then on.

use crate::debt::weeks;
use loadline_model::{Calibration, Interval, ItemId, RuleId, RuleInfo, num};
use std::collections::BTreeMap;

/// Calibration by the engineer-weeks that items took. The ratio is the median of effort over the middle of the rule's estimate,
/// so that one typing error moves little. The factor is drawn towards 1 by n / (n + 3), as measured repairs are drawn from
/// their prior (`scoring.md` §1.6), on the scale of logarithms: twice as long and half as long weigh the same. Estimates are
/// the catalog's own, not calibrated ones, so a factor never feeds on itself.
pub fn calibration(took: &BTreeMap<ItemId, f64>, rules: &[RuleInfo]) -> Calibration {
    let known: Vec<(Interval, f64)> = took.iter().filter_map(|(id, t)| Some((estimate(id, rules)?, *t))).collect();
    let known: Vec<(Interval, f64)> =
        known.into_iter().filter(|(e, t)| t.is_finite() && *t > 0.0 && e.p50 > 0.0).collect();
    let items = u32::try_from(known.len()).unwrap_or(u32::MAX);
    let held = known.iter().filter(|(e, t)| (e.p10..=e.p90).contains(t)).count();
    let ratios: Vec<f64> = known.iter().map(|(e, t)| num::ln(t / e.p50)).collect();
    let middle = num::median(&ratios);
    let n = f64::from(items);
    let shrunk = middle.map(|m| num::round9(num::exp(m * n / (n + f64::from(Calibration::LEAST)))));
    Calibration {
        items,
        held: u32::try_from(held).unwrap_or(u32::MAX),
        ratio: middle.map(|m| num::round9(num::exp(m))),
        factor: shrunk.filter(|_| items >= Calibration::LEAST),
    }
}

/// Engineer-weeks the catalog says for an item: its id begins with its rule's.
fn estimate(item: &ItemId, rules: &[RuleInfo]) -> Option<Interval> {
    let rule = RuleId::new(item.as_str().split('@').next()?);
    rules.iter().find(|r| r.id == rule).map(|r| weeks(r.effort_days))
}
