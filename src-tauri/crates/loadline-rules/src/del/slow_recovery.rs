//! Recovery from failed changes is slow.

use super::history::history;
use crate::db::wording::duration;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Dora, Escalation, Evidence, GapReason, Kind, Severity};

pub(super) const RULE: Rule = Rule {
    id: "DEL-007",
    title: "Recovery from failed changes is slow",
    question: "How long do users suffer after a bad deployment?",
    why: "Every change fails sometimes; what differs is how long users feel it. Elite teams are back within an hour (DORA24).",
    condition: "The median time from a failed change to a healthy one in the same environment is above a day, or its 90th percentile on T0, or the median is \
                above 4 hours on T0. A failed change that nobody recovered from counts with the time until now, a lower bound",
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
        (
            "oncall",
            "incidents that name the deployment that caused them, or likely followed from it (DEL-006): opened, resolved",
        ),
    ],
    proof_metric: "change_recovery_time",
    proof: "the median time to recover falls",
    false_positives: "Incidents that no change caused.",
    unknown_when: "there are fewer than 5 failed changes: the values are shown, without a verdict; or a failed change is open for \
                   longer than these times",
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
    let dora = context.trends.delivery.iter().find(|d| d.subject.id == subject.id).map(|d| &d.dora);
    let recovery = dora.map(|d| d.recovery).unwrap_or_default();
    let (Some(median), Some(p90)) = (recovery.median, recovery.p90) else {
        verdict.few(
            &format!("failed changes with a recovery in {days:.0} days"),
            recovery.n as usize,
            subject.number("failures"),
        );
        return verdict.answer(rows, "");
    };
    let said = |h: f64| duration(h * 3_600.0);
    rows.push(Evidence::derived(
        "time to recover, median and 90th percentile",
        format!("{} and {}", said(median), said(p90)),
    ));
    if let Some(by) = dora.map(Dora::failed_by).filter(|by| !by.is_empty()) {
        rows.push(Evidence::derived("what counts as failed", by));
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
    let longest = dora.and_then(|d| d.unrecovered_hours.map(|h| (h, d.unrecovered)));
    if let Some((hours, open)) = longest {
        rows.push(Evidence::derived(
            "failed changes that nobody recovered from",
            format!("{open}, the oldest {}", said(hours)),
        ));
        if hours > if subject.is_t0() { subject.number("t0_hours") } else { day } {
            verdict.lacks(
                GapReason::NotConnected,
                format!("how a failed change of `{name}` ended is not known: it is open for {}", said(hours)),
                "Connect what deploys the service, or resolve the incident that names the deployment or followed it.",
            );
        }
    }
    verdict.hidden_anywhere(subject, context, &["deployment", "incident"]);
    verdict.told_in_part(subject, context, &["eployments", "InstanceRefreshes"]);
    verdict.answer(rows, format!("Failed changes of `{name}` are over after {}.", said(median)))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::del::history::cases::{concluded, deployments, service};
    use crate::testing::Case;
    use loadline_model::{Dora, Hours, Tier};

    fn recovered(tier: Tier, n: u32, median: Option<f64>, p90: Option<f64>) -> Case {
        let recovery = Hours { n, median, p90 };
        concluded(deployments(service(tier), 20, 24, 5), Dora { recovery, ..Dora::default() })
    }

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
        check(service(Tier::T0), "unknown not_connected");
        check(recovered(Tier::T0, 4, None, None), "unknown low_sample");
        check(recovered(Tier::T0, 6, Some(2.0), Some(3.0)), "pass");
        let partly = recovered(Tier::T0, 6, Some(2.0), Some(3.0)).gap("api", "ecs:ListServiceDeployments");
        check(partly, "unknown permission_denied");
        check(recovered(Tier::T0, 6, Some(5.0), Some(6.0)), "fail medium");
        check(recovered(Tier::T1, 6, Some(5.0), Some(30.0)), "pass");
        check(recovered(Tier::T0, 6, Some(3.0), Some(30.0)), "fail high");
        check(recovered(Tier::T1, 6, Some(30.0), Some(30.0)), "fail high");
        let open = |tier, hours| {
            let recovery = Hours { n: 9, median: Some(1.0), p90: Some(2.0) };
            let dora = Dora { recovery, unrecovered: 1, unrecovered_hours: Some(hours), ..Dora::default() };
            concluded(deployments(service(tier), 20, 24, 5), dora)
        };
        check(open(Tier::T0, 3.0), "pass");
        check(open(Tier::T0, 5.0), "unknown not_connected");
        check(open(Tier::T1, 5.0), "pass");
        check(open(Tier::T1, 30.0), "unknown not_connected");
    }
}
