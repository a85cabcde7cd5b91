//! What Answers says: which answers hold, by question, from the log of decisions: pure.

use crate::format;
use loadline_model::{
    AnswerKind, Choice, Decision, ORGANISATION, Question, SubjectId, Timestamp, Value, key, key::RIGHTS,
};

/// Questions that are asked together: prefix of their keys, heading, why they are asked.
pub const PARTS: [(&str, &str, &str); 5] = [
    ("oncall.", "On call", "Who is reached when something breaks at night."),
    ("access.", "Power over production", "Rights that a company stops without, and how many active people hold each."),
    ("work.", "Unplanned work", "The share of working time that fires take, week by week or sprint by sprint."),
    (
        "migration.",
        "Migrations",
        "Work that moves from an old to a new way: name it once, then say how far it is every few weeks.",
    ),
    ("test.", "Tests", "What was tried before users tried it."),
];

/// An answer that holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    pub subject: SubjectId,
    pub item: Option<String>,
    pub value: Value,
    pub author: String,
    pub at: Timestamp,
}

/// The answers to a question that hold, by item; the log may be in any order.
pub fn held(log: &[Decision], question: &Question) -> Vec<Held> {
    let mut log: Vec<&Decision> = log.iter().collect();
    log.sort_by_key(|d| d.number);
    let mut held: Vec<Held> = Vec::new();
    for decision in log {
        let Choice::Answer { subject, key, item, value } = &decision.choice else { continue };
        if key != question.key {
            continue;
        }
        held.retain(|h| (&h.subject, &h.item) != (subject, item));
        held.extend(value.as_ref().map(|value| Held {
            subject: subject.clone(),
            item: item.clone(),
            value: value.clone(),
            author: decision.author.clone(),
            at: decision.at,
        }));
    }
    held.sort_by(|a, b| (&a.item, &a.subject).cmp(&(&b.item, &b.subject)));
    held
}

/// What a question has a field for from the beginning: one without an item, or one for each right.
pub fn items(question: &Question) -> Vec<Option<String>> {
    match question.item {
        None => vec![None],
        Some(_) if is_of_rights(question) => RIGHTS.iter().map(|r| Some((*r).to_owned())).collect(),
        Some(_) => Vec::new(),
    }
}

/// It is asked of each right.
pub fn is_of_rights(question: &Question) -> bool {
    [key::ACCESS_HOLDERS, key::ACCESS_RECOVERABLE].contains(&question.key)
}

/// The item is a day.
pub fn asks_a_day(question: &Question) -> bool {
    question.key == key::WORK_UNPLANNED
}

/// An answer as one types it.
pub fn typed(question: &Question, value: &Value) -> String {
    match (question.kind, value) {
        (AnswerKind::Share, Value::Number(share)) => format!("{}%", format::plain(round(share * 100.0))),
        (_, Value::Number(n)) => format::plain(*n),
        (_, Value::Bool(true)) => "yes".to_owned(),
        (_, Value::Bool(false)) => "no".to_owned(),
        (_, Value::Text(text)) => text.clone(),
    }
}

fn round(x: f64) -> f64 {
    (x * 100.0).round() / 100.0
}

/// Reads what was typed; for a share a bare number above one is meant as percent.
pub fn read(question: &Question, text: &str) -> Option<Value> {
    let text = text.trim();
    let above_one = || text.parse::<f64>().is_ok_and(|n| n > 1.0);
    match question.kind {
        AnswerKind::Share if above_one() => question.read(&format!("{text}%")),
        _ => question.read(text),
    }
}

/// The decision that answers or, without a value, takes back.
pub fn answer(question: &Question, subject: Option<SubjectId>, item: Option<String>, value: Option<Value>) -> Choice {
    let subject = subject.unwrap_or_else(|| SubjectId::new(ORGANISATION));
    Choice::Answer { subject, key: question.key.to_owned(), item, value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::{QUESTIONS, question};

    fn asked(key: &str) -> &'static Question {
        question(key).expect("a question")
    }

    #[test]
    fn the_newest_answer_holds_until_it_is_taken_back() {
        let people = asked(key::ONCALL_PEOPLE);
        let said = |number, value: Option<f64>| Decision {
            number,
            at: Timestamp(number),
            author: "Mira".into(),
            choice: answer(people, None, None, value.map(Value::Number)),
        };
        let of = |log: &[Decision]| held(log, people).into_iter().map(|h| h.value).collect::<Vec<_>>();
        assert_eq!(of(&[said(2, Some(4.0)), said(1, Some(1.0))]), [Value::Number(4.0)]);
        assert!(of(&[said(1, Some(1.0)), said(2, None)]).is_empty());
        assert!(held(&[said(1, Some(1.0))], asked(key::ONCALL_LEVELS)).is_empty());
    }

    #[test]
    fn what_is_shown_reads_back_as_the_same() {
        let check = |key: &str, value: Value, text: &str| {
            assert_eq!(typed(asked(key), &value), text);
            assert_eq!(read(asked(key), text), Some(value));
        };
        check(key::WORK_UNPLANNED, Value::Number(0.4), "40%");
        check(key::ONCALL_PEOPLE, Value::Number(5.0), "5");
        check(key::ACCESS_ROOT_SHARED, Value::Bool(false), "no");
        assert_eq!(read(asked(key::WORK_UNPLANNED), "40"), Some(Value::Number(0.4)));
        assert_eq!(read(asked(key::WORK_UNPLANNED), "140"), None);
        assert_eq!(read(asked(key::ONCALL_PEOPLE), "many"), None);
    }

    #[test]
    fn every_question_is_in_one_part_and_can_be_answered() {
        for q in QUESTIONS {
            assert_eq!(PARTS.iter().filter(|(prefix, ..)| q.key.starts_with(prefix)).count(), 1, "{}", q.key);
            assert!(items(q).iter().all(|item| q.takes(item.as_deref())), "{}", q.key);
        }
    }
}
