//! Scope `synthetics`: scripted checks of services, how often they run, and whether they look at what comes back.

use super::documents;
use super::reading::{Entity, Reading, is_guid, tags, text};
use crate::Cancelled;
use loadline_model::{Basis, GapReason, Value as Known, key};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Calls of a collection of some ten scripted monitors.
pub(super) const CALLS: u64 = 12;

/// Monitors whose steps or scripts are looked at.
const MOST: usize = 100;
/// Tags by which people tie a monitor to a service.
const TIES: [&str; 6] = ["service", "service.name", "app", "appname", "application", "apm"];

/// A monitor that is turned on and checks a service.
struct Monitor {
    name: String,
    kind: String,
    guid: String,
    minutes: Option<f64>,
    asserts: Option<bool>,
}

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let Some(services) = r.services().await? else { return Ok(()) };
    let search = format!("accountId = {} AND domain = 'SYNTH' AND type = 'MONITOR'", r.access.account);
    let Some(listed) = r.list(&documents::MONITORS, Some(&search), &[]).await? else { return Ok(()) };
    let (mut tied, mut loose): (BTreeMap<usize, Vec<Monitor>>, Vec<String>) = Default::default();
    for row in &listed.rows {
        let Some(monitor) = monitor(row) else { continue };
        match tie(row, &services) {
            Some(service) => tied.entry(service).or_default().push(monitor),
            None => loose.push(monitor.name),
        }
    }
    let mut looked = 0;
    for (service, mut monitors) in tied {
        for monitor in &mut monitors {
            if monitor.asserts.is_none() && looked < MOST {
                monitor.asserts = asserts(r, monitor).await?;
                looked += 1;
            }
        }
        // One monitor speaks for a service: how often one runs says nothing about what another asserts.
        let best = monitors.iter().max_by(|a, b| rank(a).total_cmp(&rank(b)).then_with(|| b.guid.cmp(&a.guid)));
        if let (Some(best), Some(service)) = (best, services.get(service)) {
            say(r, service, best);
        }
    }
    if !loose.is_empty() {
        loose.sort();
        let names = loose.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
        let detail = format!("{} monitors are tied to no service: {names}.", loose.len());
        let closes = "Tag each monitor with `service` and the name of the service that it checks.";
        r.answer.miss(GapReason::UnmappedSubject, detail, closes);
    }
    Ok(())
}

/// Asserting monitors first, then the more frequent.
fn rank(monitor: &Monitor) -> f64 {
    let asserts = match monitor.asserts {
        Some(true) => 2e6,
        None => 1e6,
        Some(false) => 0.0,
    };
    asserts - monitor.minutes.unwrap_or(1e5).min(1e5)
}

fn say(r: &mut Reading<'_>, service: &Entity, monitor: &Monitor) {
    let (id, call) = (service.subject(), documents::MONITORS.name);
    let item = None;
    if let Some(minutes) = monitor.minutes {
        r.answer.set(&id, call, Basis::Configured, key::SYNTHETIC_INTERVAL_MINUTES, item, Known::Number(minutes));
    }
    if let Some(asserts) = monitor.asserts {
        r.answer.set(&id, call, Basis::Configured, key::SYNTHETIC_ASSERTS_CONTENT, item, Known::Bool(asserts));
    }
}

/// A monitor that runs; checks of certificates and links check no service.
fn monitor(row: &Value) -> Option<Monitor> {
    let status = text(row, "/monitorSummary/status").unwrap_or_default();
    if matches!(status, "DISABLED" | "DELETED" | "PAUSED") {
        return None;
    }
    let kind = text(row, "/monitorType")?;
    let validates = tags(row).get("responseValidationText").is_some_and(|v| v.iter().any(|t| !t.trim().is_empty()));
    let asserts = match kind {
        // A ping or a page load looks at the answer only where it is given a text to find.
        "SIMPLE" | "BROWSER" => Some(validates),
        "SCRIPT_API" | "SCRIPT_BROWSER" | "STEP_MONITOR" => None,
        _ => return None,
    };
    Some(Monitor {
        name: text(row, "/name")?.to_owned(),
        kind: kind.to_owned(),
        guid: text(row, "/guid").filter(|g| is_guid(g))?.to_owned(),
        minutes: row.get("period").and_then(Value::as_f64).filter(|m| *m > 0.0),
        asserts,
    })
}

/// The service that a tag of the monitor names; its index.
fn tie(row: &Value, services: &[Entity]) -> Option<usize> {
    let tags = tags(row);
    let named = TIES.iter().filter_map(|t| tags.iter().find(|(k, _)| k.eq_ignore_ascii_case(t))).flat_map(|(_, v)| v);
    let mut found = named.filter_map(|name| services.iter().position(|s| s.name.eq_ignore_ascii_case(name)));
    found.next()
}

/// Whether a monitor of several steps looks at what comes back; `None` when that could not be read or recognised.
async fn asserts(r: &mut Reading<'_>, monitor: &Monitor) -> Result<Option<bool>, Cancelled> {
    let variables = [("monitor", json!(monitor.guid))];
    if monitor.kind == "STEP_MONITOR" {
        let answer = r.ask(&documents::STEPS, &variables, &[]).await?;
        let steps = answer.as_ref().and_then(|a| a.get(documents::STEPS.rows)?.as_array());
        return Ok(steps.map(|steps| steps.iter().any(|s| text(s, "/type").is_some_and(|t| t.starts_with("ASSERT")))));
    }
    let answer = r.ask(&documents::SCRIPT, &variables, &[]).await?;
    Ok(answer.as_ref().and_then(|a| text(a, "/text")).and_then(script_asserts))
}

/// Likely: a script that asserts something other than the status looks at the answer; one without any assertion does not,
/// unless it fails by other means, which is not recognised.
fn script_asserts(script: &str) -> Option<bool> {
    let code = script.lines().map(str::trim).filter(|l| !l.starts_with("//") && !l.starts_with('*'));
    let lower: Vec<String> = code.map(str::to_lowercase).collect();
    let asserting = |l: &&String| {
        let calls = l.contains("assert") || l.contains("expect(") || l.contains(".should");
        calls && !l.contains("require(") && !l.starts_with("import")
    };
    let lines: Vec<&String> = lower.iter().filter(asserting).collect();
    let other = |l: &&&String| !l.contains("status");
    match lines.as_slice() {
        [] if lower.iter().any(|l| l.contains("throw ") || l.contains("waitfor")) => None,
        [] => Some(false),
        lines => Some(lines.iter().any(|l| other(&l))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_searched_for_assertions() {
        let check = |script: &str, expected: Option<bool>| assert_eq!(script_asserts(script), expected, "{script}");
        // "Write synthetic API tests": validating the response.
        check(
            "var assert = require('assert');\n$http.post('x', function (err, response, body) {\n  \
             assert.equal(response.statusCode, 200, 'Expected a 200 OK response');\n  \
             assert.equal(body.SampleResponse, 'ok', 'Expected ok');\n});",
            Some(true),
        );
        check("const assert = require('assert');\nassert.equal(response.statusCode, 200);", Some(false));
        check("$http.get('x');", Some(false));
        check("// assert.equal(body.x, 1)\n$http.get('x');", Some(false));
        check("if (!body.ok) { throw new Error('no'); }", None);
    }

    #[test]
    fn monitors_that_check_a_service() {
        let row = |kind: &str, status: &str, tags: Value| {
            json!({"guid": "MXxTWU5USA", "name": "shop", "monitorType": kind,
            "period": 5, "monitorSummary": {"status": status}, "tags": tags})
        };
        let text = json!([{"key": "responseValidationText", "values": ["Add to cart"]}]);
        let check = |row: Value, expected: Option<Option<bool>>| assert_eq!(monitor(&row).map(|m| m.asserts), expected);
        check(row("SIMPLE", "ENABLED", json!([])), Some(Some(false)));
        check(row("SIMPLE", "ENABLED", text.clone()), Some(Some(true)));
        check(row("SCRIPT_API", "ENABLED", json!([])), Some(None));
        check(row("SCRIPT_API", "DISABLED", json!([])), None);
        check(row("CERT_CHECK", "ENABLED", text), None);
    }
}
