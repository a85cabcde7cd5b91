//! Go.

use super::{Call, Table};

pub(super) const TABLE: Table = Table {
    name: "go",
    endings: &["go"],
    grammar: || tree_sitter_go::LANGUAGE.into(),
    comments: &["comment"],
    functions: &["function_declaration", "method_declaration"],
    anonymous: &["func_literal"],
    classes: &["type_declaration"],
    branches: &["if_statement", "for_statement", "expression_case", "type_case", "communication_case"],
    else_ifs: &[],
    nests: &[
        "if_statement",
        "for_statement",
        "expression_switch_statement",
        "type_switch_statement",
        "select_statement",
    ],
    loops: &["for_statement"],
    iterators: &[],
    logical: &["binary_expression"],
    calls: &[Call { kind: "call_expression", on: "", name: "function", arguments: "arguments" }],
    strings: &["interpreted_string_literal", "raw_string_literal"],
    annotations: &[],
    imports: &["import_spec"],
    not_parameters: &[],
};
