//! C#.

use super::{Call, Table};

pub(super) const TABLE: Table = Table {
    name: "csharp",
    endings: &["cs"],
    grammar: || tree_sitter_c_sharp::LANGUAGE.into(),
    comments: &["comment"],
    functions: &["method_declaration", "constructor_declaration", "local_function_statement", "operator_declaration"],
    anonymous: &["lambda_expression", "anonymous_method_expression"],
    classes: &["class_declaration", "interface_declaration", "struct_declaration", "record_declaration"],
    branches: &[
        "if_statement",
        "for_statement",
        "foreach_statement",
        "while_statement",
        "do_statement",
        "switch_section",
        "switch_expression_arm",
        "catch_clause",
        "conditional_expression",
    ],
    else_ifs: &[],
    nests: &[
        "if_statement",
        "for_statement",
        "foreach_statement",
        "while_statement",
        "do_statement",
        "switch_statement",
        "switch_expression",
        "catch_clause",
        "conditional_expression",
    ],
    loops: &["for_statement", "foreach_statement", "while_statement", "do_statement"],
    iterators: &["Select", "ForEach", "SelectMany"],
    logical: &["binary_expression"],
    calls: &[
        Call { kind: "invocation_expression", on: "", name: "function", arguments: "arguments" },
        Call { kind: "object_creation_expression", on: "", name: "type", arguments: "arguments" },
    ],
    strings: &["string_literal", "verbatim_string_literal", "raw_string_literal", "interpolated_string_expression"],
    annotations: &["attribute"],
    imports: &["using_directive"],
    not_parameters: &[],
};
