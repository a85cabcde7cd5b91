//! Who may depend on whom: a star round the model, read from `cargo metadata`.

use crate::program::root;
use cargo_metadata::{DependencyKind, MetadataCommand};
use std::collections::BTreeMap;

/// Package and which of our packages it may use (besides itself), in normal builds.
const ALLOWED: &[(&str, &[&str])] = &[
    ("loadline-model", &[]),
    ("loadline-wire", &["model"]),
    ("loadline-charts", &["model"]),
    ("loadline-secrets", &["model"]),
    ("loadline-code", &["model"]),
    ("loadline-connectors", &["model", "secrets", "code"]),
    ("loadline-store", &["model"]),
    ("loadline-topology", &["model"]),
    ("loadline-rules", &["model"]),
    ("loadline-score", &["model"]),
    ("loadline-stats", &["model"]),
    ("loadline-capacity", &["model"]),
    ("loadline-roadmap", &["model"]),
    ("loadline-report", &["model", "charts"]),
    (
        "loadline-engine",
        &[
            "model",
            "secrets",
            "connectors",
            "store",
            "topology",
            "rules",
            "score",
            "stats",
            "capacity",
            "roadmap",
            "report",
        ],
    ),
    ("loadline", &["engine", "wire", "model"]),
    ("loadline-ui", &["model", "wire", "charts", "code", "topology", "capacity", "score", "roadmap"]),
    ("xtask", &["model"]),
];

/// Packages that pure rooms must never reach, by any path.
const IMPURE: &[&str] = &["tokio", "sqlx", "reqwest", "tauri", "keyring", "jiff", "leptos", "rand"];
const PURE: &[&str] = &["model", "wire", "charts", "topology", "rules", "score", "stats", "capacity", "roadmap"];

#[test]
fn dependencies_form_a_star() {
    let metadata = MetadataCommand::new().current_dir(root()).exec().expect("cargo metadata");
    for package in metadata.workspace_packages() {
        if package.name.starts_with("loadline-tests") || package.name.starts_with("loadline-worlds") {
            continue;
        }
        let allowed = ALLOWED.iter().find(|(name, _)| *name == package.name.as_str());
        let allowed = allowed.unwrap_or_else(|| panic!("{} has no line in ALLOWED", package.name)).1;
        for dependency in package.dependencies.iter().filter(|d| d.kind == DependencyKind::Normal) {
            if let Some(ours) = dependency.name.strip_prefix("loadline-") {
                assert!(allowed.contains(&ours), "{} must not depend on loadline-{ours}", package.name);
            }
        }
    }
}

#[test]
fn pure_rooms_stay_pure() {
    let metadata = MetadataCommand::new().current_dir(root()).exec().expect("cargo metadata");
    let names: BTreeMap<_, _> = metadata.packages.iter().map(|p| (p.id.clone(), p.name.to_string())).collect();
    let nodes: BTreeMap<_, _> =
        metadata.resolve.expect("resolved").nodes.into_iter().map(|n| (n.id.clone(), n)).collect();
    for (id, name) in names.iter().filter(|(_, n)| n.strip_prefix("loadline-").is_some_and(|n| PURE.contains(&n))) {
        let mut waiting = vec![id.clone()];
        let mut seen = std::collections::BTreeSet::new();
        while let Some(id) = waiting.pop() {
            let reached = &names[&id];
            assert!(!IMPURE.contains(&reached.as_str()), "{name} reaches {reached}");
            let normal =
                nodes[&id].deps.iter().filter(|d| d.dep_kinds.iter().any(|k| k.kind == DependencyKind::Normal));
            waiting.extend(normal.map(|d| d.pkg.clone()).filter(|d| seen.insert(d.clone())));
        }
    }
}

#[test]
fn one_crypto_provider_in_the_tree() {
    let metadata = MetadataCommand::new().current_dir(root()).exec().expect("cargo metadata");
    for banned in ["aws-lc-rs", "openssl-sys", "native-tls"] {
        let used = metadata.resolve.as_ref().expect("resolved").nodes.iter().any(|n| {
            let package = metadata.packages.iter().find(|p| p.id == n.id);
            package.is_some_and(|p| p.name.as_str() == banned)
        });
        assert!(!used, "{banned} is in the tree; ring is the one provider");
    }
}
