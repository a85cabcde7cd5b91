//! What is known of migrations: lines that were counted on both sides, and what people said beside them.

use crate::db::wording::{count, percent};
use crate::verdict::Verdict;
use crate::{Context, Subject};
use loadline_model::{
    CodeMigration, Evidence, GapReason, Provenance, Setting, Severity, SubjectId, Timestamp, key, num,
};
use std::collections::BTreeMap;

/// A count and where it comes from.
pub(super) type Counted<'a> = (&'a CodeMigration, &'a Provenance);

/// The newest count of each migration, by name and repository.
pub(super) fn measured<'c>(context: &'c Context<'_>) -> BTreeMap<(&'c str, &'c SubjectId), Counted<'c>> {
    let mut found: BTreeMap<_, Counted<'c>> = BTreeMap::new();
    for (id, lines, from) in context.facts.all::<CodeMigration>() {
        let known = found.entry((lines.name.as_str(), id)).or_insert((lines, from));
        if (known.1.read_at, known.1) < (from.read_at, from) {
            *known = (lines, from);
        }
    }
    found
}

/// Judges a migration by its lines. Whether it moves is asked of the state that was read, eight weeks back from it.
pub(super) fn counted(
    (lines, from): Counted<'_>,
    subject: &Subject<'_>,
    context: &Context<'_>,
    rows: &mut Vec<Evidence>,
    verdict: &mut Verdict,
) {
    let name = lines.name.as_str();
    let traffic = old_traffic(name, context);
    let severity = severity(traffic, subject);
    both_write(name, severity, subject, context, rows, verdict);
    let known = lines.moments.last().and_then(|last| Some((last, last.done()?)));
    let Some((last, done)) = known else {
        let closes = format!("Correct the setting `migration.{name}` of the account.");
        return verdict.lacks(GapReason::LowSample, format!("no line is left on either side of `{name}`"), closes);
    };
    rows.push(Evidence::read(format!("{name}: done"), percent(done), from));
    let sides = |old: f64, new: f64| format!("{} old, {} new", count(old), count(new));
    rows.push(Evidence::read(format!("{name}: lines"), sides(last.old_lines, last.new_lines), from));
    let window = subject.number("weeks") * 7.0;
    let then = lines.before(last.at, window).and_then(|then| Some((then, then.done()?)));
    if let Some((then, was)) = then {
        let label = format!("{name}: lines {window:.0} days before");
        let said = format!("{}, {} done", sides(then.old_lines, then.new_lines), percent(was));
        rows.push(Evidence::read(label, said, from));
    }
    if done >= subject.number("done") {
        return;
    }
    if let Some(day) = lines.forecast() {
        let said = format!("about {}, if it goes on like this", day.utc_day());
        rows.push(Evidence::derived(format!("{name}: {} done", percent(subject.number("done"))), said));
    }
    let Some((then, was)) = then else {
        let seen = lines.moments.first().map_or(0.0, |first| last.at.days_since(first.at));
        return verdict.short(&format!("what was counted of `{name}`"), seen * 24.0, window * 24.0);
    };
    // A rounding of the last bits is no progress that is missing.
    if done - was + 1e-9 >= subject.number("progress") {
        return;
    }
    let added = num::round9(last.old_lines - then.old_lines);
    let grew = if added > 0.0 { format!(", its old path grew by {} lines", count(added)) } else { String::new() };
    let moved = (done - was) * 100.0;
    verdict.fault(
        severity,
        format!("`{name}` moved by {moved:.1} points in {window:.0} days{grew} and stands at {}", percent(done)),
    );
    // What somebody said may weaken a fault; beside a pass it would make it a matter of trust.
    rows.extend(traffic.map(|traffic| row_of_traffic(name, traffic)));
}

/// Judges since when both paths write the same data, as a person said.
pub(super) fn both_write(
    name: &str,
    severity: Severity,
    subject: &Subject<'_>,
    context: &Context<'_>,
    rows: &mut Vec<Evidence>,
    verdict: &mut Verdict,
) {
    let Some((since, from)) = since(name, context) else { return };
    let days = context.as_of.days_since(since);
    rows.push(Evidence::read(format!("{name}: both paths write"), format!("since {}", since.utc_day()), from));
    if days > subject.number("both_days") {
        verdict.fault(severity, format!("old and new path of `{name}` have written the same data for {days:.0} days"));
    }
}

/// What was said of migrations under a key, by name, strongest and newest first.
pub(super) fn of_migrations<'a>(key: &str, context: &Context<'a>) -> Vec<(&'a Setting, &'a Provenance)> {
    let mut told: Vec<(&'a Setting, &'a Provenance)> =
        context.facts.all::<Setting>().filter(|(_, s, _)| s.key == key).map(|(_, s, p)| (s, p)).collect();
    told.sort_by_key(|(s, p)| (&s.item, p.basis, std::cmp::Reverse(p.read_at), *p));
    told
}

/// Share of the traffic that the old path of a migration still serves, as somebody said.
pub(super) fn old_traffic<'a>(name: &str, context: &Context<'a>) -> Option<(f64, &'a Provenance)> {
    let told = of_migrations(key::MIGRATION_OLD_TRAFFIC, context);
    let (setting, from) = told.into_iter().find(|(s, _)| s.item.as_deref() == Some(name))?;
    Some((setting.value.as_number()?, from))
}

/// The same as evidence.
pub(super) fn row_of_traffic(name: &str, (share, from): (f64, &Provenance)) -> Evidence {
    Evidence::read(format!("{name}: traffic of the old path"), percent(share), from)
}

/// How bad it is that a migration stands still, by that traffic.
pub(super) fn severity(traffic: Option<(f64, &Provenance)>, subject: &Subject<'_>) -> Severity {
    let little = traffic.is_some_and(|(share, _)| share < subject.number("old_traffic"));
    if little { Severity::Low } else { Severity::Medium }
}

fn since<'a>(name: &str, context: &Context<'a>) -> Option<(Timestamp, &'a Provenance)> {
    let told = of_migrations(key::MIGRATION_BOTH_WRITE_SINCE, context);
    let (setting, from) = told.into_iter().find(|(s, _)| s.item.as_deref() == Some(name))?;
    Some((Timestamp::parse(setting.value.as_text()?)?, from))
}
