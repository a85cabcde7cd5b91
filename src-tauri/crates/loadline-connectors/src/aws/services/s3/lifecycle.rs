//! How long a bucket keeps what was overwritten or deleted: the rules of its lifecycle.

use crate::aws::services::telling::nested;
use crate::aws::shape::{flat_list, opt_string, opt_u64};
use serde::Deserialize;
use serde_json::Value;

/// The answer of `GetBucketLifecycleConfiguration`; without rules where there is none.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Lifecycle {
    #[serde(rename = "Rule", deserialize_with = "flat_list")]
    rules: Vec<Rule>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Rule {
    #[serde(deserialize_with = "opt_string")]
    status: Option<String>,
    /// Which objects; the older form is the prefix alone. Empty or missing: all.
    filter: Value,
    prefix: Value,
    #[serde(deserialize_with = "nested")]
    noncurrent_version_expiration: Expiration,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Expiration {
    #[serde(deserialize_with = "opt_u64")]
    noncurrent_days: Option<u64>,
}

impl Lifecycle {
    /// Days for which replaced versions are kept, by the hastiest rule; `None` where some are kept for good.
    pub(super) fn days_kept(&self) -> Option<u64> {
        let on = self.rules.iter().filter(|r| r.status.as_deref() == Some("Enabled"));
        let ends: Vec<(bool, u64)> = on
            .filter_map(|r| {
                let days = r.noncurrent_version_expiration.noncurrent_days?;
                Some((is_empty(&r.filter) && is_empty(&r.prefix), days))
            })
            .collect();
        ends.iter().any(|(all, _)| *all).then(|| ends.iter().map(|(_, days)| *days).min()).flatten()
    }
}

/// No element, an empty one, or only empty ones in it.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Object(fields) => fields.values().all(is_empty),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::parsed;
    use serde_json::json;

    /// Shape of the examples in "GetBucketLifecycleConfiguration", Amazon S3 API Reference 2006-03-01.
    #[test]
    fn the_hastiest_rule_counts_once_all_versions_end() {
        let rule = |filter: Value, days: u64, status: &str| json!({"ID": "1", "Status": status, "Filter": filter, "NoncurrentVersionExpiration": {"NoncurrentDays": days.to_string()}});
        let check = |rules: Value, expected: Option<u64>| {
            assert_eq!(parsed::<Lifecycle>(json!({"Rule": rules})).days_kept(), expected, "{rules}");
        };
        check(rule(json!({"Prefix": ""}), 30, "Enabled"), Some(30));
        check(rule(json!(""), 30, "Enabled"), Some(30));
        check(rule(json!({"Prefix": "logs/"}), 30, "Enabled"), None);
        check(rule(json!(""), 30, "Disabled"), None);
        check(json!([rule(json!(""), 30, "Enabled"), rule(json!({"Prefix": "logs/"}), 7, "Enabled")]), Some(7));
        check(
            json!({"ID": "1", "Status": "Enabled", "Prefix": "", "NoncurrentVersionExpiration": {"NoncurrentDays": "3"}}),
            Some(3),
        );
        check(json!({"ID": "1", "Status": "Enabled", "Filter": "", "Expiration": {"Days": "365"}}), None);
        assert_eq!(Lifecycle::default().days_kept(), None);
    }
}
