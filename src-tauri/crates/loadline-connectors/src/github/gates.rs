//! Topic `repository`: what a change must pass before it lands and before it ships. What a token may not see is unknown: of
//! branch protection GitHub says the same, that there is none such, to those who may not read it.

use super::{Known, calls};
use crate::Cancelled;
use crate::forge::{Reading, Told, encoded, flag, median_minutes, number, rows, text, time};
use loadline_model::{Timestamp, Value as Setting, key};
use serde_json::Value;
use std::collections::BTreeSet;

/// Days of runs that are looked at.
const RUN_DAYS: i64 = 28;
/// Where GitHub looks for CODEOWNERS.
const FOLDERS: [&str; 3] = ["", ".github", "docs"];

/// Reads the topic.
pub(super) async fn read(r: &mut Reading<'_>, known: &Known) -> Result<(), Cancelled> {
    guards(r, known).await?;
    pipelines(r, known).await?;
    owners(r).await?;
    gatekeepers(r).await
}

/// What guards a branch, from rulesets or from its protection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Guard {
    checks: BTreeSet<String>,
    approvals: u64,
    by_request: bool,
    /// For protection: administrators are bound too. Who may bypass a ruleset is not shown to those who may only read.
    administrators: Option<bool>,
}

async fn guards(r: &mut Reading<'_>, known: &Known) -> Result<(), Cancelled> {
    let branch = encoded(&known.branch);
    let rules = r.list(&calls::RULES, &branch, &[("per_page", "100")], |_| true).await?;
    let found = r.get(&calls::BRANCH, &branch, &[]).await?;
    let protection = match found.as_ref().and_then(|b| flag(b, "/protected")) {
        Some(false) => Some(Guard::default()),
        Some(true) => match r.try_get(&calls::PROTECTION, &branch, &[]).await? {
            Ok(protection) => Some(of_protection(&protection)),
            Err(error) => {
                r.refused(&calls::PROTECTION, &error);
                None
            }
        },
        None => None,
    };
    let rules = rules.filter(|l| l.whole).map(|l| of_rules(&l.rows));
    say(r, rules.as_ref(), protection.as_ref());
    Ok(())
}

/// What both together demand. One that could not be read leaves unknown what the other does not already settle.
fn say(r: &mut Reading<'_>, rules: Option<&Guard>, protection: Option<&Guard>) {
    let call = calls::RULES.path;
    let both = rules.is_some() && protection.is_some();
    let known: Vec<&Guard> = rules.into_iter().chain(protection).collect();
    let checks: BTreeSet<&String> = known.iter().flat_map(|g| &g.checks).collect();
    let approvals = known.iter().map(|g| g.approvals).max().unwrap_or(0);
    let by_request = known.iter().any(|g| g.by_request);
    // Absence is known only when both were read.
    let settled = |is_there: bool| both || is_there;
    let number = |n: f64| settled(n > 0.0).then_some(Setting::Number(n));
    r.set(call, key::CHANGE_CHECKS, None, number(checks.len() as f64));
    r.say_checks(call, checks.iter().map(|name| name.as_str()));
    r.set(call, key::CHANGE_APPROVALS, None, number(approvals as f64));
    r.set(call, key::CHANGE_BY_REQUEST, None, settled(by_request).then_some(Setting::Bool(by_request)));
    // What is pushed straight to a branch with required checks must have passed them elsewhere ("About protected branches").
    let pushes = (!checks.is_empty()).then_some(Setting::Bool(true));
    r.set(call, key::CHANGE_CHECKS_BIND_PUSHES, None, pushes);
    // That protection binds administrators says nothing of the checks of a ruleset.
    let bound = protection.filter(|g| checks.len() == g.checks.len()).and_then(|g| g.administrators).map(Setting::Bool);
    r.set(calls::PROTECTION.path, key::CHANGE_BINDS_ADMINISTRATORS, None, bound);
}

/// Rules of a branch ("Get rules for a branch"): only those of active rulesets are listed.
fn of_rules(rules: &[Value]) -> Guard {
    let mut guard = Guard::default();
    for rule in rules {
        match text(rule, "/type") {
            Some("required_status_checks") => {
                let checks = rows(rule, "/parameters/required_status_checks");
                guard.checks.extend(checks.iter().filter_map(|c| text(c, "/context")).map(str::to_owned));
            }
            Some("pull_request") => {
                guard.by_request = true;
                let count = number(rule, "/parameters/required_approving_review_count").unwrap_or(0);
                guard.approvals = guard.approvals.max(count);
            }
            _ => {}
        }
    }
    guard
}

/// Branch protection ("Get branch protection").
fn of_protection(protection: &Value) -> Guard {
    let contexts = rows(protection, "/required_status_checks/contexts").iter().filter_map(Value::as_str);
    let checks = rows(protection, "/required_status_checks/checks").iter().filter_map(|c| text(c, "/context"));
    let reviews = protection.get("required_pull_request_reviews");
    Guard {
        checks: contexts.chain(checks).map(str::to_owned).collect(),
        approvals: number(protection, "/required_pull_request_reviews/required_approving_review_count").unwrap_or(0),
        by_request: reviews.is_some_and(|r| !r.is_null()),
        administrators: flag(protection, "/enforce_admins/enabled"),
    }
}

/// How runs for pushes to the default branch ended, and how long they took.
async fn pipelines(r: &mut Reading<'_>, known: &Known) -> Result<(), Cancelled> {
    let created = format!(">={}", r.visit.window.now.plus_days(-RUN_DAYS));
    let query = [
        ("branch", known.branch.as_str()),
        ("event", "push"),
        ("created", created.as_str()),
        ("exclude_pull_requests", "true"),
        ("per_page", "100"),
    ];
    let Some(listed) = r.list(&calls::RUNS, "", &query, |_| true).await?.filter(|l| l.whole) else { return Ok(()) };
    let runs: Vec<Told> = listed.rows.iter().filter_map(run).collect();
    let ended = listed.rows.iter().filter(|row| passed(row).is_some());
    let spans: Vec<(Timestamp, Timestamp)> =
        ended.filter_map(|row| Some((time(row, "/run_started_at")?, time(row, "/updated_at")?))).collect();
    r.say_green(calls::RUNS.path, &runs);
    r.measured(calls::RUNS.path, key::CHANGE_PIPELINE_MINUTES, median_minutes(&spans));
    Ok(())
}

fn passed(row: &Value) -> Option<bool> {
    match (text(row, "/status")?, text(row, "/conclusion")?) {
        ("completed", "success") => Some(true),
        ("completed", "failure" | "timed_out" | "startup_failure") => Some(false),
        _ => None,
    }
}

fn run(row: &Value) -> Option<Told> {
    Some(Told {
        revision: text(row, "/head_sha")?.to_owned(),
        pipeline: number(row, "/workflow_id")?.to_string(),
        at: time(row, "/run_started_at").or_else(|| time(row, "/created_at"))?,
        passed: passed(row),
    })
}

/// Whether CODEOWNERS exists, by the folders it may lie in: that the root can be listed proves the right to see them.
async fn owners(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let mut found = false;
    for folder in FOLDERS {
        let listed = if folder.is_empty() {
            r.get(&calls::FOLDER, folder, &[]).await?.map(Some)
        } else {
            r.get_if_any(&calls::FOLDER, folder, &[]).await?
        };
        let Some(listed) = listed else { return Ok(()) };
        let files = listed.as_ref().map(|l| rows(l, "")).unwrap_or_default();
        found |= files.iter().any(|f| text(f, "/name") == Some("CODEOWNERS") && text(f, "/type") == Some("file"));
    }
    r.set(calls::FOLDER.path, key::CODE_OWNERS_FILE, None, Some(Setting::Bool(found)));
    if found && let Some(errors) = r.get(&calls::OWNERS, "", &[]).await? {
        let count = errors.get("errors").and_then(Value::as_array).map(|e| Setting::Number(e.len() as f64));
        r.set(calls::OWNERS.path, key::CODE_OWNERS_ERRORS, None, count);
    }
    Ok(())
}

/// Who lets a deployment into each environment pass.
async fn gatekeepers(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let Some(listed) = r.list(&calls::ENVIRONMENTS, "", &[("per_page", "100")], |_| true).await? else { return Ok(()) };
    for environment in &listed.rows {
        let Some(name) = text(environment, "/name") else { continue };
        let of = |rule: &&Value| text(rule, "/type") == Some("required_reviewers");
        let reviewers =
            rows(environment, "/protection_rules").iter().find(of).map_or(0, |rule| rows(rule, "/reviewers").len());
        r.set(calls::ENVIRONMENTS.path, key::CHANGE_GATEKEEPERS, Some(name), Some(Setting::Number(reviewers as f64)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rules_and_protection_say_the_same_in_their_own_words() {
        let rules = json!([{"type": "deletion"},
            {"type": "pull_request", "parameters": {"required_approving_review_count": 1}},
            {"type": "pull_request", "parameters": {"required_approving_review_count": 2}},
            {"type": "required_status_checks", "parameters": {"required_status_checks": [{"context": "ci"}, {"context": "lint"}]}}]);
        let guard = of_rules(rules.as_array().expect("rules"));
        assert_eq!((guard.checks.len(), guard.approvals, guard.by_request), (2, 2, true));
        let protection = json!({"required_status_checks": {"contexts": ["ci"], "checks": [{"context": "ci"}]},
            "enforce_admins": {"enabled": false}});
        let guard = of_protection(&protection);
        assert_eq!(
            (guard.checks.len(), guard.approvals, guard.by_request, guard.administrators),
            (1, 0, false, Some(false))
        );
        assert_eq!(of_rules(&[]), Guard::default());
    }
}
