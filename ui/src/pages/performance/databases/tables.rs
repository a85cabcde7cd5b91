//! Tables, the fastest growing first: what to archive, partition or vacuum before the disk decides.

use super::view::{amount, bytes, growth};
use super::{Shared, known};
use crate::components::table::{VirtualTable, row_id};
use crate::format;
use leptos::prelude::*;
use loadline_model::databases::TableRow;

const ROW: f64 = 40.0;
const SHOWN: usize = 9;
const GRID: &str = "db-tables";

/// The panel.
#[component]
pub fn Panel(shared: Shared) -> impl IntoView {
    let rows = Memo::new(move |_| {
        shared.found.with(|f| {
            let own = f.data.tables.iter().enumerate().filter(|(_, t)| shared.wants(t.database.as_str()));
            own.map(|(at, _)| at).collect::<Vec<_>>()
        })
    });
    let count = Signal::derive(move || rows.with(Vec::len));
    let active = RwSignal::new(None::<usize>);
    let any = move || count.get() > 0;
    let height = move || format!("{}px", (count.get().clamp(2, SHOWN) + 1) as f64 * ROW);
    let render = move |at: usize| row(shared, rows, active, at);
    let since = move || {
        let oldest = shared.found.with(|f| f.data.tables.iter().filter_map(|t| t.since).min());
        oldest.map_or_else(
            || "one reading so far: growth shows after the next collection".to_owned(),
            |at| format!("growth since {}", format::date(at, "UTC")),
        )
    };
    view! {
        <header class="panel__head"><h2>"Tables by growth"</h2><span class="small faint">{since}</span></header>
        <Show when=any fallback=|| view! { <p class="panel__body muted">"No table was read. Connect the database itself with a role that may see its catalog."</p> }>
            <div class="statements__table" style:height=height>
                <VirtualTable label="Tables by growth" rows=count row_height=ROW active=active head=head() render=render grid=GRID on_move=move |at| active.set(Some(at)) />
            </div>
        </Show>
    }
}

fn head() -> AnyView {
    view! {
        <div class="tables__row tables__row--head">
            <span role="columnheader">"Table"</span>
            <span role="columnheader" class="right">"Rows"</span>
            <span role="columnheader" class="right">"Size"</span>
            <span role="columnheader" class="right">"Growth"</span>
            <span role="columnheader">"Of the growth"</span>
            <span role="columnheader" class="right" title="Share of the execution time of statements that name it">"Of the time"</span>
            <span role="columnheader" class="right" title="Dead rows that vacuum has not yet taken away, per live row">"Dead rows"</span>
        </div>
    }
    .into_any()
}

fn row(shared: Shared, rows: Memo<Vec<usize>>, active: RwSignal<Option<usize>>, index: usize) -> AnyView {
    let Some(at) = rows.with(|rows| rows.get(index).copied()) else { return ().into_any() };
    let Some(table) = shared.found.with(|f| f.data.tables.get(at).cloned()) else { return ().into_any() };
    let is_active = move || active.get() == Some(index);
    view! {
        <div class="tables__row" role="row" id=row_id(GRID, index) aria-rowindex=(index + 2).to_string() aria-selected=move || is_active().to_string()
            class:statements__row--active=is_active data-testid="db-table" on:click=move |_| active.set(Some(index))>
            {cells(shared, &table)}
        </div>
    }
    .into_any()
}

fn cells(shared: Shared, t: &TableRow) -> impl IntoView + use<> {
    let grown = t.bytes_per_day.map(|b| {
        let rows = t.rows_per_day.filter(|r| r.abs() >= 1.0).map(|r| format!("{} rows a day", amount(r)));
        view! { <span title=rows>{growth(b)}</span> }
    });
    let share = t.growth_share.unwrap_or(0.0);
    view! {
        <span role="gridcell" class="statements__text">
            {shared.name_among(t.database.as_str()).map(|name| view! { <span class="tag">{name}</span> })}
            <code class="truncate" title=t.subject.name.clone()>{t.subject.name.clone()}</code>
            {t.partitions.map(|n| view! { <span class="tag">{format::count(n as usize, "partition", "partitions")}</span> })}
        </span>
        <span role="gridcell" class="num right">{known(t.rows, amount)}</span>
        <span role="gridcell" class="num right">{known(t.bytes, bytes)}</span>
        <span role="gridcell" class="num right">{grown.map_or_else(|| view! { <span class="faint">"–"</span> }.into_any(), |g| g.into_any())}</span>
        <span role="gridcell" class="statements__share">
            <span class="statements__bar" aria-hidden="true"><i style:width=format!("{}%", share * 100.0)></i></span>
            <span class="num">{t.growth_share.map_or_else(|| "–".to_owned(), format::percent)}</span>
        </span>
        <span role="gridcell" class="num right">{t.weight.map_or_else(|| "–".to_owned(), format::percent)}</span>
        <span role="gridcell" class="num right" class:statements__waste=t.dead_per_row.is_some_and(|d| d > 0.2)>{t.dead_per_row.map_or_else(|| "–".to_owned(), format::percent)}</span>
    }
}
