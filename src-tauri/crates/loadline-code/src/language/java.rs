//! Java.

use super::{Call, Table};

pub(super) const TABLE: Table = Table {
    name: "java",
    endings: &["java"],
    grammar: || tree_sitter_java::LANGUAGE.into(),
    comments: &["line_comment", "block_comment"],
    functions: &["method_declaration", "constructor_declaration", "compact_constructor_declaration"],
    anonymous: &["lambda_expression"],
    classes: &["class_declaration", "interface_declaration", "enum_declaration", "record_declaration"],
    branches: &[
        "if_statement",
        "for_statement",
        "enhanced_for_statement",
        "while_statement",
        "do_statement",
        "switch_label",
        "catch_clause",
        "ternary_expression",
    ],
    else_ifs: &[],
    nests: &[
        "if_statement",
        "for_statement",
        "enhanced_for_statement",
        "while_statement",
        "do_statement",
        "switch_expression",
        "catch_clause",
        "ternary_expression",
    ],
    loops: &["for_statement", "enhanced_for_statement", "while_statement", "do_statement"],
    iterators: &["forEach", "map", "flatMap"],
    logical: &["binary_expression"],
    calls: &[
        Call { kind: "method_invocation", on: "object", name: "name", arguments: "arguments" },
        Call { kind: "object_creation_expression", on: "", name: "type", arguments: "arguments" },
    ],
    strings: &["string_literal"],
    annotations: &["annotation", "marker_annotation"],
    imports: &["import_declaration"],
    not_parameters: &["receiver_parameter"],
};
