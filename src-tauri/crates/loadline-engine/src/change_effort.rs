//! What the code's hotspots say about the effort of changes, for the interest of debt.

use loadline_model::{CodeStat, FactIndex, Provenance, SubjectId};
use loadline_score::{ComponentWork, HOT};
use std::collections::BTreeMap;

const QUARTERS_PER_YEAR: f64 = 4.0;

/// Change effort per repository (`scoring.md` §2.1): the changes a quarter of its hot files, with the score at which that
/// many changes cost what those of each file cost together.
pub(crate) fn change_effort(facts: &FactIndex<'_>) -> BTreeMap<SubjectId, ComponentWork> {
    let mut newest: BTreeMap<(&SubjectId, &str), (&CodeStat, &Provenance)> = BTreeMap::new();
    for (id, file, from) in facts.all::<CodeStat>() {
        let known = newest.entry((id, &file.path)).or_insert((file, from));
        if (known.1.read_at, known.1) < (from.read_at, from) {
            *known = (file, from);
        }
    }
    let mut work: BTreeMap<SubjectId, ComponentWork> = BTreeMap::new();
    for ((id, _), (file, _)) in newest {
        let (Some(churn), Some(hotspot)) = (file.churn, file.hotspot) else { continue };
        if hotspot > HOT && churn > 0.0 {
            let of = work.entry(id.clone()).or_default();
            let (before, changes) = (of.changes_per_quarter, churn / QUARTERS_PER_YEAR);
            of.hotspot = (of.hotspot * before + hotspot * changes) / (before + changes);
            of.changes_per_quarter += changes;
        }
    }
    work
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::{AccountId, Basis, Fact, Snapshot, Timestamp};

    fn file(path: &str, read: i64, churn: f64, hotspot: f64) -> Fact {
        let body = CodeStat { path: path.into(), churn: Some(churn), hotspot: Some(hotspot), ..CodeStat::default() };
        let read_at = Timestamp(read);
        let provenance =
            Provenance { account: AccountId::new("git"), call: "c".into(), read_at, basis: Basis::Measured };
        Fact { subject: "repo".into(), body: body.into(), provenance }
    }

    #[test]
    fn hot_files_cost_together_what_each_costs() {
        let facts = vec![
            file("a", 1, 400.0, 0.9),
            file("a", 2, 40.0, 0.9),
            file("b", 1, 20.0, 0.6),
            file("cold", 1, 99.0, 0.5),
        ];
        let snapshot = Snapshot { facts, ..Snapshot::default() };
        let found = change_effort(&FactIndex::new(&snapshot));
        let [work] = &found.into_values().collect::<Vec<_>>()[..] else { panic!("one repository") };
        assert!((work.changes_per_quarter - 15.0).abs() < 1e-9, "{work:?}");
        // 10 changes at 0.4 above the line and 5 at 0.1.
        assert!((work.changes_per_quarter * (work.hotspot - HOT) - 4.5).abs() < 1e-9, "{work:?}");
    }
}
