//! Bus factor one.

use crate::arch::history_too_short;
use crate::db::wording::percent;
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, CodeStat, Escalation, GapReason, Kind, Provenance, Severity, Tier, key};

pub(super) const RULE: Rule = Rule {
    id: "PPL-001",
    title: "Bus factor one",
    question: "Whose absence would leave critical code without anyone who knows it?",
    why: "Code that one person knows stands still when that person is ill, on holiday or gone, and so does its repair at night. S1 \
          began with a sole owner of the backend.",
    condition: "The loss of one active author leaves more than half of the files without anybody who knows them, or more than half \
                of the hotspots have one active author or none",
    fix: &[
        "pair and rotate on the hotspots",
        "a runbook written by the newcomer (PPL-003)",
        "review by a second person",
    ],
    effort_days: [3.0, 10.0],
    effort_source: "HD",
    weight: 3,
    severity: "high: T0; medium otherwise",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Repository]),
    numbers: &[
        Number { key: "factor", value: 1.0, unit: "count", source: "Avelino et al. 2016; S1" },
        Number { key: "hotspots", value: 0.50, unit: "ratio", source: "HD" },
        Number { key: "score", value: 0.50, unit: "ratio", source: "HD (ARCH-004)" },
        Number { key: "days", value: 182.0, unit: "d", source: "HD (6 months)" },
    ],
    sources: &[(
        "git",
        "degree of authorship of each author and file over 24 months; authors without a commit in 90 days know nothing",
    )],
    proof_metric: "truck_factor",
    proof: "the truck factor, and the share of files with two active authors, rise",
    false_positives: "The phase of a sole founder: keep the finding and accept it with a date.",
    unknown_when: "the history is short, shallow or rewritten; or authors look like one person under several names, and as one \
                   there would be too few (.mailmap)",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let mut verdict = Verdict::new();
    let name = subject.name();
    history_too_short(subject.number("days"), subject, &mut seen, &mut verdict);
    seen.number("authors of 24 months", "", key::HISTORY_AUTHORS);
    let active = seen.number("of them active in 90 days", "", key::HISTORY_ACTIVE_AUTHORS);
    seen.number("authors that may be one person", "", key::HISTORY_AUTHORS_ALIKE);
    seen.number("truck factor of all authors", "", key::TRUCK_FACTOR);
    let orphaned = seen.number("share of files that no active author knows", "", key::ORPHANED_SHARE);
    let severity = if subject.tier == Tier::T0 { Severity::High } else { Severity::Medium };
    match seen.number("truck factor of active authors", "", key::TRUCK_FACTOR_ACTIVE) {
        // A repository at rest says who left, and not who would be missed first.
        Some(_) if active == Some(0.0) => verdict.lacks(
            GapReason::LowSample,
            format!("nobody committed to `{name}` in 90 days: who still knows it is not known"),
            "Nothing closes this while the repository rests.",
        ),
        Some(factor) if factor < 1.0 => {
            let share = orphaned.map_or_else(|| "More than half".to_owned(), percent);
            verdict.fault(severity, format!("{share} of the files of `{name}` are known by nobody who is still active"));
        }
        Some(factor) if factor <= subject.number("factor") => verdict.fault(
            severity,
            format!("the loss of {factor:.0} person leaves more than half of the files of `{name}` without anybody who knows them"),
        ),
        Some(_) => {
            let as_one = seen.number("truck factor of active authors if those are one", "", key::TRUCK_FACTOR_ALIKE);
            if as_one.is_some_and(|factor| factor <= subject.number("factor")) {
                let what = "the loss of one leaves more than half of the files without anybody who knows them";
                verdict.lacks(GapReason::UnmappedSubject, alike(name, what), MAILMAP);
            }
        }
        None => verdict.lacks(
            GapReason::NotConnected,
            format!("who knows the files of `{name}` is not known"),
            "Connect a whole clone of the repository (loadline connect git --path …).",
        ),
    }
    hotspots(subject, context, severity, &mut seen, &mut verdict);
    verdict.answer(seen.rows, format!("Several active people know most of `{name}`."))
}

const MAILMAP: &str =
    "Write a .mailmap in the root of the repository that names each person once; git shortlog -se lists the names.";

/// What is not known where one person may count as several.
fn alike(name: &str, what: &str) -> String {
    format!("authors of `{name}` look like one person under several names or addresses; if they are one, {what}")
}

/// Hotspots that one active author knows, or nobody.
fn hotspots(
    subject: &Subject<'_>,
    context: &Context<'_>,
    severity: Severity,
    seen: &mut Reading<'_>,
    verdict: &mut Verdict,
) {
    verdict.hidden(subject, context, &["code_stat"]);
    let is_hot = |s: &CodeStat| s.hotspot.is_some_and(|h| h >= subject.number("score"));
    let mut hot: Vec<(&CodeStat, &Provenance)> =
        context.facts.facts::<CodeStat>(&subject.id).filter(|(s, _)| is_hot(s) && s.owners.is_some()).collect();
    hot.sort_by(|a, b| a.0.path.cmp(&b.0.path));
    hot.dedup_by(|a, b| a.0.path == b.0.path);
    let few: Vec<_> = hot.iter().filter(|(s, _)| s.owners.is_some_and(|o| o <= 1)).collect();
    for (file, from) in few.iter().take(10) {
        seen.row(file.path.clone(), format!("{} active authors know it", file.owners.unwrap_or(0)), from);
    }
    let share = few.len() as f64 / hot.len().max(1) as f64;
    if share > subject.number("hotspots") {
        let said =
            format!("{} of {} hotspots of `{}` have one active author or none", few.len(), hot.len(), subject.name());
        verdict.fault(severity, said);
        return;
    }
    let fewer = hot.iter().filter(|(s, _)| s.owners_least.or(s.owners).is_some_and(|o| o <= 1)).count();
    if fewer as f64 / hot.len().max(1) as f64 > subject.number("hotspots") {
        let what = format!("{fewer} of {} hotspots have one active author or none", hot.len());
        verdict.lacks(GapReason::UnmappedSubject, alike(subject.name(), &what), MAILMAP);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{CodeStat, Kind, Resource, Tier, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "repo"), expected);
        let repository = || Case::new().thing("repo", Kind::Repository);
        let past =
            |days: f64| repository().flag("repo", key::HISTORY_COMPLETE, true).number("repo", key::HISTORY_DAYS, days);
        let team = |factor: f64| {
            past(400.0).number("repo", key::TRUCK_FACTOR_ACTIVE, factor).number(
                "repo",
                key::HISTORY_ACTIVE_AUTHORS,
                4.0,
            )
        };
        let hot = |path: &str, owners: u32| CodeStat {
            path: path.into(),
            hotspot: Some(0.8),
            owners: Some(owners),
            ..CodeStat::default()
        };
        check(repository(), "unknown not_connected");
        check(past(400.0), "unknown not_connected");
        check(team(2.0), "pass");
        check(team(1.0), "fail high");
        check(team(0.0), "fail high");
        check(
            team(1.0).has("repo", Resource { tier: Some(Tier::T1), ..Resource::new(Kind::Repository, "repo") }),
            "fail medium",
        );
        let resting =
            past(400.0).number("repo", key::TRUCK_FACTOR_ACTIVE, 0.0).number("repo", key::HISTORY_ACTIVE_AUTHORS, 0.0);
        check(resting, "unknown low_sample");
        check(team(2.0).has("repo", hot("a", 1)).has("repo", hot("b", 2)), "pass");
        check(team(2.0).has("repo", hot("a", 1)).has("repo", hot("b", 0)), "fail high");
        let alike = |factor: f64, as_one: f64| {
            let case = team(factor).number("repo", key::HISTORY_AUTHORS_ALIKE, 3.0);
            case.number("repo", key::TRUCK_FACTOR_ALIKE, as_one)
        };
        check(alike(3.0, 1.0), "unknown unmapped_subject");
        check(alike(3.0, 2.0), "pass");
        check(alike(1.0, 1.0), "fail high");
        let joined = |path: &str| CodeStat { owners_least: Some(1), ..hot(path, 2) };
        check(alike(3.0, 2.0).has("repo", joined("a")).has("repo", hot("b", 2)), "pass");
        check(alike(3.0, 2.0).has("repo", joined("a")).has("repo", joined("b")), "unknown unmapped_subject");
        check(past(90.0).number("repo", key::TRUCK_FACTOR_ACTIVE, 3.0), "unknown short_window");
        check(team(2.0).gap("repo", "code_stat"), "unknown permission_denied");
    }
}
