//! What makes a scaler act, in the model's words: the metric that its policy follows, or that of the alarm which starts
//! it.

use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::services::telling::batches;
use crate::aws::shape::{list, opt_string};
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const ALARMS: &Operation = operation("cloudwatch:DescribeAlarms");
/// Names that one request may hold.
const AT_ONCE: usize = 100;

/// Signals by the name of the alarm that shows them.
pub(super) type Signals = BTreeMap<String, &'static str>;

/// A page of `DescribeAlarms` (Amazon CloudWatch API Reference, version 2010-08-01).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Alarms {
    #[serde(deserialize_with = "list")]
    metric_alarms: Vec<Alarm>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Alarm {
    #[serde(deserialize_with = "opt_string")]
    alarm_name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    namespace: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    metric_name: Option<String>,
}

/// An alarm that a policy names.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Named {
    #[serde(deserialize_with = "opt_string")]
    pub alarm_name: Option<String>,
}

/// The signal of a metric, when it is one of the model's.
pub(super) fn of_metric(namespace: &str, name: &str) -> Option<&'static str> {
    match (namespace, name) {
        ("AWS/EC2" | "AWS/ECS", "CPUUtilization") => Some("cpu"),
        ("AWS/ApplicationELB", "RequestCountPerTarget" | "RequestCount") => Some("requests"),
        ("AWS/ApplicationELB", "TargetResponseTime") => Some("latency"),
        _ => None,
    }
}

/// Reads what these alarms watch.
pub(super) async fn of_alarms(asking: &Asking<'_>, names: BTreeSet<String>, answer: &mut Answer) -> Signals {
    let names: Vec<String> = names.into_iter().collect();
    let mut signals = Signals::new();
    for some in batches(&names, AT_ONCE) {
        let pages: Pages<Alarms> = asking.pages(ALARMS, json!({"AlarmNames": some}), answer).await;
        signals.extend(pages.pages.into_iter().flat_map(|p| p.metric_alarms).filter_map(watched));
    }
    signals
}

fn watched(alarm: Alarm) -> Option<(String, &'static str)> {
    let signal = of_metric(alarm.namespace.as_deref()?, alarm.metric_name.as_deref()?)?;
    Some((alarm.alarm_name?, signal))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::parsed;

    /// Shape of the example in "DescribeAlarms", Amazon CloudWatch API Reference 2010-08-01.
    #[test]
    fn alarms_show_signals() {
        let watches = |namespace: &str, metric: &str| {
            let page: Alarms =
                parsed(json!({"MetricAlarms": [{"AlarmName": "high", "Namespace": namespace, "MetricName": metric,
                "Threshold": "75.0", "ComparisonOperator": "GreaterThanThreshold", "Dimensions": ""}]}));
            page.metric_alarms.into_iter().find_map(watched).map(|(_, signal)| signal)
        };
        assert_eq!(watches("AWS/EC2", "CPUUtilization"), Some("cpu"));
        assert_eq!(watches("AWS/ApplicationELB", "TargetResponseTime"), Some("latency"));
        assert_eq!(watches("AWS/ApplicationELB", "RequestCount"), Some("requests"));
        assert_eq!(watches("AWS/SQS", "ApproximateNumberOfMessagesVisible"), None);
        assert_eq!(watches("", ""), None, "an expression over several metrics");
    }
}
