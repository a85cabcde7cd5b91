//! What is not measured, what losing a zone does, and pools that are too small.

use super::view;
use crate::components::EmptyState;
use crate::components::load_line::view::limit_name;
use crate::components::loaded::Ready;
use crate::format;
use leptos::prelude::*;

/// Tiers nobody measured, hatched, each with what would close it.
#[component]
pub fn Unmeasured(ready: Signal<Ready>) -> impl IntoView {
    let tiers = move || ready.with(|r| r.assessment().capacity.unmeasured.clone());
    view! {
        <header class="panel__head"><h2>"Not measured"</h2><span class="small faint">{move || format::count(tiers().len(), "tier", "tiers")}</span></header>
        {move || {
            let tiers = tiers();
            if tiers.is_empty() {
                return view! { <EmptyState title="Every tier is measured" why="Each service and store on a request path has at least one measured limit." /> }.into_any();
            }
            view! {
                <ul class="unmeasured">
                    {tiers.into_iter().map(|tier| view! {
                        <li>
                            <span class="unmeasured__bar hatched" aria-hidden="true"></span>
                            <span class="stack">
                                <span>{limit_name(tier.resource.word(), &tier.subject.name)}</span>
                                <span class="small muted">{tier.closes.clone()}</span>
                            </span>
                        </li>
                    }).collect_view()}
                </ul>
            }.into_any()
        }}
    }
}

/// Zone loss and pools.
#[component]
pub fn Redundancy(ready: Signal<Ready>) -> impl IntoView {
    let zones = move || ready.with(|r| r.assessment().capacity.zone_loss.clone());
    let pools = move || ready.with(|r| r.assessment().capacity.pools.clone());
    view! {
        <header class="panel__head"><h2>"If the worst zone is lost"</h2></header>
        <div class="panel__body stack">
            {move || {
                let zones = zones();
                if zones.is_empty() {
                    view! { <p class="muted">"Not known: no group of members is seen with its zones and its use."</p> }.into_any()
                } else {
                    view! { <ul class="losses">{zones.into_iter().map(|loss| {
                        let (before, after, over) = (loss.before.clamp(0.0, 1.5), loss.after.clamp(0.0, 1.5), loss.after > 1.0);
                        view! {
                            <li class:losses__over=over>
                                <span>{view::zone_sentence(&loss)}</span>
                                <span class="losses__bar" aria-hidden="true">
                                    <i style:width=format!("{}%", after / 1.5 * 100.0)></i>
                                    <i class="losses__before" style:width=format!("{}%", before / 1.5 * 100.0)></i>
                                    <b></b>
                                </span>
                            </li>
                        }
                    }).collect_view()}</ul> }.into_any()
                }
            }}
            {move || {
                let pools = pools();
                (!pools.is_empty()).then(|| view! {
                    <h2 class="losses__pools">"Pools"</h2>
                    <ul class="losses">{pools.into_iter().map(|p| {
                        let wait = p.wait_ms.map_or_else(|| "the queue grows without end".into(), |w| format!("requests wait {} ms on average", format::number(w, 1)));
                        let advice = if p.advised > p.size { format!("{} would keep it under 5 ms.", p.advised) } else { "Its size is right.".into() };
                        view! { <li><span>{format!("{} of {}: {} busy at {}, {wait}. {advice}", p.pool, p.subject.name, format::whole(p.size), format::percent(p.rho))}</span></li> }
                    }).collect_view()}</ul>
                })
            }}
        </div>
    }
}
