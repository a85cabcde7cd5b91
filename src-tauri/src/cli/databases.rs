//! `loadline databases`: where databases spend their time, what would help, who may connect, what grows.

use super::{Asked, Ended, no_snapshot, print};
use clap::Args;
use loadline_engine::databases as engine;
use loadline_model::Interval;
use loadline_model::databases::{Across, AcrossFound, Chain, DatabaseRow, Databases as Found, StatementRow, Trend};
use std::sync::Arc;

/// What is printed for a number that was not read.
const UNKNOWN: &str = "not read";

#[derive(Args)]
pub(super) struct Databases {
    /// Only this database (its name or id)
    #[arg(long)]
    database: Option<String>,
    /// Most statements and tables printed; --json holds all
    #[arg(long, default_value_t = 10)]
    top: usize,
}

pub(super) async fn run(words: &Databases, asked: &Asked) -> Ended {
    let workspace = asked.open().await?;
    let assessed = workspace.assessment(&asked.as_of).await?.ok_or_else(no_snapshot)?;
    let found = engine::databases(&workspace, &asked.as_of, Arc::new(assessed)).await?;
    let found = only(found, words.database.as_deref());
    if asked.json {
        let mut value = serde_json::to_value(&found)?;
        value["as_of"] = found.as_of.to_string().into();
        print::json("databases", value)?;
    } else {
        text(&found, words.top);
    }
    Ok(0)
}

/// What concerns one database.
fn only(mut found: Found, wanted: Option<&str>) -> Found {
    let Some(wanted) = wanted else { return found };
    found.databases.retain(|d| d.subject.name == wanted || d.subject.id.as_str() == wanted);
    let databases = &found.databases;
    let kept = |id: &loadline_model::SubjectId| databases.iter().any(|d| d.subject.id == *id);
    found.statements.retain(|s| kept(&s.database));
    found.tables.retain(|t| kept(&t.database));
    found.chains.retain(|c| kept(&c.database.id));
    found.advice.retain(|a| a.database.as_ref().is_some_and(|d| kept(&d.id)));
    found
}

fn text(found: &Found, top: usize) {
    if found.databases.is_empty() {
        return print::line("No database is known. Connect one: loadline connect postgres --url postgres://…");
    }
    print::table(
        &["database", "engine", "running at once", "connections", "buffer hits", "size", "grows", "disk", "full in"],
        &found.databases.iter().map(database).collect::<Vec<_>>(),
    );
    for row in &found.databases {
        if let Some(missing) = &row.no_statements {
            print::line(format!("  {}: {}. {}", row.subject.name, missing.detail, missing.closes));
        }
        if let Some(missing) = &row.disk_unknown {
            let name = &row.subject.name;
            print::line(format!(
                "  {name}: when its disk is full is not known: {}. {}",
                missing.detail, missing.closes
            ));
        }
    }
    if !found.statements.is_empty() {
        print::line("\nTop statements");
        let rows: Vec<Vec<String>> = found.statements.iter().take(top).map(statement).collect();
        print::table(&["of time", "calls a day", "mean", "was", "examined per row", "statement"], &rows);
    }
    let changed = || found.statements.iter().filter_map(|s| Some((s, s.across.as_ref()?)));
    if changed().next().is_some() {
        print::line("\nBefore and after a change");
        for (row, across) in changed().take(top) {
            print::line(format!("  {}", one_line(&row.text)));
            print::line(format!("    {}", before_and_after(across)));
        }
    }
    if !(found.advice.is_empty() && found.unproven.is_empty()) {
        print::line("\nIndexes");
        for advice in &found.advice {
            let weight = advice.weight.map_or_else(String::new, |w| format!("{} of the time: ", print::percent(w)));
            print::line(format!("  {weight}{}", advice.sentence));
            print::line(format!("    {}", advice.statement));
        }
        for unproven in &found.unproven {
            let count = unproven.count;
            print::line(format!("  not proven for {count} tables ({}). {}", unproven.rule, unproven.closes));
        }
    }
    print::line("\nConnections");
    for chain in &found.chains {
        print::line(format!("  {}", said(chain)));
    }
    if !found.tables.is_empty() {
        print::line("\nTables by growth");
        let rows: Vec<Vec<String>> = found
            .tables
            .iter()
            .take(top)
            .map(|t| {
                vec![t.subject.name.clone(), known(t.rows, count), known(t.bytes, bytes), known(t.bytes_per_day, a_day)]
            })
            .collect();
        print::table(&["table", "rows", "size", "grows"], &rows);
    }
}

fn database(row: &DatabaseRow) -> Vec<String> {
    let engine = [row.engine.clone(), row.version.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let connections = match (row.connections, row.usable) {
        (Some(used), Some(usable)) => format!("{} of {}", count(used), count(usable)),
        (None, Some(usable)) => format!("at most {}", count(usable)),
        (Some(used), None) => count(used),
        (None, None) => UNKNOWN.to_owned(),
    };
    vec![
        row.subject.name.clone(),
        if engine.is_empty() { UNKNOWN.to_owned() } else { engine },
        known(row.busy, |b| format!("{b:.2}")),
        connections,
        known(row.hit_ratio, |h| format!("{:.1} %", h * 100.0)),
        known(row.bytes, bytes),
        known(row.bytes_per_day, a_day),
        known(row.disk, print::percent),
        full_in(row.disk_days, row.disk_unknown.is_some()),
    ]
}

fn statement(row: &StatementRow) -> Vec<String> {
    let was = match &row.trend {
        Trend::Compared { before_ms, .. } => ms(*before_ms),
        Trend::New => "new".to_owned(),
        Trend::OneReading => "–".to_owned(),
        Trend::NotComparable { .. } => "not comparable".to_owned(),
    };
    vec![
        print::percent(row.share),
        known(row.calls_per_day, count),
        ms(row.mean_ms),
        was,
        known(row.examined_per_row, count),
        one_line(&row.text),
    ]
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a statement took before and after the last change that concerns it.
fn before_and_after(across: &Across) -> String {
    let when = format!("Between {} and {} {}", across.from.utc_day(), across.until.utc_day(), across.what);
    let others = match across.others {
        0 => String::new(),
        1 => " One more change lies in the same time.".to_owned(),
        n => format!(" {n} more changes lie in the same time."),
    };
    match &across.found {
        AcrossFound::Measured { before_ms, after_ms, percent, verdict, periods } => format!(
            "{when}: a call took {} before and {} after ({:+.0} %, 95 % interval {:+.0} to {:+.0}; {periods} readings on each \
             side): {}.{others}",
            ms(*before_ms),
            ms(*after_ms),
            percent.mid,
            percent.low,
            percent.high,
            verdict.word()
        ),
        AcrossFound::TooFew { before, after, need } => format!(
            "{when}: not enough readings to compare, {before} before and {after} after; {need} are needed on each side.{others}"
        ),
    }
}

/// Days until the disk is full: `12 to 30 days`.
fn full_in(days: Option<Interval>, missing: bool) -> String {
    match days {
        Some(d) if d.p10.round() == d.p90.round() => format!("{:.0} days", d.p50),
        Some(d) => format!("{:.0} to {:.0} days", d.p10, d.p90),
        None if missing => "not known".to_owned(),
        None => "over 2 years".to_owned(),
    }
}

fn said(chain: &Chain) -> String {
    if !chain.sentence.is_empty() {
        return chain.sentence.clone();
    }
    format!("{}: which services open connections is not known.", chain.database.name)
}

fn known(value: Option<f64>, say: impl Fn(f64) -> String) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), say)
}

fn count(n: f64) -> String {
    let (value, unit) = match n {
        n if n >= 1e9 => (n / 1e9, " G"),
        n if n >= 1e6 => (n / 1e6, " M"),
        n if n >= 1e4 => (n / 1e3, " k"),
        n => (n, ""),
    };
    if unit.is_empty() && value >= 10.0 || value.fract() == 0.0 {
        format!("{value:.0}{unit}")
    } else {
        format!("{value:.1}{unit}")
    }
}

fn bytes(n: f64) -> String {
    let sign = if n < 0.0 { "-" } else { "" };
    let (value, unit) = match n.abs() {
        n if n >= 1e12 => (n / 1e12, "TB"),
        n if n >= 1e9 => (n / 1e9, "GB"),
        n if n >= 1e6 => (n / 1e6, "MB"),
        n => (n / 1e3, "kB"),
    };
    format!("{sign}{value:.1} {unit}")
}

fn a_day(n: f64) -> String {
    format!("{} a day", bytes(n))
}

fn ms(n: f64) -> String {
    if n >= 1_000.0 { format!("{:.1} s", n / 1e3) } else { format!("{n:.1} ms") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_carry_their_unit() {
        let check = |said: String, expected: &str| assert_eq!(said, expected);
        check(count(7.0), "7");
        check(count(0.4), "0.4");
        check(count(12_857.0), "12.9 k");
        check(bytes(1.2e9), "1.2 GB");
        check(a_day(-3.4e6), "-3.4 MB a day");
        check(ms(640.0), "640.0 ms");
        check(ms(1_800.0), "1.8 s");
        check(known(None, bytes), "not read");
        let days = |p10, p90| Some(Interval { p10, p50: 12.0, p90 });
        check(full_in(days(9.6, 30.0), false), "10 to 30 days");
        check(full_in(days(12.0, 12.3), false), "12 days");
        check(full_in(None, true), "not known");
        check(full_in(None, false), "over 2 years");
    }

    #[test]
    fn a_change_is_told_with_its_interval_or_what_is_missing() {
        let percent = loadline_model::Effect { low: -98.6, mid: -98.2, high: -97.9 };
        let verdict = loadline_model::Verdict::Improved;
        let found = AcrossFound::Measured { before_ms: 640.0, after_ms: 11.0, percent, verdict, periods: 6 };
        let what = "the index `by_user` of `orders` was added".to_owned();
        let (from, until) = (loadline_model::Timestamp(0), loadline_model::Timestamp(86_400_000));
        let told = before_and_after(&Across { what: what.clone(), from, until, others: 2, found });
        assert_eq!(
            told,
            "Between 1970-01-01 and 1970-01-02 the index `by_user` of `orders` was added: a call took 640.0 ms before and 11.0 ms \
             after (-98 %, 95 % interval -99 to -98; 6 readings on each side): improved. 2 more changes lie in the same time."
        );
        let found = AcrossFound::TooFew { before: 9, after: 1, need: 6 };
        let told = before_and_after(&Across { what, from, until, others: 0, found });
        assert!(told.ends_with("9 before and 1 after; 6 are needed on each side."), "{told}");
    }
}
