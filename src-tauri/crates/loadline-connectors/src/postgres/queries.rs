//! Where the database spends its time: statement shapes, without literals.

use super::activity::window_hours;
use super::plannable::{self, Plannable};
use super::reading::Reading;
use super::row::Columns;
use super::statements::{self, EXTENSION_PATH, Need, STATEMENTS, STATEMENTS_INFO, STATEMENTS_STATE};
use crate::Cancelled;
use crate::sql::lexer::{Token, lex};
use crate::sql::text::{self, Tables};
use loadline_model::{Basis, GapReason, QueryStat, Timestamp, Value, Verb, key};
use sqlx::postgres::PgRow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// SQLSTATE of an extension that is installed but not in `shared_preload_libraries`: nothing is counted.
const NOT_PRELOADED: &str = "55000";

/// Our own statements as the server counts them: on a quiet server they would be what most of its time goes into.
static OWN: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let forms = statements::ALL.iter().flat_map(|s| s.forms.iter().map(|(_, sql)| *sql));
    forms.chain([EXTENSION_PATH]).map(words).collect()
});

/// Whether Loadline sends this statement itself.
fn is_own(raw: &str) -> bool {
    raw.contains("loadline_page") || OWN.contains(&words(raw))
}

/// The words of a statement without signs and without values, some of which look like words: the server replaces them.
fn words(sql: &str) -> String {
    let lexed = lex(sql);
    let words = lexed.tokens.iter().filter_map(|(_, token)| match token {
        Token::Word(word) if !["epoch", "true", "false", "null"].contains(&word.as_str()) => Some(word.as_str()),
        _ => None,
    });
    words.collect::<Vec<_>>().join(" ")
}

/// What the search for missing indexes and the plans need of a statement.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Shape {
    /// Identity of the statement.
    pub fingerprint: String,
    /// Table and column compared for equality.
    pub filters: Vec<(String, String)>,
    /// What may be planned again: a read of known tables and functions, not cut off.
    pub plannable: Option<Plannable>,
}

/// Says every statement shape and whether shapes are counted at all.
pub(super) async fn read(r: &mut Reading<'_>, tables: &Tables) -> Result<Vec<Shape>, Cancelled> {
    let Some(state) = r.rows(&STATEMENTS_STATE).await? else { return Ok(Vec::new()) };
    if state.first().and_then(|row| row.text("version")).is_none() {
        let detail = format!("pg_stat_statements is not installed in {}.", r.server.database);
        let closes = r.grant(Need::Extension);
        r.answer.miss_of(GapReason::FeatureDisabled, detail, closes, &[], Some(&r.server.subject()));
        r.set(&STATEMENTS_STATE, key::STATEMENT_STATISTICS, None, Value::Bool(false));
        return Ok(Vec::new());
    }
    let before = r.answer.read_at();
    let since = match r.server.version >= 140_000 {
        true => window(r, before).await?,
        false => None,
    };
    let Some(rows) = r.rows(&STATEMENTS).await? else {
        if r.last_state == NOT_PRELOADED {
            r.set(&STATEMENTS_STATE, key::STATEMENT_STATISTICS, None, Value::Bool(false));
        }
        return Ok(Vec::new());
    };
    r.set(&STATEMENTS_STATE, key::STATEMENT_STATISTICS, None, Value::Bool(true));
    if !r.server.all_stats {
        r.lacks(Need::AllStats, "the statements of other roles", &[]);
    }
    truncated(r, &rows);
    Ok(shapes(r, &rows, since, tables))
}

/// Says how much of the execution time lies in shapes that were left out.
fn truncated(r: &mut Reading<'_>, rows: &[PgRow]) {
    let Some(first) = rows.first() else { return };
    let (Some(shapes), Some(all)) = (first.number("shapes"), first.number("all_ms")) else { return };
    if shapes <= rows.len() as f64 {
        return;
    }
    let kept: f64 = rows.iter().filter_map(|row| row.number("total_ms")).sum();
    let share = if all > 0.0 { (kept / all * 100.0).min(100.0) } else { 100.0 };
    let detail = format!(
        "{shapes} statement shapes are counted; the {} largest by time, calls, rows, temporary blocks and blocks read \
         were kept. They carry {share:.1} % of the execution time.",
        rows.len()
    );
    let closes = "Nothing to do: what was left out is in none of these orders near the top.";
    r.answer.miss_of(GapReason::Truncated, detail, closes, &[], Some(&r.server.subject()));
}

async fn window(r: &mut Reading<'_>, now: Timestamp) -> Result<Option<Timestamp>, Cancelled> {
    let Some(rows) = r.rows(&STATEMENTS_INFO).await? else { return Ok(None) };
    let Some(row) = rows.first() else { return Ok(None) };
    r.number(&STATEMENTS_INFO, key::STATEMENTS_EVICTED, row.number("evicted"));
    let since = row.time("since");
    r.number(&STATEMENTS_INFO, key::STATEMENT_WINDOW_HOURS, window_hours(since, now));
    Ok(since)
}

fn shapes(r: &mut Reading<'_>, rows: &[PgRow], since: Option<Timestamp>, tables: &Tables) -> Vec<Shape> {
    let mut shapes = Vec::new();
    let mut writes = Writes::new();
    for row in rows {
        let (Some(id), Some(raw), Some(calls), Some(total_ms)) =
            (row.text("id"), row.text("text"), row.number("calls"), row.number("total_ms"))
        else {
            continue;
        };
        if is_own(&raw) {
            continue;
        }
        let Some((text, verb, named, filters, route)) = understand(&raw, tables) else { continue };
        if verb == Verb::Write {
            count_writes(&mut writes, text::written(&lex(&raw), tables, "public"), &row.texts("users"));
        }
        let whole = row.flag("cut") == Some(false);
        let plannable = if whole && verb == Verb::Read { plannable::of(&raw, tables) } else { None };
        shapes.push(Shape { fingerprint: id.clone(), filters, plannable });
        let stat = QueryStat {
            fingerprint: id,
            text,
            verb,
            calls,
            total_ms,
            rows: row.number("rows").unwrap_or(0.0),
            rows_examined: None,
            blocks_read: row.number("blocks_read"),
            temp_blocks: row.number("temp_blocks"),
            since,
            tables: named,
            route,
        };
        r.measured(&r.server.subject(), &STATEMENTS, stat);
    }
    for ((table, user), calls) in writes {
        if let Some((schema, name)) = table.split_once('.') {
            let (subject, value) = (r.server.table(schema, name), Value::Number(calls));
            r.answer.set(&subject, STATEMENTS.name, Basis::Measured, key::TABLE_WRITES, Some(&user), value);
        }
    }
    shapes
}

/// Executions that write a table, by table and user.
type Writes = BTreeMap<(String, String), f64>;

/// Adds the executions of a statement; each user is said as `executions name`.
fn count_writes(writes: &mut Writes, tables: BTreeSet<String>, users: &[String]) {
    for table in tables {
        for (calls, user) in users.iter().filter_map(|u| u.split_once(' ')) {
            if let Ok(calls) = calls.parse::<f64>() {
                *writes.entry((table.clone(), user.to_owned())).or_default() += calls;
            }
        }
    }
}

type Understood = (String, Verb, Vec<String>, Vec<(String, String)>, Option<String>);

/// `None` for what must not leave the server: hidden texts and statements that may carry a credential.
fn understand(raw: &str, tables: &Tables) -> Option<Understood> {
    if raw.starts_with("<insufficient privilege>") {
        return None;
    }
    let lexed = lex(raw);
    let verb = text::verb(&lexed);
    if verb == Verb::Other {
        return Some((text::utility(&lexed)?, verb, Vec::new(), Vec::new(), None));
    }
    let mentions = text::mentions(&lexed, tables, "public");
    let filters = text::filters(&lexed, &mentions, tables);
    let mut named: Vec<String> = mentions.into_values().collect();
    named.sort();
    named.dedup();
    Some((lexed.text(), verb, named, filters, text::route(&lexed.comments)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_statements_are_known_again() {
        for statement in statements::ALL {
            for (_, sql) in statement.forms {
                assert!(is_own(sql), "{}", statement.name);
            }
        }
        assert!(is_own("FETCH FORWARD $1 FROM loadline_page") && !is_own("SELECT * FROM orders WHERE id = $1"));
    }

    #[test]
    fn writes_are_counted_by_table_and_user() {
        let mut writes = Writes::new();
        let table = || BTreeSet::from(["public.orders".to_owned()]);
        count_writes(&mut writes, table(), &["3 shop".to_owned(), "4 shop".to_owned(), "1 the reports".to_owned()]);
        count_writes(&mut writes, table(), &["1 shop".to_owned(), "odd".to_owned()]);
        let said: Vec<_> = writes.iter().map(|((table, user), n)| format!("{table} {user} {n}")).collect();
        assert_eq!(said, ["public.orders shop 8", "public.orders the reports 1"]);
    }

    #[test]
    fn nothing_secret_is_understood() {
        let check = |raw: &str, text: Option<&str>| {
            assert_eq!(understand(raw, &Tables::default()).map(|u| u.0).as_deref(), text, "{raw}");
        };
        check("<insufficient privilege>", None);
        check("CREATE USER app PASSWORD 'hunter2'", None);
        check("COPY t FROM '/home/me/secret.csv'", Some("copy"));
        check("SELECT 'hunter2' WHERE id = 5", Some("select ? where id = ?"));
    }
}
