//! `Cargo.lock`. A package without a source is the workspace's own; what development needs is not told apart.

use super::Pinned;
use super::tables::{complete, text, texts};
use std::collections::BTreeSet;

pub(super) fn read(file: &str) -> Option<(Vec<Pinned>, bool)> {
    let packages = complete(file)?;
    let own = packages.iter().filter(|p| !p.contains_key("source"));
    let asked: BTreeSet<&str> = own
        .filter_map(|p| p.get("dependencies"))
        .flat_map(|list| texts(list))
        .filter_map(|entry| entry.split(' ').next())
        .collect();
    let from_registry = packages.iter().filter(|p| text(p, "source").is_some_and(|s| s.starts_with("registry+")));
    let library = |p: &super::tables::Package| {
        let name = text(p, "name")?;
        Some(Pinned { direct: Some(asked.contains(name)), ..Pinned::new(name, text(p, "version")?) })
    };
    Some((from_registry.filter_map(library).collect(), true))
}
