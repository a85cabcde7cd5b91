//! Cost per user grows, or cost outruns revenue.

use super::months::{DAYS, MONTHS, monthly, monthly_cost};
use crate::db::wording::percent;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, CostLine, Escalation, Evidence, GapReason, Provenance, Severity, key};
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule {
    id: "COST-001",
    title: "Cost per user grows, or cost outruns revenue",
    question: "Does each new user cost more than the last?",
    why: "Cost that grows faster than users or revenue is a limit like any other, and it ends the company instead of the server. S5 \
          cut 40 % while growing tenfold.",
    condition: "Cost per active user rose in each of the last 3 months and by more than 5 % together, or cost grew more than 5 points \
                faster than revenue in each of them",
    fix: &["repair queries before buying hardware (COST-002)", "scale in", "commitments after right-sizing"],
    effort_days: [1.0, 5.0],
    effort_source: "HD",
    weight: 2,
    severity: "high: cost as a share of revenue rose by more than 10 points; medium otherwise",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::Organisation,
    numbers: &[
        Number { key: "rise", value: 0.05, unit: "ratio", source: "HD" },
        Number { key: "points", value: 0.05, unit: "ratio", source: "HD; S5 (costs growing faster than revenue)" },
        Number { key: "margin", value: 0.10, unit: "ratio", source: "HD" },
        Number { key: "days_a_month", value: 25.0, unit: "d", source: "HD; of 30, because bills come late" },
    ],
    sources: &[
        ("aws", "ce:GetCostAndUsage UnblendedCost, DAILY, by SERVICE"),
        ("prometheus", "active users of a day or month as a series"),
        ("user", "active users and revenue, stated or imported"),
    ],
    proof_metric: "cost_per_active_user",
    proof: "cost per active user falls",
    false_positives: "Prepayments, and migrations that run twice for a while.",
    unknown_when: "neither users nor revenue are counted, or less than four months are there",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut verdict = Verdict::new();
    let lines: Vec<(&CostLine, &Provenance)> = context.facts.all::<CostLine>().map(|(_, l, p)| (l, p)).collect();
    let Some(newest) = lines.iter().map(|(_, p)| *p).max_by_key(|p| (p.read_at, *p)) else {
        verdict.lacks(
            GapReason::NotConnected,
            "no bill was read",
            "Allow ce:GetCostAndUsage in the payer account, or connect the billing export.",
        );
        return verdict.answer(Vec::new(), "");
    };
    let currencies: BTreeSet<&str> = lines.iter().map(|(l, _)| l.currency.as_str()).collect();
    let mut rows = vec![Evidence::read(
        "cost lines",
        format!("{} in {}", lines.len(), currencies.iter().copied().collect::<Vec<_>>().join(", ")),
        newest,
    )];
    if currencies.len() > 1 {
        verdict.lacks(
            GapReason::ParseError,
            "bills are in several currencies, which are not added up",
            "Read all bills in one currency.",
        );
        return verdict.answer(rows, "");
    }
    let (cost, days) = monthly_cost(&lines, context);
    rows.push(Evidence::derived("cost a day, four months, oldest first", words(&cost)));
    let need = subject.number("days_a_month");
    if let Some(least) = days.iter().copied().reduce(f64::min).filter(|d| *d < need) {
        verdict.short("the emptiest of the last four months of bills", least * 24.0, need * 24.0);
        return verdict.answer(rows, "");
    }
    let users = monthly(key::metric::ACTIVE_USERS, context);
    let revenue = monthly(key::metric::REVENUE, context);
    for (label, level) in [("active users", &users), ("revenue", &revenue)] {
        rows.extend(
            level.as_ref().map(|(m, p)| Evidence::read(format!("{label}, four months, oldest first"), words(m), p)),
        );
    }
    if let Some((users, _)) = &users {
        let each: Vec<f64> = cost.iter().zip(users).map(|(c, u)| c / u).collect();
        let total = rise(&each);
        if each.windows(2).all(|w| w.first() < w.last()) && total > subject.number("rise") {
            verdict.fault(
                severity(subject, &cost, &revenue),
                format!("cost per active user rose by {} in three months, month after month", percent(total)),
            );
        }
    }
    if let Some((revenue, _)) = &revenue {
        let faster = |(c, r): (&[f64], &[f64])| rise(c) - rise(r) > subject.number("points");
        if cost.windows(2).zip(revenue.windows(2)).all(faster) {
            verdict.fault(
                severity(subject, &cost, &Some((revenue.clone(), newest))),
                "cost grows faster than revenue, month after month",
            );
        }
    }
    if users.is_none() && revenue.is_none() {
        verdict.lacks(
            GapReason::NotConnected,
            "neither active users nor revenue are counted over four months",
            "Record active users as a metric (business.active_users), or import them.",
        );
    }
    verdict.hidden_anywhere(subject, context, &["cost_line"]);
    verdict.answer(rows, "Cost per user does not grow.")
}

/// The relative rise from the first to the last level.
fn rise(levels: &[f64]) -> f64 {
    match (levels.first(), levels.last()) {
        (Some(first), Some(last)) if *first > 0.0 => last / first - 1.0,
        _ => 0.0,
    }
}

fn severity(subject: &Subject<'_>, cost: &[f64], revenue: &Option<(Vec<f64>, &Provenance)>) -> Severity {
    let share = |at: usize| Some(cost.get(at)? * DAYS as f64 / revenue.as_ref()?.0.get(at)?);
    let lost = share(MONTHS - 1).zip(share(0)).map(|(now, then)| now - then);
    if lost.is_some_and(|l| l > subject.number("margin")) { Severity::High } else { Severity::Medium }
}

fn words(levels: &[f64]) -> String {
    levels.iter().map(|v| format!("{v:.2}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::{Case, as_of};
    use crate::window::cases::series;
    use loadline_model::{CostLine, key::metric};

    /// Daily bills of four months with a level a day for each, oldest first.
    fn bills(case: Case, days: i64, levels: [f64; 4]) -> Case {
        (0..days).fold(case, |case, age| {
            let month = 3 - usize::try_from(age / 30).expect("small").min(3);
            let from = as_of().utc_day().utc_start().plus_days(-age);
            let line = CostLine {
                service: "db".into(),
                amount: levels[month],
                currency: "EUR".into(),
                from,
                until: from.plus_days(1),
            };
            case.has("account", line)
        })
    }

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "organisation"), expected);
        let users = |case: Case| case.has("app", series(metric::ACTIVE_USERS, 24 * 120, |_| 1_000.0));
        let rising = [10.0, 11.0, 12.0, 13.0];
        check(Case::new(), "unknown not_connected");
        check(bills(Case::new(), 120, rising), "unknown not_connected");
        check(users(bills(Case::new(), 60, rising)), "unknown short_window");
        check(users(bills(Case::new(), 120, rising)), "fail medium");
        check(users(bills(Case::new(), 120, [10.0, 10.1, 10.2, 10.3])), "pass");
        check(users(bills(Case::new(), 120, [10.0, 11.0, 10.0, 13.0])), "pass");
        let revenue = |level: f64| series(metric::REVENUE, 24 * 120, move |_| level);
        check(bills(Case::new(), 120, rising).has("app", revenue(9_000.0)), "fail medium");
        check(users(bills(Case::new(), 120, rising)).has("app", revenue(500.0)), "fail high");
        let dollars = CostLine {
            service: "mail".into(),
            amount: 5.0,
            currency: "USD".into(),
            from: as_of().plus_days(-2),
            until: as_of().plus_days(-1),
        };
        check(users(bills(Case::new(), 120, rising)).has("account", dollars), "unknown parse_error");
    }
}
