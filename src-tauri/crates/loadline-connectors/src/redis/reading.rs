//! One scope being read: a command's refusal becomes a gap that names the rule, a stop ends it at once.

use super::commands::{Argument, Command, INFO};
use super::identity::Server;
use super::info::Info;
use super::refusal::{Refusal, Why};
use super::session::Session;
use super::wire::Reply;
use crate::{Answer, Cancelled, Progress, Window};
use loadline_model::{Basis, Body, GapReason, Limit, Limited, SubjectId, Timestamp, Value};

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
    /// Commands done and planned.
    pub steps: (u32, u32),
}

impl Reading<'_> {
    /// The answer to a command; `None` when a gap was left instead.
    ///
    /// # Errors
    /// [`Cancelled`] when the reader stopped.
    pub(super) async fn ask(&mut self, command: &Command, argument: Argument<'_>) -> Result<Option<Reply>, Cancelled> {
        if self.server.version < command.since {
            let have = &self.server.version_text;
            let detail = format!("{} is not known to {} {have}.", command.reads, self.engine());
            self.answer.miss(GapReason::UnsupportedVersion, detail, format!("Upgrade {}.", self.engine()));
            return Ok(None);
        }
        self.step(command);
        Ok(match self.window.wait(self.session.ask(command, argument)).await? {
            Ok(reply) => Some(reply),
            Err(refusal) => {
                self.refused(command, &refusal);
                None
            }
        })
    }

    /// The server's own text about itself.
    ///
    /// # Errors
    /// [`Cancelled`] when the reader stopped.
    pub(super) async fn info(&mut self) -> Result<Option<Info>, Cancelled> {
        let reply = self.ask(&INFO, Argument::None).await?;
        Ok(reply.and_then(|r| r.text()).map(|text| Info::parse(&text)))
    }

    /// Shows that a command is next.
    pub(super) fn step(&mut self, command: &Command) {
        self.progress.step(self.steps.0, self.steps.1.max(self.steps.0), command.reads);
        self.steps.0 += 1;
    }

    /// Leaves the gap of a refused command.
    pub(super) fn refused(&mut self, command: &Command, refusal: &Refusal) {
        let detail = format!("{}: {}.", command.reads, refusal.said.trim_end_matches('.'));
        let subject = self.server.subject();
        self.answer.miss_of(refusal.reason(), detail, self.closes(command, refusal), &[], Some(&subject));
    }

    /// What would make this command answer.
    pub(super) fn closes(&self, command: &Command, refusal: &Refusal) -> String {
        match refusal.why {
            Why::NotPermitted => self.grant(command),
            Why::NoPassword | Why::WrongPassword => "Connect again with the password of the user.".to_owned(),
            Why::Unknown if self.server.managed == Some(true) => {
                "The provider hides it: connect the cloud account that runs this server.".to_owned()
            }
            Why::Unknown => format!("Allow {} (rename-command).", command.words.join(" ")),
            Why::Full => "Leave one connection free for Loadline, or raise maxclients.".to_owned(),
            Why::Spent => crate::pace::Spent::CLOSES.to_owned(),
            Why::Late | Why::Busy => "Collect again at a quieter time.".to_owned(),
            _ => "Check that the server can be reached, then collect again.".to_owned(),
        }
    }

    /// The rule for our user.
    pub(super) fn grant(&self, command: &Command) -> String {
        format!("ACL SETUSER {} {}", self.server.user.as_deref().unwrap_or("default"), command.rule)
    }

    /// What people call the engine.
    pub(super) fn engine(&self) -> &'static str {
        if self.server.engine == "valkey" { "Valkey" } else { "Redis" }
    }

    /// Says a setting of the server that answers.
    pub(super) fn set(&mut self, command: &Command, basis: Basis, key: &str, item: Option<&str>, value: Value) {
        self.answer.set(&self.server.subject(), command.name, basis, key, item, value);
    }

    /// Says a measured number of the server, when there is one.
    pub(super) fn number(&mut self, command: &Command, key: &str, value: Option<f64>) {
        if let Some(number) = value {
            self.set(command, Basis::Measured, key, None, Value::Number(number));
        }
    }

    /// Says a measured switch of the server, when it is known.
    pub(super) fn flag(&mut self, command: &Command, key: &str, value: Option<bool>) {
        if let Some(on) = value {
            self.set(command, Basis::Measured, key, None, Value::Bool(on));
        }
    }

    /// Says a configured value of the server.
    pub(super) fn configured(&mut self, command: &Command, key: &str, value: Value) {
        self.set(command, Basis::Configured, key, None, value);
    }

    /// Says something measured about a subject.
    pub(super) fn measured(&mut self, subject: &SubjectId, command: &Command, body: impl Into<Body>) {
        self.answer.say(subject, command.name, Basis::Measured, body);
    }

    /// Says a hard limit of the server.
    pub(super) fn limit(&mut self, command: &Command, limited: Limited, value: f64, unit: &str) {
        let limit = Limit { limited, value, unit: unit.to_owned() };
        self.answer.say(&self.server.subject(), command.name, Basis::Configured, limit);
    }

    /// Says the level of a metric now: each collection adds one sample, so that levels get a history.
    pub(super) fn now(
        &mut self,
        command: &Command,
        metric: impl Into<String>,
        unit: &str,
        label: Option<(&str, &str)>,
        value: Option<f64>,
    ) {
        self.answer.sample(&self.server.subject(), command.name, metric, unit, label, value);
    }

    /// The moment so many seconds before the reading.
    pub(super) fn ago(&self, seconds: f64) -> Timestamp {
        Timestamp(self.answer.read_at().0.saturating_sub((seconds.max(0.0) * 1000.0) as i64))
    }
}
