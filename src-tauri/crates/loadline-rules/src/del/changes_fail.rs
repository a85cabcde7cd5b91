//! Changes fail too often.

use super::history::history;
use crate::db::wording::percent;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, DeliveryTrend, Escalation, Evidence, GapReason, Interval, Kind, Severity};

/// Failed changes shown one by one, newest first.
const SHOWN: usize = 10;

pub(super) const RULE: Rule = Rule {
    id: "DEL-006",
    title: "Changes fail too often",
    question: "What share of deployments hurts users?",
    why: "Every failed change is an incident that was made at home. Elite teams see 5 %, the low cluster 40 % (DORA24).",
    condition: "Over 90 days more than 20 % of the deployments failed, were rolled back, were undone by the next one (which brought \
                back an older revision), are named by an incident, or likely failed: an incident that names no other cause began within \
                24 hours after them. The lower end of the 90 % interval is above 10 %",
    fix: &["tests at the layer that fails", "progressive delivery (DEL-009)", "smaller changes"],
    effort_days: [2.0, 8.0],
    effort_source: "HD",
    weight: 2,
    severity: "high above 40 %; medium above 20 %, and where it takes likely failures to get there",
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
        ("oncall", "incidents of the service: the deployment they name, else the last one in the 24 hours before them"),
    ],
    proof_metric: "change_failure_rate",
    proof: "the change failure rate with its interval falls",
    false_positives: "Planned rollback tests. An incident may follow a deployment by chance: such ones are called likely.",
    unknown_when: "there are fewer than 20 deployments of which a source tells how they ended (releases alone tell none), or the rate \
                   would be too high if those failed of which nobody tells it. Reverts and hotfixes are not read",
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
        let what = format!("deployments of known outcome in {days:.0} days");
        verdict.few(&what, ended, subject.number("deployments"));
        return verdict.answer(rows, "");
    };
    rows.extend(shown(known, rate));
    let dora = &known.dora;
    let crosses = |r: Interval| r.p50 > subject.number("rate") && r.p10 > subject.number("lower_bound");
    let sure = dora.failure_rate_without_likely.unwrap_or(rate);
    if crosses(sure) {
        let severity = if sure.p50 > subject.number("high_rate") { Severity::High } else { Severity::Medium };
        verdict
            .fault(severity, format!("{} of the deployments of `{name}` fail or are rolled back", percent(rate.p50)));
    } else if crosses(rate) {
        let said = format!(
            "{} of the deployments of `{name}` likely fail: {} without those that an incident followed within 24 h",
            percent(rate.p50),
            percent(sure.p50)
        );
        verdict.fault(Severity::Medium, said);
    } else if dora.failure_rate_at_worst.is_some_and(crosses) {
        verdict.lacks(
            GapReason::NotConnected,
            format!(
                "how {} of the {} deployments of `{name}` ended is not told",
                dora.untold,
                dora.ended + dora.untold
            ),
            "Connect what deploys it, or record how its deployments ended.",
        );
    }
    verdict.hidden(subject, context, &["deployment"]);
    verdict.told_in_part(subject, context, &["eployments", "InstanceRefreshes"]);
    verdict.answer(rows, format!("{} of the deployments of `{name}` fail.", percent(rate.p50)))
}

/// The rate, what the failures rest on, and the newest of them.
fn shown(known: &DeliveryTrend, rate: Interval) -> Vec<Evidence> {
    let dora = &known.dora;
    let interval = format!("{} [{}, {}]", percent(rate.p50), percent(rate.p10), percent(rate.p90));
    let mut rows = vec![Evidence::derived("change failure rate", format!("{interval}, {} failed", known.failed))];
    if !dora.failures.is_empty() {
        rows.push(Evidence::derived("what counts as failed", dora.failed_by()));
    }
    if dora.untold > 0 {
        rows.push(Evidence::derived("outcomes that nobody tells", dora.untold.to_string()));
    }
    for failure in dora.failures.iter().rev().take(SHOWN) {
        let link = failure.link.as_ref().map(|link| format!(" ({link})")).unwrap_or_default();
        let said = format!("{}, {}: {}{link}", failure.deployment, failure.at.utc_day(), failure.by.sentence());
        rows.push(Evidence::derived("failed change", said));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::del::history::cases::{deployments, failing, service};
    use crate::testing::Case;
    use loadline_model::{Dora, Interval, Tier};

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
        let of = |[p10, p50, p90]: [f64; 3]| Some(Interval { p10, p50, p90 });
        let with = |rate: [f64; 3], dora: Dora| {
            let mut case = failing(shipped(), Some(rate));
            case.trends.delivery.iter_mut().for_each(|t| t.dora = dora.clone());
            case
        };
        let untold = |worst| Dora { ended: 20, untold: 60, failure_rate_at_worst: of(worst), ..Dora::default() };
        check(with([0.0, 0.0, 0.1], untold([0.66, 0.75, 0.82])), "unknown not_connected");
        check(with([0.0, 0.0, 0.1], untold([0.05, 0.15, 0.3])), "pass");
        check(with([0.3, 0.45, 0.6], untold([0.66, 0.75, 0.82])), "fail high");
        let likely = |sure| Dora { failure_rate_without_likely: of(sure), ..Dora::default() };
        check(with([0.3, 0.45, 0.6], likely([0.02, 0.05, 0.1])), "fail medium");
        check(with([0.3, 0.45, 0.6], likely([0.15, 0.25, 0.4])), "fail medium");
        check(with([0.3, 0.55, 0.6], likely([0.25, 0.45, 0.6])), "fail high");
    }
}
