//! JavaScript; TypeScript's grammar is a superset of it.

use super::{Call, Table};

pub(super) const FUNCTIONS: &[&str] = &["function_declaration", "generator_function_declaration", "method_definition"];
pub(super) const ANONYMOUS: &[&str] = &["arrow_function", "function_expression", "generator_function"];
pub(super) const BRANCHES: &[&str] = &[
    "if_statement",
    "for_statement",
    "for_in_statement",
    "while_statement",
    "do_statement",
    "switch_case",
    "catch_clause",
    "ternary_expression",
];
pub(super) const NESTS: &[&str] = &[
    "if_statement",
    "for_statement",
    "for_in_statement",
    "while_statement",
    "do_statement",
    "switch_statement",
    "catch_clause",
    "ternary_expression",
];
pub(super) const LOOPS: &[&str] = &["for_statement", "for_in_statement", "while_statement", "do_statement"];
pub(super) const ITERATORS: &[&str] = &["map", "forEach", "flatMap", "filter", "reduce", "each", "eachSeries"];
pub(super) const CALLS: &[Call] = &[
    Call { kind: "call_expression", on: "", name: "function", arguments: "arguments" },
    Call { kind: "new_expression", on: "", name: "constructor", arguments: "arguments" },
];

pub(super) const TABLE: Table = Table {
    name: "javascript",
    endings: &["js", "mjs", "cjs", "jsx"],
    grammar: || tree_sitter_javascript::LANGUAGE.into(),
    comments: &["comment", "html_comment"],
    functions: FUNCTIONS,
    anonymous: ANONYMOUS,
    classes: &["class_declaration"],
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
