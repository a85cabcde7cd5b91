//! Restore tests of AWS Backup: which things are restored by a schedule. That one worked shows among the restore jobs.

use super::selection::{fits, kinds};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::services::telling::{Telling, nested};
use crate::aws::shape::{list, opt_string};
use loadline_model::{Basis, SubjectId, Value, key};
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const PLANS: &Operation = operation("backup:ListRestoreTestingPlans");
pub(super) const SELECTIONS: &Operation = operation("backup:ListRestoreTestingSelections");
pub(super) const SELECTION: &Operation = operation("backup:GetRestoreTestingSelection");

/// A page of either list (AWS Backup API Reference).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Listed {
    #[serde(deserialize_with = "list")]
    restore_testing_plans: Vec<Plan>,
    #[serde(deserialize_with = "list")]
    restore_testing_selections: Vec<Named>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Plan {
    #[serde(deserialize_with = "opt_string")]
    restore_testing_plan_name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    schedule_expression: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Named {
    #[serde(deserialize_with = "opt_string")]
    restore_testing_selection_name: Option<String>,
}

/// The answer of `GetRestoreTestingSelection`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Told {
    #[serde(deserialize_with = "nested")]
    restore_testing_selection: Selection,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Selection {
    /// ARNs, or `*` alone.
    #[serde(deserialize_with = "list")]
    protected_resource_arns: Vec<String>,
    /// `RDS`, `EBS`, …
    #[serde(deserialize_with = "opt_string")]
    protected_resource_type: Option<String>,
    #[serde(deserialize_with = "nested")]
    protected_resource_conditions: BTreeMap<String, serde_json::Value>,
}

/// Schedules, by the name of their plan, with what they restore.
#[derive(Debug, Default)]
pub(super) struct Drills {
    all: Vec<(String, String, Selection)>,
}

/// Reads the plans and what each restores.
pub(super) async fn read(asking: &Asking<'_>, answer: &mut Answer) -> Drills {
    let listed: Pages<Listed> = asking.pages(PLANS, json!({}), answer).await;
    let plans = listed.into_iter().flat_map(|p| p.restore_testing_plans);
    let plans: BTreeMap<String, String> =
        plans.filter_map(|p| Some((p.restore_testing_plan_name?, p.schedule_expression?))).collect();
    let ask = |name: &String| (name.clone(), json!({"RestoreTestingPlanName": name}));
    let named: Vec<(String, Pages<Listed>)> =
        asking.each(SELECTIONS, plans.keys().map(ask).collect(), &[], answer).await;
    let mut questions = Vec::new();
    for (plan, pages) in named {
        let found = pages.into_iter().flat_map(|p| p.restore_testing_selections);
        questions.extend(
            found.filter_map(|s| s.restore_testing_selection_name).map(|name| {
                (plan.clone(), json!({"RestoreTestingPlanName": plan, "RestoreTestingSelectionName": name}))
            }),
        );
    }
    let told: Vec<(String, Pages<Told>)> = asking.each(SELECTION, questions, &[], answer).await;
    let mut drills = Drills::default();
    for (plan, pages) in told {
        let Some(schedule) = plans.get(&plan) else { continue };
        let each = pages.into_iter().map(|told| (plan.clone(), schedule.clone(), told.restore_testing_selection));
        drills.all.extend(each);
    }
    drills
}

/// Says which things are restored by a schedule: those named, and of all of a kind those that were once kept.
pub(super) fn say(t: &mut Telling<'_>, drills: &Drills, kept: &BTreeSet<&str>) {
    t.call(SELECTION.name);
    for (plan, schedule, selection) in &drills.all {
        // Conditions go by tags of that time; what they leave out is not known.
        if selection.protected_resource_conditions.values().any(|c| c.as_array().is_some_and(|c| !c.is_empty())) {
            continue;
        }
        let of_kind = |arn: &&str| match (kinds(arn), selection.protected_resource_type.as_deref()) {
            ([one], Some(kind)) => one.eq_ignore_ascii_case(kind),
            _ => false,
        };
        let patterns = &selection.protected_resource_arns;
        let named = patterns.iter().map(String::as_str).filter(|arn| !arn.contains('*'));
        let every = kept.iter().copied().filter(of_kind).filter(|arn| patterns.iter().any(|p| fits(p, arn)));
        for arn in named.chain(every).collect::<BTreeSet<_>>() {
            let value = Some(Value::Text(schedule.clone()));
            t.set(&SubjectId::from(arn), Basis::Configured, key::RESTORE_TEST_SCHEDULE, Some(plan), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{parsed, said};
    use serde_json::Value as Json;

    const DB: &str = "arn:aws:rds:eu-west-1:111122223333:db:orders";
    const TABLE: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/carts";

    /// Shape of "GetRestoreTestingSelection", AWS Backup API Reference.
    fn read(arns: Json, conditions: Json) -> Vec<String> {
        let told: Told = parsed(
            json!({"RestoreTestingSelection": {"RestoreTestingPlanName": "weekly", "ProtectedResourceType": "RDS",
            "RestoreTestingSelectionName": "data", "ProtectedResourceArns": arns, "ProtectedResourceConditions": conditions,
            "ValidationWindowHours": 4}}),
        );
        let all = vec![("weekly".to_owned(), "cron(0 7 ? * 1 *)".to_owned(), told.restore_testing_selection)];
        said(|t| say(t, &Drills { all }, &[DB, TABLE].into()))
    }

    #[test]
    fn what_is_restored_by_a_schedule() {
        let line = "rds:db:orders restore.test_schedule[weekly] = cron(0 7 ? * 1 *)";
        assert_eq!(read(json!([DB]), json!({})), [line]);
        assert_eq!(read(json!(["*"]), json!({"StringEquals": []})), [line], "everything of its kind");
        let some = json!({"StringEquals": [{"Key": "aws:ResourceTag/drill", "Value": "yes"}]});
        assert!(read(json!(["*"]), some).is_empty());
        assert!(read(json!([]), Json::Null).is_empty());
    }
}
