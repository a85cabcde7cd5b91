//! The five worst risks, as sentences.

use super::view::{Risk, worst};
use crate::components::evidence::view::Plan;
use crate::components::loaded::Ready;
use crate::components::{EmptyState, Mark, Sentence, Status};
use crate::format;
use crate::state::use_place;
use leptos::prelude::*;

/// The panel.
pub fn panel(ready: &Ready) -> impl IntoView + use<> {
    let risks = worst(ready.assessment(), 5);
    let open = ready.assessment().findings.len();
    view! {
        <header class="panel__head">
            <h2>"Worst risks"</h2>
            <a class="text-link small" href="/findings">{format!("All {}", format::count(open, "finding", "findings"))}</a>
        </header>
        {if risks.is_empty() {
            view! { <EmptyState title="No open high or critical finding" why="What is not proven may still hide one: see Findings." /> }.into_any()
        } else {
            view! {
                <ul class="risks">
                    <li class="risks__columns small faint" aria-hidden="true">
                        <span class="risks__sentence"></span><span>"Journeys"</span><span>"A year"</span><span>"Effort"</span><span>"Plan"</span>
                    </li>
                    {risks.into_iter().map(row).collect_view()}
                </ul>
            }
            .into_any()
        }}
    }
}

fn row(risk: Risk) -> impl IntoView {
    let place = use_place();
    let fingerprint = risk.finding.fingerprint.to_string();
    let hours_hint = risk.hours.map(|h| format::hours_interval(&h)).unwrap_or_default();
    let planned = !matches!(risk.plan, Plan::LeftOut { .. } | Plan::NotPlanned);
    view! {
        <li>
            <button class="risks__row" data-testid="risk" on:click=move |_| place.open_finding(&fingerprint)>
                <span class="risks__sentence"><Mark status=Status::of(&risk.finding) label=true /><span><Sentence text=risk.sentence /></span></span>
                <span class="num" title="Share of journeys that one failure stops">
                    {risk.blast_radius.map_or_else(|| "–".into(), format::percent)}
                </span>
                <span class="num" title=hours_hint>{risk.hours.map_or_else(|| "–".into(), |h| format::hours(h.p50))}</span>
                <span class="num">{risk.effort}</span>
                <span class:faint=!planned>{risk.plan.word()}</span>
            </button>
        </li>
    }
}
