//! Migrations that the account declares: lines on the old and the new path, week by week.

use super::{Shared, progress};
use crate::charts::{Exports, Plot, Redraw};
use crate::components::EmptyState;
use leptos::prelude::*;
use loadline_charts::burn_up;
use loadline_model::codebase::Migration;
use std::sync::Arc;

/// Pixels down of a chart.
const HEIGHT: u32 = 232;

/// The panel.
#[component]
pub fn Panel(shared: Shared) -> impl IntoView {
    let migrations = Memo::new(move |_| shared.with(|r| r.migrations.clone()).unwrap_or_default());
    view! {
        <header class="panel__head">
            <h2>"Migrations"</h2>
            <span class="small faint">"lines on the old and the new path at the end of each week"</span>
        </header>
        {move || {
            let migrations = migrations.get();
            if migrations.is_empty() {
                return view! {
                    <EmptyState title="No migration was counted"
                        why="Declare one: Accounts, the clone, Settings, Migrations; or loadline configure ACCOUNT \"migration.NAME=old/path/** -> new/path/**\". Loadline then counts the lines on both sides at the end of each week, and says when it would be done if it goes on like this." />
                }
                .into_any();
            }
            migrations.into_iter().map(one).collect_view().into_any()
        }}
    }
}

fn one(migration: Migration) -> impl IntoView {
    let chart = progress::chart(&migration);
    let draw = Signal::stored(Arc::new(move |theme: &_, size| burn_up(&chart, theme, size)) as Redraw);
    let (said, stands) = progress::movement(&migration);
    let (old, new) = (migration.lines.old.join(", "), migration.lines.new.join(", "));
    let file = Signal::stored(progress::file(&migration));
    let cursor = Signal::stored(progress::points(&migration));
    let (state, forecast) = (progress::state(&migration), progress::forecast(&migration));
    let name = migration.lines.name.clone();
    let csv = move |()| progress::csv(&migration);
    view! {
        <div class="history" data-testid="migration">
            <div class="history__plot"><Plot draw points=cursor height=HEIGHT /></div>
            <div class="stack">
                <h3>{name}</h3>
                <p>{state}</p>
                <p class:statements__waste=stands>{said}</p>
                {forecast.map(|said| view! { <p>{said}</p> })}
                <p class="small muted">"From "<code>{old}</code>" to "<code>{new}</code></p>
                <div class="row"><Exports what="lines of the migration" test="migration-export" draw height=HEIGHT file csv /></div>
            </div>
        </div>
    }
}
