//! Background work inside web processes.

use super::reading::{CONNECT, at, measured, places};
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Relation, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "ARCH-007",
    title: "Background work inside web processes",
    question: "Do timers and fire-and-forget tasks live in the API process?",
    why: "Work beside requests takes their CPU, is lost when the process is deployed, and runs once in every member: mails go out \
          as often as there are members (S3, S4).",
    condition: "Code that serves requests also schedules or starts work that nobody waits for, and runs in 2 members or more",
    fix: &["a worker with a queue (ASYNC-001)", "a scheduler with a lock (SPOF-012)"],
    effort_days: [1.0, 5.0],
    effort_source: "S4: inside 15-20 days",
    weight: 2,
    severity: "medium",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Repository]),
    numbers: &[
        Number { key: "members", value: 2.0, unit: "count", source: "HD" },
        Number { key: "unmeasured", value: 0.20, unit: "ratio", source: "HD" },
    ],
    sources: &[
        ("git", "setInterval, node-cron, BackgroundTasks, APScheduler, @Scheduled, AddHostedService and their like"),
        ("aws", "members of the service that is built from the repository"),
    ],
    proof_metric: "route_latency",
    proof: "latency while jobs run falls to what it is without them",
    false_positives: "Flushers of metrics and refreshers of caches.",
    unknown_when: "no route is recognised, or how many members run the code is not known",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let mut verdict = Verdict::new();
    let name = subject.name();
    measured(subject.number("unmeasured"), subject, &mut seen, &mut verdict);
    match seen.number("routes recognised", "", key::CODE_ROUTES) {
        Some(routes) if routes > 0.0 => {}
        Some(_) => verdict.lacks(
            GapReason::UnmappedSubject,
            format!("no route was recognised in `{name}`: whether it serves requests is not known"),
            "Nothing closes this yet.",
        ),
        None => verdict.lacks(GapReason::NotConnected, format!("the routes of `{name}` were not read"), CONNECT),
    }
    let work = places(key::idiom::BACKGROUND_WORK, subject, context, &mut seen, &mut verdict);
    let Some(work) = work.filter(|_| !verdict.is_lacking()) else { return verdict.answer(seen.rows, "") };
    if work.likely.is_empty() && work.possible > 0 {
        let detail = format!("{} places of `{name}` may start work that nobody waits for", work.possible);
        verdict.lacks(GapReason::LowSample, detail, "Look at the places shown.");
    } else if !work.likely.is_empty() {
        match members(subject, context, &mut seen) {
            Some(members) if members >= subject.number("members") => {
                let said = format!(
                    "`{name}` likely runs jobs beside requests, once in each of {members:.0} members: {}",
                    at(&work.likely)
                );
                verdict.fault(Severity::Medium, said);
            }
            Some(_) => {}
            None => verdict.lacks(
                GapReason::UnmappedSubject,
                format!(
                    "`{name}` likely runs jobs beside requests ({}); in how many members is not known",
                    at(&work.likely)
                ),
                "Name the service that is built from it (setting `service` of the account), and connect what runs it.",
            ),
        }
    }
    verdict.answer(seen.rows, format!("No work beside requests was recognised in `{name}` that runs more than once."))
}

/// Most members of the services that are built from a repository; `None` when that of one is not known.
fn members(subject: &Subject<'_>, context: &Context<'_>, seen: &mut Reading<'_>) -> Option<f64> {
    let built = context.facts.edges_to(&subject.id).filter(|e| e.edge.relation == Relation::BuiltFrom);
    let mut most: Option<f64> = None;
    for edge in built {
        let service = context.reference(&edge.from).name;
        seen.row("built from it", service.clone(), edge.provenance);
        let (count, from) = context
            .facts
            .number(&edge.from, key::MAXIMUM_MEMBERS)
            .or_else(|| context.facts.number(&edge.from, key::DESIRED_MEMBERS))?;
        seen.row(format!("members of {service}"), format!("{count:.0}"), from);
        most = Some(most.map_or(count, |m| m.max(count)));
    }
    most
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::arch::cases::{idioms, repository, serving};
    use crate::testing::Case;
    use loadline_model::key::{self, idiom::BACKGROUND_WORK};
    use loadline_model::{Kind, Relation};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "repo"), expected);
        let work = |places, likely| idioms(serving(), BACKGROUND_WORK, places, likely);
        let runs = |case: Case, members: f64| {
            case.thing("api", Kind::Service).edge("api", Relation::BuiltFrom, "repo").number(
                "api",
                key::DESIRED_MEMBERS,
                members,
            )
        };
        check(repository(), "unknown not_connected");
        check(
            idioms(repository().number("repo", key::CODE_ROUTES, 0.0), BACKGROUND_WORK, 0, true),
            "unknown unmapped_subject",
        );
        check(work(0, true), "pass");
        check(work(2, false), "unknown low_sample");
        check(work(2, true), "unknown unmapped_subject");
        check(runs(work(2, true), 3.0), "fail medium");
        check(runs(work(2, true), 1.0), "pass");
        check(runs(work(2, true), 1.0).number("api", key::MAXIMUM_MEMBERS, 4.0), "fail medium");
        check(
            runs(work(2, true), 1.0).thing("two", Kind::Service).edge("two", Relation::BuiltFrom, "repo"),
            "unknown unmapped_subject",
        );
    }
}
