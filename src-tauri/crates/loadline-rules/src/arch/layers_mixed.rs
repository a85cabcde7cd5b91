//! Layering is violated.

use super::reading::{CONNECT, at, measured, places};
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "ARCH-003",
    title: "Layering is violated",
    question: "Are validation, HTTP, domain logic and data access separated?",
    why: "A route that asks the database itself can be neither tested without it nor reused. S1 moved 90 to 95 % of its endpoints \
          to four strict layers over 8 months, beside features.",
    condition: "More than 5 of 100 routes query the database in the function that answers them",
    fix: &[
        "new code must comply (pipeline)",
        "move a route's query when the route is touched",
        "validation first: cheap and safe",
    ],
    effort_days: [5.0, 20.0],
    effort_source: "HD; S1 spread it over 8 months beside features",
    weight: 2,
    severity: "medium",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Repository]),
    numbers: &[
        Number { key: "per_100", value: 5.0, unit: "count", source: "HD" },
        Number { key: "seen", value: 0.80, unit: "ratio", source: "HD" },
        Number { key: "unmeasured", value: 0.20, unit: "ratio", source: "HD" },
    ],
    sources: &[("git", "routes with their handlers, and queries inside them (tree-sitter)")],
    proof_metric: "boundary_violations",
    proof: "routes that query the database themselves fall",
    false_positives: "Frameworks whose handlers are the data layer on purpose.",
    unknown_when: "no route of a known framework is recognised, or fewer than 80 % of the handlers lie beside their routes",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let mut verdict = Verdict::new();
    let name = subject.name();
    measured(subject.number("unmeasured"), subject, &mut seen, &mut verdict);
    let routes = seen.number("routes recognised", "", key::CODE_ROUTES);
    let visible = seen.number("routes whose handler was seen", "", key::CODE_ROUTES_SEEN);
    let mixed = places(key::idiom::QUERY_IN_HANDLER, subject, context, &mut seen, &mut verdict);
    match (routes, visible) {
        (Some(routes), Some(visible)) if routes > 0.0 && visible / routes >= subject.number("seen") => {}
        (Some(routes), Some(_)) if routes > 0.0 => verdict.lacks(
            GapReason::UnmappedSubject,
            format!("the handlers of most routes of `{name}` lie in other files"),
            "Nothing closes this yet.",
        ),
        (Some(_), Some(_)) => verdict.lacks(
            GapReason::UnmappedSubject,
            format!("no route of a framework that Loadline knows was recognised in `{name}`"),
            "Nothing closes this yet.",
        ),
        _ => verdict.lacks(GapReason::NotConnected, format!("the routes of `{name}` were not read"), CONNECT),
    }
    if let (Some(mixed), Some(routes)) = (&mixed, routes.filter(|r| *r > 0.0)) {
        let per_100 = mixed.likely.len() as f64 * 100.0 / routes;
        seen.follows("routes with a query, of 100", format!("{per_100:.0}"));
        if per_100 > subject.number("per_100") {
            let said = format!(
                "{} of {routes:.0} routes of `{name}` likely query the database themselves: {}",
                mixed.likely.len(),
                at(&mixed.likely)
            );
            verdict.fault(Severity::Medium, said);
        }
    }
    verdict.answer(seen.rows, format!("Hardly a route of `{name}` queries the database itself."))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::arch::cases::{idioms, repository, routes, serving};
    use crate::testing::Case;
    use loadline_model::key::idiom::QUERY_IN_HANDLER;

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "repo"), expected);
        check(repository(), "unknown not_connected");
        check(serving(), "unknown not_connected");
        check(idioms(serving(), QUERY_IN_HANDLER, 0, true), "pass");
        check(idioms(serving(), QUERY_IN_HANDLER, 1, true), "fail medium");
        check(idioms(routes(0.0, 0.0), QUERY_IN_HANDLER, 0, true), "unknown unmapped_subject");
        check(idioms(routes(10.0, 5.0), QUERY_IN_HANDLER, 0, true), "unknown unmapped_subject");
        check(idioms(serving(), QUERY_IN_HANDLER, 0, true).cut("repo", "repository"), "unknown truncated");
    }
}
