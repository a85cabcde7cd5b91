//! Both paths of Jenkins' remote access API that we ever ask for: the one table from which the policy is written (jenkins.io,
//! "Remote Access API": `tree=` names what is wanted, with a range for lists).

use crate::forge::{Call, Calls};

const READ: &str = "the permissions `Overall/Read` and `Job/Read`";

/// What is read of a build: nothing of its log, parameters or files.
pub(super) const BUILD: &str = "number,result,building,timestamp,duration,\
    actions[causes[userId,upstreamProject,shortDescription],lastBuiltRevision[SHA1],remoteUrls]";

pub(super) static ROOT: Call =
    Call { path: "/api/json", reads: "whether the token is valid", right: "the permission `Overall/Read`", rows: "" };
pub(super) static JOB: Call =
    Call { path: "/job/{repo}/api/json", reads: "builds of a job", right: READ, rows: "allBuilds" };

/// Every call, in the order of reading.
static ALL: &[&Call] = &[&ROOT, &JOB];

/// What may be asked, and what it costs.
pub(super) static CALLS: Calls = Calls {
    all: ALL,
    repository: &JOB,
    cheapest: &ROOT,
    probe,
    first: 5,
    budget: "It is a server of your own: each of them loads at most 100 builds.",
};

/// The cheapest question that each call answers: only whether it is answered counts.
fn probe(call: &Call) -> Vec<(&'static str, &'static str)> {
    vec![("tree", if call.path == ROOT.path { "mode" } else { "fullName" })]
}

/// The least privilege that reads everything.
pub(super) fn policy() -> String {
    let mut lines: Vec<String> = [
        "# Jenkins: a user with the permissions Overall/Read and Job/Read, on the jobs that Loadline shall read and no others;",
        "# then, as that user: Security → API Token → Add new Token. Set `username` to the user's name.",
        "# Loadline sends only GET, to these paths:",
    ]
    .map(str::to_owned)
    .into();
    lines.extend(ALL.iter().map(|c| format!("GET {}  # {} ({})", c.path.replace("{repo}", "{job}"), c.reads, c.right)));
    lines.push(format!("#   of each build: {BUILD}"));
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
        assert!(!policy.contains("write") && !policy.contains("POST") && !BUILD.contains(' '));
    }
}
