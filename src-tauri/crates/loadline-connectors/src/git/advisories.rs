//! Advisories of a folder on this machine, compared with the libraries that are used. Files are read one after the other and
//! only hits are kept; links are not followed, and nothing is asked of anybody.

use super::libraries::Used;
use crate::Answer;
use loadline_code::Ecosystem;
use loadline_code::advisory::{Level, Match, NoRecord, Record};
use loadline_model::{Basis, Day, GapReason, ImportedFinding, SubjectId, Value, key};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// What the facts are read from.
const FOLDER: &str = "advisories of a folder on this machine";
/// Most files of the folder.
const MOST_FILES: usize = 400_000;
/// Longest file, in bytes.
const LONGEST: u64 = 1 << 20;
/// Deepest folder: GitHub's database lies five deep.
const DEEPEST: usize = 12;
/// Most hits that are kept.
const MOST_HITS: usize = 20_000;
/// Most open advisories that are told; the count says how many there are.
const MOST_TOLD: usize = 500;
/// How often progress is told: every so many files.
const EVERY: usize = 1_000;

/// What the folder says of the libraries.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Of each ecosystem that is used: records, and the day of the newest change.
    read: BTreeMap<Ecosystem, (u32, Option<Day>)>,
    hits: Vec<Hit>,
    /// Libraries for which a record's versions cannot be put in order with the used one.
    unordered: BTreeSet<usize>,
    damaged: u32,
    cut: bool,
}

/// A record that is about a library which is used.
#[derive(Clone, Debug)]
struct Hit {
    library: usize,
    names: BTreeSet<String>,
    id: String,
    level: Option<Level>,
    fixed: Option<String>,
    summary: Option<String>,
    published: Option<Day>,
}

/// Reads a folder. `None` when it is none, or holds no record at all.
pub(super) fn read(
    folder: &Path,
    used: &[Used],
    today: Day,
    stop: &dyn Fn() -> bool,
    step: &dyn Fn(usize),
) -> Option<Found> {
    let mut about: BTreeMap<(Ecosystem, &str), Vec<usize>> = BTreeMap::new();
    for (at, library) in used.iter().enumerate() {
        about.entry((library.ecosystem, &library.normal)).or_default().push(at);
    }
    let mut found = Found::default();
    found.read.extend(used.iter().map(|u| (u.ecosystem, (0, None))));
    let (mut seen, mut records) = (0_usize, 0_usize);
    let mut waiting: Vec<(PathBuf, usize)> = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = waiting.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            found.damaged += 1;
            continue;
        };
        let mut entries: Vec<fs::DirEntry> = entries.take(MOST_FILES + 1).filter_map(Result::ok).collect();
        found.cut |= entries.len() > MOST_FILES;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            if stop() {
                found.cut = true;
                return Some(found);
            }
            // The kind of the entry itself, so that a link is neither a file nor a folder.
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                match depth < DEEPEST {
                    true => waiting.push((entry.path(), depth + 1)),
                    false => found.cut = true,
                }
            }
            if !kind.is_file() || entry.path().extension().is_none_or(|e| e != "json") {
                continue;
            }
            if seen >= MOST_FILES {
                found.cut = true;
                return Some(found);
            }
            if seen.is_multiple_of(EVERY) {
                step(seen);
            }
            seen += 1;
            match content(&entry.path()).ok_or(NoRecord::Damaged).and_then(|bytes| Record::read(&bytes)) {
                Ok(record) => {
                    records += 1;
                    found.add(&record, used, &about, today);
                }
                Err(NoRecord::Damaged) => found.damaged += 1,
                Err(NoRecord::Other) => {}
            }
        }
    }
    (records > 0).then_some(found)
}

fn content(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path).ok()?.take(LONGEST + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= LONGEST).then_some(bytes)
}

impl Found {
    fn add(&mut self, record: &Record, used: &[Used], about: &BTreeMap<(Ecosystem, &str), Vec<usize>>, today: Day) {
        let libraries = record.libraries();
        // A day that has not come yet would keep old advisories young.
        let modified = record.modified().filter(|day| *day <= today);
        for ecosystem in libraries.iter().map(|(ecosystem, _)| ecosystem).collect::<BTreeSet<_>>() {
            if let Some((count, newest)) = self.read.get_mut(ecosystem) {
                *count += 1;
                *newest = (*newest).max(modified);
            }
        }
        if record.is_withdrawn() {
            return;
        }
        for (ecosystem, name) in &libraries {
            for at in about.get(&(*ecosystem, name.as_str())).into_iter().flatten() {
                match record.matches(*ecosystem, name, &used[*at].version) {
                    Match::Not => {}
                    Match::Unknown => drop(self.unordered.insert(*at)),
                    Match::Affected { .. } if self.hits.len() >= MOST_HITS => self.cut = true,
                    Match::Affected { level, fixed } => self.hits.push(Hit {
                        library: *at,
                        names: record.names().map(str::to_owned).collect(),
                        id: record.id.clone(),
                        level,
                        fixed,
                        summary: record.summary(),
                        published: record.published(),
                    }),
                }
            }
        }
    }

    /// Each hole of each library once: records that name each other are about one hole, as severe as the most severe of them
    /// and as old as the oldest.
    fn holes(&self) -> Vec<Hit> {
        let mut by_library: BTreeMap<usize, Vec<Hit>> = BTreeMap::new();
        for hit in &self.hits {
            let holes = by_library.entry(hit.library).or_default();
            let mut hole = hit.clone();
            // One record may join two that did not name each other.
            while let Some(at) = holes.iter().position(|other| !other.names.is_disjoint(&hole.names)) {
                hole = joined(holes.swap_remove(at), hole);
            }
            holes.push(hole);
        }
        let mut all: Vec<Hit> = by_library.into_values().flatten().collect();
        // What nobody rates comes first: it may be the worst.
        all.sort_by(|a, b| {
            let rank = |hit: &Hit| (hit.level.is_some(), Reverse(hit.level));
            (rank(a), &a.id, a.library).cmp(&(rank(b), &b.id, b.library))
        });
        all
    }

    /// Says the open advisories, how many libraries were compared with how many advisories, and how new those are.
    pub(super) fn say(&self, answer: &mut Answer, subject: &SubjectId, used: &[Used]) {
        let holes = self.holes();
        for hole in holes.iter().take(MOST_TOLD) {
            answer.say(subject, FOLDER, Basis::Measured, told(hole, &used[hole.library]));
        }
        let mut set = |key: &str, item: Option<&str>, value: Value| {
            answer.set(subject, FOLDER, Basis::Measured, key, item, value);
        };
        set(key::CODE_ADVISORIES_OPEN, None, Value::Number(holes.len() as f64));
        set(key::CODE_ADVISORIES_READ, None, Value::Bool(!self.cut && self.damaged == 0));
        for (ecosystem, (count, newest)) in &self.read {
            let item = Some(ecosystem.name());
            let of = |at: &usize| used[*at].ecosystem == *ecosystem;
            let compared = if *count == 0 { 0 } else { used.iter().filter(|u| u.ecosystem == *ecosystem).count() };
            let unordered = self.unordered.iter().filter(|at| of(at)).count();
            set(key::CODE_ADVISORIES, item, Value::Number(f64::from(*count)));
            set(key::CODE_PACKAGES_COMPARED, item, Value::Number(compared as f64));
            set(key::CODE_PACKAGES_UNORDERED, item, Value::Number(unordered as f64));
            if let Some(day) = newest {
                set(key::CODE_ADVISORIES_NEWEST, item, Value::Text(day.to_string()));
            }
        }
        let mut miss = |reason, detail: String, closes: &str| {
            answer.miss_of(reason, detail, closes, &[], Some(subject));
        };
        if self.damaged > 0 {
            let detail = format!("{} files of the folder of advisories are damaged, or longer than 1 MB", self.damaged);
            miss(GapReason::ParseError, detail, "Unpack the export again.");
        }
        if self.cut {
            let detail = "the folder of advisories was not read to its end: it holds more than 400,000 files, or the reading was \
                          stopped";
            miss(
                GapReason::LimitReached,
                detail.to_owned(),
                "Keep only the ecosystems that the repository uses in it.",
            );
        }
    }
}

/// Two records of one hole as one: known under the name that sorts first, except that a GHSA says most.
fn joined(a: Hit, b: Hit) -> Hit {
    let rank = |hit: &Hit| (!hit.id.starts_with("GHSA-"), hit.id.clone());
    let (mut kept, other) = if rank(&a) <= rank(&b) { (a, b) } else { (b, a) };
    kept.names.extend(other.names);
    kept.level = kept.level.max(other.level);
    kept.fixed = kept.fixed.or(other.fixed);
    kept.summary = kept.summary.or(other.summary);
    kept.published = match (kept.published, other.published) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    kept
}

fn told(hole: &Hit, library: &Used) -> ImportedFinding {
    let first = library.paths.first().cloned().unwrap_or_default();
    let files = match library.paths.len() {
        0 | 1 => first.clone(),
        many => format!("{first} and {} more", many - 1),
    };
    let repaired =
        hole.fixed.as_ref().map_or_else(|| "no repaired version is named".into(), |f| format!("repaired in {f}"));
    let what = hole.summary.as_ref().map_or_else(String::new, |s| format!(": {s}"));
    ImportedFinding {
        source: "OSV".to_owned(),
        rule: hole.id.clone(),
        title: format!("{} {} in {files}, {repaired}{what}", library.name, library.version),
        severity: hole.level.map_or("unknown", Level::word).to_owned(),
        failing: true,
        path: library.paths.first().cloned(),
        published: hole.published,
        development: library.development,
        ..ImportedFinding::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_and_a_limit_leave_the_folder_unfinished() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = r#"{"id": "X-1", "modified": "2024-01-01T00:00:00Z", "affected": []}"#;
        fs::write(folder.path().join("a.json"), text).expect("written");
        let read = |stop: bool| read(folder.path(), &[], Day(20_000), &|| stop, &|_| ());
        assert!(read(false).is_some_and(|found| !found.cut));
        assert!(read(true).is_some_and(|found| found.cut), "a stop");
        fs::create_dir_all(folder.path().join("d/".repeat(DEEPEST + 1))).expect("made");
        assert!(read(false).is_some_and(|found| found.cut), "a folder too deep");
    }

    #[test]
    fn records_that_name_each_other_are_one_hole() {
        let hit = |id: &str, more: &[&str], level| Hit {
            library: 0,
            names: more.iter().chain([&id]).map(|n| (*n).to_owned()).collect(),
            id: id.to_owned(),
            level,
            fixed: None,
            summary: None,
            published: None,
        };
        let check = |hits: &[Hit], expected: &[(&str, Option<Level>)]| {
            let found = Found { hits: hits.to_vec(), ..Found::default() };
            let holes = found.holes();
            let said: Vec<(&str, Option<Level>)> = holes.iter().map(|h| (h.id.as_str(), h.level)).collect();
            assert_eq!(said, expected);
        };
        let (low, high) = (Some(Level::Low), Some(Level::High));
        check(&[hit("A", &[], low), hit("B", &[], high)], &[("B", high), ("A", low)]);
        check(&[hit("A", &["GHSA-1"], None), hit("GHSA-1", &[], high)], &[("GHSA-1", high)]);
        // The last joins the first two, which do not name each other.
        check(&[hit("A", &[], None), hit("B", &[], low), hit("C", &["A", "B"], high)], &[("A", high)]);
        check(&[hit("B", &[], high), hit("A", &[], None)], &[("A", None), ("B", high)]);
    }
}
