//! Whom alert conditions tell: workflows send the issues that their filter lets through to destinations.

use super::reading::text;
use serde_json::Value;

/// Destinations that wake people (workflows' destination types).
const PAGERS: &str = "PAGERDUTY";
/// Destinations that write where people look later. Of others, such as webhooks, it is not known what stands behind them.
const SILENT: [&str; 7] = ["EMAIL", "SLACK", "JIRA", "SERVICE_NOW", "SERVICENOW", "MICROSOFT_TEAMS", "EVENT_BRIDGE"];

/// A condition as far as filters ask for it.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked<'a> {
    /// Id of its policy.
    pub policy: &'a str,
    /// Name of its policy, when it is known.
    pub policy_name: Option<&'a str>,
    /// Its own name.
    pub name: &'a str,
    /// It has a term of the priority CRITICAL.
    pub critical: bool,
}

/// Whom a condition tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Receivers {
    /// Anybody.
    pub anyone: Option<bool>,
    /// Somebody who is woken.
    pub pages: Option<bool>,
}

/// Whom all workflows together tell. `whole`: there are no other workflows.
pub(super) fn receivers(workflows: &[Value], whole: bool, asked: &Asked<'_>) -> Receivers {
    let mut told = Receivers { anyone: Some(false), pages: Some(false) };
    if !whole {
        told = Receivers { anyone: None, pages: None };
    }
    for workflow in workflows.iter().filter(|w| is_on(w)) {
        let passes = passes(workflow, asked);
        for pages in destinations(workflow) {
            told.anyone = either(told.anyone, passes);
            told.pages = either(told.pages, both(passes, pages));
        }
    }
    told
}

/// It sends messages at all.
fn is_on(workflow: &Value) -> bool {
    let off = |key: &str| workflow.get(key).and_then(Value::as_bool) == Some(false);
    !off("workflowEnabled") && !off("destinationsEnabled")
}

/// For each destination that hears of new issues: whether it wakes somebody.
fn destinations(workflow: &Value) -> impl Iterator<Item = Option<bool>> {
    let all = workflow.get("destinationConfigurations").and_then(Value::as_array).into_iter().flatten();
    let hears = |d: &&Value| match d.get("notificationTriggers").and_then(Value::as_array) {
        Some(triggers) => triggers.iter().any(|t| t.as_str() == Some("ACTIVATED")),
        None => true,
    };
    all.filter(hears).map(|d| {
        let kind = text(d, "/type").unwrap_or_default();
        match () {
            () if kind.starts_with(PAGERS) => Some(true),
            () if SILENT.iter().any(|s| kind.starts_with(s)) => Some(false),
            () => None,
        }
    })
}

/// The issue of a condition passes every predicate of the filter; `None` when that depends on what only an issue shows.
fn passes(workflow: &Value, asked: &Asked<'_>) -> Option<bool> {
    let predicates = workflow.pointer("/issuesFilter/predicates").and_then(Value::as_array);
    let held: Vec<Option<bool>> = predicates?.iter().map(|predicate| holds(predicate, asked)).collect();
    match () {
        () if held.contains(&Some(false)) => Some(false),
        () if held.contains(&None) => None,
        () => Some(true),
    }
}

fn holds(predicate: &Value, asked: &Asked<'_>) -> Option<bool> {
    let values: Vec<&str> =
        predicate.get("values").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let own = match text(predicate, "/attribute")? {
        "labels.policyIds" => asked.policy,
        "accumulations.policyName" => asked.policy_name?,
        "accumulations.conditionName" => asked.name,
        // A critical term opens critical issues; what is not critical may become so.
        "priority" if asked.critical && values.contains(&"CRITICAL") => return Some(true),
        _ => return None,
    };
    match text(predicate, "/operator")? {
        "EXACTLY_MATCHES" | "EQUAL" => Some(values.contains(&own)),
        "DOES_NOT_EXACTLY_MATCH" | "DOES_NOT_EQUAL" => Some(!values.contains(&own)),
        "CONTAINS" => Some(values.iter().any(|v| own.contains(v))),
        "DOES_NOT_CONTAIN" => Some(!values.iter().any(|v| own.contains(v))),
        "STARTS_WITH" => Some(values.iter().any(|v| own.starts_with(v))),
        "ENDS_WITH" => Some(values.iter().any(|v| own.ends_with(v))),
        _ => None,
    }
}

fn both(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn either(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Form of "NerdGraph tutorial: Workflows API".
    fn workflow(predicates: &Value, kind: &str, on: bool) -> Value {
        json!({"id": "1", "name": "API Demo Workflow", "workflowEnabled": on, "destinationsEnabled": true,
            "destinationConfigurations": [{"channelId": "2", "name": "x", "type": kind,
                "notificationTriggers": ["ACTIVATED", "CLOSED"]}],
            "issuesFilter": {"predicates": predicates}})
    }

    fn of_policy(ids: &[&str]) -> Value {
        json!([{"attribute": "labels.policyIds", "operator": "EXACTLY_MATCHES", "values": ids}])
    }

    fn check(workflows: &[Value], whole: bool, anyone: Option<bool>, pages: Option<bool>) {
        let asked = Asked { policy: "42", policy_name: Some("Golden signals"), name: "slow", critical: true };
        let found = receivers(workflows, whole, &asked);
        assert_eq!(found, Receivers { anyone, pages }, "{workflows:?}");
    }

    #[test]
    fn filters_are_followed_where_they_can_be() {
        let (t, f) = (Some(true), Some(false));
        check(&[], true, f, f);
        check(&[], false, None, None);
        check(&[workflow(&of_policy(&["42"]), "PAGERDUTY_SERVICE_INTEGRATION", true)], true, t, t);
        check(&[workflow(&of_policy(&["42"]), "PAGERDUTY_SERVICE_INTEGRATION", true)], false, t, t);
        check(&[workflow(&of_policy(&["7"]), "PAGERDUTY_SERVICE_INTEGRATION", true)], true, f, f);
        check(&[workflow(&of_policy(&["42"]), "PAGERDUTY_SERVICE_INTEGRATION", false)], true, f, f);
        check(&[workflow(&json!([]), "SLACK", true)], true, t, f);
        check(&[workflow(&json!([]), "WEBHOOK", true)], true, t, None);
        let team =
            json!([{"attribute": "accumulations.tag.team", "operator": "EXACTLY_MATCHES", "values": ["security"]}]);
        check(&[workflow(&team, "PAGERDUTY_ACCOUNT_INTEGRATION", true)], true, None, None);
        check(&[workflow(&team, "EMAIL", true)], true, None, f);
        let named = json!([{"attribute": "accumulations.policyName", "operator": "CONTAINS", "values": ["Golden"]},
            {"attribute": "priority", "operator": "EQUAL", "values": ["CRITICAL"]}]);
        check(&[workflow(&named, "PAGERDUTY_ACCOUNT_INTEGRATION", true)], true, t, t);
    }

    #[test]
    fn who_hears_only_of_the_end_is_not_woken() {
        let mut one = workflow(&of_policy(&["42"]), "PAGERDUTY_SERVICE_INTEGRATION", true);
        one["destinationConfigurations"][0]["notificationTriggers"] = json!(["CLOSED"]);
        check(&[one], true, Some(false), Some(false));
    }
}
