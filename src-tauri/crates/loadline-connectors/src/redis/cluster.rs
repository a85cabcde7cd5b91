//! Redis Cluster: shards and their copies, as one node sees them. The other nodes are not asked: their addresses come
//! from a server, and a password is only given to what a person named.

use super::commands::Argument;
use super::commands::{CLUSTER_INFO, CLUSTER_NODES};
use super::identity::{identifier, plausible};
use super::info::Info;
use super::reading::Reading;
use crate::Cancelled;
use loadline_model::{Basis, Confidence, Edge, GapReason, Kind, Relation, Resource, SubjectId, Value, key};
use std::collections::BTreeMap;

/// A node.
#[derive(Clone, Debug, PartialEq)]
struct Node {
    id: String,
    endpoint: String,
    /// The primary that it copies; `None` for a primary.
    of: Option<String>,
    up: bool,
    slots: u32,
    /// The node that answered.
    own: bool,
}

/// Reads the shards; `state` is the text of `CLUSTER INFO`.
pub(super) async fn read(r: &mut Reading<'_>, state: Option<String>, name: &str) -> Result<(), Cancelled> {
    let store = r.server.store();
    let healthy = state.and_then(|s| Info::parse(&s).text("cluster_state").map(|s| s == "ok"));
    let Some(text) = r.ask(&CLUSTER_NODES, Argument::None).await?.and_then(|reply| reply.text()) else { return Ok(()) };
    let nodes: Vec<Node> = text.lines().filter_map(node).collect();
    let primaries: Vec<&Node> = nodes.iter().filter(|n| n.of.is_none() && n.slots > 0).collect();
    if primaries.is_empty() {
        let detail = "No shard of this Redis Cluster holds slots.";
        r.answer.miss_of(GapReason::FeatureDisabled, detail, "Assign its slots.", &[], Some(&store));
        return Ok(());
    }
    let mut copies: BTreeMap<&str, Vec<&Node>> = BTreeMap::new();
    for node in nodes.iter().filter(|n| n.up) {
        if let Some(of) = &node.of {
            copies.entry(of).or_default().push(node);
        }
    }
    let of = |primary: &Node| copies.get(primary.id.as_str()).map_or(&[][..], Vec::as_slice);
    let fewest = primaries.iter().map(|p| of(p).len()).min().unwrap_or(0);
    let up = primaries.iter().filter(|p| p.up).count();
    // A majority of the primaries agrees on a failover; a cluster that is not whole has lost a shard.
    let up = if healthy == Some(false) { up.min(primaries.len() - 1) } else { up };
    r.number(&CLUSTER_NODES, key::QUORUM_VOTES, Some(primaries.len() as f64));
    r.number(&CLUSTER_INFO, key::QUORUM_HEALTHY, Some(up as f64));
    r.number(&CLUSTER_NODES, key::STANDBY_MEMBERS, Some(fewest as f64));
    r.set(&CLUSTER_NODES, Basis::Measured, key::AUTOMATIC_FAILOVER, None, Value::Bool(fewest > 0));
    let whole = Resource {
        engine: Some(r.server.engine.to_owned()),
        required_members: u32::try_from(primaries.len()).ok(),
        ..Resource::new(Kind::Cache, if name.is_empty() { store.as_str() } else { name })
    };
    r.measured(&store, &CLUSTER_NODES, whole);
    for primary in &primaries {
        shard(r, &store, primary, of(primary));
    }
    for known in &nodes {
        let edge = Edge { relation: Relation::SameAs, to: node_name(&known.id), confidence: Confidence::Declared };
        r.answer.say(&store, CLUSTER_NODES.name, Basis::Configured, edge);
    }
    unread(r, &store, &primaries, &nodes);
    Ok(())
}

/// The cluster by one of its nodes: every node claims it for the whole, so that any of them may be connected.
fn node_name(id: &str) -> SubjectId {
    SubjectId(format!("redis:node:{id}"))
}

fn shard(r: &mut Reading<'_>, store: &SubjectId, primary: &Node, copies: &[&Node]) {
    let subject = SubjectId(format!("{store}/shard/{}", primary.id));
    let engine = Some(r.server.engine.to_owned());
    let required_members = (!copies.is_empty()).then_some(1);
    let resource = Resource {
        engine: engine.clone(),
        required_members,
        ..Resource::new(Kind::Instance, format!("shard of {}", primary.endpoint))
    };
    r.measured(&subject, &CLUSTER_NODES, resource);
    let member =
        |to: &SubjectId| Edge { relation: Relation::MemberOf, to: to.clone(), confidence: Confidence::Observed };
    r.measured(&subject, &CLUSTER_NODES, member(store));
    for node in [primary].into_iter().chain(copies.iter().copied()) {
        let id = SubjectId(format!("{store}/node/{}", node.id));
        let resource = Resource { engine: engine.clone(), ..Resource::new(Kind::Instance, &node.endpoint) };
        r.measured(&id, &CLUSTER_NODES, resource);
        r.measured(&id, &CLUSTER_NODES, member(&subject));
    }
}

fn unread(r: &mut Reading<'_>, store: &SubjectId, primaries: &[&Node], nodes: &[Node]) {
    let own = nodes.iter().find(|n| n.own).map(|n| n.of.clone().unwrap_or_else(|| n.id.clone()));
    let others: Vec<&str> =
        primaries.iter().filter(|p| Some(&p.id) != own.as_ref()).map(|p| p.endpoint.as_str()).take(20).collect();
    if !others.is_empty() {
        let detail =
            format!("Memory, settings and keys of {} of {} shards were not read.", others.len(), primaries.len());
        let closes = format!("Connect a node of each as an account of its own: {}.", others.join(", "));
        r.answer.miss_of(GapReason::NotConnected, detail, closes, &[], Some(store));
    }
}

/// A line of `CLUSTER NODES`: id, address, flags, primary, pings, epoch, link, slots.
fn node(line: &str) -> Option<Node> {
    let mut words = line.split(' ');
    let id = identifier(words.next())?;
    // `host:port@bus,name`; the bus since version 4, the name since 7.
    let address = words.next()?;
    let (address, name) = match address.split_once('@') {
        Some((address, rest)) => (address, rest.split_once(',').map(|(_, name)| name)),
        None => (address, None),
    };
    let (host, port) = address.rsplit_once(':')?;
    let named = name.and_then(|n| n.split(',').next()).and_then(plausible);
    let host = named.or_else(|| plausible(host)).unwrap_or("unknown");
    let flags: Vec<&str> = words.next()?.split(',').collect();
    if flags.contains(&"handshake") || flags.contains(&"noaddr") {
        return None;
    }
    let of = identifier(words.next());
    let link = words.nth(3)?;
    let range = |slots: &str| {
        let (from, to) = slots.split_once('-').unwrap_or((slots, slots));
        Some((from.parse::<u32>().ok()?, to.parse::<u32>().ok()?))
    };
    let slots = words.filter_map(range).map(|(from, to)| to.saturating_sub(from).saturating_add(1)).sum();
    let failed = flags.iter().any(|f| matches!(*f, "fail" | "fail?"));
    let own = flags.contains(&"myself");
    let up = !failed && (own || link == "connected");
    Some(Node { id, endpoint: super::address::endpoint(host, port.parse().ok()?), of, up, slots, own })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_of_any_age() {
        let id = |c: char| c.to_string().repeat(40);
        let check = |line: String, expected: Option<(&str, bool, bool, u32)>| {
            let found = node(&line);
            let told = found.as_ref().map(|n| (n.endpoint.as_str(), n.of.is_none(), n.up, n.slots));
            assert_eq!(told, expected, "{line}");
        };
        let (a, b) = (id('a'), id('b'));
        check(
            format!("{a} 10.0.0.1:6379@16379 myself,master - 0 0 1 connected 0-5460"),
            Some(("10.0.0.1:6379", true, true, 5461)),
        );
        check(
            format!("{a} 10.0.0.1:6379@16379,n1.example.com master - 0 0 1 connected 0-1 5 [7->-x]"),
            Some(("n1.example.com:6379", true, true, 3)),
        );
        check(format!("{a} 10.0.0.1:6379@16379 slave {b} 0 0 1 connected"), Some(("10.0.0.1:6379", false, true, 0)));
        check(
            format!("{a} 10.0.0.1:6379@16379 master,fail - 0 0 1 disconnected 1-2"),
            Some(("10.0.0.1:6379", true, false, 2)),
        );
        check(format!("{a} 10.0.0.1:6379 slave {b} 0 0 1 connected"), Some(("10.0.0.1:6379", false, true, 0)));
        check(format!("{a} :0@0 master,noaddr - 0 0 1 disconnected"), None);
        check("nonsense".to_owned(), None);
    }
}
