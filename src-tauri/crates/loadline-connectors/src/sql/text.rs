//! What a statement's text tells: its verb, its tables, the columns it filters by, the route that sent it.
//!
//! This is light reading, not a parser: a name that cannot be resolved with certainty is left out.

use super::lexer::{Lexed, Token};
use loadline_model::Verb;
use std::collections::{BTreeMap, BTreeSet};

/// Tables of the connected server or database with their columns.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    columns: BTreeMap<String, Vec<String>>,
    by_name: BTreeMap<String, Vec<String>>,
    /// Partitions, with the table they belong to.
    whole: BTreeMap<String, String>,
}

impl Tables {
    /// Adds one.
    pub(crate) fn add(&mut self, schema: &str, name: &str, columns: Vec<String>) {
        let full = format!("{schema}.{name}");
        self.by_name.entry(name.to_owned()).or_default().push(full.clone());
        self.columns.insert(full, columns);
    }

    /// Adds a partition: a statement that names it reads or writes the table `of`, which has the columns.
    pub(crate) fn add_partition(&mut self, schema: &str, name: &str, of: &str) {
        let columns = self.columns.get(of).cloned().unwrap_or_default();
        self.add(schema, name, columns);
        self.whole.insert(format!("{schema}.{name}"), of.to_owned());
    }

    /// The table of this full name, or the one it is a partition of.
    pub(crate) fn whole<'a>(&'a self, full: &'a str) -> &'a str {
        self.whole.get(full).map_or(full, String::as_str)
    }

    /// The full name: as written, or the only one of that name, or the one in the statement's home schema.
    fn resolve(&self, schema: Option<&str>, name: &str, home: &str) -> Option<String> {
        self.written(schema, name, home).map(|full| self.whole(&full).to_owned())
    }

    fn written(&self, schema: Option<&str>, name: &str, home: &str) -> Option<String> {
        if let Some(schema) = schema {
            let full = format!("{schema}.{name}");
            return self.columns.contains_key(&full).then_some(full);
        }
        match self.by_name.get(name)?.as_slice() {
            [only] => Some(only.clone()),
            many => many.iter().find(|full| **full == format!("{home}.{name}")).cloned(),
        }
    }

    fn has(&self, table: &str, column: &str) -> bool {
        self.columns.get(table).is_some_and(|c| c.iter().any(|name| name == column))
    }
}

/// Read, write or neither.
pub(crate) fn verb(lexed: &Lexed) -> Verb {
    let words: Vec<&str> =
        lexed.tokens.iter().filter_map(|(_, t)| if let Token::Word(w) = t { Some(w.as_str()) } else { None }).collect();
    match words.first() {
        Some(&("insert" | "update" | "delete" | "merge" | "replace")) => Verb::Write,
        Some(&"with") => {
            let writes = words.windows(2).any(|w| matches!(w, ["insert" | "merge", "into"] | ["delete", "from"]))
                || words.windows(3).any(|w| w[0] == "update" && w[2] == "set");
            if writes { Verb::Write } else { Verb::Read }
        }
        Some(&("select" | "table" | "values")) => Verb::Read,
        _ => Verb::Other,
    }
}

/// Leading keywords of a statement that is neither read nor write; `None` when it may carry a credential.
pub(crate) fn utility(lexed: &Lexed) -> Option<String> {
    const KEYWORDS: [&str; 26] = [
        "vacuum",
        "analyze",
        "copy",
        "create",
        "index",
        "unique",
        "table",
        "drop",
        "alter",
        "refresh",
        "materialized",
        "view",
        "concurrently",
        "begin",
        "commit",
        "rollback",
        "truncate",
        "reindex",
        "cluster",
        "call",
        "do",
        "fetch",
        "declare",
        "lock",
        "explain",
        "checkpoint",
    ];
    const CREDENTIALS: [&str; 7] = ["user", "role", "password", "server", "subscription", "mapping", "connection"];
    let words = |t: &(bool, Token)| matches!(&t.1, Token::Word(w) if CREDENTIALS.contains(&w.as_str()));
    if lexed.tokens.iter().any(words) {
        return None;
    }
    let leading: Vec<&str> = lexed
        .tokens
        .iter()
        .map_while(|(_, t)| match t {
            Token::Word(w) => KEYWORDS.iter().find(|k| *k == w).copied(),
            _ => None,
        })
        .collect();
    (!leading.is_empty()).then(|| leading.join(" "))
}

/// The route that comments name in the sqlcommenter form (`route='/users/:id'`), numbers replaced.
pub(crate) fn route(comments: &[String]) -> Option<String> {
    let value = comments.iter().find_map(|c| {
        let at = c
            .split(',')
            .find_map(|pair| pair.trim().strip_prefix("route=").or(pair.trim().strip_prefix("http_route=")))?;
        let quoted = at.trim().trim_matches('\'');
        url::form_urlencoded::parse(format!("v={quoted}").as_bytes()).map(|(_, v)| v.into_owned()).next()
    })?;
    let plain = |c: char| c.is_alphanumeric() || "/:_-.{}<>*".contains(c);
    if !value.starts_with('/') || value.len() > 200 || !value.chars().all(plain) {
        return None;
    }
    let part = |p: &str| {
        if p.chars().any(|c| c.is_ascii_digit()) && p.len() > 3 || p.parse::<u64>().is_ok() {
            ":id".to_owned()
        } else {
            p.to_owned()
        }
    };
    Some(value.split('/').map(part).collect::<Vec<_>>().join("/"))
}

/// Tables a statement names, by the alias it gives them; `home` is the schema of names without one.
pub(crate) fn mentions(lexed: &Lexed, tables: &Tables, home: &str) -> BTreeMap<String, String> {
    let tokens: Vec<&Token> = lexed.tokens.iter().map(|(_, t)| t).collect();
    let mut found = BTreeMap::new();
    let mut at = 0;
    while at < tokens.len() {
        let begins = ["from", "join", "into", "update", "using"].iter().any(|w| tokens[at].is(w));
        at += 1;
        let mut more = begins;
        while more {
            let (next, named) = name(&tokens, at, tables, home);
            if let Some((alias, table)) = named {
                found.insert(alias, table);
            }
            more = next > at && matches!(tokens.get(next), Some(Token::Sign(',')));
            at = if more { next + 1 } else { next };
        }
    }
    found
}

/// Tables that a statement writes; `home` is the schema of names without one.
pub(crate) fn written(lexed: &Lexed, tables: &Tables, home: &str) -> BTreeSet<String> {
    let tokens: Vec<&Token> = lexed.tokens.iter().map(|(_, t)| t).collect();
    let follows = |at: usize, words: &[&str]| at > 0 && words.iter().any(|w| tokens[at - 1].is(w));
    let begins = |at: &usize| {
        let token = tokens[*at];
        token.is("update")
            || token.is("into") && follows(*at, &["insert", "merge", "replace", "ignore"])
            || token.is("from") && follows(*at, &["delete"])
    };
    let places = (0..tokens.len()).filter(begins);
    places.filter_map(|at| name(&tokens, at + 1, tables, home).1).map(|(_, table)| table).collect()
}

/// One table at a place: where it ends, and its alias with its full name when it is known.
pub(crate) fn name(tokens: &[&Token], from: usize, tables: &Tables, home: &str) -> (usize, Option<(String, String)>) {
    let mut at = from;
    if tokens.get(at).is_some_and(|t| t.is("only")) {
        at += 1;
    }
    let Some(Token::Word(first)) = tokens.get(at) else { return (from, None) };
    let (schema, table) = match (tokens.get(at + 1), tokens.get(at + 2)) {
        (Some(Token::Sign('.')), Some(Token::Word(second))) => (Some(first.as_str()), second),
        _ => (None, first),
    };
    at += if schema.is_some() { 3 } else { 1 };
    if tokens.get(at).is_some_and(|t| t.is("as")) {
        at += 1;
    }
    const NOT_ALIAS: [&str; 18] = [
        "where",
        "join",
        "left",
        "right",
        "inner",
        "outer",
        "full",
        "cross",
        "on",
        "set",
        "values",
        "group",
        "order",
        "limit",
        "select",
        "using",
        "natural",
        "returning",
    ];
    let alias = match tokens.get(at) {
        Some(Token::Word(w)) if !NOT_ALIAS.contains(&w.as_str()) => {
            at += 1;
            w
        }
        _ => table,
    };
    (at, tables.resolve(schema, table, home).map(|full| (alias.clone(), full)))
}

/// Columns compared for equality with a value after WHERE or ON, as table and column, without repetition.
pub(crate) fn filters(lexed: &Lexed, mentions: &BTreeMap<String, String>, tables: &Tables) -> Vec<(String, String)> {
    let tokens: Vec<&Token> = lexed.tokens.iter().map(|(_, t)| t).collect();
    let mut found = Vec::new();
    let mut filtering = false;
    for (at, token) in tokens.iter().enumerate() {
        let Token::Word(word) = token else { continue };
        match word.as_str() {
            "where" => filtering = true,
            "set" | "group" | "order" | "limit" | "returning" | "values" => filtering = false,
            _ if filtering && is_equality(&tokens, at + 1) => {
                let qualifier = match (
                    at.checked_sub(2).and_then(|i| tokens.get(i)),
                    at.checked_sub(1).and_then(|i| tokens.get(i)),
                ) {
                    (Some(Token::Word(q)), Some(Token::Sign('.'))) => Some(q),
                    _ => None,
                };
                if let Some(table) = owner(qualifier, word, mentions, tables) {
                    found.push((table, word.clone()));
                }
            }
            _ => {}
        }
    }
    found.sort();
    found.dedup();
    found
}

/// `= $1`, `= ?`, `= any (…)`, `in ($1 …)`, `in (...)` as digests of MySQL write it.
fn is_equality(tokens: &[&Token], at: usize) -> bool {
    let value = |t: Option<&&Token>| matches!(t, Some(Token::Parameter(_) | Token::Literal | Token::Sign('?' | '.')));
    match tokens.get(at) {
        Some(Token::Sign('=')) => value(tokens.get(at + 1)) || tokens.get(at + 1).is_some_and(|t| t.is("any")),
        Some(t) if t.is("in") => matches!(tokens.get(at + 1), Some(Token::Sign('('))) && value(tokens.get(at + 2)),
        _ => false,
    }
}

fn owner(
    qualifier: Option<&String>,
    column: &str,
    mentions: &BTreeMap<String, String>,
    tables: &Tables,
) -> Option<String> {
    if let Some(alias) = qualifier {
        return mentions.get(alias).filter(|t| tables.has(t, column)).cloned();
    }
    let mut owners: Vec<&String> = mentions.values().filter(|t| tables.has(t, column)).collect();
    owners.dedup();
    match owners.as_slice() {
        [only] => Some((*only).clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::lexer::lex;
    use super::*;

    fn tables() -> Tables {
        let mut tables = Tables::default();
        let columns = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
        tables.add("public", "orders", columns(&["id", "user_id", "status"]));
        tables.add("public", "users", columns(&["id", "email"]));
        tables.add("audit", "log", columns(&["id", "actor"]));
        tables
    }

    fn check(text: &str, verb_: Verb, named: &[&str], filtered: &[&str]) {
        let (lexed, tables) = (lex(text), tables());
        assert_eq!(verb(&lexed), verb_, "{text}");
        let mentions = mentions(&lexed, &tables, "public");
        let mut names: Vec<&str> = mentions.values().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, named, "{text}");
        let filters: Vec<String> =
            filters(&lexed, &mentions, &tables).into_iter().map(|(t, c)| format!("{t}.{c}")).collect();
        assert_eq!(filters, filtered, "{text}");
    }

    #[test]
    fn what_is_written_is_told_from_what_is_read() {
        let check = |text: &str, expected: &[&str]| {
            let found = written(&lex(text), &tables(), "public");
            assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), expected, "{text}");
        };
        check("SELECT * FROM orders FOR UPDATE", &[]);
        check("SELECT * FROM orders JOIN users USING (id) FOR UPDATE OF orders", &[]);
        check("INSERT INTO orders (id) SELECT id FROM users", &["public.orders"]);
        check("INSERT INTO orders (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET status = $2", &["public.orders"]);
        check("UPDATE ONLY public.orders o SET status = $1 FROM users u WHERE u.id = o.user_id", &["public.orders"]);
        check("DELETE FROM audit.log WHERE id = $1", &["audit.log"]);
        check(
            "WITH gone AS (DELETE FROM orders RETURNING id) INSERT INTO audit.log SELECT id FROM gone",
            &["audit.log", "public.orders"],
        );
        check("INSERT INTO elsewhere VALUES ($1)", &[]);
    }

    #[test]
    fn statements_are_read() {
        check(
            "SELECT * FROM orders WHERE user_id = $1 AND status IN ($2, $3) ORDER BY id",
            Verb::Read,
            &["public.orders"],
            &["public.orders.status", "public.orders.user_id"],
        );
        check(
            "SELECT o.* FROM orders o JOIN users AS u ON u.id = o.user_id WHERE u.email = $1",
            Verb::Read,
            &["public.orders", "public.users"],
            &["public.users.email"],
        );
        check(
            "SELECT 1 FROM orders, users WHERE id = $1 AND status = ANY ($2)",
            Verb::Read,
            &["public.orders", "public.users"],
            &["public.orders.status"],
        );
        check(
            "UPDATE orders SET status = $1 WHERE user_id = $2",
            Verb::Write,
            &["public.orders"],
            &["public.orders.user_id"],
        );
        check("DELETE FROM audit.log WHERE actor = $1", Verb::Write, &["audit.log"], &["audit.log.actor"]);
        check("INSERT INTO users (email) VALUES ($1)", Verb::Write, &["public.users"], &[]);
        check(
            "WITH x AS (DELETE FROM orders WHERE status = $1 RETURNING *) SELECT * FROM x",
            Verb::Write,
            &["public.orders"],
            &["public.orders.status"],
        );
        check("WITH x AS (SELECT $1) SELECT * FROM x FOR UPDATE", Verb::Read, &[], &[]);
        check(
            "SELECT * FROM `orders` WHERE `public` . `orders` . `id` > ? AND `user_id` = ? AND STATUS IN (...) LIMIT ?",
            Verb::Read,
            &["public.orders"],
            &["public.orders.status", "public.orders.user_id"],
        );
        check("REPLACE INTO `users` ( `email` ) VALUES (?)", Verb::Write, &["public.users"], &[]);
        check("VACUUM orders", Verb::Other, &[], &[]);
        check("SELECT FROM", Verb::Read, &[], &[]);
    }

    #[test]
    fn utilities_keep_only_keywords() {
        assert_eq!(
            utility(&lex("CREATE INDEX CONCURRENTLY secret_name ON t (x)")).as_deref(),
            Some("create index concurrently")
        );
        assert_eq!(utility(&lex("ALTER USER app PASSWORD 'x'")), None);
        assert_eq!(utility(&lex("CREATE SUBSCRIPTION s CONNECTION 'password=x'")), None);
        assert_eq!(utility(&lex("whatever this is")), None);
    }

    #[test]
    fn routes_come_from_comments_without_data() {
        let check = |comment: &str, expected: Option<&str>| {
            assert_eq!(route(&[comment.to_owned()]).as_deref(), expected, "{comment}")
        };
        check("controller='users',route='%2Fusers%2F%3Aid',traceparent='00-1'", Some("/users/:id"));
        check("route='/orders/184467/lines'", Some("/orders/:id/lines"));
        check("route='/reset?token=abc'", None);
        check("nothing here", None);
    }
}
