//! List endpoints without pagination and hard limits.

use super::reading::{CONNECT, at, measured, places};
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "ARCH-006",
    title: "List endpoints without pagination and hard limits",
    question: "Can a client ask for everything?",
    why: "A list without a limit grows with the data: it is fast on the day it is written and takes the service down a year later. \
          S1 limited rooms, messages and users to 20 to 50 a page.",
    condition: "A route that answers a list reads all rows, and neither it nor the query names a limit",
    fix: &[
        "20 by default and 50 at most, exceptions written down",
        "a cursor over the key",
        "tell old clients with metrics",
    ],
    effort_days: [1.0, 5.0],
    effort_source: "HD",
    weight: 3,
    severity: "medium",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Repository]),
    numbers: &[
        Number { key: "seen", value: 0.80, unit: "ratio", source: "HD" },
        Number { key: "unmeasured", value: 0.20, unit: "ratio", source: "HD" },
    ],
    sources: &[("git", "routes with their handlers, and the reads of an ORM inside them (tree-sitter)")],
    proof_metric: "rows_per_call",
    proof: "rows in each answer at p99 fall, and latency stops growing with the table",
    false_positives: "Small closed sets such as countries.",
    unknown_when: "no list among the routes is recognised, or fewer than 80 % of the handlers lie beside their routes, or reads that look unbounded may be cut elsewhere",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let mut verdict = Verdict::new();
    let name = subject.name();
    measured(subject.number("unmeasured"), subject, &mut seen, &mut verdict);
    let routes = seen.number("routes recognised", "", key::CODE_ROUTES);
    let unlimited = places(key::idiom::LIST_UNLIMITED, subject, context, &mut seen, &mut verdict);
    let limited = places(key::idiom::LIST_LIMITED, subject, context, &mut seen, &mut verdict);
    match (routes, seen.number("routes whose handler was seen", "", key::CODE_ROUTES_SEEN)) {
        (Some(routes), Some(visible)) if routes > 0.0 && visible / routes < subject.number("seen") => verdict.lacks(
            GapReason::UnmappedSubject,
            format!("the handlers of {:.0} of {routes:.0} routes of `{name}` lie in other files", routes - visible),
            "Nothing closes this yet.",
        ),
        (Some(_), Some(_)) => {}
        _ => verdict.lacks(GapReason::NotConnected, format!("the routes of `{name}` were not read"), CONNECT),
    }
    if let Some(unlimited) = &unlimited {
        if !unlimited.likely.is_empty() {
            let said = format!("lists of `{name}` likely answer everything there is: {}", at(&unlimited.likely));
            verdict.fault(Severity::Medium, said);
        } else if unlimited.possible > 0 {
            let detail = format!("{} lists of `{name}` may answer everything there is", unlimited.possible);
            verdict.lacks(
                GapReason::LowSample,
                detail,
                "Look at the places shown; a limit in the route itself is recognised.",
            );
        }
        if limited.as_ref().is_some_and(|l| l.likely.is_empty()) {
            verdict.lacks(
                GapReason::UnmappedSubject,
                format!("no list with a limit was recognised among the routes of `{name}`"),
                "Nothing closes this yet where handlers lie in other files or the framework is not known.",
            );
        }
    }
    verdict.answer(seen.rows, format!("Every list that was recognised in `{name}` names a limit."))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::arch::cases::{idioms, repository, routes, serving};
    use crate::testing::Case;
    use loadline_model::key::idiom::{LIST_LIMITED, LIST_UNLIMITED};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "repo"), expected);
        let lists = |without: u32, with: u32| {
            idioms(idioms(serving(), LIST_UNLIMITED, without, true), LIST_LIMITED, with, true)
        };
        check(repository(), "unknown not_connected");
        check(serving(), "unknown not_connected");
        check(lists(0, 0), "unknown unmapped_subject");
        check(lists(0, 3), "pass");
        check(lists(2, 3), "fail medium");
        check(lists(2, 0), "fail medium");
        let elsewhere = idioms(idioms(routes(10.0, 7.0), LIST_UNLIMITED, 0, true), LIST_LIMITED, 1, true);
        check(elsewhere, "unknown unmapped_subject");
        check(idioms(idioms(serving(), LIST_UNLIMITED, 1, false), LIST_LIMITED, 3, true), "unknown low_sample");
        check(lists(0, 3).cut("repo", "repository"), "unknown truncated");
    }
}
