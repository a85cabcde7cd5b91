//! Topic `repository`: what a change must pass before it lands.

use super::{Known, approvals, calls};
use crate::Cancelled;
use crate::forge::{Reading, Told, matches, median_minutes, number, rows, text, time};
use loadline_model::{Timestamp, Value as Setting, key};
use serde_json::Value;

/// Days of pipelines that are looked at.
const RUN_DAYS: i64 = 28;
/// Where GitLab looks for CODEOWNERS.
const FOLDERS: [&str; 3] = ["", "docs", ".gitlab"];

/// Reads the topic.
pub(super) async fn read(r: &mut Reading<'_>, known: &Known) -> Result<(), Cancelled> {
    let gate = known.gated.map(|gated| Setting::Number(f64::from(u8::from(gated))));
    r.set(calls::PROJECT.path, key::CHANGE_CHECKS, None, gate);
    if known.gated == Some(true) {
        // Nobody may merge past it ("Auto-merge: require a successful pipeline for merge").
        r.say_checks(calls::PROJECT.path, ["pipeline"]);
        r.set(calls::PROJECT.path, key::CHANGE_BINDS_ADMINISTRATORS, None, Some(Setting::Bool(true)));
    }
    // `only_allow_merge_if_pipeline_succeeds` says nothing of pushes.
    let pushes = known.gated.map(|_| Setting::Bool(false));
    r.set(calls::PROJECT.path, key::CHANGE_CHECKS_BIND_PUSHES, None, pushes);
    protection(r, known).await?;
    approvals::read(r, known).await?;
    pipelines(r, known).await?;
    owners(r, known).await
}

async fn protection(r: &mut Reading<'_>, known: &Known) -> Result<(), Cancelled> {
    let listed = r.list(&calls::BRANCHES, "", &[("per_page", "100")], |_| true).await?;
    let Some(listed) = listed.filter(|l| l.whole) else { return Ok(()) };
    let by_request = by_request(&listed.rows, &known.branch);
    r.set(calls::BRANCHES.path, key::CHANGE_BY_REQUEST, None, Some(Setting::Bool(by_request)));
    Ok(())
}

/// Nobody may push: the branch is protected, and of every rule that names it no level is above "no one" (0).
fn by_request(branches: &[Value], branch: &str) -> bool {
    let names = |row: &&Value| text(row, "/name").is_some_and(|name| matches(name, branch));
    let mut rules = branches.iter().filter(names).peekable();
    let nobody = |row: &Value| {
        let levels = rows(row, "/push_access_levels");
        !levels.is_empty() && levels.iter().all(|l| number(l, "/access_level") == Some(0))
    };
    rules.peek().is_some() && rules.all(nobody)
}

/// How pipelines for pushes to the default branch ended, and how long they took with their waiting.
async fn pipelines(r: &mut Reading<'_>, known: &Known) -> Result<(), Cancelled> {
    let since = r.visit.window.now.plus_days(-RUN_DAYS).to_string();
    let query =
        [("ref", known.branch.as_str()), ("source", "push"), ("updated_after", since.as_str()), ("per_page", "100")];
    let Some(listed) = r.list(&calls::PIPELINES, "", &query, |_| true).await?.filter(|l| l.whole) else {
        return Ok(());
    };
    let runs: Vec<Told> = listed.rows.iter().filter_map(run).collect();
    let ended = listed.rows.iter().filter(|row| passed(row).is_some());
    let spans: Vec<(Timestamp, Timestamp)> =
        ended.filter_map(|row| Some((time(row, "/created_at")?, time(row, "/updated_at")?))).collect();
    r.say_green(calls::PIPELINES.path, &runs);
    r.measured(calls::PIPELINES.path, key::CHANGE_PIPELINE_MINUTES, median_minutes(&spans));
    Ok(())
}

fn passed(row: &Value) -> Option<bool> {
    match text(row, "/status")? {
        "success" => Some(true),
        "failed" => Some(false),
        _ => None,
    }
}

fn run(row: &Value) -> Option<Told> {
    Some(Told {
        revision: text(row, "/sha")?.to_owned(),
        pipeline: String::new(),
        at: time(row, "/created_at")?,
        passed: passed(row),
    })
}

/// Whether CODEOWNERS exists, by the folders it may lie in: that the root can be listed proves the right to see them.
async fn owners(r: &mut Reading<'_>, known: &Known) -> Result<(), Cancelled> {
    let is_file = |row: &Value| text(row, "/name") == Some("CODEOWNERS") && text(row, "/type") == Some("blob");
    let mut found = false;
    for folder in FOLDERS {
        let query = [("path", folder), ("ref", known.branch.as_str()), ("per_page", "100")];
        if folder.is_empty() {
            let Some(listed) = r.list(&calls::FOLDER, "", &query, |_| true).await? else { return Ok(()) };
            found |= listed.rows.iter().any(is_file);
            if !listed.whole && !found {
                return Ok(());
            }
        } else {
            let Some(listed) = r.get_if_any(&calls::FOLDER, "", &query).await? else { return Ok(()) };
            let files = listed.as_ref().map(|l| rows(l, "")).unwrap_or_default();
            found |= files.iter().any(is_file);
            if files.len() >= 100 && !found {
                return Ok(());
            }
        }
    }
    r.set(calls::FOLDER.path, key::CODE_OWNERS_FILE, None, Some(Setting::Bool(found)));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nobody_pushes_only_where_every_rule_says_so() {
        let rule = |name: &str, levels: &[u64]| {
            let levels: Vec<Value> = levels.iter().map(|l| json!({"access_level": l})).collect();
            json!({"name": name, "push_access_levels": levels})
        };
        let check = |rules: &[Value], expected: bool| assert_eq!(by_request(rules, "main"), expected, "{rules:?}");
        check(&[], false);
        check(&[rule("main", &[0])], true);
        check(&[rule("main", &[40])], false);
        check(&[rule("main", &[])], false);
        check(&[rule("main", &[0]), rule("m*", &[30])], false);
        check(&[rule("release/*", &[0])], false);
        check(&[rule("*", &[0])], true);
        for (pattern, expected) in
            [("m*n", true), ("*a*", true), ("ma*ain", false), ("m*x*", false), ("*", true), ("", false)]
        {
            assert_eq!(matches(pattern, "main"), expected, "{pattern}");
        }
    }
}
