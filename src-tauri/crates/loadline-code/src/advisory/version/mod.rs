//! Which of two versions comes first, as the registry orders them. A form that is not understood has no place: `None`, never
//! a guess.

mod composer;
mod gem;
mod maven;
mod pep440;
mod semver;

use crate::Ecosystem;
use std::cmp::Ordering;

/// Longest version that is looked at, in bytes.
const LONGEST: usize = 214;

/// The order of two versions of an ecosystem.
pub fn compare(ecosystem: Ecosystem, a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (a.trim(), b.trim());
    if a.len() > LONGEST || b.len() > LONGEST {
        return None;
    }
    match ecosystem {
        Ecosystem::Npm | Ecosystem::Cargo | Ecosystem::Go => semver::compare(a, b, 3, false),
        Ecosystem::NuGet => semver::compare(a, b, 4, true),
        Ecosystem::PyPi => Some(pep440::key(a)?.cmp(&pep440::key(b)?)),
        Ecosystem::RubyGems => gem::compare(a, b),
        Ecosystem::Maven => maven::compare(a, b),
        Ecosystem::Packagist => Some(composer::key(a)?.cmp(&composer::key(b)?)),
    }
}
