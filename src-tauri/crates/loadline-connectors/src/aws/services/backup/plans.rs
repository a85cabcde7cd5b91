//! Plans of AWS Backup: what each covers, when it runs, how long it keeps and where it copies to.

use super::selection::{Known, Selection, kinds};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::services::telling::{Tag, Telling, nested};
use crate::aws::shape::{list, opt_bool, opt_f64, opt_string};
use loadline_model::{Basis, SubjectId, Value, key};
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const PLANS: &Operation = operation("backup:ListBackupPlans");
pub(super) const PLAN: &Operation = operation("backup:GetBackupPlan");
pub(super) const SELECTIONS: &Operation = operation("backup:ListBackupSelections");
pub(super) const SELECTION: &Operation = operation("backup:GetBackupSelection");
pub(super) const SETTINGS: &Operation = operation("backup:DescribeRegionSettings");
pub(super) const TAGGED: &Operation = operation("tag:GetResources");

/// What is asked for by tags: the kinds that AWS Backup keeps and that are judged.
const TAGGED_KINDS: [&str; 8] = [
    "dynamodb:table",
    "ec2:instance",
    "ec2:volume",
    "elasticfilesystem:file-system",
    "rds:cluster",
    "rds:db",
    "redshift:cluster",
    "s3",
];
/// When a rule without a schedule runs (AWS Backup API Reference, "BackupRule").
const BY_DEFAULT: &str = "cron(0 5 ? * * *)";

/// A page of `ListBackupPlans` or `ListBackupSelections`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Listed {
    #[serde(deserialize_with = "list")]
    backup_plans_list: Vec<Named>,
    #[serde(deserialize_with = "list")]
    backup_selections_list: Vec<Named>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Named {
    #[serde(deserialize_with = "opt_string")]
    backup_plan_id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    selection_id: Option<String>,
}

/// The answer of `GetBackupPlan`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Told {
    #[serde(deserialize_with = "nested")]
    backup_plan: Plan,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Plan {
    #[serde(deserialize_with = "opt_string")]
    backup_plan_name: Option<String>,
    #[serde(deserialize_with = "list")]
    rules: Vec<Rule>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Rule {
    #[serde(deserialize_with = "opt_string")]
    rule_name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    schedule_expression: Option<String>,
    #[serde(deserialize_with = "nested")]
    lifecycle: Lifecycle,
    #[serde(deserialize_with = "list")]
    copy_actions: Vec<CopyAction>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Lifecycle {
    /// Missing or -1: kept for good.
    #[serde(deserialize_with = "opt_f64")]
    delete_after_days: Option<f64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct CopyAction {
    #[serde(deserialize_with = "opt_string")]
    destination_backup_vault_arn: Option<String>,
}

/// The answer of `GetBackupSelection`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Chosen {
    #[serde(deserialize_with = "nested")]
    backup_selection: Selection,
}

/// The answer of `DescribeRegionSettings`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Settings {
    #[serde(deserialize_with = "nested")]
    resource_type_opt_in_preference: BTreeMap<String, Taken>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(transparent)]
struct Taken(#[serde(deserialize_with = "opt_bool")] Option<bool>);

/// A page of `GetResources` (Resource Groups Tagging API Reference).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Tagged {
    #[serde(deserialize_with = "list")]
    resource_tag_mapping_list: Vec<Tags>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Tags {
    #[serde(rename = "ResourceARN", deserialize_with = "opt_string")]
    resource_arn: Option<String>,
    #[serde(deserialize_with = "list")]
    tags: Vec<Tag>,
}

/// Plans with what they choose, and what is known of the region's things.
#[derive(Debug, Default)]
pub(super) struct Planned {
    plans: Vec<(Plan, Vec<Selection>)>,
    known: Known,
}

/// Reads the plans; what only tags can tell is asked only where a plan goes by tags.
pub(super) async fn read(asking: &Asking<'_>, answer: &mut Answer) -> Planned {
    let listed: Pages<Listed> = asking.pages(PLANS, json!({}), answer).await;
    let ids: Vec<String> =
        listed.into_iter().flat_map(|p| p.backup_plans_list).filter_map(|p| p.backup_plan_id).collect();
    let ask = |id: &String| (id.clone(), json!({"backupPlanId": id}));
    let told: Vec<(String, Pages<Told>)> = asking.each(PLAN, ids.iter().map(ask).collect(), &[], answer).await;
    let chosen: Vec<(String, Pages<Listed>)> =
        asking.each(SELECTIONS, ids.iter().map(ask).collect(), &[], answer).await;
    let mut questions = Vec::new();
    for (plan, pages) in chosen {
        let found = pages.into_iter().flat_map(|p| p.backup_selections_list).filter_map(|s| s.selection_id);
        questions.extend(found.map(|s| (plan.clone(), json!({"backupPlanId": plan, "selectionId": s}))));
    }
    let chosen: Vec<(String, Pages<Chosen>)> = asking.each(SELECTION, questions, &[], answer).await;
    let mut of_plan: BTreeMap<String, Vec<Selection>> = BTreeMap::new();
    for (plan, pages) in chosen {
        of_plan.entry(plan).or_default().extend(pages.into_iter().map(|c| c.backup_selection));
    }
    let mut planned = Planned::default();
    if !of_plan.is_empty() {
        planned.known = known(asking, of_plan.values().flatten().any(Selection::needs_tags), answer).await;
    }
    for (id, pages) in told {
        let Some(plan) = pages.into_iter().next() else { continue };
        planned.plans.push((plan.backup_plan, of_plan.remove(&id).unwrap_or_default()));
    }
    planned
}

async fn known(asking: &Asking<'_>, by_tags: bool, answer: &mut Answer) -> Known {
    let settings: Pages<Settings> = asking.pages(SETTINGS, json!({}), answer).await;
    let taken = settings.into_iter().next().map(|s| {
        s.resource_type_opt_in_preference.into_iter().filter_map(|(kind, taken)| Some((kind, taken.0?))).collect()
    });
    if !by_tags {
        return Known { tags: None, taken };
    }
    let asked = json!({"ResourceTypeFilters": TAGGED_KINDS, "ResourcesPerPage": 100});
    let tagged: Pages<Tagged> = asking.pages(TAGGED, asked, answer).await;
    let complete = tagged.complete;
    let all = tagged.into_iter().flat_map(|p| p.resource_tag_mapping_list);
    let tags = all.filter_map(|t| Some((t.resource_arn?, t.tags))).collect();
    Known { tags: complete.then_some(tags), taken }
}

/// Says what the plans cover, of what they name, of what has tags, and of what was once kept (`kept`).
pub(super) fn say(t: &mut Telling<'_>, planned: &Planned, kept: &BTreeSet<&str>) {
    for (plan, selections) in planned.plans.iter().filter(|(plan, _)| !plan.rules.is_empty()) {
        let named = selections.iter().flat_map(|s| &s.resources).map(String::as_str).filter(|r| !r.contains('*'));
        let tagged = planned.known.tags.iter().flat_map(BTreeMap::keys).map(String::as_str);
        let all: BTreeSet<&str> = named.chain(tagged).chain(kept.iter().copied()).collect();
        for arn in all.into_iter().filter(|arn| !kinds(arn).is_empty()) {
            let said: Vec<Option<bool>> = selections.iter().map(|s| s.covers(arn, &planned.known)).collect();
            let subject = SubjectId::from(arn);
            t.call(SELECTION.name);
            if said.contains(&Some(true)) {
                t.flag(&subject, key::BACKUP_PLANNED, Some(true));
                plan.rules.iter().for_each(|rule| say_rule(t, &subject, plan, rule));
            } else if said.contains(&None) {
                t.set(&subject, Basis::Inferred, key::BACKUP_PLANNED, None, Some(Value::Bool(true)));
            }
        }
    }
}

fn say_rule(t: &mut Telling<'_>, subject: &SubjectId, plan: &Plan, rule: &Rule) {
    let names = [plan.backup_plan_name.as_deref(), rule.rule_name.as_deref()];
    let item = names.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let item = Some(item.as_str()).filter(|i| !i.is_empty()).or(Some("plan"));
    t.call(PLAN.name);
    let schedule = rule.schedule_expression.as_deref().unwrap_or(BY_DEFAULT).to_owned();
    t.set(subject, Basis::Configured, key::BACKUP_SCHEDULE, item, Some(Value::Text(schedule)));
    let days = rule.lifecycle.delete_after_days.filter(|days| *days > 0.0);
    t.set(subject, Basis::Configured, key::BACKUP_RETENTION_DAYS, item, days.map(Value::Number));
    let vaults = rule.copy_actions.iter().filter_map(|c| c.destination_backup_vault_arn.as_deref());
    let elsewhere: BTreeSet<String> = vaults.filter_map(|v| elsewhere(t, v)).collect();
    let elsewhere = elsewhere.into_iter().collect::<Vec<_>>().join("; ");
    let copied = Some(elsewhere).filter(|e| !e.is_empty());
    t.set(subject, Basis::Configured, key::BACKUP_COPIED_TO, item, copied.map(Value::Text));
}

/// Account and region of a vault that is not beside the data.
pub(super) fn elsewhere(t: &Telling<'_>, vault: &str) -> Option<String> {
    let mut parts = vault.split(':').skip(3);
    let (region, account) = (parts.next()?, parts.next()?);
    let beside = region == t.place.region && account == t.place.account;
    (!beside && !region.is_empty() && !account.is_empty()).then(|| format!("{account}, {region}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{check, parsed, said};
    use serde_json::Value as Json;

    const DB: &str = "arn:aws:rds:eu-west-1:111122223333:db:orders";
    const TABLE: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/carts";

    /// Shapes of the examples in "GetBackupPlan" and "GetBackupSelection", AWS Backup API Reference.
    fn read(selection: Json, known: Known, rules: Json, kept: &[&str]) -> Vec<String> {
        let told: Told =
            parsed(json!({"BackupPlanId": "1", "BackupPlanArn": "arn:aws:backup:eu-west-1:111122223333:backup-plan:1",
            "BackupPlan": {"BackupPlanName": "nightly", "Rules": rules}}));
        let chosen: Chosen =
            parsed(json!({"BackupPlanId": "1", "SelectionId": "2", "BackupSelection": selection, "CreationDate": 1.0}));
        let planned = Planned { plans: vec![(told.backup_plan, vec![chosen.backup_selection])], known };
        said(|t| say(t, &planned, &kept.iter().copied().collect()))
    }
    fn rule(vault: &str) -> Json {
        json!([{"RuleName": "daily", "RuleId": "1", "TargetBackupVaultName": "main", "ScheduleExpression": "cron(0 3 * * ? *)",
            "StartWindowMinutes": 480, "CompletionWindowMinutes": 10080, "Lifecycle": {"DeleteAfterDays": 35},
            "CopyActions": [{"DestinationBackupVaultArn": vault}]}])
    }
    const FAR: &str = "arn:aws:backup:eu-central-1:444455556666:backup-vault:safe";
    const NEAR: &str = "arn:aws:backup:eu-west-1:111122223333:backup-vault:other";

    #[test]
    fn a_named_thing_is_covered() {
        let named =
            || json!({"SelectionName": "data", "Resources": [DB], "IamRoleArn": "arn:aws:iam::111122223333:role/b"});
        let expected = [
            "rds:db:orders backup.planned = on",
            "rds:db:orders backup.schedule[nightly, daily] = cron(0 3 * * ? *)",
            "rds:db:orders backup.retention_days[nightly, daily] = 35",
            "rds:db:orders backup.copied_to[nightly, daily] = 444455556666, eu-central-1",
        ];
        assert_eq!(read(named(), Known::default(), rule(FAR), &[TABLE]), expected);
        check(&read(named(), Known::default(), rule(NEAR), &[]), &expected[..1], &["rds:db:orders backup.copied_to"]);
        let bare =
            read(named(), Known::default(), json!([{"RuleName": "daily", "Lifecycle": {"DeleteAfterDays": -1}}]), &[]);
        assert_eq!(bare[1..], ["rds:db:orders backup.schedule[nightly, daily] = cron(0 5 ? * * *)"]);
        assert!(read(named(), Known::default(), json!([]), &[DB]).is_empty(), "a plan that never runs");
    }

    #[test]
    fn tags_decide_only_where_they_are_known() {
        let by_tag = || {
            json!({"SelectionName": "data", "ListOfTags": [
                {"ConditionType": "STRINGEQUALS", "ConditionKey": "backup", "ConditionValue": "daily"}]})
        };
        let daily: Tagged = parsed(json!({"PaginationToken": "", "ResourceTagMappingList": [
            {"ResourceARN": TABLE, "Tags": [{"Key": "backup", "Value": "daily"}]}]}));
        let tags =
            daily.resource_tag_mapping_list.into_iter().filter_map(|t| Some((t.resource_arn?, t.tags))).collect();
        let settings: Settings = parsed(json!({"ResourceTypeOptInPreference": {"DynamoDB": true, "RDS": "maybe"}}));
        let taken = settings.resource_type_opt_in_preference.into_iter().filter_map(|(k, t)| Some((k, t.0?))).collect();
        let known = Known { tags: Some(tags), taken: Some(taken) };
        let lines = read(by_tag(), known, rule(NEAR), &[DB]);
        check(&lines, &["dynamodb:table/carts backup.planned = on"], &["rds:db:orders"]);
        let unread = read(by_tag(), Known::default(), rule(FAR), &[DB, "arn:aws:sqs:eu-west-1:111122223333:jobs"]);
        assert_eq!(unread, ["rds:db:orders backup.planned = on (inferred)"], "likely, and nothing more");
        assert!(read(json!(null), Known::default(), rule(FAR), &[]).is_empty());
    }
}
