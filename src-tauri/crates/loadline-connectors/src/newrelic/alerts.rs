//! Scope `alerts`: conditions that would wake somebody and why, and service levels with what is left of their budgets.

use super::documents;
use super::objectives::{self, Level};
use super::reading::{Entity, Listed, Reading, number, tags, text};
use super::receivers::{Asked, Receivers, receivers};
use crate::Cancelled;
use loadline_model::{Alert, AlertKind, Basis, GapReason, SubjectId, Timestamp, Value as Known, key};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Calls of a collection of some hundred conditions: lists, incidents, budgets.
pub(super) const CALLS: u64 = 15;

/// Most groups of a question ("LIMIT clause").
const MOST_GROUPS: usize = 5_000;

/// Types of events that tell of causes, whatever their conditions are called.
const CAUSES: [&str; 9] = [
    "systemsample",
    "processsample",
    "storagesample",
    "networksample",
    "containersample",
    "from k8s",
    "apm.service.cpu",
    "apm.service.memory",
    "uniquecount(host",
];
/// Words by which a condition is recognised, asked in this order; the first kind that matches is taken.
const KINDS: [(AlertKind, &[&str]); 4] = [
    (
        AlertKind::Errors,
        &[
            "transactionerror",
            "error is true",
            "apm.service.error",
            "error rate",
            "error percentage",
            "errorrate",
            "5xx",
            ">= 500",
            "like '5%'",
            "result = 'failed'",
            "result != 'success'",
        ],
    ),
    (
        AlertKind::Business,
        &["checkout", "signup", "sign_up", "payment", "order", "conversion", "login", "journey", "revenue"],
    ),
    (AlertKind::Latency, &["duration", "latency", "response time", "response_time", "apdex", "largestcontentfulpaint"]),
    (AlertKind::Cause, &["cpu", "memory", "disk", "heap", "host not reporting", "gc."]),
];

/// A condition with what is needed to judge it.
pub(super) struct Condition<'v> {
    row: &'v Value,
    /// Its NRQL.
    pub query: &'v str,
    /// Whom it tells.
    pub receivers: Receivers,
}

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let here = SubjectId(format!("newrelic-account:{}", r.access.account));
    let listed_services = r.services().await?;
    let policies = r.list(&documents::POLICIES, None, &[]).await?.unwrap_or_default();
    let listed = r.list(&documents::CONDITIONS, None, &[]).await?;
    let workflows = r.list(&documents::WORKFLOWS, None, &[]).await?.unwrap_or_default();
    let conditions: Vec<Condition<'_>> =
        listed.iter().flat_map(|l| &l.rows).filter_map(|row| condition(row, &policies, &workflows)).collect();
    // Without the services nobody could tell whose objectives and alerts these are.
    let (services, attached) = (listed_services.as_deref().unwrap_or_default(), listed_services.is_some());
    let levels = if attached { objectives::read(r, services).await? } else { Vec::new() };
    let read_all = listed.as_ref().is_some_and(|l| l.whole);
    let understood = objectives::say(r, &here, &levels, &conditions, read_all && workflows.whole);
    let Some(listed) = listed.as_ref() else { return Ok(()) };
    let nameless = listed.rows.iter().filter(|row| is_on(row)).count() - conditions.len();
    if nameless > 0 {
        let detail = format!("{nameless} alert conditions came without a name or without NRQL.");
        r.answer.miss(GapReason::ParseError, detail, "Collect again; if it stays, report it.");
    }
    let kept = inventory(r, listed).await?;
    let owners = kept.as_ref().map(|k| &k.owners);
    let fired = incidents(r).await?;
    for condition in &conditions {
        if let Some(alert) = alert(condition, services, &levels, owners, fired.as_ref()) {
            r.answer.say(&here, documents::CONDITIONS.name, Basis::Configured, alert);
        }
    }
    let read_all = nameless == 0 && listed.whole && workflows.whole;
    if attached && read_all && understood && kept.is_some_and(|k| k.whole) {
        r.answer.set(&here, documents::CONDITIONS.name, Basis::Measured, key::ALERTING_READ, None, Known::Bool(true));
    }
    Ok(())
}

fn is_on(row: &Value) -> bool {
    row.get("enabled").and_then(Value::as_bool) != Some(false)
}

/// A condition that is turned on.
fn condition<'v>(row: &'v Value, policies: &'v Listed, workflows: &Listed) -> Option<Condition<'v>> {
    if !is_on(row) {
        return None;
    }
    let policy = text(row, "/policyId").unwrap_or_default();
    let named = policies.rows.iter().find(|p| text(p, "/id") == Some(policy));
    let critical = terms(row).any(|t| text(t, "/priority") == Some("CRITICAL"));
    let name = text(row, "/name")?;
    let asked = Asked { policy, policy_name: named.and_then(|p| text(p, "/name")), name, critical };
    let query = text(row, "/nrql/query")?;
    Some(Condition { row, query, receivers: receivers(&workflows.rows, workflows.whole, &asked) })
}

fn terms(row: &Value) -> impl Iterator<Item = &Value> {
    row.get("terms").and_then(Value::as_array).into_iter().flatten()
}

/// What the index of entities knows of conditions.
struct Inventory {
    /// Owner by id of the condition.
    owners: BTreeMap<String, String>,
    /// There are no others than those that were read.
    whole: bool,
}

/// Conditions of every kind are entities; only those on NRQL can be read by NerdGraph. With others, what alerts watch is not
/// known completely.
async fn inventory(r: &mut Reading<'_>, conditions: &Listed) -> Result<Option<Inventory>, Cancelled> {
    let search = format!("accountId = {} AND domain = 'AIOPS' AND type = 'CONDITION'", r.access.account);
    let Some(listed) = r.list(&documents::ENTITIES, Some(&search), &[]).await? else { return Ok(None) };
    let known: BTreeSet<&str> = conditions.rows.iter().filter_map(|c| text(c, "/id")).collect();
    let (mut owners, mut others) = (BTreeMap::new(), Vec::new());
    for row in &listed.rows {
        let entity = Entity {
            guid: String::new(),
            name: text(row, "/name").unwrap_or_default().to_owned(),
            domain: String::new(),
            reports: true,
            tags: tags(row),
        };
        match entity.tag(&["id", "conditionId"]) {
            Some(id) if known.contains(id) => {
                let owner = entity.tag(&["team", "owner"]).map(str::to_owned);
                owners.extend(owner.map(|owner| (id.to_owned(), owner)));
            }
            _ => others.push(entity.name),
        }
    }
    if listed.rows.is_empty() && !known.is_empty() {
        let detail = "Whether there are alert conditions that are not on NRQL is not known: no condition is indexed.";
        r.answer.miss(GapReason::ApiError, detail, "Collect again; if it stays, report it.");
        return Ok(Some(Inventory { owners, whole: false }));
    }
    if !others.is_empty() {
        others.sort();
        let names = others.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
        let detail = format!("{} alert conditions are not on NRQL and cannot be read: {names}.", others.len());
        let closes = "Recreate them as NRQL conditions; NerdGraph shows no other kind.";
        r.answer.miss(GapReason::UnsupportedVersion, detail, closes);
    }
    Ok(Some(Inventory { owners, whole: listed.whole && others.is_empty() }))
}

/// How often a condition fired in 28 days, and since when it does.
#[derive(Clone, Copy, Default)]
struct Fired {
    times: u32,
    since: Option<Timestamp>,
}

/// Incidents of the last 28 days by condition; `None` when they could not all be counted.
async fn incidents(r: &mut Reading<'_>) -> Result<Option<BTreeMap<String, Fired>>, Cancelled> {
    let now = r.window.until;
    let nrql = format!(
        "SELECT latest(event) AS event, latest(openTime) AS opened FROM NrAiIncident FACET conditionId, incidentId \
         SINCE {} UNTIL {} LIMIT {MOST_GROUPS}",
        now.plus_days(-28).0,
        now.0
    );
    let Some(rows) = r.nrql(&nrql, &[]).await? else { return Ok(None) };
    if rows.len() >= MOST_GROUPS {
        let detail =
            format!("More than {MOST_GROUPS} incidents in 28 days: how often each condition fired is not known.");
        r.answer.miss(GapReason::LimitReached, detail, "Delete or demote the noisiest conditions.");
        return Ok(None);
    }
    let mut fired: BTreeMap<String, Fired> = BTreeMap::new();
    for row in &rows {
        let Some(id) = facet_text(row, 0) else { continue };
        let opened = number(row, "opened").or_else(|| number(row, "latest.openTime"));
        let opened = opened.map(|at| Timestamp(at as i64)).filter(|at| *at <= now);
        let event = text(row, "/event").or_else(|| text(row, "/latest.event")).unwrap_or_default();
        let of = fired.entry(id).or_default();
        of.times += u32::from(opened.is_none_or(|at| at > now.plus_days(-28)));
        if !event.is_empty() && !event.eq_ignore_ascii_case("close") {
            of.since = of.since.into_iter().chain(opened).min();
        }
    }
    Ok(Some(fired))
}

/// A value of what a row is grouped by; ids may come as numbers.
fn facet_text(row: &Value, at: usize) -> Option<String> {
    match row.get("facet")?.get(at)? {
        Value::String(s) if !s.is_empty() => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        _ => None,
    }
}

fn alert(
    condition: &Condition<'_>,
    services: &[Entity],
    levels: &[Level],
    owners: Option<&BTreeMap<String, String>>,
    fired: Option<&BTreeMap<String, Fired>>,
) -> Option<Alert> {
    let Condition { row, query, receivers } = condition;
    let (name, id) = (text(row, "/name")?, text(row, "/id").unwrap_or_default());
    let watches = watches(name, query);
    let mut subjects = about(query, services);
    if watches == AlertKind::BurnRate {
        subjects.extend(levels.iter().filter(|l| l.is_watched_by(query)).filter_map(|l| l.service.clone()));
        // A burn rate that nobody is known to hear of guards nothing.
        if receivers.anyone != Some(true) {
            subjects.clear();
        }
    }
    subjects.sort();
    subjects.dedup();
    let fired = fired.map(|f| f.get(id).copied().unwrap_or_default());
    Some(Alert {
        name: name.to_owned(),
        expression: expression(row, query),
        watches,
        subjects,
        pages: receivers.pages,
        runbook: text(row, "/runbookUrl").map(str::to_owned),
        owner: owners.and_then(|o| o.get(id)).cloned(),
        delivery_tested_at: None,
        firings_28d: fired.map(|f| f.times),
        firing_since: fired.and_then(|f| f.since),
    })
}

/// The NRQL and its terms: `SELECT … [CRITICAL: ABOVE 5 for 300 s, ALL]`.
fn expression(row: &Value, query: &str) -> String {
    let term = |t: &Value| {
        let word = |at: &str| text(t, at).unwrap_or("?").to_owned();
        let amount = |key: &str| number(t, key).map_or_else(|| "?".to_owned(), |n| n.to_string());
        let (after, how) = (amount("thresholdDuration"), word("/thresholdOccurrences"));
        format!("{}: {} {} for {after} s, {how}", word("/priority"), word("/operator"), amount("threshold"))
    };
    let terms: Vec<String> = terms(row).map(term).collect();
    if terms.is_empty() { query.to_owned() } else { format!("{query} [{}]", terms.join("; ")) }
}

/// What a condition watches, by its events and then by the words of its query and name.
fn watches(name: &str, query: &str) -> AlertKind {
    let query = query.to_lowercase();
    if query.contains("newrelic.sli.") {
        return AlertKind::BurnRate;
    }
    if CAUSES.iter().any(|c| query.contains(c)) {
        return AlertKind::Cause;
    }
    let text = format!("{query} {}", name.to_lowercase());
    let found = KINDS.iter().find(|(_, words)| words.iter().any(|w| text.contains(w)));
    found.map_or(AlertKind::Other, |(kind, _)| *kind)
}

/// Services that a query names exactly, by id or by name.
fn about(query: &str, services: &[Entity]) -> Vec<SubjectId> {
    const NAMES: [&str; 4] = ["appname", "service.name", "entity.name", "entityname"];
    let lower = query.to_lowercase();
    let mut named: BTreeSet<&str> = BTreeSet::new();
    for attribute in NAMES {
        for (at, _) in lower.match_indices(attribute) {
            // Lowering may move what follows letters beyond ASCII; then nothing is recognised rather than something else.
            let Some(rest) = query.get(at + attribute.len()..) else { continue };
            let rest = rest.trim_start_matches(['`', ' ']);
            let listed = rest.get(..2).is_some_and(|w| w.eq_ignore_ascii_case("in"));
            match rest.strip_prefix('=') {
                Some(one) => named.extend(one.trim_start().strip_prefix('\'').and_then(|v| v.split('\'').next())),
                None if listed => {
                    let inside = rest.split_once('(').and_then(|(_, i)| i.split(')').next()).unwrap_or_default();
                    named.extend(inside.split('\'').skip(1).step_by(2));
                }
                None => {}
            }
        }
    }
    let is_named = |s: &&Entity| named.contains(s.name.as_str()) || query.contains(&format!("'{}'", s.guid));
    services.iter().filter(is_named).map(Entity::subject).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shop() -> Entity {
        let row = json!({"guid": "MXxBUE18QVBQTElDQVRJT058NDI", "name": "my-app-name", "domain": "APM"});
        super::super::reading::entity(&row).expect("an entity")
    }

    #[test]
    fn conditions_are_recognised() {
        let check = |name: &str, query: &str, kind| assert_eq!(watches(name, query), kind, "{query}");
        // "NerdGraph tutorial: NRQL condition alerts", its static and baseline conditions.
        check(
            "Low Host Count - Catastrophic",
            "SELECT uniqueCount(host) FROM Transaction WHERE appName='my-app-name'",
            AlertKind::Cause,
        );
        check("Baseline Condition", "SELECT average(duration) FROM Transaction", AlertKind::Latency);
        // "Alerting on service levels".
        let burn = "FROM Metric SELECT 100 - clamp_max(sum(newrelic.sli.good) / sum(newrelic.sli.valid) * 100, 100) WHERE sli.guid = 'x'";
        check("fast burn", burn, AlertKind::BurnRate);
        check("a", "SELECT percentage(count(*), WHERE error IS true) FROM Transaction", AlertKind::Errors);
        check("order host", "SELECT average(cpuPercent) FROM SystemSample", AlertKind::Cause);
        check("Checkout", "SELECT count(*) FROM PageAction WHERE actionName = 'checkout'", AlertKind::Business);
        check("x", "SELECT count(*) FROM MyEvent", AlertKind::Other);
    }

    #[test]
    fn services_are_found_by_what_a_query_names() {
        let check = |query: &str, found: bool| assert_eq!(!about(query, &[shop()]).is_empty(), found, "{query}");
        check("SELECT 1 FROM Transaction WHERE appName='my-app-name'", true);
        check("SELECT 1 FROM Transaction WHERE `appName` = 'my-app-name'", true);
        check("SELECT 1 FROM Transaction WHERE appName IN ('other', 'my-app-name')", true);
        check("SELECT 1 FROM Metric WHERE entity.guid = 'MXxBUE18QVBQTElDQVRJT058NDI'", true);
        check("SELECT 1 FROM Transaction WHERE appName != 'my-app-name'", false);
        check("SELECT 1 FROM Transaction WHERE name = 'my-app-name'", false);
        check("SELECT 1 FROM Transaction WHERE appName LIKE 'my-app-name%'", false);
    }

    #[test]
    fn terms_are_told() {
        let row = json!({"terms": [{"threshold": 2.0, "thresholdOccurrences": "AT_LEAST_ONCE", "thresholdDuration": 600,
            "operator": "BELOW", "priority": "CRITICAL"}]});
        assert_eq!(expression(&row, "SELECT 1"), "SELECT 1 [CRITICAL: BELOW 2 for 600 s, AT_LEAST_ONCE]");
        assert_eq!(expression(&json!({}), "SELECT 1"), "SELECT 1");
    }
}
