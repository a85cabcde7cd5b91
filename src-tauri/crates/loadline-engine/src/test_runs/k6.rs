//! What a summary of k6 says of a load test: requests a second, and whether its thresholds held.
//!
//! Two forms exist. `--summary-export` writes `metrics.NAME.rate`, and a threshold as `true` where it was *crossed*
//! (grafana/k6 issue 1498); what `handleSummary` is given has `metrics.NAME.values.rate`, and a threshold as `{"ok": true}` where it held.

use crate::EngineError;
use serde_json::Value;
use std::path::Path;

/// What it says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// HTTP requests a second, the mean of the run: its highest load was no lower.
    pub requests_per_second: f64,
    /// Every threshold held; `None`: it has none, so it does not say whether the service stood.
    pub passed: Option<bool>,
}

/// Reads the file of a summary.
///
/// # Errors
/// `unreadable_summary` when there is none, when it is no summary of k6, or of a test without HTTP requests.
pub fn read_summary(path: &Path) -> Result<Summary, EngineError> {
    let text = std::fs::read_to_string(path).map_err(|e| {
        EngineError::new("unreadable_summary", format!("The load test was not read: {} ({e}).", path.display()))
    })?;
    summary(&text)
}

fn summary(text: &str) -> Result<Summary, EngineError> {
    let refuse = |why: String| {
        let message =
            format!("The load test was not read. {why} Write a summary with: k6 run --summary-export summary.json …");
        EngineError::new("unreadable_summary", message)
    };
    let said: Value = serde_json::from_str(text).map_err(|e| refuse(format!("It is no JSON ({e}).")))?;
    let metrics =
        said["metrics"].as_object().ok_or_else(|| refuse("It has no `metrics`, as k6 writes them.".into()))?;
    let requests = metrics.get("http_reqs").ok_or_else(|| refuse("It has no metric `http_reqs`.".into()))?;
    let rate = requests["rate"].as_f64().or_else(|| requests["values"]["rate"].as_f64());
    let requests_per_second = rate
        .filter(|rate| rate.is_finite() && *rate > 0.0)
        .ok_or_else(|| refuse("It does not say how many requests a second there were.".into()))?;
    let mut passed = None;
    for threshold in metrics.values().filter_map(|m| m["thresholds"].as_object()).flat_map(|all| all.values()) {
        let held = match threshold {
            Value::Bool(crossed) => !crossed,
            other => {
                other["ok"].as_bool().ok_or_else(|| refuse("A threshold says neither held nor crossed.".into()))?
            }
        };
        passed = Some(passed.unwrap_or(true) && held);
    }
    Ok(Summary { requests_per_second, passed })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(metrics: Value) -> Result<Summary, String> {
        summary(&json!({ "metrics": metrics }).to_string()).map_err(|e| e.code.to_string())
    }

    #[test]
    fn both_forms_say_the_same() {
        let check = |metrics: Value, passed: Option<bool>| {
            assert_eq!(read(metrics), Ok(Summary { requests_per_second: 39.46, passed }));
        };
        let old = |crossed: bool| {
            json!({"http_reqs": {"count": 1671, "rate": 39.46},
                   "http_req_failed": {"passes": 0, "fails": 1671, "value": 0, "thresholds": {"rate<0.01": false}},
                   "http_req_duration": {"avg": 14.5, "p(95)": 21.4, "thresholds": {"p(95)<2000": crossed}}})
        };
        let new = |ok: bool| {
            json!({"http_reqs": {"type": "counter", "contains": "default", "values": {"count": 1671, "rate": 39.46}},
                   "http_req_duration": {"type": "trend", "values": {"p(95)": 21.4}, "thresholds": {"p(95)<2000": {"ok": ok}}}})
        };
        check(old(false), Some(true));
        check(old(true), Some(false));
        check(new(true), Some(true));
        check(new(false), Some(false));
        check(json!({"http_reqs": {"rate": 39.46}}), None);
    }

    #[test]
    fn what_is_no_summary_is_refused() {
        let refused = Err("unreadable_summary".to_owned());
        for metrics in [
            json!({}),
            json!([]),
            json!({"http_reqs": {"count": 3}}),
            json!({"http_reqs": {"rate": 0}}),
            json!({"http_reqs": {"rate": "fast"}}),
            json!({"http_reqs": {"rate": 3, "thresholds": {"rate>1": "yes"}}}),
        ] {
            assert_eq!(read(metrics.clone()), refused, "{metrics}");
        }
        assert_eq!(summary("k6").map_err(|e| e.code.to_string()), refused);
    }
}
