//! `package-lock.json` and `npm-shrinkwrap.json` of npm (lockfileVersion 1 to 3), and `bun.lock`.

use super::Pinned;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Folder in which npm installs.
const FOLDER: &str = "node_modules/";

pub(super) fn read(text: &str) -> Option<(Vec<Pinned>, bool)> {
    let json: Value = serde_json::from_str(text).ok()?;
    match (json.get("packages"), json.get("dependencies")) {
        (Some(packages), _) => Some((of_packages(packages.as_object()?), true)),
        (None, Some(dependencies)) => Some((of_dependencies(dependencies.as_object()?), true)),
        // A project without a library has neither.
        (None, None) => json.get("lockfileVersion").map(|_| (Vec::new(), true)),
    }
}

/// Versions 2 and 3: a flat object by folder. Folders outside `node_modules` are the project itself and its workspaces.
fn of_packages(packages: &Map<String, Value>) -> Vec<Pinned> {
    let own = packages.iter().filter(|(folder, _)| !folder.contains(FOLDER)).map(|(_, body)| body);
    let asked = own.flat_map(|body| {
        let sections = ["dependencies", "devDependencies", "optionalDependencies"];
        sections.into_iter().filter_map(|s| body.get(s)?.as_object()).flat_map(Map::keys)
    });
    let asked: BTreeSet<&str> = asked.map(String::as_str).collect();
    let library = |(folder, body): (&String, &Value)| {
        let (_, installed_as) = folder.rsplit_once(FOLDER)?;
        if flag(body, "link") {
            return None;
        }
        let name = body.get("name").and_then(Value::as_str).unwrap_or(installed_as);
        let top = folder.matches(FOLDER).count() == 1;
        Some(Pinned {
            direct: Some(top && asked.contains(installed_as)),
            development: Some(flag(body, "dev")),
            ..Pinned::new(name, body.get("version")?.as_str()?)
        })
    };
    packages.iter().filter_map(library).collect()
}

/// Version 1: objects in objects.
fn of_dependencies(dependencies: &Map<String, Value>) -> Vec<Pinned> {
    let mut found = Vec::new();
    let mut waiting = vec![dependencies];
    while let Some(level) = waiting.pop() {
        for (name, body) in level {
            let version = body.get("version").and_then(Value::as_str).unwrap_or_default();
            // `npm:other@1.0.0` is another library under this name.
            let aliased = version.strip_prefix("npm:").and_then(|v| v.rsplit_once('@'));
            let (name, version) = aliased.unwrap_or((name, version));
            // A folder or an address is no version.
            if version.starts_with(|c: char| c.is_ascii_digit()) {
                found.push(Pinned { development: Some(flag(body, "dev")), ..Pinned::new(name, version) });
            }
            waiting.extend(body.get("dependencies").and_then(Value::as_object));
        }
    }
    found
}

/// `bun.lock` is JSON with trailing commas, one library a line: `"lodash": ["lodash@4.17.21", "", {}, "sha512-…"],`.
pub(super) fn bun(text: &str) -> Option<(Vec<Pinned>, bool)> {
    let (_, packages) = text.split_once("\"packages\": {")?;
    let library = |line: &str| {
        let spec = line.split_once(": [\"")?.1.split('"').next()?;
        let (name, version) = spec.rsplit_once('@')?;
        version.starts_with(|c: char| c.is_ascii_digit()).then(|| Pinned::new(name, version))
    };
    Some((packages.lines().filter_map(library).collect(), true))
}

fn flag(body: &Value, name: &str) -> bool {
    body.get(name).and_then(Value::as_bool) == Some(true)
}
