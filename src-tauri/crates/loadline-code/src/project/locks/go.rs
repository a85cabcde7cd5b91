//! `go.mod`. From `go 1.17` on it lists everything that is built; `go.sum` lists more than is used.

use super::Pinned;
use loadline_model::Day;
use std::collections::BTreeMap;

pub(super) fn read(text: &str) -> Option<(Vec<Pinned>, bool)> {
    text.lines().find(|l| l.starts_with("module "))?;
    let release = text.lines().find_map(|l| l.strip_prefix("go ")).and_then(|v| v.trim().strip_prefix("1."));
    let minor: Option<u32> = release.and_then(|v| v.split('.').next()).and_then(|v| v.parse().ok());
    let mut found = Vec::new();
    let mut replaced: BTreeMap<&str, Option<(&str, &str)>> = BTreeMap::new();
    let mut block = "";
    for line in text.lines() {
        let (said, comment) = line.split_once("//").map_or((line, ""), |(said, comment)| (said, comment));
        let mut words: Vec<&str> = said.split_whitespace().collect();
        match words.as_slice() {
            [")"] => block = "",
            [word, "("] => block = word,
            _ => {
                let directive = if block.is_empty() && !words.is_empty() { words.remove(0) } else { block };
                match (directive, words.as_slice()) {
                    ("require", [name, version]) => found.push(Pinned {
                        direct: Some(!comment.contains("indirect")),
                        released: pseudo_day(version),
                        ..Pinned::new(name, version.trim_start_matches('v'))
                    }),
                    ("replace", [from, .., "=>", to, version]) => drop(replaced.insert(from, Some((to, version)))),
                    // A folder of this machine.
                    ("replace", [from, .., "=>", _]) => drop(replaced.insert(from, None)),
                    _ => {}
                }
            }
        }
    }
    found.retain_mut(|library| match replaced.get(library.name.as_str()) {
        Some(Some((to, version))) => {
            let with = Pinned::new(to, version.trim_start_matches('v'));
            *library = Pinned { direct: library.direct, released: pseudo_day(version), ..with };
            true
        }
        Some(None) => false,
        None => true,
    });
    Some((found, minor.is_some_and(|m| m >= 17)))
}

/// The day of the commit in a pseudo-version: `v0.0.0-20210101120000-abcdefabcdef` (go.dev/ref/mod#pseudo-versions).
fn pseudo_day(version: &str) -> Option<Day> {
    let (rest, commit) = version.trim_end_matches("+incompatible").rsplit_once('-')?;
    let stamp = rest.rsplit(['-', '.']).next()?;
    if commit.len() != 12 || stamp.len() != 14 || !stamp.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Day::parse(&format!("{}-{}-{}", &stamp[..4], &stamp[4..6], &stamp[6..8]))
}
