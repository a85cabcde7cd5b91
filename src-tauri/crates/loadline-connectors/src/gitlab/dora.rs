//! What GitLab counts of delivery itself ("DORA metrics API", GitLab documentation; tier Ultimate): four questions a project, one
//! where the tier does not have them. They are said beside the figures of Loadline, which counts by other rules.

use super::calls;
use crate::Cancelled;
use crate::forge::{Reading, rows};
use loadline_model::{Value as Setting, key};
use serde_json::Value;

/// Days that are asked for.
const DAYS: i64 = 90;
/// Whose figures they are.
const HOST: &str = "GitLab";

/// Asks, and says what was answered about what is deployed.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    // By days: over longer spans a later version may answer with a daily average (issue 371271 of GitLab).
    let Some(daily) = asked(r, "deployment_frequency", "daily").await? else { return Ok(()) };
    let per_week = sum(&daily).map(|n| n * 7.0 / DAYS as f64);
    say(r, key::DELIVERY_TOLD_PER_WEEK, per_week);
    let wanted = [
        ("lead_time_for_changes", key::DELIVERY_TOLD_LEAD, 3_600.0),
        ("change_failure_rate", key::DELIVERY_TOLD_FAILURES, 1.0),
        ("time_to_restore_service", key::DELIVERY_TOLD_RECOVERY, 3_600.0),
    ];
    for (metric, key, unit) in wanted {
        let Some(all) = asked(r, metric, "all").await? else { continue };
        say(r, key, only(&all).map(|value| value / unit));
    }
    Ok(())
}

async fn asked(r: &mut Reading<'_>, metric: &str, interval: &str) -> Result<Option<Value>, Cancelled> {
    let day = |days: i64| r.visit.window.now.plus_days(-days).to_string().chars().take(10).collect::<String>();
    // Both days are counted.
    let (first, last) = (day(DAYS - 1), day(0));
    let query = [("metric", metric), ("interval", interval), ("start_date", &first), ("end_date", &last)];
    super::approvals::paid(r, &calls::DORA, &query).await
}

fn say(r: &mut Reading<'_>, key: &str, value: Option<f64>) {
    let value = value.filter(|v| v.is_finite() && *v >= 0.0).map(Setting::Number);
    r.set(calls::DORA.path, key, Some(HOST), value);
}

/// Deployments of all days; `None` when the answer is no list of days.
fn sum(daily: &Value) -> Option<f64> {
    let of_day = |day: &Value| match &day["value"] {
        // A day of which nothing is known yet.
        Value::Null => Some(0.0),
        value => value.as_f64(),
    };
    daily.as_array()?.iter().map(of_day).sum()
}

/// The one value of a whole span; `None` where nothing was counted.
fn only(all: &Value) -> Option<f64> {
    match rows(all, "") {
        [one] => one["value"].as_f64(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn days_are_summed_and_spans_have_one_value() {
        let days = json!([{"date": "2021-03-01", "value": 3}, {"date": "2021-03-02", "value": null}, {"date": "2021-03-08", "value": 4}]);
        assert_eq!(sum(&days), Some(7.0));
        assert_eq!(sum(&json!([])), Some(0.0));
        assert_eq!(sum(&json!({"message": "no"})), None);
        assert_eq!(sum(&json!([{"value": "3"}])), None);
        assert_eq!(only(&json!([{"date": null, "value": 5_400.0}])), Some(5_400.0));
        for none in [json!([]), json!([{"date": null, "value": null}]), json!({}), days] {
            assert_eq!(only(&none), None, "{none}");
        }
    }
}
