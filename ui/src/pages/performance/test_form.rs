//! Writing down a load test or a drill.

use super::incident_form::time;
use crate::components::Dialog;
use crate::state::{use_toasts, use_workspace};
use leptos::prelude::*;
use loadline_model::{Kind, TestKind, Timestamp};
use loadline_wire::test_runs::Record;

/// What a kind of test is called where a person chooses it.
fn words(kind: TestKind) -> &'static str {
    match kind {
        TestKind::Load => "Load test",
        TestKind::Failover => "Failover",
        TestKind::Chaos => "Loss of a part or of a dependency",
        TestKind::Recovery => "Restore from a backup",
        TestKind::Synthetic => "Scripted journey",
    }
}

/// The dialog.
#[component]
pub fn TestForm(#[prop(into)] on_close: Callback<()>) -> impl IntoView {
    let (workspace, toasts) = (use_workspace(), use_toasts());
    let now = workspace.now().map_or(Timestamp(0), |state| state.now);
    let things = workspace.with_assessment(|a| {
        let of = a.topology.graph.nodes.iter().filter(|n| n.kind.is_testable());
        let mut all: Vec<(String, String, Kind)> = of.map(|n| (n.id.to_string(), n.name.clone(), n.kind)).collect();
        all.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
        all
    });
    let kind = RwSignal::new(TestKind::Load);
    let passed = RwSignal::new(true);
    let text = || RwSignal::new(String::new());
    let (subject, began, figure, file, note) = (text(), text(), text(), text(), text());
    let began_at = move || time(&began.get()).filter(|at| *at <= now);
    let number = move || match figure.get().trim() {
        "" => Ok(None),
        said => said.parse::<f64>().ok().filter(|n| n.is_finite() && *n > 0.0).map(Some).ok_or(()),
    };
    let wrong = move || {
        if began_at().is_none() && !began.get().is_empty() {
            Some("It cannot begin in the future.")
        } else if number().is_err() {
            Some("The figure must be a number above 0.")
        } else {
            None
        }
    };
    let complete = move || !subject.get().is_empty() && began_at().is_some() && wrong().is_none();
    let said = |text: String| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
    let load = move || kind.get() == TestKind::Load;
    let counted = move || load() && !file.get().trim().is_empty();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let Some(at) = began_at().filter(|_| complete()) else { return };
        let kind = kind.get_untracked();
        let figure = number().ok().flatten();
        let record = Record {
            subject: subject.get_untracked(),
            kind,
            at,
            passed: passed.get_untracked(),
            times_peak: figure.filter(|_| kind == TestKind::Load),
            k6: said(file.get_untracked()).filter(|_| kind == TestKind::Load),
            recovered_after: figure.filter(|_| kind.is_drill()),
            note: said(note.get_untracked()),
        };
        workspace.send(record, move |state| {
            workspace.accept_state(state);
            toasts.say("The test is recorded.");
        });
        on_close.run(());
    };
    let field = move |signal: RwSignal<String>| move |e| signal.set(event_target_value(&e));
    view! {
        <Dialog title="Record a load test or drill" on_close>
            <form class="form" on:submit=submit data-testid="test-form">
                <p class="muted">"What a person tells counts against checks and in what is possible; what k6 counted can make one pass. The same kind, thing and time again is the same test."</p>
                <label class="field">
                    <span>"What was tried"</span>
                    <select class="input" data-testid="test-kind"
                        on:change=move |e| kind.set(TestKind::of_word(&event_target_value(&e)).unwrap_or(TestKind::Load))>
                        {TestKind::ALL.map(|k| view! { <option value=k.word()>{words(k)}</option> }).collect_view()}
                    </select>
                </label>
                <label class="field">
                    <span>"What was tested"</span>
                    <select class="input" required data-testid="test-subject" on:change=field(subject)>
                        <option value="">"Choose"</option>
                        {things.unwrap_or_default().into_iter().map(|(id, name, kind)| view! { <option value=id>{format!("{name}, {}", kind.word())}</option> }).collect_view()}
                    </select>
                </label>
                <label class="field">
                    <span>"Began (UTC)"</span>
                    <input class="input" type="datetime-local" required data-testid="test-began" prop:value=began on:input=field(began) />
                </label>
                <Show when=load>
                    <label class="field">
                        <span>"Summary that k6 wrote (path), if there is one"</span>
                        <input class="input" data-testid="test-k6" placeholder="k6 run --summary-export FILE" prop:value=file on:input=field(file) />
                    </label>
                </Show>
                <Show when=move || !counted()>
                    <label class="field">
                        <span>"How it ended"</span>
                        <select class="input" data-testid="test-passed" on:change=move |e| passed.set(event_target_value(&e) == "yes")>
                            <option value="yes" selected=move || passed.get()>"It stood, or came back"</option>
                            <option value="no" selected=move || !passed.get()>"It did not"</option>
                        </select>
                    </label>
                </Show>
                <Show when=move || kind.get() != TestKind::Synthetic>
                    <label class="field">
                        <span>{move || if load() { "Highest load, times that day's peak" } else { "Seconds until it was back" }}</span>
                        <input class="input" inputmode="decimal" data-testid="test-figure" prop:value=figure on:input=field(figure) />
                    </label>
                </Show>
                <label class="field">
                    <span>"One sentence"</span>
                    <input class="input" maxlength="300" data-testid="test-note" prop:value=note on:input=field(note) />
                </label>
                {move || wrong().map(|why| view! { <p class="field"><small class="field__wrong" role="alert">{why}</small></p> })}
                <footer class="dialog__foot">
                    <button type="button" class="button" on:click=move |_| on_close.run(())>"Cancel"</button>
                    <button type="submit" class="button button--primary" data-testid="test-submit" disabled=move || !complete()>"Record"</button>
                </footer>
            </form>
        </Dialog>
    }
}
