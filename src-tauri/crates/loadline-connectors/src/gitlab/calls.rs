//! Every path of the GitLab API (version 4) that we ever ask for, with the right it needs: the one table from which the policy
//! is written (GitLab documentation, "REST API resources").

use crate::forge::{Call, Calls};

const REPORTER: &str = "the scope `read_api` and the role Reporter";
const DEVELOPER: &str = "the scope `read_api` and the role Developer";
const PAID: &str = "the scope `read_api`, the role Developer and the tier Premium";

pub(super) static VERSION: Call =
    Call { path: "/version", reads: "the version of the server", right: "the scope `read_api`", rows: "" };
pub(super) static PROJECT: Call =
    Call { path: "/projects/{repo}", reads: "name, default branch and merge rules", right: REPORTER, rows: "" };
pub(super) static BRANCHES: Call = Call {
    path: "/projects/{repo}/protected_branches",
    reads: "protection of the default branch",
    right: DEVELOPER,
    rows: "",
};
pub(super) static APPROVALS: Call = Call {
    path: "/projects/{repo}/approvals",
    reads: "whether approval rules bind the author of a merge request",
    right: PAID,
    rows: "",
};
pub(super) static APPROVAL_RULES: Call = Call {
    path: "/projects/{repo}/approval_rules",
    reads: "approvals that a merge request needs",
    right: PAID,
    rows: "",
};
pub(super) static PIPELINES: Call =
    Call { path: "/projects/{repo}/pipelines", reads: "runs of pipelines", right: REPORTER, rows: "" };
pub(super) static FOLDER: Call =
    Call { path: "/projects/{repo}/repository/tree", reads: "where CODEOWNERS lies", right: REPORTER, rows: "" };
pub(super) static ENVIRONMENTS: Call =
    Call { path: "/projects/{repo}/environments", reads: "environments and their tiers", right: REPORTER, rows: "" };
pub(super) static DEPLOYMENTS: Call =
    Call { path: "/projects/{repo}/deployments", reads: "deployments", right: REPORTER, rows: "" };
pub(super) static MERGES: Call =
    Call { path: "/projects/{repo}/merge_requests", reads: "merged merge requests", right: REPORTER, rows: "" };
pub(super) static COMMITS: Call = Call {
    path: "/projects/{repo}/merge_requests/{of}/commits",
    reads: "the first commit of a merge request",
    right: REPORTER,
    rows: "",
};
pub(super) static DORA: Call = Call {
    path: "/projects/{repo}/dora/metrics",
    reads: "what GitLab counts of delivery itself",
    right: "the scope `read_api`, the role Reporter and the tier Ultimate",
    rows: "",
};
pub(super) static ISSUES: Call =
    Call { path: "/projects/{repo}/issues", reads: "issues that are incidents", right: REPORTER, rows: "" };

/// Every call, in the order of reading.
static ALL: &[&Call] = &[
    &VERSION,
    &PROJECT,
    &BRANCHES,
    &APPROVALS,
    &APPROVAL_RULES,
    &PIPELINES,
    &FOLDER,
    &ENVIRONMENTS,
    &DEPLOYMENTS,
    &DORA,
    &MERGES,
    &COMMITS,
    &ISSUES,
];

/// What may be asked, and what it costs.
pub(super) static CALLS: Calls = Calls {
    all: ALL,
    repository: &PROJECT,
    cheapest: &VERSION,
    probe,
    first: 129,
    budget: "gitlab.com bills none of them and allows 2,000 a minute.",
};

/// The cheapest question that each call answers: only whether it is answered counts.
fn probe(call: &Call) -> Vec<(&'static str, &'static str)> {
    match call.path {
        "/version" | "/projects/{repo}" | "/projects/{repo}/approvals" => Vec::new(),
        "/projects/{repo}/dora/metrics" => vec![("metric", "deployment_frequency")],
        _ => vec![("per_page", "1")],
    }
}

/// The least privilege that reads everything.
pub(super) fn policy() -> String {
    let mut lines = vec![
        "# GitLab: the project or its group → Settings → Access tokens → Add new token".to_owned(),
        "# Role: Developer (Reporter reads everything but the protection of branches). Scope: read_api, and no other."
            .to_owned(),
        "# Loadline sends only GET, below /api/v4:".to_owned(),
    ];
    lines.extend(ALL.iter().map(|c| {
        let path = c.path.replace("{repo}", ":id").replace("{of}", ":iid");
        format!("GET {path}  # {} ({})", c.reads, c.right)
    }));
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_every_call_and_only_reading() {
        let policy = policy();
        assert!(ALL.iter().all(|c| policy.contains(c.reads) && policy.contains(c.right)));
        assert_eq!(policy.matches("\nGET ").count(), ALL.len());
        assert!(!policy.contains("write") && !policy.contains("POST"));
    }
}
