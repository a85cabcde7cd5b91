//! From what a file imports to the folder in the repository that it means. What cannot be found is somebody else's.

use super::{FileImports, Package, folder};
use crate::language::Language;
use std::collections::{BTreeMap, BTreeSet};

/// The files of a repository, by the names under which they are imported.
pub(super) struct Files<'f> {
    paths: BTreeSet<&'f str>,
    by_name: BTreeMap<&'f str, Vec<&'f str>>,
    by_namespace: BTreeMap<(Language, &'f str), Vec<&'f str>>,
    folders: BTreeSet<&'f str>,
    packages: &'f [Package],
}

impl<'f> Files<'f> {
    pub(super) fn new(files: &'f [FileImports], packages: &'f [Package]) -> Self {
        let mut new = Self {
            paths: BTreeSet::new(),
            by_name: BTreeMap::new(),
            by_namespace: BTreeMap::new(),
            folders: BTreeSet::new(),
            packages,
        };
        for file in files {
            new.paths.insert(&file.path);
            new.folders.insert(folder(&file.path));
            new.by_name.entry(name(&file.path)).or_default().push(&file.path);
            if let Some(namespace) = &file.namespace {
                new.by_namespace.entry((file.language, namespace)).or_default().push(&file.path);
            }
        }
        new
    }

    /// The folders that an import of a file means, each with whether it names a file inside that is not the folder's face.
    /// Where a language shows and hides by folder or namespace and not by file, no import does.
    pub(super) fn resolve(&self, file: &FileImports, wanted: &str) -> BTreeSet<(&'f str, bool)> {
        let one = |path: Option<&'f str>| path.map(|p| (folder(p), !is_face(p))).into_iter().collect();
        let whole = |folders: BTreeSet<&'f str>| folders.into_iter().map(|f| (f, false)).collect();
        match file.language.family() {
            Language::Python => one(self.python(&file.path, wanted)),
            Language::JavaScript => one(self.javascript(&file.path, wanted)),
            Language::Go => whole(self.go(wanted).into_iter().collect()),
            Language::Rust => one(self.rust(&file.path, wanted)),
            Language::Java => whole(self.java(wanted)),
            Language::Ruby => one(self.ruby(&file.path, wanted)),
            Language::Php => whole(self.php(&file.path, wanted).map(folder).into_iter().collect()),
            Language::CSharp => whole(self.namespace(Language::CSharp, wanted)),
            _ => BTreeSet::new(),
        }
    }

    /// The first of these paths that exists.
    fn first(&self, candidates: impl IntoIterator<Item = String>) -> Option<&'f str> {
        candidates.into_iter().find_map(|c| self.paths.get(c.as_str()).copied())
    }

    fn namespace(&self, language: Language, name: &str) -> BTreeSet<&'f str> {
        let files = self.by_namespace.get(&(language, name)).map_or(&[][..], Vec::as_slice);
        files.iter().copied().map(folder).collect()
    }

    fn python(&self, from: &str, wanted: &str) -> Option<&'f str> {
        let dots = wanted.len() - wanted.trim_start_matches('.').len();
        let parts: Vec<&str> = wanted.trim_start_matches('.').split('.').filter(|p| !p.is_empty()).collect();
        let roots: Vec<String> = if dots > 0 {
            vec![above(folder(from), dots - 1)?]
        } else {
            let mut roots: Vec<String> = ancestors(folder(from)).collect();
            roots.reverse();
            roots
        };
        // The last word may be a name in the module and not a module.
        let lengths = [parts.len(), parts.len().saturating_sub(1)];
        lengths.into_iter().filter(|n| *n > 0 || dots > 0).find_map(|length| {
            let module = parts.get(..length).unwrap_or_default().join("/");
            roots.iter().find_map(|root| {
                let base = join(root, &module);
                self.first([format!("{base}.py"), join(&base, "__init__.py")])
            })
        })
    }

    fn javascript(&self, from: &str, wanted: &str) -> Option<&'f str> {
        let bases: Vec<String> = if wanted.starts_with('.') {
            vec![normal(&join(folder(from), wanted))?]
        } else if let Some(rest) = wanted.strip_prefix("@/").or_else(|| wanted.strip_prefix("~/")) {
            ancestors(folder(from)).flat_map(|a| [join(&join(&a, "src"), rest), join(&a, rest)]).collect()
        } else {
            let package = self.package(Language::JavaScript, wanted, '/')?;
            vec![join(&package.0, &package.1), join(&join(&package.0, "src"), &package.1)]
        };
        const ENDINGS: [&str; 8] = ["ts", "tsx", "js", "jsx", "mjs", "cjs", "mts", "cts"];
        bases.iter().find_map(|base| {
            let bare = base.strip_suffix(".js").or_else(|| base.strip_suffix(".jsx")).unwrap_or(base);
            let beside = ENDINGS.iter().map(|e| format!("{bare}.{e}"));
            let inside = ENDINGS.iter().map(|e| join(base, &format!("index.{e}")));
            self.first(std::iter::once(base.clone()).chain(beside).chain(inside))
        })
    }

    /// The longest package whose name an import begins with: its folder and the rest of the import.
    fn package(&self, language: Language, wanted: &str, joint: char) -> Option<(String, String)> {
        let rest = |p: &Package| {
            let rest = wanted.strip_prefix(p.name.as_str())?;
            (rest.is_empty() || rest.starts_with(joint)).then(|| rest.trim_start_matches(joint).to_owned())
        };
        let fits = self.packages.iter().filter(|p| p.language == language).filter_map(|p| rest(p).map(|r| (p, r)));
        fits.max_by_key(|(p, _)| (p.name.len(), p.folder.as_str())).map(|(p, r)| (p.folder.clone(), r))
    }

    fn go(&self, wanted: &str) -> Option<&'f str> {
        let (root, rest) = self.package(Language::Go, wanted, '/')?;
        self.folders.get(join(&root, &rest).as_str()).copied()
    }

    fn rust(&self, from: &str, wanted: &str) -> Option<&'f str> {
        let mut parts: Vec<&str> = wanted.split("::").collect();
        let first = *parts.first()?;
        let own = folder(from);
        let base = match first {
            "crate" => self.crate_root(own)?,
            // The file of a module lies beside its parent's other files, unless it is the parent's own.
            "super" if matches!(name(from), "mod.rs" | "lib.rs" | "main.rs") => above(own, 1)?,
            "super" => own.to_owned(),
            _ => {
                let named = first.replace('_', "-");
                let package =
                    self.packages.iter().find(|p| p.language == Language::Rust && p.name.replace('_', "-") == named)?;
                join(&package.folder, "src")
            }
        };
        parts.remove(0);
        let mut base = base;
        while parts.first() == Some(&"super") {
            base = above(&base, 1)?;
            parts.remove(0);
        }
        let longest = (1..=parts.len()).rev().find_map(|length| {
            let module = join(&base, &parts.get(..length).unwrap_or_default().join("/"));
            self.first([format!("{module}.rs"), join(&module, "mod.rs")])
        });
        longest.or_else(|| self.first(["lib.rs", "mod.rs", "main.rs"].map(|n| join(&base, n))))
    }

    fn crate_root(&self, from: &str) -> Option<String> {
        ancestors(from).find(|a| ["lib.rs", "main.rs"].iter().any(|n| self.paths.contains(join(a, n).as_str())))
    }

    fn java(&self, wanted: &str) -> BTreeSet<&'f str> {
        if let Some(package) = wanted.strip_suffix(".*") {
            return self.namespace(Language::Java, package);
        }
        let path = wanted.replace('.', "/");
        let file = format!("{path}.java");
        self.ending_in(&file).map(folder).into_iter().collect()
    }

    /// The file whose path is this or ends in it.
    fn ending_in(&self, file: &str) -> Option<&'f str> {
        let fits = |p: &&&str| p.strip_suffix(file).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
        self.by_name.get(name(file))?.iter().find(fits).copied()
    }

    fn ruby(&self, from: &str, wanted: &str) -> Option<&'f str> {
        let wanted = wanted.trim_end_matches(".rb");
        if let Some(beside) = wanted.strip_prefix("./") {
            return self.first([format!("{}.rb", normal(&join(folder(from), beside))?)]);
        }
        self.first(["lib", "app", ""].map(|root| format!("{}.rb", join(root, wanted))))
    }

    fn php(&self, from: &str, wanted: &str) -> Option<&'f str> {
        if let Some(beside) = wanted.strip_prefix("./") {
            return self.first([normal(&join(folder(from), beside))?]);
        }
        let (namespace, class) = wanted.trim_start_matches('\\').rsplit_once('\\')?;
        let file = format!("{class}.php");
        self.by_namespace.get(&(Language::Php, namespace))?.iter().find(|p| name(p) == file).copied()
    }
}

/// Names of files through which a folder is meant to be used.
const FACES: &[&str] = &[
    "__init__",
    "index",
    "mod",
    "lib",
    "api",
    "public",
    "public_api",
    "public-api",
    "interface",
    "facade",
    "contract",
    "contracts",
    "client",
    "exports",
    "ports",
];

/// Whether a file is what its folder shows to others: the root of a package, or what is named after the folder itself.
fn is_face(path: &str) -> bool {
    let own = name(folder(path)).to_lowercase();
    let file = name(path).to_lowercase();
    let stem = file.rsplit_once('.').map_or(file.as_str(), |(stem, _)| stem);
    // `users/users.service.ts` is how NestJS names it.
    let (first, kind) = stem.split_once('.').unwrap_or((stem, ""));
    FACES.contains(&stem)
        || (first == own && matches!(kind, "" | "module" | "service" | "api" | "facade" | "interface"))
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn join(folder: &str, rest: &str) -> String {
    match (folder, rest) {
        ("", rest) => rest.to_owned(),
        (folder, "") => folder.to_owned(),
        (folder, rest) => format!("{folder}/{rest}"),
    }
}

/// A folder and those above it, the nearest first, the root last.
fn ancestors(folder: &str) -> impl Iterator<Item = String> {
    let mut next = Some(folder.to_owned());
    std::iter::from_fn(move || {
        let this = next.take()?;
        next = (!this.is_empty()).then(|| this.rsplit_once('/').map_or(String::new(), |(up, _)| up.to_owned()));
        Some(this)
    })
}

/// The folder so many levels up; `None` above the root.
fn above(folder: &str, levels: usize) -> Option<String> {
    ancestors(folder).nth(levels)
}

/// A path without `.` and `..`; `None` when it leaves the repository.
fn normal(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
