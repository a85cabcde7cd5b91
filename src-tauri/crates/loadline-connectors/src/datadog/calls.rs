//! Every path of the Datadog API that we ever ask for, with the permission it needs: the one table from which the policy is
//! written (Datadog documentation, "API Reference", version 1 of the endpoints).

/// A GET.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// Below the address of the site.
    pub path: &'static str,
    /// What it gives.
    pub reads: &'static str,
    /// Permission that the application key's scopes must hold.
    pub scope: &'static str,
}

pub(super) static VALIDATE: Call =
    Call { path: "/api/v1/validate", reads: "whether the API key is valid", scope: "any API key" };
pub(super) static NAMES: Call =
    Call { path: "/api/v1/metrics", reads: "names of metrics that were reported", scope: "metrics_read" };
pub(super) static QUERY: Call =
    Call { path: "/api/v1/query", reads: "points of metrics over time", scope: "timeseries_query" };
pub(super) static HOSTS: Call = Call { path: "/api/v1/hosts", reads: "hosts that reported", scope: "hosts_read" };
pub(super) static MONITORS: Call =
    Call { path: "/api/v1/monitor", reads: "monitors, their state and whom they tell", scope: "monitors_read" };
pub(super) static OBJECTIVES: Call =
    Call { path: "/api/v1/slo", reads: "objectives and what is left of their budgets", scope: "slos_read" };

/// Every call, in the order of reading. `/api/v1/slo/{id}/history` belongs to the objectives.
pub(super) static ALL: &[&Call] = &[&VALIDATE, &MONITORS, &OBJECTIVES, &NAMES, &QUERY, &HOSTS];

impl Call {
    /// What grants it.
    pub(super) fn closes(&self) -> String {
        format!("Give the application key the scope `{}`, and its owner a role with that permission.", self.scope)
    }
}

/// The cheapest question that each call answers: only whether it is answered counts.
pub(super) fn probe(call: &Call) -> Vec<(&'static str, &'static str)> {
    match call.path {
        "/api/v1/metrics" => vec![("from", "1")],
        "/api/v1/query" => vec![("from", "1"), ("to", "3600"), ("query", "avg:system.cpu.idle{*}")],
        "/api/v1/hosts" => vec![("count", "1")],
        "/api/v1/monitor" => vec![("page", "0"), ("page_size", "1")],
        "/api/v1/slo" => vec![("limit", "1")],
        _ => Vec::new(),
    }
}

/// The least privilege that reads everything.
pub(super) fn policy() -> String {
    let mut lines = vec![
        "# Datadog: Organization Settings → Service Accounts → New, with a role that holds only the permissions below"
            .to_owned(),
        "# then an application key of that account with exactly these scopes, and an API key of the organization:"
            .to_owned(),
    ];
    let scopes: Vec<&str> = ALL.iter().skip(1).map(|c| c.scope).collect();
    lines.push(format!("#   {}", scopes.join(", ")));
    lines.push("# Loadline's secret is <API key>:<application key>. It sends only GET, to these paths:".to_owned());
    lines.extend(ALL.iter().map(|c| format!("GET {}  # {} ({})", c.path, c.reads, c.scope)));
    lines.push("GET /api/v1/slo/{id}/history  # what is left of an objective's budget (slos_read)".to_owned());
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_every_call_and_only_reading() {
        let policy = policy();
        assert!(ALL.iter().all(|c| policy.contains(c.path) && policy.contains(c.reads) && policy.contains(c.scope)));
        assert!(!policy.contains("_write") && !policy.contains("POST"));
    }
}
