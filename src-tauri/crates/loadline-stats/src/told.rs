//! What hosts count of delivery themselves, shown beside our figures.

use loadline_model::{FactIndex, SubjectId, Told, key, num};
use std::collections::BTreeMap;

type Field = fn(&mut Told) -> &mut Option<f64>;

/// By host, of one service.
pub(crate) fn told(index: &FactIndex, id: &SubjectId) -> Vec<Told> {
    let fields: [(&str, Field); 4] = [
        (key::DELIVERY_TOLD_PER_WEEK, |t| &mut t.per_week),
        (key::DELIVERY_TOLD_LEAD, |t| &mut t.lead_hours),
        (key::DELIVERY_TOLD_FAILURES, |t| &mut t.failure_rate),
        (key::DELIVERY_TOLD_RECOVERY, |t| &mut t.recovery_hours),
    ];
    let mut by_host: BTreeMap<&str, Told> = BTreeMap::new();
    for (key, field) in fields {
        for (setting, _) in index.settings(id, key) {
            let (Some(host), Some(value)) = (setting.item.as_deref(), setting.value.as_number()) else { continue };
            let told = by_host.entry(host).or_insert_with(|| Told { by: host.to_owned(), ..Told::default() });
            *field(told) = Some(num::round9(value));
        }
    }
    by_host.into_values().collect()
}
