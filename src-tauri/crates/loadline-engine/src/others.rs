//! What other tools found, beside our own findings: advisors of providers, and files that were imported. Asked for on its own,
//! as it may be much longer than an assessment; it moves no score.

use crate::EngineError;
use crate::workspace::{AsOf, Workspace};
use loadline_model::{FactIndex, ImportedFinding, SubjectRef, Timestamp};
use serde::Serialize;

/// A finding of another tool.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OtherFinding {
    /// What it is about.
    pub subject: SubjectRef,
    /// When it was read or imported.
    pub read_at: Timestamp,
    /// What the tool says.
    #[serde(flatten)]
    pub finding: ImportedFinding,
}

/// The findings that fail now, by tool, rule and place; `None` without a snapshot.
///
/// # Errors
/// What the store says.
pub async fn others(workspace: &Workspace, as_of: &AsOf) -> Result<Option<Vec<OtherFinding>>, EngineError> {
    let Some(case) = workspace.case(as_of).await? else { return Ok(None) };
    let index = FactIndex::new(&case.snapshot);
    let one = |(id, finding, from): (&loadline_model::SubjectId, &ImportedFinding, &loadline_model::Provenance)| {
        let resource = index.resource(id);
        let subject = SubjectRef {
            id: id.clone(),
            kind: resource.map(|r| r.kind),
            name: resource.map_or_else(|| id.to_string(), |r| r.name.clone()),
            account: Some(from.account.clone()),
            region: resource.and_then(|r| r.region.clone()),
        };
        OtherFinding { subject, read_at: from.read_at, finding: finding.clone() }
    };
    let mut found: Vec<OtherFinding> = index.all::<ImportedFinding>().filter(|(_, f, _)| f.failing).map(one).collect();
    let order = |o: &OtherFinding| {
        let f = &o.finding;
        (f.source.clone(), f.rule.clone(), o.subject.id.clone(), f.path.clone(), f.line, f.title.clone())
    };
    found.sort_by_cached_key(order);
    Ok(Some(found))
}
