//! A migration as it is drawn and said: pure.

use crate::charts::{Point, csv_field};
use crate::format;
use loadline_charts::BurnUp;
use loadline_model::codebase::Migration;
use loadline_model::{MIGRATION_DONE, MIGRATION_MOVES, MigrationMoment};

/// The chart.
pub fn chart(m: &Migration) -> BurnUp {
    BurnUp {
        name: m.lines.name.clone(),
        moments: m.lines.moments.iter().map(|at| (at.at.0, at.old_lines, at.new_lines)).collect(),
        forecast: m.forecast.map(|at| at.0),
    }
}

/// Where the cursor stands: each week with its lines.
pub fn points(m: &Migration) -> Vec<Point> {
    let point = |at: &MigrationMoment| Point {
        x: at.at.0 as f64,
        ys: vec![at.old_lines, at.old_lines + at.new_lines],
        words: vec![
            format::date(at.at, "UTC"),
            format!("{} old", lines(at.old_lines)),
            format!("{} new", lines(at.new_lines)),
            at.done().map_or_else(|| "no line".to_owned(), |done| format!("{} done", format::percent(done))),
        ],
    };
    m.lines.moments.iter().map(point).collect()
}

/// How far it is, in one sentence.
pub fn state(m: &Migration) -> String {
    let left = m.lines.moments.last().map_or(0.0, |last| last.old_lines);
    match m.done {
        None => "No line is left on either side.".to_owned(),
        Some(done) if left == 0.0 && done > 0.0 => "Done: no line is left on the old path.".to_owned(),
        Some(done) => format!("{} done, {} left on the old path.", format::percent(done), lines(left)),
    }
}

/// Whether it moves, in one sentence, and whether that is a problem; unknown where it was not seen for eight weeks.
pub fn movement(m: &Migration) -> (String, bool) {
    let old = |at: &MigrationMoment| at.old_lines;
    let last = m.lines.moments.last();
    let then = last.and_then(|last| m.lines.before(last.at, loadline_model::MIGRATION_WEEKS * 7.0));
    let added = last.map(old).zip(then.map(old)).map_or(0.0, |(now, then)| now - then);
    let grew =
        if added > 0.0 { format!(" The old path grew by {}: add nothing to it.", lines(added)) } else { String::new() };
    match m.moved {
        None => ("Not proven whether it moves: it was not seen for eight weeks yet.".to_owned(), false),
        Some(moved) => {
            let points = format::number(moved * 100.0, 1);
            let said = format!("It moved by {points} points in the last eight weeks.{grew}");
            (said, moved < MIGRATION_MOVES && m.done.is_some_and(|done| done < MIGRATION_DONE))
        }
    }
}

/// When it would be done; nothing where it does not move.
pub fn forecast(m: &Migration) -> Option<String> {
    let day = format::date(m.forecast?, "UTC");
    Some(format!("{} done about {day}, if it goes on like this.", format::percent(MIGRATION_DONE)))
}

/// The weeks as CSV.
pub fn csv(m: &Migration) -> String {
    let head: Vec<String> = ["moment", "old lines", "new lines"].map(csv_field).into_iter().collect();
    let row =
        |at: &MigrationMoment| format!("{},{},{}\n", at.at, format::plain(at.old_lines), format::plain(at.new_lines));
    format!("{}\n{}", head.join(","), m.lines.moments.iter().map(row).collect::<String>())
}

/// Name of the files that are saved of it, without an ending.
pub fn file(m: &Migration) -> String {
    let words = m.lines.name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    std::iter::once("migration").chain(words).collect::<Vec<_>>().join("-")
}

fn lines(n: f64) -> String {
    format::count(n as usize, "line", "lines")
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::{CodeMigration, DAY_MS, Timestamp};

    fn weekly(count: i64, each: impl Fn(f64) -> (f64, f64)) -> Migration {
        let moment = |week: i64| {
            let (old_lines, new_lines) = each(week as f64);
            MigrationMoment { at: Timestamp(1_793_577_600_000 + week * 7 * DAY_MS), old_lines, new_lines }
        };
        let moments = (0..count).map(moment).collect();
        CodeMigration { name: "checkout".into(), moments, ..CodeMigration::default() }.into()
    }

    #[test]
    fn a_migration_is_said_as_it_is() {
        let check = |m: &Migration, expected: (&str, &str, bool, bool)| {
            let (said, stands) = movement(m);
            let found = (state(m), said, stands, forecast(m).is_some());
            assert_eq!((found.0.as_str(), found.1.as_str(), found.2, found.3), expected);
        };
        check(
            &weekly(27, |i| (1_000.0 - 10.0 * i, 10.0 * i)),
            (
                "26\u{202f}% done, 740 lines left on the old path.",
                "It moved by 8 points in the last eight weeks.",
                false,
                true,
            ),
        );
        check(
            &weekly(27, |i| (600.0 + i, 400.0)),
            (
                "39\u{202f}% done, 626 lines left on the old path.",
                "It moved by \u{2212}0.3 points in the last eight weeks. The old path grew by 8 lines: add nothing to it.",
                true,
                false,
            ),
        );
        check(
            &weekly(3, |_| (600.0, 400.0)),
            (
                "40\u{202f}% done, 600 lines left on the old path.",
                "Not proven whether it moves: it was not seen for eight weeks yet.",
                false,
                false,
            ),
        );
        check(
            &weekly(27, |_| (0.0, 400.0)),
            ("Done: no line is left on the old path.", "It moved by 0 points in the last eight weeks.", false, false),
        );
        assert_eq!(state(&weekly(1, |_| (0.0, 0.0))), "No line is left on either side.");
    }

    #[test]
    fn the_file_holds_each_week() {
        let text = csv(&weekly(2, |i| (10.0 - i, i)));
        assert_eq!(text, "moment,old lines,new lines\n2026-11-02T00:00:00Z,10,0\n2026-11-09T00:00:00Z,9,1\n");
        assert_eq!(file(&weekly(1, |_| (1.0, 0.0))), "migration-checkout");
        assert_eq!(points(&weekly(2, |i| (10.0 - i, i)))[1].ys, [9.0, 10.0]);
    }
}
