//! The part of TOML that tools write into lock files: tables `[[package]]`, one key a line, arrays over several lines. Not a
//! parser of TOML.

use std::collections::BTreeMap;

/// One `[[package]]`: key → what stands behind it, with the keys of its own tables as `table.key`.
pub(super) type Package = BTreeMap<String, String>;

/// Longest text of one value that is kept, in bytes.
const LONGEST: usize = 1 << 20;

/// The tables `[[package]]` of a file; `None` when it is cut off, or has none and does not look like a lock file.
pub(super) fn packages(text: &str) -> Option<Vec<Package>> {
    let mut found: Vec<Package> = Vec::new();
    let mut table: Option<String> = None;
    let mut open: Option<String> = None;
    for line in text.lines() {
        let trimmed = line.trim();
        if let Some(key) = open.clone() {
            let Some(value) = found.last_mut().and_then(|p| p.get_mut(&key)) else {
                open = None;
                continue;
            };
            if value.len() + trimmed.len() > LONGEST || trimmed == "[[package]]" {
                return None;
            }
            value.push(' ');
            value.push_str(trimmed);
            if trimmed == "]" {
                open = None;
            }
        } else if trimmed == "[[package]]" {
            found.push(Package::new());
            table = Some(String::new());
        } else if trimmed.starts_with('[') && !trimmed.contains('=') {
            let name = trimmed.trim_matches(['[', ']']);
            table = name.strip_prefix("package.").map(|own| format!("{own}."));
        } else if let (Some(table), Some(package), Some((key, value))) =
            (&table, found.last_mut(), trimmed.split_once(" = "))
        {
            let key = format!("{table}{}", key.trim_matches('"'));
            if value.starts_with('[') && !value.ends_with(']') {
                open = Some(key.clone());
            }
            package.insert(key, value.to_owned());
        }
    }
    if open.is_some() {
        return None;
    }
    (!found.is_empty() || text.contains("version = ") || text.contains("[metadata]")).then_some(found)
}

/// The same of a file whose every package has a name and a version.
pub(super) fn complete(text_of_file: &str) -> Option<Vec<Package>> {
    let found = packages(text_of_file)?;
    found.iter().all(|p| text(p, "name").is_some() && text(p, "version").is_some()).then_some(found)
}

/// A string without its quotes.
pub(super) fn text<'p>(package: &'p Package, key: &str) -> Option<&'p str> {
    package.get(key)?.strip_prefix('"')?.split('"').next()
}

/// Every string of a value, in order.
pub(super) fn texts(value: &str) -> impl Iterator<Item = &str> {
    value.split('"').skip(1).step_by(2)
}

/// Every string behind this key in a list of inline tables: `{ name = "idna", … }`.
pub(super) fn inner<'v>(value: &'v str, key: &'v str) -> impl Iterator<Item = &'v str> {
    value.split(['{', ',']).filter_map(move |part| {
        let said = part.trim().strip_prefix(key)?.trim_start().strip_prefix('=')?.trim_start();
        said.strip_prefix('"')?.split('"').next()
    })
}
