//! Databases: which one works hardest, which statements it spends its time on, which index helps, who may connect, what grows.

mod connections;
mod detail;
mod history;
mod indexes;
pub mod picture;
mod servers;
mod statements;
mod tables;
pub mod view;

use super::range::Shown;
use crate::components::loaded::Ready;
use crate::components::{EmptyState, Icon, Sentence, answered};
use crate::format;
use crate::state::{Place, use_place};
use leptos::prelude::*;
use loadline_model::databases::{DatabaseRow, Databases};
use loadline_wire::databases::LookAt;
use std::sync::Arc;

/// What was answered, with what is searched prepared once.
#[derive(Debug, Default, PartialEq)]
pub struct Found {
    pub data: Databases,
    /// Of each statement, in its order.
    pub haystacks: Vec<String>,
    /// Of each statement, among those of all databases.
    pub shares: Vec<f64>,
}

impl Found {
    fn of(data: Databases) -> Self {
        let haystacks = data.statements.iter().map(view::haystack).collect();
        let shares = view::shares(&data);
        Self { data, haystacks, shares }
    }
}

/// What the parts of the section share.
#[derive(Clone, Copy)]
pub struct Shared {
    pub ready: Signal<Ready>,
    pub found: Signal<Arc<Found>>,
    /// Id of the database that is looked at; `None`: all.
    pub database: Memo<Option<String>>,
    /// The days that the history shows.
    pub shown: Memo<Shown>,
    pub place: Place,
}

impl Shared {
    /// The database whose history is drawn: the chosen one, else the busiest with statements, else the busiest.
    fn drawn(self) -> Option<DatabaseRow> {
        let wanted = self.database.get();
        self.found.with(|f| {
            let all = &f.data.databases;
            let by_id = wanted.and_then(|id| all.iter().find(|d| d.subject.id.as_str() == id));
            by_id.or_else(|| all.iter().find(|d| d.shapes > 0)).or(all.first()).cloned()
        })
    }
    /// True when a row of this database is wanted.
    fn wants(self, id: &str) -> bool {
        self.database.with(|d| d.as_deref().is_none_or(|d| d == id))
    }
    /// Name of a database, where there are several to tell apart.
    fn name_among(self, id: &str) -> Option<String> {
        self.found.with(|f| {
            let all = &f.data.databases;
            all.iter().find(|d| d.subject.id.as_str() == id).filter(|_| all.len() > 1).map(|d| d.subject.name.clone())
        })
    }
}

/// The section.
#[component]
pub fn Section(ready: Signal<Ready>, shown: Memo<Shown>) -> impl IntoView {
    answered(ready, LookAt {}, Found::of, move |found| section(ready, shown, found))
}

fn section(ready: Signal<Ready>, shown: Memo<Shown>, found: Signal<Arc<Found>>) -> impl IntoView {
    let place = use_place();
    let database = Memo::new(move |_| {
        let wanted = place.get("db")?;
        found.with(|f| f.data.databases.iter().any(|d| d.subject.id.as_str() == wanted)).then_some(wanted)
    });
    let shared = Shared { ready, found, database, shown, place };
    let none = Memo::new(move |_| found.with(|f| f.data.databases.is_empty()));
    view! {
        {move || if none.get() {
            view! {
                <EmptyState title="No database is connected"
                    why="Loadline reads from a database itself which statements take its time, which indexes are missing or idle, how many connections are left and what grows. A read-only role is enough.">
                    <a class="button button--primary" href="/accounts?connect=choose">"Connect a database"</a>
                </EmptyState>
            }.into_any()
        } else {
            view! {
                <Gaps shared />
                <section class="panel" data-testid="db-servers"><servers::Panel shared /></section>
                <section class="panel" data-testid="db-history"><history::Panel shared /></section>
                <section class="panel" data-testid="db-statements"><statements::Panel shared /></section>
                <section class="panel" data-testid="db-indexes"><indexes::Panel shared /></section>
                <section class="panel" data-testid="db-connections"><connections::Panel shared /></section>
                <section class="panel" data-testid="db-tables"><tables::Panel shared /></section>
            }.into_any()
        }}
    }
}

/// What could not be read of the databases, with what closes it.
#[component]
fn Gaps(shared: Shared) -> impl IntoView {
    move || {
        let gaps = shared.found.with(|f| f.data.gaps.clone());
        (!gaps.is_empty()).then(|| {
            let rest = gaps.len().saturating_sub(3);
            view! {
                <div class="notice" role="status" data-testid="db-gaps">
                    <Icon name="warning" />
                    <ul class="stack small">
                        {gaps.into_iter().take(3).map(|g| view! {
                            <li><strong>{format!("Not read ({}): ", g.reason.word())}</strong><Sentence text=format!("{}. {}", g.detail.trim_end_matches('.'), g.closes) /></li>
                        }).collect_view()}
                        {(rest > 0).then(|| view! { <li>{format!("And {}.", format::count(rest, "more gap", "more gaps"))}</li> })}
                    </ul>
                </div>
            }
        })
    }
}

/// A number that was not read: hatched, in words.
fn not_read() -> AnyView {
    view! { <span class="unread hatched"><span>"not read"</span></span> }.into_any()
}

/// A number, or that it was not read.
fn known(value: Option<f64>, say: impl Fn(f64) -> String) -> AnyView {
    value.map_or_else(not_read, |v| say(v).into_any())
}

#[cfg(test)]
mod tests;
