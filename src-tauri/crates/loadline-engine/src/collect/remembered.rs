//! What happened stays happened: deployments, change requests and incidents that a vendor no longer lists, or was no longer
//! asked for, are carried over from the visit before.

use loadline_model::{Body, Fact, Scope, ScopeStatus, SubjectId, Timestamp};
use std::collections::BTreeSet;

/// Longest memory: what is older helps no figure and would only grow.
const DAYS: f64 = 730.0;

/// Facts that tell of something that happened once.
pub(super) fn is_event(fact: &Fact) -> bool {
    event(&fact.body).is_some()
}

/// Identity and time of what a fact tells of.
fn event(body: &Body) -> Option<(&'static str, &str, Timestamp)> {
    match body {
        Body::Deployment(d) => Some(("deployment", &d.id, d.started_at)),
        Body::ChangeRequest(c) => Some(("change request", &c.id, c.opened_at)),
        Body::Incident(i) => Some(("incident", &i.id, i.started_at)),
        _ => None,
    }
}

/// Adds what earlier visits were told and this one was not. After a whole visit all of it is as fresh as the visit: nothing newer
/// exists. After one with gaps it keeps the time of its own reading.
pub(super) fn carry(scope: &mut Scope, earlier: Vec<Fact>, now: Timestamp) {
    if scope.status == ScopeStatus::Failed {
        // It read nothing itself: the visit before stays the one that counts.
        return;
    }
    let told: BTreeSet<(SubjectId, &str, String)> = scope
        .facts
        .iter()
        .filter_map(|f| event(&f.body).map(|(kind, id, _)| (f.subject.clone(), kind, id.to_owned())))
        .collect();
    let whole = scope.status == ScopeStatus::Complete;
    let kept: Vec<Fact> = earlier
        .into_iter()
        .filter(|f| {
            event(&f.body).is_some_and(|(kind, id, at)| {
                now.days_since(at) <= DAYS && !told.contains(&(f.subject.clone(), kind, id.to_owned()))
            })
        })
        .map(|mut fact| {
            if whole {
                fact.provenance.read_at = now;
            }
            fact
        })
        .collect();
    scope.facts.extend(kept);
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::{AccountId, ActorKind, Basis, Deployment, DeploymentStatus, Gap, Provenance};

    fn deployment(id: &str, day: i64, status: DeploymentStatus) -> Fact {
        let started_at = Timestamp(0).plus_days(day);
        let body = Deployment {
            id: id.into(),
            environment: "production".into(),
            revision: "r".into(),
            started_at,
            finished_at: None,
            status,
            actor_kind: ActorKind::Pipeline,
            actor: None,
            strategy: None,
        };
        let account = AccountId::new("a");
        let provenance = Provenance { account, call: "c".into(), read_at: started_at, basis: Basis::Measured };
        Fact { subject: "api".into(), body: body.into(), provenance }
    }

    fn scope(status: ScopeStatus, facts: Vec<Fact>) -> Scope {
        Scope {
            name: "deployments/a".into(),
            status,
            finished_at: Timestamp(0),
            inventories: vec![],
            facts,
            gaps: Vec::<Gap>::new(),
        }
    }

    fn told(scope: &Scope) -> Vec<(String, DeploymentStatus, i64)> {
        let one = |f: &Fact| match &f.body {
            Body::Deployment(d) => Some((d.id.clone(), d.status, f.provenance.read_at.0)),
            _ => None,
        };
        scope.facts.iter().filter_map(one).collect()
    }

    #[test]
    fn what_is_told_again_replaces_and_what_is_not_stays() {
        use DeploymentStatus::{InProgress, Succeeded};
        let earlier = || {
            vec![
                deployment("old", 10, Succeeded),
                deployment("open", 790, InProgress),
                deployment("gone", 700, Succeeded),
            ]
        };
        let now = Timestamp(0).plus_days(800);
        let mut whole = scope(ScopeStatus::Complete, vec![deployment("open", 790, Succeeded)]);
        carry(&mut whole, earlier(), now);
        let day = |d| Timestamp(0).plus_days(d).0;
        assert_eq!(told(&whole), [("open".into(), Succeeded, day(790)), ("gone".into(), Succeeded, now.0)]);
        let mut partial = scope(ScopeStatus::Partial, vec![deployment("new", 799, Succeeded)]);
        carry(&mut partial, earlier(), now);
        let kept = told(&partial);
        assert_eq!(kept.len(), 3);
        assert!(kept.contains(&("gone".into(), Succeeded, day(700))), "what was not confirmed is as old as it is");
        let mut failed = scope(ScopeStatus::Failed, vec![]);
        carry(&mut failed, earlier(), now);
        assert!(failed.facts.is_empty());
    }
}
