//! Beside the drawing: single points of failure by hours a year, fragile pairs, and the people recovery rests on.

use super::paper::{self, Paper};
use super::{Map, view};
use crate::components::{Mark, Status};
use crate::format;
use leptos::prelude::*;
use loadline_model::{FragilePair, GroupArithmetic, RecoverySpof, Spof, SubjectId};

/// Pairs listed.
const PAIRS: usize = 6;
/// Single points of failure listed; the table has all of them.
const RANKS: usize = 60;
/// Groups named under one single point of failure.
const GROUPS: usize = 4;
/// Shared fates listed.
const PAPERS: usize = 12;

/// The list.
#[component]
pub fn Side(map: Map) -> impl IntoView {
    let ranked = move || map.ready.with(|r| r.assessment().topology.spofs.clone());
    let pairs = move || {
        map.ready.with(|r| r.assessment().topology.fragile_pairs.iter().take(PAIRS).cloned().collect::<Vec<_>>())
    };
    let papers = Memo::new(move |_| map.with_graph(paper::found));
    let people = move || map.ready.with(|r| r.assessment().topology.recovery_spofs.clone());
    view! {
        <aside class="map-side" aria-label="Single points of failure">
            <header class="map-side__head"><h2>"Stops journeys alone"</h2><span class="small faint">"a year, 8 of 10 cases"</span></header>
            {move || {
                let ranked = ranked();
                if ranked.is_empty() {
                    view! { <p class="map-side__none muted">"No single failure stops a journey, as far as the accounts show."</p> }.into_any()
                } else {
                    let more = ranked.len().saturating_sub(RANKS);
                    view! {
                        <ol class="ranks">{ranked.into_iter().take(RANKS).map(|spof| rank(map, spof)).collect_view()}</ol>
                        {(more > 0).then(|| view! { <p class="map-side__none small faint">{format!("and {} more in the table", format::whole(more as u64))}</p> })}
                    }.into_any()
                }
            }}
            {move || {
                let pairs = pairs();
                (!pairs.is_empty()).then(|| view! {
                    <header class="map-side__head"><h2>"Only together"</h2><span class="small faint">"fragile pairs"</span></header>
                    <ul class="pairs">{pairs.into_iter().map(|pair| fragile(map, pair)).collect_view()}</ul>
                })
            }}
            {move || {
                let papers = papers.get();
                (!papers.is_empty()).then(|| view! {
                    <header class="map-side__head"><h2>"Redundant on paper"</h2><span class="small faint">"one event takes both"</span></header>
                    <ul class="pairs">{papers.into_iter().take(PAPERS).map(|paper| on_paper(map, paper)).collect_view()}</ul>
                })
            }}
            {move || {
                let people = people();
                (!people.is_empty()).then(|| view! {
                    <header class="map-side__head"><h2>"Recovery rests on"</h2></header>
                    <ul class="pairs">{people.into_iter().map(recovery).collect_view()}</ul>
                })
            }}
        </aside>
    }
}

fn rank(map: Map, spof: Spof) -> impl IntoView {
    let id = spof.subject.id.clone();
    let show = id.clone();
    let chosen = {
        let id = id.clone();
        move || map.failed.with(|f| f.contains(&id))
    };
    let is_chosen = chosen.clone();
    let (path, focus_path) = (spof.path.clone(), spof.path.clone());
    let (hours, interval) = view::yearly(&spof);
    let about = StoredValue::new(spof.clone());
    view! {
        <li class="rank" class:rank--chosen=chosen
            on:mouseenter=move |_| map.hovered.set(path.clone()) on:mouseleave=move |_| map.hovered.set(Vec::new())>
            <button class="rank__row" data-testid="spof" on:click=move |event| { map.fail(&id, event.shift_key()); in_sight(map, &show); }
                on:focus=move |_| map.hovered.set(focus_path.clone()) on:blur=move |_| map.hovered.set(Vec::new())>
                <span class="rank__name">
                    <span class="truncate">{spof.subject.name.clone()}</span>
                    <span class="small faint truncate">{spof.subject.kind.map(|k| k.to_string())}</span>
                </span>
                <span class="rank__radius" title="Share of journeys it stops">
                    <span class="num">{format::percent(spof.blast_radius)}</span>
                    <span class="rank__bar"><i class:hatched=!spof.proven style:width=format!("{}%", spof.blast_radius * 100.0)></i></span>
                </span>
                <span class="rank__hours num" title=format::hours_interval(&spof.hours_per_year)>{hours}<span class="small faint">{interval}</span></span>
            </button>
            <Show when=is_chosen>{about.with_value(|spof| details(map, spof))}</Show>
        </li>
    }
}

/// Moves the drawing so that a thing can be seen; the keyboard stays in the list.
fn in_sight(map: Map, id: &SubjectId) {
    let centre = map.scene.with_untracked(|s| s.drawn.through.get(id).map(|v| s.centre(*v)));
    if let Some(centre) = centre {
        let size = map.size.get_untracked();
        map.lens.update(|lens| *lens = lens.reveal(centre, size));
    }
}

fn details(map: Map, spof: &Spof) -> impl IntoView + use<> {
    let last = spof.path.len().saturating_sub(1);
    let said = |g: &GroupArithmetic| {
        let name = map.with_graph(|graph| graph.node(&g.group).map_or_else(String::new, |n| format!("{}: ", n.name)));
        format!("{name}{} of {} members left, {} needed", g.up_after, g.members, g.required)
    };
    let mut groups: Vec<String> = spof.groups.iter().take(GROUPS).map(said).collect();
    if spof.groups.len() > GROUPS {
        groups.push(format!("and {} more groups", format::whole((spof.groups.len() - GROUPS) as u64)));
    }
    view! {
        <div class="rank__details">
            <p class="rank__path" aria-label="Path">
                {spof.path.iter().enumerate().map(|(i, name)| {
                    let this = *name == spof.subject.name;
                    view! { <span class:strong=this>{name.clone()}</span>{(i < last).then_some(view! { <span class="faint" aria-hidden="true">" → "</span> })} }
                }).collect_view()}
            </p>
            {groups.into_iter().map(|text| view! { <p class="small muted">{text}</p> }).collect_view()}
            {(!spof.proven).then(|| view! {
                <p class="small row"><Mark status=Status::Unknown />"Not proven: rests on a tie that was concluded, not seen."</p>
            })}
            <p class="small faint">{spof.assumption.clone()}</p>
        </div>
    }
}

fn fragile(map: Map, pair: FragilePair) -> impl IntoView {
    let names = [pair.first.name.clone(), pair.second.name.clone()];
    let (shown, focused) = (names.to_vec(), names.to_vec());
    let ids = [pair.first.id.clone(), pair.second.id.clone()];
    let both = move |_| map.fail_exactly(&ids);
    view! {
        <li>
            <button class="pair" data-testid="map-pair" on:click=both on:mouseenter=move |_| map.hovered.set(shown.clone()) on:mouseleave=move |_| map.hovered.set(Vec::new())
                on:focus=move |_| map.hovered.set(focused.clone()) on:blur=move |_| map.hovered.set(Vec::new())>
                <span>{format!("{} and {}", names[0], names[1])}</span>
                <span class="small faint truncate">{format!("stop {}", pair.journeys_lost.join(", "))}</span>
            </button>
        </li>
    }
}

fn on_paper(map: Map, paper: Paper) -> impl IntoView {
    let (shown, focused) = (paper.names.clone(), paper.names.clone());
    let fails = paper.fails.clone();
    let press = move |_| {
        if let Some(id) = &fails {
            map.fail_exactly(std::slice::from_ref(id));
        }
    };
    view! {
        <li>
            <button class="pair" data-testid="map-paper" on:click=press on:mouseenter=move |_| map.hovered.set(shown.clone()) on:mouseleave=move |_| map.hovered.set(Vec::new())
                on:focus=move |_| map.hovered.set(focused.clone()) on:blur=move |_| map.hovered.set(Vec::new())>
                <span>{paper.sentence.clone()}</span>
                <span class="small faint">{paper.why.clone()}</span>
            </button>
        </li>
    }
}

fn recovery(person: RecoverySpof) -> impl IntoView {
    let only: Vec<String> = person.only_for.iter().map(|s| s.name.clone()).collect();
    view! {
        <li class="pair">
            <span>{person.subject.name.clone()}</span>
            <span class="small faint">
                {format!("alone can recover {}: repairs take {}x as long without", only.join(", "), format::number(person.repair_factor, 1))}
            </span>
        </li>
    }
}
