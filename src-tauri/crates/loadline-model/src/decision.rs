//! What people decide: append-only, with author and time, and undone by a later decision.

use crate::{Environment, Fingerprint, ItemId, Policy, SubjectId, Tier, Timestamp, Value};
use serde::{Deserialize, Serialize};

/// A decision's content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Choice {
    /// A risk is accepted.
    Accept {
        /// The finding.
        fingerprint: Fingerprint,
        /// Who carries it.
        owner: String,
        /// Why.
        reason: String,
        /// Until when.
        until: Timestamp,
    },
    /// An acceptance is taken back.
    Unaccept {
        /// The finding.
        fingerprint: Fingerprint,
    },
    /// Two ids are one thing.
    Link {
        /// The other name.
        alias: SubjectId,
        /// The name used everywhere.
        canonical: SubjectId,
    },
    /// They are not.
    Unlink {
        /// The other name.
        alias: SubjectId,
    },
    /// Criticality of a thing; `None` takes the statement back.
    SetTier {
        /// The thing.
        subject: SubjectId,
        /// Its tier.
        tier: Option<Tier>,
    },
    /// Environment of a thing.
    SetEnvironment {
        /// The thing.
        subject: SubjectId,
        /// Its environment.
        environment: Option<Environment>,
    },
    /// Who operates the thing: `true` a provider, `false` the team itself; `None` takes the statement back.
    SetManaged {
        /// The thing.
        subject: SubjectId,
        /// Operated by a provider.
        managed: Option<bool>,
    },
    /// A dependency that no account shows.
    StateEdge {
        /// Source.
        from: SubjectId,
        /// Target.
        to: SubjectId,
        /// The source fails when the target fails.
        hard: bool,
        /// False: the statement is taken back.
        stated: bool,
    },
    /// A journey.
    SetJourney {
        /// Its id.
        id: SubjectId,
        /// Its name.
        name: String,
        /// Weight before normalisation.
        weight: f64,
        /// What it needs.
        needs: Vec<SubjectId>,
        /// What is hard on its path is T0.
        critical: bool,
    },
    /// A journey is removed.
    RemoveJourney {
        /// Its id.
        id: SubjectId,
    },
    /// An item is begun.
    StartItem {
        /// The item.
        item: ItemId,
        /// When; `moment` in JSON, where `at` is the decision's own time.
        #[serde(rename = "moment")]
        at: Timestamp,
    },
    /// An item is done: before/after needs the moment.
    FinishItem {
        /// The item.
        item: ItemId,
        /// When it reached users; `moment` in JSON.
        #[serde(rename = "moment")]
        at: Timestamp,
        /// Engineer-weeks it took, when somebody said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        took_weeks: Option<f64>,
    },
    /// An item is open again.
    ReopenItem {
        /// The item.
        item: ItemId,
    },
    /// An item is planned by hand; `None`: the planner decides again.
    PinItem {
        /// The item.
        item: ItemId,
        /// Sprint, 0-based.
        sprint: Option<u32>,
    },
    /// A question is answered that no account answers ([`crate::QUESTIONS`]).
    Answer {
        /// What it is about.
        subject: SubjectId,
        /// Key of the question.
        key: String,
        /// Which of several, where the question asks of several.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<String>,
        /// The answer; `None` takes it back.
        value: Option<Value>,
    },
    /// The policy changes as a whole.
    SetPolicy {
        /// The new policy.
        policy: Box<Policy>,
    },
    /// A note of a review, with an owner and a date.
    ReviewNote {
        /// ISO week.
        week: String,
        /// The note.
        text: String,
        /// Who does it.
        owner: Option<String>,
        /// Until when.
        due: Option<Timestamp>,
    },
}

/// A decision as the log shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// Rising number in the workspace.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub author: String,
    /// What.
    #[serde(flatten)]
    pub choice: Choice,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_survives_json_beside_the_decision_s_own_fields() {
        let item = ItemId::new("DB-003@12345678");
        let choices = [
            Choice::FinishItem { item: item.clone(), at: Timestamp(5), took_weeks: None },
            Choice::FinishItem { item: item.clone(), at: Timestamp(5), took_weeks: Some(1.5) },
            Choice::StartItem { item: item.clone(), at: Timestamp(6) },
            Choice::PinItem { item, sprint: None },
            Choice::Accept { fingerprint: "f".into(), owner: "o".into(), reason: "r".into(), until: Timestamp(7) },
            Choice::SetPolicy { policy: Box::default() },
            Choice::ReviewNote { week: "2026-W47".into(), text: "t".into(), owner: None, due: None },
            Choice::Answer {
                subject: "organisation".into(),
                key: "k".into(),
                item: None,
                value: Some(Value::Number(0.4)),
            },
            Choice::Answer { subject: "a".into(), key: "k".into(), item: Some("i".into()), value: None },
        ];
        for choice in choices {
            let decision = Decision { number: 1, at: Timestamp(9), author: "mira".into(), choice };
            let text = serde_json::to_string(&decision).expect("json");
            assert_eq!(serde_json::from_str::<Decision>(&text).expect("reads back"), decision, "{text}");
        }
    }

    #[test]
    fn a_finished_item_of_an_older_log_still_reads() {
        let old = r#"{"number":1,"at":9,"author":"mira","decision":"finish_item","item":"DB-003@12345678","moment":5}"#;
        let decision: Decision = serde_json::from_str(old).expect("reads");
        let item = ItemId::new("DB-003@12345678");
        assert_eq!(decision.choice, Choice::FinishItem { item, at: Timestamp(5), took_weeks: None });
    }
}
