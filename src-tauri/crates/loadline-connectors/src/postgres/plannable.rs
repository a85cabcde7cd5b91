//! Which statements may be planned again, and the text that is sent.
//!
//! Planning a statement can run functions of the database's users (constants are folded). So only reads are planned that
//! name nothing but known tables and functions of PostgreSQL itself, and what is sent is written anew from words,
//! parameters and signs: no literal, no comment, no second statement.

use crate::sql::lexer::{Lexed, Token, lex};
use crate::sql::text::{self, Tables};
use std::collections::BTreeSet;

/// A statement that may be planned.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plannable {
    /// What is sent.
    pub text: String,
    /// Its parameters are `$1` to this.
    pub parameters: usize,
    /// Tables it reads, with schema.
    pub tables: Vec<String>,
}

/// Most parameters of a statement worth planning.
const MOST_PARAMETERS: usize = 200;

/// What may stand before a parenthesis: keywords, and functions of PostgreSQL that read nothing but their arguments.
const BEFORE_PARENTHESIS: [&str; 70] = [
    "abs",
    "all",
    "and",
    "any",
    "array_agg",
    "as",
    "avg",
    "between",
    "bool_and",
    "bool_or",
    "by",
    "case",
    "cast",
    "ceil",
    "coalesce",
    "concat",
    "count",
    "date_part",
    "date_trunc",
    "dense_rank",
    "distinct",
    "else",
    "except",
    "exists",
    "filter",
    "first_value",
    "floor",
    "from",
    "greatest",
    "having",
    "ilike",
    "in",
    "intersect",
    "join",
    "json_agg",
    "json_build_object",
    "jsonb_agg",
    "jsonb_build_object",
    "lag",
    "last_value",
    "lateral",
    "lead",
    "least",
    "length",
    "like",
    "limit",
    "lower",
    "max",
    "min",
    "not",
    "now",
    "nullif",
    "offset",
    "on",
    "or",
    "over",
    "rank",
    "round",
    "row_number",
    "select",
    "some",
    "string_agg",
    "sum",
    "then",
    "to_char",
    "trim",
    "union",
    "upper",
    "when",
    "where",
];
/// Words that make more of a statement than a read, or change what its names mean.
const NEVER: [&str; 10] =
    ["copy", "delete", "execute", "for", "insert", "into", "merge", "operator", "uescape", "update"];

/// The statement as it may be planned; `None` when anything about it is not known to be harmless.
pub(super) fn of(raw: &str, tables: &Tables) -> Option<Plannable> {
    let lexed = lex(raw);
    let tokens: Vec<&Token> = lexed.tokens.iter().map(|(_, t)| t).collect();
    if !tokens.first()?.is("select") && !tokens.first()?.is("with") {
        return None;
    }
    let mut parameters = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Literal | Token::Sign(';' | '\'' | '"' | '\\' | '`' | '?') => return None,
            Token::Parameter(p) => parameters = parameters.max(p.get(1..)?.parse().ok()?),
            Token::Word(w) if NEVER.contains(&w.as_str()) => return None,
            Token::Word(w) if matches!(tokens.get(at + 1), Some(Token::Sign('('))) => {
                let qualified = at > 0 && matches!(tokens.get(at - 1), Some(Token::Sign('.')));
                if qualified || !BEFORE_PARENTHESIS.contains(&w.as_str()) {
                    return None;
                }
            }
            _ => {}
        }
    }
    let read = relations(&tokens, tables)?;
    let text = written(&lexed)?;
    (parameters <= MOST_PARAMETERS && !read.is_empty()).then(|| Plannable {
        text,
        parameters,
        tables: read.into_iter().collect(),
    })
}

/// Every relation that is named; `None` when one is neither a known table nor a name that the statement itself gives.
fn relations(tokens: &[&Token], tables: &Tables) -> Option<BTreeSet<String>> {
    let own: BTreeSet<&str> = tokens
        .windows(3)
        .filter_map(|w| match w {
            [Token::Word(name), second, Token::Sign('(')] if second.is("as") => Some(name.as_str()),
            _ => None,
        })
        .collect();
    let mut read = BTreeSet::new();
    let mut at = 0;
    while at < tokens.len() {
        let mut more = tokens.get(at).is_some_and(|t| t.is("from") || t.is("join"));
        at += 1;
        while more {
            match text::name(tokens, at, tables, "public") {
                (next, Some((_, table))) => {
                    read.insert(table);
                    at = next;
                }
                (next, None) if next > at => {
                    let Some(Token::Word(word)) = tokens.get(at) else { return None };
                    if !own.contains(word.as_str()) {
                        return None;
                    }
                    at = next;
                }
                // A parenthesis: what it holds is met on the way.
                _ if matches!(tokens.get(at), Some(Token::Sign('('))) => {}
                _ => return None,
            }
            more = matches!(tokens.get(at), Some(Token::Sign(',')));
            if more {
                at += 1;
            }
        }
    }
    Some(read)
}

/// The statement from its tokens. A name that is not plain is quoted again.
fn written(lexed: &Lexed) -> Option<String> {
    let mut text = String::new();
    for (spaced, token) in &lexed.tokens {
        if *spaced && !text.is_empty() {
            text.push(' ');
        }
        match token {
            Token::Word(w) if is_plain(w) => text.push_str(w),
            Token::Word(w) => text.push_str(&quoted(w)),
            Token::Parameter(p) => text.push_str(p),
            Token::Sign(c) => text.push(*c),
            Token::Literal => return None,
        }
    }
    (!text.contains("--") && !text.contains("/*")).then_some(text)
}

fn is_plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// A name between quotes, so that it can end nothing.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('\0', "").replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, expected: Option<(&str, usize)>) {
        let mut tables = Tables::default();
        tables.add("public", "orders", vec!["id".into(), "user_id".into(), "createdAt".into()]);
        tables.add("public", "users", vec!["id".into()]);
        let found = of(raw, &tables);
        assert_eq!(found.as_ref().map(|p| (p.text.as_str(), p.parameters)), expected, "{raw}");
    }

    #[test]
    fn reads_of_known_tables_are_written_anew() {
        check(
            "SELECT * FROM orders WHERE user_id = $1 /* route='/x' */ LIMIT $2",
            Some(("select * from orders where user_id = $1 limit $2", 2)),
        );
        check(
            "SELECT count(*) FROM orders o, users u WHERE o.\"createdAt\" > now() - $1::interval",
            Some(("select count(*) from orders o, users u where o.\"createdAt\" > now() - $1::interval", 1)),
        );
        check(
            "WITH x AS (SELECT id FROM users) SELECT * FROM x JOIN orders ON user_id IN ($1)",
            Some(("with x as (select id from users) select * from x join orders on user_id in ($1)", 1)),
        );
        check("SELECT 1 -- x\n FROM orders", None);
    }

    #[test]
    fn nothing_else_is_planned() {
        for raw in [
            "SELECT evil($1) FROM orders",
            "SELECT * FROM evil($1)",
            "SELECT * FROM orders_view",
            "SELECT * FROM orders, orders_view",
            "SELECT * FROM orders WHERE id = public.lower($1)",
            "SELECT * FROM orders WHERE id OPERATOR(public.=) $1",
            "SELECT * FROM orders WHERE status = 'secret'",
            "SELECT * FROM orders FOR UPDATE",
            "SELECT * INTO copy_of FROM orders",
            "SELECT $1; DROP TABLE orders",
            "WITH x AS (DELETE FROM orders RETURNING *) SELECT * FROM x",
            "UPDATE orders SET id = $1",
            "SELECT U&\"!0065vil\" UESCAPE '!' ($1) FROM orders",
            "SELECT pg_sleep($1) FROM orders",
            "SELECT $1",
            "",
        ] {
            check(raw, None);
        }
    }
}
