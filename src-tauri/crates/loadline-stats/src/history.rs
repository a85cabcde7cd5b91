//! Everything that happened, in order: deployments, changes, incidents and load tests.

use crate::neighbourhood::is_production;
use loadline_model::{Change, FactIndex, Incident, SubjectId, TestKind, TestRun, Timestamp, deployments_by_subject};

/// What kind of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EventKind {
    Deployment,
    Change,
    /// A change that a person or Loadline recorded as the remediation itself.
    Remediation,
    Incident,
    LoadTest,
}

/// Something that happened to a subject.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) at: Timestamp,
    /// Deployment or incident id; for changes their description.
    pub(crate) id: String,
    pub(crate) kind: EventKind,
    pub(crate) subject: SubjectId,
    pub(crate) until: Timestamp,
    /// Words for people.
    pub(crate) label: String,
}

/// All events by time, then id.
pub(crate) struct History {
    events: Vec<Event>,
}

impl History {
    pub(crate) fn of(index: &FactIndex) -> Self {
        let name = |id: &SubjectId| index.resource(id).map_or_else(|| id.to_string(), |r| r.name.clone());
        let mut events = Vec::new();
        for (subject, shipped) in deployments_by_subject(index) {
            for d in shipped.into_iter().map(|s| s.deployment) {
                if is_production(index, &subject, &d.environment) {
                    events.push(Event {
                        at: d.started_at,
                        kind: EventKind::Deployment,
                        subject: subject.clone(),
                        until: d.finished_at.unwrap_or(d.started_at),
                        label: format!("deployment {} of {}", d.id, name(&subject)),
                        id: d.id,
                    });
                }
            }
        }
        for (subject, c, _) in index.all::<Change>() {
            let kind = match c.what.as_str() {
                "load_test" => EventKind::LoadTest,
                "remediation" => EventKind::Remediation,
                _ => EventKind::Change,
            };
            let label = format!("{} on {}: {}", c.what.replace('_', " "), name(subject), c.description);
            let until = c.until.unwrap_or(c.at);
            events.push(Event { at: c.at, id: c.description.clone(), kind, subject: subject.clone(), until, label });
        }
        for (subject, i, _) in index.all::<Incident>() {
            events.push(Event {
                at: i.started_at,
                id: i.id.clone(),
                kind: EventKind::Incident,
                subject: subject.clone(),
                until: i.resolved_at.unwrap_or(i.started_at),
                label: format!("incident {} on {}: {}", i.id, name(subject), i.title),
            });
        }
        for (subject, t, _) in index.all::<TestRun>().filter(|(_, t, _)| t.kind == TestKind::Load) {
            let label = format!("load test on {}", name(subject));
            events.push(Event {
                at: t.at,
                id: label.clone(),
                kind: EventKind::LoadTest,
                subject: subject.clone(),
                until: t.at,
                label,
            });
        }
        events.sort_by(|a, b| (a.at, &a.id, a.kind, &a.subject).cmp(&(b.at, &b.id, b.kind, &b.subject)));
        events.dedup_by(|a, b| (a.at, &a.id, a.kind, &a.subject) == (b.at, &b.id, b.kind, &b.subject));
        Self { events }
    }

    /// Events that began in `from..until`.
    pub(crate) fn between(&self, from: Timestamp, until: Timestamp) -> &[Event] {
        let start = self.events.partition_point(|e| e.at < from);
        let end = self.events.partition_point(|e| e.at < until);
        self.events.get(start..end).unwrap_or(&[])
    }
}
