//! The nine languages: each a table of words from its grammar. What differs between languages is data here, not code
//! elsewhere.

mod csharp;
mod go;
mod java;
mod javascript;
mod php;
mod python;
mod roles;
mod ruby;
mod rust;
mod typescript;

pub(crate) use roles::{Role, Roles};

/// A language whose grammar is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names of languages name themselves")]
pub enum Language {
    CSharp,
    Go,
    Java,
    JavaScript,
    Php,
    Python,
    Ruby,
    Rust,
    Tsx,
    TypeScript,
}

/// What a grammar calls the things that are measured. Words are node kinds of the tree-sitter grammar.
pub(crate) struct Table {
    /// The language's name as people and facts write it.
    pub name: &'static str,
    /// Endings of its files, lower case, without the dot.
    pub endings: &'static [&'static str],
    /// The grammar.
    pub grammar: fn() -> tree_sitter::Language,
    /// Comments.
    pub comments: &'static [&'static str],
    /// Functions and methods with a name.
    pub functions: &'static [&'static str],
    /// Functions without one: closures, lambdas, arrows.
    pub anonymous: &'static [&'static str],
    /// Bodies of classes, modules and the like.
    pub classes: &'static [&'static str],
    /// Nodes that add one path: conditions, loops, cases with a value, handlers of exceptions.
    pub branches: &'static [&'static str],
    /// Branches that say `else if` in one word.
    pub else_ifs: &'static [&'static str],
    /// Control structures that make what is inside harder to read.
    pub nests: &'static [&'static str],
    /// Of those, the ones whose body runs several times.
    pub loops: &'static [&'static str],
    /// Names of calls whose block or callback runs once for each element.
    pub iterators: &'static [&'static str],
    /// Parents of short-circuit operators.
    pub logical: &'static [&'static str],
    /// Calls: node kind, field of what it is called on, field of the name, field of the arguments. An empty receiver
    /// field means that the name's text holds the receiver as well.
    pub calls: &'static [Call],
    /// String literals.
    pub strings: &'static [&'static str],
    /// Annotations, attributes and decorators.
    pub annotations: &'static [&'static str],
    /// Statements that import.
    pub imports: &'static [&'static str],
    /// Parameters that are no argument of a caller: `self`, separators.
    pub not_parameters: &'static [&'static str],
}

/// Where a grammar keeps the parts of a call.
pub(crate) struct Call {
    /// Node kind.
    pub kind: &'static str,
    /// Field of what it is called on; empty when the name holds it.
    pub on: &'static str,
    /// Field of the name.
    pub name: &'static str,
    /// Field of the arguments; empty when the grammar names none.
    pub arguments: &'static str,
}

impl Language {
    /// Every language, in the order of the names of its variants.
    pub const ALL: [Language; 10] = [
        Language::CSharp,
        Language::Go,
        Language::Java,
        Language::JavaScript,
        Language::Php,
        Language::Python,
        Language::Ruby,
        Language::Rust,
        Language::Tsx,
        Language::TypeScript,
    ];

    pub(crate) fn table(self) -> &'static Table {
        match self {
            Language::CSharp => &csharp::TABLE,
            Language::Go => &go::TABLE,
            Language::Java => &java::TABLE,
            Language::JavaScript => &javascript::TABLE,
            Language::Php => &php::TABLE,
            Language::Python => &python::TABLE,
            Language::Ruby => &ruby::TABLE,
            Language::Rust => &rust::TABLE,
            Language::Tsx => &typescript::TSX,
            Language::TypeScript => &typescript::TABLE,
        }
    }

    /// Its name: `python`, `csharp`, …; both kinds of TypeScript are `typescript`.
    pub fn name(self) -> &'static str {
        self.table().name
    }

    /// TypeScript and JavaScript share idioms: one list of smells serves both.
    pub(crate) fn family(self) -> Language {
        match self {
            Language::Tsx | Language::TypeScript => Language::JavaScript,
            other => other,
        }
    }

    /// The language of a file, by the ending of its path.
    pub fn of_path(path: &str) -> Option<Language> {
        let name = path.rsplit('/').next()?;
        let ending = name.rsplit_once('.')?.1.to_ascii_lowercase();
        Language::ALL.into_iter().find(|l| l.table().endings.contains(&ending.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_a_table_is_one_of_its_grammar() {
        for language in Language::ALL {
            let table = language.table();
            let grammar = (table.grammar)();
            let known = |kind: &str| grammar.id_for_node_kind(kind, true) != 0;
            let lists = [
                table.comments,
                table.functions,
                table.anonymous,
                table.classes,
                table.branches,
                table.else_ifs,
                table.nests,
                table.loops,
                table.logical,
                table.strings,
                table.annotations,
                table.imports,
                table.not_parameters,
            ];
            for kind in lists.into_iter().flatten() {
                assert!(known(kind), "{language:?}: no node {kind}");
            }
            for call in table.calls {
                assert!(known(call.kind), "{language:?}: no node {}", call.kind);
                for field in [call.on, call.name, call.arguments].into_iter().filter(|f| !f.is_empty()) {
                    assert!(grammar.field_id_for_name(field).is_some(), "{language:?}: no field {field}");
                }
            }
        }
    }

    #[test]
    fn a_file_is_of_the_language_of_its_ending() {
        let check = |path: &str, expected: Option<&str>| {
            assert_eq!(Language::of_path(path).map(Language::name), expected, "{path}");
        };
        check("src/app.py", Some("python"));
        check("web/App.TSX", Some("typescript"));
        check("a.d/main.go", Some("go"));
        check("lib/x.mjs", Some("javascript"));
        check("Api/User.cs", Some("csharp"));
        check("README.md", None);
        check("Makefile", None);
        check("a.py/README", None);
    }
}
