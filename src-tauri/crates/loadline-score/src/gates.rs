//! The gates that cap the label whatever the number says; each is closed unless it is proven open (`scoring.md` §3.1).

use crate::rate::Situation;
use loadline_model::{Check, Environment, Gate, Kind, Label, ORGANISATION, Outcome, SubjectId, Topology};
use std::collections::BTreeSet;

/// Blast radius from which one failure is the end of the business day.
const FATAL_BLAST_RADIUS: f64 = 0.9;
/// Least headroom, as a multiple of today's peak.
const LEAST_HEADROOM: f64 = 1.5;
/// Families that must be measured while some tier is not.
const LEAST_FAMILIES: usize = 3;

/// G1, G2, G3.
pub(crate) fn gates(checks: &[Check], situation: &Situation<'_>) -> Vec<Gate> {
    vec![
        gate("G1", "Is every primary store backed up, with a restore that was proven?", Label::AtRisk, backups(checks)),
        gate(
            "G2",
            "Is every failure that stops nearly everything rehearsed?",
            Label::Conditional,
            rehearsed(checks, situation.topology),
        ),
        gate("G3", "Does 1.5 times today's peak fit?", Label::Conditional, headroom(situation)),
    ]
}

/// Open or closed, each with its reason.
type Answer = Result<String, String>;

fn gate(id: &str, question: &str, caps_at: Label, answer: Answer) -> Gate {
    let open = answer.is_ok();
    let (Ok(because) | Err(because)) = answer;
    Gate { id: id.to_owned(), question: question.to_owned(), open, caps_at, because }
}

fn backups(checks: &[Check]) -> Answer {
    let stores = proven(checks, "DATA-001", "Automatic backups", "store")?;
    proven(checks, "DATA-004", "Restores", "store")?;
    Ok(format!("Automatic backups and a restore are proven for {stores}."))
}

/// Names of the passing subjects when a rule passes everywhere it applies and somewhere at all.
fn proven(checks: &[Check], rule: &str, what: &str, subject: &str) -> Answer {
    let named = |wanted: fn(&Outcome) -> bool| {
        let hits = checks.iter().filter(|c| c.rule.as_str() == rule && wanted(&c.result.outcome));
        hits.map(|c| c.subject.name.as_str()).collect::<BTreeSet<_>>()
    };
    let failing = named(|o| matches!(o, Outcome::Fail { .. }));
    let unknown = named(Outcome::is_unknown);
    let passing = named(|o| matches!(o, Outcome::Pass));
    if !failing.is_empty() {
        Err(format!("{what} fail for {} ({rule}).", list(&failing)))
    } else if !unknown.is_empty() {
        Err(format!("{what} are not proven for {} ({rule}).", list(&unknown)))
    } else if passing.is_empty() {
        Err(format!("{what} are not proven for any {subject} ({rule})."))
    } else {
        Ok(list(&passing))
    }
}

fn rehearsed(checks: &[Check], topology: &Topology) -> Answer {
    mapped(topology)?;
    let drilled = drilled(checks);
    let fatal: Vec<_> = topology.spofs.iter().filter(|s| s.blast_radius >= FATAL_BLAST_RADIUS).collect();
    let open: BTreeSet<&str> = fatal
        .iter()
        .filter(|s| !drilled.contains(&s.subject.id) && !drilled.contains(&SubjectId::from(ORGANISATION)))
        .map(|s| s.subject.name.as_str())
        .collect();
    if !open.is_empty() {
        Err(format!(
            "The failure of {} stops at least 90 % of journeys, and recovery was never rehearsed (TEST-004).",
            list(&open)
        ))
    } else if fatal.is_empty() {
        Ok("No single failure stops 90 % of journeys.".to_owned())
    } else {
        let names = fatal.iter().map(|s| s.subject.name.as_str()).collect();
        Ok(format!("Recovery from the failure of {} was rehearsed.", list(&names)))
    }
}

/// Subjects whose failure was rehearsed. The organisation counts only when nothing of TEST-004 fails or is unknown.
fn drilled(checks: &[Check]) -> BTreeSet<SubjectId> {
    let drills = || checks.iter().filter(|c| c.rule.as_str() == "TEST-004");
    let open = |c: &Check| matches!(c.result.outcome, Outcome::Fail { .. } | Outcome::Unknown { .. });
    let all = !drills().any(open);
    let refused: BTreeSet<_> = drills().filter(|c| open(c)).map(|c| c.subject.id.clone()).collect();
    drills()
        .filter(|c| matches!(c.result.outcome, Outcome::Pass) && (all || c.subject.id.as_str() != ORGANISATION))
        .map(|c| c.subject.id.clone())
        .filter(|id| !refused.contains(id))
        .collect()
}

/// Closed while the graph cannot show every fatal failure: no journey, a journey that is down on paper, or production parts of
/// the request path whose blast radius is not known.
fn mapped(topology: &Topology) -> Result<(), String> {
    let graph = &topology.graph;
    if graph.nodes.is_empty() || graph.journeys.is_empty() {
        return Err("No journey is mapped yet, so a single point of failure cannot be ruled out.".to_owned());
    }
    let broken: BTreeSet<&str> = graph.journeys.iter().filter(|j| j.broken_model).map(|j| j.name.as_str()).collect();
    if !broken.is_empty() {
        return Err(format!(
            "The map does not show how {} works, so a single point of failure cannot be ruled out.",
            list(&broken)
        ));
    }
    let hidden: BTreeSet<&str> = graph
        .nodes
        .iter()
        .filter(|n| {
            on_request_path(n.kind) && n.environment == Environment::Production && !topology.exposure(&n.id).known
        })
        .map(|n| n.name.as_str())
        .collect();
    if hidden.is_empty() {
        return Ok(());
    }
    Err(format!(
        "It is not known which journeys need {}, so a single point of failure cannot be ruled out.",
        list(&hidden)
    ))
}

/// Kinds whose failure stops journeys by itself; members, hosts and zones are judged through them.
fn on_request_path(kind: Kind) -> bool {
    use Kind::{Cache, Cdn, Database, Dns, Entrypoint, External, Gateway, LoadBalancer, Queue, Service, Store};
    matches!(
        kind,
        Cache | Cdn | Database | Dns | Entrypoint | External | Gateway | LoadBalancer | Queue | Service | Store
    )
}

fn headroom(situation: &Situation<'_>) -> Answer {
    let capacity = situation.capacity;
    let Some(first) = &capacity.first_limit else {
        return Err("No limit is measured, so headroom is not proven.".to_owned());
    };
    let times = first.multiplier.p10;
    let limit = format!("{} of {}", first.resource.word().replace('_', " "), first.subject.name);
    if !times.is_finite() {
        return Err(format!("The headroom of the first limit, {limit}, is not known."));
    }
    // Rounded down, so that a closed gate never prints the number that would open it.
    let shown = (times * 100.0).floor() / 100.0;
    if times < LEAST_HEADROOM {
        if times < 1.0 {
            return Err(format!("The first limit, {limit}, may already be passed at today's peak."));
        }
        return Err(format!("The first limit, {limit}, may be reached at {shown:.2} times today's peak."));
    }
    let families: BTreeSet<&String> = capacity.families.iter().collect();
    if !capacity.unmeasured.is_empty() && families.len() < LEAST_FAMILIES {
        return Err(format!(
            "Only {} of 5 families of limits are measured, so the first limit may be hidden.",
            families.len()
        ));
    }
    Ok(format!("The first limit, {limit}, is reached at {shown:.2} times today's peak or later."))
}

/// At most three names, then how many more.
fn list(names: &BTreeSet<&str>) -> String {
    let shown: Vec<&str> = names.iter().copied().take(3).collect();
    let text = match shown.as_slice() {
        [] => "nothing".to_owned(),
        [one] => (*one).to_owned(),
        [rest @ .., last] if names.len() == shown.len() => format!("{} and {last}", rest.join(", ")),
        _ => shown.join(", "),
    };
    if names.len() > shown.len() { format!("{text} and {} more", names.len() - shown.len()) } else { text }
}
