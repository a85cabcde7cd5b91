//! LOAD: load control.

mod calls_without_timeout;
mod no_admission_control;
mod no_circuit_breaker;
mod no_firewall;
mod no_rate_limit;
mod retries_amplify;

use crate::{Context, Rule, Subject};
use loadline_model::{Relation, SubjectId};

/// The rules of this family, by id.
pub(crate) const RULES: &[&Rule] = &[
    &no_rate_limit::RULE,
    &no_firewall::RULE,
    &calls_without_timeout::RULE,
    &no_circuit_breaker::RULE,
    &retries_amplify::RULE,
    &no_admission_control::RULE,
];

/// A thing and what it hands requests to, nearest first.
pub(crate) fn request_path(subject: &Subject<'_>, context: &Context<'_>) -> Vec<SubjectId> {
    let mut found = vec![subject.id.clone()];
    let mut at = 0;
    while let Some(id) = found.get(at).cloned() {
        for edge in context.facts.edges_from(&id).filter(|e| e.edge.relation == Relation::Serves) {
            if !found.contains(&edge.to) {
                found.push(edge.to);
            }
        }
        at += 1;
    }
    found
}

#[cfg(test)]
mod cases {
    //! Entry points and services for cases.
    use crate::testing::Case;
    use loadline_model::{Kind, Relation, Resource, Tier};

    /// An entry point `www` of a tier before a balancer `lb` and a service `api`.
    pub(in crate::load) fn entry(tier: Tier) -> Case {
        Case::new()
            .has("www", Resource { tier: Some(tier), ..Resource::new(Kind::Entrypoint, "www") })
            .edge("www", Relation::Serves, "lb")
            .edge("lb", Relation::Serves, "api")
    }
    /// A service `api` of a tier.
    pub(in crate::load) fn service(tier: Tier) -> Case {
        Case::new().has("api", Resource { tier: Some(tier), ..Resource::new(Kind::Service, "api") })
    }
}
