//! Two years of commits, simulated: who touched which files when, and what follows for churn, knowledge and coupling.

use super::tree::File;
use crate::demo::story::{self, at};
use loadline_model::random::Draws;
use loadline_model::{ChangedTogether, Timestamp, num};
use std::collections::{BTreeMap, BTreeSet};

/// The first commit that is read.
pub(super) const FIRST: &str = "2024-06-03 09:00";
/// Least commits that touch both files of a pair (`scoring.md` §2.3).
const LEAST_SUPPORT: u32 = 5;

/// Somebody who commits: from, until, and how much of the work in `api` and in `web` is theirs.
struct Author {
    from: &'static str,
    until: &'static str,
    api: f64,
    web: f64,
}

const NEVER: &str = "2099-01-01 00:00";

/// The founder; a contractor who left; two who were there at the audit; two who came after it.
const AUTHORS: [Author; 6] = [
    Author { from: FIRST, until: NEVER, api: 10.0, web: 0.6 },
    Author { from: FIRST, until: "2025-10-01 09:00", api: 0.4, web: 8.0 },
    Author { from: "2025-02-03 09:00", until: NEVER, api: 3.4, web: 1.5 },
    Author { from: "2025-06-02 09:00", until: NEVER, api: 0.3, web: 9.0 },
    Author { from: "2026-04-13 09:00", until: NEVER, api: 9.0, web: 0.5 },
    Author { from: "2026-06-15 09:00", until: NEVER, api: 6.0, web: 3.0 },
];

/// Files that are rarely changed one without the other, and the moment that ended it.
const TOGETHER: [(&str, &str, f64, &str); 7] = [
    ("api/src/feed/build.ts", "api/src/feed/home.ts", 0.62, story::CACHE),
    ("api/src/chat/messages.ts", "api/src/notifications/deliver.ts", 0.58, "2026-07-27 10:00"),
    ("api/src/users/model.ts", "api/src/auth/signup.ts", 0.55, "2026-10-05 10:00"),
    ("api/src/chat/rooms.ts", "web/src/chat/Room.tsx", 0.48, story::PIPELINE),
    ("api/src/feed/posts.ts", "web/src/feed/Post.tsx", 0.52, NEVER),
    ("api/src/chat/socket.ts", "web/src/api/socket.ts", 0.66, NEVER),
    ("web/src/state/store.ts", "web/src/state/cache.ts", 0.45, NEVER),
];

struct Commit {
    at: Timestamp,
    author: usize,
    repairs: bool,
    files: BTreeSet<usize>,
}

/// What the history says of a file.
pub(super) struct FileLog {
    /// Commits in 12 months.
    pub(super) churn: u32,
    /// Of them, repairs.
    pub(super) fixes: u32,
    /// Active people who know it; `None` when nobody touched it in 24 months.
    pub(super) owners: Option<u32>,
}

/// What it says of people.
pub(super) struct People {
    pub(super) authors: usize,
    pub(super) active: usize,
    pub(super) truck_factor: usize,
    pub(super) truck_factor_active: usize,
    pub(super) orphaned: f64,
}

/// Every commit, oldest first.
pub(super) struct History {
    files: usize,
    creators: Vec<usize>,
    commits: Vec<Commit>,
}

/// Commits a week.
fn pace(time: Timestamp) -> usize {
    if time >= at(story::PIPELINE) {
        15
    } else if time >= at("2026-04-13 09:00") {
        13
    } else {
        11
    }
}

impl History {
    /// Two and a half years, always the same.
    pub(super) fn simulated(files: &[File]) -> Self {
        let mut draws = Draws::new(loadline_model::hash::seed(&["harbor demo", "commits"]));
        let mut commits = Vec::new();
        let mut monday = at(FIRST);
        while monday < at(story::AFTER) {
            for _ in 0..pace(monday) {
                let minute = draws.below(5) as i64 * 1_440 + draws.below(540) as i64;
                commits.push(commit(files, Timestamp(monday.0 + minute * 60_000), &mut draws));
            }
            monday = monday.plus_days(7);
        }
        commits.sort_by_key(|c| c.at);
        let creator = |n: usize| match files.get(n) {
            None => 0,
            Some(f) if f.from != FIRST => [4, 5, 2, 4][n % 4],
            // Two wrote the pages, turn by turn; the founder wrote the rest but for a file here and there.
            Some(f) if f.path.starts_with("web/") => [3, 1][n % 2],
            Some(_) => [0, 0, 0, 0, 2, 0, 0, 0, 0][n % 9],
        };
        Self { files: files.len(), creators: (0..files.len()).map(creator).collect(), commits }
    }

    fn until(&self, time: Timestamp, days: i64) -> impl Iterator<Item = &Commit> {
        self.commits.iter().filter(move |c| c.at > time.plus_days(-days) && c.at <= time)
    }

    /// Commits of 12 months.
    pub(super) fn commits(&self, time: Timestamp) -> usize {
        self.until(time, 365).count()
    }

    /// Each file.
    pub(super) fn logs(&self, time: Timestamp) -> Vec<FileLog> {
        let (known, active) = (self.known(time), self.active(time));
        let of = |n: usize| {
            let touched = || self.until(time, 365).filter(|c| c.files.contains(&n));
            let owners = known.get(&n).map(|who| who.intersection(&active).count() as u32);
            FileLog { churn: touched().count() as u32, fixes: touched().filter(|c| c.repairs).count() as u32, owners }
        };
        (0..self.files).map(of).collect()
    }

    /// Who knows each file (degree of authorship, Avelino et al. 2016).
    fn known(&self, time: Timestamp) -> BTreeMap<usize, BTreeSet<usize>> {
        let mut own: BTreeMap<usize, BTreeMap<usize, u32>> = BTreeMap::new();
        for commit in self.until(time, 730) {
            for file in &commit.files {
                *own.entry(*file).or_default().entry(commit.author).or_default() += 1;
            }
        }
        let knows = |(file, by): (usize, BTreeMap<usize, u32>)| {
            let all: u32 = by.values().sum();
            let degree = |author: usize, n: u32| {
                let first = if self.creators.get(file) == Some(&author) { 1.098 } else { 0.0 };
                3.293 + first + 0.164 * f64::from(n) - 0.321 * num::ln(1.0 + f64::from(all - n))
            };
            let degrees: Vec<(usize, f64)> = by.into_iter().map(|(author, n)| (author, degree(author, n))).collect();
            let most = degrees.iter().map(|(_, d)| *d).fold(0.0, f64::max);
            (file, degrees.into_iter().filter(|(_, d)| *d >= 0.75 * most && *d >= 3.293).map(|(a, _)| a).collect())
        };
        own.into_iter().map(knows).collect()
    }

    fn active(&self, time: Timestamp) -> BTreeSet<usize> {
        self.until(time, 90).map(|c| c.author).collect()
    }

    /// How many people may be lost.
    pub(super) fn people(&self, time: Timestamp) -> People {
        let active = self.active(time);
        let known: Vec<BTreeSet<usize>> = self.known(time).into_values().collect();
        let present: Vec<BTreeSet<usize>> =
            known.iter().map(|who| who.intersection(&active).copied().collect()).collect();
        let orphaned = present.iter().filter(|who| who.is_empty()).count();
        People {
            authors: self.until(time, 730).map(|c| c.author).collect::<BTreeSet<_>>().len(),
            active: active.len(),
            truck_factor: removals(known.clone()),
            truck_factor_active: removals(present),
            orphaned: num::round9(orphaned as f64 / known.len().max(1) as f64),
        }
    }

    /// Pairs of files that change in the same commits.
    pub(super) fn pairs(&self, files: &[File], time: Timestamp) -> Vec<ChangedTogether> {
        let churn: Vec<u32> = self.logs(time).into_iter().map(|l| l.churn).collect();
        let mut support: BTreeMap<(usize, usize), u32> = BTreeMap::new();
        for commit in self.until(time, 365) {
            for (i, first) in commit.files.iter().enumerate() {
                for second in commit.files.iter().skip(i + 1) {
                    *support.entry((*first, *second)).or_default() += 1;
                }
            }
        }
        let pair = |((a, b), support): ((usize, usize), u32)| {
            let confidence = f64::from(support) / f64::from(churn[a].min(churn[b]).max(1));
            let (first, second) = (files[a].path.min(files[b].path), files[a].path.max(files[b].path));
            ChangedTogether { first: first.into(), second: second.into(), support, confidence: num::round9(confidence) }
        };
        let wanted = |p: &ChangedTogether| p.support >= LEAST_SUPPORT && p.confidence >= 0.3;
        let mut pairs: Vec<ChangedTogether> = support.into_iter().map(pair).filter(wanted).collect();
        pairs.sort_by(|a, b| {
            b.confidence.total_cmp(&a.confidence).then_with(|| (&a.first, &a.second).cmp(&(&b.first, &b.second)))
        });
        pairs.truncate(15);
        pairs
    }
}

/// One commit: an author, a side of the repository, a file or two or three.
fn commit(files: &[File], time: Timestamp, draws: &mut Draws) -> Commit {
    let on_web = draws.uniform() < 0.34;
    let side = if on_web { "web/" } else { "api/" };
    let share = |(n, a): (usize, &Author)| {
        let there = at(a.from) <= time && time < at(a.until);
        let work = if on_web { a.web } else { a.api };
        match (there, n) {
            (false, _) => 0.0,
            // The founder hands over what she knows once the app runs in containers.
            (true, 0) if time >= at(story::CONTAINERS) => work * 0.12,
            (true, _) => work,
        }
    };
    let author = weighted(&AUTHORS.iter().enumerate().map(share).collect::<Vec<f64>>(), draws);
    let of_side = |f: &File| if f.exists(time) && f.path.starts_with(side) { f.weight } else { 0.0 };
    let main = weighted(&files.iter().map(of_side).collect::<Vec<f64>>(), draws);
    let mut touched = BTreeSet::from([main]);
    let place = |path: &str| files.iter().position(|f| f.path == path);
    for (first, second, chance, until) in TOGETHER {
        let other = if files[main].path == first { second } else { first };
        let one_of_both = files[main].path == first || files[main].path == second;
        if one_of_both && draws.uniform() < if time < at(until) { chance } else { 0.08 } {
            touched.extend(place(other));
        }
    }
    if draws.uniform() < 0.38 {
        let beside = |f: &File| if f.exists(time) && f.module() == files[main].module() { f.weight } else { 0.0 };
        touched.insert(weighted(&files.iter().map(beside).collect::<Vec<f64>>(), draws));
    }
    // What is knotted is repaired more often; once tests run on every change, less is.
    let knotted = files[main].complexity(time) > 60.0;
    let chance = match (knotted, time >= at(story::PIPELINE)) {
        (true, false) => 0.41,
        (true, true) => 0.24,
        (false, false) => 0.19,
        (false, true) => 0.12,
    };
    Commit { at: time, author, repairs: draws.uniform() < chance, files: touched }
}

/// A place, as often as its weight says.
fn weighted(weights: &[f64], draws: &mut Draws) -> usize {
    let mut left = draws.uniform() * weights.iter().sum::<f64>();
    for (n, weight) in weights.iter().enumerate() {
        left -= weight;
        if left < 0.0 {
            return n;
        }
    }
    weights.iter().rposition(|w| *w > 0.0).unwrap_or(0)
}

/// People who are removed, first who knows most files, until more than half of the files have nobody left.
fn removals(mut known: Vec<BTreeSet<usize>>) -> usize {
    for removed in 0..=AUTHORS.len() {
        if known.iter().filter(|who| who.is_empty()).count() * 2 > known.len() {
            return removed;
        }
        let files_of = |a: usize| known.iter().filter(|who| who.contains(&a)).count();
        let Some(most) = (0..AUTHORS.len()).rev().max_by_key(|a| files_of(*a)) else { return removed };
        for who in &mut known {
            who.remove(&most);
        }
    }
    AUTHORS.len()
}
