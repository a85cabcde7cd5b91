//! Every path of the CircleCI API (version 2) that we ever ask for: the one table from which the policy is written
//! (circleci/circleci-docs, docs/reference/modules/ROOT/attachments/openapi-final.json).

use crate::forge::{Call, Calls};

const TOKEN: &str = "a personal API token of somebody who may view the project";

const fn list(path: &'static str, reads: &'static str) -> Call {
    Call { path, reads, right: TOKEN, rows: "items" }
}

pub(super) static ME: Call = Call { path: "/me", reads: "whether the token is valid", right: TOKEN, rows: "" };
pub(super) static PROJECT: Call =
    Call { path: "/project/{repo}", reads: "name, repository and default branch", right: TOKEN, rows: "" };
pub(super) static PIPELINES: Call = list("/project/{repo}/pipeline", "pipelines of the default branch");
pub(super) static WORKFLOWS: Call = list("/pipeline/{of}/workflow", "workflows of a pipeline and how they ended");
pub(super) static JOBS: Call = list("/workflow/{of}/job", "jobs of a workflow and how they ended");

/// Every call, in the order of reading.
static ALL: &[&Call] = &[&ME, &PROJECT, &PIPELINES, &WORKFLOWS, &JOBS];

/// What may be asked, and what it costs.
pub(super) static CALLS: Calls = Calls {
    all: ALL,
    repository: &PROJECT,
    cheapest: &ME,
    probe: |_| Vec::new(),
    first: 500,
    budget: "CircleCI bills none of them and asks to wait when they are too many.",
};

/// The least privilege that reads everything.
pub(super) fn policy() -> String {
    let mut lines: Vec<String> = [
        "# CircleCI: User Settings → Personal API Tokens → Create New Token, as a user who may only view the projects.",
        "# Version 2 of the API takes no token of a project, and its tokens have no scopes: the user's role is the limit.",
        "# Loadline sends only GET, below https://circleci.com/api/v2:",
    ]
    .map(str::to_owned)
    .into();
    lines.extend(ALL.iter().map(|c| {
        let path = c.path.replace("{repo}", "{project-slug}").replace("{of}", "{id}");
        format!("GET {path}  # {}", c.reads)
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
