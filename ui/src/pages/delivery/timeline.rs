//! A lane for each service: when it was deployed, how long that took, how it ended.

use super::Shared;
use super::view::{self, Lane, Reach, Tick};
use crate::format;
use leptos::prelude::*;
use loadline_model::Ending;

/// Lanes that are drawn; the list below holds every deployment.
const LANES: usize = 12;
/// The place of a deployment in the address.
pub const CHOSEN: &str = "deployment";

/// The panel.
#[component]
pub fn Panel(shared: Shared) -> impl IntoView {
    let lanes = Memo::new(move |_| shared.ready.with(|r| view::lanes(r.assessment(), shared.reach.get())));
    let reaches = Reach::ALL.map(|reach| {
        view! {
            <button class="segment" aria-pressed=move || (shared.reach.get() == reach).to_string() data-testid=format!("reach-{}", reach.code)
                on:click=move |_| shared.place.set(&[("range", Some(reach.code.to_owned()))])>{reach.word}</button>
        }
    });
    let drawn = move || lanes.with(|all| all.iter().take(LANES).cloned().collect::<Vec<_>>());
    // The legend explains what is drawn, and always how good and bad look.
    let outcomes = move || {
        let drawn = |o: Ending| lanes.with(|all| all.iter().flat_map(|l| &l.ticks).any(|t| t.outcome == o));
        let usual = |o: Ending| matches!(o, Ending::Succeeded | Ending::Failed | Ending::RolledBack);
        Ending::ALL.into_iter().filter(|o| usual(*o) || drawn(*o)).collect::<Vec<_>>()
    };
    let more = move || lanes.with(|all| all.len().saturating_sub(LANES));
    view! {
        <header class="panel__head">
            <h2>"Deployments"</h2>
            <div class="segments" role="group" aria-label="Range">{reaches.collect_view()}</div>
        </header>
        <div class="lanes" data-testid="lanes">
            <Show when=move || lanes.with(|l| !l.is_empty()) fallback=|| view! { <p class="panel__body muted">"Nothing was deployed in this time."</p> }>
                {move || drawn().into_iter().map(|l| lane(shared, l)).collect_view()}
                <div class="lanes__axis" aria-hidden="true">
                    {move || shared.ready.with(|r| {
                        let zone = r.assessment().zone.clone();
                        view::days(r.assessment(), shared.reach.get()).into_iter().map(|(x, at)| view! {
                            <span style:left=format!("{:.3}%", x * 100.0)>{format::date(at, &zone)}</span>
                        }).collect_view()
                    })}
                </div>
                <Show when=move || { more() > 0 }>
                    <p class="panel__body small muted">{move || format!("{} with fewer deployments are in the lists below.", format::count(more(), "service", "services"))}</p>
                </Show>
            </Show>
        </div>
        <ul class="legend legend--ticks" aria-label="Meaning of the marks">
            {move || outcomes().into_iter().map(|o| view! {
                <li><svg width="12" height="16" viewBox="-6 -8 12 16" aria-hidden="true">{shape(o)}</svg>{o.word()}</li>
            }).collect_view()}
        </ul>
    }
}

fn lane(shared: Shared, lane: Lane) -> impl IntoView {
    let (id, pressed) = (lane.service.to_string(), lane.service.to_string());
    let said = match lane.failed {
        0 => format::count(lane.ticks.len(), "deployment", "deployments"),
        n => format!("{}, {n} failed", format::count(lane.ticks.len(), "deployment", "deployments")),
    };
    view! {
        <div class="lane" class:lane--chosen=move || shared.looks_at(&pressed)>
            <button class="lane__name" title="Look at this service alone" on:click=move |_| shared.choose(&id)>
                <span class="truncate">{lane.name.clone()}</span>
                <span class="small faint num">{said.clone()}</span>
            </button>
            <div class="lane__line" role="img" aria-label=format!("{}: {said}", lane.name)>
                {lane.ticks.into_iter().map(|t| tick(shared, &t)).collect_view()}
            </div>
        </div>
    }
}

fn tick(shared: Shared, tick: &Tick) -> impl IntoView + use<> {
    let at = tick.at;
    let title = shared.ready.with_untracked(|r| {
        let row = r.assessment().deployments.get(at)?;
        let took = view::took(row).map(|ms| format!(" after {}", format::duration_ms(ms))).unwrap_or_default();
        let moment = format::moment(row.deployment.started_at, &r.assessment().zone);
        let (revision, actor) = (view::revision(&row.deployment.revision), view::actor(row));
        Some(format!("{revision} {}{took}, {moment}, {actor}", tick.outcome.word()))
    });
    view! {
        <span class="tick" style:left=format!("{:.3}%", tick.x * 100.0) style:width=format!("{:.3}%", tick.width * 100.0) title=title
            on:click=move |_| shared.place.set(&[(CHOSEN, Some(at.to_string()))])>
            <svg width="12" height="16" viewBox="-6 -8 12 16" aria-hidden="true">{shape(tick.outcome)}</svg>
        </span>
    }
}

/// A stroke that went well, a diamond that failed, a triangle that was rolled back, a ring that runs, a dashed stroke of which
/// nobody said how it ended.
fn shape(outcome: Ending) -> AnyView {
    match outcome {
        Ending::Succeeded => view! { <path class="tick--good" d="M0 -6V6" /> }.into_any(),
        Ending::Failed => view! { <path class="tick--failed" d="M0 -6L5 0 0 6 -5 0z" /> }.into_any(),
        Ending::RolledBack => view! { <path class="tick--back" d="M0 -5L5 4H-5z" /> }.into_any(),
        Ending::Running => view! { <circle class="tick--runs" r="4" /> }.into_any(),
        Ending::NotTold => view! { <path class="tick--untold" d="M0 -6V6" /> }.into_any(),
    }
}
