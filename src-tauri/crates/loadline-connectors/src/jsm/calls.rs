//! Every path of the operations API of Jira Service Management that we ever ask for: the one table from which the policy is
//! written (developer.atlassian.com/cloud/jira/service-desk-ops/rest/v2, groups alerts, schedules, schedule timelines and
//! escalations; its security pages for the scopes).

use crate::oncall::Call;

const ALERT: &str = "the scope `read:ops-alert:jira-service-management`";
const CONFIGURATION: &str =
    "the scope `read:ops-config:jira-service-management`, and the account a read-only administrative right";

pub(super) static ALERTS: Call =
    Call { path: "/v1/alerts", reads: "urgent alerts and when they were closed", right: ALERT, rows: "values" };
pub(super) static SCHEDULES: Call =
    Call { path: "/v1/schedules", reads: "schedules and who takes turns", right: CONFIGURATION, rows: "values" };
pub(super) static TIMELINE: Call =
    Call { path: "/v1/schedules/{of}/timeline", reads: "shifts of a schedule", right: CONFIGURATION, rows: "" };
pub(super) static ESCALATIONS: Call = Call {
    path: "/v1/teams/{of}/escalations",
    reads: "levels of a team's escalations",
    right: CONFIGURATION,
    rows: "values",
};

/// Every call, in the order of reading.
pub(super) static ALL: &[&Call] = &[&ALERTS, &SCHEDULES, &TIMELINE, &ESCALATIONS];

/// The least privilege that reads everything.
pub(super) fn policy() -> String {
    let mut lines: Vec<String> = [
        "# Jira Service Management: id.atlassian.com → Security → API tokens → Create API token with scopes, for Jira, with",
        "#   read:ops-alert:jira-service-management",
        "#   read:ops-config:jira-service-management (for schedules and escalations alone: without it they stay unknown)",
        "# The token sees what its account sees: give the account a read-only administrative right, or schedules of teams that it",
        "# does not belong to are missing. Loadline sends only GET, to these paths below /jsm/ops/api/{cloudId}. Names of people",
        "# are counted and not kept.",
    ]
    .map(str::to_owned)
    .into();
    lines.extend(ALL.iter().map(|c| format!("GET {}  # {} ({})", c.path.replace("{of}", "{id}"), c.reads, c.right)));
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_every_call_and_only_reading() {
        let policy = policy();
        assert!(ALL.iter().all(|c| policy.contains(c.reads)));
        assert_eq!(policy.matches("\nGET ").count(), 4);
        assert!(!policy.contains("write:") && !policy.contains("delete:") && !policy.contains("POST"));
    }
}
