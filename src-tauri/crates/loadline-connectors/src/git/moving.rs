//! Migrations that a person declared in the account's settings: lines under the old and the new paths, week by week.

use super::clone::{Clone, identity};
use super::{age, commits, files};
use crate::{Answer, ConnectError, Window};
use gix::ObjectId;
use loadline_code::history::Touch;
use loadline_code::project::fits;
use loadline_model::{Account, Basis, CodeMigration, GapReason, MigrationMoment, SubjectId, Timestamp};
use std::collections::BTreeMap;

/// Keys of the account's settings: `migration.` and the name of the migration.
const PREFIX: &str = "migration.";
/// Read where the account declares one. ARCH-010 knows its gaps by this name.
pub(super) const SCOPE: (&str, &str) = ("migration.progress", "Progress of migrations");
/// What the facts are read from.
const WEEKLY: &str = "main line, week by week";
/// Weeks that are looked back; with today 27 readings.
const WEEKS: i64 = 26;
/// Longest file whose lines are counted; what is longer was not written by hand.
const MOST_BYTES: usize = 4 << 20;
/// Most different contents that are counted.
const MOST_CONTENTS: usize = 200_000;

/// Where a line belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Old,
    New,
}

/// Paths on one side.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    /// As declared.
    said: String,
    side: Side,
    /// Folders it names before the first `*`.
    depth: usize,
}

impl Pattern {
    fn new(said: &str, side: Side) -> Option<Self> {
        let said = said.trim().trim_start_matches("./").trim_start_matches('/').to_owned();
        let depth = said.split('/').take_while(|word| !word.contains('*')).count();
        (!said.is_empty()).then_some(Self { said, side, depth })
    }
    fn holds(&self, path: &str) -> bool {
        fits(&format!("/{}", self.said), path)
    }
    /// Whether something below a folder may belong to it.
    fn leads(&self, folder: &str) -> bool {
        let mut wanted = self.said.split('/').take(self.depth);
        folder.split('/').all(|part| wanted.next().is_none_or(|word| word == part))
    }
}

/// A migration as its setting declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Declared {
    key: String,
    name: String,
    patterns: Vec<Pattern>,
}

/// What the account declares.
///
/// # Errors
/// [`ConnectError`] for a declaration without a name, without an arrow or without paths on both of its sides.
pub(super) fn declared(account: &Account) -> Result<Vec<Declared>, ConnectError> {
    let mut found = Vec::new();
    for (key, words) in &account.config {
        let Some(name) = key.strip_prefix(PREFIX).map(str::trim) else { continue };
        let refused = |why: &str| Err(ConnectError::config(key, why));
        if words.trim().is_empty() {
            continue;
        }
        if name.is_empty() {
            return refused("name the migration behind the point");
        }
        if words.contains('\\') {
            return refused("separate folders by `/`, as git does");
        }
        let sides: Vec<&str> = words.split("->").collect();
        let [old, new] = sides[..] else {
            return refused("write it as `old/path/** -> new/path/**`, with one arrow");
        };
        let of = |said: &str, side| -> Vec<Pattern> { said.split(',').filter_map(|p| Pattern::new(p, side)).collect() };
        let (old, new) = (of(old, Side::Old), of(new, Side::New));
        if old.is_empty() || new.is_empty() {
            return refused("name paths on both sides of the arrow");
        }
        found.push(Declared {
            key: key.clone(),
            name: name.to_owned(),
            patterns: old.into_iter().chain(new).collect(),
        });
    }
    Ok(found)
}

impl Declared {
    /// Where a path belongs: to the pattern that names the deeper folder, because what is moved often lies inside of what is
    /// left, or the other way round.
    fn side_of(&self, path: &str) -> Option<Side> {
        let holding = self.patterns.iter().filter(|p| p.holds(path));
        holding.max_by_key(|p| (p.depth, p.side)).map(|p| p.side)
    }

    fn of(&self, side: Side) -> impl Iterator<Item = &Pattern> {
        self.patterns.iter().filter(move |p| p.side == side)
    }
}

/// Paths that had another name before they were part of a migration, each with when it got that name and where it belongs.
type Earlier = BTreeMap<String, Vec<(Timestamp, Side)>>;

/// The state of the main line at one moment.
struct Tree {
    at: Timestamp,
    files: Vec<files::File>,
}

/// Reads every declared migration; what cannot be read is a gap.
pub(super) fn read(
    answer: &mut Answer,
    clone: &Clone,
    declared: &[Declared],
    window: &Window,
    step: &dyn Fn(u32, u32),
) {
    let whole = "Fetch the clone again, whole and without a filter: git fetch --unshallow.";
    let told = match counted(answer, clone, declared, window, step) {
        Ok(told) => told,
        Err((reason, why)) => return answer.miss(reason, format!("how far migrations are is not known: {why}"), whole),
    };
    if window.cancel.is_cancelled() {
        return answer.cancelled();
    }
    let (subject, migrations) = told;
    for (said, declared) in migrations.into_iter().zip(declared) {
        match said {
            Ok(migration) => answer.say(&subject, WEEKLY, Basis::Measured, migration),
            Err(why) => {
                let closes = format!("Correct the setting `{}` of the account.", declared.key);
                answer.miss_of(GapReason::FeatureDisabled, why, closes, &[], Some(&subject));
            }
        }
    }
}

/// Why nothing could be counted.
type Refused = (GapReason, String);
/// Of which repository, and each declared migration or why it cannot be told.
type Told = (SubjectId, Vec<Result<CodeMigration, String>>);

fn counted(
    answer: &mut Answer,
    clone: &Clone,
    declared: &[Declared],
    window: &Window,
    step: &dyn Fn(u32, u32),
) -> Result<Told, Refused> {
    let broken = |why: String| (GapReason::ApiError, why);
    let repository = clone.repository().map_err(broken)?;
    let head = repository.head_id().map_err(|_| (GapReason::FeatureDisabled, "the repository has no commit".into()))?;
    let head = head.detach();
    let none = || (GapReason::FeatureDisabled, "the repository has no commit".to_owned());
    let (subject, _) = identity(&repository, clone).ok_or_else(none)?;
    age::date(answer, &repository, head, &subject);
    if repository.is_shallow().unwrap_or(false) {
        return Err((GapReason::Truncated, "the clone is shallow".to_owned()));
    }
    let stop = || window.cancel.is_cancelled();
    let moments: Vec<Timestamp> = (0..=WEEKS).map(|week| window.now.plus_days(-7 * week)).collect();
    let oldest = window.now.plus_days(-7 * WEEKS);
    let mut renames: Vec<(Timestamp, String, String)> = Vec::new();
    let walked = commits::walk(&repository, head, oldest, &mut |commit| {
        let renamed = commit.changes.iter().filter_map(|c| match &c.touch {
            Touch::Renamed(from) => Some((commit.at, from.clone(), c.path.clone())),
            _ => None,
        });
        renames.extend(renamed);
        !stop()
    });
    if walked.map_err(broken)?.broken > 0 {
        return Err((GapReason::Truncated, "commits, trees or files are missing from the clone".to_owned()));
    }
    let earlier: Vec<Earlier> = declared.iter().map(|d| earlier_names(d, &renames)).collect();
    let mut lines: BTreeMap<ObjectId, f64> = BTreeMap::new();
    let mut counts: Vec<Count> = declared.iter().map(Count::new).collect();
    let trees = commits::trees_at(&repository, head, &moments);
    for (done, (at, tree)) in trees.iter().rev().enumerate() {
        if stop() {
            break;
        }
        step(done as u32, trees.len() as u32);
        let enters = |folder: &str| declared.iter().zip(&earlier).any(|(d, e)| enters(d, e, folder));
        let listed = files::list_where(&repository, *tree, &stop, &enters).map_err(broken)?;
        if listed.cut {
            return Err((GapReason::LimitReached, "the paths hold more than 300,000 entries".to_owned()));
        }
        if listed.missing > 0 {
            return Err((GapReason::Truncated, "folders are missing from the clone".to_owned()));
        }
        let tree = Tree { at: *at, files: listed.files };
        for ((declared, earlier), count) in declared.iter().zip(&earlier).zip(&mut counts) {
            count.add(declared, earlier, &tree, &mut |id| length(&repository, id, &mut lines))?;
        }
    }
    let told = declared.iter().zip(counts).map(|(declared, count)| count.told(declared)).collect();
    Ok((subject, told))
}

/// Whether anything below a folder may belong to the migration.
fn enters(declared: &Declared, earlier: &Earlier, folder: &str) -> bool {
    let below = format!("{folder}/");
    let first = earlier.range(below.clone()..).next();
    declared.patterns.iter().any(|p| p.leads(folder)) || first.is_some_and(|(path, _)| path.starts_with(&below))
}

/// Names that files had before they came under a pattern, from renames with the newest first. Without them a folder that
/// got its declared name last month would look like lines that were written last month.
fn earlier_names(declared: &Declared, renames: &[(Timestamp, String, String)]) -> Earlier {
    let mut earlier = Earlier::new();
    for (at, from, to) in renames {
        if declared.side_of(from).is_some() {
            continue;
        }
        let later = || earlier.get(to).and_then(|known| known.iter().rev().find(|(until, _)| until > at));
        if let Some(side) = declared.side_of(to).or_else(|| later().map(|(_, side)| *side)) {
            earlier.entry(from.clone()).or_default().push((*at, side));
        }
    }
    earlier
}

/// Lines of a content; those of a picture or an archive are none. Each content is counted once, however often it is seen.
fn length(repository: &gix::Repository, id: ObjectId, known: &mut BTreeMap<ObjectId, f64>) -> Result<f64, Refused> {
    if let Some(lines) = known.get(&id) {
        return Ok(*lines);
    }
    if known.len() >= MOST_CONTENTS {
        return Err((
            GapReason::LimitReached,
            "the paths held more than 200,000 different files in half a year".into(),
        ));
    }
    let missing = |_| (GapReason::Truncated, "a file is missing from the clone".to_owned());
    let content = files::content(repository, id, MOST_BYTES).map_err(missing)?;
    let lines = content.filter(|bytes| !bytes.iter().take(8_000).any(|b| *b == 0)).map_or(0.0, |bytes| {
        let ends = bytes.iter().filter(|b| **b == b'\n').count();
        (ends + usize::from(bytes.last().is_some_and(|b| *b != b'\n'))) as f64
    });
    known.insert(id, lines);
    Ok(lines)
}

/// A migration being counted.
struct Count {
    moments: Vec<MigrationMoment>,
    /// Which patterns held a file at any moment.
    held: Vec<bool>,
}

impl Count {
    fn new(declared: &Declared) -> Self {
        Self { moments: Vec::new(), held: vec![false; declared.patterns.len()] }
    }

    fn add(
        &mut self,
        declared: &Declared,
        earlier: &Earlier,
        tree: &Tree,
        length: &mut dyn FnMut(ObjectId) -> Result<f64, Refused>,
    ) -> Result<(), Refused> {
        let mut moment = MigrationMoment { at: tree.at, old_lines: 0.0, new_lines: 0.0 };
        for file in &tree.files {
            for (held, pattern) in self.held.iter_mut().zip(&declared.patterns) {
                *held = *held || pattern.holds(&file.path);
            }
            let renamed_later = || {
                let known = earlier.get(&file.path)?.iter().rev().find(|(until, _)| *until > tree.at)?;
                Some(known.1)
            };
            match declared.side_of(&file.path).or_else(renamed_later) {
                Some(Side::Old) => moment.old_lines += length(file.id)?,
                Some(Side::New) => moment.new_lines += length(file.id)?,
                None => {}
            }
        }
        // Before anything lay under the old paths there was nothing to move away from.
        if moment.old_lines > 0.0 || !self.moments.is_empty() {
            self.moments.push(moment);
        }
        Ok(())
    }

    /// The migration, or why it cannot be told. A pattern that holds nothing is a mistake in writing until shown otherwise:
    /// what it was meant to hold would be missing from the lines.
    fn told(self, declared: &Declared) -> Result<CodeMigration, String> {
        let said = |side| -> Vec<String> { declared.of(side).map(|p| p.said.clone()).collect() };
        let (old, new) = (said(Side::Old), said(Side::New));
        if let Some(at) = self.held.iter().position(|held| !held) {
            let (nth, side) = if at < old.len() { (at + 1, "before") } else { (at + 1 - old.len(), "behind") };
            return Err(format!(
                "`{}`: pattern {nth} {side} the arrow held no file in the last {WEEKS} weeks",
                declared.key
            ));
        }
        if self.moments.is_empty() {
            return Err(format!("`{}`: the paths before the arrow held no line of text", declared.key));
        }
        Ok(CodeMigration { name: declared.name.clone(), old, new, moments: self.moments })
    }
}

#[cfg(test)]
mod cases {
    use super::*;
    use crate::testing::account;

    fn of(words: &str) -> Result<Vec<Declared>, ConnectError> {
        declared(&account("git", &[("migration.checkout", words), ("path", "x")]))
    }

    #[test]
    fn a_declaration_names_both_sides() {
        let found = of(" ./legacy/**, lib/old -> app/checkout/** ").expect("understood");
        let said: Vec<(&str, Side)> = found[0].patterns.iter().map(|p| (p.said.as_str(), p.side)).collect();
        assert_eq!(said, [("legacy/**", Side::Old), ("lib/old", Side::Old), ("app/checkout/**", Side::New)]);
        assert_eq!((found[0].name.as_str(), of("  ").expect("nothing").len()), ("checkout", 0));
        for wrong in ["legacy/**", "a -> b -> c", "-> b", "a -> ,", "a\\b -> c"] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
        assert!(declared(&account("git", &[("migration.", "a -> b")])).is_err());
    }

    #[test]
    fn the_deeper_folder_wins_and_patterns_begin_at_the_root() {
        let check = |words: &str, path: &str, expected: Option<Side>| {
            assert_eq!(of(words).expect("understood")[0].side_of(path), expected, "{words} {path}");
        };
        check("src/** -> src/modern/**", "src/modern/a.rb", Some(Side::New));
        check("src/** -> src/modern/**", "src/a.rb", Some(Side::Old));
        check("src/legacy/** -> src/**", "src/legacy/a.rb", Some(Side::Old));
        check("src/legacy/** -> src/**", "src/a.rb", Some(Side::New));
        check("legacy/** -> app/**", "lib/legacy/a.rb", None);
        check("**/*.erb -> **/*.tsx", "web/pages/a.tsx", Some(Side::New));
        check("legacy -> app", "legacy/deep/a.rb", Some(Side::Old));
        check("a/** -> a/**", "a/x", Some(Side::New));
        assert!(of("src/old/** -> app").expect("understood")[0].patterns[0].leads("src"));
        assert!(!of("src/old/** -> app").expect("understood")[0].patterns[0].leads("src/new"));
    }
}
