//! Answers: what no account knows and people do. An answer may fail a check, and never makes one pass.

mod field;
pub mod view;

use crate::components::loaded::Ready;
use crate::components::skeleton::Skeleton;
use crate::components::{ErrorPanel, Loaded, Mark, Status};
use crate::ipc;
use crate::state::{use_place, use_workspace};
use field::{Field, NewField};
use leptos::prelude::*;
use loadline_model::{Decision, Fingerprint, QUESTIONS, Question};
use loadline_wire::decisions::DecisionLog;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The page.
#[component]
pub fn Page() -> impl IntoView {
    view! { <Loaded view=|ready| view! { <Answers ready /> } /> }
}

#[component]
fn Answers(ready: Signal<Ready>) -> impl IntoView {
    let workspace = use_workspace();
    let log = LocalResource::new(move || {
        // A decision or an undo changes what holds: read the log again.
        let _ = workspace.get().map(|state| state.undoable);
        async { ipc::call(&DecisionLog {}).await }
    });
    view! {
        <div class="page answers">
            <header class="page__head">
                <div>
                    <h1>"Answers"</h1>
                    <p>"What no account knows and people do. An answer may fail a check and counts in what is possible; it never makes a check pass."</p>
                </div>
            </header>
            {move || match log.get() {
                None => view! { <Skeleton rows=8 /> }.into_any(),
                Some(Err(error)) => view! { <ErrorPanel error retry=move |()| log.refetch() /> }.into_any(),
                Some(Ok(list)) => {
                    let list = Arc::new(list);
                    view::PARTS.into_iter().map(|part| view! { <Part ready part log=list.clone() /> }).collect_view().into_any()
                }
            }}
        </div>
    }
}

#[component]
fn Part(
    ready: Signal<Ready>,
    part: (&'static str, &'static str, &'static str),
    log: Arc<Vec<Decision>>,
) -> impl IntoView {
    let (prefix, title, why) = part;
    let questions: Vec<&'static Question> = QUESTIONS.iter().filter(|q| q.key.starts_with(prefix)).collect();
    let rules: BTreeSet<&'static str> = questions.iter().flat_map(|q| q.rules).copied().collect();
    let rows = questions.into_iter().map(|question| view! { <Asked question log=log.clone() /> }).collect_view();
    view! {
        <section class="panel" data-testid=format!("answers-{}", prefix.trim_end_matches('.'))>
            <header class="panel__head">
                <h2>{title}</h2>
                <span class="small faint">{why}</span>
            </header>
            <div class="answers__part">{rows}<Judged ready rules /></div>
        </section>
    }
}

/// What is judged by these answers, and how it stands now.
#[component]
fn Judged(ready: Signal<Ready>, rules: BTreeSet<&'static str>) -> impl IntoView {
    let place = use_place();
    move || {
        let found = ready.with(|r| {
            let wanted = r.assessment().findings.iter().filter(|f| rules.contains(f.rule.as_str()));
            wanted.map(|f| (f.fingerprint.clone(), f.title.clone(), Status::of(f))).collect::<Vec<_>>()
        });
        let row = move |(fingerprint, title, status): (Fingerprint, String, Status)| {
            view! {
                <li class="row"><Mark status label=true /><button class="text-link" on:click=move |_| place.open_finding(fingerprint.as_str())>{title}</button></li>
            }
        };
        (!found.is_empty()).then(|| view! {
            <div class="answers__judged small"><span class="faint">"Judged by it:"</span><ul>{found.into_iter().map(row).collect_view()}</ul></div>
        })
    }
}

/// A question with a field for each thing it asks of.
#[component]
fn Asked(question: &'static Question, log: Arc<Vec<Decision>>) -> impl IntoView {
    let held = view::held(&log, question);
    let fixed = view::items(question);
    let said = |item: &Option<String>| held.iter().find(|h| h.item == *item).cloned();
    let own: Vec<_> = fixed.iter().map(|item| (item.clone(), said(item))).collect();
    let more: Vec<_> =
        held.iter().filter(|h| !fixed.contains(&h.item)).map(|h| (h.item.clone(), Some(h.clone()))).collect();
    let open = question.item.is_some() && fixed.is_empty();
    let one = own.len() == 1;
    let rows = own.into_iter().chain(more).map(|(item, held)| view! { <Field question item held /> }).collect_view();
    view! {
        <div class="answers__asked" class:answers__asked--one=one data-testid=format!("ask-{}", question.key)>
            <p class="answers__question">{question.asks}</p>
            <div class="answers__fields">
                {rows}
                {open.then(|| view! { <NewField question /> })}
            </div>
        </div>
    }
}
