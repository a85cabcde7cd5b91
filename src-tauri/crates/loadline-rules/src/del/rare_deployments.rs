//! Deployment frequency low.

use super::history::history;
use crate::db::wording::duration;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::DAYS_PER_MONTH;
use loadline_model::{
    ChangeRequest, CheckResult, DeploymentStatus, Escalation, Evidence, GapReason, Kind, Provenance, Relation,
    Severity, SubjectId, Timestamp, num,
};
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule {
    id: "DEL-004",
    title: "Deployment frequency low",
    question: "How often do users get changes?",
    why: "Changes that wait are shipped together, and when one of many fails nobody knows which. Frequent teams are also the \
          stable ones (DORA24).",
    condition: "The median interval between good production deployments, or the time since the last one, is above a week although 4 or \
                more changes a month are merged",
    fix: &["smaller batches", "trunk-based development", "flags that separate release from deployment"],
    effort_days: [1.0, 10.0],
    effort_source: "HD",
    weight: 1,
    severity: "medium above a month; low above a week",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[
        Number { key: "week_days", value: 7.0, unit: "d", source: "DORA24 (medium band)" },
        Number { key: "month_days", value: 30.0, unit: "d", source: "DORA24 (low band)" },
        Number { key: "merges", value: 4.0, unit: "1/month", source: "HD" },
        Number { key: "days", value: 90.0, unit: "d", source: "HD" },
        Number { key: "watched_days", value: 28.0, unit: "d", source: "HD" },
    ],
    sources: &[
        ("github", "deployments; pulls with merged_at"),
        ("gitlab", "deployments; dora deployment_frequency"),
        ("aws", "ECS deployments, codedeploy:ListDeployments"),
    ],
    proof_metric: "deploys_per_week",
    proof: "deployments a week rise",
    false_positives: "Releases of mobile apps through a store.",
    unknown_when: "no source of deployments is connected, none is known to have succeeded, or how many changes are merged is not known",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let days = subject.number("days");
    let history = history(subject, days, context);
    if let Some(missing) = history.missing(subject) {
        return missing;
    }
    let name = subject.name();
    let mut rows = history.rows(days);
    let mut verdict = Verdict::new();
    let watched = history.since.map_or(0.0, |at| context.as_of.days_since(at));
    if history.good.is_empty() {
        verdict.few("deployments that succeeded", 0, 1.0);
        return verdict.answer(rows, "");
    }
    let begin = context.as_of.plus_days(-(days as i64));
    let interval = interval(&history.good, history.since, begin, context.as_of);
    rows.push(Evidence::derived("median interval", duration(interval * 86_400.0)));
    if interval <= subject.number("week_days") {
        if watched < subject.number("watched_days") {
            verdict.short("the history of deployments", watched * 24.0, subject.number("watched_days") * 24.0);
        }
        verdict.hidden(subject, context, &["deployment"]);
        verdict.told_in_part(subject, context, &["eployments", "InstanceRefreshes"]);
        return verdict.answer(rows, format!("Users of `{name}` get changes every {}.", duration(interval * 86_400.0)));
    }
    let built: BTreeSet<SubjectId> = context
        .facts
        .edges_from(&subject.id)
        .filter(|e| e.edge.relation == Relation::BuiltFrom)
        .map(|e| e.to)
        .collect();
    if built.is_empty() {
        verdict.lacks(
            GapReason::UnmappedSubject,
            format!("which repository `{name}` is built from is not known, so neither is whether changes wait"),
            "Name the service in the account of its repository (setting `service` or `services`).",
        );
        return verdict.answer(rows, "");
    }
    let recent = |c: &ChangeRequest| c.merged_at.is_some_and(|at| (0.0..=days).contains(&context.as_of.days_since(at)));
    let changes = built.iter().flat_map(|repository| context.facts.facts::<ChangeRequest>(repository));
    let merged: Vec<(&ChangeRequest, &Provenance)> = changes.filter(|(c, _)| recent(c)).collect();
    let Some((_, from)) = merged.first() else {
        verdict.lacks(
            GapReason::NotConnected,
            format!(
                "`{name}` is deployed every {}; whether changes are waiting is not known",
                duration(interval * 86_400.0)
            ),
            "Connect the repository (GitHub, GitLab or Bitbucket) with its merged changes.",
        );
        return verdict.answer(rows, "");
    };
    let a_month = merged.len() as f64 / (days / DAYS_PER_MONTH);
    rows.push(Evidence::read("changes merged a month", format!("{a_month:.1}"), from));
    if a_month < subject.number("merges") {
        verdict.hidden_anywhere(subject, context, &["change_request"]);
        if verdict.is_lacking() {
            return verdict.answer(rows, "");
        }
        let because = format!("`{name}` is hardly developed: {a_month:.1} changes a month.");
        return CheckResult::not_applicable(because).with_evidence(rows);
    }
    let untold = history.all.iter().filter(|d| d.status == DeploymentStatus::InProgress).map(|d| d.started_at);
    let mut with_untold: Vec<Timestamp> = history.good.iter().copied().chain(untold).collect();
    with_untold.sort_unstable();
    if self::interval(&with_untold, history.since, begin, context.as_of) <= subject.number("week_days") {
        verdict.lacks(
            GapReason::NotConnected,
            format!("how {} deployments of `{name}` ended is not told", with_untold.len() - history.good.len()),
            "Connect what deploys it, or record how its deployments ended.",
        );
        return verdict.answer(rows, "");
    }
    let severity = if interval > subject.number("month_days") { Severity::Medium } else { Severity::Low };
    let said = format!(
        "changes of `{name}` wait: {a_month:.0} are merged a month and one deployment is made every {}",
        duration(interval * 86_400.0)
    );
    verdict.fault(severity, said);
    verdict.answer(rows, "")
}

/// Days between good deployments: the median, or the time since the last one where that is longer. The gap in which the window
/// begins counts whole, and what was seen before the first good one is a gap too.
fn interval(good: &[Timestamp], since: Option<Timestamp>, begin: Timestamp, as_of: Timestamp) -> f64 {
    let mut at: Vec<Timestamp> = since.into_iter().chain(good.iter().copied()).collect();
    at.dedup();
    let before = at.partition_point(|at| *at <= begin).saturating_sub(1);
    let at = at.split_off(before);
    let gaps: Vec<f64> = at.windows(2).filter_map(|w| Some(w.last()?.days_since(*w.first()?))).collect();
    let open = at.last().map_or(0.0, |last| as_of.days_since(*last));
    num::median(&gaps).map_or(open, |median| median.max(open))
}

#[cfg(test)]
#[path = "rare_deployments_tests.rs"]
mod tests;
