//! Redundancy that exists only on paper: copies that one event takes together. Only what the graph shows is said; what is
//! not known (a member without a zone, a gateway without a place) gives no sentence.

use loadline_model::{Environment, Graph, Kind, Node, Relation, SubjectId};
use std::collections::{BTreeMap, BTreeSet};

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// What is shared.
    pub sentence: String,
    /// Why it is no redundancy.
    pub why: String,
    /// What to fail to see it.
    pub fails: Option<SubjectId>,
    /// Names to light up.
    pub names: Vec<String>,
}

/// Everything found, groups first, then copies, then backups, each in id order.
pub fn found(graph: &Graph) -> Vec<Paper> {
    let ties = Ties::of(graph);
    let production = || graph.nodes.iter().filter(|n| n.environment == Environment::Production && !n.implied);
    let groups = production().filter_map(|n| group(graph, &ties, n));
    let copies = production().filter(|n| n.kind.is_store()).filter_map(|n| copies(graph, &ties, n));
    let backups = production().filter(|n| n.kind.is_store()).filter_map(|n| backups(graph, &ties, n));
    groups.chain(copies).chain(backups).collect()
}

/// What each thing has and is in.
#[derive(Default)]
struct Ties<'a> {
    members: BTreeMap<&'a SubjectId, BTreeSet<&'a SubjectId>>,
    places: BTreeMap<&'a SubjectId, BTreeSet<&'a SubjectId>>,
    gateways: BTreeMap<&'a SubjectId, BTreeSet<&'a SubjectId>>,
    copies: BTreeMap<&'a SubjectId, Vec<(&'a SubjectId, Option<bool>)>>,
    backups: BTreeMap<&'a SubjectId, BTreeSet<&'a SubjectId>>,
}

impl<'a> Ties<'a> {
    fn of(graph: &'a Graph) -> Self {
        let mut ties = Self::default();
        for edge in &graph.edges {
            let (from, to) = (&edge.from, &edge.to);
            match edge.relation {
                Relation::MemberOf => drop(ties.members.entry(to).or_default().insert(from)),
                Relation::RunsIn => drop(ties.places.entry(from).or_default().insert(to)),
                Relation::RoutesThrough => drop(ties.gateways.entry(from).or_default().insert(to)),
                Relation::ReplicatedTo { automatic, .. } => ties.copies.entry(from).or_default().push((to, automatic)),
                Relation::BacksUp => drop(ties.backups.entry(to).or_default().insert(from)),
                _ => {}
            }
        }
        ties
    }
    /// The only place of a kind that a thing runs in.
    fn only_place(&self, graph: &'a Graph, id: &SubjectId, kind: Kind) -> Option<&'a Node> {
        let mut places = self.places.get(id)?.iter().filter_map(|p| graph.node(p)).filter(|p| p.kind == kind);
        places.next().filter(|_| places.next().is_none())
    }
}

/// The one value that all have; `None` when one has none or they differ.
fn shared<T: PartialEq>(mut of_each: impl Iterator<Item = Option<T>>) -> Option<T> {
    let first = of_each.next().flatten()?;
    of_each.all(|other| other.as_ref() == Some(&first)).then_some(first)
}

fn group(graph: &Graph, ties: &Ties<'_>, node: &Node) -> Option<Paper> {
    let members: Vec<&Node> = ties.members.get(&node.id)?.iter().filter_map(|id| graph.node(id)).collect();
    let all_needed = !node.required_assumed && node.required.is_some_and(|k| k as usize >= members.len());
    if members.len() < 2 || all_needed {
        return None;
    }
    let all = if members.len() == 2 { "Both members".to_owned() } else { format!("All {} members", members.len()) };
    let names = |place: &Node| {
        let parts = members.iter().map(|m| m.name.clone());
        parts.chain([node.name.clone(), place.name.clone()]).collect()
    };
    if let Some(host) = shared(members.iter().map(|m| ties.only_place(graph, &m.id, Kind::Host).map(|h| &h.id)))
        && let Some(host) = graph.node(host)
    {
        return Some(Paper {
            sentence: format!("{all} of {} run on {}.", node.name, host.name),
            why: "One machine takes all of them.".into(),
            fails: Some(host.id.clone()),
            names: names(host),
        });
    }
    if let Some(zone) = shared(members.iter().map(|m| m.zone.as_ref())) {
        let zone = graph.node(zone)?;
        return Some(Paper {
            sentence: format!("{all} of {} run in {}.", node.name, zone.name),
            why: "One zone takes all of them.".into(),
            fails: Some(zone.id.clone()),
            names: names(zone),
        });
    }
    let nat = one_gateway(graph, ties, node, &members)?;
    let zone = nat.zone.as_ref().and_then(|z| graph.node(z))?;
    Some(Paper {
        sentence: format!("{all} of {} reach the outside through {}.", node.name, nat.name),
        why: format!("It stands in {} alone.", zone.name),
        fails: Some(nat.id.clone()),
        names: names(nat),
    })
}

/// The gateway that every member leaves through, when it is known to stand in one place and to be no group itself.
fn one_gateway<'a>(graph: &'a Graph, ties: &Ties<'a>, group: &Node, members: &[&Node]) -> Option<&'a Node> {
    let of_group = ties.gateways.get(&group.id);
    let only = |id: &SubjectId| {
        let gateways = ties.gateways.get(id).or(of_group)?;
        gateways.first().copied().filter(|_| gateways.len() == 1)
    };
    let gateway = graph.node(shared(members.iter().map(|m| only(&m.id)))?)?;
    let alone = !ties.members.contains_key(&gateway.id) && ties.only_place(graph, &gateway.id, Kind::Zone).is_some();
    alone.then_some(gateway)
}

fn copies(graph: &Graph, ties: &Ties<'_>, store: &Node) -> Option<Paper> {
    let copies = ties.copies.get(&store.id)?;
    let nodes: Vec<&Node> = copies.iter().filter_map(|(id, _)| graph.node(id)).collect();
    let names = |more: Option<&Node>| {
        let parts = nodes.iter().copied().chain([store]).chain(more);
        parts.map(|n| n.name.clone()).collect()
    };
    let what = match nodes.as_slice() {
        [] => return None,
        [one] => format!("its copy {}", one.name),
        many => format!("its {} copies", many.len()),
    };
    if let Some(zone) = shared(nodes.iter().copied().chain([store]).map(|n| n.zone.as_ref())) {
        let zone = graph.node(zone)?;
        return Some(Paper {
            sentence: format!("{} and {what} run in {}.", store.name, zone.name),
            why: "One zone takes the data and its copy.".into(),
            fails: Some(zone.id.clone()),
            names: names(Some(zone)),
        });
    }
    let by_hand = copies.iter().all(|(_, automatic)| *automatic == Some(false));
    by_hand.then(|| Paper {
        sentence: format!("Nobody but a person switches {} to {what}.", store.name),
        why: "Until somebody does, the copy helps nobody.".into(),
        fails: Some(store.id.clone()),
        names: names(None),
    })
}

fn backups(graph: &Graph, ties: &Ties<'_>, store: &Node) -> Option<Paper> {
    let backups = ties.backups.get(&store.id)?;
    let everywhere = backups.iter().copied().chain([&store.id]);
    let account = shared(everywhere.map(|id| vendor_account(graph, ties, id)))?;
    Some(Paper {
        sentence: format!("Every backup of {} lies in its own account {account}.", store.name),
        why: "Who loses or locks the account loses both.".into(),
        fails: None,
        names: vec![store.name.clone()],
    })
}

/// The vendor's account a thing is in: as the graph says, else as its ARN says.
fn vendor_account(graph: &Graph, ties: &Ties<'_>, id: &SubjectId) -> Option<String> {
    if let Some(account) = ties.only_place(graph, id, Kind::Account) {
        return Some(account.name.clone());
    }
    let mut parts = id.as_str().split(':');
    let account = parts.next().filter(|p| *p == "arn").and_then(|_| parts.nth(3))?;
    (account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit())).then(|| account.to_owned())
}
