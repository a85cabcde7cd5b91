//! No sustainable on-call.

use super::said::{Said, numbers};
use crate::db::wording::{duration, percent};
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, ORGANISATION, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "PPL-004",
    title: "No sustainable on-call",
    question: "Who gets the page, and who covers them?",
    why: "A page that nobody takes is an outage that lasts until morning, and one person who takes all of them leaves. SRE caps \
          on-call at a quarter of the time and wants eight engineers for a single site.",
    condition: "A page reaches nobody or has no second level, or nobody is on call for a part of the next 14 days, or fewer than 4 \
                people take turns, or one person takes more than half of the shifts",
    fix: &["primary and secondary", "business hours for what can wait (T1)", "reduce noise (OBS-010)"],
    effort_days: [0.5, 3.0],
    effort_source: "HD",
    weight: 2,
    severity: "high: nobody or one person; medium otherwise",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::Organisation,
    numbers: &[
        Number { key: "levels", value: 2.0, unit: "count", source: "SRE: being on-call (primary and secondary)" },
        Number { key: "people", value: 4.0, unit: "count", source: "HD (floor of a start-up; SRE wants 8)" },
        Number { key: "share", value: 0.50, unit: "ratio", source: "HD" },
    ],
    sources: &[
        (
            "oncall",
            "PagerDuty GET /schedules/{id}, /escalation_policies: people, levels, gaps of the next 14 days, shares",
        ),
        ("stated", "loadline answer oncall.levels, oncall.people, oncall.gap_hours_14d, oncall.largest_share"),
    ],
    proof_metric: "pages_per_shift",
    proof: "pages per shift fall, and no page stays without an answer",
    false_positives: "A partner in another time zone who takes the night; a schedule of something that no user reaches.",
    unknown_when: "no schedule was read or stated, or only a person states it",
    prerequisites: &[],
    check,
};

const CLOSES: &str = "Connect PagerDuty or Opsgenie, import a saved answer (loadline import pagerduty FILE), or answer: loadline answer.";

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut verdict = Verdict::new();
    let mut rows = Vec::new();
    let mut each = |key: &str,
                    label: &str,
                    shown: &dyn Fn(f64) -> String,
                    fault: &dyn Fn(f64) -> Option<(Severity, String)>,
                    verdict: &mut Verdict| {
        let known = numbers(key, context);
        for (said, number) in &known {
            rows.push(Evidence::read(format!("{label}{}", of(said, context)), shown(*number), said.from));
            if let Some((severity, sentence)) = fault(*number) {
                verdict.fault(severity, format!("{sentence}{}", of(said, context)));
            }
        }
        if known.is_empty() {
            verdict.lacks(GapReason::NotConnected, format!("no schedule says: {label}"), CLOSES);
        }
        verdict.hidden_anywhere(subject, context, &[key]);
    };
    let whole = |n: f64| format!("{n:.0}");
    each(
        key::ONCALL_LEVELS,
        "levels that a page climbs",
        &whole,
        &|n| match n {
            n if n < 1.0 => Some((Severity::High, "a page reaches nobody".to_owned())),
            n if n < subject.number("levels") => {
                Some((Severity::Medium, "a page that its first reader misses reaches nobody else".to_owned()))
            }
            _ => None,
        },
        &mut verdict,
    );
    each(
        key::ONCALL_PEOPLE,
        "people who take turns",
        &whole,
        &|n| match n {
            n if n < 1.0 => Some((Severity::High, "nobody is on call".to_owned())),
            n if n < 2.0 => Some((Severity::High, "one person is on call all the time".to_owned())),
            n if n < subject.number("people") => Some((Severity::Medium, format!("{n:.0} people take turns on call"))),
            _ => None,
        },
        &mut verdict,
    );
    each(
        key::ONCALL_GAP_HOURS_14D,
        "time without anybody in the next 14 days",
        &|n| duration(n * 3_600.0),
        &|n| {
            (n > 0.0).then(|| {
                (Severity::Medium, format!("nobody is on call for {} of the next 14 days", duration(n * 3_600.0)))
            })
        },
        &mut verdict,
    );
    each(
        key::ONCALL_LARGEST_SHARE,
        "shifts of the person with most of them",
        &percent,
        &|n| {
            (n > subject.number("share"))
                .then(|| (Severity::Medium, format!("one person takes {} of the shifts", percent(n))))
        },
        &mut verdict,
    );
    verdict.answer(rows, "A page reaches a second person when the first does not answer, and enough people take turns.")
}

/// ` (schedule)` where it is not said of the organisation as a whole.
fn of(said: &Said<'_>, context: &Context<'_>) -> String {
    if said.about.as_str() == ORGANISATION {
        String::new()
    } else {
        format!(" ({})", context.reference(&said.about).name)
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{Basis, ORGANISATION, Setting, Value, key};

    fn schedule(about: &str, levels: f64, people: f64, gap: f64, share: f64) -> Case {
        added(Case::new(), Basis::Configured, about, [levels, people, gap, share])
    }

    fn added(case: Case, basis: Basis, about: &str, values: [f64; 4]) -> Case {
        let keys = [key::ONCALL_LEVELS, key::ONCALL_PEOPLE, key::ONCALL_GAP_HOURS_14D, key::ONCALL_LARGEST_SHARE];
        keys.into_iter().zip(values).fold(case, |case, (key, n)| {
            case.fact(about, basis, Setting { key: key.into(), item: None, value: Value::Number(n) })
        })
    }

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, ORGANISATION), expected);
        let all = |levels, people, gap, share| schedule(ORGANISATION, levels, people, gap, share);
        check(Case::new(), "unknown not_connected");
        check(all(2.0, 4.0, 0.0, 0.5), "pass");
        check(all(0.0, 4.0, 0.0, 0.5), "fail high");
        check(all(1.0, 4.0, 0.0, 0.5), "fail medium");
        check(all(2.0, 3.0, 0.0, 0.5), "fail medium");
        check(all(2.0, 1.0, 0.0, 1.0), "fail high");
        check(all(2.0, 0.0, 0.0, 0.0), "fail high");
        check(all(2.0, 4.0, 0.5, 0.5), "fail medium");
        check(all(2.0, 4.0, 0.0, 0.51), "fail medium");
        check(all(2.0, 4.0, 0.0, 0.5).gap("x", key::ONCALL_PEOPLE), "unknown permission_denied");
        // A page of a saved answer that says there are more.
        check(all(2.0, 4.0, 0.0, 0.5).gap("x", "pagerduty/policies"), "unknown permission_denied");
        check(all(2.0, 4.0, 0.0, 0.5).gap("x", "pagerduty/schedule S1"), "unknown permission_denied");
        check(all(2.0, 4.0, 0.0, 0.5).gap("x", "pagerduty/incidents"), "pass");
        check(Case::new().number(ORGANISATION, key::ONCALL_LEVELS, 2.0), "unknown not_connected");
        check(Case::new().number(ORGANISATION, key::ONCALL_PEOPLE, 1.0), "fail high");
    }

    #[test]
    fn what_people_say_convicts_and_never_passes() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, ORGANISATION), expected);
        let stated = |values| added(Case::new(), Basis::Stated, ORGANISATION, values);
        check(stated([2.0, 6.0, 0.0, 0.2]), "unknown not_connected");
        check(stated([2.0, 2.0, 0.0, 0.5]), "fail medium");
    }

    #[test]
    fn each_schedule_is_judged_and_named() {
        let case = schedule("schedule:web", 2.0, 6.0, 0.0, 0.2);
        let case = added(case, Basis::Configured, "schedule:data", [2.0, 2.0, 0.0, 0.5]);
        let check = case.check_of(&RULE, ORGANISATION);
        assert!(
            check.result.sentence.contains("2 people take turns on call (schedule:data)"),
            "{}",
            check.result.sentence
        );
    }
}
