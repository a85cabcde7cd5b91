//! One scope being read: a statement's failure becomes a gap that names the grant, a stop ends it at once.

use super::identity::Server;
use super::row::Row;
use super::session::{BUDGET, Refusal, Session};
use super::statements::{IDENTITY, Need, Statement, VARIABLES};
use crate::pace::Spent;
use crate::{Answer, Cancelled, Progress, Window};
use loadline_model::{Basis, Body, GapReason, Kind, SubjectId, Timestamp, Value};
use std::collections::BTreeMap;

/// What a scope's rooms share.
pub(super) struct Reading<'a> {
    /// The connection.
    pub session: &'a Session,
    /// The server that answers.
    pub server: &'a Server,
    /// Clock and stop.
    pub window: &'a Window,
    /// Where steps are shown.
    pub progress: &'a Progress,
    /// What was answered so far.
    pub answer: Answer,
    /// Statements done and planned.
    pub steps: (u32, u32),
}

impl Reading<'_> {
    /// Rows of a statement; `None` when a gap was left instead, or when this vendor has no such statement.
    ///
    /// # Errors
    /// [`Cancelled`] when the reader stopped.
    pub(super) async fn rows(&mut self, statement: &Statement) -> Result<Option<Vec<Row>>, Cancelled> {
        Ok(match self.tried(statement).await? {
            Ok(rows) => rows,
            Err(refusal) => {
                self.refused(statement, &refusal);
                None
            }
        })
    }

    /// The same, with a refusal handed to the caller instead of left as a gap.
    ///
    /// # Errors
    /// [`Cancelled`] when the reader stopped.
    pub(super) async fn tried(
        &mut self,
        statement: &Statement,
    ) -> Result<Result<Option<Vec<Row>>, Refusal>, Cancelled> {
        self.progress.step(self.steps.0, self.steps.1.max(self.steps.0), statement.reads);
        self.steps.0 += 1;
        self.window.wait(self.session.rows(statement, &self.server.engine)).await
    }

    /// Leaves the gap of a refused statement.
    pub(super) fn refused(&mut self, statement: &Statement, refusal: &Refusal) {
        let reason = refusal.reason();
        let closes = match reason {
            GapReason::PermissionDenied => self.grant(statement.need),
            GapReason::FeatureDisabled if statement.need == Need::Statistics => counting_off(),
            GapReason::FeatureDisabled => "This server does not offer it.".to_owned(),
            GapReason::TimedOut => "Collect again at a quieter time.".to_owned(),
            GapReason::LimitReached if refusal.number == BUDGET => Spent::CLOSES.to_owned(),
            GapReason::LimitReached => "Leave one connection free for Loadline, or raise max_connections.".to_owned(),
            _ => "Check that the server can be reached, then collect again.".to_owned(),
        };
        let detail = format!("{}: {}.", statement.reads, refusal.said.trim_end_matches('.'));
        self.answer.miss_of(reason, detail, closes, &[], Some(&self.server.subject()));
    }

    /// Leaves the gap of a user who may not see enough, hiding things of these kinds.
    pub(super) fn lacks(&mut self, need: Need, what: &str, hides: &[Kind]) {
        let closes = self.grant(need);
        let detail = format!("The user {} does not see {what}.", self.server.user);
        self.answer.miss_of(GapReason::PermissionDenied, detail, closes, hides, Some(&self.server.subject()));
    }

    /// The grant for our user.
    pub(super) fn grant(&self, need: Need) -> String {
        need.grant(self.server.engine.flavour, &self.server.user)
    }

    /// Variables by name; empty when a gap was left.
    ///
    /// # Errors
    /// [`Cancelled`] when the reader stopped.
    pub(super) async fn named(&mut self, statement: &Statement) -> Result<BTreeMap<String, String>, Cancelled> {
        Ok(super::row::named(&self.rows(statement).await?.unwrap_or_default()))
    }

    /// When a count of so many seconds began.
    pub(super) fn began(&self, seconds: f64) -> Timestamp {
        Timestamp(self.answer.read_at().0 - (seconds * 1000.0) as i64)
    }

    /// Says a setting of the server.
    pub(super) fn set(&mut self, statement: &Statement, key: &str, item: Option<&str>, value: Value) {
        let configured = [VARIABLES.name, IDENTITY.name].contains(&statement.name);
        let basis = if configured { Basis::Configured } else { Basis::Measured };
        self.answer.set(&self.server.subject(), statement.name, basis, key, item, value);
    }

    /// Says a number of the server, when there is one.
    pub(super) fn number(&mut self, statement: &Statement, key: &str, value: Option<f64>) {
        if let Some(number) = value {
            self.set(statement, key, None, Value::Number(number));
        }
    }

    /// Says something measured about a subject.
    pub(super) fn measured(&mut self, subject: &SubjectId, statement: &Statement, body: impl Into<Body>) {
        self.answer.say(subject, statement.name, Basis::Measured, body);
    }

    /// Says the level of a metric of the server now; `label` tells several apart.
    pub(super) fn now(
        &mut self,
        statement: &Statement,
        metric: impl Into<String>,
        unit: &str,
        label: Option<(&str, &str)>,
        value: Option<f64>,
    ) {
        self.answer.sample(&self.server.subject(), statement.name, metric, unit, label, value);
    }
}

/// What turns the counters on: nothing at run time does.
pub(super) fn counting_off() -> String {
    "Set performance_schema = ON in the server's configuration file and restart it.".to_owned()
}
