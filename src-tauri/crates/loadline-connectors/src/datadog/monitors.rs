//! Scope `monitors`: what would wake somebody and why, and objectives with what is left of their budgets.

use super::calls;
use super::reading::Reading;
use super::requests::subject;
use crate::Cancelled;
use loadline_model::{Alert, AlertKind, Basis, GapReason, Slo, SubjectId, Timestamp, Value as Known, key};
use serde_json::Value;

/// Calls of a collection of some hundred monitors and thirty objectives.
pub(super) const CALLS: u64 = 35;

const PAGE: usize = 100;
const PAGES: usize = 50;
/// Objectives whose history is asked for.
const HISTORIES: usize = 100;

/// Words by which a monitor is recognised, asked in this order; the first kind that matches is taken.
const KINDS: [(AlertKind, &[&str]); 5] = [
    (AlertKind::BurnRate, &["burn_rate(", "error_budget("]),
    (
        AlertKind::Errors,
        &[".errors{", ".errors.", "error_rate", "5xx", "status_code:5", "status:error", "http.can_connect"],
    ),
    (
        AlertKind::Business,
        &["checkout", "signup", "sign_up", "payment", "order", "conversion", "login", "journey", "revenue"],
    ),
    (
        AlertKind::Latency,
        &["p50:trace", "p75:trace", "p90:trace", "p95:", "p99:", "latency", "duration", "response_time", "apdex"],
    ),
    (
        AlertKind::Cause,
        &[
            "system.",
            "docker.",
            "container.",
            "kubernetes",
            "cpu",
            "memory",
            "disk",
            "datadog.agent.up",
            "host.up",
            "process.up",
        ],
    ),
];

/// Handles of what wakes people ("Notifications", Datadog documentation); others write to a channel.
const PAGERS: [&str; 6] = ["@pagerduty", "@opsgenie", "@victorops", "@splunk-on-call", "@oncall", "@on-call"];

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let here = SubjectId(format!("datadog://{}", r.door.host()));
    let Some(monitors) = pages(r).await? else { return Ok(()) };
    for monitor in &monitors {
        if let Some(alert) = alert(monitor) {
            r.answer.say(&here, calls::MONITORS.path, Basis::Configured, alert);
        }
    }
    r.answer.set(&here, calls::MONITORS.path, Basis::Measured, key::ALERTING_READ, None, Known::Bool(true));
    objectives(r, &here, &monitors).await
}

async fn pages(r: &mut Reading<'_>) -> Result<Option<Vec<Value>>, Cancelled> {
    let mut all = Vec::new();
    for page in 0..PAGES {
        let (page, size) = (page.to_string(), PAGE.to_string());
        let asked = [("page", page.as_str()), ("page_size", size.as_str())];
        let Some(answer) = r.ask(&calls::MONITORS, calls::MONITORS.path, &asked, &[]).await? else { return Ok(None) };
        let Some(rows) = answer.as_array() else {
            r.answer.miss(
                GapReason::ParseError,
                "Monitors did not come as a list.",
                "Report this with the version of the API.",
            );
            return Ok(None);
        };
        all.extend(rows.iter().cloned());
        if rows.len() < PAGE {
            return Ok(Some(all));
        }
    }
    let detail = format!("More than {} monitors: the first were read.", PAGE * PAGES);
    r.answer.miss(GapReason::LimitReached, detail, "Delete monitors that nobody needs.");
    Ok(Some(all))
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str().filter(|t| !t.is_empty())
}

fn alert(monitor: &Value) -> Option<Alert> {
    let (name, query) = (text(monitor, "name")?, text(monitor, "query")?);
    let message = text(monitor, "message").unwrap_or_default();
    let tags: Vec<&str> =
        monitor.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let firing = text(monitor, "overall_state") == Some("Alert");
    Some(Alert {
        name: name.to_owned(),
        expression: query.to_owned(),
        watches: watches(name, query),
        subjects: services(query).iter().map(|s| subject(s)).collect(),
        pages: pages_somebody(&message.to_lowercase()),
        runbook: runbook(message),
        owner: tags.iter().find_map(|t| t.strip_prefix("team:").or(t.strip_prefix("owner:"))).map(str::to_owned),
        delivery_tested_at: None,
        // Only the events say how often it fired, and they are not read.
        firings_28d: None,
        firing_since: text(monitor, "overall_state_modified").filter(|_| firing).and_then(Timestamp::parse),
    })
}

/// Somebody is woken, only told, or nobody is named; the last is unknown, since a rule elsewhere may route it.
fn pages_somebody(message: &str) -> Option<bool> {
    match () {
        () if PAGERS.iter().any(|p| message.contains(p)) => Some(true),
        () if message.contains('@') => Some(false),
        () => None,
    }
}

/// The first address of the message that is called a runbook, or that leads to where teams keep them.
fn runbook(message: &str) -> Option<String> {
    const PLACES: [&str; 6] = ["runbook", "playbook", "wiki", "confluence", "notion", "docs."];
    let cut = |c: char| c.is_whitespace() || "()<>[]\"'".contains(c);
    let called = message.to_lowercase().contains("runbook");
    let mut found = message.split(cut).filter(|w| w.starts_with("https://") || w.starts_with("http://"));
    found.find(|w| called || PLACES.iter().any(|p| w.to_lowercase().contains(p))).map(str::to_owned)
}

/// What a monitor watches, by the words of its query and name.
fn watches(name: &str, query: &str) -> AlertKind {
    let text = format!("{query} {name}").to_lowercase();
    let found = KINDS.iter().find(|(_, words)| words.iter().any(|w| text.contains(w)));
    found.map_or(AlertKind::Other, |(kind, _)| *kind)
}

/// Services that a query names exactly.
fn services(query: &str) -> Vec<String> {
    let end = |c: char| !(c.is_alphanumeric() || "_-./".contains(c));
    let mut found: Vec<String> = query
        .split("service:")
        .skip(1)
        .filter_map(|rest| rest.split(end).next())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    found.sort();
    found.dedup();
    found
}

async fn objectives(r: &mut Reading<'_>, here: &SubjectId, monitors: &[Value]) -> Result<(), Cancelled> {
    let mut asked_for = 0;
    for page in 0..PAGES {
        let (offset, limit) = ((page * PAGE).to_string(), PAGE.to_string());
        let asked = [("offset", offset.as_str()), ("limit", limit.as_str())];
        let Some(answer) = r.ask(&calls::OBJECTIVES, calls::OBJECTIVES.path, &asked, &[]).await? else { return Ok(()) };
        let rows = answer.get("data").and_then(Value::as_array).cloned().unwrap_or_default();
        for row in &rows {
            let Some((id, timeframe, mut slo)) = objective(row, monitors) else { continue };
            if asked_for < HISTORIES {
                slo.budget_left = budget_left(r, &id, &timeframe, &slo).await?;
                asked_for += 1;
            }
            r.answer.say(here, calls::OBJECTIVES.path, Basis::Configured, slo);
        }
        if rows.len() < PAGE {
            return Ok(());
        }
    }
    Ok(())
}

/// Id, time frame and the objective of the longest rolling window.
fn objective(row: &Value, monitors: &[Value]) -> Option<(String, String, Slo)> {
    let (id, name) = (text(row, "id")?, text(row, "name")?);
    let days = |t: &Value| text(t, "timeframe").and_then(|f| f.strip_suffix('d')?.parse::<f64>().ok());
    let thresholds = row.get("thresholds").and_then(Value::as_array).into_iter().flatten();
    let longest = thresholds.filter(|t| days(t).is_some()).max_by(|a, b| {
        let (a, b) = (days(a).unwrap_or(0.0), days(b).unwrap_or(0.0));
        a.total_cmp(&b)
    })?;
    let target = longest.get("target")?.as_f64()? / 100.0;
    let burns = format!("burn_rate(\"{id}\")");
    let watched = monitors.iter().any(|m| text(m, "query").is_some_and(|q| q.contains(&burns)));
    let slo = Slo {
        name: name.to_owned(),
        target,
        window_days: days(longest)?,
        burn_rate_alert: Some(watched),
        budget_left: None,
    };
    (0.0..1.0)
        .contains(&target)
        .then(|| (id.to_owned(), text(longest, "timeframe").unwrap_or_default().to_owned(), slo))
}

/// Share of the budget left over the objective's own window; `None` when Datadog could not tell.
async fn budget_left(r: &mut Reading<'_>, id: &str, timeframe: &str, slo: &Slo) -> Result<Option<f64>, Cancelled> {
    if !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Ok(None);
    }
    let until = r.window.until;
    let from = until.plus_days(-(slo.window_days as i64));
    let (a, b, target) =
        ((from.0 / 1_000).to_string(), (until.0 / 1_000).to_string(), (slo.target * 100.0).to_string());
    let asked = [("from_ts", a.as_str()), ("to_ts", b.as_str()), ("target", target.as_str())];
    let path = format!("{}/{id}/history", calls::OBJECTIVES.path);
    let Some(answer) = r.ask(&calls::OBJECTIVES, &path, &asked, &[]).await? else { return Ok(None) };
    let left = answer.pointer("/data/overall/error_budget_remaining");
    let left = left.and_then(|l| l.get("custom").or_else(|| l.get(timeframe))?.as_f64());
    Ok(left.filter(|l| l.is_finite()).map(|percent| percent / 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn monitors_are_recognised() {
        let check = |name: &str, query: &str, kind| assert_eq!(watches(name, query), kind, "{name}");
        check("slow", "avg(last_5m):p95:trace.web.request{service:web} > 0.5", AlertKind::Latency);
        check("failing", "sum(last_5m):sum:trace.web.request.errors{service:web}.as_count() > 5", AlertKind::Errors);
        check("budget", "burn_rate(\"abc\").over(\"30d\").long_window(\"1h\") > 14.4", AlertKind::BurnRate);
        check("Checkout drops", "avg(last_5m):avg:shop.checkout.success{*} < 0.9", AlertKind::Business);
        check("cpu", "avg(last_5m):avg:system.cpu.user{*} by {host} > 90", AlertKind::Cause);
        check("something", "avg(last_5m):avg:my.metric{*} > 90", AlertKind::Other);
    }

    #[test]
    fn a_monitor_becomes_an_alert() {
        let monitor = json!({"name": "slow", "query": "avg(last_5m):p95:trace.web.request{env:prod,service:web} > 0.5",
            "message": "See https://wiki.example.com/runbook-web @pagerduty-web", "tags": ["team:core"],
            "overall_state": "Alert", "overall_state_modified": "2026-11-21T07:00:00+00:00"});
        let read = alert(&monitor).expect("an alert");
        assert_eq!((read.pages, read.owner.as_deref()), (Some(true), Some("core")));
        assert_eq!(read.runbook.as_deref(), Some("https://wiki.example.com/runbook-web"));
        assert_eq!(read.subjects, [SubjectId::from("datadog-service:web")]);
        assert_eq!(read.firing_since, Timestamp::parse("2026-11-21T07:00:00Z"));
        let bare = alert(&json!({"name": "a", "query": "b"})).expect("an alert");
        assert_eq!((bare.pages, bare.firings_28d, bare.firing_since), (None, None, None), "absent is unknown");
        assert_eq!(
            alert(&json!({"name": "a", "query": "b", "message": "@slack-ops"})).and_then(|a| a.pages),
            Some(false)
        );
    }

    #[test]
    fn the_longest_window_is_the_objective() {
        let row = json!({"id": "abc", "name": "web answers", "thresholds": [{"timeframe": "7d", "target": 99.0},
            {"timeframe": "30d", "target": 99.9}]});
        let burn = json!({"name": "x", "query": "burn_rate(\"abc\").over(\"30d\") > 14"});
        let (id, frame, slo) = objective(&row, &[burn]).expect("an objective");
        assert_eq!((id.as_str(), frame.as_str(), slo.window_days), ("abc", "30d", 30.0));
        assert!((slo.target - 0.999).abs() < 1e-12 && slo.burn_rate_alert == Some(true));
        assert_eq!(objective(&row, &[]).and_then(|o| o.2.burn_rate_alert), Some(false));
        assert!(objective(&json!({"id": "a", "name": "b", "thresholds": []}), &[]).is_none());
    }
}
