//! Lead time for changes long.

use super::history::history;
use crate::db::wording::duration;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Severity};

pub(super) const RULE: Rule = Rule {
    id: "DEL-005",
    title: "Lead time for changes long",
    question: "How old is a change when users get it?",
    why: "A repair takes as long as any other change. Work that waits for weeks is also work that nobody has learned from (DORA24).",
    condition: "Over 90 days the median time from a change's first commit (or its opening) to running it is above a week, or its 90th percentile \
                above a month; a change that has waited for more than a week counts with the time until now",
    fix: &["limit how long reviews wait", "automate the release", "smaller changes"],
    effort_days: [1.0, 10.0],
    effort_source: "HD",
    weight: 1,
    severity: "medium: median above a month; low otherwise",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[
        Number { key: "week_hours", value: 168.0, unit: "h", source: "DORA24 (high band)" },
        Number { key: "month_hours", value: 720.0, unit: "h", source: "DORA24 (medium band)" },
        Number { key: "changes", value: 10.0, unit: "count", source: "HD" },
        Number { key: "days", value: 90.0, unit: "d", source: "HD" },
    ],
    sources: &[
        ("github", "pulls: created_at, merged_at; deployments of the service that is built from the repository"),
        ("gitlab", "merge_requests: created_at, merged_at; deployments"),
    ],
    proof_metric: "lead_time",
    proof: "the median lead time falls",
    false_positives: "Branches of months that were opened long before work on them began.",
    unknown_when: "fewer than 10 merged changes were deployed in 90 days, or the repository's host is not connected",
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
    let lead = dora.map(|d| d.lead).unwrap_or_default();
    let (Some(median), Some(p90)) = (lead.median, lead.p90) else {
        if lead.n == 0 {
            let detail = format!("no merged change of `{name}` is known to have been deployed");
            verdict.lacks(
                GapReason::NotConnected,
                detail,
                "Connect the repository's host (GitHub, GitLab or Bitbucket).",
            );
        } else {
            verdict.few(
                &format!("merged changes that were deployed, or are overdue, in {days:.0} days"),
                lead.n as usize,
                subject.number("changes"),
            );
        }
        return verdict.answer(rows, "");
    };
    let said = |hours: f64| duration(hours * 3_600.0);
    let both = format!("{} and {}, {} changes", said(median), said(p90), lead.n);
    rows.push(Evidence::derived("from first commit (or opening) to running, median and 90th percentile", both));
    if let Some(overdue) = dora.map(|d| d.overdue).filter(|n| *n > 0) {
        rows.push(Evidence::derived("of them still not shipped a week after their merge", overdue.to_string()));
    }
    if let Some(wait) = dora.and_then(|d| d.wait.median) {
        rows.push(Evidence::derived("of it, from the merge on", said(wait)));
    }
    let places = dora.map(|d| d.environments.as_slice()).unwrap_or_default();
    let each =
        places.iter().map(|e| format!("{} {}", e.name, e.lead.median.map_or_else(|| "too few".to_owned(), said)));
    if !places.is_empty() {
        rows.push(Evidence::derived(
            "median by environment, of which the slowest counts",
            each.collect::<Vec<_>>().join(", "),
        ));
    }
    if median > subject.number("month_hours") {
        verdict.fault(Severity::Medium, format!("half of the changes of `{name}` take more than {}", said(median)));
    } else if median > subject.number("week_hours") {
        verdict.fault(Severity::Low, format!("half of the changes of `{name}` take more than {}", said(median)));
    } else if p90 > subject.number("month_hours") {
        verdict.fault(Severity::Low, format!("one in ten changes of `{name}` takes more than {}", said(p90)));
    }
    verdict.hidden_anywhere(subject, context, &["deployment", "change_request"]);
    verdict.told_in_part(subject, context, &["eployments", "InstanceRefreshes"]);
    verdict.answer(rows, format!("Changes of `{name}` run after {}.", said(median)))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::del::history::cases::{concluded, deployments, service};
    use crate::testing::Case;
    use loadline_model::{Dora, Hours, Tier};

    fn lead(n: u32, median: Option<f64>, p90: Option<f64>) -> Case {
        let lead = Hours { n, median, p90 };
        concluded(deployments(service(Tier::T1), 20, 24, 5), Dora { lead, ..Dora::default() })
    }

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
        check(service(Tier::T1), "unknown not_connected");
        check(lead(0, None, None), "unknown not_connected");
        check(lead(9, None, None), "unknown low_sample");
        check(lead(30, Some(20.0), Some(90.0)), "pass");
        check(lead(30, Some(20.0), Some(90.0)).gap("api", "ecs:ListServiceDeployments"), "unknown permission_denied");
        check(lead(30, Some(200.0), Some(300.0)), "fail low");
        check(lead(30, Some(100.0), Some(721.0)), "fail low");
        check(lead(30, Some(721.0), Some(900.0)), "fail medium");
    }
}
