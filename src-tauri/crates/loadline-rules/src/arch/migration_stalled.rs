//! Migration is stalled.

use super::migrations::{both_write, counted, measured, of_migrations, old_traffic, row_of_traffic, severity};
use crate::db::wording::percent;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{
    CheckResult, Escalation, Evidence, GapReason, MIGRATION_DONE, MIGRATION_MOVES, MIGRATION_WEEKS, Provenance,
    Setting, Timestamp, key,
};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const RULE: Rule = Rule {
    id: "ARCH-010",
    title: "Migration is stalled",
    question: "Is the strangler or layer migration still moving?",
    why: "A migration that stands still is paid for twice: two systems to run, and every change made in both. S1 took 8 months to \
          90-95 %, S5 replaced step by step in 9.",
    condition: "A declared migration that is less than 95 % done moved by less than 2 points in 8 weeks, or its old and new path have \
                written the same data for more than 90 days",
    fix: &[
        "pick the next slice by traffic times change",
        "finish and delete",
        "add nothing to the old path (forward only)",
    ],
    effort_days: [2.0, 15.0],
    effort_source: "HD; S5 9 months, S1 8 months",
    weight: 1,
    severity: "medium; low when the old path serves less than 5 % of the traffic",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::Organisation,
    numbers: &[
        Number { key: "progress", value: MIGRATION_MOVES, unit: "ratio", source: "HD" },
        Number { key: "weeks", value: MIGRATION_WEEKS, unit: "weeks", source: "HD" },
        Number { key: "done", value: MIGRATION_DONE, unit: "ratio", source: "S1 (90-95 % over time)" },
        Number { key: "both_days", value: 90.0, unit: "d", source: "HD" },
        Number { key: "old_traffic", value: 0.05, unit: "ratio", source: "HD" },
    ],
    sources: &[
        (
            "stated",
            "loadline answer migration.progress, migration.old_traffic, migration.both_write_since, each with the migration's name",
        ),
        ("git", "lines under the paths of the setting migration.NAME, at the end of each of 26 weeks of the main line"),
    ],
    proof_metric: "migration_progress",
    proof: "the share on the new path rises",
    false_positives: "A pause that was decided: accept it with a date.",
    unknown_when: "progress was last said or read more than 8 weeks ago, or is first known less than 8 weeks ago; a declared \
                   path holds nothing; without a declared migration the rule does not apply",
    prerequisites: &[],
    check,
};

/// What was said of one migration.
#[derive(Default)]
struct Migration<'a> {
    /// When, how much; oldest first.
    progress: Vec<(Timestamp, f64, &'a Provenance)>,
}

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut verdict = Verdict::new();
    let mut rows = Vec::new();
    verdict.hidden_anywhere(subject, context, &["migration."]);
    let measured = measured(context);
    let mut declared: BTreeMap<&str, Migration<'_>> = BTreeMap::new();
    for (_, setting, from) in context.facts.all::<Setting>().filter(|(_, s, _)| s.key == key::MIGRATION_PROGRESS) {
        if let (Some(name), Some(done)) = (setting.item.as_deref(), setting.value.as_number()) {
            declared.entry(name).or_default().progress.push((from.read_at, done, from));
        }
    }
    let beside: BTreeSet<&str> = [key::MIGRATION_BOTH_WRITE_SINCE, key::MIGRATION_OLD_TRAFFIC]
        .into_iter()
        .flat_map(|key| of_migrations(key, context))
        .filter_map(|(s, _)| s.item.as_deref())
        .collect();
    for name in beside {
        declared.entry(name).or_default();
    }
    if declared.is_empty() && measured.is_empty() && !verdict.is_lacking() {
        return CheckResult::not_applicable(
            "No migration is declared. One that is under way is declared by the setting `migration.NAME` of a git account \
             (old/path/** -> new/path/**), or by: loadline answer migration.progress 40% --item NAME.",
        );
    }
    for one in measured.values() {
        counted(*one, subject, context, &mut rows, &mut verdict);
    }
    // What was counted wins over what was said of the same migration.
    declared.retain(|name, _| !measured.keys().any(|(counted, _)| counted == name));
    for (name, migration) in &mut declared {
        migration.progress.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        judge(name, migration, subject, context, &mut rows, &mut verdict);
    }
    verdict.answer(rows, "Every declared migration moves.")
}

fn judge(
    name: &str,
    migration: &Migration<'_>,
    subject: &Subject<'_>,
    context: &Context<'_>,
    rows: &mut Vec<Evidence>,
    verdict: &mut Verdict,
) {
    let traffic = old_traffic(name, context);
    rows.extend(traffic.map(|traffic| row_of_traffic(name, traffic)));
    let severity = severity(traffic, subject);
    both_write(name, severity, subject, context, rows, verdict);
    for (_, done, from) in migration.progress.iter().rev().take(8) {
        rows.push(Evidence::read(format!("{name}: done"), percent(*done), from));
    }
    let Some((last, done, _)) = migration.progress.last() else {
        verdict.lacks(GapReason::NotConnected, format!("how much of `{name}` is done is not known"), closes(name));
        return;
    };
    if *done >= subject.number("done") {
        return;
    }
    let window = subject.number("weeks") * 7.0;
    let age = |at: Timestamp| context.as_of.days_since(at);
    let then = migration.progress.iter().rev().find(|(at, ..)| age(*at) >= window);
    match then {
        _ if age(*last) > window => verdict.lacks(
            GapReason::Stale,
            format!("how much of `{name}` is done was last said {:.0} days ago", age(*last)),
            closes(name),
        ),
        None => {
            let first = migration.progress.first().map_or(0.0, |(at, ..)| age(*at));
            verdict.short(&format!("what is known of `{name}`"), first * 24.0, window * 24.0);
        }
        // A rounding of the last bits is no progress that is missing.
        Some((_, was, _)) if done - was + 1e-9 < subject.number("progress") => verdict.fault(
            severity,
            format!(
                "`{name}` moved by {:.1} points in {window:.0} days and stands at {}",
                (done - was) * 100.0,
                percent(*done)
            ),
        ),
        Some(_) => {}
    }
}

fn closes(name: &str) -> String {
    format!("loadline answer migration.progress 40% --item \"{name}\", every few weeks.")
}

#[cfg(test)]
#[path = "migration_stalled_tests.rs"]
mod tests;
