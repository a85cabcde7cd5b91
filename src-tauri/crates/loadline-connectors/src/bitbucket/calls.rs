//! Every path of the Bitbucket Cloud API (version 2.0) that we ever ask for, with the right it needs: the one table from which
//! the policy is written (developer.atlassian.com/cloud/bitbucket/rest, the scopes of each operation).

use crate::forge::{Call, Calls};

const REPOSITORIES: &str = "the scope `Repositories: Read` (`read:repository:bitbucket`)";
const PULL_REQUESTS: &str = "the scope `Pull requests: Read` (`read:pullrequest:bitbucket`)";
const PIPES: &str = "the scope `Pipelines: Read` (`read:pipeline:bitbucket`)";
const ADMIN: &str = "the scope `Repositories: Admin` (`admin:repository:bitbucket`)";

const fn list(path: &'static str, reads: &'static str, right: &'static str) -> Call {
    Call { path, reads, right, rows: "values" }
}

pub(super) static REPOSITORY: Call =
    Call { path: "/repositories/{repo}", reads: "name and main branch", right: REPOSITORIES, rows: "" };
pub(super) static RESTRICTIONS: Call = list("/repositories/{repo}/branch-restrictions", "branch restrictions", ADMIN);
pub(super) static MODEL: Call = Call {
    path: "/repositories/{repo}/effective-branching-model",
    reads: "which branches are for development and production",
    right: REPOSITORIES,
    rows: "",
};
/// Without a commit it leads to the root of the main branch.
pub(super) static ROOT: Call = list("/repositories/{repo}/src", "whether there is a folder .bitbucket", REPOSITORIES);
pub(super) static FOLDER: Call =
    list("/repositories/{repo}/src/{of}/.bitbucket", "whether CODEOWNERS lies in it", REPOSITORIES);
pub(super) static PIPELINES: Call = list("/repositories/{repo}/pipelines", "runs of pipelines", PIPES);
pub(super) static ENVIRONMENTS: Call = list("/repositories/{repo}/environments", "environments and their types", PIPES);
pub(super) static DEPLOYMENTS: Call = list("/repositories/{repo}/deployments", "deployments", PIPES);
pub(super) static PULLS: Call = list("/repositories/{repo}/pullrequests", "merged pull requests", PULL_REQUESTS);
pub(super) static ACTIVITY: Call =
    list("/repositories/{repo}/pullrequests/{of}/activity", "when a pull request was merged", PULL_REQUESTS);
pub(super) static COMMITS: Call =
    list("/repositories/{repo}/pullrequests/{of}/commits", "the first commit of a pull request", PULL_REQUESTS);

/// Every call, in the order of reading.
static ALL: &[&Call] = &[
    &REPOSITORY,
    &RESTRICTIONS,
    &MODEL,
    &ROOT,
    &FOLDER,
    &PIPELINES,
    &ENVIRONMENTS,
    &DEPLOYMENTS,
    &PULLS,
    &ACTIVITY,
    &COMMITS,
];

/// What may be asked, and what it costs.
pub(super) static CALLS: Calls = Calls {
    all: ALL,
    repository: &REPOSITORY,
    cheapest: &REPOSITORY,
    probe,
    first: 215,
    budget: "Bitbucket bills none of them and allows 1,000 an hour.",
};

/// The cheapest question that each call answers: only whether it is answered counts.
fn probe(call: &Call) -> Vec<(&'static str, &'static str)> {
    if call.rows.is_empty() { Vec::new() } else { vec![("pagelen", "1")] }
}

/// The least privilege that reads everything.
pub(super) fn policy() -> String {
    let mut lines: Vec<String> = [
        "# Bitbucket Cloud: workspace, project or repository → Settings → Access tokens → Create, with the scopes",
        "#   Repositories: Read, Pull requests: Read, Pipelines: Read",
        "# or an API token of a person with read:repository:bitbucket, read:pullrequest:bitbucket, read:pipeline:bitbucket;",
        "# then set `username` to that person's e-mail address.",
        "# Branch restrictions are shown only to `Repositories: Admin`, which may also change them. Without it they stay unknown.",
        "# Loadline sends only GET, below https://api.bitbucket.org/2.0:",
    ]
    .map(str::to_owned)
    .into();
    lines.extend(ALL.iter().map(|c| {
        let path = c.path.replace("{repo}", "{workspace}/{repository}").replace("{of}", "{id}");
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
        assert!(!policy.contains("write") && !policy.contains("POST"));
    }
}
