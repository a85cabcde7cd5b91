//! Idle or oversized resources.

use crate::db::wording::percent;
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::window::last_hours;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Limited, Relation, Severity, SubjectId, key};

pub(super) const RULE: Rule = Rule {
    id: "COST-003",
    title: "Idle or oversized resources",
    question: "What do you pay for without using?",
    why: "What idles pays for nothing; what it saves can pay for the repairs above (S5: -40 %).",
    condition: "Over 14 days CPU is below 20 % and memory below 40 % at p95, and the next smaller size saves more than 2 % of the bill",
    fix: &["one size smaller, then look again", "delete orphans", "switch non-production off at night"],
    effort_days: [0.5, 3.0],
    effort_source: "HD",
    weight: 1,
    severity: "medium: saves more than 10 % of the bill; low otherwise",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Service, Kind::Host, Kind::Database, Kind::Cache]),
    numbers: &[
        Number { key: "cpu", value: 0.20, unit: "ratio", source: "HD" },
        Number { key: "memory", value: 0.40, unit: "ratio", source: "HD" },
        Number { key: "saving", value: 0.02, unit: "ratio", source: "HD" },
        Number { key: "medium_saving", value: 0.10, unit: "ratio", source: "HD" },
        Number { key: "window_hours", value: 336.0, unit: "h", source: "HD" },
    ],
    sources: &[
        (
            "aws",
            "compute-optimizer GetEC2InstanceRecommendations, GetRDSDatabaseRecommendations, GetECSServiceRecommendations; ce:GetRightsizingRecommendation; CloudWatch CPU and memory",
        ),
        ("prometheus", "CPU and memory of containers against what they reserve"),
        ("gcp", "recommender"),
    ],
    proof_metric: "cost_per_active_user",
    proof: "the monthly saving is realised",
    false_positives: "Headroom for the loss of a zone, for bursts and for failover.",
    unknown_when: "memory is not measured: then nothing is called oversized",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    let mut verdict = Verdict::new();
    let need = subject.number("window_hours");
    let mut busy = false;
    for (limited, limit) in [(Limited::Cpu, "cpu"), (Limited::Memory, "memory")] {
        match busiest(subject, limited, need, context) {
            Some((p95, hours, row)) => {
                seen.rows.push(row);
                let used = p95 >= subject.number(limit);
                busy |= used;
                if !used && hours < 0.9 * need {
                    verdict.short(&format!("the use of {}", limited.word()), hours, need);
                }
            }
            None => verdict.lacks(
                GapReason::NotConnected,
                format!("the {} of `{name}` is not measured: nothing is called oversized without it", limited.word()),
                "Connect what records it (CloudWatch with its agent for memory, Prometheus).",
            ),
        }
    }
    if busy {
        return CheckResult::pass(format!("`{name}` uses what it has."), seen.rows);
    }
    let missing = verdict.is_lacking();
    match seen.number("the next smaller size saves", "of the bill", key::SAVING_SHARE) {
        Some(share) if share > subject.number("saving") && !missing => {
            let severity = if share > subject.number("medium_saving") { Severity::Medium } else { Severity::Low };
            verdict
                .fault(severity, format!("`{name}` idles; the next smaller size saves {} of the bill", percent(share)));
        }
        Some(_) => {}
        None => verdict.lacks(
            GapReason::NotConnected,
            format!("`{name}` idles; what the next smaller size saves is not known"),
            "Allow ce:GetRightsizingRecommendation or compute-optimizer:Get*Recommendations.",
        ),
    }
    verdict.answer(seen.rows, format!("A smaller size of `{name}` would save next to nothing."))
}

/// p95 of the busiest of a thing and its members, the hours behind it, and its row.
fn busiest(subject: &Subject<'_>, limited: Limited, hours: f64, context: &Context<'_>) -> Option<(f64, f64, Evidence)> {
    let members = context.facts.edges_to(&subject.id).filter(|e| e.edge.relation == Relation::MemberOf);
    let ids: Vec<SubjectId> = [subject.id.clone()].into_iter().chain(members.map(|e| e.from)).collect();
    let metric = limited.utilisation_metric();
    let windows = ids.iter().filter_map(|id| last_hours(id, &metric, hours, context));
    let window = windows.max_by(|a, b| a.quantile(0.95).total_cmp(&b.quantile(0.95)))?;
    let p95 = window.quantile(0.95);
    Some((p95, window.hours, window.row(&format!("{} at p95 of 14 days", limited.word()), percent(p95))))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use crate::window::cases::series;
    use loadline_model::{Kind, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
        let db = || Case::new().thing("db", Kind::Database);
        let cpu = |case: Case, hours, share: f64| case.has("db", series("utilisation.cpu", hours, move |_| share));
        let memory =
            |case: Case, hours, share: f64| case.has("db", series("utilisation.memory", hours, move |_| share));
        let idle = || memory(cpu(db(), 336, 0.05), 336, 0.2);
        let saves = |case: Case, share| case.number("db", key::SAVING_SHARE, share);
        check(db(), "unknown not_connected");
        check(cpu(db(), 336, 0.05), "unknown not_connected");
        check(saves(cpu(db(), 336, 0.05), 0.3), "unknown not_connected");
        check(cpu(db(), 336, 0.5), "pass");
        check(memory(cpu(db(), 336, 0.05), 336, 0.6), "pass");
        check(idle(), "unknown not_connected");
        check(saves(idle(), 0.01), "pass");
        check(saves(idle(), 0.05), "fail low");
        check(saves(idle(), 0.15), "fail medium");
        check(saves(memory(cpu(db(), 48, 0.05), 336, 0.2), 0.15), "unknown short_window");
    }
}
