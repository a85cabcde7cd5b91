//! Findings: everything that fails or is not proven, to filter, group, walk by keyboard, accept and export.

mod list;
mod toolbar;
pub mod view;

use crate::components::Loaded;
use crate::components::loaded::Ready;
use crate::format;
use crate::state::{Place, use_place, use_toasts, use_workspace};
use leptos::prelude::*;
use loadline_model::{Finding, FindingState, Fingerprint};
use loadline_wire::reports::{Export, ReportOptions};
use std::collections::BTreeSet;
use view::{Filters, Grouping, Row, rows};

/// What list and toolbar share.
#[derive(Clone, Copy)]
pub struct Shared {
    pub ready: Signal<Ready>,
    pub filters: Memo<Filters>,
    pub grouping: Memo<Grouping>,
    pub rows: Memo<Vec<Row>>,
    /// Row under the keyboard.
    pub active: RwSignal<Option<usize>>,
    pub selected: RwSignal<BTreeSet<Fingerprint>>,
}

/// The page.
#[component]
pub fn Page() -> impl IntoView {
    view! { <Loaded view=|ready| view! { <Findings ready /> } /> }
}

#[component]
fn Findings(ready: Signal<Ready>) -> impl IntoView {
    let place = use_place();
    let filters = Memo::new(move |_| filters_of(place));
    let grouping = Memo::new(move |_| Grouping::of(place.get("group").as_deref()));
    let rows = Memo::new(move |_| ready.with(|r| filters.with(|f| rows(r.assessment(), f, grouping.get()))));
    let shared = Shared {
        ready,
        filters,
        grouping,
        rows,
        active: RwSignal::new(None),
        selected: RwSignal::new(BTreeSet::new()),
    };
    // A row number means another finding once the rows change.
    Effect::new(move |before: Option<(Filters, Grouping)>| {
        let now = (filters.get(), grouping.get());
        if before.is_some_and(|before| before != now) {
            shared.active.set(None);
        }
        now
    });
    // Accepted together, they are done with.
    Effect::new(move |_| {
        ready.with(|r| {
            let accepted = |f: &&Finding| f.state == FindingState::Accepted;
            let done: BTreeSet<_> =
                r.assessment().findings.iter().filter(accepted).map(|f| f.fingerprint.clone()).collect();
            if shared.selected.with_untracked(|selected| !selected.is_disjoint(&done)) {
                shared.selected.update(|selected| selected.retain(|fingerprint| !done.contains(fingerprint)));
            }
        });
    });
    view! {
        <div class="page page--fill">
            <header class="page__head">
                <div>
                    <h1>"Findings"</h1>
                    <p>{move || ready.with(|r| view::summary(&r.assessment().findings))}</p>
                </div>
                <div class="page__actions"><ExportMenu /></div>
            </header>
            <toolbar::Toolbar shared />
            <list::List shared />
        </div>
    }
}

fn filters_of(place: Place) -> Filters {
    Filters {
        states: place.list("state"),
        severities: place.list("severity"),
        domains: place.list("domain"),
        accounts: place.list("account"),
        reasons: place.list("reason"),
        text: place.get("q").unwrap_or_default(),
    }
}

/// Exports the findings as a file.
#[component]
fn ExportMenu() -> impl IntoView {
    let (workspace, toasts) = (use_workspace(), use_toasts());
    let export = move |event: web_sys::Event| {
        let format = event_target_value(&event);
        if format.is_empty() {
            return;
        }
        let options = ReportOptions { format, sections: vec!["findings".into()], ..ReportOptions::default() };
        workspace.send(Export { options, path: String::new() }, move |written| {
            toasts.say(format!("Written: {} ({})", written.path, format::bytes(written.bytes)));
        });
    };
    view! {
        <label class="select">
            <span class="sr-only">"Export"</span>
            <select data-testid="export" prop:value="" on:change=export>
                <option value="" selected>"Export…"</option>
                <option value="xlsx">"Excel (XLSX)"</option>
                <option value="csv">"CSV"</option>
                <option value="md">"Markdown"</option>
            </select>
            <crate::components::Icon name="chevron" />
        </label>
    }
}
