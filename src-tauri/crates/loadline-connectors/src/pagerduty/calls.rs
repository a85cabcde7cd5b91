//! Every path of PagerDuty's REST API (version 2) that we ever ask for: the one table from which the policy is written
//! (PagerDuty/api-schema, reference/REST/openapiv3.json, with the scope of each operation).

use crate::oncall::Call;

pub(super) static INCIDENTS: Call = Call {
    path: "/incidents",
    reads: "incidents and when they were over",
    right: "the right to read incidents (`incidents.read`)",
    rows: "incidents",
};
pub(super) static SCHEDULES: Call = Call {
    path: "/schedules",
    reads: "names of schedules",
    right: "the right to read schedules (`schedules.read`)",
    rows: "schedules",
};
pub(super) static SCHEDULE: Call = Call {
    path: "/schedules/{of}",
    reads: "people and shifts of a schedule",
    right: "the right to read schedules (`schedules.read`)",
    rows: "",
};
pub(super) static POLICIES: Call = Call {
    path: "/escalation_policies",
    reads: "levels of escalation policies",
    right: "the right to read escalation policies (`escalation_policies.read`)",
    rows: "escalation_policies",
};

/// Every call, in the order of reading.
pub(super) static ALL: &[&Call] = &[&INCIDENTS, &SCHEDULES, &SCHEDULE, &POLICIES];

/// The least privilege that reads everything.
pub(super) fn policy() -> String {
    let mut lines: Vec<String> = [
        "# PagerDuty: Integrations → API Access Keys → Create New API Key, with `Read-only API Key` checked.",
        "# A person's own token works too, but shows only the teams that this person sees: others then stay unknown.",
        "# Loadline sends only GET, to these paths. Names of people are counted and not kept.",
    ]
    .map(str::to_owned)
    .into();
    lines.extend(ALL.iter().map(|c| {
        format!(
            "GET {}  # {} ({})",
            c.path.replace("{of}", "{id}"),
            c.reads,
            c.right.split('`').nth(1).unwrap_or(c.right)
        )
    }));
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_every_call_and_only_reading() {
        let policy = policy();
        assert!(ALL.iter().all(|c| policy.contains(c.reads)));
        assert_eq!(policy.matches("\nGET ").count(), ALL.len());
        assert!(!policy.contains("write") && !policy.contains("POST"));
    }
}
