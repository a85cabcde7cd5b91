//! Rust.

use super::{Call, Table};

pub(super) const TABLE: Table = Table {
    name: "rust",
    endings: &["rs"],
    grammar: || tree_sitter_rust::LANGUAGE.into(),
    comments: &["line_comment", "block_comment"],
    functions: &["function_item"],
    anonymous: &["closure_expression"],
    classes: &["impl_item", "trait_item"],
    branches: &["if_expression", "for_expression", "while_expression", "match_arm"],
    else_ifs: &[],
    nests: &["if_expression", "for_expression", "while_expression", "loop_expression", "match_expression"],
    loops: &["for_expression", "while_expression", "loop_expression"],
    iterators: &["map", "for_each", "filter_map", "flat_map", "then"],
    logical: &["binary_expression", "let_chain"],
    calls: &[
        Call { kind: "call_expression", on: "", name: "function", arguments: "arguments" },
        Call { kind: "macro_invocation", on: "", name: "macro", arguments: "" },
    ],
    strings: &["string_literal", "raw_string_literal"],
    annotations: &["attribute_item"],
    imports: &["use_declaration"],
    not_parameters: &["self_parameter", "attribute_item"],
};
