//! Redundancy on paper: said when the graph shows it, and only then.

use super::{company, edge, node};
use crate::pages::map::paper::found;
use loadline_model::{Graph, GraphEdge, Kind, Node, Relation, SubjectId};

fn copied(automatic: Option<bool>) -> Relation {
    Relation::ReplicatedTo { synchronous: None, automatic }
}

/// The company with more things, more ties, and some things in other zones.
fn company_with(nodes: Vec<Node>, edges: Vec<GraphEdge>, moved: &[(&str, Option<&str>)]) -> Graph {
    let mut graph = company().graph;
    graph.nodes.extend(nodes);
    graph.edges.extend(edges);
    for (id, zone) in moved {
        graph.edges.retain(|e| e.from != SubjectId::from(*id) || e.relation != Relation::RunsIn);
        graph.edges.extend(zone.iter().map(|zone| edge(id, zone, Relation::RunsIn)));
        graph.nodes.iter_mut().filter(|n| n.name == *id).for_each(|n| n.zone = zone.map(Into::into));
    }
    graph.nodes.sort_by(|a, b| a.id.cmp(&b.id));
    graph.edges.sort();
    graph
}

fn check(graph: &Graph, expected: &[&str]) {
    let sentences: Vec<String> = found(graph).into_iter().map(|p| p.sentence).collect();
    assert_eq!(sentences, expected);
}

#[test]
fn members_of_one_zone_are_no_redundancy() {
    check(&company().graph, &[]);
    let same = [("api-2", Some("zone-a"))];
    check(&company_with(vec![], vec![], &same), &["Both members of api run in zone-a."]);
    check(&company_with(vec![], vec![], &[("api-2", None)]), &[]);
}

#[test]
fn a_group_that_needs_all_its_members_claims_no_redundancy() {
    let mut graph = company_with(vec![], vec![], &[("api-2", Some("zone-a"))]);
    graph.nodes.iter_mut().filter(|n| n.name == "api").for_each(|n| n.required = Some(2));
    check(&graph, &[]);
}

#[test]
fn members_of_one_machine_fall_with_it() {
    let on = |member: &str| edge(member, "vm", Relation::RunsIn);
    let graph = company_with(vec![node("vm", Kind::Host, None)], vec![on("api-1"), on("api-2")], &[]);
    check(&graph, &["Both members of api run on vm."]);
}

#[test]
fn two_zones_behind_one_gateway() {
    let nat = || node("nat", Kind::Gateway, Some("zone-a"));
    let there = || edge("nat", "zone-a", Relation::RunsIn);
    let through = |who: &str| edge(who, "nat", Relation::RoutesThrough);
    let shared = company_with(vec![nat()], vec![there(), through("api-1"), through("api-2")], &[]);
    check(&shared, &["Both members of api reach the outside through nat."]);
    let by_group = company_with(vec![nat()], vec![there(), through("api")], &[]);
    check(&by_group, &["Both members of api reach the outside through nat."]);
    let placeless = company_with(vec![node("nat", Kind::Gateway, None)], vec![through("api")], &[]);
    check(&placeless, &[]);
    let regional =
        company_with(vec![nat()], vec![there(), edge("nat", "zone-b", Relation::RunsIn), through("api")], &[]);
    check(&regional, &[]);
    let half = company_with(vec![nat()], vec![there(), through("api-1")], &[]);
    check(&half, &[]);
}

#[test]
fn a_copy_in_the_same_zone_or_behind_a_person() {
    check(&company_with(vec![], vec![], &[("copy", Some("zone-a"))]), &["db and its copy copy run in zone-a."]);
    let mut graph = company().graph;
    for edge in graph.edges.iter_mut().filter(|e| matches!(e.relation, Relation::ReplicatedTo { .. })) {
        edge.relation = copied(Some(false));
    }
    check(&graph, &["Nobody but a person switches db to its copy copy."]);
}

#[test]
fn backups_in_the_account_of_what_they_back_up() {
    let arn = |account: &str, what: &str| format!("arn:aws:rds:eu-central-1:{account}:{what}");
    let build = |account: &str| {
        let (store, backup) = (arn("111122223333", "db:orders"), arn(account, "snapshot:orders"));
        let nodes = vec![node(&store, Kind::Database, None), node(&backup, Kind::Store, None)];
        company_with(nodes, vec![edge(&backup, &store, Relation::BacksUp)], &[])
    };
    let name = arn("111122223333", "db:orders");
    check(&build("111122223333"), &[&format!("Every backup of {name} lies in its own account 111122223333.")]);
    check(&build("444455556666"), &[]);
    let unknown = vec![node("dump", Kind::Store, None)];
    check(&company_with(unknown, vec![edge("dump", "db", Relation::BacksUp)], &[]), &[]);
}
