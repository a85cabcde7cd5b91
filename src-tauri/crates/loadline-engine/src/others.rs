//! What other tools found, beside our own findings: advisors of providers, and files that were imported. Asked for on its own,
//! as it may be much longer than an assessment; it moves no score.

use crate::EngineError;
use crate::workspace::{AsOf, Workspace};
pub use loadline_model::codebase::OtherFinding;
use loadline_model::{FactIndex, ImportedFinding, Snapshot, SubjectRef};

/// The findings that fail now, by tool, rule and place; `None` without a snapshot.
///
/// # Errors
/// What the store says.
pub async fn others(workspace: &Workspace, as_of: &AsOf) -> Result<Option<Vec<OtherFinding>>, EngineError> {
    Ok(workspace.case(as_of).await?.map(|case| of_snapshot(&case.snapshot)))
}

/// The findings of a snapshot that fail, by tool, rule and place.
pub fn of_snapshot(snapshot: &Snapshot) -> Vec<OtherFinding> {
    let index = FactIndex::new(snapshot);
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
    found
}
