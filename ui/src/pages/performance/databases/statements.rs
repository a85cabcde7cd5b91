//! Every statement: thousands of rows to search and sort, of which only those in sight exist.

use super::history::sparkline;
use super::view::{Column, Sort, amount, line, ms, order, trend_word};
use super::{Shared, detail};
use crate::components::table::{VirtualTable, row_id};
use crate::components::{EmptyState, Icon};
use crate::format;
use leptos::prelude::*;
use loadline_model::databases::StatementRow;

/// One line of text and air.
const ROW: f64 = 40.0;
/// Rows in sight before the table scrolls.
const SHOWN: usize = 11;
/// The grid's id.
const GRID: &str = "statements";

/// The panel; nothing where no statement was read, which the history above says.
#[component]
pub fn Panel(shared: Shared) -> impl IntoView {
    let place = shared.place;
    let query = Memo::new(move |_| place.get("q").unwrap_or_default());
    let sort = Memo::new(move |_| Sort::of(place.get("sort").as_deref()));
    let rows = Memo::new(move |_| {
        shared.found.with(|f| {
            let database = shared.database.get();
            query.with(|q| order((&f.data, &f.haystacks, &f.shares), q, database.as_deref(), sort.get()))
        })
    });
    let count = Signal::derive(move || rows.with(Vec::len));
    let fingerprint_at = move |at: usize| {
        let at = rows.with_untracked(|rows| rows.get(at).copied())?;
        shared.found.with_untracked(|f| f.data.statements.get(at).map(|s| s.fingerprint.clone()))
    };
    let active = Memo::new(move |_| {
        let wanted = place.get("statement")?;
        shared.found.with(|f| {
            let is_it = |at: &usize| f.data.statements.get(*at).is_some_and(|s| s.fingerprint == wanted);
            rows.with(|rows| rows.iter().position(is_it))
        })
    });
    let on_move = move |at: usize| {
        if let Some(fingerprint) = fingerprint_at(at) {
            place.replace(&[("statement", Some(fingerprint))]);
        }
    };
    let any = Memo::new(move |_| shared.found.with(|f| !f.data.statements.is_empty()));
    let empty = Memo::new(move |_| count.get() == 0);
    let height = move || format!("{}px", (count.get().clamp(3, SHOWN) + 1) as f64 * ROW);
    let render = move |at: usize| row(shared, rows, active, at);
    view! {
        <header class="panel__head">
            <h2>"Statements"</h2>
            <span class="small faint num" aria-live="polite">{move || {
                let all = shared.found.with(|f| f.data.statements.len());
                if count.get() == all { format::count(all, "statement", "statements") } else { format!("{} of {} statements", format::whole(count.get() as u64), format::whole(all as u64)) }
            }}</span>
        </header>
        <Show when=move || any.get() fallback=|| view! { <p class="panel__body muted">"No statement was read. What would change that stands above."</p> }>
            <div class="statements__tools">
                <label class="search-field">
                    <Icon name="search" />
                    <span class="sr-only">"Search statements, tables and routes"</span>
                    <input type="search" placeholder="Search statements, tables, routes" data-testid="db-search" prop:value=move || query.get()
                        on:input=move |e| place.replace(&[("q", Some(event_target_value(&e)))]) />
                </label>
            </div>
            <Show when=move || !empty.get() fallback=move || view! {
                <EmptyState title="No statement matches" why="Every word is searched in the text, the tables and the route.">
                    <button class="button" on:click=move |_| place.set(&[("q", None)])>"Clear the search"</button>
                </EmptyState>
            }>
                <div class="statements__table" style:height=height>
                    <VirtualTable label="Statements" rows=count row_height=ROW active=active head=head(sort, shared) render=render grid=GRID on_move=on_move />
                </div>
            </Show>
            <detail::Detail shared />
        </Show>
    }
}

fn head(sort: Memo<Sort>, shared: Shared) -> AnyView {
    let cells = Column::ALL.map(|(column, key, heading, meaning)| {
        let press = move |_| shared.place.replace(&[("sort", sort.get_untracked().pressed(column).word())]);
        let arrow = move || match sort.get().aria(column) {
            "descending" => "↓",
            "ascending" => "↑",
            _ => "",
        };
        view! {
            <span role="columnheader" class:right=column != Column::Statement aria-sort=move || sort.get().aria(column)>
                <button class="sorter" title=meaning data-testid=format!("db-sort-{key}") on:click=press>
                    {heading}<span class="sorter__arrow" aria-hidden="true">{arrow}</span>
                </button>
            </span>
        }
    });
    view! { <div class="statements__row statements__row--head">{cells.collect_view()}</div> }.into_any()
}

fn row(shared: Shared, rows: Memo<Vec<usize>>, active: Memo<Option<usize>>, index: usize) -> AnyView {
    let Some(at) = rows.with(|rows| rows.get(index).copied()) else { return ().into_any() };
    let Some(statement) = shared.found.with(|f| f.data.statements.get(at).cloned()) else { return ().into_any() };
    // Of the database that is looked at alone, else of all.
    let share = match shared.database.with(Option::is_some) {
        true => statement.share,
        false => shared.found.with(|f| f.shares.get(at).copied()).unwrap_or(statement.share),
    };
    let fingerprint = statement.fingerprint.clone();
    let choose = move |_| shared.place.replace(&[("statement", Some(fingerprint.clone()))]);
    let is_active = Memo::new(move |_| active.get() == Some(index));
    view! {
        <div class="statements__row" role="row" id=row_id(GRID, index) aria-rowindex=(index + 2).to_string() aria-selected=move || is_active.get().to_string()
            class:statements__row--active=move || is_active.get() data-testid="db-statement" on:click=choose>
            {cells(shared, &statement, share)}
        </div>
    }
    .into_any()
}

fn cells(shared: Shared, s: &StatementRow, share: f64) -> impl IntoView + use<> {
    let (trend, worse) = trend_word(&s.trend);
    let tone = match worse {
        Some(true) => "trend--worse",
        Some(false) => "trend--better",
        None => "faint",
    };
    let text = line(&s.text);
    let absent = || view! { <span class="faint" title="This engine does not count it">"–"</span> }.into_any();
    let maybe = |value: Option<f64>| value.map_or_else(absent, |v| amount(v).into_any());
    view! {
        <span role="gridcell" class="statements__text">
            {shared.name_among(s.database.as_str()).map(|name| view! { <span class="tag">{name}</span> })}
            <code class="truncate" title=text.clone()>{text.clone()}</code>
        </span>
        <span role="gridcell" class="statements__share">
            <span class="statements__bar" aria-hidden="true"><i style:width=format!("{}%", share * 100.0)></i></span>
            <span class="num">{format::percent(share)}</span>
        </span>
        <span role="gridcell" class="num right">{maybe(s.calls_per_day)}</span>
        <span role="gridcell" class="num right">{ms(s.mean_ms)}</span>
        <span role="gridcell" class="statements__trend">{sparkline(s)}<span class=format!("num {tone}")>{trend}</span></span>
        <span role="gridcell" class="num right">{amount(s.rows_per_call)}</span>
        <span role="gridcell" class="num right" class:statements__waste=s.examined_per_row.is_some_and(|e| e > 100.0)>{maybe(s.examined_per_row)}</span>
        <span role="gridcell" class="num right">{maybe(s.temp_blocks_per_call)}</span>
    }
}
