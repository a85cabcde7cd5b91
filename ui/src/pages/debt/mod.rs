//! Debt: what it costs to keep and to clear, where in the code it sits, which modules import each other, who knows what, how
//! migrations move, and what other tools found.

mod costs;
mod files;
mod ledger;
mod modules;
mod moving;
mod others;
mod places;
pub mod problems;
pub mod progress;
mod treemap;
pub mod view;

use crate::components::loaded::Ready;
use crate::components::{Asked, EmptyState, Loaded, Tabs, ask};
use crate::format;
use crate::state::{Place, use_place};
use leptos::prelude::*;
use loadline_model::codebase::{Codebase, OtherFinding, Repository};
use loadline_wire::codebase::{LookAt, LookAtOthers};
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

/// What can be looked at: id in the route, word.
const TABS: [(&str, &str); 6] = [
    ("ledger", "Ledger"),
    ("files", "Files"),
    ("modules", "Modules"),
    ("places", "Likely problems"),
    ("moving", "Migrations"),
    ("tools", "Other tools"),
];

#[component]
fn Debt(ready: Signal<Ready>) -> impl IntoView {
    let place = use_place();
    let tab = Memo::new(move |_| {
        let wanted = place.get("tab");
        TABS.iter().find(|(id, _)| wanted.as_deref() == Some(*id)).map_or("ledger", |(id, _)| *id)
    });
    let chosen = Signal::derive(move || tab.get().to_owned());
    // The repository is the same on every tab; what is chosen inside one means nothing on the others.
    let on_choose = move |id: &'static str| {
        place.set(&[("tab", Some(id.to_owned())), ("below", None), ("file", None), ("what", None), ("tool", None)]);
    };
    let codebase: Asked<Codebase> = ask::<LookAt, Codebase>(ready, Signal::stored(LookAt {}), |found| found);
    let tools: Asked<Vec<OtherFinding>> =
        ask::<LookAtOthers, Vec<OtherFinding>>(ready, Signal::stored(LookAtOthers {}), |found| found);
    view! {
        <div class="page debt">
            <header class="page__head">
                <div>
                    <h1>"Debt"</h1>
                    <p>{move || ready.with(|r| costs::sentence(&r.assessment().debt))}</p>
                    {move || ready.with(|r| costs::notes(&r.assessment().debt)).into_iter().map(|said| view! { <p class="small muted" data-testid="debt-note">{said}</p> }).collect_view()}
                </div>
            </header>
            <Tabs label="Debt" tabs=TABS.to_vec() chosen on_choose />
            <div role="tabpanel" class="debt__panel">
                {move || match tab.get() {
                    "ledger" => view! { <section class="panel"><ledger::Panel ready /></section> }.into_any(),
                    "tools" => tools.show(6, |found| view! { <section class="panel" data-testid="debt-tools"><others::Panel found /></section> }).into_any(),
                    part => codebase.show(8, move |found| code(found, part)).into_any(),
                }}
            </div>
        </div>
    }
}

fn code(found: Signal<Arc<Codebase>>, part: &'static str) -> impl IntoView {
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
            {match part {
                "modules" => view! { <section class="panel" data-testid="debt-modules"><modules::Panel shared /></section> }.into_any(),
                "places" => view! { <section class="panel" data-testid="debt-places"><places::Panel shared /></section> }.into_any(),
                "moving" => view! { <section class="panel" data-testid="debt-moving"><moving::Panel shared /></section> }.into_any(),
                _ => view! { <section class="panel" data-testid="debt-files"><files::Panel shared /></section> }.into_any(),
            }}
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

/// Lines of tests with what they cover.
fn tests(r: &Repository) -> String {
    let lines = r.test_lines.map_or_else(|| "not read".to_owned(), |n| format::count(n as usize, "line", "lines"));
    match (r.coverage, r.coverage_changed) {
        (Some(all), Some(changed)) => {
            format!("{lines}, run {}, {} of changes", format::percent(all), format::percent(changed))
        }
        (Some(all), None) => format!("{lines}, run {}", format::percent(all)),
        _ => lines,
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
    [
        ("Lines", whole(r.lines), "Lines of code in measured languages, tests left out"),
        ("Tests", tests(r), "Lines of tests, and the share of the lines that they run where a coverage report was imported"),
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
    .into_iter()
    .chain(r.debt_ratio.map(|ratio| {
        let meaning = "An analyser's estimate: repairing what it found over writing the code anew, 30 minutes a line";
        ("Debt ratio", format!("{}{}%", format::number(ratio * 100.0, 1), '\u{202f}'), meaning)
    }))
    .collect()
}
