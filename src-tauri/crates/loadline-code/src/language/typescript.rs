//! TypeScript, with and without JSX.

use super::Table;
use super::javascript::{ANONYMOUS, BRANCHES, CALLS, FUNCTIONS, ITERATORS, LOOPS, NESTS};

pub(super) const TABLE: Table = Table {
    name: "typescript",
    endings: &["ts", "mts", "cts"],
    grammar: || tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
    comments: &["comment", "html_comment"],
    functions: FUNCTIONS,
    anonymous: ANONYMOUS,
    classes: &["class_declaration", "abstract_class_declaration"],
    branches: BRANCHES,
    else_ifs: &[],
    nests: NESTS,
    loops: LOOPS,
    iterators: ITERATORS,
    logical: &["binary_expression"],
    calls: CALLS,
    strings: &["string", "template_string"],
    annotations: &["decorator"],
    imports: &["import_statement", "export_statement"],
    not_parameters: &[],
};

pub(super) const TSX: Table =
    Table { endings: &["tsx"], grammar: || tree_sitter_typescript::LANGUAGE_TSX.into(), ..TABLE };
