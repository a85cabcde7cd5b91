//! `pnpm-lock.yaml` (lockfileVersion 5 to 9), read by its indentation: pnpm writes it always the same way.

use super::Pinned;
use std::collections::BTreeMap;

pub(super) fn read(text: &str) -> Option<(Vec<Pinned>, bool)> {
    let version = text.lines().find_map(|l| l.strip_prefix("lockfileVersion:"))?;
    let slashes = version.trim().trim_matches(['\'', '"']).starts_with('5');
    let mut found: Vec<Pinned> = Vec::new();
    // What the project and its workspaces ask for, and whether one of them needs it in the product.
    let mut asked: BTreeMap<&str, bool> = BTreeMap::new();
    let (mut part, mut section, mut asked_at) = ("", "", 0);
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let word = line.trim().trim_end_matches(':');
        if indent == 0 && !word.is_empty() {
            part = word.split(':').next().unwrap_or_default();
            (section, asked_at) = (part, 2);
        } else if part == "importers" && indent == 4 {
            (section, asked_at) = (word, 6);
        } else if part == "packages" && indent == 2 {
            found.extend(library(word, slashes));
        } else if part == "packages" && indent == 4 && word.starts_with("dev: ") {
            if let Some(last) = found.last_mut() {
                last.development = Some(word == "dev: true");
            }
        } else if indent == asked_at && matches!(section, "dependencies" | "devDependencies" | "optionalDependencies") {
            let name = word.split(": ").next().unwrap_or_default().trim_matches('\'');
            *asked.entry(name).or_default() |= section != "devDependencies";
        }
    }
    for library in &mut found {
        let needed = asked.get(library.name.as_str());
        library.direct = Some(needed.is_some());
        // Since version 9 the file tells it of what is asked for alone.
        if library.development.is_none() && needed == Some(&true) {
            library.development = Some(false);
        }
    }
    Some((found, true))
}

/// `/lodash/4.17.21`, `/@babel/core/7.1.0_react@18.0.0`, `/lodash@4.17.21(react@18.0.0)` or `'@babel/core@7.23.0'`.
fn library(key: &str, slashes: bool) -> Option<Pinned> {
    let key = key.split(": ").next()?.trim_matches('\'').trim_start_matches('/').split('(').next()?;
    let (name, version) = if slashes {
        let name_ends = if key.starts_with('@') { key.match_indices('/').nth(1)?.0 } else { key.find('/')? };
        let (name, rest) = (key.get(..name_ends)?, key.get(name_ends + 1..)?);
        (name, rest.split(['_', '/']).next()?)
    } else {
        key.rsplit_once('@')?
    };
    version.starts_with(|c: char| c.is_ascii_digit()).then(|| Pinned::new(name, version))
}
