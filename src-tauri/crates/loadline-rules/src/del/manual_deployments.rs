//! Manual production deployments.

use super::history::history;
use crate::db::wording::percent;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{ActorKind, CheckResult, Escalation, Evidence, GapReason, Kind, Severity};

pub(super) const RULE: Rule = Rule {
    id: "DEL-002",
    title: "Manual production deployments",
    question: "Does shipping depend on a person and a shell?",
    why: "What only a person with a shell can ship waits for that person, also at night. S1 made deployment and recovery \
          independent of tribal knowledge.",
    condition: "In 90 days 20 % or more of the production deployments were not made by a pipeline",
    fix: &["a pipeline deploys from the artefact", "a person approves, a machine acts", "remove shell rights"],
    effort_days: [2.0, 6.0],
    effort_source: "HD",
    weight: 3,
    severity: "high",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[
        Number { key: "by_hand", value: 0.20, unit: "ratio", source: "HD; S1 (manual deployments to production)" },
        Number { key: "days", value: 90.0, unit: "d", source: "HD" },
        Number { key: "deployments", value: 5.0, unit: "count", source: "HD (least sample of a pass)" },
    ],
    sources: &[
        ("github", "GET /repos/{o}/{r}/deployments and /deployments/{id}/statuses -> creator; workflow runs"),
        ("aws", "CloudTrail UpdateService, RegisterTaskDefinition -> userIdentity.type; codedeploy:ListDeployments"),
        ("import", "deployment records with actor_kind"),
    ],
    proof_metric: "pipeline_deploy_share",
    proof: "the share of deployments made by a pipeline rises to 100 %",
    false_positives: "Approved emergency access that is recorded.",
    unknown_when: "no source of deployments is connected, or fewer than 5 were seen and none of them was made by hand",
    prerequisites: &["DEL-001"],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let days = subject.number("days");
    let history = history(subject, days, context);
    if let Some(missing) = history.missing(subject) {
        return missing;
    }
    let mut rows = history.rows(days);
    let mut verdict = Verdict::new();
    let total = history.all.len();
    if (total as f64) < subject.number("deployments") {
        verdict.few("production deployments in 90 days", total, subject.number("deployments"));
    }
    if total == 0 {
        return verdict.answer(rows, "");
    }
    let by_hand: Vec<_> = history.all.iter().filter(|d| d.actor_kind == ActorKind::Person).collect();
    let share = by_hand.len() as f64 / total as f64;
    rows.push(Evidence::derived("made by a person", format!("{} of {total}", by_hand.len())));
    if let Some(last) = by_hand.last() {
        rows.push(Evidence::derived("last one by hand", last.started_at.utc_day().to_string()));
    }
    let unseen = history.all.iter().filter(|d| d.actor_kind == ActorKind::Unknown).count();
    if share >= subject.number("by_hand") {
        let said = format!(
            "{} of the {total} deployments of `{}` in 90 days were made by hand",
            percent(share),
            subject.name()
        );
        verdict.fault(Severity::High, said);
    } else if (by_hand.len() + unseen) as f64 / total as f64 >= subject.number("by_hand") {
        verdict.lacks(
            GapReason::NotConnected,
            format!("who began {unseen} of the {total} deployments of `{}` is not recorded", subject.name()),
            "Allow `cloudtrail:LookupEvents`, connect the pipeline, or import its deployments.",
        );
    }
    verdict.hidden(subject, context, &["deployment"]);
    verdict.told_in_part(subject, context, &["eployments", "InstanceRefreshes"]);
    verdict.answer(
        rows,
        format!(
            "A pipeline made {} of the {total} deployments of `{}`.",
            percent(1.0 - share - unseen as f64 / total as f64),
            subject.name()
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::del::history::cases::{deployment, deployments, service};
    use crate::testing::Case;
    use loadline_model::{ActorKind, Deployment, DeploymentStatus, Tier};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
        let by_hand =
            |hours| Deployment { actor_kind: ActorKind::Person, ..deployment(hours, 30, DeploymentStatus::Succeeded) };
        let piped = || deployments(service(Tier::T0), 8, 48, 5);
        check(service(Tier::T0), "unknown not_connected");
        check(piped(), "pass");
        check(piped().has("api", by_hand(3)), "pass");
        check(piped().has("api", by_hand(3)).has("api", by_hand(4)), "fail high");
        check(deployments(service(Tier::T0), 4, 48, 5), "unknown low_sample");
        check(deployments(service(Tier::T0), 1, 48, 5).has("api", by_hand(3)), "fail high");
        check(piped().gap("api", "deployments"), "unknown permission_denied");
        let refused = |account: &str| {
            let account = loadline_model::AccountId::new(account);
            piped().gap("api", "ecs:ListServiceDeployments").edit(|s| {
                s.gaps[0].scope = "ecs/eu-west-1".into();
                s.gaps[0].subject = None;
                s.gaps[0].account = Some(account);
            })
        };
        check(refused("acc"), "unknown permission_denied");
        check(refused("that shows nothing of it"), "pass");
        check(service(Tier::T0).has("api", by_hand(24 * 100)), "unknown low_sample");
        let unseen = |hours| Deployment { actor_kind: ActorKind::Unknown, ..by_hand(hours) };
        check(piped().has("api", unseen(3)), "pass");
        check(piped().has("api", unseen(3)).has("api", unseen(4)), "unknown not_connected");
        for environment in ["staging", "acme-uat"] {
            let rehearsal = Deployment { environment: environment.into(), ..by_hand(3) };
            check(service(Tier::T0).has("api", rehearsal), "unknown not_connected");
        }
        // Evidence counts persons and names none.
        let named = |hours| Deployment { actor: Some("Ana Lima".into()), ..by_hand(hours) };
        let seen = piped().has("api", named(3)).has("api", named(4)).check_of(&RULE, "api");
        assert!(!format!("{seen:?}").contains("Lima") && format!("{seen:?}").contains("last one by hand"), "{seen:?}");
        // What is fresh does not hide that another source is old or gone.
        let also = |account: &str, days: i64| {
            let account = loadline_model::AccountId::new(account);
            piped().has("api", deployment(5, 5, DeploymentStatus::Succeeded)).edit(|snapshot| {
                if let Some(last) = snapshot.facts.last_mut() {
                    last.provenance.account = account;
                    last.provenance.read_at = last.provenance.read_at.plus_days(-days);
                }
                let gone = snapshot.accounts[0].clone();
                snapshot.accounts.push(loadline_model::AccountSummary { id: "gone".into(), connected: false, ..gone });
            })
        };
        check(also("other", 0), "pass");
        check(also("other", 60), "unknown stale");
        check(also("gone", 0), "unknown not_connected");
    }
}
