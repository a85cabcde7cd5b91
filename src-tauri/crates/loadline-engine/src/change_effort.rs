//! What the code says for debt: the effort of changes in its hotspots, and how complex it is there, at its worst and on average.

use loadline_model::{CodeDebt, CodeStat, FactIndex, Provenance, SubjectId, key};
use loadline_score::{ComponentWork, HOT, code_debt};
use std::collections::BTreeMap;

const QUARTERS_PER_YEAR: f64 = 4.0;

/// The files of each repository as they were read last, by path.
pub(crate) fn files(facts: &FactIndex<'_>) -> BTreeMap<SubjectId, Vec<CodeStat>> {
    let mut newest: BTreeMap<(&SubjectId, &str), (&CodeStat, &Provenance)> = BTreeMap::new();
    for (id, file, from) in facts.all::<CodeStat>() {
        let known = newest.entry((id, &file.path)).or_insert((file, from));
        if (known.1.read_at, known.1) < (from.read_at, from) {
            *known = (file, from);
        }
    }
    let mut files: BTreeMap<SubjectId, Vec<CodeStat>> = BTreeMap::new();
    for ((id, _), (file, _)) in newest {
        files.entry(id.clone()).or_default().push(file.clone());
    }
    files
}

/// Change effort per repository (`scoring.md` §2.1): the changes a quarter of its hot files, with the score at which that
/// many changes cost what those of each file cost together. Nobody's account says who waited for a deployment or a review, so
/// no delay is counted.
pub(crate) fn change_effort(files: &BTreeMap<SubjectId, Vec<CodeStat>>) -> BTreeMap<SubjectId, ComponentWork> {
    let mut work: BTreeMap<SubjectId, ComponentWork> = BTreeMap::new();
    for (id, file) in files.iter().flat_map(|(id, all)| all.iter().map(move |f| (id, f))) {
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

/// The code of each repository that was read.
pub(crate) fn code(facts: &FactIndex<'_>, files: &BTreeMap<SubjectId, Vec<CodeStat>>) -> BTreeMap<SubjectId, CodeDebt> {
    let number = |id: &SubjectId, key: &str| facts.number(id, key).map(|(n, _)| n);
    let one = |(id, all): (&SubjectId, &Vec<CodeStat>)| {
        let found = code_debt(all, number(id, key::CODE_FILES), number(id, key::CODE_LINES))?;
        Some((id.clone(), found))
    };
    files.iter().filter_map(one).collect()
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
        let found = change_effort(&files(&FactIndex::new(&snapshot)));
        let [work] = &found.into_values().collect::<Vec<_>>()[..] else { panic!("one repository") };
        assert!((work.changes_per_quarter - 15.0).abs() < 1e-9, "{work:?}");
        // 10 changes at 0.4 above the line and 5 at 0.1.
        assert!((work.changes_per_quarter * (work.hotspot - HOT) - 4.5).abs() < 1e-9, "{work:?}");
    }
}
