//! A NerdGraph that answers in the form of New Relic's published examples, generated for what is asked, and keeps what it was
//! asked. Sources, all of docs.newrelic.com: "NerdGraph tutorial: Query your data using NRQL" (results), "View entity data"
//! (entitySearch, tags), "NRQL condition alerts" (conditions, cursors), "Alerts policies", "Workflows API", "Configure service
//! levels via the NerdGraph API", "Alerting on service levels" (burn rates), "Query synthetic monitoring data", "Track changes
//! using NerdGraph (GraphQL)", data dictionary (Transaction, SystemSample, StorageSample, NrAiIncident, Deployment). Fields of
//! workflows and of incidents' groups are those that New Relic's own Go client and Terraform provider read.

use super::documents;
use crate::testing::{ScriptedServer, respond};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};

pub(super) const KEY: &str = "NRAK-CANARY";
pub(super) const SHOP: &str = "MXxBUE18QVBQTElDQVRJT058NDI";
pub(super) const WEB: &str = "MXxFWFR8U0VSVklDRXw3";
pub(super) const HOST: &str = "MXxJTkZSQXxOQXw5OQ";
pub(super) const LEVEL: &str = "MXxFWFR8U0VSVklDRV9MRVZFTHw1OTk0MzQ";
pub(super) const SCRIPTED: &str = "MXxTWU5USHxNT05JVE9SfGEx";
pub(super) const PING: &str = "MXxTWU5USHxNT05JVE9SfGEy";
const DAY_MS: i64 = 86_400_000;

/// A question as NerdGraph sees it.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// Name of the document in the table; `?` for what is not in it.
    pub document: &'static str,
    /// Request line and headers.
    pub head: String,
    /// The document as it was sent.
    pub query: String,
    /// The variables.
    pub variables: Value,
}

impl Asked {
    fn of(whole: &str) -> Self {
        let (head, body) = whole.split_once("\n\n").unwrap_or((whole, "null"));
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let query = body["query"].as_str().unwrap_or_default().to_owned();
        let known = documents::ALL.iter().find(|d| d.text() == Some(query.as_str()));
        let document = known.map_or("?", |d| d.name);
        Self { document, head: head.to_owned(), query, variables: body["variables"].clone() }
    }

    /// The NRQL; empty for other documents.
    pub(super) fn nrql(&self) -> &str {
        self.variables["nrql"].as_str().unwrap_or_default()
    }

    /// What entities are searched for.
    pub(super) fn search(&self) -> &str {
        self.variables["search"].as_str().unwrap_or_default()
    }

    fn after(&self, word: &str) -> i64 {
        let rest = self.nrql().split(word).nth(1).unwrap_or_default().trim();
        rest.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or_default()
    }
}

/// Status, headers that end with a line end each, body.
pub(super) type Said = (&'static str, String, String);

/// The server and its log of questions.
pub(super) struct NerdGraph {
    server: ScriptedServer,
    log: Arc<Mutex<Vec<Asked>>>,
}

impl NerdGraph {
    /// Answers as told; what it is told nothing about is answered as published.
    pub(super) fn start(answer: impl Fn(&Asked) -> Option<Said> + Send + Sync + 'static) -> Self {
        let log = Arc::new(Mutex::new(Vec::new()));
        let kept = log.clone();
        let server = ScriptedServer::start(move |head, stream| {
            let asked = Asked::of(head);
            let (status, headers, body) = answer(&asked).unwrap_or_else(|| ok(&published(&asked)));
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
            respond(stream, status, &headers, &body);
        });
        Self { server: server.expect("a server"), log }
    }

    pub(super) fn url(&self) -> String {
        self.server.url()
    }

    /// What it was asked so far, in order.
    pub(super) fn log(&self) -> Vec<Asked> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A good answer.
pub(super) fn ok(body: &Value) -> Said {
    ("200 OK", String::new(), body.to_string())
}

/// Data where the document asks for it.
pub(super) fn data(asked: &Asked, answer: Value) -> Value {
    let at = documents::ALL.iter().find(|d| d.name == asked.document).map_or("/actor", |d| d.at);
    let nest = |inside: Value, field: &str| json!({ field: inside });
    json!({"data": at.split('/').skip(1).collect::<Vec<_>>().into_iter().rev().fold(answer, nest)})
}

/// What is denied, with status 200.
pub(super) fn denied(asked: &Asked) -> Said {
    let path: Vec<&str> = documents::ALL
        .iter()
        .find(|d| d.name == asked.document)
        .map(|d| d.at.split('/').skip(1).collect())
        .unwrap_or_default();
    let mut body = data(asked, Value::Null);
    body["errors"] =
        json!([{"message": "Access denied.", "path": path, "extensions": {"errorClass": "ACCESS_DENIED"}}]);
    ok(&body)
}

/// The answer of the documentation to a question.
pub(super) fn published(asked: &Asked) -> Value {
    let search = asked.search();
    let list = |rows: Value| json!({"nextCursor": null, "entities": rows});
    let answer = match asked.document {
        "account" => json!({"id": 1, "name": "Acme"}),
        "nrql" => json!({"results": results(asked)}),
        "entitySearch" if search.contains("'APM'") => list(services()),
        "entitySearch" if search.contains("'INFRA'") => list(json!([{"guid": HOST, "name": "web-1", "domain": "INFRA",
            "type": "HOST", "reporting": true, "tags": [{"key": "apmApplicationNames", "values": ["|shop|other|"]}]}])),
        "entitySearch" => list(json!([
            condition_entity("443", "payments"),
            condition_entity("4432", "core"),
            condition_entity("99", "core")
        ])),
        "policiesSearch" => json!({"nextCursor": null, "totalCount": 1, "policies": [
            {"id": "3455", "incidentPreference": "PER_POLICY", "name": "First Policy Name"}]}),
        "nrqlConditionsSearch" => json!({"nextCursor": null, "totalCount": 4, "nrqlConditions": conditions()}),
        "workflows" => {
            json!({"nextCursor": null, "totalCount": 1, "entities": [workflow("PAGERDUTY_SERVICE_INTEGRATION")]})
        }
        "serviceLevel" => {
            list(json!([{"guid": LEVEL, "name": "Availability", "serviceLevel": {"indicators": [indicator()]}}]))
        }
        "syntheticMonitors" => list(monitors()),
        "synthetics.script" => json!({"text": "const assert = require('assert');\n\
            $http.get('https://shop.example/', (err, response, body) => {\n  assert.ok(body.includes('Add to cart'));\n});"}),
        "synthetics.steps" => json!({"steps": [{"type": "NAVIGATE"}, {"type": "ASSERT_TEXT"}]}),
        _ => Value::Null,
    };
    data(asked, answer)
}

fn services() -> Value {
    let of = |guid: &str, name: &str, domain: &str, reporting: bool, tags: Value| {
        json!({"guid": guid, "name": name,
        "domain": domain, "type": if domain == "APM" { "APPLICATION" } else { "SERVICE" }, "reporting": reporting, "tags": tags})
    };
    json!([
        of(SHOP, "shop", "APM", true, json!([{"key": "environment", "values": ["production"]}])),
        of(WEB, "web", "EXT", true, json!([])),
        of("MXxBUE18QVBQTElDQVRJT058NDM", "gone", "APM", false, json!([])),
    ])
}

fn condition_entity(id: &str, team: &str) -> Value {
    json!({"guid": "MXxBSU9QU3xDT05ESVRJT058MQ", "name": format!("condition {id}"), "domain": "AIOPS", "type": "CONDITION",
        "reporting": true, "tags": [{"key": "id", "values": [id]}, {"key": "policyId", "values": ["3455"]},
            {"key": "team", "values": [team]}]})
}

/// A static, a baseline, a burn-rate condition, and one that is turned off.
pub(super) fn conditions() -> Value {
    let of = |id: &str, name: &str, kind: &str, enabled: bool, query: String, threshold: f64| {
        json!({"id": id, "name": name,
        "type": kind, "enabled": enabled, "policyId": "3455", "nrql": {"query": query},
        "runbookUrl": if id == "443" { json!("https://www.example.com/runbook") } else { Value::Null },
        "terms": [{"operator": "ABOVE", "priority": "CRITICAL", "threshold": threshold, "thresholdDuration": 300,
            "thresholdOccurrences": "ALL"}]})
    };
    let burn = format!(
        "FROM Metric SELECT 100 - clamp_max(sum(newrelic.sli.good) / sum(newrelic.sli.valid) * 100, 100) as 'SLO compliance' \
         WHERE sli.guid = '{LEVEL}'"
    );
    let average = "SELECT average(duration) FROM Transaction WHERE appName = 'shop'".to_owned();
    json!([
        of("443", "A static condition", "STATIC", true, average, 5.5),
        of("4432", "Host is busy", "BASELINE", true, "SELECT average(cpuPercent) FROM SystemSample".to_owned(), 13.0),
        of("99", "Fast burn", "STATIC", true, burn, 1.344),
        of("5", "Old", "STATIC", false, "SELECT count(*) FROM TransactionError".to_owned(), 1.0),
    ])
}

pub(super) fn workflow(kind: &str) -> Value {
    json!({"id": "1", "name": "team specific issues", "workflowEnabled": true, "destinationsEnabled": true,
        "destinationConfigurations": [{"channelId": "2", "name": "on call", "type": kind, "notificationTriggers": ["ACTIVATED"]}],
        "issuesFilter": {"predicates": [{"attribute": "labels.policyIds", "operator": "EXACTLY_MATCHES", "values": ["3455"]}]}})
}

fn indicator() -> Value {
    json!({"guid": LEVEL, "id": "599434", "name": "Latency below 0.25 seconds", "entityGuid": SHOP, "objectives": [
        {"name": null, "target": 99.5, "timeWindow": {"rolling": {"count": 7, "unit": "DAY"}}}]})
}

fn monitors() -> Value {
    let of = |guid: &str, kind: &str, period: i64| {
        json!({"guid": guid, "name": kind, "monitorType": kind, "period": period,
        "monitorSummary": {"status": "ENABLED"}, "tags": [{"key": "service", "values": ["shop"]}]})
    };
    json!([of(SCRIPTED, "SCRIPT_API", 5), of(PING, "SIMPLE", 1)])
}

/// Rows of NRQL for the groups and intervals that are asked for. Data are kept for 8 days, New Relic's default.
fn results(asked: &Asked) -> Vec<Value> {
    let nrql = asked.nrql();
    let (since, until, step) = (asked.after("SINCE"), asked.after("UNTIL"), asked.after("TIMESERIES"));
    let kept = crate::testing::real_now().0 - 8 * DAY_MS;
    let is = |words: &str| nrql.contains(words);
    let groups: Vec<&str> = [SHOP, WEB, HOST].into_iter().filter(|g| is(&format!("'{g}'"))).collect();
    let groups = match () {
        () if is("FROM Transaction WHERE") => groups.into_iter().filter(|g| *g == SHOP).collect::<Vec<_>>(),
        // OpenTelemetry's older name is not in use.
        () if is("metricName = 'http.server.duration'") => Vec::new(),
        () => groups,
    };
    let each = |row: &dyn Fn(&str) -> Value| groups.iter().map(|g| row(g)).collect();
    match () {
        () if is("NrAiIncident") => vec![
            json!({"facet": ["443", "i1"], "event": "close", "opened": until - 9 * DAY_MS}),
            json!({"facet": ["443", "i2"], "event": "close", "opened": until - 2 * DAY_MS}),
            json!({"facet": [4432, "i3"], "event": "open", "opened": until - DAY_MS}),
        ],
        () if is("FROM Deployment") => vec![
            json!({"deploymentId": "8a3a594c-e726-4bc2-8078-26dffec9a3d8", "entity.guid": SHOP, "version": "0.0.1",
                "commit": "a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d", "user": "datanerd@example.com", "deploymentType": "CANARY",
                "timestamp": until - DAY_MS}),
            json!({"deploymentId": "2", "entity.guid": "MXxCUk9XU0VSfEFQUExJQ0FUSU9OfDE", "version": "1", "timestamp": until - 1}),
            json!({"deploymentId": "3", "entity.guid": SHOP, "version": "2", "timestamp": until + DAY_MS}),
        ],
        () if is("FROM ChangeTrackingEvent") => {
            vec![json!({"changeTrackingId": "c1", "entity.guid": SHOP, "category": "Deployment",
            "type": "Canary", "version": "0.0.1", "commit": "a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d",
            "timestamp": until - DAY_MS + 60_000})]
        }
        () if is("newrelic.sli") => vec![json!({"facet": LEVEL, "valid": 100_000.0, "good": 99_750.0, "bad": 0.0})],
        () if is("FROM Span") => vec![json!({"facet": SHOP, "spans": 12})],
        () if is("earliest(timestamp)") && (is("Sample") || is("FROM Checkout")) => {
            vec![json!({"first": kept.max(since)})]
        }
        () if is("earliest(timestamp)") => each(&|g| json!({"facet": g, "requests": 9, "first": kept.max(since)})),
        () if is("FROM Checkout") => (since / 1_000..until / 1_000)
            .step_by(step as usize)
            .map(|at| json!({"beginTimeSeconds": at, "endTimeSeconds": at + step, "percentage": 98.5}))
            .collect(),
        () if is("SELECT count(*) FROM Transaction SINCE") => vec![json!({"count": 1000})],
        () if step > 0 => {
            let facets: Vec<&str> = match () {
                () if is("FACET name") => vec!["WebTransaction/Action/cart", "WebTransaction/Action/rare"],
                () if is("FACET http.route") => vec!["/items"],
                () => groups,
            };
            let begins: Vec<i64> = (since / 1_000..until / 1_000).step_by(step as usize).collect();
            let rows = begins.iter().flat_map(|at| facets.iter().map(move |f| (*at, *f)));
            rows.map(|(at, facet)| interval(at, step, facet, at * 1_000 < kept)).collect()
        }
        () => Vec::new(),
    }
}

/// An interval of a group; before data were kept its counts are zero and its levels are absent.
fn interval(at: i64, step: i64, facet: &str, empty: bool) -> Value {
    let requests = if facet.ends_with("rare") { 20.0 } else { step as f64 };
    let mut row = json!({"beginTimeSeconds": at, "endTimeSeconds": at + step, "facet": facet, "entityGuid": facet,
        "requests": requests, "failing": 1.0, "judged": 100.0, "latency": {"50": 0.12, "95": 0.45, "99": 1.23},
        "cpu": 75.0, "memory": 60.0, "disk": 91.0});
    if empty {
        row["requests"] = json!(0);
        for absent in ["failing", "judged", "latency", "cpu", "memory", "disk"] {
            row[absent] = Value::Null;
        }
    }
    row
}
