//! Runbooks missing or stale.

use crate::db::wording::named;
use crate::evaluate::cut_repository;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{
    CheckResult, Document, Escalation, Evidence, GapReason, Kind, Provenance, Severity, SubjectId, Tier, key,
};

pub(super) const RULE: Rule = Rule {
    id: "PPL-003",
    title: "Runbooks missing or stale",
    question: "Could a new engineer restore service at night?",
    why: "Recovery that one head holds takes as long as that head needs to wake up. S1 made operation independent of tribal \
          knowledge with one page for each service.",
    condition: "A runbook has not changed for 180 days while its repository got more than 20 commits a year",
    fix: &["one page for each service from a template", "a second person tests it", "link it from the alert"],
    effort_days: [1.0, 4.0],
    effort_source: "HD",
    weight: 2,
    severity: "medium; high where one person knows the repository",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::Organisation,
    numbers: &[
        Number { key: "stale_days", value: 180.0, unit: "d", source: "HD" },
        Number { key: "commits", value: 20.0, unit: "count", source: "HD" },
    ],
    sources: &[("git", "docs/runbooks, RUNBOOK*, playbooks, and the commit that changed each last")],
    proof_metric: "change_recovery_time",
    proof: "time to recover by somebody who did not write it falls",
    false_positives: "Automation replaces the page: link it.",
    unknown_when: "runbooks are in a wiki, or a critical service has none that names it",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut verdict = Verdict::new();
    let mut rows = Vec::new();
    let read: Vec<_> = context
        .facts
        .of_kind(Kind::Repository)
        .filter_map(|(id, _)| context.facts.flag(id, key::CODE_DOCUMENTS_READ))
        .collect();
    rows.extend(read.iter().map(|(_, from)| Evidence::read("runbooks looked for", "in the whole tree", from)));
    let mut runbooks: Vec<(&SubjectId, &Document, &Provenance)> =
        context.facts.all::<Document>().filter(|(_, d, _)| d.what == "runbook").collect();
    runbooks.sort_by(|a, b| (a.0, &a.1.url, &a.1.title).cmp(&(b.0, &b.1.url, &b.1.title)));
    for (_, page, from) in runbooks.iter().take(20) {
        let changed = page.updated_at.map_or("when it changed is not known".to_owned(), |at| {
            format!("changed {:.0} days ago", context.as_of.days_since(at))
        });
        rows.push(Evidence::read(format!("runbook {}", page.title), changed, from));
    }
    if runbooks.is_empty() {
        let found = if read.is_empty() {
            "no place of runbooks is connected"
        } else {
            "no runbook is in the connected repositories; a wiki may hold them"
        };
        let closes = "Connect the repository that holds them, or keep them in docs/runbooks.";
        verdict.lacks(GapReason::NotConnected, found, closes);
    }
    for (repository, page, _) in &runbooks {
        stale(subject, context, repository, page, &mut verdict);
    }
    let t0 = |id: &SubjectId| context.topology.graph.node(id).is_some_and(|n| n.tier == Tier::T0);
    let services: Vec<String> = context
        .facts
        .of_kind(Kind::Service)
        .filter(|(id, r)| t0(id) || r.tier == Some(Tier::T0))
        .map(|(_, r)| r.name.clone())
        .collect();
    let covers = |name: &String| {
        let file = |page: &Document| {
            let path = page.url.as_deref().unwrap_or_default();
            let file = path.rsplit('/').next().unwrap_or_default();
            file.split_once('.').map_or(file, |(stem, _)| stem).to_owned()
        };
        runbooks.iter().any(|(_, page, _)| says(&page.title, name) || says(&file(page), name))
    };
    let bare: Vec<String> = services.iter().filter(|name| !covers(name)).cloned().collect();
    if services.is_empty() {
        verdict.lacks(
            GapReason::UnmappedSubject,
            "no critical service is known that a runbook could be about",
            "Connect what runs your services.",
        );
    } else if !bare.is_empty() {
        let detail = format!("no runbook that was found names {}", named(&bare));
        verdict.lacks(
            GapReason::UnmappedSubject,
            detail,
            "Name the service in the title or the file name of its runbook.",
        );
    }
    let cut = |(id, _): (&SubjectId, _)| cut_repository(id, &rows, context);
    if let Some(gap) = context.facts.of_kind(Kind::Repository).find_map(cut) {
        let detail = format!("the runbooks that were found may be a part: {}", gap.detail);
        verdict.lacks(gap.reason, detail, gap.closes.clone());
    }
    verdict.answer(rows, "Every critical service has a runbook that changed when its code did.")
}

/// Whether words name a service: whole words, neither a part of one nor one end of a longer name (`api` of `api-gateway`).
fn says(words: &str, service: &str) -> bool {
    let fold = |text: &str| -> String {
        text.to_lowercase().chars().map(|c| if c.is_alphanumeric() || "-_".contains(c) { c } else { ' ' }).collect()
    };
    let (words, service) = (fold(words), fold(service));
    let all: Vec<&str> = words.split_whitespace().collect();
    let parts: Vec<&str> = service.split(|c: char| !c.is_alphanumeric()).filter(|p| !p.is_empty()).collect();
    let joined = ["-", "_"].map(|glue| parts.join(glue));
    !parts.is_empty()
        && (all.iter().any(|word| joined.iter().any(|name| name == word))
            || all.windows(parts.len()).any(|window| window == parts))
}

/// A page that stayed while the code moved on.
fn stale(subject: &Subject<'_>, context: &Context<'_>, repository: &SubjectId, page: &Document, verdict: &mut Verdict) {
    let Some(at) = page.updated_at else {
        let detail = format!("when the runbook “{}” changed is not known", page.title);
        return verdict.lacks(GapReason::Truncated, detail, "git fetch --unshallow");
    };
    let days = context.as_of.days_since(at);
    if days <= subject.number("stale_days") {
        return;
    }
    let name = context.reference(repository).name;
    match context.facts.number(repository, key::HISTORY_COMMITS) {
        Some((commits, _)) if commits > subject.number("commits") => {
            let alone = context.facts.number(repository, key::TRUCK_FACTOR_ACTIVE).is_some_and(|(n, _)| n <= 1.0);
            let severity = if alone { Severity::High } else { Severity::Medium };
            let said = format!(
                "the runbook “{}” is {days:.0} days old, and `{name}` got {commits:.0} commits in a year",
                page.title
            );
            verdict.fault(severity, said);
        }
        Some(_) => {}
        None => verdict.lacks(
            GapReason::NotConnected,
            format!("how much `{name}` changes is not known"),
            "Connect a whole clone.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{RULE, says};
    use crate::testing::{Case, as_of};
    use loadline_model::{Document, Kind, Resource, Tier, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, loadline_model::ORGANISATION), expected);
        let repository = || {
            Case::new().thing("repo", Kind::Repository).flag("repo", key::CODE_DOCUMENTS_READ, true).number(
                "repo",
                key::HISTORY_COMMITS,
                300.0,
            )
        };
        let page = |days: Option<i64>| Document {
            what: "runbook".into(),
            title: "The api at night".into(),
            url: None,
            updated_at: days.map(|d| as_of().plus_days(-d)),
        };
        let service = |case: Case, name: &str| {
            case.has(name, Resource { tier: Some(Tier::T0), ..Resource::new(Kind::Service, name) })
        };
        check(Case::new(), "unknown not_connected");
        check(repository(), "unknown not_connected");
        check(repository().has("repo", page(Some(20))), "unknown unmapped_subject");
        check(service(repository().has("repo", page(Some(20))), "api"), "pass");
        check(service(service(repository().has("repo", page(Some(20))), "api"), "pay"), "unknown unmapped_subject");
        check(service(repository().has("repo", page(Some(20))), "api").cut("repo", "repository"), "unknown truncated");
        check(service(repository().has("repo", page(Some(200))), "api"), "fail medium");
        check(service(repository().has("repo", page(None)), "api"), "unknown truncated");
        check(repository().has("repo", page(Some(200))).number("repo", key::TRUCK_FACTOR_ACTIVE, 1.0), "fail high");
    }

    #[test]
    fn a_runbook_names_a_service_by_whole_words() {
        let check = |words: &str, service: &str, expected| assert_eq!(says(words, service), expected, "{words}");
        check("Restarting capistrano", "api", false);
        check("The API at night", "api", true);
        check("api-gateway", "api", false);
        check("checkout-api", "api", false);
        check("Checkout API: restart", "checkout-api", true);
        check("checkout_api", "Checkout API", true);
        check("checkout", "checkout-api", false);
        check("", "api", false);
    }
}
