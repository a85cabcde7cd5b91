//! Debt: what it costs to keep and to clear, where in the code it sits, which modules import each other, who knows what.

mod files;
mod ledger;
mod modules;
mod treemap;
pub mod view;

use crate::components::loaded::Ready;
use crate::components::{EmptyState, Loaded, answered};
use crate::format;
use crate::state::{Place, use_place};
use leptos::prelude::*;
use loadline_model::codebase::{Codebase, Repository};
use loadline_wire::codebase::LookAt;
use std::sync::Arc;

/// What the parts about one repository share.
#[derive(Clone, Copy)]
pub struct Shared {
    pub found: Signal<Arc<Codebase>>,
    pub place: Place,
}

impl Shared {
    /// Reads the repository that is looked at: the chosen one, else the largest.
    pub fn with<T>(self, read: impl FnOnce(&Repository) -> T) -> Option<T> {
        let wanted = self.place.get("repo");
        self.found.with(|f| {
            let named = f.repositories.iter().find(|r| Some(r.subject.id.as_str()) == wanted.as_deref());
            named.or(f.repositories.first()).map(read)
        })
    }
}

/// The page.
#[component]
pub fn Page() -> impl IntoView {
    view! { <Loaded view=|ready| view! { <Debt ready /> } /> }
}

#[component]
fn Debt(ready: Signal<Ready>) -> impl IntoView {
    view! {
        <div class="page debt">
            <header class="page__head">
                <div>
                    <h1>"Debt"</h1>
                    <p>{move || ready.with(|r| view::sentence(&r.assessment().debt))}</p>
                </div>
            </header>
            <section class="panel"><ledger::Panel ready /></section>
            {answered(ready, LookAt {}, |code| code, code)}
        </div>
    }
}

fn code(found: Signal<Arc<Codebase>>) -> impl IntoView {
    let shared = Shared { found, place: use_place() };
    let none = Memo::new(move |_| found.with(|f| f.repositories.is_empty()));
    move || {
        if none.get() {
            return view! {
                <EmptyState title="No code was read"
                    why="Connect a local clone: Loadline reads its objects, runs nothing of it, and nothing leaves this machine. It shows which files cost most, which modules import each other in circles and what only one person knows.">
                    <a class="button button--primary" href="/accounts?connect=git">"Connect a clone"</a>
                </EmptyState>
            }
            .into_any();
        }
        view! {
            <Head shared />
            <section class="panel" data-testid="debt-files"><files::Panel shared /></section>
            <section class="panel" data-testid="debt-modules"><modules::Panel shared /></section>
        }
        .into_any()
    }
}

/// Which repository, and what was read of it.
#[component]
fn Head(shared: Shared) -> impl IntoView {
    let place = shared.place;
    let options = move || {
        let chosen = shared.with(|r| r.subject.id.to_string());
        let all = shared.found.with(|f| {
            f.repositories.iter().map(|r| (r.subject.id.to_string(), r.subject.name.clone())).collect::<Vec<_>>()
        });
        let option = |(id, name): (String, String)| {
            let selected = chosen.as_ref() == Some(&id);
            view! { <option value=id selected=selected>{name}</option> }
        };
        all.into_iter().map(option).collect_view()
    };
    let choose = move |event| {
        place.set(&[("repo", Some(event_target_value(&event))), ("below", None), ("file", None)]);
    };
    let numbers = move || shared.with(facts).unwrap_or_default();
    view! {
        <div class="toolbar">
            <label class="select select--wide">
                <span class="sr-only">"Repository"</span>
                <select data-testid="repository" on:change=choose>{options}</select>
                <crate::components::Icon name="chevron" />
            </label>
            <dl class="debt__facts">
                {move || numbers().into_iter().map(|(name, value, meaning)| view! {
                    <div title=meaning><dt>{name}</dt><dd class="num">{value}</dd></div>
                }).collect_view()}
            </dl>
        </div>
    }
}

/// Name, value and meaning of what was read of a repository.
fn facts(r: &Repository) -> Vec<(&'static str, String, &'static str)> {
    let whole = |n: Option<f64>| n.map_or_else(|| "not read".to_owned(), |n| format::whole(n as u64));
    let history = match (r.history_days, r.history_complete) {
        (Some(days), Some(false)) => format!("{} of it, cut", format::count(days as usize, "day", "days")),
        (Some(days), _) => format::count(days as usize, "day", "days"),
        (None, _) => "not read".to_owned(),
    };
    let people = match (r.active_authors, r.authors) {
        (Some(active), Some(all)) => format!("{} of {}", format::whole(active as u64), format::whole(all as u64)),
        _ => "not read".to_owned(),
    };
    vec![
        ("Lines", whole(r.lines), "Lines of code in measured languages, tests left out"),
        (
            "Not measured",
            r.unmeasured.map_or_else(|| "not read".into(), format::percent),
            "Share of source files in other languages, or that could not be read",
        ),
        ("History", history, "How far back commits were read; a shallow clone is cut"),
        ("Active authors", people, "Authors with a commit in the last 90 days, of those of 24 months"),
        (
            "Truck factor",
            whole(r.truck_factor),
            "Authors whose loss leaves more than half of the files without anybody who knows them (Avelino et al. 2016)",
        ),
        (
            "Known by nobody active",
            r.orphaned.map_or_else(|| "not read".into(), format::percent),
            "Share of the files changed in 24 months that no active author knows",
        ),
    ]
}
