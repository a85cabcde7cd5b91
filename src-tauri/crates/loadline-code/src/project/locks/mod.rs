//! The libraries that lock files pin: name and exact version, and whatever else the file itself says of them. Text in,
//! libraries out; what is no lock file of its kind gives nothing.

mod composer;
mod dotnet;
mod framework;
mod go;
mod jvm;
mod npm;
mod pipfile;
mod pnpm;
mod python;
mod requirements;
mod ruby;
mod rust;
mod tables;
mod yarn;

pub use framework::framework;

use crate::Ecosystem;
use loadline_model::Day;

/// Most libraries of one file; a file with more is not read at all, because a part of it would look like the whole.
const MOST: usize = 50_000;
/// Longest name, and longest version, in bytes.
const LONGEST: usize = 214;

/// A library at the version that is used.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pinned {
    /// Its name as the file writes it; `group:artifact` for Maven.
    pub name: String,
    /// Its version, without a `v` in front.
    pub version: String,
    /// The project asks for it itself. `None` where the file does not tell.
    pub direct: Option<bool>,
    /// It is used in development alone. `None` where the file does not tell.
    pub development: Option<bool>,
    /// The day on which this version was released, where the file says so.
    pub released: Option<Day>,
}

impl Pinned {
    fn new(name: &str, version: &str) -> Self {
        Self { name: name.to_owned(), version: version.to_owned(), ..Self::default() }
    }
}

/// A file that pins libraries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// Where its libraries come from.
    pub ecosystem: Ecosystem,
    /// By name and version, each once. What comes from a folder or a repository is left out: no registry knows its versions.
    pub pinned: Vec<Pinned>,
    /// It names all that is installed, not only what is asked for directly.
    pub whole: bool,
}

/// Whether a path may pin libraries: a lock file, or a manifest that may name exact versions.
pub fn is_one(path: &str) -> bool {
    reader(path).is_some()
}

/// Whether a path is read for nothing else, so that it may be longer than what people write.
pub fn is_lock_alone(path: &str) -> bool {
    crate::history::paths::is_lock(path) && is_one(path)
}

type Reader = fn(&str) -> Option<(Vec<Pinned>, bool)>;

fn reader(path: &str) -> Option<(Ecosystem, Reader)> {
    let name = path.rsplit('/').next().unwrap_or(path);
    Some(match name {
        "package-lock.json" | "npm-shrinkwrap.json" => (Ecosystem::Npm, npm::read),
        "yarn.lock" => (Ecosystem::Npm, yarn::read),
        "pnpm-lock.yaml" => (Ecosystem::Npm, pnpm::read),
        "bun.lock" => (Ecosystem::Npm, npm::bun),
        "poetry.lock" => (Ecosystem::PyPi, python::poetry),
        "pdm.lock" => (Ecosystem::PyPi, python::pdm),
        "uv.lock" => (Ecosystem::PyPi, python::uv),
        "Pipfile.lock" => (Ecosystem::PyPi, pipfile::read),
        "requirements.txt" => (Ecosystem::PyPi, requirements::read),
        "Cargo.lock" => (Ecosystem::Cargo, rust::read),
        "go.mod" => (Ecosystem::Go, go::read),
        "Gemfile.lock" => (Ecosystem::RubyGems, ruby::read),
        "composer.lock" => (Ecosystem::Packagist, composer::read),
        "gradle.lockfile" => (Ecosystem::Maven, jvm::gradle),
        "pom.xml" => (Ecosystem::Maven, jvm::maven),
        "packages.lock.json" => (Ecosystem::NuGet, dotnet::lock),
        _ if name.ends_with(".csproj") => (Ecosystem::NuGet, dotnet::project),
        _ => return None,
    })
}

/// What a file pins. `None` when it is no such file, is damaged, or holds more than 50,000 libraries.
pub fn read(path: &str, text: &str) -> Option<Lock> {
    let (ecosystem, reader) = reader(path)?;
    let (mut pinned, mut whole) = reader(text)?;
    let all = pinned.len();
    pinned.retain(|p| is_word(&p.name) && is_word(&p.version));
    whole &= pinned.len() == all;
    if pinned.len() > MOST {
        return None;
    }
    // One library at one version may stand there often: it is direct or needed by the product as soon as one of them is.
    pinned.sort();
    pinned.dedup_by(|next, kept| {
        let same = (&next.name, &next.version) == (&kept.name, &kept.version);
        if same {
            kept.direct = kept.direct.max(next.direct);
            kept.development = if kept.development == Some(true) { next.development } else { kept.development };
            kept.released = kept.released.or(next.released);
        }
        same
    });
    Some(Lock { ecosystem, pinned, whole })
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST && text.chars().all(|c| c.is_ascii_graphic())
}

/// The day with which a moment such as `2024-05-26T10:00:00Z` begins.
fn day(moment: &str) -> Option<Day> {
    Day::parse(moment.get(..10)?)
}

#[cfg(test)]
mod tests;
