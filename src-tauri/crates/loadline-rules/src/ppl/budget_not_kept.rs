//! The 20 % reliability budget is not kept.

use crate::db::wording::percent;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, ITEM_DONE, Provenance, Severity, Statement, Team};
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule {
    id: "PPL-007",
    title: "The 20 % reliability budget is not kept",
    question: "Is a permanent share of engineering time really spent on this roadmap?",
    why: "Debt that is paid once returns. S2 makes 20 % permanent instead of a sprint: velocity rises because fewer fires burn.",
    condition: "Over the last 3 sprints the finished items took less than 15 % or more than 35 % of the capacity, or none was \
                finished in 2 sprints",
    fix: &["reserve the share before features", "take what the planner picks", "review it weekly"],
    effort_days: [0.25, 0.5],
    effort_source: "HD",
    weight: 2,
    severity: "medium < 10 %; low < 15 % or > 35 %",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::Organisation,
    numbers: &[
        Number { key: "medium", value: 0.10, unit: "ratio", source: "HD" },
        Number { key: "low", value: 0.15, unit: "ratio", source: "S2 (permanent 20 %); HD" },
        Number { key: "high", value: 0.35, unit: "ratio", source: "S2 (permanent 20 %); HD" },
        Number { key: "sprints", value: 3.0, unit: "count", source: "HD" },
        Number { key: "idle_sprints", value: 2.0, unit: "count", source: "HD" },
    ],
    sources: &[("stated", "loadline roadmap done, loadline team set; the effort is the middle of the rule's range")],
    proof_metric: "unplanned_work_share",
    proof: "the share stays near 20 %, and readiness rises",
    false_positives: "A quarter of stabilisation that everybody agreed on (S5).",
    unknown_when: "the team's capacity or first sprint is not entered; finished items are a person's word, so it never passes",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut verdict = Verdict::new();
    let mut rows = Vec::new();
    let team = &context.policy.team;
    let Some(starts) = team.starts.filter(|_| *team != Team::default()) else {
        verdict.lacks(
            GapReason::NotConnected,
            "the team's capacity and the first day of its sprints are not entered",
            "loadline team set --people 5 --sprint-days 10 --availability 0.85 --starts 2026-11-02",
        );
        return verdict.answer(rows, "");
    };
    // Five working days are a week.
    let sprint_days = f64::from(team.sprint_days) * 7.0 / 5.0;
    let capacity = f64::from(team.people) * f64::from(team.sprint_days) * team.availability;
    if !(sprint_days > 0.0 && capacity > 0.0) {
        verdict.lacks(GapReason::LowSample, "the team has no capacity", "Enter it: loadline team set.");
        return verdict.answer(rows, "");
    }
    let since = context.as_of.days_since(starts);
    let (sprints, idle) = (subject.number("sprints"), subject.number("idle_sprints"));
    rows.push(Evidence::derived("capacity of a sprint", format!("{capacity:.1} engineer-days")));
    rows.push(Evidence::derived("sprints since the first", format!("{:.1}", (since / sprint_days).max(0.0))));

    let done = finished(context);
    let within = |n: f64| done.values().filter(move |d| (0.0..=n * sprint_days).contains(&d.days_ago));
    let effort: f64 = within(sprints).map(|d| d.days).sum();
    for (item, one) in &done {
        if one.days_ago <= sprints * sprint_days {
            rows.push(Evidence::read(format!("finished {item}"), format!("{:.1} engineer-days", one.days), one.from));
        }
    }
    let share = effort / (capacity * sprints);
    if since >= idle * sprint_days && within(idle).next().is_none() {
        let low = if since >= sprints * sprint_days && share < subject.number("medium") {
            Severity::Medium
        } else {
            Severity::Low
        };
        verdict.fault(low, format!("no item of the roadmap was finished in {idle:.0} sprints"));
    }
    if since < sprints * sprint_days {
        verdict.short("the roadmap", since.max(0.0) * 24.0, sprints * sprint_days * 24.0);
    } else {
        let said = format!("finished items took {} of the capacity of {sprints:.0} sprints", percent(share));
        rows.push(Evidence::derived("share of the capacity", percent(share)));
        if share < subject.number("medium") {
            verdict.fault(Severity::Medium, said);
        } else if share < subject.number("low") || share > subject.number("high") {
            verdict.fault(Severity::Low, said);
        }
    }
    // What was finished is known from the people who finished it.
    verdict.lacks(
        GapReason::NotConnected,
        format!("that finished items took {} of the capacity is what people say", percent(share)),
        "Nothing closes this yet: Loadline reads no time spent.",
    );
    verdict.answer(rows, "")
}

/// A finished item.
struct Done<'a> {
    days_ago: f64,
    /// Middle of its rule's range, engineer-days.
    days: f64,
    from: &'a Provenance,
}

/// Finished items by id.
fn finished<'a>(context: &Context<'a>) -> BTreeMap<&'a str, Done<'a>> {
    let effort = |item: &str| {
        let rule = item.split('@').next().unwrap_or(item);
        crate::all().find(|r| r.id == rule).map(|r| r.effort_days.iter().sum::<f64>() / 2.0)
    };
    let told = context.facts.all::<Statement>().filter(|(_, s, _)| s.key == ITEM_DONE);
    let one = |(_, said, from): (_, &'a Statement, &'a Provenance)| {
        let days = effort(&said.value)?;
        Some((said.value.as_str(), Done { days_ago: context.as_of.days_since(from.read_at), days, from }))
    };
    told.filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::{Case, as_of};
    use loadline_model::{Basis, ITEM_DONE, ORGANISATION, Statement};

    /// A team of 30 engineer-days a sprint of 14 days, since so many days.
    fn team(since: i64) -> Case {
        let mut case = Case::new();
        case.policy.team.people = 3;
        case.policy.team.availability = 1.0;
        case.policy.team.starts = Some(as_of().plus_days(-since));
        case
    }

    fn done(case: Case, item: &str, days_ago: i64) -> Case {
        let said = Statement { key: ITEM_DONE.into(), value: item.into(), author: "ana".into() };
        case.fact(ORGANISATION, Basis::Stated, said).edit(|s| {
            if let Some(fact) = s.facts.last_mut() {
                fact.provenance.read_at = as_of().plus_days(-days_ago);
            }
        })
    }

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, ORGANISATION), expected);
        // SPOF-001 is 2 to 8 days, so 5 each: 90 days are the capacity of three sprints.
        let items = |since: i64, ids: &[&str]| ids.iter().fold(team(since), |case, id| done(case, id, 5));
        check(Case::new(), "unknown not_connected");
        check(team(10), "unknown short_window");
        check(team(30), "fail low");
        check(team(60), "fail medium");
        check(items(30, &["SPOF-001@a"]), "unknown short_window");
        check(items(60, &["SPOF-001@a"]), "fail medium");
        check(items(60, &["SPOF-001@a", "SPOF-001@b"]), "fail low");
        check(items(60, &["SPOF-001@a", "SPOF-001@b", "SPOF-001@c"]), "unknown not_connected");
        check(items(60, &["SPOF-001@a"; 3]), "fail medium");
        let many: Vec<String> = (0..7).map(|n| format!("SPOF-001@{n}")).collect();
        check(items(60, &many.iter().map(String::as_str).collect::<Vec<_>>()), "fail low");
        // Three items, but long ago: nothing in two sprints.
        let old = ["a", "b", "c"].iter().fold(team(60), |case, id| done(case, &format!("SPOF-001@{id}"), 35));
        check(old, "fail low");
        check(items(60, &["NOPE-001@a"]), "fail medium");
    }
}
