//! Spend is unallocated or unwatched.

use crate::db::wording::percent;
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "COST-004",
    title: "Spend is unallocated or unwatched",
    question: "Would you notice a doubled bill within two days?",
    why: "A loop that writes logs or a forgotten test can double a bill in a weekend, and the invoice comes a month later. S4 paid \
          for servers only while traffic was high.",
    condition: "No budget or anomaly monitor with a receiver, more than 20 % of the bill without an owner tag, or capacity at the quiet \
                hour above 60 % of that at the peak",
    fix: &["budgets and anomaly alerts", "a tag policy", "faster scale-in, or scaling by schedule"],
    effort_days: [0.25, 2.0],
    effort_source: "HD",
    weight: 1,
    severity: "medium when spend is more than 20 % above its plan; low otherwise",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Account]),
    numbers: &[
        Number { key: "untagged", value: 0.20, unit: "ratio", source: "HD" },
        Number { key: "trough", value: 0.60, unit: "ratio", source: "HD; S4 (pay only when traffic is high)" },
        Number { key: "over_plan", value: 0.20, unit: "ratio", source: "HD" },
    ],
    sources: &[
        (
            "aws",
            "budgets:DescribeBudgets; ce:GetAnomalyMonitors, GetAnomalySubscriptions; tag coverage of ce:GetCostAndUsage",
        ),
        ("gcp", "billing budgets"),
    ],
    proof_metric: "cost_per_active_user",
    proof: "the tagged share rises and capacity follows the load",
    false_positives: "Accounts with one project.",
    unknown_when: "access to billing is denied",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    let mut verdict = Verdict::new();
    let over = seen.number("spend above its plan", "", key::SPEND_OVER_PLAN);
    let severity = if over.is_some_and(|o| o > subject.number("over_plan")) { Severity::Medium } else { Severity::Low };
    match seen.flag("budget or anomaly monitor with a receiver", key::SPEND_WATCHED) {
        Some(false) => verdict.fault(severity, format!("nobody is told when the bill of `{name}` doubles")),
        Some(true) => {}
        None => verdict.lacks(
            GapReason::NotConnected,
            format!("whether anything watches the spend of `{name}` was not read"),
            "Allow budgets:ViewBudget, ce:GetAnomalyMonitors and ce:GetAnomalySubscriptions.",
        ),
    }
    match seen.number("bill without an owner tag", "", key::SPEND_UNTAGGED) {
        Some(share) if share > subject.number("untagged") => {
            verdict.fault(severity, format!("{} of the bill of `{name}` belongs to nobody", percent(share)));
        }
        Some(_) => {}
        None => verdict.lacks(
            GapReason::NotConnected,
            format!("which share of the bill of `{name}` has an owner was not read"),
            "Allow ce:GetCostAndUsage and activate an owner tag for cost allocation.",
        ),
    }
    if let Some(share) = seen
        .number("capacity at the quiet hour against the peak", "", key::TROUGH_CAPACITY)
        .filter(|s| *s > subject.number("trough"))
    {
        verdict
            .fault(severity, format!("`{name}` pays for {} of its peak capacity at the quietest hour", percent(share)));
    }
    verdict.hidden(subject, context, &[key::TROUGH_CAPACITY]);
    verdict.answer(seen.rows, format!("Somebody is told when the bill of `{name}` grows."))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{Kind, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "aws"), expected);
        let account = || Case::new().thing("aws", Kind::Account);
        let watched =
            |on, untagged| account().flag("aws", key::SPEND_WATCHED, on).number("aws", key::SPEND_UNTAGGED, untagged);
        check(account(), "unknown not_connected");
        check(account().flag("aws", key::SPEND_WATCHED, true), "unknown not_connected");
        check(watched(true, 0.1), "pass");
        check(watched(true, 0.3), "fail low");
        check(watched(false, 0.1), "fail low");
        check(watched(false, 0.1).number("aws", key::SPEND_OVER_PLAN, 0.3), "fail medium");
        check(watched(true, 0.1).number("aws", key::TROUGH_CAPACITY, 0.7), "fail low");
        check(watched(true, 0.1).gap("aws", key::TROUGH_CAPACITY), "unknown permission_denied");
    }
}
