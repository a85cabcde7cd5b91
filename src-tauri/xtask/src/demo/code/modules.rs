//! Folders that import each other, with the circles that were cut on the way.

use super::tree::File;
use crate::demo::story::{self, at};
use loadline_model::{CodeModule, Timestamp, num};
use std::collections::{BTreeMap, BTreeSet};

/// Who imports whom in how many places; from when on and until when, where it was not always so.
const IMPORTS: &[(&str, &str, u32, &str, &str)] = &[
    ("api/src", "api/src/auth", 4, "", ""),
    ("api/src", "api/src/users", 5, "", ""),
    ("api/src", "api/src/feed", 6, "", ""),
    ("api/src", "api/src/chat", 7, "", ""),
    ("api/src", "api/src/notifications", 3, "", ""),
    ("api/src", "api/src/search", 2, "", ""),
    ("api/src", "api/src/uploads", 2, "", ""),
    ("api/src", "api/src/moderation", 2, "", ""),
    ("api/src", "api/src/shared", 9, "", ""),
    ("api/src", "api/src/events", 2, story::CACHE, ""),
    ("api/src", "api/src/jobs", 1, story::CONTAINERS, ""),
    ("api/src/auth", "api/src/users", 6, "", ""),
    ("api/src/auth", "api/src/shared", 8, "", ""),
    // The circle of five domains: users, feed, notifications, chat and moderation knew each other.
    ("api/src/users", "api/src/feed", 3, "", story::CACHE),
    ("api/src/users", "api/src/notifications", 5, "", "2026-10-05 10:00"),
    ("api/src/users", "api/src/shared", 7, "", ""),
    ("api/src/feed", "api/src/users", 11, "", ""),
    ("api/src/feed", "api/src/notifications", 6, "", story::CACHE),
    ("api/src/feed", "api/src/moderation", 3, "", ""),
    ("api/src/feed", "api/src/shared", 12, "", ""),
    ("api/src/feed", "api/src/events", 3, story::CACHE, ""),
    ("api/src/chat", "api/src/users", 8, "", ""),
    ("api/src/chat", "api/src/notifications", 7, "", story::CACHE),
    ("api/src/chat", "api/src/moderation", 2, "", ""),
    ("api/src/chat", "api/src/shared", 11, "", ""),
    ("api/src/chat", "api/src/events", 4, story::CACHE, ""),
    ("api/src/notifications", "api/src/users", 5, "", ""),
    ("api/src/notifications", "api/src/chat", 4, "", story::CACHE),
    ("api/src/notifications", "api/src/feed", 2, "", story::CACHE),
    ("api/src/notifications", "api/src/shared", 9, "", ""),
    ("api/src/moderation", "api/src/users", 3, "", ""),
    ("api/src/moderation", "api/src/feed", 2, "", story::PIPELINE),
    ("api/src/moderation", "api/src/shared", 4, "", ""),
    ("api/src/search", "api/src/users", 2, "", ""),
    ("api/src/search", "api/src/feed", 2, "", ""),
    ("api/src/search", "api/src/shared", 5, "", ""),
    ("api/src/uploads", "api/src/shared", 6, "", ""),
    ("api/src/uploads", "api/src/users", 1, "", ""),
    ("api/src/events", "api/src/shared", 2, story::CACHE, ""),
    ("api/src/jobs", "api/src/notifications", 2, story::CONTAINERS, ""),
    ("api/src/jobs", "api/src/shared", 2, story::CONTAINERS, ""),
    ("api/scripts", "api/src/shared", 3, "", ""),
    ("api/scripts", "api/src/feed", 1, "", ""),
    ("web/src", "web/src/feed", 3, "", ""),
    ("web/src", "web/src/chat", 3, "", ""),
    ("web/src", "web/src/profile", 2, "", ""),
    ("web/src", "web/src/signup", 2, "", ""),
    ("web/src", "web/src/notifications", 2, "", ""),
    ("web/src", "web/src/search", 1, "", ""),
    ("web/src", "web/src/state", 2, "", ""),
    // A small circle that is still there at the end.
    ("web/src/state", "web/src/api", 4, "", ""),
    ("web/src/api", "web/src/state", 3, "", ""),
    ("web/src/feed", "web/src/ui", 7, "", ""),
    ("web/src/feed", "web/src/state", 5, "", ""),
    ("web/src/feed", "web/src/api", 3, "", ""),
    ("web/src/chat", "web/src/ui", 6, "", ""),
    ("web/src/chat", "web/src/state", 4, "", ""),
    ("web/src/chat", "web/src/api", 4, "", ""),
    ("web/src/profile", "web/src/ui", 6, "", ""),
    ("web/src/profile", "web/src/state", 2, "", ""),
    ("web/src/signup", "web/src/ui", 5, "", ""),
    ("web/src/signup", "web/src/api", 2, "", ""),
    ("web/src/notifications", "web/src/ui", 3, "", ""),
    ("web/src/notifications", "web/src/state", 2, "", ""),
    ("web/src/search", "web/src/ui", 3, "", ""),
    ("web/src/search", "web/src/api", 1, "", ""),
];

/// The place with which cutting a circle begins: a module of it, path and line.
const CUTS: &[(&str, &str)] =
    &[("api/src/users", "api/src/users/model.ts:9"), ("web/src/state", "web/src/api/client.ts:6")];

/// Folders of the layout that are no domain of the product.
const NO_DOMAIN: [&str; 4] = ["shared", "events", "jobs", "src"];

/// The graph at a moment.
pub(super) struct Graph {
    pub(super) modules: Vec<CodeModule>,
    /// Modules of each circle, the largest first.
    pub(super) cycles: Vec<Vec<String>>,
    pub(super) imports: u32,
}

/// Draws it.
pub(super) fn graph(files: &[File], time: Timestamp) -> Graph {
    let holds =
        |from: &str, until: &str| (from.is_empty() || at(from) <= time) && (until.is_empty() || time < at(until));
    let edges: Vec<(&str, &str, u32)> =
        IMPORTS.iter().filter(|i| holds(i.3, i.4)).map(|(from, to, count, ..)| (*from, *to, *count)).collect();
    let mut of: BTreeMap<&str, (u32, f64)> = BTreeMap::new();
    for file in files.iter().filter(|f| f.exists(time)) {
        let module = of.entry(file.module()).or_default();
        *module = (module.0 + 1, module.1 + file.lines(time));
    }
    let reached: BTreeMap<&str, BTreeSet<&str>> = of.keys().map(|m| (*m, reach(m, &edges))).collect();
    let meets = |a: &str, b: &str| {
        let goes = |from: &str, to: &str| reached.get(from).is_some_and(|all| all.contains(to));
        goes(a, b) && goes(b, a)
    };
    let mut cycles: Vec<Vec<String>> = Vec::new();
    for module in of.keys() {
        let circle: Vec<String> = of.keys().filter(|m| meets(module, m)).map(|m| (*m).to_owned()).collect();
        if !circle.is_empty() && !cycles.contains(&circle) {
            cycles.push(circle);
        }
    }
    cycles.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    let module = |(path, (files, lines)): (&&str, &(u32, f64))| CodeModule {
        path: (**path).to_owned(),
        files: *files,
        lines: *lines,
        domain: domain(path).map(str::to_owned),
        fan_in: edges.iter().filter(|(_, to, _)| *to == *path).count() as u32,
        cycle: cycles.iter().position(|c| c.iter().any(|m| m == path)).map(|n| n as u32 + 1),
        imports: edges.iter().filter(|(from, ..)| *from == *path).map(|(_, to, n)| ((*to).to_owned(), *n)).collect(),
    };
    Graph { modules: of.iter().map(module).collect(), cycles, imports: edges.iter().map(|(.., n)| n).sum() }
}

/// What a folder reaches over one import or more.
fn reach<'a>(from: &'a str, edges: &[(&'a str, &'a str, u32)]) -> BTreeSet<&'a str> {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&str> = vec![from];
    while let Some(at) = open.pop() {
        open.extend(edges.iter().filter(|(of, ..)| *of == at).map(|(_, to, _)| *to).filter(|to| seen.insert(to)));
    }
    seen
}

fn domain(path: &str) -> Option<&str> {
    let name = path.strip_prefix("api/src/")?;
    (!NO_DOMAIN.contains(&name)).then_some(name)
}

impl Graph {
    /// Domains that the layout shows.
    pub(super) fn domains(&self) -> usize {
        self.modules.iter().filter_map(|m| m.domain.as_ref()).count()
    }
    /// Most domains in one circle.
    pub(super) fn domains_in_cycle(&self) -> usize {
        let of = |cycle: &Vec<String>| cycle.iter().filter(|m| domain(m).is_some()).count();
        self.cycles.iter().map(of).max().unwrap_or(0)
    }
    /// Share of the lines in circles.
    pub(super) fn cyclic_share(&self) -> f64 {
        let lines = |cyclic: bool| -> f64 {
            self.modules.iter().filter(|m| !cyclic || m.cycle.is_some()).map(|m| m.lines).sum()
        };
        num::round9(lines(true) / lines(false).max(1.0))
    }
    /// Number of a circle and the import to cut first.
    pub(super) fn cuts(&self) -> Vec<(usize, &'static str)> {
        let place = |cycle: &Vec<String>| CUTS.iter().find(|(m, _)| cycle.iter().any(|c| c == m)).map(|(_, at)| *at);
        self.cycles.iter().enumerate().filter_map(|(n, cycle)| Some((n + 1, place(cycle)?))).collect()
    }
}
