//! Part of the topic `repository`: approvals that a merge request needs. The rules belong to paid tiers: where GitLab refuses them
//! or knows no such page, how many are needed is unknown, and never none.

use super::{Known, calls};
use crate::Cancelled;
use crate::forge::{Reading, flag, matches, number, rows, text};
use crate::http::HttpError;
use loadline_model::{Value as Setting, key};
use serde_json::Value;

/// Most rows of one answer: more rules than that are not known whole.
const PAGE: usize = 100;
/// Rules of scans, which ask only those whose scan found something.
const OF_SCANS: &str = "report_approver";

/// Reads it.
pub(super) async fn read(r: &mut Reading<'_>, known: &Known) -> Result<(), Cancelled> {
    let Some(settings) = paid(r, &calls::APPROVALS, &[]).await? else { return Ok(()) };
    // Where an author may edit the rules of a merge request, they demand nothing.
    if flag(&settings, "/disable_overriding_approvers_per_merge_request") != Some(true) {
        return Ok(());
    }
    let Some(rules) = paid(r, &calls::APPROVAL_RULES, &[("per_page", "100")]).await? else { return Ok(()) };
    let rules = rules.as_array().filter(|rules| rules.len() < PAGE);
    let needed = rules.and_then(|rules| needed(rules, &known.branch)).map(|n| Setting::Number(n as f64));
    r.set(calls::APPROVAL_RULES.path, key::CHANGE_APPROVALS, None, needed);
    Ok(())
}

/// An answer of a paid tier; `None` where the tier does not have it, or the token may not see it: both look alike.
pub(super) async fn paid(
    r: &mut Reading<'_>,
    call: &crate::forge::Call,
    query: &[(&str, &str)],
) -> Result<Option<Value>, Cancelled> {
    Ok(match r.try_get(call, "", query).await? {
        Ok(answer) => Some(answer),
        Err(HttpError::Forbidden(_) | HttpError::NotFound) => None,
        Err(error) => {
            r.refused(call, &error);
            None
        }
    })
}

/// What the most demanding rule of this branch needs: one person's approval may count for several rules. `None` when a rule
/// does not say how many.
fn needed(rules: &[Value], branch: &str) -> Option<u64> {
    let names = |rule: &&Value| {
        let of = rows(rule, "/protected_branches");
        // A rule for all protected branches names them, and none where none is protected.
        let for_all = of.is_empty() && flag(rule, "/applies_to_all_protected_branches") != Some(true);
        for_all || of.iter().any(|b| text(b, "/name").is_some_and(|name| matches(name, branch)))
    };
    let always = |rule: &&Value| text(rule, "/rule_type") != Some(OF_SCANS);
    rules.iter().filter(always).filter(names).try_fold(0, |most: u64, rule| Some(most.max(demanded(rule)?)))
}

/// Approvals that a rule demands. GitLab itself approves for a rule that too few may approve ("Invalid rules", GitLab
/// documentation); members of hidden groups are not listed, so that it is unknown with them.
fn demanded(rule: &Value) -> Option<u64> {
    let needed = number(rule, "/approvals_required")?;
    let listed = rule.get("eligible_approvers").and_then(Value::as_array).map(|of| of.len() as u64);
    if text(rule, "/rule_type") == Some("any_approver") || listed.is_none_or(|listed| listed >= needed) {
        return Some(needed);
    }
    (flag(rule, "/contains_hidden_groups") != Some(true)).then_some(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_most_demanding_rule_of_the_branch_counts() {
        let rule = |needs: u64, branches: &[&str]| {
            let of: Vec<Value> = branches.iter().map(|name| json!({"id": 1, "name": name})).collect();
            json!({"id": 1, "name": "security", "rule_type": "regular", "approvals_required": needs, "protected_branches": of})
        };
        let check = |rules: &[Value], expected: Option<u64>| assert_eq!(needed(rules, "main"), expected, "{rules:?}");
        check(&[], Some(0));
        check(&[rule(1, &[]), rule(3, &["main"]), rule(5, &["release/*"])], Some(3));
        check(&[rule(2, &["ma*"])], Some(2));
        check(&[json!({"name": "no number"})], None);
        // By one of two, and perhaps by more whom this token does not see.
        let few = |hidden: bool| {
            let mut few = rule(2, &[]);
            few["eligible_approvers"] = json!([{"id": 1}]);
            few["contains_hidden_groups"] = json!(hidden);
            few
        };
        check(&[few(false)], Some(0));
        check(&[few(true)], None);
    }
}
