//! Where the server spends its time: statement shapes, without literals.

use super::reading::{Reading, counting_off};
use super::row::{Row, number};
use super::statements::{COUNTERS, COUNTING, DIGESTS, DIGESTS_SINCE};
use crate::Cancelled;
use crate::sql::filters::Filters;
use crate::sql::lexer::lex_double_quoted;
use crate::sql::text::{self, Tables};
use loadline_model::{GapReason, QueryStat, Timestamp, Value, Verb, key};
use std::collections::BTreeMap;

/// What the Performance Schema counts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Counting {
    /// Statement shapes.
    pub statements: bool,
    /// Reads by index.
    pub tables: bool,
    /// Tables and indexes that had no room to be counted.
    pub lost: Option<f64>,
    /// Start of the server, with which counting begins.
    pub since: Option<Timestamp>,
}

/// Finds out what is counted; leaves the gap of what is not.
pub(super) async fn counting(r: &mut Reading<'_>) -> Result<Counting, Cancelled> {
    if r.server.counting == Some(false) {
        let detail = "The Performance Schema is off: neither statements nor the use of indexes are counted.";
        r.answer.miss_of(GapReason::FeatureDisabled, detail, counting_off(), &[], Some(&r.server.subject()));
        r.set(&COUNTING, key::STATEMENT_STATISTICS, None, Value::Bool(false));
        return Ok(Counting::default());
    }
    let Some(rows) = r.rows(&COUNTING).await? else { return Ok(Counting::default()) };
    let status = r.named(&COUNTERS).await?;
    let at = |name: &str| status.get(name).and_then(|n| number(n));
    let lost = at("performance_schema_index_stat_lost").zip(at("performance_schema_table_instances_lost"));
    let mut counting = counted(&rows);
    counting.lost = lost.map(|(indexes, tables)| indexes + tables);
    counting.since = at("uptime").map(|s| r.began(s));
    r.set(&COUNTING, key::STATEMENT_STATISTICS, None, Value::Bool(counting.statements));
    for (on, what, name) in [
        (counting.statements, "Statement shapes are not counted", "performance-schema-consumer-statements-digest = ON"),
        (
            counting.tables,
            "Reads by index are not counted",
            "performance-schema-instrument = 'wait/io/table/sql/handler=ON'",
        ),
    ] {
        if !on {
            let detail = format!("{what}: the Performance Schema is on, but set up without it.");
            let closes = format!("Set {name} in the server's configuration file and restart it.");
            r.answer.miss_of(GapReason::FeatureDisabled, detail, closes, &[], Some(&r.server.subject()));
        }
    }
    Ok(counting)
}

fn counted(rows: &[Row]) -> Counting {
    let on = |name: &str| {
        rows.iter().any(|row| row.text("name").as_deref() == Some(name) && row.flag("enabled") == Some(true))
    };
    let global = on("global_instrumentation");
    Counting {
        statements: global && on("thread_instrumentation") && on("statements_digest") && on("statement/sql/select"),
        tables: global && on("wait/io/table/sql/handler"),
        lost: None,
        since: None,
    }
}

/// Says every statement shape.
pub(super) async fn read(r: &mut Reading<'_>, counting: &Counting, tables: &Tables) -> Result<Vec<Filters>, Cancelled> {
    if !counting.statements {
        return Ok(Vec::new());
    }
    // There is no time of the last reset; the oldest shape that is left is at most a little younger.
    let oldest = r.rows(&DIGESTS_SINCE).await?.unwrap_or_default();
    let since = oldest.first().and_then(|row| row.time("since"));
    let now = r.answer.read_at();
    let hours = since.map(|since| now.hours_since(since)).filter(|hours| *hours >= 0.0);
    r.number(&DIGESTS_SINCE, key::STATEMENT_WINDOW_HOURS, hours);
    let rows = r.rows(&DIGESTS).await?.unwrap_or_default();
    let found = stats(&rows, since.filter(|_| hours.is_some()), tables);
    truncated(r, oldest.first(), &rows);
    let mut shapes = Vec::new();
    for (stat, filters) in found.into_values() {
        shapes.push(filters);
        r.measured(&r.server.subject(), &DIGESTS, stat);
    }
    Ok(shapes)
}

/// Says how much of the execution time lies in shapes that were left out.
fn truncated(r: &mut Reading<'_>, all: Option<&Row>, rows: &[Row]) {
    let at = |column| all.and_then(|row| row.number(column));
    let (Some(shapes), Some(all_ms)) = (at("shapes"), at("all_ms")) else { return };
    // One that several rankings list may have been counted on between them.
    let kept: BTreeMap<_, f64> =
        rows.iter().filter_map(|row| Some(((row.text("home"), row.text("id")?), row.number("total_ms")?))).collect();
    // One that ran for the first time in between is no reason to speak.
    if rows.is_empty() || shapes <= kept.len() as f64 + 1.0 {
        return;
    }
    let share = if all_ms > 0.0 { (kept.values().sum::<f64>() / all_ms * 100.0).min(100.0) } else { 100.0 };
    let detail = format!(
        "{shapes} statement shapes are counted; the {} largest by time, rows examined, rows sent, reads without index and \
         work on disk were kept. They carry {share:.1} % of the execution time.",
        kept.len()
    );
    let closes = "Nothing to do: what was left out is in none of these orders near the top.";
    r.answer.miss_of(GapReason::Truncated, detail, closes, &[], Some(&r.server.subject()));
}

/// Shapes by fingerprint. One that several rankings list is read several times, a little later each time.
fn stats(
    rows: &[Row],
    since: Option<Timestamp>,
    tables: &Tables,
) -> BTreeMap<String, (QueryStat, Vec<(String, String)>)> {
    let mut found = BTreeMap::new();
    for row in rows {
        let (Some(id), Some(raw), Some(calls), Some(total_ms)) =
            (row.text("id"), row.text("text"), row.number("calls"), row.number("total_ms"))
        else {
            continue;
        };
        let home = row.text("home").unwrap_or_default();
        let Some(understood) = understand(&raw, &home, tables) else { continue };
        let rows = match understood.verb {
            Verb::Write => row.number("affected"),
            Verb::Read | Verb::Other => row.number("sent"),
        };
        let fingerprint = if home.is_empty() { id } else { format!("{home}.{id}") };
        let stat = QueryStat {
            fingerprint: fingerprint.clone(),
            text: understood.text,
            verb: understood.verb,
            calls,
            total_ms,
            rows: rows.unwrap_or(0.0),
            rows_examined: row.number("examined"),
            blocks_read: None,
            // The server counts tables and merge passes on disk, not blocks: each is at least one.
            temp_blocks: row.number("spilled"),
            since,
            tables: understood.tables,
            route: None,
        };
        found.entry(fingerprint).or_insert((stat, understood.filters));
    }
    found
}

struct Understood {
    text: String,
    verb: Verb,
    tables: Vec<String>,
    filters: Vec<(String, String)>,
}

/// `None` for statements that may carry a credential. The server wrote `?` for every literal already; reading the text again
/// keeps to that where a version forgets one.
fn understand(raw: &str, home: &str, tables: &Tables) -> Option<Understood> {
    let lexed = lex_double_quoted(raw);
    let verb = text::verb(&lexed);
    if verb == Verb::Other {
        return Some(Understood { text: text::utility(&lexed)?, verb, tables: Vec::new(), filters: Vec::new() });
    }
    let mentions = text::mentions(&lexed, tables, home);
    let filters = text::filters(&lexed, &mentions, tables);
    let mut named: Vec<String> = mentions.into_values().collect();
    named.sort();
    named.dedup();
    Some(Understood { text: lexed.text(), verb, tables: named, filters })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables() -> Tables {
        let mut tables = Tables::default();
        for schema in ["shop", "crm"] {
            tables.add(schema, "orders", vec!["id".to_owned(), "user_id".to_owned()]);
        }
        tables
    }

    #[test]
    fn digests_become_statements() {
        // MySQL 8.0 quotes and spaces like this (manual, "Statement Digests"); MariaDB the same, with a trailing space.
        let row = |home, text| {
            Row::of(&[
                ("home", home),
                ("id", "ab12"),
                ("text", text),
                ("calls", "4"),
                ("total_ms", "12.5"),
                ("sent", "40"),
                ("affected", "2"),
                ("examined", "8000"),
                ("spilled", "1"),
            ])
        };
        let found = stats(&[row("shop", "SELECT * FROM `orders` WHERE `user_id` = ? LIMIT ? ")], None, &tables());
        let (stat, filters) = found.get("shop.ab12").expect("the shape");
        assert_eq!(
            (stat.text.as_str(), stat.verb, stat.rows),
            ("select * from orders where user_id = ? limit ?", Verb::Read, 40.0)
        );
        assert_eq!((stat.rows_examined, stat.temp_blocks, stat.total_ms), (Some(8000.0), Some(1.0), 12.5));
        assert_eq!(stat.tables, ["shop.orders"]);
        assert_eq!(filters, &[("shop.orders".to_owned(), "user_id".to_owned())]);
        let written =
            stats(&[row("shop", "UPDATE `crm` . `orders` SET `user_id` = ? WHERE `id` = ?")], None, &tables());
        let (stat, _) = written.get("shop.ab12").expect("the shape");
        assert_eq!((stat.rows, stat.tables.as_slice()), (2.0, ["crm.orders".to_owned()].as_slice()));
        // Without a home, a name that two databases have is nobody's.
        let unclear = stats(&[row("", "SELECT ? FROM `orders`")], None, &tables());
        assert!(unclear.get("ab12").is_some_and(|(stat, _)| stat.tables.is_empty()));
    }

    #[test]
    fn nothing_secret_is_understood() {
        let check = |raw: &str, text: Option<&str>| {
            assert_eq!(understand(raw, "shop", &tables()).map(|u| u.text).as_deref(), text, "{raw}");
        };
        check("CREATE USER `app` IDENTIFIED BY 'hunter2'", None);
        check("SET PASSWORD = 'hunter2'", None);
        check("CHANGE MASTER TO MASTER_PASSWORD = 'hunter2'", None);
        check("SELECT 'hunter2' FROM `orders` WHERE `id` = 5", Some("select ? from orders where id = ?"));
        check("SELECT \"it's 'hunter2'\" FROM `orders`", Some("select ? from orders"));
    }

    #[test]
    fn what_is_counted() {
        let row = |name, enabled| Row::of(&[("name", name), ("enabled", enabled)]);
        let all = [
            "global_instrumentation",
            "thread_instrumentation",
            "statements_digest",
            "statement/sql/select",
            "wait/io/table/sql/handler",
        ];
        let check = |off: &str, statements, tables| {
            let rows: Vec<Row> = all.iter().map(|name| row(name, if *name == off { "NO" } else { "YES" })).collect();
            let found = counted(&rows);
            assert_eq!((found.statements, found.tables), (statements, tables), "without {off}");
        };
        check("", true, true);
        check("statements_digest", false, true);
        check("wait/io/table/sql/handler", true, false);
        check("global_instrumentation", false, false);
    }
}
