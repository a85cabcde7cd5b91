//! Domains: what the layout of a repository calls the parts of the product.

use super::{Dependency, Module};
use std::collections::BTreeMap;

/// Folders that hold the whole product or one kind of program, and name no part of it.
const ROOTS: &[&str] = &[
    "src", "app", "apps", "lib", "libs", "internal", "pkg", "cmd", "main", "java", "kotlin", "source", "backend",
    "server", "api", "packages", "services", "modules", "crates", "domains", "domain", "features", "core", "com",
    "org", "io", "net",
];
/// Folders of layers: they name what code does, not what the product does.
const LAYERS: &[&str] = &[
    "controllers",
    "controller",
    "models",
    "model",
    "views",
    "view",
    "service",
    "routes",
    "routers",
    "router",
    "handlers",
    "handler",
    "middleware",
    "middlewares",
    "repositories",
    "repository",
    "schemas",
    "schema",
    "entities",
    "entity",
    "dto",
    "dtos",
    "types",
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "shared",
    "config",
    "configs",
    "settings",
    "migrations",
    "db",
    "database",
    "infra",
    "infrastructure",
    "components",
    "pages",
    "hooks",
    "styles",
    "assets",
    "public",
    "static",
    "templates",
    "resources",
    "constants",
    "interfaces",
    "adapters",
    "ports",
    "jobs",
    "tasks",
    "workers",
    "scripts",
    "tools",
    "test",
    "tests",
    "spec",
    "docs",
    "data",
    "v1",
    "v2",
    "http",
    "web",
    "serializers",
    "exceptions",
    "errors",
];

/// A domain with its size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// Name of its folder.
    pub name: String,
    /// Modules.
    pub modules: u32,
    /// Lines of code.
    pub lines: u64,
}

/// What domains import of each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Boundary {
    /// Import statements from one domain to another.
    pub crossing: u32,
    /// Of those, the ones that reach past the other's face: into a folder below its own, or to a file in it that is neither the
    /// root of the package nor named after it (where the language shows and hides by file).
    pub past: u32,
}

impl Boundary {
    /// 1 − imports past the interface / all crossing imports (`rules.md` ARCH-001); `None` where nothing crosses.
    pub fn score(&self) -> Option<f64> {
        (self.crossing > 0).then(|| 1.0 - f64::from(self.past) / f64::from(self.crossing))
    }
}

/// The names of domains for the folders of one repository.
pub(super) struct Domains {
    shared: Vec<String>,
}

impl Domains {
    /// Leading folders that all modules share name the product, not a part of it.
    pub(super) fn of<'p>(paths: impl Iterator<Item = &'p str>) -> Self {
        let mut shared: Option<Vec<&str>> = None;
        for path in paths.filter(|p| !p.is_empty()) {
            let parts: Vec<&str> = path.split('/').collect();
            shared = Some(match shared {
                None => parts,
                Some(known) => known.iter().zip(&parts).take_while(|(a, b)| a == b).map(|(a, _)| *a).collect(),
            });
        }
        Self { shared: shared.unwrap_or_default().into_iter().map(str::to_owned).collect() }
    }

    /// Folder of the domain and its name.
    fn place<'p>(&self, path: &'p str) -> Option<(&'p str, &'p str)> {
        let mut at = 0;
        for (depth, part) in path.split('/').enumerate() {
            let end = at + part.len();
            let lower = part.to_ascii_lowercase();
            let names_all = self.shared.get(depth).is_some_and(|s| s == part);
            if !part.is_empty() && !names_all && !ROOTS.contains(&lower.as_str()) {
                return (!LAYERS.contains(&lower.as_str())).then(|| (&path[..end], part));
            }
            at = end + 1;
        }
        None
    }

    pub(super) fn name(&self, path: &str) -> Option<String> {
        self.place(path).map(|(_, name)| name.to_owned())
    }

    pub(super) fn boundary(&self, modules: &[Module], dependencies: &[Dependency]) -> Boundary {
        let mut boundary = Boundary::default();
        for edge in dependencies {
            let (Some(from), Some(to)) = (modules.get(edge.from), modules.get(edge.to)) else { continue };
            let (Some(own), Some((folder, name))) = (&from.domain, self.place(&to.path)) else { continue };
            if own != name {
                boundary.crossing += edge.imports;
                boundary.past += if to.path == folder { edge.inner } else { edge.imports };
            }
        }
        boundary
    }
}

/// Sums by domain, by name.
pub(super) fn sums(modules: &[Module]) -> Vec<Domain> {
    let mut sums: BTreeMap<&str, (u32, u64)> = BTreeMap::new();
    for module in modules {
        if let Some(name) = &module.domain {
            let sum = sums.entry(name).or_default();
            sum.0 += 1;
            sum.1 += module.lines;
        }
    }
    sums.into_iter().map(|(name, (modules, lines))| Domain { name: name.to_owned(), modules, lines }).collect()
}
