//! A field that holds an answer: what is typed is decided when one leaves it, and can be undone.

use super::view::{self, Held};
use crate::components::When;
use crate::state::use_workspace;
use leptos::prelude::*;
use loadline_model::{AnswerKind, Question};

/// One answer, given or not.
#[component]
pub fn Field(question: &'static Question, item: Option<String>, held: Option<Held>) -> impl IntoView {
    let workspace = use_workspace();
    let wrong = RwSignal::new(false);
    let shown = held.as_ref().map(|h| view::typed(question, &h.value)).unwrap_or_default();
    let name = item.clone().unwrap_or_default();
    let label = if name.is_empty() { question.asks.to_owned() } else { format!("{} {name}", question.asks) };
    let subject = held.as_ref().map(|h| h.subject.clone());
    let (about, whose) = (subject.clone(), item.clone());
    let before = shown.clone();
    let decide = move |text: String| {
        if text.trim() == before {
            return wrong.set(false);
        }
        match view::read(question, &text) {
            Some(value) => {
                wrong.set(false);
                workspace.decide(vec![view::answer(question, about.clone(), whose.clone(), Some(value))]);
            }
            None => wrong.set(!text.trim().is_empty()),
        }
    };
    let take_back = move |_| workspace.decide(vec![view::answer(question, subject.clone(), item.clone(), None)]);
    view! {
        <div class="answers__field">
            {(!name.is_empty()).then(|| view! { <span class="answers__item truncate" title=name.clone()>{name.clone()}</span> })}
            <Typed question label value=shown wrong on_typed=decide />
            <span class="small faint answers__by">
                {match &held {
                    Some(held) => view! { {held.author.clone()}", "<When at=held.at /> }.into_any(),
                    None => view! { <span class="answers__none hatched"><span>"not answered"</span></span> }.into_any(),
                }}
            </span>
            {held.is_some().then(|| view! { <button class="text-link small" on:click=take_back.clone()>"Take back"</button> })}
            <Show when=move || wrong.get()><small class="field__wrong" role="alert">{format!("It wants {}.", question.kind.words())}</small></Show>
        </div>
    }
}

/// A field for one more of several, such as another week or migration.
#[component]
pub fn NewField(question: &'static Question) -> impl IntoView {
    let workspace = use_workspace();
    let (item, text, wrong) = (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(false));
    let is_day = view::asks_a_day(question);
    let add = move |_| {
        let named = item.get_untracked().trim().to_owned();
        let value = view::read(question, &text.get_untracked()).filter(|_| question.takes(Some(&named)));
        match value {
            Some(value) => workspace.decide(vec![view::answer(question, None, Some(named), Some(value))]),
            None => wrong.set(true),
        }
    };
    let asked = question.item.unwrap_or_default();
    view! {
        <div class="answers__field answers__field--new">
            <input class="input" type=if is_day { "date" } else { "text" } aria-label=asked placeholder=asked title=asked
                data-testid=format!("item-{}", question.key) on:input=move |e| item.set(event_target_value(&e)) />
            <Typed question label=question.asks.to_owned() value=String::new() wrong on_typed=move |typed: String| text.set(typed) />
            <button class="button button--small" data-testid=format!("add-{}", question.key) on:click=add>"Add"</button>
            <Show when=move || wrong.get()><small class="field__wrong" role="alert">{format!("It wants {asked}, and {}.", question.kind.words())}</small></Show>
        </div>
    }
}

/// The control that fits what is asked.
#[component]
fn Typed(
    question: &'static Question,
    #[prop(into)] label: String,
    value: String,
    wrong: RwSignal<bool>,
    #[prop(into)] on_typed: Callback<String>,
) -> impl IntoView {
    let test = format!("answer-{}", question.key);
    if question.kind == AnswerKind::Switch {
        let option = |word: &'static str, text: &'static str| {
            let selected = value == word;
            view! { <option value=word selected=selected>{text}</option> }
        };
        return view! {
            <label class="select">
                <select aria-label=label data-testid=test on:change=move |e| on_typed.run(event_target_value(&e))>
                    {option("", "–")}{option("yes", "yes")}{option("no", "no")}
                </select>
                <crate::components::Icon name="chevron" />
            </label>
        }
        .into_any();
    }
    let hint = match question.kind {
        AnswerKind::Count => "a number",
        AnswerKind::Share => "such as 40%",
        AnswerKind::Hours => "hours",
        AnswerKind::Switch | AnswerKind::Day => "",
    };
    let kind = if question.kind == AnswerKind::Day { "date" } else { "text" };
    view! {
        <input class="input num" type=kind aria-label=label placeholder=hint aria-invalid=move || wrong.get().to_string() data-testid=test
            prop:value=value on:change=move |e| on_typed.run(event_target_value(&e)) />
    }
    .into_any()
}
