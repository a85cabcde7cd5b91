//! One scope being read: a refused call becomes a gap that names the role, a stop ends it at once.

use super::access::Access;
use super::calls::Call;
use crate::http::HttpError;
use crate::{Answer, Cancelled, Progress, Window};
use loadline_model::{
    Basis, Body, Confidence, Edge, Environment, GapReason, Kind, Relation, Sample, Series, SeriesKind, SubjectId,
    Timestamp, Value,
};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// What a scope's rooms share.
pub(super) struct Reading<'a> {
    /// The way to Atlas.
    pub access: &'a Access,
    /// Project that is read.
    pub group: &'a str,
    /// Environment of everything in the account.
    pub environment: Option<Environment>,
    /// Which time is asked for.
    pub window: &'a Window,
    /// Where steps are shown.
    pub progress: &'a Progress,
    /// What was answered so far.
    pub answer: Answer,
    /// Calls made.
    pub steps: u32,
}

impl Reading<'_> {
    /// Every row of a list; `None` when a gap was left instead, which may hide things of these kinds.
    ///
    /// # Errors
    /// [`Cancelled`] when the reader stopped.
    pub(super) async fn list(
        &mut self,
        call: &Call,
        of: &str,
        query: &[(&str, &str)],
        hides: &[Kind],
        subject: Option<&SubjectId>,
    ) -> Result<Option<Vec<Json>>, Cancelled> {
        self.step(call);
        let (access, group) = (self.access, self.group);
        Ok(match self.window.wait(access.list(call, group, of, query)).await? {
            Ok((rows, true)) => Some(rows),
            Ok((rows, false)) => {
                let detail = format!("More {} exist than were read ({}).", call.reads, rows.len());
                self.answer.miss_of(
                    GapReason::LimitReached,
                    detail,
                    "Report it: nobody was seen to have so many.",
                    hides,
                    subject,
                );
                Some(rows)
            }
            Err(error) => {
                self.refused(call, of, &error, hides, subject);
                None
            }
        })
    }

    /// One answer; `None` when a gap was left instead.
    ///
    /// # Errors
    /// The same.
    pub(super) async fn get(
        &mut self,
        call: &Call,
        of: &str,
        query: &[(&str, &str)],
        subject: Option<&SubjectId>,
    ) -> Result<Option<Json>, Cancelled> {
        self.step(call);
        let (access, group) = (self.access, self.group);
        Ok(match self.window.wait(access.get(call, group, of, query)).await? {
            Ok(answer) => Some(answer),
            Err(error) => {
                self.refused(call, of, &error, &[], subject);
                None
            }
        })
    }

    fn step(&mut self, call: &Call) {
        self.progress.step(self.steps, self.steps + 1, call.reads);
        self.steps += 1;
    }

    fn refused(&mut self, call: &Call, of: &str, error: &HttpError, hides: &[Kind], subject: Option<&SubjectId>) {
        let place = if of.is_empty() { String::new() } else { format!(" of {of}") };
        let detail = format!("{}{place}: {error}.", call.reads);
        self.answer.miss_of(error.reason(), detail, closes(error, call.role, self.group), hides, subject);
    }

    /// Says a setting.
    pub(super) fn set(&mut self, subject: &SubjectId, call: &Call, key: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.answer.set(subject, call.name, Basis::Configured, key, None, value);
        }
    }

    /// Says something.
    pub(super) fn say(&mut self, subject: &SubjectId, call: &Call, basis: Basis, body: impl Into<Body>) {
        self.answer.say(subject, call.name, basis, body);
    }

    /// Says a declared edge.
    pub(super) fn edge(&mut self, from: &SubjectId, call: &Call, relation: Relation, to: &SubjectId) {
        let edge = Edge { relation, to: to.clone(), confidence: Confidence::Declared };
        self.answer.say(from, call.name, Basis::Configured, edge);
    }

    /// Says levels over time; nothing when there are none.
    pub(super) fn series(
        &mut self,
        subject: &SubjectId,
        call: &Call,
        (metric, unit): (&str, &str),
        label: Option<(&str, &str)>,
        points: &BTreeMap<Timestamp, f64>,
    ) {
        if points.is_empty() {
            return;
        }
        let labels = label.map(|(k, v)| (k.to_owned(), v.to_owned())).into_iter().collect();
        let samples = points.iter().map(|(at, value)| Sample { at: *at, value: *value }).collect();
        let (metric, unit) = (metric.to_owned(), unit.to_owned());
        let series =
            Series { metric, unit, kind: SeriesKind::Gauge, labels, samples, covered_until: self.window.until };
        self.say(subject, call, Basis::Measured, series);
    }
}

/// What would close the gap of a refused call.
pub(super) fn closes(error: &HttpError, role: &str, group: &str) -> String {
    match error {
        HttpError::Forbidden(code) if code.contains("ACCESS_LIST") || code.contains("WHITELIST") => {
            "Add this machine's address to the API access list of the key or service account.".to_owned()
        }
        HttpError::Unauthorized | HttpError::Forbidden(_) => {
            format!("Grant the key or service account the role {role} (Project Read Only) in project {group}.")
        }
        HttpError::NotFound => "This tier or cluster does not offer it.".to_owned(),
        other => other.closes().to_owned(),
    }
}

/// A text of an answer.
pub(super) fn text<'j>(json: &'j Json, pointer: &str) -> Option<&'j str> {
    json.pointer(pointer)?.as_str().filter(|t| !t.is_empty())
}

/// A finite number of an answer.
pub(super) fn number(json: &Json, pointer: &str) -> Option<f64> {
    json.pointer(pointer)?.as_f64().filter(|n| n.is_finite())
}

/// A switch of an answer.
pub(super) fn flag(json: &Json, pointer: &str) -> Option<bool> {
    json.pointer(pointer)?.as_bool()
}

/// A time of an answer (ISO 8601).
pub(super) fn time(json: &Json, pointer: &str) -> Option<Timestamp> {
    Timestamp::parse(text(json, pointer)?)
}

/// An array of an answer; empty when there is none.
pub(super) fn rows<'j>(json: &'j Json, pointer: &str) -> &'j [Json] {
    json.pointer(pointer).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default()
}
