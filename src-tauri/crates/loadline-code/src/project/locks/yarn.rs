//! `yarn.lock`: that of the first Yarn and that of Berry, told apart line by line.

use super::Pinned;

pub(super) fn read(text: &str) -> Option<(Vec<Pinned>, bool)> {
    let berry = text.contains("__metadata:");
    if !berry && !text.contains("yarn lockfile v1") {
        return None;
    }
    let mut found = Vec::new();
    let (mut name, mut version) = (None, None);
    for line in text.lines().chain(std::iter::once("end:")) {
        if !line.starts_with([' ', '#']) && line.ends_with(':') {
            if let (Some(name), Some(version)) = (name.take(), version.take()) {
                found.push(Pinned::new(name, version));
            }
            version = None;
            name = if berry { None } else { line.split(", ").next().and_then(asked_name) };
            continue;
        }
        // Deeper lines belong to lists of dependencies, where a library may be called `version`.
        let Some(field) = line.strip_prefix("  ").filter(|l| !l.starts_with(' ')) else { continue };
        let value = |key: &str| field.strip_prefix(key).map(|v| v.trim().trim_matches('"'));
        if let Some(said) = value(if berry { "version:" } else { "version " }) {
            version = Some(said);
        }
        if let Some(said) = value("resolution:").filter(|_| berry) {
            name = resolved_name(said);
        }
    }
    Some((found, true))
}

/// `"@babel/core@^7.0.0"` → `@babel/core`; `"short@npm:real@^1"` → `real`. Other places than the registry have no name here.
fn asked_name(spec: &str) -> Option<&str> {
    let (name, range) = split(spec.trim_end_matches(':').trim_matches('"'))?;
    match range.strip_prefix("npm:") {
        Some(real) => Some(split(real).map_or(name, |(real, _)| real)),
        None if range.contains(':') => None,
        None => Some(name),
    }
}

/// `lodash@npm:4.17.21` → `lodash`; a patched library is what it was made from; workspaces and links are the project's own.
fn resolved_name(resolution: &str) -> Option<&str> {
    let (name, place) = split(resolution)?;
    (place.starts_with("npm:") || place.starts_with("patch:")).then_some(name)
}

/// At the first `@` after that of a scope.
fn split(spec: &str) -> Option<(&str, &str)> {
    let at = spec.get(1..)?.find('@')? + 1;
    Some((spec.get(..at)?, spec.get(at + 1..)?))
}
