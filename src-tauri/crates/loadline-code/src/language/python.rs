//! Python.

use super::{Call, Table};

pub(super) const TABLE: Table = Table {
    name: "python",
    endings: &["py", "pyw"],
    grammar: || tree_sitter_python::LANGUAGE.into(),
    comments: &["comment"],
    functions: &["function_definition"],
    anonymous: &["lambda"],
    classes: &["class_definition"],
    branches: &[
        "if_statement",
        "elif_clause",
        "for_statement",
        "while_statement",
        "except_clause",
        "conditional_expression",
        "case_clause",
        "for_in_clause",
        "if_clause",
    ],
    else_ifs: &["elif_clause"],
    nests: &[
        "if_statement",
        "for_statement",
        "while_statement",
        "except_clause",
        "conditional_expression",
        "match_statement",
    ],
    loops: &[
        "for_statement",
        "while_statement",
        "list_comprehension",
        "set_comprehension",
        "dictionary_comprehension",
        "generator_expression",
    ],
    iterators: &["map"],
    logical: &["boolean_operator"],
    calls: &[Call { kind: "call", on: "", name: "function", arguments: "arguments" }],
    strings: &["string"],
    annotations: &["decorator"],
    imports: &["import_statement", "import_from_statement"],
    not_parameters: &["keyword_separator", "positional_separator"],
};
