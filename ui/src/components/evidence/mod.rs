//! The evidence drawer: everything behind one finding, over any page. It is not modal, so lists can be walked beside it.

pub mod accept;
mod sections;
pub mod view;

use super::error_panel::copy_text;
use super::status::{Badge, Status};
use super::tabs::focus;
use super::{EmptyState, Icon, Sentence};
use crate::state::place::FINDING;
use crate::state::{use_overlay, use_place, use_toasts, use_workspace};
use leptos::html;
use leptos::prelude::*;
use loadline_model::Finding;
use loadline_wire::workspace::WorkspaceState;
use std::sync::Arc;

/// The drawer; open while the route names a finding.
#[component]
pub fn EvidenceDrawer() -> impl IntoView {
    let (place, workspace, overlay) = (use_place(), use_workspace(), use_overlay());
    let open = Memo::new(move |_| place.get(FINDING));
    // The focus goes back to the row the evidence was opened from.
    let close = move || {
        let row = open.get_untracked().map(|fingerprint| format!("[data-fingerprint=\"{fingerprint}\"] a"));
        place.set(&[(FINDING, None)]);
        if let Some(link) = row.and_then(|row| document().query_selector(&row).ok().flatten()) {
            focus(&link);
        }
    };
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        if event.key() == "Escape" && !event.default_prevented() && !overlay.is_open() && open.get_untracked().is_some()
        {
            event.prevent_default();
            close();
        }
    });
    on_cleanup(move || keys.remove());
    move || {
        open.get().map(|fingerprint| {
            let found = move || workspace.get().map(|state| shown(&state, &fingerprint, close));
            view! { <Shell>{found}</Shell> }
        })
    }
}

/// The drawer's frame: takes the focus when it opens, not when a decision redraws what is in it.
#[component]
fn Shell(children: Children) -> impl IntoView {
    let node = NodeRef::<html::Aside>::new();
    Effect::new(move |_| {
        if let Some(aside) = node.get() {
            let _ = aside.focus();
        }
    });
    view! {
        <aside node_ref=node class="drawer" tabindex="-1" aria-label="Evidence" data-testid="drawer">
            {children()}
        </aside>
    }
}

fn shown(state: &Arc<WorkspaceState>, fingerprint: &str, close: impl Fn() + Copy + 'static) -> AnyView {
    let finding =
        state.assessment.as_ref().and_then(|a| a.findings.iter().find(|f| f.fingerprint.as_str() == fingerprint));
    match finding {
        Some(finding) => view! { <Evidence state=state.clone() finding=finding.clone() on_close=move || close() /> }.into_any(),
        None => view! {
            <div class="drawer__head">
                <span class="grow"></span>
                <CloseButton on_close=move || close() />
            </div>
            <EmptyState title="Not in this snapshot" why="This finding was resolved, is not seen yet, or belongs to another workspace." />
        }
        .into_any(),
    }
}

#[component]
fn CloseButton(on_close: impl Fn() + Copy + 'static) -> impl IntoView {
    view! {
        <button class="icon-button" aria-label="Close evidence" title="Close (Esc)" data-testid="drawer-close"
            on:click=move |_| on_close()>
            <Icon name="close" />
        </button>
    }
}

#[component]
fn Evidence(state: Arc<WorkspaceState>, finding: Finding, on_close: impl Fn() + Copy + 'static) -> impl IntoView {
    let toasts = use_toasts();
    let link = view::link(&state.name, &finding);
    let copy = move |_| {
        copy_text(&link);
        toasts.say("Link copied. Paste it into search to open this evidence.");
    };
    let assessment = state.assessment.as_ref();
    let rule = assessment.and_then(|a| a.rule(&finding.rule)).cloned();
    view! {
        <div class="drawer__head">
            <Badge status=Status::of(&finding) />
            <span class="faint small">{view::state_word(finding.state)}</span>
            <code class="faint">{finding.rule.to_string()}</code>
            <span class="grow"></span>
            <button class="icon-button" aria-label="Copy link" title="Copy link" data-testid="copy-link" on:click=copy>
                <Icon name="link" />
            </button>
            <CloseButton on_close />
        </div>
        <div class="drawer__body">
            <header class="evidence__head">
                <p class="muted">{rule.as_ref().map_or_else(|| finding.title.clone(), |rule| rule.question.clone())}</p>
                <h2><Sentence text=finding.sentence.clone() /></h2>
                <p class="small faint">
                    {finding.subject.kind.map(|kind| format!("{kind} "))}
                    <span class="mono">{finding.subject.name.clone()}</span>
                    {finding.subject.region.clone().map(|region| format!(" in {region}"))}
                </p>
            </header>
            {assessment
                .map(|assessment| {
                    view! {
                        {sections::decide(assessment, &finding)}
                        {sections::numbers(assessment, &finding)}
                        {sections::gap(&finding)}
                        {sections::rows(assessment, &finding)}
                        {sections::fix(assessment, &finding, rule.as_ref())}
                        {sections::why(&finding, rule.as_ref())}
                        {sections::history(&finding)}
                    }
                })}
        </div>
    }
}
