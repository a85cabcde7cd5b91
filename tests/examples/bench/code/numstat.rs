//! What the rows of `git log --numstat` add up to, by the published rules alone: churn of 365 days, degree of authorship of
//! 730 (Avelino et al. 2016), truck factor.

use super::{git, history};
use anyhow::{Context, Result, ensure};
use loadline_model::{CodeStat, FactBody, Scope, Setting, Timestamp, key};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What the rows say of one file of today.
#[derive(Default)]
struct Log {
    churn: u32,
    by_author: BTreeMap<String, u32>,
    creator: Option<String>,
}

#[derive(Default)]
struct Sums {
    files: BTreeMap<String, Log>,
    last: BTreeMap<String, Timestamp>,
    rows: u64,
}

/// Compares a reading with the arithmetic; how much was compared.
pub(super) fn compare(folder: &Path, scope: &Scope) -> Result<String> {
    let sums = sums(folder)?;
    let active = |who: &String| sums.last.get(who).is_some_and(|at| history::end().days_since(*at) <= 90.0);
    let known: BTreeMap<&String, BTreeSet<&String>> =
        sums.files.iter().filter(|(_, l)| !l.by_author.is_empty()).map(|(path, log)| (path, knows(log))).collect();
    let stats: Vec<&CodeStat> = scope.facts.iter().filter_map(|f| CodeStat::of(&f.body)).collect();
    ensure!(stats.len() == sums.files.len(), "{} files told, {} in the tree", stats.len(), sums.files.len());
    for stat in &stats {
        let log = sums.files.get(&stat.path).with_context(|| format!("{} is not in the tree", stat.path))?;
        ensure!(stat.churn == Some(f64::from(log.churn)), "{}: {:?}, git {}", stat.path, stat.churn, log.churn);
        let owners = known.get(&stat.path).map(|all| all.iter().filter(|who| active(who)).count() as u32);
        ensure!(stat.owners == owners, "{}: {:?} owners, git {owners:?}", stat.path, stat.owners);
    }
    let all: Vec<BTreeSet<&String>> = known.values().cloned().collect();
    let present: Vec<BTreeSet<&String>> =
        all.iter().map(|who| who.iter().filter(|w| active(w)).copied().collect()).collect();
    let authors: BTreeSet<&String> = sums.files.values().flat_map(|l| l.by_author.keys()).collect();
    for (key, expected) in [
        (key::TRUCK_FACTOR, removals(&all)),
        (key::TRUCK_FACTOR_ACTIVE, removals(&present)),
        (key::HISTORY_AUTHORS, authors.len()),
        (key::HISTORY_ACTIVE_AUTHORS, authors.iter().filter(|w| active(w)).count()),
    ] {
        let said = scope.facts.iter().filter_map(|f| Setting::of(&f.body)).find(|s| s.key == key);
        let said = said.map(|s| s.value.to_string());
        ensure!(said.as_deref() == Some(expected.to_string().as_str()), "{key}: {said:?}, git {expected}");
    }
    let (truck, count) = (removals(&all), stats.len());
    Ok(format!("all {count} files equal the arithmetic of {} rows, truck factor {truck}", sums.rows))
}

/// Walks the rows newest first; names are translated as the log goes back.
fn sums(folder: &Path) -> Result<Sums> {
    let mut sums = Sums::default();
    let mut names: BTreeMap<String, Option<String>> = BTreeMap::new();
    for path in String::from_utf8(git(folder, &["ls-tree", "-r", "--name-only", "main"])?)?.lines() {
        names.insert(path.to_owned(), Some(path.to_owned()));
        sums.files.insert(path.to_owned(), Log::default());
    }
    let words = ["log", "--no-merges", "-M", "--raw", "--numstat", "-z", "--format=%x01%an%x02%ct", "main"];
    let log = String::from_utf8(git(folder, &words)?)?;
    for commit in log.split('\u{1}').skip(1) {
        let mut parts = commit.split('\0').map(|p| p.trim_start_matches('\n'));
        let (who, at) = parts.next().and_then(|head| head.split_once('\u{2}')).context("an author")?;
        let age = history::end().days_since(Timestamp(at.parse::<i64>()? * 1_000));
        let person = !who.contains("[bot]");
        if person {
            let last = sums.last.entry(who.to_owned()).or_insert(Timestamp(0));
            *last = (*last).max(Timestamp(at.parse::<i64>()? * 1_000));
        }
        let mut status: BTreeMap<String, char> = BTreeMap::new();
        let mut before: Vec<(String, Option<String>)> = Vec::new();
        while let Some(part) = parts.next() {
            if let Some(raw) = part.strip_prefix(':') {
                let kind = raw.rsplit(' ').next().and_then(|s| s.chars().next()).context("a status")?;
                let old = parts.next().context("a path")?.to_owned();
                let new = if kind == 'R' { parts.next().context("a new path")?.to_owned() } else { old.clone() };
                match kind {
                    'A' | 'D' => before.push((new.clone(), None)),
                    'R' => {
                        before.push((new.clone(), None));
                        before.push((old, names.get(&new).cloned().flatten()));
                    }
                    _ => {}
                }
                status.insert(new, kind);
                continue;
            }
            let Some(path) = part.split('\t').nth(2) else { continue };
            let new = if path.is_empty() { parts.nth(1).context("a new path")? } else { path };
            sums.rows += 1;
            let kind = status.get(new).copied().context("a row without a status")?;
            let Some(file) = names.get(new).cloned().flatten().and_then(|now| sums.files.get_mut(&now)) else {
                continue;
            };
            if kind == 'D' || !person || age >= 730.0 {
                continue;
            }
            file.churn += u32::from(age < 365.0);
            *file.by_author.entry(who.to_owned()).or_default() += 1;
            if kind == 'A' {
                file.creator = Some(who.to_owned());
            }
        }
        before.sort_by_key(|(_, leads)| leads.is_some());
        names.extend(before);
    }
    Ok(sums)
}

fn knows(log: &Log) -> BTreeSet<&String> {
    let all: u32 = log.by_author.values().sum();
    let degree = |who: &String, own: u32| {
        let first = f64::from(u8::from(log.creator.as_ref() == Some(who)));
        3.293 + 1.098 * first + 0.164 * f64::from(own) - 0.321 * loadline_model::num::ln(1.0 + f64::from(all - own))
    };
    let degrees: Vec<(&String, f64)> = log.by_author.iter().map(|(who, own)| (who, degree(who, *own))).collect();
    let most = degrees.iter().map(|(_, d)| *d).fold(0.0, f64::max);
    degrees.into_iter().filter(|(_, d)| *d >= 0.75 * most && *d >= 3.293).map(|(who, _)| who).collect()
}

/// Authors that are removed, first who knows most files, until more than half of the files have nobody.
fn removals(known: &[BTreeSet<&String>]) -> usize {
    let mut left: Vec<BTreeSet<&String>> = known.to_vec();
    let mut removed = 0;
    while left.iter().filter(|who| who.is_empty()).count() * 2 <= left.len() {
        let mut files: BTreeMap<&String, usize> = BTreeMap::new();
        left.iter().flatten().for_each(|who| *files.entry(who).or_default() += 1);
        let Some(most) = files.into_iter().max_by_key(|(_, n)| *n).map(|(who, _)| who) else { break };
        for who in &mut left {
            who.remove(most);
        }
        removed += 1;
    }
    removed
}
