//! Topic `repository`: what a change must pass before it lands, and how pipelines of the main branch ended.

use super::{Known, calls};
use crate::Cancelled;
use crate::forge::{Reading, Told, flag, matches, median_minutes, number, rows, text, time};
use crate::http::HttpError;
use loadline_model::{GapReason, Timestamp, Value as Setting, key};
use serde_json::Value;

/// Days of pipelines that are looked at.
const RUN_DAYS: i64 = 28;

/// Reads the topic.
pub(super) async fn read(r: &mut Reading<'_>, known: &Known) -> Result<(), Cancelled> {
    guards(r, known).await?;
    pipelines(r, known).await?;
    owners(r).await
}

/// What restrictions of the repository demand of a branch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Guard {
    checks: u64,
    approvals: u64,
    by_request: bool,
}

async fn guards(r: &mut Reading<'_>, known: &Known) -> Result<(), Cancelled> {
    let listed = r.list(&calls::RESTRICTIONS, "", &[("pagelen", "100")], |_| true).await?;
    let Some(listed) = listed.filter(|l| l.whole) else { return Ok(()) };
    let by_model = |row: &Value| text(row, "/branch_match_kind") == Some("branching_model");
    let model = if listed.rows.iter().any(by_model) { r.get(&calls::MODEL, "", &[]).await? } else { None };
    let guard = guard(&listed.rows, &known.branch, model.as_ref());
    let call = calls::RESTRICTIONS.path;
    let number = |n: u64| (n > 0).then_some(Setting::Number(n as f64));
    r.set(call, key::CHANGE_CHECKS, None, number(guard.checks));
    if guard.checks > 0 {
        // What prevents a merge prevents everybody's ("Suggest or require checks before a merge").
        r.say_checks(call, ["builds"]);
        r.set(call, key::CHANGE_BINDS_ADMINISTRATORS, None, Some(Setting::Bool(true)));
    }
    // Merge checks say nothing of pushes.
    let pushes = (guard.checks > 0).then_some(Setting::Bool(false));
    r.set(call, key::CHANGE_CHECKS_BIND_PUSHES, None, pushes);
    r.set(call, key::CHANGE_APPROVALS, None, number(guard.approvals));
    r.set(call, key::CHANGE_BY_REQUEST, None, guard.by_request.then_some(Setting::Bool(true)));
    if guard.checks == 0 {
        let detail = format!(
            "branch restrictions of {}: the repository itself enforces no passing build before a merge. Its project may, and \
             Bitbucket's API does not say what a repository inherits.",
            known.path
        );
        let closes = "Require a passing build in the repository's own branch restrictions, and prevent merging with unresolved checks.";
        r.about(GapReason::FeatureDisabled, detail, closes);
    }
    Ok(())
}

/// What restrictions of this branch demand. Merge checks bind only where unresolved ones prevent a merge (`enforce_merge_checks`,
/// Premium): elsewhere they are advice.
fn guard(restrictions: &[Value], branch: &str, model: Option<&Value>) -> Guard {
    let of = |kind: &'static str| {
        restrictions.iter().filter(move |row| text(row, "/kind") == Some(kind) && applies(row, branch, model))
    };
    let most = |kind| of(kind).map(|row| number(row, "/value").unwrap_or(1)).max().unwrap_or(0);
    let enforced = of("enforce_merge_checks").next().is_some();
    let demanded = |n: u64| if enforced { n } else { 0 };
    let nobody = |row: &Value| rows(row, "/users").is_empty() && rows(row, "/groups").is_empty();
    let lists = |row: &Value| ["/users", "/groups"].iter().all(|p| row.pointer(p).is_some_and(Value::is_array));
    let mut pushes = of("push").peekable();
    Guard {
        checks: demanded(most("require_passing_builds_to_merge")),
        approvals: demanded(
            most("require_approvals_to_merge").max(most("require_default_reviewer_approvals_to_merge")),
        ),
        by_request: pushes.peek().is_some() && pushes.all(|row| lists(row) && nobody(row)),
    }
}

/// A restriction names this branch, by a pattern or by its place in the branching model. What is not known does not guard.
fn applies(row: &Value, branch: &str, model: Option<&Value>) -> bool {
    match text(row, "/branch_match_kind") {
        Some("glob") => text(row, "/pattern").is_some_and(|pattern| matches(pattern, branch)),
        Some("branching_model") => {
            let (Some(kind), Some(model)) = (text(row, "/branch_type"), model) else { return false };
            let named = || text(model, &format!("/{kind}/branch/name")) == Some(branch);
            let main = || flag(model, &format!("/{kind}/use_mainbranch")) == Some(true);
            matches!(kind, "development" | "production") && (named() || main())
        }
        _ => false,
    }
}

/// How pipelines for pushes to the main branch ended, and how long they took with their waiting.
async fn pipelines(r: &mut Reading<'_>, known: &Known) -> Result<(), Cancelled> {
    let since = r.visit.window.now.plus_days(-RUN_DAYS);
    let query = [("target.branch", known.branch.as_str()), ("sort", "-created_on"), ("pagelen", "100")];
    let recent = |row: &Value| time(row, "/created_on").is_some_and(|at| at >= since);
    let Some(listed) = r.list(&calls::PIPELINES, "", &query, recent).await?.filter(|l| l.whole) else { return Ok(()) };
    let pushed = |row: &&Value| {
        text(row, "/target/ref_name") == Some(known.branch.as_str()) && text(row, "/trigger/name") == Some("PUSH")
    };
    let ours: Vec<&Value> = listed.rows.iter().filter(pushed).collect();
    let runs: Vec<Told> = ours.iter().filter_map(|row| run(row)).collect();
    let ended = ours.iter().filter(|row| passed(row).is_some());
    let spans: Vec<(Timestamp, Timestamp)> =
        ended.filter_map(|row| Some((time(row, "/created_on")?, time(row, "/completed_on")?))).collect();
    r.say_green(calls::PIPELINES.path, &runs);
    r.measured(calls::PIPELINES.path, key::CHANGE_PIPELINE_MINUTES, median_minutes(&spans));
    Ok(())
}

/// Whether CODEOWNERS exists: that the root can be listed whole proves the right to see its folder.
async fn owners(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let query = [("pagelen", "100")];
    let Some(root) = r.list(&calls::ROOT, "", &query, |_| true).await?.filter(|l| l.whole) else { return Ok(()) };
    let is_folder =
        |row: &&Value| text(row, "/path") == Some(".bitbucket") && text(row, "/type") == Some("commit_directory");
    let commit = root.rows.iter().find(is_folder).map(|row| text(row, "/commit/hash").unwrap_or_default().to_owned());
    let found = match commit {
        None => false,
        Some(commit) if !commit.is_empty() && commit.chars().all(|c| c.is_ascii_hexdigit()) => {
            let listed = r.list(&calls::FOLDER, &commit, &query, |_| true).await?;
            let Some(listed) = listed.filter(|l| l.whole) else { return Ok(()) };
            let is_file = |row: &Value| {
                text(row, "/path") == Some(".bitbucket/CODEOWNERS") && text(row, "/type") == Some("commit_file")
            };
            listed.rows.iter().any(is_file)
        }
        Some(_) => {
            r.refused(&calls::ROOT, &HttpError::Malformed("a folder of the root names no commit".to_owned()));
            return Ok(());
        }
    };
    r.set(calls::FOLDER.path, key::CODE_OWNERS_FILE, None, Some(Setting::Bool(found)));
    Ok(())
}

fn passed(row: &Value) -> Option<bool> {
    match (text(row, "/state/name")?, text(row, "/state/result/name")?) {
        ("COMPLETED", "SUCCESSFUL") => Some(true),
        ("COMPLETED", "FAILED" | "ERROR") => Some(false),
        _ => None,
    }
}

fn run(row: &Value) -> Option<Told> {
    Some(Told {
        revision: text(row, "/target/commit/hash")?.to_owned(),
        pipeline: text(row, "/target/selector/pattern").unwrap_or_default().to_owned(),
        at: time(row, "/created_on")?,
        passed: passed(row),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn merge_checks_bind_only_where_they_are_enforced() {
        let rule = |kind: &str, pattern: &str, value: u64| json!({"kind": kind, "branch_match_kind": "glob", "pattern": pattern, "value": value});
        let check = |rules: &[Value], checks: u64, approvals: u64| {
            let found = guard(rules, "main", None);
            assert_eq!((found.checks, found.approvals), (checks, approvals), "{rules:?}");
        };
        let (builds, approvals) =
            (rule("require_passing_builds_to_merge", "main", 2), rule("require_approvals_to_merge", "m*", 1));
        let enforced = json!({"kind": "enforce_merge_checks", "branch_match_kind": "glob", "pattern": "*"});
        check(&[], 0, 0);
        check(&[builds.clone(), approvals.clone()], 0, 0);
        check(&[builds.clone(), approvals, enforced.clone()], 2, 1);
        check(&[rule("require_passing_builds_to_merge", "release/*", 2), enforced], 0, 0);
        let model = json!({"development": {"branch": {"name": "main"}, "use_mainbranch": true}});
        let by_model =
            |kind: &str, of: &str| json!({"kind": kind, "branch_match_kind": "branching_model", "branch_type": of});
        let rules = |of| [by_model("enforce_merge_checks", of), by_model("require_passing_builds_to_merge", of)];
        assert_eq!(guard(&rules("development"), "main", Some(&model)).checks, 1);
        assert_eq!(guard(&rules("production"), "main", Some(&model)).checks, 0);
        assert_eq!(guard(&rules("development"), "main", None).checks, 0, "the model could not be read");
    }

    #[test]
    fn nobody_pushes_only_where_every_rule_lists_nobody() {
        let push = |users: Value| json!({"kind": "push", "branch_match_kind": "glob", "pattern": "main", "users": users, "groups": []});
        let check = |rules: &[Value], expected: bool| {
            assert_eq!(guard(rules, "main", None).by_request, expected, "{rules:?}");
        };
        check(&[], false);
        check(&[push(json!([]))], true);
        check(&[push(json!([{"type": "user"}]))], false);
        check(&[push(json!([])), push(json!([{"type": "user"}]))], false);
        check(&[push(Value::Null)], false);
    }
}
