//! God service.

use super::reading::measured;
use crate::db::wording::percent;
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Relation, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "ARCH-001",
    title: "God service",
    question: "Does one service own most domains, traffic and changes?",
    why: "When everything is one piece, every change risks everything and every spike stops everything. S2 met it in every audit: \
          single points of failure by 50,000 users, and the same weeks again within 6 months for chasing cascades.",
    condition: "One deployable owns 5 or more domains and 60 % of the commits and requests, and more than 30 % of the imports \
                between its domains reach past the other's interface",
    fix: &[
        "tests on the critical journeys first (ARCH-009)",
        "domain packages with explicit interfaces, in the same deployment",
        "forbid other imports in the pipeline",
        "own pools and queues for each domain; extract only on proven need",
    ],
    effort_days: [10.0, 20.0],
    effort_source: "S2: 2-4 weeks of refactoring",
    weight: 5,
    severity: "medium; the audience that would make it high is not read",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Repository]),
    numbers: &[
        Number { key: "domains", value: 5.0, unit: "count", source: "S2 (six or more responsibilities); HD" },
        Number { key: "commits", value: 0.60, unit: "ratio", source: "HD" },
        Number { key: "boundary", value: 0.70, unit: "ratio", source: "HD" },
        Number { key: "unmeasured", value: 0.20, unit: "ratio", source: "HD" },
    ],
    sources: &[
        ("git", "folders as domains; imports between them; commits of 12 months; Dockerfiles"),
        ("user", "setting `service` of the account: which service is built from it"),
    ],
    proof_metric: "boundary_violations",
    proof: "imports past an interface and the change failure rate fall",
    false_positives: "A small product with one domain. Folders named after layers are not counted as domains.",
    unknown_when: "the layout shows no domains, or which service is built from the repository is not known",
    prerequisites: &["ARCH-009"],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let mut verdict = Verdict::new();
    let name = subject.name();
    measured(subject.number("unmeasured"), subject, &mut seen, &mut verdict);
    let domains = seen.number("domains", "", key::CODE_DOMAINS);
    let boundary = seen.number("boundary score", "", key::CODE_BOUNDARY);
    let (Some(domains), false) = (domains, verdict.is_lacking()) else {
        verdict.lacks(
            GapReason::NotConnected,
            format!("the domains of `{name}` are not known"),
            super::reading::CONNECT,
        );
        return verdict.answer(seen.rows, "");
    };
    if domains < 1.0 {
        let detail = format!("the folders of `{name}` are named after layers: they show no domains");
        verdict.lacks(
            GapReason::UnmappedSubject,
            detail,
            "Nothing closes this yet: name the folders after what they do.",
        );
        return verdict.answer(seen.rows, "");
    }
    if domains < subject.number("domains") {
        return verdict.answer(seen.rows, format!("`{name}` holds {domains:.0} domains."));
    }
    let Some(boundary) = boundary else {
        let detail = format!("no import between the domains of `{name}` was found");
        verdict.lacks(GapReason::LowSample, detail, "Nothing closes this where code is loaded by name.");
        return verdict.answer(seen.rows, "");
    };
    if boundary >= subject.number("boundary") {
        let said =
            format!("{} of the imports between the domains of `{name}` use their interfaces.", percent(boundary));
        return verdict.answer(seen.rows, said);
    }
    let share = share_of_commits(context, &mut seen);
    let deployed: Vec<_> =
        context.facts.edges_to(&subject.id).filter(|e| e.edge.relation == Relation::BuiltFrom).collect();
    for edge in &deployed {
        seen.row("built from it", context.reference(&edge.from).name, edge.provenance);
    }
    match share {
        Some(share) if share < subject.number("commits") => {
            return verdict.answer(seen.rows, format!("`{name}` gets {} of the commits.", percent(share)));
        }
        Some(_) => {}
        None => verdict.lacks(
            GapReason::Truncated,
            format!("the commits of `{name}` are not known"),
            "git fetch --unshallow",
        ),
    }
    let services = context.facts.of_kind(Kind::Service).count();
    if deployed.len() == 1 && services == 1 {
        let said = format!(
            "`{name}` is one deployable with {domains:.0} domains, all requests, and {} of the imports between domains past their interfaces",
            percent(1.0 - boundary)
        );
        verdict.fault(Severity::Medium, said);
    } else {
        verdict.lacks(
            GapReason::UnmappedSubject,
            format!("`{name}` mixes {domains:.0} domains; which share of the requests it serves is not known"),
            "Name the service that is built from it: setting `service` of the account.",
        );
    }
    verdict.answer(seen.rows, "")
}

/// Share of all commits of the connected repositories; `None` when the history of one of them is not known.
fn share_of_commits(context: &Context<'_>, seen: &mut Reading<'_>) -> Option<f64> {
    let own = seen.number("commits in 12 months", "", key::HISTORY_COMMITS)?;
    let all = context.facts.of_kind(Kind::Repository).map(|(id, _)| context.facts.number(id, key::HISTORY_COMMITS));
    let all: Option<f64> = all.map(|n| n.map(|(n, _)| n)).sum();
    let share = all.filter(|n| *n > 0.0).map(|n| own / n)?;
    seen.follows("share of the commits of all repositories", percent(share));
    Some(share)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::arch::cases::repository;
    use crate::testing::Case;
    use loadline_model::{Kind, Relation, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "repo"), expected);
        let domains = |n: f64| repository().number("repo", key::CODE_DOMAINS, n);
        let mixed = || domains(7.0).number("repo", key::CODE_BOUNDARY, 0.4);
        let busy = || mixed().number("repo", key::HISTORY_COMMITS, 900.0);
        let built = |case: Case| case.thing("api", Kind::Service).edge("api", Relation::BuiltFrom, "repo");
        check(Case::new().thing("repo", Kind::Repository), "unknown not_connected");
        check(repository(), "unknown not_connected");
        check(domains(0.0), "unknown unmapped_subject");
        check(domains(4.0), "pass");
        check(domains(7.0), "unknown low_sample");
        check(domains(7.0).number("repo", key::CODE_BOUNDARY, 0.8), "pass");
        check(mixed(), "unknown truncated");
        check(busy(), "unknown unmapped_subject");
        check(built(busy()), "fail medium");
        check(built(busy()).thing("jobs", Kind::Service), "unknown unmapped_subject");
        let other = |case: Case, n: f64| case.thing("two", Kind::Repository).number("two", key::HISTORY_COMMITS, n);
        check(other(built(busy()), 9_000.0), "pass");
        check(built(busy()).thing("two", Kind::Repository), "fail medium");
    }
}
