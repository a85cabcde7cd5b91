//! Every deployment, newest first, with what it did to latency.

use super::timeline::CHOSEN;
use super::{Shared, view};
use crate::components::table::{VirtualTable, row_id};
use crate::components::{Mark, When};
use crate::format;
use crate::pages::performance::view as performance;
use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use loadline_model::{DeploymentRow, Ending};

const ROW: f64 = 40.0;
const SHOWN: usize = 12;
const GRID: &str = "deployments";

/// The panel.
#[component]
pub fn Panel(shared: Shared) -> impl IntoView {
    let place = shared.place;
    let failed_only = Memo::new(move |_| place.get("show").as_deref() == Some("failed"));
    let rows = Memo::new(move |_| {
        shared.ready.with(|r| shared.service.with(|s| view::listed(r.assessment(), s.as_deref(), failed_only.get())))
    });
    let count = Signal::derive(move || rows.with(Vec::len));
    let chosen = Memo::new(move |_| place.get(CHOSEN).and_then(|at| at.parse::<usize>().ok()));
    let active = Memo::new(move |_| rows.with(|rows| rows.iter().position(|at| Some(*at) == chosen.get())));
    let on_move = move |index: usize| {
        if let Some(at) = rows.with_untracked(|rows| rows.get(index).copied()) {
            place.replace(&[(CHOSEN, Some(at.to_string()))]);
        }
    };
    let height = move || format!("{}px", (count.get().clamp(2, SHOWN) + 1) as f64 * ROW);
    let render = move |index: usize| row(shared, rows, active, index);
    let name = move || {
        let wanted = shared.service.get()?;
        let found = shared.ready.with(|r| {
            r.assessment().deployments.iter().find(|d| d.service.id.as_str() == wanted).map(|d| d.service.name.clone())
        });
        Some(found.unwrap_or(wanted))
    };
    view! {
        <header class="panel__head">
            <h2>"Every deployment"</h2>
            <span class="small faint num" aria-live="polite">{move || format::count(count.get(), "deployment", "deployments")}</span>
            {move || name().map(|name| view! {
                <button class="chip__button chip__button--active" data-testid="all-services" on:click=move |_| place.set(&[("service", None)])>{format!("{name} only ×")}</button>
            })}
            <span class="grow"></span>
            <div class="segments" role="group" aria-label="Which">
                <button class="segment" aria-pressed=move || (!failed_only.get()).to_string() on:click=move |_| place.set(&[("show", None)])>"All"</button>
                <button class="segment" aria-pressed=move || failed_only.get().to_string() data-testid="failed-only"
                    on:click=move |_| place.set(&[("show", Some("failed".into()))])>"Failed"</button>
            </div>
        </header>
        <Show when=move || { count.get() > 0 } fallback=|| view! { <p class="panel__body muted">"None failed or was rolled back."</p> }>
            <div class="statements__table" style:height=height>
                <VirtualTable label="Deployments" rows=count row_height=ROW active=active head=head() render=render grid=GRID on_move=on_move />
            </div>
        </Show>
    }
}

fn head() -> AnyView {
    view! {
        <div class="deploys__row deploys__row--head">
            <span role="columnheader">"Outcome"</span>
            <span role="columnheader">"When"</span>
            <span role="columnheader">"Service"</span>
            <span role="columnheader">"Revision"</span>
            <span role="columnheader" class="right">"Took"</span>
            <span role="columnheader">"By"</span>
            <span role="columnheader">"Effect on latency"</span>
        </div>
    }
    .into_any()
}

fn row(shared: Shared, rows: Memo<Vec<usize>>, active: Memo<Option<usize>>, index: usize) -> AnyView {
    let Some(at) = rows.with(|rows| rows.get(index).copied()) else { return ().into_any() };
    let found = shared.ready.with(|r| {
        let a = r.assessment();
        let row = a.deployments.get(at)?.clone();
        let effect = view::effect(a, &row).map(|(place, c)| (place, c.clone()));
        let outcome = row.deployment.ending(a.as_of);
        Some((row, effect, outcome))
    });
    let Some((deployment, effect, outcome)) = found else { return ().into_any() };
    let is_active = Memo::new(move |_| active.get() == Some(index));
    let effect = effect.map(|(place, c)| {
        let mut query = ParamsMap::new();
        query.insert("series", format!("{}|{}", c.subject.id, c.route.as_deref().unwrap_or_default()));
        query.insert("change", place.to_string());
        let size = c.effect_percent.map(|e| performance::signed_percent(e.mid));
        view! {
            <a class="deploys__effect" data-testid="deployment-effect" href=format!("/performance{}", query.to_query_string()) title=c.sentence.clone()>
                <Mark status=performance::status(c.verdict) />
                <span>{c.verdict.word()}</span>
                <span class="num faint">{size}</span>
            </a>
        }
    });
    view! {
        <div class="deploys__row" role="row" id=row_id(GRID, index) aria-rowindex=(index + 2).to_string() aria-selected=move || is_active.get().to_string()
            class:statements__row--active=move || is_active.get() data-testid="deployment"
            on:click=move |_| shared.place.replace(&[(CHOSEN, Some(at.to_string()))])>
            {cells(&deployment, outcome)}
            <span role="gridcell">{effect}</span>
        </div>
    }
    .into_any()
}

fn cells(row: &DeploymentRow, outcome: Ending) -> impl IntoView + use<> {
    let d = &row.deployment;
    let production = d.environment.to_lowercase().starts_with("prod");
    let environment =
        (!production && !d.environment.is_empty()).then(|| view! { <span class="tag">{d.environment.clone()}</span> });
    view! {
        <span role="gridcell" class="row"><Mark status=view::status(outcome) />{outcome.word()}</span>
        <span role="gridcell"><When at=d.started_at /></span>
        <span role="gridcell" class="row"><span class="truncate">{row.service.name.clone()}</span>{environment}</span>
        <span role="gridcell" class="truncate"><code title=d.revision.clone()>{view::revision(&d.revision).to_owned()}</code></span>
        <span role="gridcell" class="num right">{view::took(row).map_or_else(|| "–".to_owned(), format::duration_ms)}</span>
        <span role="gridcell" class="truncate" title=view::actor(row)>{view::actor(row)}</span>
    }
}
