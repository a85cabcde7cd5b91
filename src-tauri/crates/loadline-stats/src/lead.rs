//! How long merged changes take until they run in one environment.

use loadline_model::{ChangeRequest, DeploymentStatus, FactIndex, Relation, Shipped, SubjectId, Timestamp};
use std::collections::BTreeMap;

/// Hours after its merge from which on a change that is not shipped counts with the time so far (DEL-005).
const OVERDUE_HOURS: f64 = 168.0;

/// A merged change and when it was.
pub(crate) type Merged<'a> = (&'a ChangeRequest, Timestamp);

/// Changes that were merged in a window: hours until they ran, and those that did not yet.
#[derive(Default)]
pub(crate) struct Changes {
    pub(crate) lead: Vec<f64>,
    pub(crate) wait: Vec<f64>,
    pub(crate) waiting: u32,
    pub(crate) overdue: u32,
}

/// What was merged, after `from` and until `until`, into the repositories that a service is built from.
pub(crate) fn merged<'a>(
    index: &FactIndex<'a>,
    service: &SubjectId,
    from: Timestamp,
    until: Timestamp,
) -> Vec<Merged<'a>> {
    let built_from = index.edges_from(service).filter(|e| e.edge.relation == Relation::BuiltFrom);
    let mut merged: BTreeMap<(SubjectId, &str), Merged<'a>> = BTreeMap::new();
    for repository in built_from.map(|e| e.to) {
        for (change, _) in index.facts::<ChangeRequest>(&repository) {
            if let Some(at) = change.merged_at.filter(|at| *at > from && *at <= until) {
                merged.insert((repository.clone(), &change.id), (change, at));
            }
        }
    }
    merged.into_values().collect()
}

/// Good deployments that ended, by their end.
pub(crate) fn good<'a>(all: &[&'a Shipped<'a>]) -> Vec<(Timestamp, &'a Shipped<'a>)> {
    let ended = all.iter().filter(|s| s.succeeded());
    let mut good: Vec<(Timestamp, &Shipped<'_>)> =
        ended.filter_map(|s| Some((s.deployment.finished_at?, *s))).collect();
    good.sort_by(|a, b| (a.0, &a.1.deployment.id).cmp(&(b.0, &b.1.deployment.id)));
    good
}

/// Something was shipped of which nobody says when it ended, or even how: it ends a wait, at a time that is not known.
pub(crate) fn shipped_untimed(all: &[&Shipped<'_>], is: impl Fn(&Shipped<'_>) -> bool) -> bool {
    all.iter().any(|s| s.deployment.status == DeploymentStatus::Succeeded && is(s))
}

/// How long changes took to reach the users of one environment, of those merged since its first observed deployment.
pub(crate) fn lead_times(merged: &[Merged<'_>], all: &[&Shipped<'_>], until: Timestamp) -> Changes {
    let good = good(all);
    let since = all.first().map_or(until, |s| s.deployment.started_at);
    let mut changes = Changes::default();
    for (change, merged) in merged.iter().copied().filter(|(_, at)| *at >= since) {
        let own = |s: &Shipped<'_>| change.revision.as_deref().is_some_and(|r| s.has_revision(r));
        let follows = |s: &Shipped<'_>| s.deployment.started_at >= merged;
        let first = good.iter().find(|(_, s)| own(s)).or_else(|| good.iter().find(|(_, s)| follows(s)));
        let at = match first {
            Some((at, _)) => *at,
            None if shipped_untimed(all, |s| own(s) || follows(s)) => continue,
            None => {
                changes.waiting += 1;
                if until.hours_since(merged) <= OVERDUE_HOURS {
                    continue;
                }
                changes.overdue += 1;
                until
            }
        };
        let begun = change.committed_at.unwrap_or(change.opened_at);
        let took = [at.hours_since(begun), at.hours_since(merged)];
        if took.iter().all(|h| *h >= 0.0) {
            changes.lead.push(took[0]);
            changes.wait.push(took[1]);
        }
    }
    changes
}
