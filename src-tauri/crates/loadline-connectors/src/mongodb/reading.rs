//! One scope being read: a command's failure becomes a gap that names the grant, a stop ends it at once.

use super::commands::{Command, Need, OPTIONS, Target};
use super::identity::Cluster;
use super::session::{Refusal, Session};
use crate::pace::Spent;
use crate::{Answer, Cancelled, Progress, Window};
use ::mongodb::bson::Document;
use loadline_model::{Basis, Body, Confidence, Edge, GapReason, Kind, Relation, SubjectId, Value};

/// What a scope's rooms share.
pub(super) struct Reading<'a> {
    /// The connection.
    pub session: &'a Session,
    /// What it leads to.
    pub cluster: &'a Cluster,
    /// Clock and stop.
    pub window: &'a Window,
    /// Where steps are shown.
    pub progress: &'a Progress,
    /// What was answered so far.
    pub answer: Answer,
    /// Commands done and planned.
    pub steps: (u32, u32),
}

impl Reading<'_> {
    /// The answer to a command, or why there is none; no gap is left.
    ///
    /// # Errors
    /// [`Cancelled`] when the reader stopped.
    pub(super) async fn try_ask(
        &mut self,
        command: &Command,
        target: &Target<'_>,
    ) -> Result<Result<Document, Refusal>, Cancelled> {
        self.step(command);
        self.window.wait(self.session.ask(self.cluster, command, target)).await
    }

    /// The same of one member.
    ///
    /// # Errors
    /// The same.
    pub(super) async fn try_member(
        &mut self,
        host: &str,
        command: &Command,
        target: &Target<'_>,
    ) -> Result<Result<Document, Refusal>, Cancelled> {
        self.step(command);
        self.window.wait(self.session.ask_member(self.cluster, host, command, target)).await
    }

    /// The answer to a command; `None` when a gap was left instead.
    ///
    /// # Errors
    /// The same.
    pub(super) async fn ask(&mut self, command: &Command, target: &Target<'_>) -> Result<Option<Document>, Cancelled> {
        Ok(match self.try_ask(command, target).await? {
            Ok(answer) => Some(answer),
            Err(refusal) => {
                self.refused(command, target, &refusal, &[]);
                None
            }
        })
    }

    fn step(&mut self, command: &Command) {
        self.progress.step(self.steps.0, self.steps.1.max(self.steps.0), command.reads);
        self.steps.0 += 1;
    }

    /// Leaves the gap of a refused command, which may hide things of these kinds.
    pub(super) fn refused(&mut self, command: &Command, target: &Target<'_>, refusal: &Refusal, hides: &[Kind]) {
        let reason = refusal.reason();
        let closes = match reason {
            GapReason::PermissionDenied => self.grant(command.need, target.database),
            GapReason::TimedOut => "Collect again at a quieter time.".to_owned(),
            GapReason::LimitReached => Spent::CLOSES.to_owned(),
            GapReason::FeatureDisabled => "This server does not offer it.".to_owned(),
            _ => "Check that the server can be reached, then collect again.".to_owned(),
        };
        let place = if target.database.is_empty() { String::new() } else { format!(" (database {})", target.database) };
        // The server's words may quote a value; who is denied what is known without them.
        let said = if reason == GapReason::PermissionDenied { "the user is not allowed" } else { &refusal.said };
        let detail = format!("{}{place}: {said}.", command.reads);
        self.answer.miss_of(reason, detail, closes, hides, Some(&self.cluster.subject()));
    }

    /// What gives a need to our user.
    pub(super) fn grant(&self, need: Need, database: &str) -> String {
        need.grant(self.cluster.user.as_deref().unwrap_or("loadline"), database)
    }

    /// Says a setting of the deployment.
    pub(super) fn set(&mut self, command: &Command, key: &str, item: Option<&str>, value: Value) {
        let configured = [OPTIONS.name, "CONFIGURATION", "HELLO", "BUILD"].contains(&command.name);
        let basis = if configured { Basis::Configured } else { Basis::Measured };
        self.answer.set(&self.cluster.subject(), command.name, basis, key, item, value);
    }

    /// Says a number of the deployment, when there is one.
    pub(super) fn number(&mut self, command: &Command, key: &str, value: Option<f64>) {
        if let Some(number) = value {
            self.set(command, key, None, Value::Number(number));
        }
    }

    /// Says a switch of the deployment, when it is known.
    pub(super) fn flag(&mut self, command: &Command, key: &str, value: Option<bool>) {
        if let Some(on) = value {
            self.set(command, key, None, Value::Bool(on));
        }
    }

    /// Says something measured about a subject.
    pub(super) fn measured(&mut self, subject: &SubjectId, command: &Command, body: impl Into<Body>) {
        self.answer.say(subject, command.name, Basis::Measured, body);
    }

    /// Says an edge.
    pub(super) fn edge(
        &mut self,
        from: &SubjectId,
        command: &Command,
        relation: Relation,
        to: &SubjectId,
        confidence: Confidence,
    ) {
        self.answer.say(from, command.name, Basis::Configured, Edge { relation, to: to.clone(), confidence });
    }

    /// Says the level of a metric of the deployment now; `label` tells several apart. Each collection adds one sample.
    pub(super) fn now(
        &mut self,
        command: &Command,
        metric: impl Into<String>,
        unit: &str,
        label: Option<(&str, &str)>,
        value: Option<f64>,
    ) {
        self.answer.sample(&self.cluster.subject(), command.name, metric, unit, label, value);
    }
}
