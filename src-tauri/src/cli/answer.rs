//! `loadline answer [QUESTION] [VALUE]`: what no account knows and people do.

use super::decide::decide;
use super::{Asked, Ended, print, wrong_usage};
use clap::Args;
use loadline_model::{Choice, ORGANISATION, QUESTIONS, Question, SubjectId, question};
use serde_json::json;

#[derive(Args)]
pub(super) struct Answer {
    /// The question (see `loadline answer`); without it, every question with its answers
    question: Option<String>,
    /// The answer
    value: Option<String>,
    /// Which of several, where the question asks of several
    #[arg(long)]
    item: Option<String>,
    /// What it is about, by id  [default: the organisation]
    #[arg(long, value_name = "SUBJECT")]
    about: Option<String>,
    /// Take the answer back
    #[arg(long)]
    remove: bool,
}

pub(super) async fn run(words: Answer, asked: &Asked) -> Ended {
    let Some(key) = words.question else { return list(asked).await };
    let question = question(&key).ok_or_else(|| {
        wrong_usage(format!("`{key}` is not a question that Loadline asks. `loadline answer` lists them."))
    })?;
    if !question.takes(words.item.as_deref()) {
        return Err(wrong_usage(match question.item {
            Some(item) => format!("`{key}` asks of several: give --item, {item}."),
            None => format!("`{key}` has one answer: leave --item out."),
        }));
    }
    let value = match (words.value, words.remove) {
        (None, true) => None,
        (Some(text), false) => Some(question.read(&text).ok_or_else(|| {
            wrong_usage(format!("`{text}` does not answer `{key}`. It wants {}.", question.kind.words()))
        })?),
        _ => return Err(wrong_usage(format!("Give either an answer to `{key}` or --remove."))),
    };
    let subject = SubjectId::new(words.about.unwrap_or_else(|| ORGANISATION.to_owned()));
    decide(asked, &Choice::Answer { subject, key, item: words.item, value }).await
}

/// Every question, with the answers that hold now.
async fn list(asked: &Asked) -> Ended {
    let log = asked.open().await?.decisions().await?;
    let answers = |q: &Question| -> Vec<String> {
        let mut held = std::collections::BTreeMap::new();
        for decision in &log {
            if let Choice::Answer { subject, key, item, value } = &decision.choice
                && key == q.key
            {
                let about = (subject.clone(), item.clone());
                match value {
                    Some(value) => held.insert(about, value.clone()),
                    None => held.remove(&about),
                };
            }
        }
        let said = |((subject, item), value): (&(SubjectId, Option<String>), &loadline_model::Value)| {
            let about = if subject.as_str() == ORGANISATION { String::new() } else { format!("{subject} ") };
            format!("{about}{}{value}", item.as_ref().map(|i| format!("{i}: ")).unwrap_or_default())
        };
        held.iter().map(said).collect()
    };
    if asked.json {
        let one = |q: &Question| json!({ "key": q.key, "asks": q.asks, "wants": q.kind.words(), "item": q.item, "rules": q.rules, "answers": answers(q) });
        print::json("answers", json!({ "questions": QUESTIONS.iter().map(one).collect::<Vec<_>>() }))?;
        return Ok(0);
    }
    let rows: Vec<Vec<String>> = QUESTIONS
        .iter()
        .map(|q| vec![q.key.to_owned(), q.asks.to_owned(), q.rules.join(", "), answers(q).join("; ")])
        .collect();
    print::table(&["question", "asks", "for", "answered"], &rows);
    print::line("An answer may fail a check and counts in what is possible; it never makes a check pass.");
    Ok(0)
}
