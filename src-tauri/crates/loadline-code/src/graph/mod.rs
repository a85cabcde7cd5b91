//! The module graph: which folder imports which, where that goes round in circles, and how domains meet.
//!
//! A module is a folder with source files. Imports of tests, of types alone (TypeScript) and of what is not in the
//! repository are no edges. Languages without import statements for their own code (Ruby on Rails loads by name) have
//! fewer edges than there are dependencies.

mod cycles;
mod domain;
mod resolve;
mod wanted;

pub use domain::{Boundary, Domain};
pub use wanted::{FileImports, Package, file_imports};

use domain::Domains;
use resolve::Files;
use std::collections::{BTreeMap, BTreeSet};

/// A folder with source files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Path in the repository; empty for its root.
    pub path: String,
    /// Source files.
    pub files: u32,
    /// Lines of code.
    pub lines: u64,
    /// Modules that import it.
    pub fan_in: u32,
    /// Modules it imports.
    pub fan_out: u32,
    /// What the product calls the part it belongs to, when the layout shows it.
    pub domain: Option<String>,
    /// Which of [`Graph::cycles`] it is in.
    pub cycle: Option<usize>,
}

/// One module imports another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// Index of the module that imports.
    pub from: usize,
    /// Index of the module that is imported.
    pub to: usize,
    /// Import statements.
    pub imports: u32,
    /// Of those, the ones that name a file inside the module which is not its face.
    pub inner: u32,
    /// File of the first of them.
    pub path: String,
    /// Its line.
    pub line: u32,
}

/// The modules of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    /// By path.
    pub modules: Vec<Module>,
    /// By source, then target.
    pub dependencies: Vec<Dependency>,
    /// Modules that reach each other, two or more in each; the largest first, then by their first module.
    pub cycles: Vec<Vec<usize>>,
    /// Imports that lead to a file of the repository.
    pub resolved: u32,
    /// What the domains import of each other.
    pub boundary: Boundary,
}

/// Builds the graph. `packages` are the names under which parts of the repository import each other.
pub fn graph(files: &[FileImports], packages: &[Package]) -> Graph {
    let mut by_folder: BTreeMap<&str, (u32, u64)> = BTreeMap::new();
    for file in files {
        let entry = by_folder.entry(folder(&file.path)).or_default();
        entry.0 += 1;
        entry.1 += u64::from(file.lines);
    }
    let index = Files::new(files, packages);
    let place: BTreeMap<&str, usize> = by_folder.keys().enumerate().map(|(at, path)| (*path, at)).collect();
    let mut edges: BTreeMap<(usize, usize), (u32, u32, &str, u32)> = BTreeMap::new();
    let mut resolved = 0_u32;
    for file in files {
        let from = folder(&file.path);
        for (wanted, line) in &file.wanted {
            let targets: BTreeSet<(&str, bool)> = index.resolve(file, wanted);
            resolved += u32::from(!targets.is_empty());
            for (to, inner) in targets.into_iter().filter(|(to, _)| *to != from) {
                if let (Some(from), Some(to)) = (place.get(from), place.get(to)) {
                    let edge = edges.entry((*from, *to)).or_insert((0, 0, &file.path, *line));
                    edge.0 += 1;
                    edge.1 += u32::from(inner);
                }
            }
        }
    }
    let pairs: Vec<(usize, usize)> = edges.keys().copied().collect();
    let cycles = cycles::cycles(by_folder.len(), &pairs);
    let domains = Domains::of(by_folder.keys().copied());
    let (mut fan_in, mut fan_out) = (vec![0_u32; by_folder.len()], vec![0_u32; by_folder.len()]);
    for (from, to) in &pairs {
        fan_out[*from] += 1;
        fan_in[*to] += 1;
    }
    let cycle_of: BTreeMap<usize, usize> =
        cycles.iter().enumerate().flat_map(|(cycle, inside)| inside.iter().map(move |at| (*at, cycle))).collect();
    let modules: Vec<Module> = by_folder
        .iter()
        .enumerate()
        .map(|(at, (path, (files, lines)))| Module {
            path: (*path).to_owned(),
            files: *files,
            lines: *lines,
            fan_in: fan_in[at],
            fan_out: fan_out[at],
            domain: domains.name(path),
            cycle: cycle_of.get(&at).copied(),
        })
        .collect();
    let dependencies: Vec<Dependency> = edges
        .into_iter()
        .map(|((from, to), (imports, inner, path, line))| Dependency {
            from,
            to,
            imports,
            inner,
            path: path.to_owned(),
            line,
        })
        .collect();
    let boundary = domains.boundary(&modules, &dependencies);
    Graph { modules, dependencies, cycles, resolved, boundary }
}

impl Graph {
    /// What is known of each domain, by name.
    pub fn domains(&self) -> Vec<Domain> {
        domain::sums(&self.modules)
    }

    /// What the product calls the part that a file belongs to, when the layout shows it.
    pub fn domain_of(&self, path: &str) -> Option<&str> {
        let at = self.modules.binary_search_by(|m| m.path.as_str().cmp(folder(path))).ok()?;
        self.modules.get(at)?.domain.as_deref()
    }

    /// Share of the lines of code that lies in cycles, 0–1; `None` without code.
    pub fn cyclic_share(&self) -> Option<f64> {
        let all: u64 = self.modules.iter().map(|m| m.lines).sum();
        let inside: u64 = self.modules.iter().filter(|m| m.cycle.is_some()).map(|m| m.lines).sum();
        (all > 0).then(|| inside as f64 / all as f64)
    }

    /// Of a cycle, the dependency with the fewest imports: the cheapest place to begin cutting.
    pub fn weakest(&self, cycle: usize) -> Option<&Dependency> {
        let inside = |at: usize| self.modules.get(at).is_some_and(|m| m.cycle == Some(cycle));
        let edges = self.dependencies.iter().filter(|d| inside(d.from) && inside(d.to));
        edges.min_by_key(|d| (d.imports, d.from, d.to))
    }
}

/// The folder of a path; empty for the root.
pub(crate) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[cfg(test)]
mod tests;
