//! Load tests and drills, newest first, whatever the days on show: one counts for 90 or 180 days.

use super::test_form::TestForm;
use crate::components::loaded::Ready;
use crate::components::{Mark, Status};
use crate::format;
use crate::state::{use_toasts, use_workspace};
use leptos::prelude::*;
use loadline_model::performance::{Promises, TestRow};
use loadline_wire::test_runs::Forget;
use std::sync::Arc;

/// The panel's content.
pub fn tests(ready: Signal<Ready>, found: Signal<Arc<Promises>>) -> impl IntoView {
    let (workspace, toasts, asking) = (use_workspace(), use_toasts(), RwSignal::new(false));
    let own = move || workspace.get().is_some_and(|state| !state.demo);
    let forget = Callback::new(move |id: String| {
        workspace.send(Forget { id }, move |state| {
            workspace.accept_state(state);
            toasts.say("The test is forgotten.");
        });
    });
    let zone = move || ready.with(|r| r.assessment().zone.clone());
    view! {
        <header class="panel__head">
            <h2>"Load tests and drills"</h2>
            <span class="grow"></span>
            <Show when=own><button class="button button--small" data-testid="record-test" on:click=move |_| asking.set(true)>"Record a test"</button></Show>
        </header>
        <Show when=move || asking.get()><TestForm on_close=move |()| asking.set(false) /></Show>
        <div class="panel__body">
            {move || {
                let rows = found.with(|f| f.tests.clone());
                if rows.is_empty() {
                    return view! {
                        <p class="muted">
                            "None is known. No account shows that one was run, so record what yours showed: how much more load it stood, and how long the loss of a part took. "
                            <a class="text-link" href="/findings?q=TEST-0">"See what asks for them"</a>
                        </p>
                    }.into_any();
                }
                let zone = zone();
                view! {
                    <table class="plain-table">
                        <thead><tr><th scope="col">"Began"</th><th scope="col">"Kind"</th><th scope="col">"What was tested"</th><th scope="col">"Ended"</th><th scope="col">"Figures"</th><th></th></tr></thead>
                        <tbody>{rows.into_iter().rev().map(|row| line(row, &zone, forget)).collect_view()}</tbody>
                    </table>
                }.into_any()
            }}
        </div>
    }
}

fn line(row: TestRow, zone: &str, forget: Callback<String>) -> impl IntoView + use<> {
    let (status, ended) = if row.run.passed { (Status::Pass, "stood") } else { (Status::High, "not stood") };
    let id = row.id.clone();
    view! {
        <tr data-testid="test">
            <td class="num">{format::moment(row.run.at, zone)}</td>
            <td>{row.run.kind.word()}</td>
            <td>{row.subject.name.clone()}</td>
            <td><Mark status /> " " {ended}</td>
            <td title=row.run.note.clone().unwrap_or_default()>{row.run.figures()}</td>
            <td class="right">{row.recorded.then(|| view! {
                <button class="text-link" data-testid="forget-test" title="It was recorded by hand" on:click=move |_| forget.run(id.clone())>"Forget"</button>
            })}</td>
        </tr>
    }
}
