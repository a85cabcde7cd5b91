//! Questions that no account answers, and how people answer them. An answer is a statement: it may convict, and it never makes
//! a check pass.

use crate::{Timestamp, Value, key};

/// What an answer looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerKind {
    /// A whole number, 0 or more.
    Count,
    /// A share, as `0.4` or `40%`.
    Share,
    /// Hours, 0 or more.
    Hours,
    /// `yes` or `no`.
    Switch,
    /// A day, as `2026-11-02`.
    Day,
}

/// A question that no account answers.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// Key of the setting that the answer becomes.
    pub key: &'static str,
    /// What is asked.
    pub asks: &'static str,
    /// What an answer looks like.
    pub kind: AnswerKind,
    /// What the item names, where the question asks of several.
    pub item: Option<&'static str>,
    /// Every answer stays known with its time, instead of the newest alone.
    pub kept: bool,
    /// Rules that read it.
    pub rules: &'static [&'static str],
}

const fn asked(key: &'static str, asks: &'static str, kind: AnswerKind, rule: &'static [&'static str]) -> Question {
    Question { key, asks, kind, item: None, kept: false, rules: rule }
}

const fn of(question: Question, item: &'static str) -> Question {
    Question { item: Some(item), ..question }
}

const RIGHT: &str = "the right: deploy, cloud, root, dns, domain or billing";
const MIGRATION: &str = "the migration's name";

/// Every question, in the order in which it is asked.
pub const QUESTIONS: &[Question] = &[
    asked(
        key::ONCALL_LEVELS,
        "How many people does a page of a critical service reach, one after the other?",
        AnswerKind::Count,
        &["PPL-004"],
    ),
    asked(key::ONCALL_PEOPLE, "How many people take turns on call?", AnswerKind::Count, &["PPL-004"]),
    asked(
        key::ONCALL_GAP_HOURS_14D,
        "In how many hours of the next 14 days is nobody on call?",
        AnswerKind::Hours,
        &["PPL-004"],
    ),
    asked(
        key::ONCALL_LARGEST_SHARE,
        "Which share of the shifts takes the person with most of them?",
        AnswerKind::Share,
        &["PPL-004"],
    ),
    of(asked(key::ACCESS_HOLDERS, "How many active people hold this right?", AnswerKind::Count, &["PPL-005"]), RIGHT),
    of(
        asked(
            key::ACCESS_RECOVERABLE,
            "Can this right be won back without its holder?",
            AnswerKind::Switch,
            &["PPL-005"],
        ),
        RIGHT,
    ),
    asked(key::ACCESS_ROOT_SHARED, "Do several people use a root user?", AnswerKind::Switch, &["PPL-005"]),
    of(
        asked(
            key::WORK_UNPLANNED,
            "Which share of the working time went into incidents and unplanned work?",
            AnswerKind::Share,
            &["PPL-006"],
        ),
        "the first day of the sprint or week it is about",
    ),
    Question {
        kept: true,
        ..of(
            asked(
                key::MIGRATION_PROGRESS,
                "How much of this migration is done, by traffic or endpoints?",
                AnswerKind::Share,
                &["ARCH-010"],
            ),
            MIGRATION,
        )
    },
    of(
        asked(
            key::MIGRATION_OLD_TRAFFIC,
            "Which share of the traffic does the old path still serve?",
            AnswerKind::Share,
            &["ARCH-010"],
        ),
        MIGRATION,
    ),
    of(
        asked(
            key::MIGRATION_BOTH_WRITE_SINCE,
            "Since which day do old and new path write the same data?",
            AnswerKind::Day,
            &["ARCH-010"],
        ),
        MIGRATION,
    ),
    asked(
        key::TEST_LOAD_90D,
        "Were the critical journeys tested with twice their peak load or more in the last 90 days?",
        AnswerKind::Switch,
        &["TEST-001"],
    ),
    asked(
        key::TEST_DRILL_180D,
        "Was the failure of any critical part rehearsed in the last 180 days: a failover, the loss of a member, of the cache, of a dependency?",
        AnswerKind::Switch,
        &["TEST-004"],
    ),
];

/// The question of a key.
pub fn question(key: &str) -> Option<&'static Question> {
    QUESTIONS.iter().find(|q| q.key == key)
}

impl Question {
    /// Reads an answer; `None` when it is not one to this question.
    pub fn read(&self, text: &str) -> Option<Value> {
        let text = text.trim();
        let number = |text: &str| text.parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0);
        match self.kind {
            AnswerKind::Count => number(text).filter(|n| n.fract() == 0.0).map(Value::Number),
            AnswerKind::Hours => number(text).map(Value::Number),
            AnswerKind::Share => {
                let share = match text.strip_suffix('%') {
                    Some(percent) => number(percent.trim())? / 100.0,
                    None => number(text)?,
                };
                (share <= 1.0).then_some(Value::Number(share))
            }
            AnswerKind::Switch => match text {
                "yes" => Some(Value::Bool(true)),
                "no" => Some(Value::Bool(false)),
                _ => None,
            },
            AnswerKind::Day => Timestamp::parse(text).map(|t| Value::Text(t.utc_day().to_string())),
        }
    }

    /// Whether this item may be answered about.
    pub fn takes(&self, item: Option<&str>) -> bool {
        match (self.item, item) {
            (None, None) => true,
            (Some(RIGHT), Some(right)) => key::RIGHTS.contains(&right),
            (Some(_), Some(item)) if self.key == key::WORK_UNPLANNED => Timestamp::parse(item).is_some(),
            (Some(_), Some(item)) => !item.trim().is_empty(),
            _ => false,
        }
    }
}

impl AnswerKind {
    /// An answer of this kind in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Count => "a whole number",
            Self::Share => "a share such as 0.4 or 40%",
            Self::Hours => "a number of hours",
            Self::Switch => "yes or no",
            Self::Day => "a day such as 2026-11-02",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_as_the_question_wants_them() {
        let check = |key: &str, text: &str, expected: Option<Value>| {
            assert_eq!(question(key).expect("asked").read(text), expected, "{key} {text}");
        };
        check(key::ONCALL_PEOPLE, "4", Some(Value::Number(4.0)));
        check(key::ONCALL_PEOPLE, "4.5", None);
        check(key::ONCALL_PEOPLE, "-1", None);
        check(key::ONCALL_LARGEST_SHARE, "40 %", Some(Value::Number(0.4)));
        check(key::ONCALL_LARGEST_SHARE, "0.4", Some(Value::Number(0.4)));
        check(key::ONCALL_LARGEST_SHARE, "40", None);
        check(key::ONCALL_LARGEST_SHARE, "NaN", None);
        check(key::ONCALL_GAP_HOURS_14D, "1.5", Some(Value::Number(1.5)));
        check(key::ACCESS_ROOT_SHARED, "yes", Some(Value::Bool(true)));
        check(key::ACCESS_ROOT_SHARED, "maybe", None);
        check(key::MIGRATION_BOTH_WRITE_SINCE, "2026-11-02", Some(Value::Text("2026-11-02".into())));
        check(key::MIGRATION_BOTH_WRITE_SINCE, "last May", None);
    }

    #[test]
    fn items_are_those_of_the_question() {
        let check = |key: &str, item: Option<&str>, expected: bool| {
            assert_eq!(question(key).expect("asked").takes(item), expected, "{key} {item:?}");
        };
        check(key::ONCALL_PEOPLE, None, true);
        check(key::ONCALL_PEOPLE, Some("a"), false);
        check(key::ACCESS_HOLDERS, Some("dns"), true);
        check(key::ACCESS_HOLDERS, Some("coffee"), false);
        check(key::ACCESS_HOLDERS, None, false);
        check(key::WORK_UNPLANNED, Some("2026-11-02"), true);
        check(key::WORK_UNPLANNED, Some("sprint 4"), false);
        check(key::MIGRATION_PROGRESS, Some("layers"), true);
    }

    #[test]
    fn every_question_is_a_key_about_people_asked_once() {
        let mut keys: Vec<&str> = QUESTIONS.iter().map(|q| q.key).collect();
        assert!(keys.iter().all(|k| key::PEOPLE.contains(k)) && QUESTIONS.iter().all(|q| q.asks.ends_with('?')));
        assert_eq!(keys.len(), key::PEOPLE.len());
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), QUESTIONS.len());
    }
}
