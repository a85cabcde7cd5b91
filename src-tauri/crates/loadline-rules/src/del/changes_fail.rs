//! Changes fail too often.

use super::history::history;
use crate::db::wording::percent;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, Kind, Severity};

pub(super) const RULE: Rule = Rule {
    id: "DEL-006",
    title: "Changes fail too often",
    question: "What share of deployments hurts users?",
    why: "Every failed change is an incident that was made at home. Elite teams see 5 %, the low cluster 40 % (DORA24).",
    condition: "Over 90 days more than 20 % of the deployments failed, were rolled back or are named by an incident, and the lower end of the 90 % interval \
                is above 10 %",
    fix: &["tests at the layer that fails", "progressive delivery (DEL-009)", "smaller changes"],
    effort_days: [2.0, 8.0],
    effort_source: "HD",
    weight: 2,
    severity: "high above 40 %; medium above 20 %",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[
        Number { key: "rate", value: 0.20, unit: "ratio", source: "DORA24" },
        Number { key: "high_rate", value: 0.40, unit: "ratio", source: "DORA24 (low cluster)" },
        Number { key: "lower_bound", value: 0.10, unit: "ratio", source: "HD; Wilson interval" },
        Number { key: "deployments", value: 20.0, unit: "count", source: "HD" },
        Number { key: "days", value: 90.0, unit: "d", source: "HD" },
    ],
    sources: &[
        ("github", "deployment statuses failure, error; reverts"),
        ("aws", "ECS rolloutState FAILED; codedeploy status Failed, rollbackInfo"),
        ("import", "status of deployment records: failed, rolled_back"),
    ],
    proof_metric: "change_failure_rate",
    proof: "the change failure rate with its interval falls",
    false_positives: "Planned rollback tests: a person's label wins.",
    unknown_when: "there are fewer than 20 deployments of which a source tells how they ended; releases alone tell none",
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
    let trend = context.trends.delivery.iter().find(|d| d.subject.id == subject.id);
    let Some((known, rate)) = trend.and_then(|t| t.failure_rate.map(|r| (t, r))) else {
        let ended = trend.map_or(0, |t| t.dora.ended as usize);
        verdict.few("deployments of known outcome in 90 days", ended, subject.number("deployments"));
        return verdict.answer(rows, "");
    };
    let interval = format!("{} [{}, {}]", percent(rate.p50), percent(rate.p10), percent(rate.p90));
    rows.push(Evidence::derived("change failure rate", format!("{interval}, {} failed", known.failed)));
    if rate.p50 > subject.number("rate") && rate.p10 > subject.number("lower_bound") {
        let severity = if rate.p50 > subject.number("high_rate") { Severity::High } else { Severity::Medium };
        verdict
            .fault(severity, format!("{} of the deployments of `{name}` fail or are rolled back", percent(rate.p50)));
    }
    verdict.hidden(subject, context, &["deployment"]);
    verdict.told_in_part(subject, context, &["eployments", "InstanceRefreshes"]);
    verdict.answer(rows, format!("{} of the deployments of `{name}` fail.", percent(rate.p50)))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::del::history::cases::{deployments, failing, service};
    use crate::testing::Case;
    use loadline_model::Tier;

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
        let shipped = || deployments(service(Tier::T0), 30, 48, 5);
        check(service(Tier::T0), "unknown not_connected");
        check(shipped(), "unknown low_sample");
        check(failing(shipped(), None), "unknown low_sample");
        check(failing(shipped(), Some([0.02, 0.05, 0.1])), "pass");
        check(failing(shipped(), Some([0.08, 0.22, 0.4])), "pass");
        check(failing(shipped(), Some([0.12, 0.22, 0.4])), "fail medium");
        check(failing(shipped(), Some([0.3, 0.45, 0.6])), "fail high");
    }
}
