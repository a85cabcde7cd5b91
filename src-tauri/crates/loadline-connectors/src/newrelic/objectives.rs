//! Service levels as objectives, and what is left of their budgets.

use super::alerts::Condition;
use super::documents;
use super::reading::{Entity, Reading, facets, is_guid, is_one_of, number, text};
use crate::Cancelled;
use loadline_model::{Basis, GapReason, Slo, SubjectId};
use serde_json::Value;
use std::collections::BTreeMap;

/// Indicators of one question.
const BATCH: usize = 100;

/// An indicator with the objective of its longest window.
pub(super) struct Level {
    guid: String,
    id: String,
    name: String,
    /// The service that it is attached to; `None` where that is something else, such as a browser application.
    pub service: Option<SubjectId>,
    target: f64,
    days: u32,
    left: Option<f64>,
}

impl Level {
    /// A condition's NRQL reads the metrics of this indicator alone.
    pub(super) fn is_watched_by(&self, query: &str) -> bool {
        query.contains("newrelic.sli.")
            && (query.contains(&format!("'{}'", self.guid)) || query.contains(&format!("sli.id = '{}'", self.id)))
    }
}

/// Reads them.
pub(super) async fn read(r: &mut Reading<'_>, services: &[Entity]) -> Result<Vec<Level>, Cancelled> {
    let search = format!("accountId = {} AND type = 'SERVICE_LEVEL'", r.access.account);
    let Some(listed) = r.list(&documents::LEVELS, Some(&search), &[]).await? else { return Ok(Vec::new()) };
    let indicators = listed.rows.iter().filter_map(|row| row.pointer("/serviceLevel/indicators")?.as_array()).flatten();
    let mut levels: BTreeMap<String, Level> = BTreeMap::new();
    for level in indicators.filter_map(|i| level(i, services)) {
        levels.entry(level.guid.clone()).or_insert(level);
    }
    let mut levels: Vec<Level> = levels.into_values().collect();
    let mut windows: Vec<u32> = levels.iter().map(|l| l.days).collect();
    windows.sort_unstable();
    windows.dedup();
    for days in windows {
        if !budgets(r, &mut levels, days).await? {
            break;
        }
    }
    Ok(levels)
}

fn level(indicator: &Value, services: &[Entity]) -> Option<Level> {
    let guid = text(indicator, "/guid").filter(|g| is_guid(g))?;
    let (days, target) = objective(indicator)?;
    let of = text(indicator, "/entityGuid");
    Some(Level {
        guid: guid.to_owned(),
        id: text(indicator, "/id").unwrap_or_default().to_owned(),
        name: text(indicator, "/name")?.to_owned(),
        service: of.and_then(|of| services.iter().find(|s| s.guid == of)).map(Entity::subject),
        target,
        days,
        left: None,
    })
}

/// The longest rolling window, and the share that must be good in it.
fn objective(indicator: &Value) -> Option<(u32, f64)> {
    let all = indicator.get("objectives").and_then(Value::as_array).into_iter().flatten();
    let read = |o: &Value| {
        let rolling = o.pointer("/timeWindow/rolling")?;
        let days = rolling.get("count")?.as_u64().filter(|n| (1..=366).contains(n))?;
        let target = number(o, "target")? / 100.0;
        (text(rolling, "/unit") == Some("DAY") && (0.0..1.0).contains(&target)).then_some((days as u32, target))
    };
    all.filter_map(read).max_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)))
}

/// What is left of the budgets of a window; `false` when it could not be read.
async fn budgets(r: &mut Reading<'_>, levels: &mut [Level], days: u32) -> Result<bool, Cancelled> {
    let until = r.until();
    let from = until.plus_days(-i64::from(days));
    let guids: Vec<String> = levels.iter().filter(|l| l.days == days).map(|l| l.guid.clone()).collect();
    for batch in guids.chunks(BATCH) {
        let those = is_one_of("sli.guid", batch.iter().map(String::as_str));
        let nrql = format!(
            "SELECT sum(newrelic.sli.valid) AS valid, sum(newrelic.sli.good) AS good, sum(newrelic.sli.bad) AS bad \
             FROM Metric WHERE {those} FACET sli.guid SINCE {} UNTIL {} LIMIT {BATCH}",
            from.0, until.0
        );
        let Some(rows) = r.nrql(&nrql, &[]).await? else { return Ok(false) };
        for row in &rows {
            let Some(guid) = facets(row).into_iter().next() else { continue };
            let level = levels.iter_mut().find(|l| l.guid == guid && l.days == days);
            if let Some(level) = level {
                level.left = good(row).map(|good| 1.0 - (1.0 - good) / (1.0 - level.target));
            }
        }
    }
    Ok(true)
}

/// Share of good events. An indicator counts good or bad ones; where neither was counted it is not known which.
fn good(row: &Value) -> Option<f64> {
    let of = |key: &str| number(row, key).filter(|n| *n > 0.0);
    let valid = of("valid")?;
    let share = match (of("good"), of("bad")) {
        (Some(good), _) => good / valid,
        (None, Some(bad)) => 1.0 - bad / valid,
        (None, None) => return None,
    };
    Some(share.clamp(0.0, 1.0))
}

/// Says them. `read_all`: every condition and every workflow was read. `false` when it is not known whether somebody hears
/// of a burning budget: then alerting was not understood completely.
pub(super) fn say(
    r: &mut Reading<'_>,
    here: &SubjectId,
    levels: &[Level],
    conditions: &[Condition<'_>],
    read_all: bool,
) -> bool {
    let mut doubtful: Vec<&str> = Vec::new();
    for level in levels {
        let watching = conditions.iter().filter(|c| level.is_watched_by(c.query)).map(|c| c.receivers.anyone);
        let heard: Vec<Option<bool>> = watching.collect();
        let burn_rate_alert = match () {
            () if heard.contains(&Some(true)) => Some(true),
            () if heard.contains(&None) || !read_all => None,
            () => Some(false),
        };
        if heard.contains(&None) && burn_rate_alert.is_none() {
            doubtful.push(&level.name);
        }
        let slo = Slo {
            name: level.name.clone(),
            target: level.target,
            window_days: f64::from(level.days),
            burn_rate_alert,
            budget_left: level.left,
        };
        let subject = level.service.as_ref().unwrap_or(here);
        r.answer.say(subject, documents::LEVELS.name, Basis::Configured, slo);
    }
    if !doubtful.is_empty() {
        doubtful.sort_unstable();
        let detail = format!(
            "Whether a workflow passes on that the budget of {} burns is not recognisable.",
            doubtful.join(", ")
        );
        let closes = "Filter workflows by policy, and let the key read them.";
        r.answer.miss(GapReason::UnmappedSubject, detail, closes);
    }
    doubtful.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_longest_window_is_the_objective() {
        // "Configure service levels via the NerdGraph API".
        let window = |count: u32, target: f64| json!({"target": target, "timeWindow": {"rolling": {"count": count, "unit": "DAY"}}});
        let check = |objectives: Value, expected: Option<(u32, f64)>| {
            let found = objective(&json!({"objectives": objectives}));
            let near = match (found, expected) {
                (Some(a), Some(b)) => a.0 == b.0 && (a.1 - b.1).abs() < 1e-12,
                (a, b) => a.is_none() && b.is_none(),
            };
            assert!(near, "{found:?} {expected:?}");
        };
        check(json!([window(7, 99.5)]), Some((7, 0.995)));
        check(json!([window(7, 99.5), window(28, 99.0)]), Some((28, 0.99)));
        check(json!([window(7, 100.0)]), None);
        check(json!([{"target": 99.0, "timeWindow": {}}]), None);
        check(json!([]), None);
    }

    #[test]
    fn good_is_counted_from_either_side() {
        let check = |row: Value, expected: Option<f64>| {
            let found = good(&row).map(|g| (g * 1e6).round() / 1e6);
            assert_eq!(found, expected, "{row}");
        };
        check(json!({"valid": 1000, "good": 999, "bad": 0}), Some(0.999));
        check(json!({"valid": 1000, "good": null, "bad": 2}), Some(0.998));
        check(json!({"valid": 1000, "good": 1001, "bad": null}), Some(1.0));
        check(json!({"valid": 1000, "good": 0, "bad": 0}), None);
        check(json!({"valid": 0, "good": 0, "bad": 0}), None);
    }
}
