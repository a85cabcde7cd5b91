//! The log of each file of today, gathered from commits newest first.

use super::people::{People, is_bot};
use super::{CHURN_DAYS, Change, Commit, OWNERSHIP_DAYS, Touch, paths};
use loadline_model::Timestamp;
use std::collections::BTreeMap;

/// What commits say about one file of today.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileLog {
    /// Its path today.
    pub path: String,
    /// Commits that count in [`CHURN_DAYS`].
    pub churn: u32,
    /// Of those, the ones that repair something.
    pub fixes: u32,
    /// Who made it, when that was seen.
    pub creator: Option<u32>,
    /// Commits by author in [`OWNERSHIP_DAYS`], by the author's number.
    pub by_author: BTreeMap<u32, u32>,
}

/// Where a name of the past leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leads {
    /// To this file of today.
    To(usize),
    /// To a file that is no more: nothing older under this name counts.
    Nowhere,
}

/// All commits so far.
#[derive(Debug)]
pub struct History {
    as_of: Timestamp,
    people: People,
    files: Vec<FileLog>,
    names: BTreeMap<String, Leads>,
    last_commit: BTreeMap<u32, Timestamp>,
    together: Vec<Vec<usize>>,
    /// Commits that counted in [`CHURN_DAYS`].
    pub commits: u32,
    /// Merges left out.
    pub merges: u32,
    /// Commits of machines left out.
    pub bots: u32,
    /// Oldest commit seen.
    pub oldest: Option<Timestamp>,
}

impl History {
    /// Nothing yet. `today` are the paths that exist now; windows end at `as_of`.
    pub fn new(today: impl IntoIterator<Item = String>, as_of: Timestamp) -> Self {
        let mut paths: Vec<String> = today.into_iter().filter(|p| paths::is_written_by_people(p)).collect();
        paths.sort();
        paths.dedup();
        let names = paths.iter().enumerate().map(|(at, path)| (path.clone(), Leads::To(at))).collect();
        let files = paths.into_iter().map(|path| FileLog { path, ..FileLog::default() }).collect();
        Self {
            as_of,
            people: People::default(),
            files,
            names,
            last_commit: BTreeMap::new(),
            together: Vec::new(),
            commits: 0,
            merges: 0,
            bots: 0,
            oldest: None,
        }
    }

    /// Adds the next older commit.
    pub fn add(&mut self, commit: &Commit) {
        self.oldest = Some(self.oldest.map_or(commit.at, |o| o.min(commit.at)));
        if commit.merge {
            self.merges += 1;
            return;
        }
        let bot = is_bot(&commit.name, &commit.email);
        let author = if bot { None } else { Some(self.people.number(&commit.name, &commit.email)) };
        self.bots += u32::from(bot);
        if let Some(author) = author {
            let last = self.last_commit.entry(author).or_insert(commit.at);
            *last = (*last).max(commit.at);
        }
        let recent = self.within(commit.at, CHURN_DAYS);
        let mut touched: Vec<usize> = Vec::new();
        for change in &commit.changes {
            let leads = self.names.get(&change.path).copied();
            if let (Some(Leads::To(at)), Some(author)) = (leads, author)
                && change.touch != Touch::Deleted
            {
                self.count(at, author, commit, change);
                touched.push(at);
            }
        }
        // Only when the whole commit was counted do its names change: one commit may swap two files.
        self.rename(&commit.changes);
        touched.sort_unstable();
        touched.dedup();
        if recent && author.is_some() {
            self.commits += 1;
            self.together.push(touched);
        }
    }

    fn within(&self, at: Timestamp, days: i64) -> bool {
        at > self.as_of.plus_days(-days)
    }

    fn count(&mut self, at: usize, author: u32, commit: &Commit, change: &Change) {
        let (recent, owned) = (self.within(commit.at, CHURN_DAYS), self.within(commit.at, OWNERSHIP_DAYS));
        let Some(file) = self.files.get_mut(at) else { return };
        file.churn += u32::from(recent);
        file.fixes += u32::from(recent && commit.fix);
        if owned {
            *file.by_author.entry(author).or_insert(0) += 1;
        }
        if change.touch == Touch::Added {
            file.creator = Some(author);
        }
    }

    /// What these names meant before the commit.
    fn rename(&mut self, changes: &[Change]) {
        let mut before: Vec<(String, Leads)> = Vec::new();
        for change in changes {
            match &change.touch {
                Touch::Changed => {}
                Touch::Added | Touch::Deleted => before.push((change.path.clone(), Leads::Nowhere)),
                Touch::Renamed(from) => {
                    let leads = self.names.get(&change.path).copied().unwrap_or(Leads::Nowhere);
                    before.push((change.path.clone(), Leads::Nowhere));
                    before.push((from.clone(), leads));
                }
            }
        }
        // A name that one file left and another took: what it meant before is the file that left it.
        before.sort_by_key(|(_, leads)| *leads != Leads::Nowhere);
        self.names.extend(before);
    }

    /// The files of today, by path. Numbers of authors are final.
    pub fn files(&self) -> Vec<FileLog> {
        let finished = |file: &FileLog| {
            let mut by_author: BTreeMap<u32, u32> = BTreeMap::new();
            for (author, count) in &file.by_author {
                *by_author.entry(self.people.root(*author)).or_insert(0) += count;
            }
            FileLog { by_author, creator: file.creator.map(|c| self.people.root(c)), ..file.clone() }
        };
        self.files.iter().map(finished).collect()
    }

    /// When each author committed last, by the author's final number.
    pub fn last_commits(&self) -> BTreeMap<u32, Timestamp> {
        let mut last: BTreeMap<u32, Timestamp> = BTreeMap::new();
        for (author, at) in &self.last_commit {
            let known = last.entry(self.people.root(*author)).or_insert(*at);
            *known = (*known).max(*at);
        }
        last
    }

    /// Authors that may be one person under several names ([`super::people::People::alike`]).
    pub fn alike(&self) -> BTreeMap<u32, u32> {
        self.people.alike()
    }

    /// Files of each commit of [`CHURN_DAYS`], as places in [`History::files`].
    pub fn together(&self) -> &[Vec<usize>] {
        &self.together
    }

    /// The moment at which windows end.
    pub fn as_of(&self) -> Timestamp {
        self.as_of
    }
}
