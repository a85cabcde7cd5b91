//! Hotspots: complex code that changes all the time.

use super::reading::{history_too_short, measured};
use crate::db::wording::{named, percent};
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{ChangedTogether, CheckResult, CodeStat, Escalation, GapReason, Kind, Provenance, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "ARCH-004",
    title: "Hotspots: complex code that changes all the time",
    question: "Which files cost you most?",
    why: "Complexity costs where people work. A file among the most complex that is changed every month is read, misread and \
          repaired again and again (behavioural code analysis: churn times complexity).",
    condition: "A file has a hotspot score of 0.5 or more, is among the 10 % most complex of its language, and changed 12 times or \
                more in a year",
    fix: &["tests that pin what it does now", "split it by reason of change", "give it an owner"],
    effort_days: [2.0, 10.0],
    effort_source: "HD",
    weight: 3,
    severity: "medium; high when more than 30 % of the changes are repairs on T0, or when complexity still rises",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Repository]),
    numbers: &[
        Number { key: "score", value: 0.5, unit: "ratio", source: "HD" },
        Number { key: "rank", value: 0.9, unit: "ratio", source: "HD (top 10 %)" },
        Number { key: "changes", value: 12.0, unit: "count", source: "HD (once a month)" },
        Number { key: "fixes", value: 0.30, unit: "ratio", source: "HD" },
        Number { key: "days", value: 182.0, unit: "d", source: "HD (6 months)" },
        Number { key: "unmeasured", value: 0.20, unit: "ratio", source: "HD" },
    ],
    sources: &[(
        "git",
        "commits of 12 months without merges and machines, renames followed; cognitive complexity of each file",
    )],
    proof_metric: "hotspot_cost",
    proof: "complexity times changes of the file, and the share of repairs, fall",
    false_positives: "Configuration, translations, routers and test fixtures.",
    unknown_when: "the history is shorter than 6 months, or the clone is shallow",
    prerequisites: &[],
    check,
};

/// Over this time a clone's changes are counted.
const DAYS_PER_YEAR: f64 = 365.0;

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let mut verdict = Verdict::new();
    history_too_short(subject.number("days"), subject, &mut seen, &mut verdict);
    measured(subject.number("unmeasured"), subject, &mut seen, &mut verdict);
    let years = years(subject, context);
    let mut files: Vec<(&CodeStat, &Provenance)> = context.facts.facts::<CodeStat>(&subject.id).collect();
    files.sort_by(|a, b| {
        let score = |s: &CodeStat| s.hotspot.unwrap_or(0.0);
        score(b.0).total_cmp(&score(a.0)).then_with(|| a.0.path.cmp(&b.0.path))
    });
    files.dedup_by(|a, b| a.0.path == b.0.path);
    let judged =
        files.iter().filter(|(f, _)| f.hotspot.is_some() && f.complexity_rank.is_some() && f.churn.is_some()).count();
    if judged == 0 {
        let detail = format!("no file of `{}` has both complexity and history", subject.name());
        verdict.lacks(GapReason::LowSample, detail, "Connect a whole clone with code in a measured language.");
    }
    seen.follows("files ranked", judged.to_string());
    let hot: Vec<_> = files.iter().filter(|(f, _)| is_hot(f, years, subject)).collect();
    let mut severity = Severity::Medium;
    for (file, from) in hot.iter().take(20) {
        let changes = file.churn.unwrap_or(0.0);
        let repairs = file.fixes.filter(|_| changes > 0.0).map(|f| f / changes);
        let rising = file.trend.filter(|t| *t > 0.0);
        if rising.is_some() || (subject.is_t0() && repairs.is_some_and(|r| r > subject.number("fixes"))) {
            severity = Severity::High;
        }
        let mut said = format!("H {:.2}, {:.0} changes a year", file.hotspot.unwrap_or(0.0), changes / years);
        if let Some(repairs) = repairs {
            said.push_str(&format!(", {} of them repairs", percent(repairs)));
        }
        if let Some(slope) = rising {
            said.push_str(&format!(", complexity rises by {slope:.1} a month"));
        }
        if let Some(owners) = file.owners {
            said.push_str(&format!(", {owners} active people know it"));
        }
        seen.row(file.path.clone(), said, from);
        for (pair, from) in context.facts.facts::<ChangedTogether>(&subject.id) {
            let other = if pair.first == file.path { &pair.second } else { &pair.first };
            if (pair.first == file.path || pair.second == file.path) && pair.confidence >= 0.5 {
                let said = format!("{} of the changes, {} commits", percent(pair.confidence), pair.support);
                seen.row(format!("{} changes with {other}", file.path), said, from);
            }
        }
    }
    let names: Vec<String> = hot.iter().map(|(f, _)| f.path.clone()).collect();
    if !names.is_empty() {
        verdict
            .fault(severity, format!("{} of `{}` are complex and change all the time", named(&names), subject.name()));
    }
    verdict.answer(
        seen.rows,
        format!("No file of `{}` is both among the most complex and changed every month.", subject.name()),
    )
}

/// Years in which the changes of a file were counted: at most one. A history too short for a verdict counts as a year, for a few
/// changes of some weeks are no habit.
fn years(subject: &Subject<'_>, context: &Context<'_>) -> f64 {
    let read = context.facts.number(&subject.id, key::HISTORY_DAYS).map(|(days, _)| days);
    read.filter(|days| *days >= subject.number("days")).map_or(1.0, |days| days.min(DAYS_PER_YEAR) / DAYS_PER_YEAR)
}

fn is_hot(file: &CodeStat, years: f64, subject: &Subject<'_>) -> bool {
    let least = |value: Option<f64>, key: &str| value.is_some_and(|v| v >= subject.number(key));
    let changes = file.churn.map(|changes| changes / years);
    least(file.hotspot, "score") && least(file.complexity_rank, "rank") && least(changes, "changes")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::arch::cases::{partly, repository};
    use crate::testing::Case;
    use loadline_model::{CodeStat, Kind, Resource, Tier, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "repo"), expected);
        let past =
            |days: f64| repository().flag("repo", key::HISTORY_COMPLETE, true).number("repo", key::HISTORY_DAYS, days);
        let file = |score, rank, churn| CodeStat {
            path: "src/a.py".into(),
            hotspot: Some(score),
            complexity_rank: Some(rank),
            churn: Some(churn),
            ..CodeStat::default()
        };
        check(repository(), "unknown not_connected");
        check(past(400.0), "unknown low_sample");
        check(past(400.0).has("repo", file(0.4, 0.95, 20.0)), "pass");
        check(past(100.0).has("repo", file(0.4, 0.95, 20.0)), "unknown short_window");
        check(past(400.0).has("repo", file(0.8, 0.95, 20.0)), "fail medium");
        check(past(100.0).has("repo", file(0.8, 0.95, 20.0)), "fail medium");
        check(past(400.0).has("repo", file(0.8, 0.85, 20.0)), "pass");
        check(past(400.0).has("repo", file(0.8, 0.95, 11.0)), "pass");
        // Eleven changes in nine months are fifteen a year; seven in three weeks are no habit yet.
        check(past(270.0).has("repo", file(0.8, 0.95, 11.0)), "fail medium");
        check(past(270.0).has("repo", file(0.8, 0.95, 8.0)), "pass");
        check(past(20.0).has("repo", file(0.8, 0.95, 7.0)), "unknown short_window");
        let partly = partly(0.5).flag("repo", key::HISTORY_COMPLETE, true).number("repo", key::HISTORY_DAYS, 400.0);
        check(partly.has("repo", file(0.4, 0.95, 20.0)), "unknown truncated");
        check(past(400.0).has("repo", file(0.4, 0.95, 20.0)).cut("repo", "repository"), "unknown truncated");
        let repaired = CodeStat { fixes: Some(9.0), ..file(0.8, 0.95, 20.0) };
        check(past(400.0).has("repo", repaired.clone()), "fail high");
        let internal =
            past(400.0).has("repo", Resource { tier: Some(Tier::T2), ..Resource::new(Kind::Repository, "repo") });
        check(internal.has("repo", repaired), "fail medium");
        check(past(400.0).has("repo", CodeStat { trend: Some(2.0), ..file(0.8, 0.95, 20.0) }), "fail high");
        let cut = repository().flag("repo", key::HISTORY_COMPLETE, false).has("repo", file(0.1, 0.1, 1.0));
        check(cut, "unknown truncated");
        check(past(400.0).has("repo", CodeStat { hotspot: None, ..file(0.0, 0.1, 1.0) }), "unknown low_sample");
    }
}
