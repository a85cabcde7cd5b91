//! `loadline debt`: what debt costs, where the code is worst, who knows it, how migrations move.

use super::{Asked, Ended, debt_costs as costs, print};
use clap::Args;
use loadline_engine::codebase as engine;
use loadline_model::codebase::{Migration, Repository};
use loadline_model::{CodeStat, MIGRATION_DONE};
use serde_json::json;

#[derive(Args)]
pub(super) struct Debt {
    /// Most components, findings, files and pairs printed; --json holds all
    #[arg(long, default_value_t = 10)]
    top: usize,
}

pub(super) async fn run(words: &Debt, asked: &Asked) -> Ended {
    let assessed = asked.assessment().await?;
    let workspace = asked.open().await?;
    let code = engine::codebase(&workspace, &asked.as_of).await?;
    if asked.json {
        print::json(
            "debt",
            json!({ "as_of": assessed.as_of.to_string(), "debt": assessed.debt, "repositories": code.repositories }),
        )?;
        return Ok(0);
    }
    costs::text(&assessed, words.top);
    for repository in &code.repositories {
        print::line("");
        self::repository(repository, words.top);
    }
    if code.repositories.is_empty() {
        print::line("No code was read. Connect a clone: loadline connect git --path …");
    }
    Ok(0)
}

fn repository(r: &Repository, top: usize) {
    let whole = |n: Option<f64>| n.map_or_else(|| "not read".to_owned(), |n| format!("{n:.0}"));
    print::line(format!(
        "{}: {} lines, {} authors of whom {} are active, truck factor {}, {} circles of modules",
        r.subject.name,
        whole(r.lines),
        whole(r.authors),
        whole(r.active_authors),
        whole(r.truck_factor),
        r.cycles.len(),
    ));
    let hot: Vec<Vec<String>> =
        r.files.iter().filter(|f| f.hotspot.is_some_and(|h| h > 0.0)).take(top).map(file).collect();
    if !hot.is_empty() {
        print::table(&["hotspot", "file", "lines", "changes a year", "people who know it"], &hot);
    }
    for cycle in r.cycles.iter().take(top) {
        let cut = cycle.cut.as_ref().map_or_else(String::new, |at| format!("; begin cutting at {at}"));
        print::line(format!("  circle of {}: {}{cut}", cycle.modules.len(), cycle.modules.join(" → ")));
    }
    for pair in r.pairs.iter().take(top) {
        print::line(format!(
            "  {} changes with {}: {:.0} % of the changes, {} commits",
            pair.first,
            pair.second,
            pair.confidence * 100.0,
            pair.support
        ));
    }
    for migration in &r.migrations {
        print::line(format!("  migration {}: {}", migration.lines.name, moved(migration)));
    }
}

/// How far a migration is, whether it moves, and when it would be done.
fn moved(m: &Migration) -> String {
    let Some((last, done)) = m.lines.moments.last().zip(m.done) else {
        return "no line is left on either side".to_owned();
    };
    let movement = match m.moved {
        Some(moved) => format!("{:+.1} points in 8 weeks", moved * 100.0),
        None => "not seen for 8 weeks yet".to_owned(),
    };
    let end = m.forecast.map_or_else(String::new, |at| {
        format!("; {:.0} % about {}, if it goes on like this", MIGRATION_DONE * 100.0, at.utc_day())
    });
    format!("{:.0} % done, {:.0} lines old, {:.0} new, {movement}{end}", done * 100.0, last.old_lines, last.new_lines)
}

fn file(f: &CodeStat) -> Vec<String> {
    let whole = |n: Option<f64>| n.map_or_else(|| "–".to_owned(), |n| format!("{n:.0}"));
    vec![
        f.hotspot.map_or_else(|| "–".into(), |h| format!("{h:.2}")),
        f.path.clone(),
        format!("{:.0}", f.lines),
        whole(f.churn),
        f.owners.map_or_else(|| "–".into(), |n| n.to_string()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::{CodeMigration, DAY_MS, MigrationMoment, Timestamp};

    #[test]
    fn a_migration_is_one_line() {
        let weekly = |weeks: i64, step: f64| -> Migration {
            let moment = |week: i64| MigrationMoment {
                at: Timestamp(1_793_577_600_000 + week * 7 * DAY_MS),
                old_lines: 1_000.0 - step * week as f64,
                new_lines: step * week as f64,
            };
            CodeMigration { moments: (0..weeks).map(moment).collect(), ..CodeMigration::default() }.into()
        };
        let check = |m: Migration, expected: &str| assert_eq!(moved(&m), expected);
        check(
            weekly(27, 10.0),
            "26 % done, 740 lines old, 260 new, +8.0 points in 8 weeks; 95 % about 2028-08-28, if it goes on like this",
        );
        check(weekly(27, 0.0), "0 % done, 1000 lines old, 0 new, +0.0 points in 8 weeks");
        check(weekly(2, 10.0), "1 % done, 990 lines old, 10 new, not seen for 8 weeks yet");
        check(weekly(0, 0.0), "no line is left on either side");
    }
}
