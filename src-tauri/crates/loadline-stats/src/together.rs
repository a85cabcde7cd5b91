//! Services that ship together: what is deployed with what, nearly always.

use crate::neighbourhood::subject_ref;
use loadline_model::{FactIndex, Shipped, ShipsWith, SubjectId, Timestamp, num};

/// Hours within which two services are deployed together.
const TOGETHER_HOURS: f64 = 0.5;
/// Fewest deployments that say that two services ship together.
const LEAST: usize = 5;
/// The smallest share that says so.
const SHARE: f64 = 0.8;

/// Per service, those that nearly always ship with it in the last days, most first.
pub(crate) fn together(index: &FactIndex, all: &[(SubjectId, Vec<Shipped<'_>>)], days: i64) -> Vec<Vec<ShipsWith>> {
    let from = index.snapshot().taken_at.plus_days(-days);
    let starts = |shipped: &[Shipped<'_>]| -> Vec<Timestamp> {
        shipped.iter().map(|s| s.deployment.started_at).filter(|at| *at > from).collect()
    };
    let starts: Vec<Vec<Timestamp>> = all.iter().map(|(_, shipped)| starts(shipped)).collect();
    let mut found = vec![Vec::new(); all.len()];
    for (i, a) in starts.iter().enumerate() {
        for (j, b) in starts.iter().enumerate().skip(i + 1) {
            let n = a.len().min(b.len());
            if n < LEAST {
                continue;
            }
            let share = near(a, b).min(near(b, a));
            if share >= SHARE {
                for (at, other) in [(i, j), (j, i)] {
                    let subject = subject_ref(index, &all[other].0);
                    found[at].push(ShipsWith { subject, share: num::round9(share), n: n as u32 });
                }
            }
        }
    }
    for list in &mut found {
        list.sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| a.subject.id.cmp(&b.subject.id)));
    }
    found
}

/// Share of the moments of one that have a moment of the other near them, 0–1; both in order.
fn near(one: &[Timestamp], other: &[Timestamp]) -> f64 {
    let has = |at: &&Timestamp| {
        let next = other.partition_point(|o| o < *at);
        let sides = [next.checked_sub(1), Some(next)].into_iter().flatten().filter_map(|i| other.get(i));
        sides.into_iter().any(|o| o.hours_since(**at).abs() <= TOGETHER_HOURS)
    };
    if one.is_empty() { 0.0 } else { one.iter().filter(has).count() as f64 / one.len() as f64 }
}

#[cfg(test)]
mod tests {
    use crate::delivery::delivery;
    use crate::fixture::{at, deployment, fact, snapshot};
    use loadline_model::{DeliveryTrend, DeploymentStatus, FactIndex, Policy, Timestamp};

    #[test]
    fn services_that_ship_together_are_named_on_both_sides() {
        let start = at("2026-10-07");
        let mut facts = Vec::new();
        for day in 0..10 {
            let noon = start.plus_hours(day * 24 + 12);
            for (service, at) in [("api", noon), ("web", Timestamp(noon.0 + 60_000)), ("jobs", noon.plus_hours(5))] {
                let id = format!("{service}-{day}");
                facts.push(fact(service, deployment(&id, at, 5, DeploymentStatus::Succeeded)));
            }
        }
        let snapshot = snapshot(start.plus_days(12), facts);
        let found = delivery(&FactIndex::new(&snapshot), &Policy::default());
        let named = |t: &DeliveryTrend| t.dora.ships_with.iter().map(|s| s.subject.id.to_string()).collect::<Vec<_>>();
        assert_eq!(
            found.iter().map(named).collect::<Vec<_>>(),
            [vec!["web".to_owned()], vec![], vec!["api".to_owned()]]
        );
    }
}
