//! Every measured limit: use now, the line, what it carries, when it comes, and what that rests on.

use super::{Shared, view};
use crate::components::load_line::view::limit_name;
use crate::components::{EmptyState, Mark, Status};
use crate::format;
use leptos::prelude::*;
use loadline_model::{LimitForecast, Utilisation};

/// The panel.
#[component]
pub fn Table(shared: Shared) -> impl IntoView {
    let open = RwSignal::new(None::<usize>);
    let rows = move || {
        let limits = shared.limits.get();
        shared.ready.with(|r| {
            let uses = &r.assessment().capacity.utilisation;
            limits
                .into_iter()
                .map(|l| {
                    let u = uses.iter().find(|u| u.subject.id == l.subject.id && u.limited == l.resource).cloned();
                    (l, u)
                })
                .collect::<Vec<_>>()
        })
    };
    let until = move || if matches!(shared.load.get(), view::Load::Times(_)) { "At this load" } else { "Until when" };
    view! {
        <header class="panel__head"><h2>"Measured limits"</h2><span class="small faint">"first limit first"</span></header>
        {move || {
            let rows = rows();
            if rows.is_empty() {
                return view! { <EmptyState title="Nothing is measured" why="The tiers below say what would measure them." /> }.into_any();
            }
            view! {
                <div class="limits-table" role="table" aria-label="Measured limits">
                    <div class="limits-row limits-row--head" role="row">
                        <span role="columnheader">"Limit"</span><span role="columnheader">"Use at peak, line"</span>
                        <span role="columnheader" class="right">"Carries"</span><span role="columnheader">{until()}</span>
                    </div>
                    {rows.into_iter().enumerate().map(|(i, (limit, used))| row(shared, open, i, limit, used)).collect_view()}
                </div>
            }.into_any()
        }}
    }
}

fn row(
    shared: Shared,
    open: RwSignal<Option<usize>>,
    index: usize,
    limit: LimitForecast,
    used: Option<Utilisation>,
) -> impl IntoView {
    let broken = limit.breaks == Some(true) && matches!(shared.load.get_untracked(), view::Load::Times(_))
        || limit.utilisation >= limit.limit;
    let when = view::until(&limit, shared.load.get_untracked());
    let (low, high) = (limit.multiplier.p10, limit.multiplier.p90);
    let name = limit_name(limit.resource.word(), &limit.subject.name);
    let spoken = format!(
        "{} of the hard limit at today's peak, the line is at {}",
        format::percent(limit.utilisation),
        format::percent(limit.limit)
    );
    let is_open = move || open.get() == Some(index);
    view! {
        <button class="limits-row" class:limits-row--broken=broken role="row" aria-expanded=move || is_open().to_string()
            on:click=move |_| open.update(|o| *o = if *o == Some(index) { None } else { Some(index) })>
            <span role="cell" class="limits-row__name">
                <span class="truncate">{name}</span>
                {limit.extrapolated.then(|| view! { <span class="tag" title="Beyond three times the range of demand that was observed">"extrapolated"</span> })}
            </span>
            <span role="cell" class="use">
                <span class="use__bar" role="img" aria-label=spoken.clone() title=spoken>
                    <i style:width=format!("{}%", (limit.utilisation * 100.0).clamp(0.0, 100.0))></i>
                    <b style:left=format!("{}%", (limit.limit * 100.0).clamp(0.0, 100.0))></b>
                </span>
                <span class="num">{format::percent(limit.utilisation)}</span>
            </span>
            <span role="cell" class="num right">{view::carries(limit.multiplier.p50)}<span class="small faint">{view::carries_interval(low, high)}</span></span>
            <span role="cell" class="limits-row__when">
                {broken.then(|| view! { <Mark status=Status::Critical /> })}
                {when}
            </span>
        </button>
        <Show when=is_open>
            <div class="limits-detail small">
                {used.clone().map(|u| view! {
                    <p>{view::basis(&u)}</p>
                    {u.sources.into_iter().map(|s| view! { <p class="mono faint">{s}</p> }).collect_view()}
                })}
            </div>
        </Show>
    }
}
