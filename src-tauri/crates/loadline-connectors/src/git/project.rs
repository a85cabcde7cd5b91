//! Files that say how the product is built, shipped, owned and explained.

use super::code::Code;
use super::libraries::Libraries;
use super::reading::{LOG, MOST_PLACES, TREE};
use crate::Answer;
use loadline_code::project::{self, Image, Owners, Piece, Runtime, Speed};
use loadline_code::{Idiom, Language, Package, What};
use loadline_model::{Basis, CodeIdiom, Document, SubjectId, Timestamp, Value, key};
use std::collections::{BTreeMap, BTreeSet};

/// Most documents that are told.
const MOST_DOCUMENTS: usize = 200;

/// What the files say.
#[derive(Debug, Default)]
pub(super) struct Project {
    packages: Vec<Package>,
    images: Vec<(String, Image)>,
    pipelines: Vec<(String, bool)>,
    owners: Option<Owners>,
    documents: Vec<(String, &'static str, String)>,
    infrastructure: BTreeSet<&'static str>,
    locks: BTreeSet<&'static str>,
    manifests: BTreeSet<&'static str>,
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
        let example =
            ["example", "sample", "test", "fixture", "vendor/", "node_modules/"].iter().any(|w| path.contains(w));
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
                Piece::Lock(ecosystem) => drop(self.locks.insert(ecosystem)),
                Piece::Manifest { ecosystem, names } => {
                    // A manifest without a library has nothing to lock.
                    if !names.is_empty() {
                        self.manifests.insert(ecosystem);
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
        for ecosystem in &self.manifests {
            set(key::CODE_LOCKED, Some(ecosystem), Value::Bool(self.locks.contains(ecosystem)));
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
