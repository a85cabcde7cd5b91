//! `poetry.lock`, `pdm.lock` and `uv.lock`.

use super::tables::{Package, complete, inner, packages, text, texts};
use super::{Pinned, day};
use crate::Ecosystem;
use std::collections::{BTreeMap, BTreeSet};

/// Poetry names groups since version 2, and before 1.5 a category.
pub(super) fn poetry(file: &str) -> Option<(Vec<Pinned>, bool)> {
    let library = |package: &Package| {
        let in_groups = package.get("groups").map(|groups| !texts(groups).any(|g| g == "main"));
        let in_category = text(package, "category").map(|category| category != "main");
        Some(Pinned { development: in_groups.or(in_category), ..from_registry(package)? })
    };
    Some((complete(file)?.iter().filter_map(library).collect(), true))
}

/// PDM names groups, of which `default` is the product's.
pub(super) fn pdm(file: &str) -> Option<(Vec<Pinned>, bool)> {
    let library = |package: &Package| {
        let development = package.get("groups").map(|groups| !texts(groups).any(|g| g == "default"));
        Some(Pinned { development, ..from_registry(package)? })
    };
    Some((complete(file)?.iter().filter_map(library).collect(), true))
}

fn from_registry(package: &Package) -> Option<Pinned> {
    // A repository or a folder has a version of its own that no registry knows.
    let elsewhere = ["source.type", "git", "path"]
        .iter()
        .any(|key| text(package, key).is_some_and(|said| !matches!(said, "legacy" | "url")));
    (!elsewhere).then(|| Some(Pinned::new(text(package, "name")?, text(package, "version")?)))?
}

/// uv tells who needs what, and when each file of a version was uploaded.
pub(super) fn uv(file: &str) -> Option<(Vec<Pinned>, bool)> {
    let packages = packages(file)?;
    let own = |package: &&Package| {
        let source = package.get("source").map_or("", String::as_str);
        ["virtual", "editable", "directory"].iter().any(|word| source.contains(word))
    };
    let name_of = |package: &Package| text(package, "name").map(normal);
    let mut needs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in &packages {
        needs.entry(name_of(package).unwrap_or_default()).or_default().extend(asked(package, false));
    }
    let roots: Vec<&Package> = packages.iter().filter(own).collect();
    let mut product: BTreeSet<String> = BTreeSet::new();
    let mut waiting: Vec<String> = roots.iter().flat_map(|root| asked(root, false)).collect();
    while let Some(name) = waiting.pop() {
        if let Some(more) = needs.get(&name).filter(|_| !product.contains(&name)) {
            waiting.extend(more.iter().cloned());
        }
        product.insert(name);
    }
    let direct: BTreeSet<String> =
        roots.iter().flat_map(|root| asked(root, false).into_iter().chain(asked(root, true))).collect();
    let library = |package: &Package| {
        let uploaded = ["sdist", "wheels"].iter().filter_map(|key| package.get(*key));
        let uploaded = uploaded.flat_map(|files| inner(files, "upload-time")).filter_map(day).min();
        let name = name_of(package)?;
        Some(Pinned {
            direct: (!roots.is_empty()).then(|| direct.contains(&name)),
            development: (!roots.is_empty()).then(|| !product.contains(&name)),
            released: uploaded,
            ..Pinned::new(text(package, "name")?, text(package, "version")?)
        })
    };
    let registry = packages.iter().filter(|p| p.get("source").is_some_and(|s| s.contains("registry")));
    Some((registry.filter_map(library).collect(), true))
}

/// What a package asks for: for the product (extras too), or for development.
fn asked(package: &Package, development: bool) -> Vec<String> {
    let wanted = |key: &str| match development {
        false => key == "dependencies" || key.starts_with("optional-dependencies."),
        true => key.starts_with("dev-dependencies."),
    };
    let lists = package.iter().filter(|(key, _)| wanted(key));
    lists.flat_map(|(_, list)| inner(list, "name")).map(normal).collect()
}

fn normal(name: &str) -> String {
    Ecosystem::PyPi.normal(name)
}
