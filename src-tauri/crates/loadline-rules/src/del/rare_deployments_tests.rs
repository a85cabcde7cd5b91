use super::RULE;
use crate::del::history::cases::{deployment, deployments, service};
use crate::testing::{Case, as_of};
use loadline_model::{ChangeRequest, DeploymentStatus, Relation, Tier};

#[test]
fn cases() {
    let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
    let built = |case: Case| case.edge("api", Relation::BuiltFrom, "repo");
    let merges_of = |repository: &str, case: Case, count: i64| {
        (0..count).fold(built(case), |case, n| {
            let opened_at = as_of().plus_days(-n - 2);
            let merged_at = Some(as_of().plus_days(-n - 1));
            let change = ChangeRequest {
                id: n.to_string(),
                opened_at,
                merged_at,
                lines: None,
                approvals: None,
                revision: None,
                committed_at: None,
            };
            case.has(repository, change)
        })
    };
    let merges = |case: Case, count: i64| merges_of("repo", case, count);
    check(service(Tier::T0), "unknown not_connected");
    check(deployments(service(Tier::T0), 30, 48, 5), "pass");
    check(deployments(service(Tier::T0), 5, 48, 5), "unknown short_window");
    let rare = || deployments(service(Tier::T0), 8, 24 * 10, 5);
    check(rare(), "unknown unmapped_subject");
    check(built(rare()), "unknown not_connected");
    // What is merged in a repository that the service is not built from waits for somebody else.
    check(merges_of("other", rare(), 30), "unknown not_connected");
    check(merges(rare(), 3), "not_applicable");
    check(merges(rare(), 30), "fail low");
    check(merges(deployments(service(Tier::T0), 3, 24 * 40, 5), 30), "fail medium");
    let shipped = |hours: &[i64], status| {
        hours.iter().fold(service(Tier::T0), |case, h| case.has("api", deployment(*h, 5, status)))
    };
    let good = |days: &[i64]| shipped(&days.iter().map(|d| d * 24).collect::<Vec<_>>(), DeploymentStatus::Succeeded);
    // Daily for a month, and none for two.
    let stopped: Vec<i64> = (60..90).collect();
    check(merges(good(&stopped), 50), "fail medium");
    check(good(&stopped), "unknown unmapped_subject");
    // The gap in which the window begins, and neither failed nor unfinished ones between.
    check(merges(good(&[100, 6]), 30), "fail medium");
    let failed = |case: Case| (1..80).fold(case, |c, d| c.has("api", deployment(d * 24, 5, DeploymentStatus::Failed)));
    check(merges(failed(good(&[100, 81])), 30), "fail medium");
    check(failed(service(Tier::T0)), "unknown low_sample");
    let marked =
        (1..80).fold(good(&[100, 81]), |c, d| c.has("api", deployment(d * 24, 5, DeploymentStatus::InProgress)));
    check(merges(marked, 30), "unknown not_connected");
}
