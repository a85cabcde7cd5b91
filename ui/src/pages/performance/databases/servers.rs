//! The databases side by side: which one to look at.

use super::view::{amount, bytes, counted, growth};
use super::{Shared, known, not_read};
use crate::format;
use leptos::prelude::*;
use loadline_model::Environment;
use loadline_model::databases::DatabaseRow;

/// The panel.
#[component]
pub fn Panel(shared: Shared) -> impl IntoView {
    let rows = move || shared.found.with(|f| f.data.databases.clone());
    let several = move || shared.found.with(|f| f.data.databases.len() > 1);
    view! {
        <header class="panel__head">
            <h2>"Databases"</h2>
            {move || match (several(), shared.database.get()) {
                (true, Some(_)) => view! { <button class="text-link small" on:click=move |_| shared.place.set(&[("db", None)])>"Show all databases"</button> }.into_any(),
                (true, None) => view! { <span class="small faint">"Choose one to see it alone"</span> }.into_any(),
                _ => ().into_any(),
            }}
        </header>
        <div class="servers" role="table" aria-label="Databases">
            <div class="servers__row servers__row--head" role="row">
                <span role="columnheader">"Database"</span>
                <span role="columnheader" title="Statements running at once on average: seconds of execution per second">"Running at once"</span>
                <span role="columnheader" title="Client connections in use against those that clients may use">"Connections"</span>
                <span role="columnheader" class="right" title="Reads answered from the database's buffers">"From memory"</span>
                <span role="columnheader">"Copies"</span>
                <span role="columnheader" class="right">"Size"</span>
                <span role="columnheader" class="right">"Disk"</span>
            </div>
            {move || rows().into_iter().map(|row| server(shared, row)).collect_view()}
        </div>
    }
}

fn server(shared: Shared, row: DatabaseRow) -> impl IntoView {
    let id = row.subject.id.to_string();
    let (pressed, choose) = (id.clone(), id.clone());
    let is_chosen = move || shared.database.with(|d| d.as_deref() == Some(pressed.as_str()));
    let several = shared.found.with_untracked(|f| f.data.databases.len() > 1);
    let name = row.subject.name.clone();
    let label = if several {
        let toggle = {
            let chosen = is_chosen.clone();
            move |_| shared.place.set(&[("db", (!chosen()).then(|| choose.clone())), ("statement", None)])
        };
        let pressed = is_chosen.clone();
        view! { <button class="servers__name text-link" aria-pressed=move || pressed().to_string() data-testid="db-choose" on:click=toggle>{name}</button> }.into_any()
    } else {
        view! { <span class="servers__name">{name}</span> }.into_any()
    };
    let environment = match row.environment {
        Some(Environment::Staging) => Some("staging"),
        Some(Environment::Development) => Some("development"),
        _ => None,
    };
    let engine = [row.engine.clone(), row.version.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    view! {
        <div class="servers__row" role="row" class:servers__row--chosen=is_chosen data-testid="db-row">
            <span role="cell" class="stack servers__what">
                <span class="row">{label}{environment.map(|e| view! { <span class="tag">{e}</span> })}</span>
                <span class="small faint truncate">{engine}{(row.managed == Some(false)).then_some(", self-hosted")}</span>
            </span>
            <span role="cell">{work(&row)}</span>
            <span role="cell">{connections(&row)}</span>
            <span role="cell" class="num right">{known(row.hit_ratio, |h| format!("{}\u{202f}%", format::number(h * 100.0, 1)))}</span>
            <span role="cell">{copies(&row)}</span>
            <span role="cell" class="num right stack servers__size">
                <span>{known(row.bytes, bytes)}</span>
                {row.bytes_per_day.map(|b| view! { <span class="small faint">{growth(b)}</span> })}
            </span>
            <span role="cell" class="num right stack servers__size">
                <span>{known(row.disk, format::percent)}</span>
                {row.disk_unknown.as_ref().filter(|_| row.disk.is_some()).map(|m| view! { <span class="small faint" title=format!("{}. {}", m.detail, m.closes)>"end not known"</span> })}
                {row.disk_days.map(|d| view! { <span class="small faint">{format!("full in {}", format::range(d.p10.round(), d.p90.round(), "day", "days"))}</span> })}
            </span>
        </div>
    }
}

/// Time of all statements: an absolute number, and the share among several databases.
fn work(row: &DatabaseRow) -> AnyView {
    let Some(busy) = row.busy else {
        return not_read();
    };
    let said = match row.share.filter(|s| *s < 1.0) {
        Some(share) => format!("{} of all databases", format::percent(share)),
        None if row.shapes == 0 => "as the provider measured".to_owned(),
        None => counted(row.counted_hours),
    };
    view! {
        <span class="stack servers__size" title=counted(row.counted_hours)>
            <span class="num">{format::number(busy, 2)}</span>
            <span class="small faint">{said}</span>
        </span>
    }
    .into_any()
}

fn connections(row: &DatabaseRow) -> AnyView {
    let (Some(used), Some(usable)) = (row.connections, row.usable) else {
        return match row.usable {
            Some(usable) => view! { <span class="stack servers__size">{not_read()}<span class="small faint num">{format!("at most {}", amount(usable))}</span></span> }.into_any(),
            None => not_read(),
        };
    };
    let share = (used / usable).clamp(0.0, 1.0);
    let peak = row.at_peak.map(|p| format!("{} at peak", format::percent(p)));
    view! {
        <span class="stack servers__size">
            <span class="num">{format!("{} of {}", amount(used), amount(usable))}{peak.map(|p| view! { <span class="faint small">{format!(", {p}")}</span> })}</span>
            <span class="use__bar servers__bar" aria-hidden="true"><i style:width=format!("{}%", share * 100.0)></i></span>
        </span>
    }
    .into_any()
}

fn copies(row: &DatabaseRow) -> AnyView {
    if row.replicas.is_empty() {
        return match row.standbys {
            Some(0.0) => view! { <span class="muted">"none"</span> }.into_any(),
            Some(n) => view! { <span class="stack servers__size"><span class="num">{format::whole(n as u64)}</span><span class="small faint">"lag not read"</span></span> }.into_any(),
            None => not_read(),
        };
    }
    let worst =
        row.replicas.iter().filter_map(|r| r.lag_s).fold(None, |w: Option<f64>, l| Some(w.map_or(l, |w| w.max(l))));
    let names = row.replicas.iter().map(|r| r.name.clone()).collect::<Vec<_>>().join(", ");
    view! {
        <span class="stack servers__size" title=names>
            <span class="num">{format::whole(row.replicas.len() as u64)}</span>
            <span class="small faint">{worst.map_or_else(|| "lag not read".into(), |w| format!("{} behind", super::view::ms(w * 1e3)))}</span>
        </span>
    }
    .into_any()
}
