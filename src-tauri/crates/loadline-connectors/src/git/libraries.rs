//! The libraries that a repository uses: what manifests ask for, what lock files pin, and where the two leave something open.

use super::reading::TREE;
use crate::Answer;
use loadline_code::Ecosystem;
use loadline_code::project::locks::{self, Lock};
use loadline_model::{Basis, Day, SubjectId, Value, key, num};
use std::collections::{BTreeMap, BTreeSet};

/// Most files that are named as not whole.
const MOST_NAMED: usize = 50;

/// Manifests and lock files of a repository.
#[derive(Debug, Default)]
pub(super) struct Libraries {
    locks: Vec<(String, Lock)>,
    /// Lock files that could not be read, and why.
    unread: BTreeMap<String, &'static str>,
    /// What a manifest asks for, by path.
    asked: BTreeMap<String, (Ecosystem, BTreeSet<String>)>,
}

/// One library at one version.
#[derive(Clone, Debug)]
pub(super) struct Used {
    pub ecosystem: Ecosystem,
    /// Its name as the ecosystem compares it.
    pub normal: String,
    pub name: String,
    pub version: String,
    /// The files that pin it.
    pub paths: Vec<String>,
    pub direct: Option<bool>,
    pub development: Option<bool>,
    pub released: Option<Day>,
}

impl Libraries {
    /// Adds what a file pins.
    pub(super) fn add(&mut self, path: &str, text: &str) {
        if !locks::is_one(path) {
            return;
        }
        match locks::read(path, text) {
            Some(lock) => self.locks.push((path.to_owned(), lock)),
            None => drop(self.unread.insert(path.to_owned(), "it is damaged, or of a form that is not known")),
        }
    }

    /// Adds what a manifest asks for.
    pub(super) fn asked(&mut self, path: &str, word: &str, names: &[String]) {
        if let Some(ecosystem) = Ecosystem::of_word(word) {
            let names = names.iter().map(|n| ecosystem.normal(n)).collect();
            self.asked.insert(path.to_owned(), (ecosystem, names));
        }
    }

    /// A file that was not opened.
    pub(super) fn too_long(&mut self, path: &str) {
        if locks::is_one(path) {
            self.unread.insert(path.to_owned(), "it is longer than 32 MB, or not in the clone");
        }
    }

    /// Each library at each version once, by ecosystem, name and version.
    pub(super) fn used(&self) -> Vec<Used> {
        let mut all: BTreeMap<(Ecosystem, String, &str), Used> = BTreeMap::new();
        for (path, lock) in &self.locks {
            for pinned in &lock.pinned {
                let normal = lock.ecosystem.normal(&pinned.name);
                let direct = pinned.direct.or_else(|| self.is_asked(path, lock.ecosystem, &normal));
                let used = all.entry((lock.ecosystem, normal.clone(), &pinned.version)).or_insert_with(|| Used {
                    ecosystem: lock.ecosystem,
                    normal,
                    name: pinned.name.clone(),
                    version: pinned.version.clone(),
                    paths: Vec::new(),
                    direct,
                    development: pinned.development,
                    released: pinned.released,
                });
                used.paths.push(path.clone());
                used.direct = used.direct.max(direct);
                // Development alone needs every file to say so.
                if used.development == Some(true) {
                    used.development = pinned.development;
                }
                used.released = used.released.or(pinned.released);
            }
        }
        all.into_values().collect()
    }

    /// Whether the manifest beside a lock file asks for a library; `None` without one.
    fn is_asked(&self, lock: &str, ecosystem: Ecosystem, normal: &str) -> Option<bool> {
        let beside = self.asked.iter().filter(|(path, (of, _))| *of == ecosystem && folder(path) == folder(lock));
        beside.map(|(_, (_, names))| names.contains(normal)).reduce(|a, b| a || b)
    }

    /// Files whose libraries are not all known, and why.
    fn missing(&self) -> BTreeMap<&str, &'static str> {
        let mut missing: BTreeMap<&str, &'static str> = BTreeMap::new();
        let whole = |ecosystem: Ecosystem, at: &str| {
            self.locks.iter().any(|(path, lock)| lock.ecosystem == ecosystem && lock.whole && folder(path) == at)
        };
        for (path, lock) in self.locks.iter().filter(|(path, lock)| !lock.whole && !whole(lock.ecosystem, folder(path)))
        {
            if !lock.pinned.is_empty() || self.asked.contains_key(path) || locks::is_lock_alone(path) {
                missing.insert(path, "it names what is asked for, not all that is installed");
            }
        }
        for (path, (ecosystem, _)) in &self.asked {
            let above = std::iter::successors(Some(folder(path)), |at| (!at.is_empty()).then(|| folder(at)));
            let covered = above
                .into_iter()
                .any(|at| self.locks.iter().any(|(path, lock)| lock.ecosystem == *ecosystem && folder(path) == at));
            if !covered {
                missing.insert(path, "no lock file that can be read lies beside or above it");
            }
        }
        missing.extend(self.unread.iter().map(|(path, why)| (path.as_str(), *why)));
        missing
    }

    /// Says how many libraries are pinned, which of them are frameworks, and how long ago the used versions were released.
    pub(super) fn say(&self, answer: &mut Answer, subject: &SubjectId, used: &[Used], today: Day) {
        let mut set = |basis: Basis, key: &str, item: &str, value: Value| {
            answer.set(subject, TREE, basis, key, Some(item), value);
        };
        for (path, why) in self.missing().into_iter().take(MOST_NAMED) {
            set(Basis::Configured, key::CODE_PACKAGES_MISSING, path, Value::Text(why.to_owned()));
        }
        for library in used {
            let Some(framework) = locks::framework(library.ecosystem, &library.name) else { continue };
            for path in &library.paths {
                let item = format!("{framework} in {path}");
                set(Basis::Configured, key::CODE_FRAMEWORK, &item, Value::Text(library.version.clone()));
            }
        }
        for ecosystem in Ecosystem::ALL {
            let own: Vec<&Used> = used.iter().filter(|u| u.ecosystem == ecosystem).collect();
            if own.is_empty() && !self.locks.iter().any(|(_, lock)| lock.ecosystem == ecosystem) {
                continue;
            }
            set(Basis::Configured, key::CODE_PACKAGES, ecosystem.name(), Value::Number(own.len() as f64));
            let direct = own.iter().filter(|u| u.direct == Some(true));
            // Nothing was released after today; a file that says so is not believed.
            let ages: Vec<f64> =
                direct.filter_map(|u| Some(today.0 - u.released?.0).filter(|days| *days >= 0)).map(f64::from).collect();
            if let Some(oldest) = ages.iter().copied().reduce(f64::max) {
                let mean = num::round9(ages.iter().sum::<f64>() / ages.len() as f64);
                set(Basis::Measured, key::CODE_RELEASE_AGE, ecosystem.name(), Value::Number(mean));
                set(Basis::Measured, key::CODE_RELEASE_AGE_OLDEST, ecosystem.name(), Value::Number(oldest));
            }
        }
    }
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_whose_libraries_are_not_all_known() {
        let check = |files: &[(&str, &str)], expected: &str| {
            let mut libraries = Libraries::default();
            for (path, text) in files {
                libraries.add(path, text);
                for piece in loadline_code::project::pieces(path, text) {
                    if let loadline_code::project::Piece::Manifest { ecosystem, names } = piece
                        && !names.is_empty()
                    {
                        libraries.asked(path, ecosystem, &names);
                    }
                }
            }
            let missing: Vec<&str> = libraries.missing().into_keys().collect();
            assert_eq!(missing.join(" "), expected, "{files:?}");
        };
        let manifest = "{\"dependencies\": {\"a\": \"1\"}}";
        let lock = "{\"lockfileVersion\": 3, \"packages\": {\"node_modules/a\": {\"version\": \"1.0.0\"}}}";
        let poetry = "[[package]]\nname = \"a\"\nversion = \"1\"\n\n[metadata]\n";
        check(&[("package.json", manifest)], "package.json");
        check(&[("package.json", manifest), ("package-lock.json", lock)], "");
        check(&[("web/package.json", manifest), ("package-lock.json", lock)], "");
        check(&[("package.json", manifest), ("web/package-lock.json", lock)], "package.json");
        check(&[("package.json", manifest), ("package-lock.json", "{")], "package-lock.json package.json");
        check(&[("requirements.txt", "a==1\n")], "requirements.txt");
        check(&[("requirements.txt", "a==1\n"), ("poetry.lock", poetry)], "");
        check(&[("go.mod", "module m/x\n\ngo 1.21\n\nrequire a.b/c v1.0.0\n")], "");
    }
}
