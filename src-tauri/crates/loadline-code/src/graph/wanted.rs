//! What a file imports, in the words of its language, made comparable.

use crate::language::Language;
use crate::read::Source;

/// A file with what it imports. Small, so that all files of a repository can be kept at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileImports {
    /// Path in the repository.
    pub path: String,
    /// Language.
    pub language: Language,
    /// Lines of code.
    pub lines: u32,
    /// Package or namespace it declares (Java, PHP, C#).
    pub namespace: Option<String>,
    /// What it imports, as the language writes it, with the line.
    pub wanted: Vec<(String, u32)>,
}

/// A name under which a part of the repository is imported: a Go module, a Cargo or npm package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// Language of its importers; JavaScript stands for TypeScript as well.
    pub language: Language,
    /// Name.
    pub name: String,
    /// Folder in the repository; empty for the root.
    pub folder: String,
}

/// What a file imports; statements of types alone are left out.
pub fn file_imports(source: &Source<'_>) -> FileImports {
    let mut wanted: Vec<(String, u32)> = Vec::new();
    for import in &source.imports {
        let one_line = import.text.split_whitespace().collect::<Vec<_>>().join(" ");
        wanted.extend(of_statement(&one_line, source.language).into_iter().map(|w| (w, import.line)));
    }
    for call in source.calls.iter().filter(|c| c.on.is_empty()) {
        let kind = match (source.language.family(), call.name) {
            (Language::JavaScript, "require" | "import") | (Language::Ruby, "require") => "",
            (Language::Ruby, "require_relative") => "./",
            _ => continue,
        };
        wanted.extend(quoted(call.arguments).map(|w| (format!("{kind}{w}"), call.line)));
    }
    wanted.sort();
    wanted.dedup_by(|a, b| a.0 == b.0);
    FileImports {
        path: source.path.to_owned(),
        language: source.language,
        lines: source.lines.code,
        namespace: namespace(source),
        wanted,
    }
}

fn of_statement(text: &str, language: Language) -> Vec<String> {
    let one = |w: Option<&str>| w.map(str::to_owned).into_iter().collect();
    match language.family() {
        Language::Python => python(text),
        Language::JavaScript => {
            let types = text.starts_with("import type ") || text.starts_with("export type ");
            let names = text.starts_with("import") || text.contains(" from ");
            if types || !names { Vec::new() } else { one(last_quoted(text)) }
        }
        Language::Go => one(quoted(text)),
        Language::Rust => {
            let text =
                text.trim_start_matches("pub ").trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ");
            let mut all = Vec::new();
            spread("", text.trim_start_matches("use ").trim_end_matches(';'), &mut all);
            all
        }
        Language::Java => {
            let text = text.trim_start_matches("import ").trim_end_matches(';').trim();
            match text.strip_prefix("static ") {
                Some(member) => one(member.rsplit_once('.').map(|(class, _)| class)),
                None => one(Some(text)),
            }
        }
        Language::Php if text.starts_with("use ") => {
            let text = text.trim_start_matches("use ").trim_start_matches("function ").trim_start_matches("const ");
            let mut all = Vec::new();
            spread("", text.trim_end_matches(';'), &mut all);
            all
        }
        Language::Php => quoted(text).map(|w| format!("./{}", w.trim_start_matches('/'))).into_iter().collect(),
        Language::CSharp => {
            let text = text.trim_start_matches("global ").trim_start_matches("using ").trim_start_matches("static ");
            one(text.trim_end_matches(';').rsplit('=').next().map(str::trim))
        }
        _ => Vec::new(),
    }
}

/// `import a.b as c, d` is `a.b` and `d`; `from .x import y, z` is `.x.y` and `.x.z`.
fn python(text: &str) -> Vec<String> {
    let names = |list: &str| -> Vec<String> {
        let list = list.replace(['(', ')'], " ");
        let names = list.split(',').filter_map(|n| n.split_whitespace().next()).map(str::to_owned);
        names.collect()
    };
    if let Some(list) = text.strip_prefix("import ") {
        return names(list);
    }
    let Some((module, list)) = text.strip_prefix("from ").and_then(|t| t.split_once(" import ")) else {
        return Vec::new();
    };
    let module = module.trim();
    let joined = |n: String| match n.as_str() {
        "*" => module.to_owned(),
        _ if module.ends_with('.') => format!("{module}{n}"),
        _ => format!("{module}.{n}"),
    };
    names(list).into_iter().map(joined).collect()
}

/// `a::{b, c::{d, e}}` is `a::b`, `a::c::d` and `a::c::e`. Bounded: what nests deeper than any person writes is left out.
fn spread(before: &str, text: &str, all: &mut Vec<String>) {
    let text = text.trim();
    if all.len() > 1_000 || before.len() > 1_000 {
        return;
    }
    let Some((head, list)) = text.split_once('{') else {
        let name = text.split(" as ").next().unwrap_or_default().trim();
        if !name.is_empty() {
            all.push(format!("{before}{name}"));
        }
        return;
    };
    let list = list.trim_end().strip_suffix('}').unwrap_or(list);
    let head = format!("{before}{}", head.trim());
    let (mut depth, mut from) = (0_u32, 0);
    let mut parts = Vec::new();
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&list[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&list[from..]);
    for part in parts {
        spread(&head, part, all);
    }
}

fn quoted(text: &str) -> Option<&str> {
    let at = text.find(['"', '\'', '`'])?;
    let quote = text[at..].chars().next()?;
    text.get(at + 1..)?.split(quote).next().filter(|w| !w.is_empty() && w.len() < 300)
}

fn last_quoted(text: &str) -> Option<&str> {
    let end = text.rfind(['"', '\''])?;
    let quote = text[end..].chars().next()?;
    let from = text[..end].rfind(quote)? + 1;
    text.get(from..end).filter(|w| !w.is_empty() && w.len() < 300)
}

fn namespace(source: &Source<'_>) -> Option<String> {
    let word = match source.language {
        Language::Java => "package ",
        Language::Php | Language::CSharp => "namespace ",
        _ => return None,
    };
    let line = source.text.lines().find_map(|l| l.trim_start().strip_prefix(word))?;
    let name = line.split([';', '{', ' ']).next().unwrap_or_default().trim();
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_of_each_language() {
        let check = |path: &str, text: &str, expected: &str| {
            let source = crate::read(path, text.as_bytes()).expect("a language").expect("readable");
            let found = file_imports(&source).wanted.into_iter().map(|(w, line)| format!("{w}@{line}"));
            assert_eq!(found.collect::<Vec<_>>().join(" "), expected, "{text}");
        };
        check(
            "a.py",
            "import os, a.b as c\nfrom .x import y, z as w\nfrom .. import q\nfrom m import *\n",
            "..q@3 .x.y@2 .x.z@2 a.b@1 m@4 os@1",
        );
        check("a.py", "from a import (\n    b,\n    c,\n)\n", "a.b@1 a.c@1");
        check(
            "a.ts",
            "import x from './x';\nimport type { T } from './t';\nexport * from \"../y\";\nconst z = require('z');\n",
            "../y@3 ./x@1 z@4",
        );
        check("a.go", "package a\nimport (\n  \"fmt\"\n  x \"m/y\"\n)\n", "fmt@3 m/y@4");
        check(
            "a.rs",
            "use crate::a::{self, b::{c, d as e}};\nuse std::fmt;\n",
            "crate::a::b::c@1 crate::a::b::d@1 crate::a::self@1 std::fmt@2",
        );
        check(
            "A.java",
            "package p;\nimport a.b.C;\nimport static a.D.e;\nimport a.f.*;\nclass A {}",
            "a.D@3 a.b.C@2 a.f.*@4",
        );
        check("a.rb", "require_relative 'x/y'\nrequire 'json'\n", "./x/y@1 json@2");
        check(
            "a.php",
            "<?php\nuse A\\{B, C\\D};\nuse E\\F as G;\nrequire __DIR__ . '/x.php';\n",
            "./x.php@4 A\\B@2 A\\C\\D@2 E\\F@3",
        );
        check("A.cs", "using A.B;\nusing X = C.D;\n", "A.B@1 C.D@2");
    }
}
