//! Incidents that a person or a script tells of, for teams whose on-call tool is not connected. They explain and never acquit: no
//! check takes it for quiet where nothing was written down.

use crate::recorded::{self, newest};
use crate::workspace::Workspace;
use crate::{EngineError, clock};
use loadline_model::{Basis, Body, Fact, Incident, Kind, ORGANISATION, Snapshot, SubjectId, Timestamp, hash};

const SCOPE: &str = "incidents";
const CALL: &str = "loadline incidents record";
/// Longest title, in characters.
const TITLE: usize = 200;

/// An incident as somebody tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What failed: a service by id or name; `None`: nobody says.
    pub service: Option<String>,
    /// One sentence.
    pub title: String,
    /// Began.
    pub started_at: Timestamp,
    /// Over; `None`: not yet, or nobody says.
    pub resolved_at: Option<Timestamp>,
    /// Deployment or revision that caused it.
    pub caused_by: Option<String>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its identity, with which it is forgotten.
    pub id: String,
    /// It was known, and is now as told.
    pub changed: bool,
    /// The service that was named and no account knows.
    pub unmatched: Option<SubjectId>,
}

/// Records an incident. One of the same service, title and start is the same incident: it is told of anew, as when it is over.
///
/// # Errors
/// `invalid_incident` for times or a title that cannot be; what the store says.
pub async fn record(workspace: &Workspace, told: &Told) -> Result<Recorded, EngineError> {
    let title = checked(told)?;
    let snapshot = newest(workspace).await?;
    let subject = told.service.as_deref().map(|named| service(&snapshot, named));
    let (subject, unmatched) = match subject {
        Some(Ok(id)) => (id, None),
        Some(Err(id)) => (id.clone(), Some(id)),
        None => (SubjectId::new(ORGANISATION), None),
    };
    let id = hash::hex_of(&[subject.as_str(), &title, &told.started_at.to_string()])[..12].to_owned();
    let incident = Incident {
        id: id.clone(),
        title,
        started_at: told.started_at,
        detected_at: None,
        resolved_at: told.resolved_at,
        caused_by: told.caused_by.clone().filter(|c| !c.trim().is_empty()),
        failover: None,
        journeys: Vec::new(),
    };
    let mut facts = ours(&snapshot);
    let before = facts.len();
    facts.retain(|fact| identity(fact) != Some(&id));
    let changed = facts.len() < before;
    facts.push(recorded::told(subject, Body::Incident(incident), CALL, Basis::Stated));
    recorded::keep(workspace, SCOPE, facts).await?;
    Ok(Recorded { id, changed, unmatched })
}

/// Forgets an incident that was recorded here.
///
/// # Errors
/// `unknown_incident`; what the store says.
pub async fn forget(workspace: &Workspace, id: &str) -> Result<(), EngineError> {
    let mut facts = ours(&newest(workspace).await?);
    let before = facts.len();
    facts.retain(|fact| identity(fact) != Some(id));
    if facts.len() == before {
        let message = format!(
            "No incident `{id}` was recorded here. `loadline incidents` lists them; what an account told of is forgotten with it: loadline forget."
        );
        return Err(EngineError::new("unknown_incident", message));
    }
    recorded::keep(workspace, SCOPE, facts).await
}

/// The title, when everything can be.
fn checked(told: &Told) -> Result<String, EngineError> {
    let title = told.title.split_whitespace().collect::<Vec<_>>().join(" ");
    let why = if title.is_empty() || title.chars().count() > TITLE {
        format!("Its title must have 1 to {TITLE} characters.")
    } else if told.started_at > clock::now() {
        "It begins in the future. Check the time and its zone.".to_owned()
    } else if told.resolved_at.is_some_and(|end| end < told.started_at) {
        "It is over before it begins. Check its two times and their zone.".to_owned()
    } else {
        return Ok(title);
    };
    Err(EngineError::new("invalid_incident", format!("The incident was not recorded. {why}")))
}

/// A service by id or name, or the id under which one that nobody knows is kept.
fn service(snapshot: &Snapshot, named: &str) -> Result<SubjectId, SubjectId> {
    let unknown = || SubjectId::new(if named.contains(':') { named.to_owned() } else { format!("service:{named}") });
    recorded::thing(snapshot, named, |kind| kind == Kind::Service).ok_or_else(unknown)
}

fn identity(fact: &Fact) -> Option<&str> {
    if let Body::Incident(incident) = &fact.body { Some(&incident.id) } else { None }
}

fn ours(snapshot: &Snapshot) -> Vec<Fact> {
    recorded::of_ours(snapshot, |body| matches!(body, Body::Incident(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Place;
    use crate::delivery::{self, Record};
    use crate::workspace::AsOf;
    use loadline_model::{ActorKind, DeploymentStatus};
    use loadline_store::Location;

    fn told(started_at: Timestamp, resolved_at: Option<Timestamp>) -> Told {
        let title = "Checkout  down ".to_owned();
        Told { service: Some("shop".into()), title, started_at, resolved_at, caused_by: Some("a84d88e7554f".into()) }
    }

    async fn incidents(workspace: &Workspace) -> Vec<(SubjectId, Incident)> {
        let facts = newest(workspace).await.expect("a snapshot").facts;
        let of = |f: Fact| if let Body::Incident(i) = f.body { Some((f.subject, i)) } else { None };
        facts.into_iter().filter_map(of).collect()
    }

    #[tokio::test]
    async fn one_incident_is_recorded_ended_and_forgotten_and_deployments_stay() {
        let workspace = Workspace::open(&Place::Own(Location::Memory)).await.expect("a workspace");
        let begun = clock::now().plus_hours(-5);
        let deployment = Record {
            service: "shop".into(),
            environment: "production".into(),
            revision: "a84d88e7554f".into(),
            started_at: Some(begun.plus_hours(-1)),
            finished_at: Some(begun),
            status: DeploymentStatus::Succeeded,
            actor_kind: ActorKind::Pipeline,
            actor: None,
        };
        delivery::record(&workspace, std::slice::from_ref(&deployment)).await.expect("recorded");
        let first = record(&workspace, &told(begun, None)).await.expect("recorded");
        assert!(!first.changed && first.unmatched.is_none());
        let again = record(&workspace, &told(begun, Some(begun.plus_hours(1)))).await.expect("recorded");
        assert!(again.changed && again.id == first.id);
        let other = Record { revision: "0123456789ab".into(), started_at: Some(begun), ..deployment };
        delivery::record(&workspace, &[other]).await.expect("recorded");
        let [(subject, only)] = incidents(&workspace).await.try_into().expect("one");
        assert_eq!((subject.as_str(), only.title.as_str()), ("service:shop", "Checkout down"));
        assert_eq!(only.resolved_at, Some(begun.plus_hours(1)));
        let assessed = workspace.assessment(&AsOf::Newest).await.expect("assessed").expect("a snapshot");
        assert_eq!(assessed.deployments.len(), 2);
        assert_eq!(assessed.trends.delivery[0].failed, 1, "it names the deployment that caused it");
        forget(&workspace, &first.id).await.expect("forgotten");
        assert!(incidents(&workspace).await.is_empty());
        assert_eq!(forget(&workspace, &first.id).await.expect_err("gone").code, "unknown_incident");
        let stays = workspace.assessment(&AsOf::Newest).await.expect("assessed").expect("a snapshot");
        assert_eq!((stays.deployments.len(), stays.trends.delivery[0].failed), (2, 0));
    }

    #[tokio::test]
    async fn what_cannot_be_is_refused_and_an_unknown_service_is_said() {
        let workspace = Workspace::open(&Place::Own(Location::Memory)).await.expect("a workspace");
        let now = clock::now();
        let bad = [
            Told { title: " ".into(), ..told(now, None) },
            Told { title: "x".repeat(201), ..told(now, None) },
            told(now.plus_hours(1), None),
            told(now.plus_hours(-1), Some(now.plus_hours(-2))),
        ];
        for told in &bad {
            assert_eq!(record(&workspace, told).await.expect_err("refused").code, "invalid_incident", "{told:?}");
        }
        let unknown = record(&workspace, &told(now, None)).await.expect("recorded");
        assert_eq!(unknown.unmatched, Some(SubjectId::new("service:shop")));
        let whole = record(&workspace, &Told { service: None, ..told(now, None) }).await.expect("recorded");
        assert_eq!((whole.unmatched, incidents(&workspace).await.len()), (None, 2));
    }
}
