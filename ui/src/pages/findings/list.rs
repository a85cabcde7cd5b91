//! The table of findings and its keys.

use super::Shared;
use super::view::{Row, step};
use crate::components::evidence::view::{blast_radius, plan, state_word};
use crate::components::sentence::plain;
use crate::components::table::VirtualTable;
use crate::components::tabs::focus;
use crate::components::{EmptyState, Mark, Sentence, Status, When};
use crate::format;
use crate::state::place::FINDING;
use crate::state::shortcuts::is_typing;
use crate::state::{use_overlay, use_place};
use leptos::prelude::*;
use loadline_model::{Assessment, Finding, Fingerprint};

/// Two lines of text and air.
const ROW: f64 = 56.0;

/// The list, or why it is empty.
#[component]
pub fn List(shared: Shared) -> impl IntoView {
    listen(shared);
    let count = Signal::derive(move || shared.rows.with(Vec::len));
    let none_at_all = move || shared.ready.with(|r| r.assessment().findings.is_empty());
    let empty = Memo::new(move |_| count.get() == 0);
    move || {
        match (empty.get(), none_at_all()) {
        (true, true) => view! {
            <EmptyState title="Nothing fails and nothing is unknown" why="Every rule that applies was judged from evidence and passed." />
        }
        .into_any(),
        (true, false) => view! { <NothingMatches /> }.into_any(),
        _ => view! { <VirtualTable label="Findings" rows=count row_height=ROW active=shared.active head=head() render=move |i| row(shared, i) /> }.into_any(),
    }
    }
}

#[component]
fn NothingMatches() -> impl IntoView {
    let place = use_place();
    view! {
        <EmptyState title="No finding matches" why="The filters above leave nothing over.">
            <button class="button" on:click=move |_| place.go("/findings")>"Clear filters"</button>
        </EmptyState>
    }
}

fn head() -> AnyView {
    view! {
        <div class="findings__row findings__row--head">
            <span role="columnheader"><span class="sr-only">"Select"</span></span>
            <span role="columnheader"><span class="sr-only">"Severity"</span></span>
            <span role="columnheader">"Finding"</span>
            <span role="columnheader">"Subject"</span>
            <span role="columnheader" class="right" title="Share of journeys that one failure stops">"Journeys"</span>
            <span role="columnheader" class="right" title="Points of the proven score">"Points"</span>
            <span role="columnheader">"First seen"</span>
            <span role="columnheader">"Plan"</span>
        </div>
    }
    .into_any()
}

fn row(shared: Shared, index: usize) -> AnyView {
    let Some(row) = shared.rows.with(|rows| rows.get(index).cloned()) else { return ().into_any() };
    match row {
        Row::Heading { title, count } => view! {
            <div class="findings__group" role="row" aria-rowindex=(index + 2).to_string()>
                <span role="cell">{title}</span>
                <span class="faint num">{count}</span>
            </div>
        }
        .into_any(),
        Row::Finding(at) => shared.ready.with(|r| {
            let assessment = r.assessment();
            assessment.findings.get(at).map(|finding| finding_row(shared, index, assessment, finding)).into_any()
        }),
    }
}

fn finding_row(shared: Shared, index: usize, assessment: &Assessment, finding: &Finding) -> impl IntoView + use<> {
    let place = use_place();
    let fingerprint = finding.fingerprint.clone();
    let (open, chosen, toggled) = (fingerprint.to_string(), fingerprint.clone(), fingerprint.clone());
    let is_open = {
        let open = open.clone();
        move || place.get(FINDING).as_deref() == Some(open.as_str())
    };
    let radius = blast_radius(assessment, finding).map_or_else(|| "–".into(), format::percent);
    let second = match &finding.gap {
        Some(gap) if !gap.closes.is_empty() => format!("Closed by: {}", gap.closes.lines().next().unwrap_or_default()),
        _ => finding.sentence.clone(),
    };
    let state = (finding.state != loadline_model::FindingState::Open).then(|| state_word(finding.state));
    view! {
        <div class="findings__row" role="row" aria-rowindex=(index + 2).to_string() data-testid="finding-row" data-fingerprint=open.clone()
            class:findings__row--active=move || shared.active.get() == Some(index) class:findings__row--open=is_open
            on:click=move |_| { shared.active.set(Some(index)); place.open_finding(&open); }>
            <span role="cell" on:click=|e| e.stop_propagation()>
                <label class="check">
                    <span class="sr-only">{format!("Select {}", finding.title)}</span>
                    <input type="checkbox" prop:checked=move || shared.selected.with(|s| s.contains(&chosen)) on:change=move |_| toggle(shared, &toggled) />
                </label>
            </span>
            <span role="cell"><Mark status=Status::of(finding) label=true /></span>
            <span role="cell" class="findings__what">
                <span class="row">
                    <a class="findings__title truncate" href=format!("?finding={fingerprint}") on:click=|e| e.prevent_default()>{finding.title.clone()}</a>
                    {state.map(|state| view! { <span class="tag">{state}</span> })}
                </span>
                <span class="small faint truncate" title=plain(&second)><Sentence text=second.clone() /></span>
            </span>
            <span role="cell" class="findings__what">
                <span class="mono truncate" title=finding.subject.name.clone()>{finding.subject.name.clone()}</span>
                <span class="small faint truncate">{finding.subject.kind.map(|kind| kind.to_string())}</span>
            </span>
            <span role="cell" class="num right">{radius}</span>
            <span role="cell" class="num right">{format::points(finding.points_lost_micro as f64 / 1e6)}</span>
            <span role="cell" class="faint"><When at=finding.first_seen /></span>
            <span role="cell" class="faint truncate">{plan(assessment, finding).0.word()}</span>
        </div>
    }
}

fn toggle(shared: Shared, fingerprint: &Fingerprint) {
    shared.selected.update(|selected| {
        if !selected.remove(fingerprint) {
            selected.insert(fingerprint.clone());
        }
    });
}

/// j, k, Enter, x and / for as long as the list lives.
fn listen(shared: Shared) {
    let (overlay, place) = (use_overlay(), use_place());
    let under_keyboard = move || {
        let row = shared.active.get_untracked().and_then(|at| shared.rows.with_untracked(|rows| rows.get(at).cloned()));
        let Some(Row::Finding(at)) = row else { return None };
        shared.ready.with_untracked(|r| r.assessment().findings.get(at).map(|f| f.fingerprint.clone()))
    };
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        if event.default_prevented()
            || overlay.is_open()
            || is_typing(&event)
            || event.ctrl_key()
            || event.meta_key()
            || event.alt_key()
        {
            return;
        }
        let moved = |forward| shared.rows.with_untracked(|rows| step(rows, shared.active.get_untracked(), forward));
        match event.key().as_str() {
            key @ ("j" | "k") => {
                shared.active.set(moved(key == "j"));
                // An open drawer follows, so that evidence can be read row by row.
                if place.is_open(FINDING)
                    && let Some(fingerprint) = under_keyboard()
                {
                    place.replace(&[(FINDING, Some(fingerprint.to_string()))]);
                }
            }
            "Enter" => match under_keyboard().filter(|_| !on_control(&event)) {
                Some(fingerprint) => place.open_finding(fingerprint.as_str()),
                None => return,
            },
            "x" => match under_keyboard() {
                Some(fingerprint) => toggle(shared, &fingerprint),
                None => return,
            },
            "/" => {
                if let Some(field) = document().get_element_by_id("findings-text") {
                    focus(&field);
                }
            }
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || keys.remove());
}

/// Enter on a button or link is the button's own.
fn on_control(event: &web_sys::KeyboardEvent) -> bool {
    use wasm_bindgen::JsCast;
    let target = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|t| t.tag_name() == "BUTTON")
}
