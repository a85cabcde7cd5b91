//! How the throughput of a table and of its indexes is bought, and what scales it.

use super::{TABLE, Table};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::services::telling::{Telling, nested};
use crate::aws::shape::{list, opt_f64, opt_string};
use loadline_model::{Basis, SubjectId, Value, key};
use serde::Deserialize;
use serde_json::json;

pub(super) const TARGETS: &Operation = operation("application-autoscaling:DescribeScalableTargets");
pub(super) const POLICIES: &Operation = operation("application-autoscaling:DescribeScalingPolicies");

/// How a table is paid for; missing where that was never changed from provisioned.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Paid {
    /// `PROVISIONED` or `PAY_PER_REQUEST`.
    #[serde(deserialize_with = "opt_string")]
    billing_mode: Option<String>,
}

/// Capacity units a second; 0 where they are paid by request.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Throughput {
    #[serde(deserialize_with = "opt_f64")]
    read_capacity_units: Option<f64>,
    #[serde(deserialize_with = "opt_f64")]
    write_capacity_units: Option<f64>,
}

/// A page of `DescribeScalableTargets` or `DescribeScalingPolicies` (Application Auto Scaling API Reference).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Page {
    #[serde(deserialize_with = "list")]
    scalable_targets: Vec<Target>,
    #[serde(deserialize_with = "list")]
    scaling_policies: Vec<Target>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Target {
    /// `table/NAME` or `table/NAME/index/INDEX`.
    #[serde(deserialize_with = "opt_string")]
    resource_id: Option<String>,
    /// `dynamodb:table:ReadCapacityUnits` and the like.
    #[serde(deserialize_with = "opt_string")]
    scalable_dimension: Option<String>,
    #[serde(deserialize_with = "opt_f64")]
    min_capacity: Option<f64>,
    #[serde(deserialize_with = "opt_f64")]
    max_capacity: Option<f64>,
    #[serde(rename = "TargetTrackingScalingPolicyConfiguration", deserialize_with = "nested")]
    tracking: Tracking,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Tracking {
    /// Per cent of what is bought.
    #[serde(deserialize_with = "opt_f64")]
    target_value: Option<f64>,
}

/// What scales the tables of a region; `None` where it could not be read completely.
#[derive(Debug, Default)]
pub(super) struct Scaled {
    targets: Option<Vec<Target>>,
    policies: Option<Vec<Target>>,
}

impl Scaled {
    /// Asked only where a table's throughput is bought beforehand.
    pub(super) async fn read(asking: &Asking<'_>, provisioned: bool, answer: &mut Answer) -> Self {
        if !provisioned {
            return Self::default();
        }
        let namespace = json!({"ServiceNamespace": "dynamodb"});
        let targets: Pages<Page> = asking.pages(TARGETS, namespace.clone(), answer).await;
        let complete = targets.complete;
        let targets: Vec<Target> = targets.into_iter().flat_map(|p| p.scalable_targets).collect();
        let mut policies = None;
        if !targets.is_empty() {
            let pages: Pages<Page> = asking.pages(POLICIES, namespace, answer).await;
            policies = pages.complete.then(|| pages.into_iter().flat_map(|p| p.scaling_policies).collect());
        }
        Self { targets: complete.then_some(targets), policies }
    }
}

impl Table {
    fn mode(&self) -> Option<&'static str> {
        let bought = |t: &Throughput| t.read_capacity_units.is_some_and(|units| units > 0.0);
        match self.billing_mode_summary.billing_mode.as_deref() {
            Some("PAY_PER_REQUEST") => Some("on_demand"),
            Some("PROVISIONED") => Some("provisioned"),
            None if bought(&self.provisioned_throughput) => Some("provisioned"),
            _ => None,
        }
    }
    pub(super) fn is_provisioned(&self) -> bool {
        self.mode() == Some("provisioned")
    }
}

/// Says how a table's throughput is bought and what scales it.
pub(super) fn say(t: &mut Telling<'_>, table: &Table, scaled: &Scaled) {
    let (Some(arn), Some(name)) = (table.table_arn.as_deref(), table.table_name.as_deref()) else { return };
    let subject = SubjectId::from(arn);
    t.call(TABLE.name).text(&subject, key::THROUGHPUT_MODE, table.mode());
    if !table.is_provisioned() {
        return;
    }
    let whole = (None, &table.provisioned_throughput);
    let parts = table.global_secondary_indexes.iter();
    let parts = parts.filter_map(|i| Some((Some(i.index_name.as_deref()?), &i.provisioned_throughput)));
    for (index, bought) in std::iter::once(whole).chain(parts) {
        for (word, dimension, units) in [
            ("read", "ReadCapacityUnits", bought.read_capacity_units),
            ("write", "WriteCapacityUnits", bought.write_capacity_units),
        ] {
            let (item, id) = match index {
                None => (word.to_owned(), format!("table/{name}")),
                Some(index) => (format!("{word} {index}"), format!("table/{name}/index/{index}")),
            };
            let number = |t: &mut Telling<'_>, key: &str, value: Option<f64>| {
                t.set(&subject, Basis::Configured, key, Some(&item), value.map(Value::Number));
            };
            t.call(TABLE.name);
            number(t, key::THROUGHPUT, units);
            let Some(targets) = &scaled.targets else { continue };
            let same = |t: &&Target| {
                let of = t.scalable_dimension.as_deref().and_then(|d| d.rsplit(':').next());
                t.resource_id.as_deref() == Some(&id) && of == Some(dimension)
            };
            t.call(TARGETS.name);
            let Some(target) = targets.iter().find(same) else {
                t.set(&subject, Basis::Configured, key::THROUGHPUT_SCALES, Some(&item), Some(Value::Bool(false)));
                continue;
            };
            number(t, key::THROUGHPUT_MINIMUM, target.min_capacity);
            number(t, key::THROUGHPUT_MAXIMUM, target.max_capacity);
            let Some(policies) = &scaled.policies else { continue };
            let mut own = policies.iter().filter(same).peekable();
            t.call(POLICIES.name);
            // A target without a policy may still be scaled at fixed times.
            let scales = own.peek().is_some().then_some(Value::Bool(true));
            t.set(&subject, Basis::Configured, key::THROUGHPUT_SCALES, Some(&item), scales);
            number(t, key::SCALING_TARGET, own.find_map(|p| p.tracking.target_value).map(|percent| percent / 100.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Described;
    use super::*;
    use crate::aws::services::testing::{check, parsed, said};
    use serde_json::Value as Json;

    const IT: &str = "dynamodb:table/carts";

    /// Shapes of the examples in "DescribeTable", Amazon DynamoDB API Reference, and "DescribeScalableTargets" and
    /// "DescribeScalingPolicies", Application Auto Scaling API Reference.
    fn read(paid: Json, units: u64, scaled: &Scaled) -> Vec<String> {
        let bought = json!({"ReadCapacityUnits": units, "WriteCapacityUnits": units, "NumberOfDecreasesToday": 0});
        let table: Described =
            parsed(json!({"Table": {"TableArn": "arn:aws:dynamodb:eu-west-1:111122223333:table/carts",
            "TableName": "carts", "BillingModeSummary": paid, "ProvisionedThroughput": bought,
            "GlobalSecondaryIndexes": [{"IndexName": "by-user", "ProvisionedThroughput": bought}]}}));
        said(|t| say(t, &table.table, scaled))
    }
    fn scaled(policies: Json) -> Scaled {
        let target = |id: &str, dimension: &str| {
            json!({"ServiceNamespace": "dynamodb", "ResourceId": id, "ScalableDimension": dimension, "MinCapacity": 5,
                "MaxCapacity": 40, "RoleARN": "arn:aws:iam::111122223333:role/r"})
        };
        let page: Page = parsed(json!({"ScalingPolicies": policies, "ScalableTargets": [
            target("table/carts", "dynamodb:table:ReadCapacityUnits"),
            target("table/carts/index/by-user", "dynamodb:index:WriteCapacityUnits"),
            target("table/other", "dynamodb:table:WriteCapacityUnits")]}));
        Scaled { targets: Some(page.scalable_targets), policies: Some(page.scaling_policies) }
    }

    #[test]
    fn bought_throughput_and_its_bounds() {
        let policies = json!([{"PolicyName": "p", "ResourceId": "table/carts", "PolicyType": "TargetTrackingScaling",
            "ScalableDimension": "dynamodb:table:ReadCapacityUnits", "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 70.0, "PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"}}}]);
        let expected = [
            format!("{IT} capacity.throughput_mode = provisioned"),
            format!("{IT} capacity.throughput[read] = 10"),
            format!("{IT} capacity.throughput_minimum[read] = 5"),
            format!("{IT} capacity.throughput_maximum[read] = 40"),
            format!("{IT} capacity.throughput_scales[read] = on"),
            format!("{IT} scaling.target[read] = 0.7"),
            format!("{IT} capacity.throughput_scales[write] = off"),
            format!("{IT} capacity.throughput_maximum[write by-user] = 40"),
        ];
        let never = [
            format!("{IT} capacity.throughput_maximum[write] "),
            format!("{IT} capacity.throughput_scales[write by-user]"),
        ];
        let lines = read(Json::Null, 10, &scaled(policies));
        check(&lines, &expected.each_ref().map(String::as_str), &never.each_ref().map(String::as_str));
    }

    #[test]
    fn on_demand_and_what_is_not_known() {
        let on_demand = read(json!({"BillingMode": "PAY_PER_REQUEST"}), 0, &Scaled::default());
        assert_eq!(on_demand, [format!("{IT} capacity.throughput_mode = on_demand")]);
        assert!(read(Json::Null, 0, &Scaled::default()).is_empty());
        let unread = read(json!({"BillingMode": "PROVISIONED"}), 10, &Scaled::default());
        check(
            &unread,
            &[&format!("{IT} capacity.throughput[write] = 10")],
            &[&format!("{IT} capacity.throughput_scales")],
        );
    }
}
