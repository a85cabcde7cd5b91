//! One scope being read: a statement's failure becomes a gap that names the grant, a stop ends it at once.

use super::identity::Server;
use super::session::{Refusal, Session};
use super::statements::{IDENTITY, Need, ROLE_SETTINGS, SETTINGS, Statement};
use crate::pace::Spent;
use crate::{Answer, Cancelled, Progress, Window};
use loadline_model::{Basis, Body, GapReason, Kind, SubjectId, Value};
use sqlx::postgres::PgRow;

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
    /// SQLSTATE of the last refused statement.
    pub last_state: String,
}

impl Reading<'_> {
    /// Rows of a statement; `None` when a gap was left instead.
    ///
    /// # Errors
    /// [`Cancelled`] when the reader stopped.
    pub(super) async fn rows(&mut self, statement: &Statement) -> Result<Option<Vec<PgRow>>, Cancelled> {
        self.progress.step(self.steps.0, self.steps.1.max(self.steps.0), statement.reads);
        self.steps.0 += 1;
        Ok(match self.window.wait(self.session.rows(statement, self.server.version)).await? {
            Ok(Some(rows)) => Some(rows),
            Ok(None) => {
                let have = &self.server.version_text;
                let detail = format!("{} does not exist in PostgreSQL {have}.", statement.reads);
                self.answer.miss(GapReason::UnsupportedVersion, detail, "Upgrade PostgreSQL.");
                None
            }
            Err(refusal) => {
                self.refused(statement, &refusal);
                None
            }
        })
    }

    /// Rows of a composed text that belongs to a statement; `None` when a gap was left instead.
    ///
    /// # Errors
    /// [`Cancelled`] when the reader stopped.
    pub(super) async fn composed(
        &mut self,
        statement: &Statement,
        sql: String,
    ) -> Result<Option<Vec<PgRow>>, Cancelled> {
        Ok(match self.window.wait(self.session.composed(sql)).await? {
            Ok(rows) => Some(rows),
            Err(refusal) => {
                self.refused(statement, &refusal);
                None
            }
        })
    }

    /// Leaves the gap of a refused statement.
    pub(super) fn refused(&mut self, statement: &Statement, refusal: &Refusal) {
        let reason = refusal.reason();
        let closes = match (reason, refusal.state.as_str()) {
            (GapReason::PermissionDenied, _) => self.grant(statement.need),
            (_, "42703") => "ALTER EXTENSION pg_stat_statements UPDATE;".to_owned(),
            (GapReason::FeatureDisabled, _) if statement.extension => self.grant(statement.need),
            (GapReason::FeatureDisabled, _) => "This server does not offer it.".to_owned(),
            (GapReason::TimedOut, _) => "Collect again at a quieter time.".to_owned(),
            (GapReason::LimitReached, state) if state != "53300" => Spent::CLOSES.to_owned(),
            (GapReason::LimitReached, _) => {
                "Leave one connection free for Loadline, or raise max_connections.".to_owned()
            }
            _ => "Check that the server can be reached, then collect again.".to_owned(),
        };
        let detail = format!("{}: {}.", statement.reads, refusal.said.trim_end_matches('.'));
        self.answer.miss(reason, detail, closes);
        self.last_state.clone_from(&refusal.state);
    }

    /// Leaves the gap of a role that may not see enough, hiding things of these kinds.
    pub(super) fn lacks(&mut self, need: Need, what: &str, hides: &[Kind]) {
        let closes = self.grant(need);
        let detail = format!("The role {} does not see {what}.", self.server.role);
        self.answer.miss_of(GapReason::PermissionDenied, detail, closes, hides, Some(&self.server.subject()));
    }

    /// The grant for our role, naming our database where it matters.
    pub(super) fn grant(&self, need: Need) -> String {
        need.grant(&self.server.role).replace("current_database", &self.server.database)
    }

    /// Says a setting of the server.
    pub(super) fn set(&mut self, statement: &Statement, key: &str, item: Option<&str>, value: Value) {
        let configured = [SETTINGS.name, ROLE_SETTINGS.name, IDENTITY.name].contains(&statement.name);
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
