//! Everything must be deployed together.

use super::coupling::{Pairs, pairs};
use super::history::history;
use crate::arch::history_too_short;
use crate::db::wording::{named, percent};
use crate::evaluate::Reading;
use crate::source_text::services_of;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{
    CheckResult, DeliveryTrend, Deployment, Escalation, GapReason, Kind, Severity, SubjectId, Timestamp, is_rehearsal,
};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const RULE: Rule = Rule {
    id: "DEL-011",
    title: "Everything must be deployed together",
    question: "Can one module change without releasing all others?",
    why: "Where every release is a release of everything, each change carries the risk of all, and nobody ships alone (S2).",
    condition: "More than half of a service's deployments of 90 days ship three services or more with one revision within 30 \
                minutes, or it nearly always ships beside two others, or more than 5 pairs of files in different domains change in \
                the same commits (10 commits or more of 12 months, half of the changes of one of them)",
    fix: &[
        "interfaces between the domains",
        "contract tests",
        "flags that part a release from its deployment (DEL-012)",
        "a service of its own only where it pays",
    ],
    effort_days: [5.0, 20.0],
    effort_source: "S2: 2-4 weeks for modular boundaries",
    weight: 2,
    severity: "medium; high when more than 20 % of the changes fail",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Repository]),
    numbers: &[
        Number { key: "lockstep", value: 0.5, unit: "ratio", source: "HD; S2 (every deploy is a full-system deploy)" },
        Number { key: "services", value: 3.0, unit: "count", source: "HD" },
        Number { key: "minutes", value: 30.0, unit: "min", source: "HD" },
        Number { key: "deployments", value: 5.0, unit: "count", source: "HD" },
        Number { key: "revisions", value: 0.8, unit: "ratio", source: "HD" },
        Number { key: "pairs", value: 5.0, unit: "count", source: "HD" },
        Number { key: "support", value: 10.0, unit: "count", source: "HD; behavioural code analysis" },
        Number { key: "confidence", value: 0.5, unit: "ratio", source: "HD; behavioural code analysis" },
        Number { key: "unmeasured", value: 0.20, unit: "ratio", source: "HD" },
        Number { key: "failing", value: 0.20, unit: "ratio", source: "DORA24" },
        Number { key: "window", value: 90.0, unit: "d", source: "HD" },
        Number { key: "days", value: 182.0, unit: "d", source: "HD (6 months)" },
    ],
    sources: &[
        (
            "git",
            "commits of 12 months with at most 30 files: which files change together, and the domains of the layout",
        ),
        ("github, gitlab, aws, import", "start and revision of the deployments of each service"),
    ],
    proof_metric: "boundary_violations",
    proof: "deployments that ship several services, and pairs of files that change across domains, fall",
    false_positives: "Mechanical renames; contracts that are generated on both sides.",
    unknown_when: "the history is shorter than 6 months, deployments of a service are not visible or do not name their revision, or \
                   the layout shows no domains",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let mut verdict = Verdict::new();
    let name = subject.name();
    history_too_short(subject.number("days"), subject, &mut seen, &mut verdict);
    let severity = shipped(subject, context, &mut seen, &mut verdict);
    let Pairs { crossing, unclear, rows, cut } = pairs(subject, context, &mut seen, &mut verdict);
    let most = subject.number("pairs");
    if crossing as f64 > most {
        seen.rows.extend(rows);
        let said =
            format!("{crossing} pairs of files of `{name}` change together although they are in different domains");
        verdict.fault(severity, said);
    } else if (crossing + unclear) as f64 > most {
        let detail =
            format!("{unclear} pairs of files of `{name}` change together, and of which domains they are is not known");
        verdict.lacks(GapReason::UnmappedSubject, detail, "Nothing closes this yet where the layout shows no domains.");
    } else if cut {
        let detail = format!("only the surest pairs of files of `{name}` that change together were told");
        verdict.lacks(GapReason::Truncated, detail, "Nothing closes this yet.");
    }
    verdict.hidden(subject, context, &["changed_together", "code_module", "code_stat"]);
    verdict.hidden_anywhere(subject, context, &["deployment", "built_from"]);
    verdict.answer(seen.rows, format!("What is built from `{name}` ships alone, and its domains change alone."))
}

/// Judges the deployments of what is built from the repository; the severity that a fault has.
fn shipped(subject: &Subject<'_>, context: &Context<'_>, seen: &mut Reading<'_>, verdict: &mut Verdict) -> Severity {
    let built = services_of(&subject.id, context);
    if built.is_empty() {
        verdict.lacks(
            GapReason::UnmappedSubject,
            format!("which services are built from `{}` is not known", subject.name()),
            "Name the service that is built from it: setting `service` of the account.",
        );
    }
    let trend = |id: &SubjectId| context.trends.delivery.iter().find(|t| t.subject.id == *id);
    let fails = |t: &DeliveryTrend| t.failure_rate.is_some_and(|r| r.p50 > subject.number("failing"));
    let severity = if built.iter().filter_map(trend).any(fails) { Severity::High } else { Severity::Medium };
    let revisions = revisions(context);
    for id in &built {
        let Some(resource) = context.facts.resource(id) else {
            let detail = format!("what `{id}` is, which is built from `{}`, is shown by no account", subject.name());
            verdict.lacks(GapReason::UnmappedSubject, detail, "Connect what runs it.");
            continue;
        };
        let service = Subject::thing(subject.rule, id, resource, context);
        together(&service, trend(id), &revisions, severity, context, seen, verdict);
    }
    severity
}

/// Which services got a revision, and when.
type Revisions<'a> = BTreeMap<&'a str, Vec<(SubjectId, Timestamp)>>;

fn revisions<'a>(context: &Context<'a>) -> Revisions<'a> {
    let mut found: Revisions<'a> = BTreeMap::new();
    for (id, deployment, _) in context.facts.all::<Deployment>() {
        if !deployment.revision.is_empty() && !is_rehearsal(&deployment.environment) {
            found.entry(&deployment.revision).or_default().push((id.clone(), deployment.started_at));
        }
    }
    found
}

fn together(
    service: &Subject<'_>,
    trend: Option<&DeliveryTrend>,
    revisions: &Revisions<'_>,
    severity: Severity,
    context: &Context<'_>,
    seen: &mut Reading<'_>,
    verdict: &mut Verdict,
) {
    let days = service.number("window");
    let history = history(service, days, context);
    let name = service.name();
    seen.rows.extend(history.rows(days));
    let all = history.all.len();
    if (all as f64) < service.number("deployments") {
        return verdict.few(
            &format!("production deployments of `{name}` in {days:.0} days"),
            all,
            service.number("deployments"),
        );
    }
    let others = service.number("services") as usize - 1;
    let beside: Vec<String> =
        trend.map_or_else(Vec::new, |t| t.dora.ships_with.iter().map(|s| s.subject.name.clone()).collect());
    if beside.len() >= others {
        seen.follows(&format!("{name} nearly always ships with"), named(&beside));
        return verdict.fault(severity, format!("`{name}` nearly always ships together with {}", named(&beside)));
    }
    let dated: Vec<&Deployment> = history.all.iter().filter(|d| !d.revision.is_empty()).collect();
    if (dated.len() as f64) < service.number("revisions") * all as f64 {
        let detail = format!("most deployments of `{name}` do not name the revision they ship");
        return verdict.lacks(
            GapReason::LowSample,
            detail,
            "Connect what deploys it and names revisions (GitHub, GitLab), or import its deployments with them.",
        );
    }
    let minutes = service.number("minutes");
    let lockstep = dated.iter().filter(|d| with(d, &service.id, minutes, revisions) >= others).count();
    let share = lockstep as f64 / dated.len() as f64;
    seen.follows(&format!("deployments of {name} that ship several services"), percent(share));
    if share > service.number("lockstep") {
        let said =
            format!("{} of the deployments of `{name}` ship {} services or more at once", percent(share), others + 1);
        verdict.fault(severity, said);
    }
}

/// How many other services got the same revision at about the same time.
fn with(deployment: &Deployment, service: &SubjectId, minutes: f64, revisions: &Revisions<'_>) -> usize {
    let near = |at: Timestamp| at.hours_since(deployment.started_at).abs() * 60.0 <= minutes;
    let same = revisions.get(deployment.revision.as_str()).into_iter().flatten();
    same.filter(|(id, at)| id != service && near(*at)).map(|(id, _)| id).collect::<BTreeSet<_>>().len()
}

#[cfg(test)]
#[path = "lockstep_tests.rs"]
mod tests;
