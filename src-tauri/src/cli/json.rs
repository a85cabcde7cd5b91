//! The JSON blocks that tools may rely on. Fields may be added, none renamed.

use loadline_engine::EngineError;
use loadline_model::{Assessment, Capacity};
use serde_json::{Value, json};

/// `loadline.assessment/1`: the union of the blocks.
pub(crate) fn assessment(a: &Assessment) -> Result<Value, EngineError> {
    Ok(json!({
        "model_version": a.model_version,
        "snapshot": a.snapshot,
        "as_of": a.as_of.to_string(),
        "zone": a.zone,
        "workspace": a.workspace,
        "accounts": a.accounts,
        "findings": a.findings,
        "resolved": a.resolved,
        "spofs": a.topology.spofs,
        "fragile_pairs": a.topology.fragile_pairs,
        "recovery_spofs": a.topology.recovery_spofs,
        "journeys": a.topology.graph.journeys,
        "score": a.score,
        "changed": a.changed,
        "debt": a.debt,
        "latency": latency(a),
        "demand": a.trends.demand,
        "comparisons": a.comparisons,
        "capacity": capacity(&a.capacity)?,
        "roadmap": a.roadmap,
        "deployments": a.deployments,
        "gaps": a.gaps,
    }))
}

/// The capacity block: `multiplier` is the median, its interval stands beside it.
pub(crate) fn capacity(capacity: &Capacity) -> Result<Value, EngineError> {
    let mut value = serde_json::to_value(capacity)?;
    if let Some(first) = value.get_mut("first_limit") {
        flatten_multiplier(first);
    }
    for list in ["limits", "ladder"] {
        if let Some(Value::Array(rows)) = value.get_mut(list) {
            rows.iter_mut().for_each(flatten_multiplier);
        }
    }
    Ok(value)
}

fn flatten_multiplier(row: &mut Value) {
    if let Value::Object(map) = row
        && let Some(interval) = map.remove("multiplier")
    {
        map.insert("multiplier".into(), interval.get("p50").cloned().unwrap_or(Value::Null));
        map.insert("multiplier_interval".into(), interval);
    }
}

fn latency(a: &Assessment) -> Value {
    let rows = a.trends.latency.iter().map(|l| {
        json!({
            "subject": l.subject,
            "metric": l.metric,
            "route": l.route,
            "unit": l.unit,
            "mergeable": l.mergeable,
            "last_week": l.last_week,
            "week_before": l.week_before,
            "change_points": l.change_points,
        })
    });
    rows.collect()
}
