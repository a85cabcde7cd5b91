//! The keys of DORA per service, each with its interval and sample; nothing below the fewest observations.

use super::Shared;
use super::view::{self, Cell};
use crate::format;
use leptos::prelude::*;
use loadline_model::dora::COUNTED;
use loadline_model::{DeliveryTrend, Told};

/// Why a host's own figures differ.
const TOLD: &str = "By the host's own rules: it begins at the merge, counts every incident, and shows no interval";

/// The panel.
#[component]
pub fn Panel(shared: Shared) -> impl IntoView {
    let trends = Memo::new(move |_| {
        shared.ready.with(|r| {
            let all = r.assessment().trends.delivery.iter();
            let mut wanted: Vec<DeliveryTrend> = all
                .filter(|t| shared.service.with(|s| s.as_deref().is_none_or(|s| t.subject.id.as_str() == s)))
                .cloned()
                .collect();
            wanted.sort_by(|a, b| b.deployments.cmp(&a.deployments).then_with(|| a.subject.id.cmp(&b.subject.id)));
            wanted
        })
    });
    view! {
        <header class="panel__head">
            <h2>"How change reaches users"</h2>
            <span class="small faint">"90 days, production · words in the cells name the cluster of DORA's 2024 report"</span>
        </header>
        <div class="keys" role="table" aria-label="Keys of software delivery by service" data-testid="keys">
            <div class="keys__row keys__row--head" role="row">
                <span role="columnheader">"Service"</span>
                {COUNTED.into_iter().take(5).map(|(head, rule)| view! { <span role="columnheader" title=rule>{head}</span> }).collect_view()}
            </div>
            {move || trends.get().iter().map(row).collect_view()}
        </div>
        <dl class="keys__rules" data-testid="keys-rules" aria-label="What each figure counts">
            {COUNTED.map(|(head, rule)| view! { <div><dt>{head}</dt><dd>{rule}</dd></div> }).collect_view()}
        </dl>
        <p class="panel__body small muted">
            "A figure is left out while there are too few observations for it; the history of each service begins with its first deployment that was seen. "
            "Lead time needs GitHub, GitLab or Bitbucket. The clusters are no targets, and none is named for failures: in that report the second best fails more often than the third. "
            <a class="text-link" href="/performance?tab=objectives">"Incidents are listed and recorded under Performance, Objectives."</a>
        </p>
    }
}

fn row(trend: &DeliveryTrend) -> impl IntoView + use<> {
    let habits = view::habits(trend);
    let told = trend.dora.told.iter().filter_map(Told::sentence);
    let told = told.map(|said| view! { <span class="small faint" title=TOLD>{said}</span> }).collect_view();
    let name = trend.subject.name.clone();
    let since = trend.observed_since.map(|at| format!("first seen {}", format::date(at, "UTC")));
    view! {
        <div class="keys__row" role="row" data-testid="keys-row">
            <span role="cell" class="stack keys__what" title=since>
                <strong class="truncate">{name}</strong>
                <span class="small faint">{habits}</span>
                {told}
            </span>
            {view::keys(trend).into_iter().map(cell).collect_view()}
        </div>
    }
}

fn cell(cell: Cell) -> impl IntoView {
    let main = match cell.main {
        Some(main) => view! { <strong class="num">{main}</strong> }.into_any(),
        None => view! { <span class="hatched keys__few"><span>"too few"</span></span> }.into_any(),
    };
    view! { <span role="cell" class="stack keys__cell">{main}<span class="small faint num">{cell.sub}</span></span> }
}
