//! Every path of the GitHub API that we ever ask for, with the permission it needs: the one table from which the policy is
//! written (GitHub documentation, "REST API endpoints", version 2022-11-28).

use crate::forge::{Call, Calls};

/// The version of the API whose answers the readers know.
pub(super) const VERSION: &str = "2022-11-28";

pub(super) static LIMIT: Call =
    Call { path: "/rate_limit", reads: "how many requests are left", right: "any permission", rows: "" };
pub(super) static REPOSITORY: Call = Call {
    path: "/repos/{repo}",
    reads: "name and default branch",
    right: "the repository permission `Metadata: read`",
    rows: "",
};
pub(super) static RULES: Call = Call {
    path: "/repos/{repo}/rules/branches/{of}",
    reads: "rulesets of the default branch",
    right: "the repository permission `Metadata: read`",
    rows: "",
};
pub(super) static BRANCH: Call = Call {
    path: "/repos/{repo}/branches/{of}",
    reads: "whether the default branch is protected",
    right: "the repository permission `Contents: read`",
    rows: "",
};
pub(super) static PROTECTION: Call = Call {
    path: "/repos/{repo}/branches/{of}/protection",
    reads: "protection of the default branch",
    right: "the repository permission `Administration: read`",
    rows: "",
};
pub(super) static RUNS: Call = Call {
    path: "/repos/{repo}/actions/runs",
    reads: "runs of workflows",
    right: "the repository permission `Actions: read`",
    rows: "workflow_runs",
};
pub(super) static FOLDER: Call = Call {
    path: "/repos/{repo}/contents/{of}",
    reads: "where CODEOWNERS lies",
    right: "the repository permission `Contents: read`",
    rows: "",
};
pub(super) static OWNERS: Call = Call {
    path: "/repos/{repo}/codeowners/errors",
    reads: "faulty lines of CODEOWNERS",
    right: "the repository permission `Contents: read`",
    rows: "",
};
pub(super) static ENVIRONMENTS: Call = Call {
    path: "/repos/{repo}/environments",
    reads: "environments and who lets deployments pass",
    right: "the repository permission `Actions: read`",
    rows: "environments",
};
pub(super) static DEPLOYMENTS: Call = Call {
    path: "/repos/{repo}/deployments",
    reads: "deployments",
    right: "the repository permission `Deployments: read`",
    rows: "",
};
pub(super) static STATUSES: Call = Call {
    path: "/repos/{repo}/deployments/{of}/statuses",
    reads: "how a deployment ended",
    right: "the repository permission `Deployments: read`",
    rows: "",
};
pub(super) static WORKFLOW: Call = Call {
    path: "/repos/{repo}/actions/workflows/{of}/runs",
    reads: "runs of the deploying workflow",
    right: "the repository permission `Actions: read`",
    rows: "workflow_runs",
};
pub(super) static ATTEMPT: Call = Call {
    path: "/repos/{repo}/actions/runs/{of}/attempts/{of}",
    reads: "how an earlier attempt of such a run ended",
    right: "the repository permission `Actions: read`",
    rows: "",
};
pub(super) static RELEASES: Call = Call {
    path: "/repos/{repo}/releases",
    reads: "releases that are deployments",
    right: "the repository permission `Contents: read`",
    rows: "",
};
pub(super) static PULLS: Call = Call {
    path: "/repos/{repo}/pulls",
    reads: "merged pull requests",
    right: "the repository permission `Pull requests: read`",
    rows: "",
};
pub(super) static COMMITS: Call = Call {
    path: "/repos/{repo}/pulls/{of}/commits",
    reads: "the first commit of a pull request",
    right: "the repository permission `Pull requests: read`",
    rows: "",
};
pub(super) static ISSUES: Call = Call {
    path: "/repos/{repo}/issues",
    reads: "issues that are incidents",
    right: "the repository permission `Issues: read`",
    rows: "",
};

/// Merged pull requests with their first commits: a POST of one fixed query.
pub(super) static GRAPH: Call = Call {
    path: "/graphql",
    reads: "merged pull requests with their first commits",
    right: "the repository permission `Pull requests: read`",
    rows: "",
};
/// Where an app is installed; asked with its own claim.
pub(super) static INSTALLATION: Call = Call {
    path: "/repos/{repo}/installation",
    reads: "the installation of an app",
    right: "the private key of the app",
    rows: "",
};
/// Trades an app's claim for a token that reads: a POST.
pub(super) static TOKEN: Call = Call {
    path: "/app/installations/{of}/access_tokens",
    reads: "a token of an app's installation",
    right: "the private key of the app",
    rows: "",
};

/// Every call, in the order of reading.
static ALL: &[&Call] = &[
    &LIMIT,
    &REPOSITORY,
    &RULES,
    &BRANCH,
    &PROTECTION,
    &RUNS,
    &FOLDER,
    &OWNERS,
    &ENVIRONMENTS,
    &DEPLOYMENTS,
    &STATUSES,
    &WORKFLOW,
    &ATTEMPT,
    &RELEASES,
    &PULLS,
    &COMMITS,
    &ISSUES,
];

/// What may be asked, and what it costs.
pub(super) static CALLS: Calls = Calls {
    all: ALL,
    repository: &REPOSITORY,
    cheapest: &LIMIT,
    probe,
    first: 230,
    budget: "GitHub bills none of them and allows 5,000 an hour.",
};

/// The cheapest question that each call answers: only whether it is answered counts.
fn probe(call: &Call) -> Vec<(&'static str, &'static str)> {
    match call.path {
        "/repos/{repo}" | "/rate_limit" | "/repos/{repo}/codeowners/errors" => Vec::new(),
        _ => vec![("per_page", "1")],
    }
}

/// The rights that the calls need, each once: `Contents`, `Pull requests`, … All of them are to read.
pub(super) fn rights() -> impl Iterator<Item = &'static str> {
    let mut rights: Vec<&str> = ALL.iter().filter_map(|c| c.right.split('`').nth(1)?.strip_suffix(": read")).collect();
    rights.sort_unstable();
    rights.dedup();
    rights.into_iter()
}

/// The least privilege that reads everything.
pub(super) fn policy() -> String {
    let rights: Vec<String> = rights().map(|right| format!("{right}: read")).collect();
    let mut lines = vec![
        "# GitHub: Settings → Developer settings → Fine-grained personal access tokens → Generate new token".to_owned(),
        "# Resource owner: the organization; only the repositories that Loadline shall read; repository permissions:"
            .to_owned(),
        format!("#   {}", rights.join(", ")),
        "# `Administration: read` is for branch protection alone: without it that stays unknown. `Issues: read` is for"
            .to_owned(),
        "# incidents by label alone.".to_owned(),
        "# A GitHub App with the same permissions works too: its number as `app_id`, its private key (.pem) as the secret."
            .to_owned(),
        "# For an app alone Loadline asks GET /repos/{owner}/{name}/installation and sends one POST an hour, to".to_owned(),
        "# /app/installations/{…}/access_tokens, for a token that may read these and nothing else.".to_owned(),
        "# Merged pull requests are asked for by one fixed query in GraphQL (POST /graphql, `Pull requests: read`), and by"
            .to_owned(),
        "# GET where that is not answered. Else Loadline sends only GET, to these paths:".to_owned(),
    ];
    lines.extend(ALL.iter().map(|c| {
        let path = c.path.replace("{repo}", "{owner}/{name}").replace("{of}", "{…}");
        format!("GET {path}  # {} ({})", c.reads, c.right.split('`').nth(1).unwrap_or(c.right))
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
        assert!(!policy.contains("write") && policy.matches("POST").count() == 2, "a query, and the token of an app");
        assert_eq!(
            rights().collect::<Vec<_>>(),
            ["Actions", "Administration", "Contents", "Deployments", "Issues", "Metadata", "Pull requests"]
        );
    }
}
