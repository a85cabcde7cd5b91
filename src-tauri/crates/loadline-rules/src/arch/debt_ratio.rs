//! Debt ratio high or rising.

use crate::db::wording::percent;
use crate::evaluate::{Reading, cut_import};
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Severity, Timestamp, key};

pub(super) const RULE: Rule = Rule {
    id: "ARCH-005",
    title: "Debt ratio high or rising",
    question: "How much rework per line?",
    why: "The ratio compares what it would cost to repair the code with what it would cost to write it anew. What rises makes every \
          later change dearer.",
    condition: "An analyser's debt ratio is above 10 %, or rose by 2 points or more in 90 days",
    fix: &["spend the budget on hotspots alone (ARCH-004)", "a quality gate on new code"],
    effort_days: [2.0, 20.0],
    effort_source: "HD",
    weight: 1,
    severity: "high > 50 %; medium > 20 %; low > 10 % or rising",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Repository]),
    numbers: &[
        Number { key: "low", value: 0.10, unit: "ratio", source: "SonarQube grid (B <= 10 %, 30 minutes a line)" },
        Number { key: "medium", value: 0.20, unit: "ratio", source: "SonarQube grid (C <= 20 %)" },
        Number { key: "high", value: 0.50, unit: "ratio", source: "SonarQube grid (D <= 50 %)" },
        Number { key: "rise", value: 0.02, unit: "ratio", source: "HD" },
        Number { key: "days", value: 90.0, unit: "d", source: "HD" },
    ],
    sources: &[(
        "import",
        "SonarQube GET /api/measures/component and /api/measures/search_history, metricKeys=sqale_debt_ratio",
    )],
    proof_metric: "hotspot_cost",
    proof: "the debt ratio of code that changed falls",
    false_positives: "The analyser's rules changed: the series before and after cannot be compared.",
    unknown_when: "no analyser's answer was imported, or its history is shorter than 90 days",
    prerequisites: &[],
    check,
};

/// A figure stands for the beginning of the window when it is this much of the window old, at least and at most.
const LEAST: f64 = 0.9;
const MOST: f64 = 1.5;

const CLOSES: &str = "Save the answers of SonarQube's api/measures/component and api/measures/search_history, then: loadline import sonarqube FILE.";

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let mut verdict = Verdict::new();
    let name = subject.name();
    if let Some(gap) = cut_import(&subject.id, "sonarqube", context) {
        verdict.lacks(gap.reason, format!("the debt of `{name}` is known in part: {}", gap.detail), gap.closes.clone());
    }
    let Some(ratio) = seen.number("debt ratio", "", key::CODE_DEBT_RATIO) else {
        verdict.lacks(GapReason::NotConnected, format!("no analyser's debt ratio of `{name}` was imported"), CLOSES);
        return verdict.answer(seen.rows, "");
    };
    let band = [("high", Severity::High), ("medium", Severity::Medium), ("low", Severity::Low)];
    if let Some((_, severity)) = band.into_iter().find(|(line, _)| ratio > subject.number(line)) {
        verdict.fault(severity, format!("repairing `{name}` costs {} of writing it anew", percent(ratio)));
    }
    let days = subject.number("days");
    let past = past(subject, context);
    for (age, was) in past.iter().take(6) {
        seen.rows.push(Evidence::derived(format!("{age:.0} days before"), percent(*was)));
    }
    // A lower value inside the window convicts. A pass needs one from its beginning too: what was lower before rose before.
    let inside = past.iter().filter(|(age, _)| *age <= days).map(|(_, was)| *was).fold(f64::INFINITY, f64::min);
    let from_the_beginning = past.iter().any(|(age, _)| (days * LEAST..=days * MOST).contains(age));
    let rise = ratio - inside;
    // Figures have two decimals of a percent: what a subtraction leaves beyond that is no rise.
    if rise + 1e-9 >= subject.number("rise") {
        let said = format!("the debt ratio of `{name}` rose by {:.1} points in {days:.0} days", rise * 100.0);
        verdict.fault(Severity::Low, said);
    } else if !from_the_beginning {
        let oldest = past.iter().map(|(age, _)| *age).filter(|age| *age <= days).fold(0.0, f64::max);
        verdict.short(&format!("the history of the debt ratio of `{name}`"), oldest * 24.0, days * 24.0);
    }
    verdict.answer(
        seen.rows,
        format!("Repairing `{name}` costs {} of writing it anew, and that does not rise.", percent(ratio)),
    )
}

/// Earlier values with their age in days, newest first.
fn past(subject: &Subject<'_>, context: &Context<'_>) -> Vec<(f64, f64)> {
    let one = |(setting, _): (&loadline_model::Setting, _)| {
        let age = context.as_of.days_since(Timestamp::parse(setting.item.as_deref()?)?);
        Some((age, setting.value.as_number()?)).filter(|(age, _)| *age > 0.0)
    };
    let mut past: Vec<(f64, f64)> = context.facts.settings(&subject.id, key::CODE_DEBT_RATIO).filter_map(one).collect();
    past.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    past
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::{Case, as_of};
    use loadline_model::{IMPORTED, Kind, Setting, Snapshot, Value, key};

    fn now(ratio: f64) -> Case {
        Case::new().thing("repo", Kind::Repository).number("repo", key::CODE_DEBT_RATIO, ratio)
    }

    fn was(case: Case, days: i64, ratio: f64) -> Case {
        let item = Some(as_of().plus_days(-days).utc_day().to_string());
        case.has("repo", Setting { key: key::CODE_DEBT_RATIO.into(), item, value: Value::Number(ratio) })
    }

    fn imported(snapshot: &mut Snapshot) {
        for gap in &mut snapshot.gaps {
            (gap.account, gap.subject) = (Some(IMPORTED.into()), None);
        }
    }

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "repo"), expected);
        check(Case::new().thing("repo", Kind::Repository), "unknown not_connected");
        check(now(0.06), "unknown short_window");
        check(was(now(0.06), 30, 0.06), "unknown short_window");
        check(was(now(0.06), 100, 0.06), "pass");
        check(was(now(0.06), 100, 0.06).gap("x", "sonarqube/history/repo").edit(imported), "unknown permission_denied");
        check(was(now(0.10), 100, 0.10), "pass");
        check(now(0.11), "fail low");
        check(now(0.21), "fail medium");
        check(now(0.51), "fail high");
        check(was(now(0.06), 30, 0.04), "fail low");
        check(was(was(now(0.06), 30, 0.041), 100, 0.05), "pass");
        check(was(was(now(0.06), 60, 0.03), 20, 0.06), "fail low");
        check(was(now(0.09), 300, 0.02), "unknown short_window");
        check(was(was(now(0.09), 300, 0.02), 85, 0.09), "pass");
    }

    #[test]
    fn a_figure_of_long_ago_is_too_old() {
        let old = now(0.06).edit(|s| {
            if let Some(fact) = s.facts.last_mut() {
                fact.provenance.read_at = as_of().plus_days(-8);
            }
        });
        assert_eq!(was(old, 100, 0.06).answer(&RULE, "repo"), "unknown stale");
    }
}
