//! Deployments recorded by scripts or imported from a file, for teams whose delivery account is not connected.

use crate::collect::take_snapshot;
use crate::workspace::Workspace;
use crate::{EngineError, clock};
use loadline_model::{
    Account, AccountId, ActorKind, Basis, Body, Deployment, DeploymentStatus, Fact, Kind, Provenance,
    RECORDED as ACCOUNT, Resource, Scope, ScopeStatus, SubjectId, Timestamp, hash,
};
use std::collections::{BTreeMap, BTreeSet};

const SCOPE: &str = "deployments";
/// How a deployment came here. A script and a file may tell of the same one, each under an id of its own: as two sources they are
/// counted once.
const BY_SCRIPT: &str = "loadline deployments record";
const BY_FILE: &str = "loadline deployments import";

/// A deployment as a script or file says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Service: an id, or a name.
    pub service: String,
    /// Environment.
    pub environment: String,
    /// Revision.
    pub revision: String,
    /// Start.
    pub started_at: Timestamp,
    /// End.
    pub finished_at: Option<Timestamp>,
    /// Outcome.
    pub status: DeploymentStatus,
    /// Person or pipeline.
    pub actor_kind: ActorKind,
    /// Name of the actor.
    pub actor: Option<String>,
}

/// Records deployments; those already known change nothing. Returns how many were new.
///
/// # Errors
/// `invalid_deployment` when one ends before it starts; what the store says.
pub async fn record(workspace: &Workspace, records: &[Record]) -> Result<usize, EngineError> {
    keep(workspace, records, BY_SCRIPT).await
}

/// The same for deployments of a file.
///
/// # Errors
/// The same.
pub async fn import(workspace: &Workspace, records: &[Record]) -> Result<usize, EngineError> {
    keep(workspace, records, BY_FILE).await
}

async fn keep(workspace: &Workspace, records: &[Record], call: &str) -> Result<usize, EngineError> {
    if let Some(bad) = records.iter().find(|r| r.finished_at.is_some_and(|end| end < r.started_at)) {
        let message =
            format!("The deployment of `{}` ends before it starts. Check its two times and their zone.", bad.service);
        return Err(EngineError::new("invalid_deployment", message));
    }
    let store = workspace.store()?;
    let account = AccountId::new(ACCOUNT);
    if store.account(&account).await.is_err() {
        store.save_account(&recorded_account(&account)).await?;
    }
    let (mut facts, services) = known(workspace).await?;
    let have: BTreeSet<String> = facts.iter().filter_map(deployment_id).collect();
    let fresh: Vec<Fact> = records
        .iter()
        .flat_map(|r| fact(r, &services, call))
        .filter(|f| deployment_id(f).is_none_or(|id| !have.contains(&id)))
        .collect();
    let added = fresh.iter().filter(|f| deployment_id(f).is_some()).count();
    if added == 0 {
        return Ok(0);
    }
    facts.extend(fresh);
    let collection = store.begin_collection(&account, clock::now()).await?;
    let scope = Scope {
        name: SCOPE.into(),
        status: ScopeStatus::Complete,
        finished_at: clock::now(),
        inventories: Vec::new(),
        facts,
        gaps: Vec::new(),
    };
    store.commit_scope(&collection, &scope).await?;
    store.finish_collection(&collection, clock::now(), &loadline_model::CollectionCost::default()).await?;
    take_snapshot(workspace).await?;
    Ok(added)
}

/// Reads deployments from CSV (`service,environment,sha,started_at,finished_at,status,actor_kind[,actor]`) or a JSON array of
/// objects with the same names.
///
/// # Errors
/// `not_understood` with the line and what is wrong in it.
pub fn parse(text: &str) -> Result<Vec<Record>, EngineError> {
    let rows: Vec<BTreeMap<String, String>> =
        if text.trim_start().starts_with('[') { json_rows(text)? } else { csv_rows(text)? };
    rows.iter().enumerate().map(|(i, row)| record_of(row).map_err(|why| bad_row(i + 1, &why))).collect()
}

fn recorded_account(id: &AccountId) -> Account {
    Account {
        id: id.clone(),
        provider: ACCOUNT.into(),
        name: "Recorded deployments".into(),
        config: BTreeMap::new(),
        secret: None,
        environment: None,
        connected_at: clock::now(),
        disconnected_at: None,
        names_changed_at: None,
    }
}

/// Facts recorded so far, and services by name.
async fn known(workspace: &Workspace) -> Result<(Vec<Fact>, BTreeMap<String, SubjectId>), EngineError> {
    let store = workspace.store()?;
    let Some(newest) = store.snapshots().await?.pop() else { return Ok((Vec::new(), BTreeMap::new())) };
    let snapshot = store.load_snapshot(&newest.id).await?;
    let mut services = BTreeMap::new();
    for fact in &snapshot.facts {
        if let Body::Resource(r) = &fact.body
            && r.kind == Kind::Service
        {
            services.insert(r.name.clone(), fact.subject.clone());
            services.insert(fact.subject.to_string(), fact.subject.clone());
        }
    }
    let facts = snapshot.facts.into_iter().filter(|f| f.provenance.account.as_str() == ACCOUNT).collect();
    Ok((facts, services))
}

fn fact(record: &Record, services: &BTreeMap<String, SubjectId>, call: &str) -> Vec<Fact> {
    let known = services.get(&record.service).cloned();
    let subject = known.clone().unwrap_or_else(|| SubjectId::new(format!("service:{}", record.service)));
    let provenance = Provenance {
        account: AccountId::new(ACCOUNT),
        call: call.into(),
        read_at: clock::now(),
        basis: Basis::Measured,
    };
    let id = hash::hex_of(&[&record.service, &record.environment, &record.revision, &record.started_at.to_string()])
        [..16]
        .to_owned();
    let deployment = Deployment {
        id,
        environment: record.environment.clone(),
        revision: record.revision.clone(),
        started_at: record.started_at,
        finished_at: record.finished_at,
        status: record.status,
        actor_kind: record.actor_kind,
        actor: record.actor.clone(),
        strategy: None,
    };
    let mut facts = vec![Fact { subject: subject.clone(), body: deployment.into(), provenance: provenance.clone() }];
    if known.is_none() {
        let resource = Resource::new(Kind::Service, record.service.clone());
        facts.push(Fact { subject, body: resource.into(), provenance });
    }
    facts
}

fn deployment_id(fact: &Fact) -> Option<String> {
    if let Body::Deployment(d) = &fact.body { Some(d.id.clone()) } else { None }
}

fn bad_row(row: usize, why: &str) -> EngineError {
    EngineError::new(
        "not_understood",
        format!("Deployment {row} cannot be read: {why}. Nothing was imported; correct it and import again."),
    )
}

fn json_rows(text: &str) -> Result<Vec<BTreeMap<String, String>>, EngineError> {
    let rows: Vec<BTreeMap<String, Option<String>>> = serde_json::from_str(text)?;
    Ok(rows.into_iter().map(|row| row.into_iter().filter_map(|(k, v)| Some((k, v?))).collect()).collect())
}

fn csv_rows(text: &str) -> Result<Vec<BTreeMap<String, String>>, EngineError> {
    let mut lines = text.lines().filter(|l| !l.trim().is_empty());
    let header: Vec<&str> = lines.next().unwrap_or("").split(',').map(str::trim).collect();
    let rows = lines.enumerate().map(|(i, line)| {
        if line.contains('"') {
            return Err(bad_row(i + 1, "quoted fields are not used by this format"));
        }
        Ok(header.iter().map(|h| (*h).to_owned()).zip(line.split(',').map(|v| v.trim().to_owned())).collect())
    });
    rows.collect()
}

fn record_of(row: &BTreeMap<String, String>) -> Result<Record, String> {
    let get = |key: &str| row.get(key).map(String::as_str).filter(|v| !v.is_empty());
    let need = |key: &str| get(key).map(str::to_owned).ok_or_else(|| format!("`{key}` is missing"));
    let time = |key: &str, text: &str| {
        Timestamp::parse(text).ok_or_else(|| format!("`{key}` is not a time such as 2026-11-16T07:00:00Z"))
    };
    Ok(Record {
        service: need("service")?,
        environment: need("environment")?,
        revision: get("sha").or(get("revision")).map(str::to_owned).ok_or("`sha` is missing")?,
        started_at: time("started_at", &need("started_at")?)?,
        finished_at: get("finished_at").map(|t| time("finished_at", t)).transpose()?,
        status: status(&need("status")?)?,
        actor_kind: actor_kind(&need("actor_kind")?)?,
        actor: get("actor").map(str::to_owned),
    })
}

/// Reads a status word.
///
/// # Errors
/// What the word should have been.
pub fn status(word: &str) -> Result<DeploymentStatus, String> {
    match word {
        "succeeded" => Ok(DeploymentStatus::Succeeded),
        "failed" => Ok(DeploymentStatus::Failed),
        "rolled_back" => Ok(DeploymentStatus::RolledBack),
        "in_progress" => Ok(DeploymentStatus::InProgress),
        other => Err(format!("status `{other}` is none of succeeded, failed, rolled_back")),
    }
}

/// Reads an actor kind.
///
/// # Errors
/// What the word should have been.
pub fn actor_kind(word: &str) -> Result<ActorKind, String> {
    match word {
        "person" => Ok(ActorKind::Person),
        "pipeline" => Ok(ActorKind::Pipeline),
        "unknown" => Ok(ActorKind::Unknown),
        other => Err(format!("actor_kind `{other}` is none of person, pipeline, unknown")),
    }
}

#[cfg(test)]
mod routes_tests;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_and_json_say_the_same() {
        let csv = "service,environment,sha,started_at,finished_at,status,actor_kind\n\
                   api,production,abc,2026-11-01T10:00:00Z,2026-11-01T10:05:00Z,succeeded,pipeline\n";
        let json = r#"[{"service":"api","environment":"production","sha":"abc","started_at":"2026-11-01T10:00:00Z",
                        "finished_at":"2026-11-01T10:05:00Z","status":"succeeded","actor_kind":"pipeline"}]"#;
        assert_eq!(parse(csv).expect("csv"), parse(json).expect("json"));
    }

    #[test]
    fn a_bad_row_names_itself() {
        let check = |row: &str, expected: &str| {
            let text = format!("service,environment,sha,started_at,finished_at,status,actor_kind\n{row}");
            let error = parse(&text).expect_err("bad");
            assert!(error.message.contains(expected), "{error}");
        };
        check("api,production,abc,yesterday,,succeeded,person", "started_at");
        check("api,production,abc,2026-11-01,,shipped,person", "shipped");
        check(",production,abc,2026-11-01,,succeeded,person", "`service` is missing");
    }
}
