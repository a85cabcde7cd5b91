//! The code of the connected repositories, gathered for reading; verdicts about it are the rules'.

use crate::neighbourhood::subject_ref;
use loadline_model::codebase::{Codebase, Cycle, Repository};
use loadline_model::{
    ChangedTogether, CodeIdiom, CodeMigration, CodeModule, CodeStat, FactIndex, Kind, Provenance, Snapshot, SubjectId,
    key, num,
};
use std::collections::BTreeMap;

/// The code of a snapshot's repositories, largest first; those of which nothing was read are left out.
pub fn codebase(snapshot: &Snapshot) -> Codebase {
    let index = FactIndex::new(snapshot);
    let all = index.of_kind(Kind::Repository).map(|(id, _)| repository(&index, id));
    let mut repositories: Vec<Repository> =
        all.filter(|r| r.lines.is_some() || !r.files.is_empty() || r.commits.is_some()).collect();
    repositories.sort_by(|a, b| {
        num::cmp9(b.lines.unwrap_or(0.0), a.lines.unwrap_or(0.0)).then_with(|| a.subject.id.cmp(&b.subject.id))
    });
    Codebase { repositories }
}

fn repository(index: &FactIndex, id: &SubjectId) -> Repository {
    let number = |key: &str| index.number(id, key).map(|(n, _)| n);
    let mut files = newest(index.facts::<CodeStat>(id), |f| f.path.clone());
    files.sort_by(|a, b| {
        num::cmp9(b.hotspot.unwrap_or(0.0), a.hotspot.unwrap_or(0.0)).then_with(|| a.path.cmp(&b.path))
    });
    let modules = newest(index.facts::<CodeModule>(id), |m| m.path.clone());
    let mut pairs = newest(index.facts::<ChangedTogether>(id), |p| (p.first.clone(), p.second.clone()));
    pairs.sort_by(|a, b| {
        num::cmp9(b.confidence, a.confidence)
            .then_with(|| b.support.cmp(&a.support))
            .then_with(|| (&a.first, &a.second).cmp(&(&b.first, &b.second)))
    });
    let mut idioms =
        newest(index.facts::<CodeIdiom>(id), |i| (i.what.clone(), !i.likely, i.path.clone(), i.line, i.how.clone()));
    idioms.dedup_by(|a, b| (&a.what, &a.path, a.line) == (&b.what, &b.path, b.line));
    Repository {
        test_lines: number(key::CODE_TEST_LINES),
        coverage: whole(index, id, key::CODE_COVERAGE),
        coverage_changed: whole(index, id, key::CODE_COVERAGE_CHANGED),
        debt_ratio: whole(index, id, key::CODE_DEBT_RATIO),
        looked_for: looked_for(index, id),
        idioms,
        migrations: newest(index.facts::<CodeMigration>(id), |m| m.name.clone()).into_iter().map(Into::into).collect(),
        subject: subject_ref(index, id),
        lines: number(key::CODE_LINES),
        files_measured: number(key::CODE_FILES),
        unmeasured: number(key::CODE_UNMEASURED),
        history_days: number(key::HISTORY_DAYS),
        history_complete: index.flag(id, key::HISTORY_COMPLETE).map(|(whole, _)| whole),
        commits: number(key::HISTORY_COMMITS),
        authors: number(key::HISTORY_AUTHORS),
        active_authors: number(key::HISTORY_ACTIVE_AUTHORS),
        truck_factor: number(key::TRUCK_FACTOR),
        orphaned: number(key::ORPHANED_SHARE),
        cycles: cycles(index, id, &modules),
        files,
        modules,
        pairs,
    }
}

/// A share of the repository as a whole: figures of one file or an earlier day have an item.
fn whole(index: &FactIndex, id: &SubjectId, key: &str) -> Option<f64> {
    let told = index.settings(id, key).filter(|(s, _)| s.item.is_none());
    let newest = told.max_by(|(_, a), (_, b)| (a.read_at, *a).cmp(&(b.read_at, *b)))?;
    newest.0.value.as_number()
}

/// Words that were looked for with their places, by word.
fn looked_for(index: &FactIndex, id: &SubjectId) -> Vec<(String, f64)> {
    let told = index.settings(id, key::CODE_IDIOMS);
    let counts = told.filter_map(|(s, _)| Some((s.item.clone()?, s.value.as_number()?)));
    counts.collect::<BTreeMap<String, f64>>().into_iter().collect()
}

fn cycles(index: &FactIndex, id: &SubjectId, modules: &[CodeModule]) -> Vec<Cycle> {
    let mut found: BTreeMap<u32, Cycle> = BTreeMap::new();
    for module in modules {
        let Some(number) = module.cycle else { continue };
        let none = || Cycle { number, modules: Vec::new(), lines: 0.0, cut: None };
        let cycle = found.entry(number).or_insert_with(none);
        cycle.modules.push(module.path.clone());
        cycle.lines += module.lines;
    }
    for (cut, _) in index.settings(id, key::CODE_CYCLE_EDGE) {
        let number = cut.item.as_deref().and_then(|n| n.parse().ok());
        if let Some(cycle) = number.and_then(|n: u32| found.get_mut(&n)) {
            cycle.cut = cut.value.as_text().map(str::to_owned);
        }
    }
    found.into_values().collect()
}

/// The newest fact of each name, by name.
fn newest<'a, T: Clone + 'a, K: Ord>(
    facts: impl Iterator<Item = (&'a T, &'a Provenance)>,
    name: impl Fn(&T) -> K,
) -> Vec<T> {
    let mut found: BTreeMap<K, (&T, &Provenance)> = BTreeMap::new();
    for (fact, from) in facts {
        let name = name(fact);
        if found.get(&name).is_none_or(|(_, known)| (known.read_at, *known) < (from.read_at, from)) {
            found.insert(name, (fact, from));
        }
    }
    found.into_values().map(|(fact, _)| fact.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::fact;
    use loadline_model::{Fact, Resource, Setting, Timestamp, Value};

    fn setting(key: &str, item: Option<&str>, value: Value) -> Fact {
        fact("repo", Setting { key: key.into(), item: item.map(Into::into), value })
    }

    fn file(path: &str, hotspot: f64) -> CodeStat {
        CodeStat {
            path: path.into(),
            language: "Go".into(),
            lines: 10.0,
            hotspot: Some(hotspot),
            ..CodeStat::default()
        }
    }

    fn module(path: &str, cycle: Option<u32>) -> CodeModule {
        CodeModule { path: path.into(), files: 1, lines: 100.0, domain: None, fan_in: 1, cycle, imports: Vec::new() }
    }

    #[test]
    fn files_come_worst_first_and_the_newest_reading_counts() {
        let mut late = fact("repo", file("a.go", 0.2));
        late.provenance.read_at = Timestamp(9);
        let facts = vec![
            fact("repo", Resource::new(Kind::Repository, "repo")),
            fact("other", Resource::new(Kind::Repository, "other")),
            setting(key::CODE_LINES, None, Value::Number(300.0)),
            fact("repo", file("a.go", 0.9)),
            fact("repo", file("b.go", 0.5)),
            late,
        ];
        let found = codebase(&Snapshot { facts, ..Snapshot::default() });
        let [repository] = &found.repositories[..] else { panic!("one was read: {found:?}") };
        let files: Vec<_> = repository.files.iter().map(|f| (f.path.as_str(), f.hotspot)).collect();
        assert_eq!(files, [("b.go", Some(0.5)), ("a.go", Some(0.2))]);
        assert_eq!((repository.lines, repository.truck_factor), (Some(300.0), None));
    }

    #[test]
    fn a_circle_names_its_modules_and_where_to_cut() {
        let facts = vec![
            fact("repo", Resource::new(Kind::Repository, "repo")),
            setting(key::CODE_LINES, None, Value::Number(300.0)),
            setting(key::CODE_CYCLE_EDGE, Some("1"), Value::Text("b/x.go:7".into())),
            fact("repo", module("b", Some(1))),
            fact("repo", module("a", Some(1))),
            fact("repo", module("c", None)),
        ];
        let found = codebase(&Snapshot { facts, ..Snapshot::default() });
        let cycle =
            Cycle { number: 1, modules: vec!["a".into(), "b".into()], lines: 200.0, cut: Some("b/x.go:7".into()) };
        assert_eq!(found.repositories[0].cycles, [cycle]);
    }
}
