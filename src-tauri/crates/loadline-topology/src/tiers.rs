//! Criticality of each node (`rules.md` §1.2).

use crate::system::System;
use crate::{implied, reach};
use loadline_model::{Environment, FactIndex, Graph, Kind, Tier, key};

/// A tier per node: what a person or an account declares; else T0 on the hard path of a critical journey or for a production store
/// whose role is user data or unknown; else T1 when users reach it, or may reach it unseen; else T2.
pub(crate) fn derive(index: &FactIndex<'_>, graph: &Graph, system: &System) -> Vec<Tier> {
    let critical = (0..graph.journeys.len()).filter(|j| graph.journeys[*j].critical);
    let hard = system.hard_only().reached(system.footing(critical));
    let reached = reach::users_reach(graph, system);
    let hidden = implied::hides_ways(index);
    let may_reach = |i: usize| {
        let node = &graph.nodes[i];
        reached[i] || hidden && node.kind == Kind::Service && node.environment == Environment::Production
    };
    let user_data = |i: usize| {
        let node = &graph.nodes[i];
        let role = index.text(&node.id, key::STORE_ROLE).map(|(role, _)| role);
        node.kind.is_store() && node.environment == Environment::Production && matches!(role, None | Some("user_data"))
    };
    let tier = |i: usize| {
        let node = &graph.nodes[i];
        let declared = index.resource(&node.id).and_then(|r| r.tier);
        declared.unwrap_or_else(|| {
            if (hard[i] && !matches!(node.kind, Kind::Person | Kind::Pipeline)) || user_data(i) {
                Tier::T0
            } else if may_reach(i) {
                Tier::T1
            } else {
                Tier::T2
            }
        })
    };
    (0..graph.nodes.len()).map(tier).collect()
}
