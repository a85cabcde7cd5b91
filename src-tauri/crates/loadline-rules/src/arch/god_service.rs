//! God service.

use super::reading::measured;
use crate::db::wording::{count, percent};
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::window::last_hours;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{
    CheckResult, Environment, Escalation, GapReason, Kind, Relation, Resource, Severity, SubjectId, key,
};

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
    let share = share_of_commits(subject, context, &mut seen);
    let deployed: Vec<_> =
        context.facts.edges_to(&subject.id).filter(|e| e.edge.relation == Relation::BuiltFrom).collect();
    for edge in &deployed {
        seen.row("built from it", context.reference(&edge.from).name, edge.provenance);
    }
    match share {
        Ok(share) if share < subject.number("commits") => {
            return verdict.answer(seen.rows, format!("`{name}` gets {} of the commits.", percent(share)));
        }
        Ok(_) => {}
        Err(of) => verdict.lacks(
            GapReason::Truncated,
            format!("the commits of `{of}` are not known, so neither is the share of `{name}`"),
            "Connect a clone of it with its whole history (loadline connect git --path …; git fetch --unshallow).",
        ),
    }
    let mixes = format!("`{name}` mixes {domains:.0} domains");
    let requests = match &deployed[..] {
        [] => Err(("which service is built from it is not known".to_owned(), NAME_IT)),
        [only] => share_of_requests(&only.from, context, &mut seen),
        more => Err((format!("{} services are built from it", more.len()), "Nothing closes this yet.")),
    };
    match requests {
        // Whose commits are not known may hold the rest of the product.
        Ok(_) if verdict.is_lacking() => {}
        Ok(requests) if requests >= subject.number("commits") => verdict.fault(
            Severity::Medium,
            format!(
                "`{name}` is one deployable with {domains:.0} domains, {} of the requests, and {} of the imports between domains past \
                 their interfaces",
                percent(requests),
                percent(1.0 - boundary)
            ),
        ),
        Ok(requests) => {
            return verdict.answer(seen.rows, format!("`{name}` serves {} of the requests.", percent(requests)));
        }
        Err((why, closes)) => verdict.lacks(GapReason::UnmappedSubject, format!("{mixes}; {why}"), closes),
    }
    verdict.answer(seen.rows, "")
}

/// Share of all commits of the connected repositories that hold code; else the name of one whose history is not known.
fn share_of_commits(subject: &Subject<'_>, context: &Context<'_>, seen: &mut Reading<'_>) -> Result<f64, String> {
    let own = seen.number("commits in 12 months", "", key::HISTORY_COMMITS).ok_or(subject.name())?;
    let mut all = own;
    for (id, other) in context.facts.of_kind(Kind::Repository).filter(|(id, _)| **id != subject.id) {
        if let Some((files, from)) = context.facts.number(id, key::CODE_FILES).filter(|(files, _)| *files <= 0.0) {
            seen.row(format!("files of code in {}", other.name), count(files), from);
            continue;
        }
        let (commits, from) = context.facts.number(id, key::HISTORY_COMMITS).ok_or_else(|| other.name.clone())?;
        seen.row(format!("commits in 12 months of {}", other.name), count(commits), from);
        all += commits;
    }
    if all <= 0.0 {
        return Err(subject.name().to_owned());
    }
    seen.follows("share of the commits of all repositories", percent(own / all));
    Ok(own / all)
}

const NAME_IT: &str = "Name the service that is built from it: setting `service` of the account.";
const MEASURE: &str = "Connect what counts the requests of every service (Prometheus, Datadog or New Relic).";

/// Share of the requests of all services in production over a week; else why it is not known, and what closes that.
fn share_of_requests(
    own: &SubjectId,
    context: &Context<'_>,
    seen: &mut Reading<'_>,
) -> Result<f64, (String, &'static str)> {
    let live = |r: &Resource| r.environment.unwrap_or(Environment::Production) == Environment::Production;
    let services: Vec<_> = context.facts.of_kind(Kind::Service).filter(|(id, r)| *id == own || live(r)).collect();
    if services.len() == 1 {
        return Ok(1.0);
    }
    let (mut ours, mut all) = (0.0, 0.0);
    for (id, service) in services {
        let Some(window) = last_hours(id, key::metric::REQUEST_RATE, 168.0, context) else {
            return Err((format!("how many requests `{}` serves is not known", service.name), MEASURE));
        };
        let rate = window.mean();
        seen.rows.push(window.row(&format!("requests a second of {}", service.name), format!("{rate:.1}")));
        all += rate;
        ours += if id == own { rate } else { 0.0 };
    }
    if all > 0.0 { Ok(ours / all) } else { Err(("no requests were counted".to_owned(), MEASURE)) }
}

#[cfg(test)]
#[path = "god_service_tests.rs"]
mod tests;
