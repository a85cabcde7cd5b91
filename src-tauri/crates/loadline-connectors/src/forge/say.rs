//! What every host of repositories tells: a repository, the service built from it, changes, incidents and settings.

use super::Reading;
use loadline_model::{
    Basis, Confidence, Edge, Kind, Relation, SubjectId, Timestamp, Value as Known, is_rehearsal, key, num,
};
use std::collections::BTreeMap;

/// The name of an environment with what its host knows of it: a tier that no user reaches stands before the name, and so does
/// that of users where the name alone would say that nobody is there.
pub(crate) fn with_tier(name: &str, tier: &str) -> String {
    let rehearses = ["staging", "testing", "test", "development"].contains(&tier);
    let misleads = tier == "production" && is_rehearsal(name);
    if (rehearses || misleads) && !name.eq_ignore_ascii_case(tier) { format!("{tier}/{name}") } else { name.to_owned() }
}

/// One run of a pipeline on the branch that is shipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// Revision it ran for.
    pub(crate) revision: String,
    /// The pipeline, where a revision has several.
    pub(crate) pipeline: String,
    /// When.
    pub(crate) at: Timestamp,
    /// It ended well or not; `None`: it did not end, or was called off.
    pub(crate) passed: Option<bool>,
}

/// Of how many revisions the newest run of every pipeline passed, and how many have a run that ended.
fn green(runs: &[Told]) -> (usize, usize) {
    let mut newest: BTreeMap<(&str, &str), &Told> = BTreeMap::new();
    for run in runs.iter().filter(|r| r.passed.is_some()) {
        let known = newest.entry((&run.revision, &run.pipeline)).or_insert(run);
        if known.at < run.at {
            *known = run;
        }
    }
    let mut revisions: BTreeMap<&str, bool> = BTreeMap::new();
    for ((revision, _), run) in newest {
        *revisions.entry(revision).or_insert(true) &= run.passed == Some(true);
    }
    (revisions.values().filter(|p| **p).count(), revisions.len())
}

/// Median of times in minutes; `None` without one.
pub(crate) fn median_minutes(spans: &[(Timestamp, Timestamp)]) -> Option<f64> {
    let minutes: Vec<f64> =
        spans.iter().map(|(from, to)| (to.0 - from.0) as f64 / 60_000.0).filter(|m| *m >= 0.0).collect();
    num::median(&minutes).map(num::round9)
}

impl Reading<'_> {
    /// Says that the repository exists, and that it is what it was called before.
    pub(crate) fn say_repository(&mut self, call: &str, name: &str, before: Option<&SubjectId>) {
        let subject = self.subject.clone();
        self.visit.exists(&subject, call, Kind::Repository, name);
        if let Some(before) = before.filter(|b| **b != subject) {
            let edge = Edge { relation: Relation::SameAs, to: before.clone(), confidence: Confidence::Declared };
            self.visit.answer.say(&subject, call, Basis::Configured, edge);
        }
    }

    /// Says that a service is built from the repository: as the account has it, or because deployments were made from it.
    pub(crate) fn say_service(&mut self, call: &str, service: &SubjectId, name: &str, repository: &SubjectId) {
        let (basis, confidence) = match self.repository.service {
            Some(_) => (Basis::Stated, Confidence::Declared),
            None => {
                self.visit.exists(service, call, Kind::Service, name);
                (Basis::Measured, Confidence::Inferred)
            }
        };
        let edge = Edge { relation: Relation::BuiltFrom, to: repository.clone(), confidence };
        self.visit.answer.say(service, call, basis, edge);
    }

    /// Says a number that was counted, when there is one.
    pub(crate) fn measured(&mut self, call: &str, key: &str, value: Option<f64>) {
        if let Some(value) = value {
            let subject = self.subject.clone();
            self.visit.answer.set(&subject, call, Basis::Measured, key, None, Known::Number(value));
        }
    }

    /// Says which share of the revisions was green, and of how many; nothing without a run that ended.
    pub(crate) fn say_green(&mut self, call: &str, runs: &[Told]) {
        let (passed, all) = green(runs);
        let share = (all > 0).then(|| num::round9(passed as f64 / all as f64));
        self.measured(call, key::CHANGE_GREEN_SHARE, share);
        self.measured(call, key::CHANGE_REVISIONS, share.map(|_| all as f64));
    }

    /// Says what must pass by its names, where the host tells them.
    pub(crate) fn say_checks<'n>(&mut self, call: &str, names: impl IntoIterator<Item = &'n str>) {
        for name in names {
            self.set(call, key::CHANGE_CHECKS, Some(name), Some(Known::Number(1.0)));
        }
    }

    /// Says a setting of the repository, when it is known.
    pub(crate) fn set(&mut self, call: &str, key: &str, item: Option<&str>, value: Option<Known>) {
        if let Some(value) = value {
            let subject = self.subject.clone();
            self.visit.answer.set(&subject, call, Basis::Configured, key, item, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_is_green_when_the_newest_run_of_each_pipeline_passed() {
        let run = |revision: &str, pipeline: &str, at: i64, passed: Option<bool>| Told {
            revision: revision.into(),
            pipeline: pipeline.into(),
            at: Timestamp(at),
            passed,
        };
        let check = |runs: &[Told], expected: (usize, usize)| assert_eq!(green(runs), expected, "{runs:?}");
        check(&[], (0, 0));
        check(&[run("a", "ci", 1, None)], (0, 0));
        check(&[run("a", "ci", 1, Some(true))], (1, 1));
        check(&[run("a", "ci", 2, Some(true)), run("a", "ci", 1, Some(false))], (1, 1));
        check(&[run("a", "ci", 1, Some(true)), run("a", "lint", 1, Some(false))], (0, 1));
        check(&[run("a", "ci", 1, Some(true)), run("b", "ci", 1, Some(false)), run("b", "ci", 2, None)], (1, 2));
    }
}
