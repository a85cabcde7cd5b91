//! Recovery from failed changes is slow.

use super::history::{History, history};
use crate::db::wording::duration;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Deployment, DeploymentStatus, Escalation, Evidence, Incident, Kind, Severity, num};

pub(super) const RULE: Rule = Rule {
    id: "DEL-007",
    title: "Recovery from failed changes is slow",
    question: "How long do users suffer after a bad deployment?",
    why: "Every change fails sometimes; what differs is how long users feel it. Elite teams are back within an hour (DORA24).",
    condition: "The median time from a failed change to a healthy one is above a day, or its 90th percentile on T0, or the median is \
                above 4 hours on T0",
    fix: &["roll back automatically (DEL-008)", "a runbook", "alerts with context"],
    effort_days: [1.0, 5.0],
    effort_source: "HD",
    weight: 2,
    severity: "high above a day; medium above 4 hours on T0",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[
        Number { key: "day_hours", value: 24.0, unit: "h", source: "DORA24 (high band)" },
        Number { key: "t0_hours", value: 4.0, unit: "h", source: "HD" },
        Number { key: "failures", value: 5.0, unit: "count", source: "HD" },
        Number { key: "days", value: 90.0, unit: "d", source: "HD" },
    ],
    sources: &[
        ("import", "deployment records: failed or rolled_back to the next succeeded"),
        ("aws", "ECS rolloutState, codedeploy rollbackInfo"),
        ("oncall", "incidents that name the deployment that caused them: opened, resolved"),
    ],
    proof_metric: "change_recovery_time",
    proof: "the median time to recover falls",
    false_positives: "Incidents that no change caused.",
    unknown_when: "there are fewer than 5 failed changes: the values are shown, without a verdict",
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
    let mut hours: Vec<f64> = history.all.iter().filter_map(|d| hours_to_recover(d, &history, context)).collect();
    let need = subject.number("failures");
    let (Some(median), Some(p90)) = (num::median(&hours), num::quantile(&mut hours, 0.9)) else {
        verdict.few("failed changes with a recovery in 90 days", 0, need);
        return verdict.answer(rows, "");
    };
    let said = |h: f64| duration(h * 3_600.0);
    rows.push(Evidence::derived(
        "time to recover, median and 90th percentile",
        format!("{} and {}", said(median), said(p90)),
    ));
    if (hours.len() as f64) < need {
        verdict.few("failed changes with a recovery in 90 days", hours.len(), need);
        return verdict.answer(rows, "");
    }
    let day = subject.number("day_hours");
    if median > day {
        verdict.fault(
            Severity::High,
            format!("users of `{name}` wait {} for the repair of a failed change", said(median)),
        );
    } else if subject.is_t0() && p90 > day {
        verdict.fault(Severity::High, format!("one in ten failed changes of `{name}` lasts more than {}", said(p90)));
    } else if subject.is_t0() && median > subject.number("t0_hours") {
        verdict.fault(
            Severity::Medium,
            format!("users of `{name}` wait {} for the repair of a failed change", said(median)),
        );
    }
    verdict.hidden_anywhere(subject, context, &["deployment", "incident"]);
    verdict.answer(rows, format!("Failed changes of `{name}` are over after {}.", said(median)))
}

/// Hours until users were well again: by the incident it caused, else by its own rollback or the next good deployment.
fn hours_to_recover(failed: &Deployment, history: &History<'_>, context: &Context<'_>) -> Option<f64> {
    if !matches!(failed.status, DeploymentStatus::Failed | DeploymentStatus::RolledBack) {
        return None;
    }
    let mut incidents = context.facts.all::<Incident>().map(|(_, i, _)| i);
    let caused = incidents.find(|i| i.caused_by.as_deref().is_some_and(|id| history.goes_by(failed, id)));
    if let Some(incident) = caused {
        return incident.resolved_at.map(|at| at.hours_since(incident.started_at)).filter(|h| *h >= 0.0);
    }
    let next = || {
        let good = |d: &&Deployment| d.status == DeploymentStatus::Succeeded && d.started_at > failed.started_at;
        history.all.iter().find(good).and_then(|d| d.finished_at)
    };
    let rolled_back = (failed.status == DeploymentStatus::RolledBack).then_some(failed.finished_at).flatten();
    rolled_back.or_else(next).map(|at| at.hours_since(failed.started_at)).filter(|h| *h >= 0.0)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::del::history::cases::{deployment, service};
    use crate::testing::{Case, as_of};
    use loadline_model::{DeploymentStatus, Incident, Tier};

    /// Failed changes, each with a good deployment some hours later.
    fn repaired(tier: Tier, count: i64, after: i64) -> Case {
        (0..count).fold(service(tier), |case, n| {
            let at = 200 + n * 100;
            let failed = case.has("api", deployment(at, 5, DeploymentStatus::Failed));
            failed.has("api", deployment(at - after, 0, DeploymentStatus::Succeeded))
        })
    }

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
        check(service(Tier::T0), "unknown not_connected");
        check(repaired(Tier::T0, 4, 2), "unknown low_sample");
        check(repaired(Tier::T0, 6, 2), "pass");
        check(repaired(Tier::T0, 6, 5), "fail medium");
        check(repaired(Tier::T1, 6, 5), "pass");
        check(repaired(Tier::T1, 6, 30), "fail high");
        let rolled = (0..6).fold(service(Tier::T0), |case, n| {
            case.has("api", deployment(100 + n * 50, 12, DeploymentStatus::RolledBack))
        });
        check(rolled, "pass");
        let incident = |n: i64| Incident {
            id: format!("i-{n}"),
            title: "down".into(),
            started_at: as_of().plus_hours(-n),
            detected_at: None,
            resolved_at: Some(as_of().plus_hours(-n + 40)),
            caused_by: Some(format!("d-{n}")),
            failover: None,
            journeys: vec![],
        };
        let long = (0..6).fold(repaired(Tier::T0, 6, 2), |case, n| case.has("api", incident(200 + n * 100)));
        check(long, "fail high");
    }
}
