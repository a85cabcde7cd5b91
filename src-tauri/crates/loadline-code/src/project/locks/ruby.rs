//! `Gemfile.lock`: the gems of its sections GEM, and the names under DEPENDENCIES.

use super::Pinned;
use std::collections::BTreeSet;

pub(super) fn read(text: &str) -> Option<(Vec<Pinned>, bool)> {
    let mut section = "";
    let mut found = Vec::new();
    let mut asked = BTreeSet::new();
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        match (section, indent) {
            (_, 0) if !line.is_empty() => section = line.trim_end(),
            ("GEM", 4) => found.extend(gem(line.trim())),
            ("DEPENDENCIES", 2) => {
                asked.extend(line.trim().split([' ', '!']).next().map(str::to_owned));
            }
            _ => {}
        }
    }
    if !text.contains("DEPENDENCIES") && found.is_empty() {
        return None;
    }
    for gem in &mut found {
        gem.direct = Some(asked.contains(&gem.name));
    }
    Some((found, true))
}

/// `nokogiri (1.13.10-x86_64-linux)`: what follows the dash is a platform.
fn gem(line: &str) -> Option<Pinned> {
    let (name, version) = line.strip_suffix(')')?.split_once(" (")?;
    Some(Pinned::new(name, version.split('-').next()?))
}
