//! What the code says for debt: the effort of changes in its hotspots, and how complex it is there, at its worst and on average.

use loadline_model::{CodeDebt, CodeStat, FactIndex, Provenance, SubjectId, key};
use loadline_score::{ComponentWork, HOT, code_debt};
use std::collections::BTreeMap;

const QUARTERS_PER_YEAR: f64 = 4.0;
const DAYS_PER_YEAR: f64 = 365.0;

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
pub(crate) fn change_effort(
    facts: &FactIndex<'_>,
    files: &BTreeMap<SubjectId, Vec<CodeStat>>,
) -> BTreeMap<SubjectId, ComponentWork> {
    let mut work: BTreeMap<SubjectId, ComponentWork> = BTreeMap::new();
    for (id, file) in files.iter().flat_map(|(id, all)| all.iter().map(move |f| (id, f))) {
        let (Some(churn), Some(hotspot)) = (file.churn, file.hotspot) else { continue };
        if hotspot > HOT && churn > 0.0 {
            let of = work.entry(id.clone()).or_default();
            let (before, changes) = (of.changes_per_quarter, churn / quarters(facts, id));
            of.hotspot = (of.hotspot * before + hotspot * changes) / (before + changes);
            of.changes_per_quarter += changes;
        }
    }
    work
}

/// Quarters in which the changes of a repository's files were counted: a year, or its whole history where that is shorter. A
/// history below a quarter counts as one, so that no more changes are told than there were.
fn quarters(facts: &FactIndex<'_>, id: &SubjectId) -> f64 {
    let days = facts.number(id, key::HISTORY_DAYS).map(|(days, _)| days);
    days.map_or(QUARTERS_PER_YEAR, |days| (days * QUARTERS_PER_YEAR / DAYS_PER_YEAR).clamp(1.0, QUARTERS_PER_YEAR))
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
    use loadline_model::{AccountId, Basis, Fact, Setting, Snapshot, Timestamp, Value};

    fn file(path: &str, read: i64, churn: f64, hotspot: f64) -> Fact {
        let body = CodeStat { path: path.into(), churn: Some(churn), hotspot: Some(hotspot), ..CodeStat::default() };
        let read_at = Timestamp(read);
        let provenance =
            Provenance { account: AccountId::new("git"), call: "c".into(), read_at, basis: Basis::Measured };
        Fact { subject: "repo".into(), body: body.into(), provenance }
    }

    fn of(snapshot: &Snapshot) -> BTreeMap<SubjectId, ComponentWork> {
        let facts = FactIndex::new(snapshot);
        change_effort(&facts, &files(&facts))
    }

    #[test]
    fn a_short_history_has_fewer_quarters() {
        let changes = |days: f64| {
            let setting = Setting { key: key::HISTORY_DAYS.into(), item: None, value: Value::Number(days) };
            let read = file("a", 1, 40.0, 0.9);
            let history = Fact { body: setting.into(), ..read.clone() };
            let found = of(&Snapshot { facts: vec![read, history], ..Snapshot::default() });
            found.into_values().map(|work| work.changes_per_quarter).sum::<f64>()
        };
        assert!((changes(3_650.0) - 10.0).abs() < 1e-9);
        assert!((changes(182.5) - 20.0).abs() < 1e-9);
        assert!((changes(7.0) - 40.0).abs() < 1e-9);
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
        let found = of(&snapshot);
        let [work] = &found.into_values().collect::<Vec<_>>()[..] else { panic!("one repository") };
        assert!((work.changes_per_quarter - 15.0).abs() < 1e-9, "{work:?}");
        // 10 changes at 0.4 above the line and 5 at 0.1.
        assert!((work.changes_per_quarter * (work.hotspot - HOT) - 4.5).abs() < 1e-9, "{work:?}");
    }
}
