//! Source files: measured one by one, then said as the facts that weigh most and sums over all.

use super::reading::{LOG, MOST_PLACES, TREE};
use super::tables::Tables;
use crate::Answer;
use loadline_code::history::{self, FileLog, History, hotspots, paths};
use loadline_code::{Endpoint, FileImports, Graph, Idiom, Language, Package, What};
use loadline_model::{Basis, ChangedTogether, CodeIdiom, CodeModule, CodeStat, SubjectId, Value, key, num};
use std::collections::BTreeMap;

/// Most files that are told one by one.
const MOST_FILES: usize = 1_500;
/// Most modules.
const MOST_MODULES: usize = 1_000;
/// Most pairs of files that change together.
const MOST_PAIRS: usize = 100;
/// Share of the source files that may be unmeasured where one place speaks for all (HD, as in the rules about code).
const MOST_UNMEASURED: f64 = 0.20;
/// Endings of source files whose grammar is not known.
const OTHER_LANGUAGES: &[&str] = &[
    "c", "cc", "cpp", "h", "hpp", "kt", "kts", "scala", "swift", "m", "mm", "ex", "exs", "erl", "clj", "hs", "ml",
    "dart", "lua", "pl", "r", "groovy", "fs", "vb", "zig", "nim", "cr", "vue", "svelte", "sql", "cljs", "cljc", "hrl",
    "mli", "fsx", "cshtml", "razor", "astro", "coffee", "elm", "jl", "f90", "cbl", "cob", "pas", "sol", "abap", "hx",
];

/// A measured source file.
#[derive(Clone, Debug)]
pub(super) struct Measured {
    pub path: String,
    pub language: Language,
    pub lines: u32,
    pub cognitive: u32,
    largest: u32,
    pub test: bool,
}

/// What was measured.
#[derive(Debug, Default)]
pub(super) struct Code {
    pub files: Vec<Measured>,
    imports: Vec<FileImports>,
    pub idioms: Vec<Idiom>,
    endpoints: Vec<Endpoint>,
    tables: Tables,
    unmeasured: usize,
    /// Files were left out, and nobody knows how many.
    open_ended: bool,
    inline_tests: u32,
    graph: Graph,
    pub stats: Vec<CodeStat>,
    together: Vec<ChangedTogether>,
}

impl Code {
    /// Whether a file is source of a language that is measured, and people write it.
    pub(super) fn wants(path: &str) -> bool {
        Language::of_path(path).is_some() && paths::is_written_by_people(path)
    }

    /// Whether a file is source of any language, measured or not, and people write it.
    pub(super) fn is_program(path: &str) -> bool {
        let ending = path.rsplit('/').next().and_then(|n| n.rsplit_once('.')).map_or("", |(_, e)| e);
        let other = OTHER_LANGUAGES.contains(&ending.to_ascii_lowercase().as_str());
        Self::wants(path) || (other && paths::is_written_by_people(path))
    }

    /// A file that is not opened.
    pub(super) fn pass_over(&mut self, path: &str) {
        self.unmeasured += usize::from(Self::is_program(path));
    }

    /// A file too long to load.
    pub(super) fn too_long(&mut self, path: &str) {
        self.unmeasured += usize::from(Self::wants(path));
    }

    /// Files that could not be reached at all; with an open end nobody knows how many there are.
    pub(super) fn left_out(&mut self, count: usize, open_ended: bool) {
        self.unmeasured += count;
        self.open_ended |= open_ended;
    }

    /// Measures a file.
    pub(super) fn add(&mut self, path: &str, bytes: &[u8]) {
        if !Self::wants(path) {
            return;
        }
        let source = match loadline_code::read(path, bytes) {
            Some(Ok(source)) => source,
            // What tools wrote is nobody's to measure; what is not text might have been code.
            Some(Err(loadline_code::Unread::Generated)) | None => return,
            Some(Err(_)) => {
                self.unmeasured += 1;
                return;
            }
        };
        if source.lost_lines > source.lines.code / 2 {
            self.unmeasured += 1;
            return;
        }
        let test = paths::is_test(path);
        if source.language == Language::Rust && !test {
            self.inline_tests = self.inline_tests.saturating_add(inline_tests(source.text));
        }
        self.files.push(Measured {
            path: path.to_owned(),
            language: source.language,
            lines: source.lines.code,
            cognitive: source.cognitive,
            largest: source.functions.iter().map(|f| f.cyclomatic).max().unwrap_or(0),
            test,
        });
        if !test {
            self.imports.push(loadline_code::file_imports(&source));
            self.idioms.extend(loadline_code::idioms(&source));
            self.endpoints.extend(loadline_code::endpoints(&source));
            self.tables.add(path, loadline_code::tables(&source));
        }
    }

    /// Draws the module graph.
    pub(super) fn draw(&mut self, packages: &[Package]) {
        self.graph = loadline_code::graph(&std::mem::take(&mut self.imports), packages);
    }

    /// Joins measures with the log of each file.
    pub(super) fn join(&mut self, logs: &[FileLog], history: &History) {
        let log_of: BTreeMap<&str, &FileLog> = logs.iter().map(|l| (l.path.as_str(), l)).collect();
        let last = history.last_commits();
        let (joined, last_of_joined) = history::ownership::as_one(logs, &last, &history.alike());
        let joined_of: BTreeMap<&str, &FileLog> = joined.iter().map(|l| (l.path.as_str(), l)).collect();
        let churn = |path: &str| log_of.get(path).map_or(0, |l| l.churn);
        let own: Vec<&Measured> = self.files.iter().filter(|f| !f.test).collect();
        let ranked: Vec<(&str, &str, u32, u32)> =
            own.iter().map(|f| (f.path.as_str(), f.language.name(), churn(&f.path), f.cognitive)).collect();
        let spots = hotspots(&ranked);
        let by_path: BTreeMap<&str, &Measured> = own.iter().map(|f| (f.path.as_str(), *f)).collect();
        let stat = |spot: &history::Hotspot| {
            let file = by_path.get(spot.path.as_str())?;
            let log = log_of.get(spot.path.as_str());
            let known = log.filter(|l| !l.by_author.is_empty());
            let owners = known.map(|l| history::ownership::active_authors(l, &last, history.as_of()));
            let joined = known.and_then(|l| joined_of.get(l.path.as_str()));
            let least = joined.map(|l| history::ownership::active_authors(l, &last_of_joined, history.as_of()));
            Some(CodeStat {
                churn: Some(f64::from(churn(&spot.path))),
                fixes: Some(f64::from(log.map_or(0, |l| l.fixes))),
                owners,
                owners_least: least.filter(|_| least != owners),
                complexity_rank: Some(num::round9(spot.complexity_rank)),
                hotspot: Some(num::round9(spot.score)),
                ..plain(file)
            })
        };
        self.stats = spots.iter().take(MOST_FILES).filter_map(stat).collect();
        let (pairs, _) = history::couplings(history, logs);
        let told = |c: &history::Coupling| ChangedTogether {
            first: c.first.clone(),
            second: c.second.clone(),
            support: c.support,
            confidence: num::round9(c.confidence),
        };
        self.together = pairs.iter().take(MOST_PAIRS).map(told).collect();
    }

    /// Says what was measured.
    pub(super) fn say(&mut self, answer: &mut Answer, subject: &SubjectId, history: Option<&History>) {
        if history.is_none() {
            let mut own: Vec<&Measured> = self.files.iter().filter(|f| !f.test).collect();
            own.sort_by(|a, b| b.cognitive.cmp(&a.cognitive).then_with(|| a.path.cmp(&b.path)));
            self.stats = own.into_iter().take(MOST_FILES).map(plain).collect();
        }
        for stat in &self.stats {
            answer.say(subject, if history.is_some() { LOG } else { TREE }, Basis::Measured, stat.clone());
        }
        for pair in &self.together {
            answer.say(subject, LOG, Basis::Measured, pair.clone());
        }
        self.say_sums(answer, subject);
        self.say_graph(answer, subject);
        self.say_idioms(answer, subject);
        self.tables.say(answer, subject, &self.graph);
    }

    fn say_sums(&self, answer: &mut Answer, subject: &SubjectId) {
        let mut number = |key: &str, value: f64| {
            answer.set(subject, TREE, Basis::Measured, key, None, Value::Number(num::round9(value)));
        };
        let lines = |test: bool| self.files.iter().filter(|f| f.test == test).map(|f| f64::from(f.lines)).sum::<f64>();
        let own = self.files.iter().filter(|f| !f.test).count();
        let inline = f64::from(self.inline_tests);
        number(key::CODE_LINES, (lines(false) - inline).max(0.0));
        number(key::CODE_TEST_LINES, lines(true) + inline);
        number(key::CODE_FILES, own as f64);
        let all = self.files.len() + self.unmeasured;
        // A share of nobody knows how many files would be a guess, and rules read its absence as not known.
        if all > 0 && !self.open_ended {
            number(key::CODE_UNMEASURED, self.unmeasured as f64 / all as f64);
        }
        number(key::CODE_ROUTES, self.endpoints.len() as f64);
        number(key::CODE_ROUTES_SEEN, self.endpoints.iter().filter(|e| e.handler.is_some()).count() as f64);
    }

    fn say_graph(&self, answer: &mut Answer, subject: &SubjectId) {
        let graph = &self.graph;
        let mut set =
            |key: &str, item: Option<&str>, value: Value| answer.set(subject, TREE, Basis::Measured, key, item, value);
        let mut number = |key: &str, value: f64| set(key, None, Value::Number(num::round9(value)));
        number(key::CODE_IMPORTS, f64::from(graph.resolved));
        number(key::CODE_DOMAINS, graph.domains().len() as f64);
        let domains_of = |cycle: &Vec<usize>| {
            let mut names: Vec<&String> =
                cycle.iter().filter_map(|at| graph.modules.get(*at)).filter_map(|m| m.domain.as_ref()).collect();
            names.sort();
            names.dedup();
            names.len()
        };
        number(key::CODE_LARGEST_CYCLE, graph.cycles.first().map_or(0, Vec::len) as f64);
        number(key::CODE_DOMAINS_IN_CYCLE, graph.cycles.iter().map(domains_of).max().unwrap_or(0) as f64);
        if let Some(share) = graph.cyclic_share() {
            number(key::CODE_CYCLIC_SHARE, share);
        }
        if let Some(score) = graph.boundary.score() {
            number(key::CODE_BOUNDARY, score);
        }
        for cycle in 0..graph.cycles.len().min(10) {
            if let Some(edge) = graph.weakest(cycle) {
                let (item, place) = ((cycle + 1).to_string(), format!("{}:{}", edge.path, edge.line));
                set(key::CODE_CYCLE_EDGE, Some(&item), Value::Text(place));
            }
        }
        // Ruby on Rails finds most of its code by name, without an import.
        if self.files.iter().any(|f| f.language == Language::Ruby) {
            set(key::CODE_GRAPH_PARTIAL, Some("ruby"), Value::Text("loads code by name".into()));
        }
        for module in self.modules() {
            answer.say(subject, TREE, Basis::Measured, module);
        }
    }

    /// The modules that weigh most: those in cycles, then by lines of code.
    fn modules(&self) -> Vec<CodeModule> {
        let graph = &self.graph;
        let mut imports: BTreeMap<usize, Vec<(String, u32)>> = BTreeMap::new();
        for edge in &graph.dependencies {
            if let Some(to) = graph.modules.get(edge.to) {
                imports.entry(edge.from).or_default().push((to.path.clone(), edge.imports));
            }
        }
        let mut places: Vec<usize> = (0..graph.modules.len()).collect();
        places.sort_by_key(|at| {
            let module = &graph.modules[*at];
            (module.cycle.is_none(), std::cmp::Reverse(module.lines), module.path.clone())
        });
        let module = |at: &usize| {
            let module = graph.modules.get(*at)?;
            Some(CodeModule {
                path: module.path.clone(),
                files: module.files,
                lines: module.lines as f64,
                domain: module.domain.clone(),
                fan_in: module.fan_in,
                cycle: module.cycle.and_then(|c| u32::try_from(c + 1).ok()),
                imports: imports.get(at).cloned().unwrap_or_default(),
            })
        };
        places.iter().take(MOST_MODULES).filter_map(module).collect()
    }

    fn say_idioms(&mut self, answer: &mut Answer, subject: &SubjectId) {
        // Likely ones first: when places are left out, the doubtful ones are.
        self.idioms.sort_by(|a, b| (a.what, !a.likely, &a.path, a.line).cmp(&(b.what, !b.likely, &b.path, b.line)));
        for what in What::ALL {
            let places: Vec<&Idiom> = self.idioms.iter().filter(|i| i.what == what).collect();
            let count = Value::Number(places.len() as f64);
            answer.set(subject, TREE, Basis::Inferred, key::CODE_IDIOMS, Some(what.word()), count);
            for place in places.into_iter().take(MOST_PLACES) {
                answer.say(subject, TREE, Basis::Inferred, told(what.word(), place));
            }
        }
    }

    /// What the idioms say of the service that is built from this repository. An idiom that was not found says nothing.
    pub(super) fn say_of_service(&self, answer: &mut Answer, service: &SubjectId) {
        let of_production = || self.idioms.iter().filter(|i| i.likely && !paths::is_rehearsal(&i.path));
        let likely = |what: What| of_production().find(|i| i.what == what);
        let all = self.files.len() + self.unmeasured;
        let mostly_seen = !self.open_ended && self.unmeasured as f64 <= MOST_UNMEASURED * all as f64;
        let mut flag = |key: &str, on: bool, place: &Idiom| {
            let call = format!("{}:{} ({})", place.path, place.line, place.how);
            answer.set(service, &call, Basis::Inferred, key, None, Value::Bool(on));
        };
        let mut pair = |key: &str, bad: What, bad_is: bool, good: What| match (likely(bad), likely(good)) {
            (Some(place), _) => flag(key, bad_is, place),
            // One good place says that there is no bad one only where the code was seen.
            (None, Some(place)) if mostly_seen && !self.idioms.iter().any(|i| i.what == bad) => {
                flag(key, !bad_is, place)
            }
            _ => {}
        };
        pair(key::SESSIONS_IN_PROCESS, What::SessionInProcess, true, What::SessionShared);
        pair(key::UPLOADS_ON_DISK, What::UploadOnDisk, true, What::UploadShared);
        // One deep route is enough: the shallow one beside it says that the process lives.
        match (likely(What::HealthCheckDeep), likely(What::HealthCheckShallow)) {
            (Some(place), _) => flag(key::HEALTH_CHECK_DEEP, true, place),
            (None, Some(place)) => flag(key::HEALTH_CHECK_DEEP, false, place),
            (None, None) => {}
        }
        if let Some(place) = of_production().find(|i| i.never_waits()) {
            flag(key::CALL_BACKOFF, false, place);
        }
    }
}

/// Lines of the tests that Rust keeps at the end of the file they test.
fn inline_tests(text: &str) -> u32 {
    let lines: Vec<&str> = text.lines().collect();
    let opens = |pair: &[&str]| pair[0].trim() == "#[cfg(test)]" && pair[1].trim_end().ends_with('{');
    let begins = lines.windows(2).position(opens);
    let inside = begins.map_or(0, |at| lines[at..].iter().filter(|l| !l.trim().is_empty()).count());
    u32::try_from(inside).unwrap_or(u32::MAX)
}

/// A file without history.
fn plain(file: &Measured) -> CodeStat {
    CodeStat {
        path: file.path.clone(),
        language: file.language.name().to_owned(),
        lines: f64::from(file.lines),
        complexity: Some(f64::from(file.cognitive)),
        largest_function: Some(file.largest),
        ..CodeStat::default()
    }
}

/// An idiom as a fact.
pub(super) fn told(word: &str, place: &Idiom) -> CodeIdiom {
    CodeIdiom {
        what: word.to_owned(),
        path: place.path.clone(),
        line: place.line,
        likely: place.likely,
        how: place.how.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::inline_tests;

    #[test]
    fn tests_at_the_end_of_a_file() {
        let check = |text: &str, expected: u32| assert_eq!(inline_tests(text), expected, "{text}");
        check("fn f() {}\n", 0);
        check("fn f() {}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn g() {}\n}\n", 5);
        check("#[cfg(test)]\nmod tests;\nfn f() {}\n", 0);
    }
}
