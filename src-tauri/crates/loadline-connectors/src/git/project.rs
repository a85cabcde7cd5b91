//! Files that say how the product is built, shipped, owned and explained.

use super::code::Code;
use super::libraries::Libraries;
use super::reading::{LOG, MOST_PLACES, TREE};
use crate::Answer;
use loadline_code::history::paths;
use loadline_code::project::{self, Image, Owners, Piece, Runtime, Speed};
use loadline_code::{Idiom, Language, Package, What};
use loadline_model::{Basis, CodeIdiom, Document, SubjectId, Timestamp, Value, key};
use std::collections::{BTreeMap, BTreeSet};

/// Most documents that are told.
const MOST_DOCUMENTS: usize = 200;

/// Most manifests that are named as not locked.
const MOST_NAMED: usize = 50;
/// Folders of what only shows or checks how something is done, and of other people's code.
const SHOWING: &[&str] = &[
    "test",
    "tests",
    "__tests__",
    "testdata",
    "test-data",
    "test_data",
    "testing",
    "unit-tests",
    "unit_tests",
    "integration-tests",
    "integration_tests",
    "e2e-tests",
    "e2e_tests",
    "example",
    "examples",
    "sample",
    "samples",
    "fixture",
    "fixtures",
    "__fixtures__",
    "test-fixtures",
    "test_fixtures",
    "testfixtures",
    "vendor",
    "node_modules",
];
/// The same in the name of a file.
const SHOWS: &[&str] = &["test", "tests", "example", "examples", "sample", "samples", "fixture", "fixtures"];

/// A lock file, or a manifest that names exact versions by itself.
#[derive(Debug)]
struct Locked {
    ecosystem: &'static str,
    folder: String,
    /// It locks what lies below its folder as well.
    below: bool,
}

/// What the files say.
#[derive(Debug, Default)]
pub(super) struct Project {
    packages: Vec<Package>,
    images: Vec<(String, Image)>,
    pipelines: Vec<(String, bool)>,
    owners: Option<Owners>,
    documents: Vec<(String, &'static str, String)>,
    infrastructure: BTreeSet<&'static str>,
    locks: Vec<Locked>,
    manifests: BTreeMap<String, &'static str>,
    runtimes: BTreeSet<(Runtime, String)>,
    migrations: u32,
    destructive: Vec<CodeIdiom>,
    load_tests: BTreeMap<&'static str, u32>,
    limited: BTreeSet<String>,
    speed: Vec<Speed>,
    /// What manifests ask for and lock files pin.
    pub libraries: Libraries,
}

impl Project {
    /// Adds a file; libraries that its manifest names join the idioms.
    pub(super) fn add(&mut self, path: &str, bytes: &[u8], code: &mut Code) {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        let example = only_shows(path);
        if !example {
            self.packages.extend(package(path, text));
            self.libraries.add(path, text);
        }
        for piece in project::pieces(path, text) {
            match piece {
                Piece::Owners(owners) => self.owners = Some(owners),
                Piece::Document { what, title } => self.documents.push((path.to_owned(), what, title)),
                Piece::Pipeline { runs_tests } => self.pipelines.push((path.to_owned(), runs_tests)),
                Piece::Speed(speed) => self.speed.push(speed),
                // Load tests lie among tests.
                Piece::LoadTest(tool) => *self.load_tests.entry(tool).or_insert(0) += 1,
                Piece::LoadLimit(_) => drop(self.limited.insert(path.to_owned())),
                // What only shows how something is done is not what runs.
                _ if example => {}
                Piece::Image(image) => self.images.push((path.to_owned(), image)),
                Piece::Infrastructure(tool) => drop(self.infrastructure.insert(tool)),
                Piece::Lock(ecosystem) => self.lock(path, ecosystem),
                Piece::Manifest { ecosystem, names } => {
                    // A manifest without a library has nothing to lock.
                    if !names.is_empty() {
                        self.manifests.insert(path.to_owned(), ecosystem);
                        self.libraries.asked(path, ecosystem, &names);
                    }
                    code.idioms.extend(names.iter().filter_map(|n| of_library(path, n)));
                }
                Piece::Runtime(runtime) => drop(self.runtimes.insert((runtime, path.to_owned()))),
                Piece::Migration(statements) => {
                    self.migrations += 1;
                    self.destructive.extend(statements.iter().map(|s| CodeIdiom {
                        what: key::idiom::DESTRUCTIVE_MIGRATION.to_owned(),
                        path: path.to_owned(),
                        line: s.line,
                        likely: true,
                        how: format!("a migration {}", s.how),
                    }));
                }
            }
        }
    }

    /// A file that was not opened: that a lock file exists is known by its name.
    pub(super) fn unopened(&mut self, path: &str) {
        self.libraries.too_long(path);
        if paths::is_lock(path) && !only_shows(path) {
            for piece in project::pieces(path, "") {
                if let Piece::Lock(ecosystem) = piece {
                    self.lock(path, ecosystem);
                }
            }
        }
    }

    fn lock(&mut self, path: &str, ecosystem: &'static str) {
        self.locks.push(Locked { ecosystem, folder: folder(path).to_owned(), below: paths::is_lock(path) });
    }

    /// Whether a lock file lies beside a manifest or above it.
    fn is_locked(&self, manifest: &str, ecosystem: &str) -> bool {
        let own = folder(manifest);
        let covers = |lock: &Locked| {
            own == lock.folder
                || (lock.below && (lock.folder.is_empty() || own.starts_with(&format!("{}/", lock.folder))))
        };
        self.locks.iter().any(|lock| lock.ecosystem == ecosystem && covers(lock))
    }

    /// Each ecosystem whose manifests are all locked, and else each manifest that is not.
    fn locked(&self) -> Vec<(String, bool)> {
        let open: Vec<(&String, &str)> =
            self.manifests.iter().filter(|(at, of)| !self.is_locked(at, of)).map(|(at, of)| (at, *of)).collect();
        let all: BTreeSet<&str> = self.manifests.values().copied().collect();
        let whole = all.into_iter().filter(|of| open.iter().all(|(_, other)| other != of));
        let whole = whole.map(|of| (of.to_owned(), true));
        whole.chain(open.iter().take(MOST_NAMED).map(|(at, of)| (format!("{of} in {at}"), false))).collect()
    }

    /// Names under which parts of the repository import each other.
    pub(super) fn packages(&self) -> &[Package] {
        &self.packages
    }

    /// CODEOWNERS, when there is one.
    pub(super) fn owners(&self) -> Option<&Owners> {
        self.owners.as_ref()
    }

    /// Says everything but documents.
    pub(super) fn say(&self, answer: &mut Answer, subject: &SubjectId) {
        let mut set = |key: &str, item: Option<&str>, value: Value| {
            answer.set(subject, TREE, Basis::Configured, key, item, value)
        };
        for (path, image) in &self.images {
            set(key::CODE_IMAGE_PINNED, Some(path), Value::Bool(image.pinned));
            set(key::CODE_IMAGE_ROOT, Some(path), Value::Bool(image.root));
            set(key::CODE_IMAGE_HEALTH_CHECK, Some(path), Value::Bool(image.health_check));
        }
        set(key::CODE_IMAGES, None, Value::Number(self.images.len() as f64));
        set(key::CODE_PIPELINES, None, Value::Number(self.pipelines.len() as f64));
        if !self.pipelines.is_empty() {
            set(key::CODE_TESTS_RUN, None, Value::Bool(self.pipelines.iter().any(|(_, runs)| *runs)));
            set(key::CODE_SPEED_MEASURED, None, Value::Bool(!self.speed.is_empty()));
            let stops = |s: &Speed| s.stops || self.limited.iter().any(|path| s.runs(path));
            set(key::CODE_SPEED_STOPS, None, Value::Bool(self.speed.iter().any(stops)));
        }
        for (tool, files) in &self.load_tests {
            set(key::CODE_LOAD_TESTS, Some(tool), Value::Number(f64::from(*files)));
        }
        for tool in &self.infrastructure {
            set(key::CODE_INFRASTRUCTURE, Some(tool), Value::Text((*tool).to_owned()));
        }
        for (what, locked) in self.locked() {
            set(key::CODE_LOCKED, Some(&what), Value::Bool(locked));
        }
        for (runtime, path) in &self.runtimes {
            set(key::CODE_RUNTIME, Some(&format!("{} in {path}", runtime.name)), Value::Text(runtime.version.clone()));
        }
        set(key::CODE_MIGRATIONS, None, Value::Number(f64::from(self.migrations)));
        set(key::CODE_OWNERS_FILE, None, Value::Bool(self.owners.is_some()));
        if let Some(owners) = &self.owners {
            set(key::CODE_OWNERS_ERRORS, None, Value::Number(f64::from(owners.errors)));
        }
        let count = Value::Number(self.destructive.len() as f64);
        answer.set(subject, TREE, Basis::Inferred, key::CODE_IDIOMS, Some(key::idiom::DESTRUCTIVE_MIGRATION), count);
        for place in self.destructive.iter().take(MOST_PLACES) {
            answer.say(subject, TREE, Basis::Inferred, place.clone());
        }
    }

    /// Paths of runbooks and decision records.
    pub(super) fn documents(&self) -> BTreeSet<&str> {
        self.documents.iter().map(|(path, ..)| path.as_str()).collect()
    }

    /// Says runbooks and decision records with their last change, where the history names it.
    pub(super) fn say_documents(
        &self,
        answer: &mut Answer,
        subject: &SubjectId,
        changed: &BTreeMap<String, Timestamp>,
    ) {
        for (path, what, title) in self.documents.iter().take(MOST_DOCUMENTS) {
            let document = Document {
                what: (*what).to_owned(),
                title: title.clone(),
                url: Some(path.clone()),
                updated_at: changed.get(path.as_str()).copied(),
            };
            answer.say(subject, LOG, Basis::Configured, document);
        }
        answer.set(subject, TREE, Basis::Configured, key::CODE_DOCUMENTS_READ, None, Value::Bool(true));
    }
}

/// Whether a path is of a test, an example or other people's code: by whole folders and words of the name, because
/// `attestation`, `latest` and `contest-api` are shipped.
fn only_shows(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let shows = |part: &str| {
        let ends = |word: &str| {
            ["_", "-"].iter().any(|sign| {
                part.strip_prefix(word).is_some_and(|rest| rest.starts_with(sign))
                    || part.strip_suffix(word).is_some_and(|rest| rest.ends_with(sign))
            })
        };
        SHOWS.iter().any(|word| part == *word || ends(word))
    };
    folder(path).split('/').any(|part| SHOWING.contains(&part)) || name.split('.').any(shows)
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A library of a manifest that is an idiom.
fn of_library(path: &str, name: &str) -> Option<Idiom> {
    let (what, how): (What, &str) = loadline_code::library(name)?;
    Some(Idiom { what, path: path.to_owned(), line: 1, likely: false, how: format!("{how}, named by a manifest") })
}

/// The name under which a manifest's folder is imported.
fn package(path: &str, text: &str) -> Option<Package> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let (language, found) = match name {
        "go.mod" => (Language::Go, text.lines().find_map(|l| l.strip_prefix("module "))?.trim().to_owned()),
        "package.json" => {
            let json: serde_json::Value = serde_json::from_str(text).ok()?;
            (Language::JavaScript, json.get("name")?.as_str()?.to_owned())
        }
        "Cargo.toml" => {
            let section = text.split("[package]").nth(1)?.split("\n[").next()?;
            let line = section.lines().find_map(|l| l.trim().strip_prefix("name"))?;
            (Language::Rust, line.split('"').nth(1)?.to_owned())
        }
        _ => return None,
    };
    (!found.is_empty() && found.len() < 200).then(|| Package { language, name: found, folder: folder.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_and_examples_by_whole_words() {
        let check = |path: &str, expected: bool| assert_eq!(only_shows(path), expected, "{path}");
        check("services/attestation/Dockerfile", false);
        check("contest-api/package.json", false);
        check("latest/Dockerfile", false);
        check("resample/requirements.txt", false);
        check("test-service/Dockerfile", false);
        check("myvendor/package.json", false);
        check("k8s/latest.yaml", false);
        check("tests/Dockerfile", true);
        check("api/tests/data/package.json", true);
        check("examples/web/Dockerfile", true);
        check("integration-tests/Dockerfile", true);
        check("api/node_modules/x/package.json", true);
        check("Dockerfile.test", true);
        check("docker/test.Dockerfile", true);
        check("test_x.py", true);
        check("x_test.go", true);
        check("infra/main-example.tf", true);
    }

    #[test]
    fn every_manifest_needs_a_lock_beside_it_or_above() {
        let check = |files: &[(&str, &str)], expected: &str| {
            let (mut project, mut code) = (Project::default(), Code::default());
            for (path, text) in files {
                project.add(path, text.as_bytes(), &mut code);
            }
            let said: Vec<String> = project.locked().into_iter().map(|(what, on)| format!("{what}: {on}")).collect();
            assert_eq!(said.join(", "), expected, "{files:?}");
        };
        let npm = "{\"dependencies\": {\"a\": \"1\"}}";
        check(&[("package.json", npm), ("package-lock.json", "{}")], "npm: true");
        check(&[("web/package.json", npm), ("yarn.lock", "")], "npm: true");
        check(&[("package.json", npm)], "npm in package.json: false");
        check(
            &[("web/package.json", npm), ("web/package-lock.json", "{}"), ("api/package.json", npm)],
            "npm in api/package.json: false",
        );
        check(&[("webapp/package.json", npm), ("web/yarn.lock", "")], "npm in webapp/package.json: false");
        check(&[("package.json", npm), ("tests/yarn.lock", "")], "npm in package.json: false");
        check(&[("package.json", npm), ("yarn.lock", ""), ("tests/package.json", npm)], "npm: true");
        let [pinned, open] = ["a==1\n", "a>=1\n"];
        check(&[("requirements.txt", pinned)], "python: true");
        check(
            &[("requirements.txt", pinned), ("pyproject.toml", "[project]\ndependencies = [\"a\"]\n")],
            "python: true",
        );
        check(&[("requirements.txt", pinned), ("api/requirements.txt", open)], "python in api/requirements.txt: false");
        check(
            &[("package.json", npm), ("yarn.lock", ""), ("api/requirements.txt", open)],
            "npm: true, python in api/requirements.txt: false",
        );
        let mut project = Project::default();
        project.add("package.json", npm.as_bytes(), &mut Code::default());
        project.unopened("package-lock.json");
        assert_eq!(project.locked(), [("npm".to_owned(), true)], "too long, but it is there");
    }
}
