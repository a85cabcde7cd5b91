//! Every path of Opsgenie's REST API that we ever ask for: the one table from which the policy is written (opsgenie/opsgenie-oas,
//! paths/ and definitions/; docs.opsgenie.com, "API Access Management" for the rights).

use crate::oncall::Call;

const READ: &str = "the right `Read`";
const CONFIGURATION: &str = "the rights `Read` and `Configuration access`";

pub(super) static ALERTS: Call =
    Call { path: "/v2/alerts", reads: "urgent alerts and when they were closed", right: READ, rows: "data" };
pub(super) static INCIDENTS: Call =
    Call { path: "/v1/incidents", reads: "incidents and when they were over", right: READ, rows: "data" };
pub(super) static SCHEDULES: Call =
    Call { path: "/v2/schedules", reads: "schedules and who takes turns", right: CONFIGURATION, rows: "data" };
pub(super) static TIMELINE: Call =
    Call { path: "/v2/schedules/{of}/timeline", reads: "shifts of a schedule", right: CONFIGURATION, rows: "" };
pub(super) static ESCALATIONS: Call =
    Call { path: "/v2/escalations", reads: "levels of escalations", right: CONFIGURATION, rows: "data" };

/// Every call where alerts are what counts, in the order of reading.
pub(super) static BY_ALERTS: &[&Call] = &[&ALERTS, &SCHEDULES, &TIMELINE, &ESCALATIONS];
/// The same where incidents are.
pub(super) static BY_INCIDENTS: &[&Call] = &[&INCIDENTS, &SCHEDULES, &TIMELINE, &ESCALATIONS];

/// The least privilege that reads everything.
pub(super) fn policy() -> String {
    let mut lines: Vec<String> = [
        "# Opsgenie: Settings → API key management → Add new API key, with the rights",
        "#   Read, Configuration access (for schedules and escalations alone: without it they stay unknown)",
        "# The key of one team's integration shows that team alone: others then stay unknown.",
        "# Loadline sends only GET, to these paths. Names of people are counted and not kept.",
    ]
    .map(str::to_owned)
    .into();
    let all = BY_ALERTS.iter().take(1).chain(BY_INCIDENTS);
    lines.extend(all.map(|c| format!("GET {}  # {} ({})", c.path.replace("{of}", "{id}"), c.reads, c.right)));
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_every_call_and_only_reading() {
        let policy = policy();
        assert!(BY_ALERTS.iter().chain(BY_INCIDENTS).all(|c| policy.contains(c.reads)));
        assert_eq!(policy.matches("\nGET ").count(), 5);
        assert!(!policy.contains("write") && !policy.contains("POST"));
    }
}
