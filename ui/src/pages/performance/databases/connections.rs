//! Connections and pools across tiers: who may open how many, through what, against which limit.

use super::Shared;
use super::view::amount;
use crate::components::{Mark, Sentence, Status};
use crate::format;
use leptos::prelude::*;
use loadline_model::databases::{Chain, Client, Pooler};

/// The panel: a chain for each database.
#[component]
pub fn Panel(shared: Shared) -> impl IntoView {
    let chains = move || {
        shared.found.with(|f| {
            f.data.chains.iter().filter(|c| shared.wants(c.database.id.as_str())).cloned().collect::<Vec<_>>()
        })
    };
    view! {
        <header class="panel__head"><h2>"Connections across tiers"</h2><span class="small faint">"members × processes × pool, against what the database accepts"</span></header>
        <div class="panel__body chains">{move || chains().into_iter().map(|c| chain(shared, c)).collect_view()}</div>
    }
}

fn chain(shared: Shared, chain: Chain) -> impl IntoView {
    let status = match (chain.verdict.as_deref(), chain.severity) {
        (Some("pass"), _) => Status::Pass,
        (Some("fail"), severity) => Status::of_severity(severity),
        _ => Status::Unknown,
    };
    let said = if chain.sentence.is_empty() {
        "Not proven: which services open connections is not known.".to_owned()
    } else {
        chain.sentence.clone()
    };
    let finding = chain.finding.as_ref().map(ToString::to_string);
    view! {
        <div class="chain" data-testid="db-chain">
            <div class="chain__tiers">
                <div class="chain__tier">
                    <h3>"Services"</h3>
                    {if chain.clients.is_empty() {
                        view! { <p class="chain__node chain__node--unknown hatched"><span>"not known who connects"</span></p> }.into_any()
                    } else {
                        chain.clients.iter().map(client).collect_view().into_any()
                    }}
                </div>
                <Arrow text=flow(sum(&chain.clients, |c| c.may_open), sum(&chain.clients, |c| c.at_full_scale)) />
                <div class="chain__tier chain__tier--pooler">
                    <h3>"Pooler"</h3>
                    {match (chain.pooled, chain.poolers.is_empty()) {
                        (_, false) => chain.poolers.iter().map(pooler).collect_view().into_any(),
                        (Some(true), true) => view! { <p class="chain__node chain__node--unknown hatched"><span>"present, its pools not read"</span></p> }.into_any(),
                        (Some(false), true) => view! { <p class="chain__node chain__node--absent muted">"none: every client connection is one of the database's"</p> }.into_any(),
                        (None, true) => view! { <p class="chain__node chain__node--unknown hatched"><span>"not known whether there is one"</span></p> }.into_any(),
                    }}
                </div>
                <Arrow text=flow(chain.may_open, chain.at_full_scale) />
                <div class="chain__tier chain__tier--database">
                    <h3>{chain.database.name.clone()}</h3>
                    {gauges(&chain)}
                </div>
            </div>
            <p class="chain__said">
                <Mark status label=true />
                <span>
                    <Sentence text=said />
                    {chain.closes.clone().map(|c| view! { " " <span class="muted">{c}</span> })}
                    {finding.map(|f| view! { " " <button class="text-link" on:click=move |_| shared.place.open_finding(&f)>"Evidence and fix"</button> })}
                </span>
            </p>
        </div>
    }
}

/// The sum, when every part is known and there is one.
fn sum(clients: &[Client], read: fn(&Client) -> Option<f64>) -> Option<f64> {
    clients.iter().map(read).sum::<Option<f64>>().filter(|_| !clients.is_empty())
}

/// `80 now, 120 at full scale`.
fn flow(now: Option<f64>, most: Option<f64>) -> Option<String> {
    match (now, most) {
        (Some(now), Some(most)) if (now - most).abs() > 0.5 => {
            Some(format!("{} now, {} at full scale", amount(now), amount(most)))
        }
        (Some(n), _) | (None, Some(n)) => Some(format!("up to {}", amount(n))),
        (None, None) => None,
    }
}

/// An arrow with what may flow along it; hatched words where that is not known.
#[component]
fn Arrow(text: Option<String>) -> impl IntoView {
    view! {
        <div class="chain__arrow">
            <span class="small num">{text.map_or_else(|| view! { <span class="unread hatched"><span>"not known"</span></span> }.into_any(), |t| t.into_any())}</span>
            <svg width="100%" height="10" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><path d="M0 5H99" /></svg>
            <svg class="chain__head" width="8" height="10" viewBox="0 0 8 10" aria-hidden="true"><path d="M1 1l5 4-5 4" /></svg>
        </div>
    }
}

fn client(client: &Client) -> impl IntoView + use<> {
    view! {
        <div class="chain__node">
            <strong class="truncate">{client.subject.name.clone()}</strong>
            <span class="small num">{super::view::product(client)}</span>
        </div>
    }
}

fn pooler(pool: &Pooler) -> impl IntoView + use<> {
    let waiting = match (pool.waiting, pool.max_wait_s) {
        (Some(w), Some(s)) if w > 0.0 => format!("{} wait, the longest {}", amount(w), super::view::ms(s * 1e3)),
        (Some(w), _) if w > 0.0 => format!("{} wait", amount(w)),
        (Some(_), _) => "nobody waits".to_owned(),
        (None, _) => "waits not read".to_owned(),
    };
    let used = match (pool.active, pool.size) {
        (Some(a), Some(s)) => format!("{} of {} in use", amount(a), amount(s)),
        (Some(a), None) => format!("{} in use, size not read", amount(a)),
        (None, Some(s)) => format!("up to {}", amount(s)),
        (None, None) => "size not read".to_owned(),
    };
    view! {
        <div class="chain__node">
            <strong class="truncate">{pool.pool.clone()}</strong>
            <span class="small num">{used}</span>
            <span class="small faint">{waiting}</span>
        </div>
    }
}

/// Three lengths against one line: in use, what may be opened now, and at full scale.
fn gauges(chain: &Chain) -> impl IntoView + use<> {
    let rows = [("In use", chain.in_use), ("May open now", chain.may_open), ("At full scale", chain.at_full_scale)];
    let longest = rows.iter().filter_map(|(_, v)| *v).chain(chain.usable).fold(1.0, f64::max) * 1.04;
    let limit = chain.usable;
    let width = move |value: f64| format!("{}%", (value / longest * 100.0).clamp(0.0, 100.0));
    view! {
        <dl class="gauges">
            {rows.map(|(label, value)| {
                let over = value.zip(limit).is_some_and(|(v, l)| v > l);
                view! {
                    <div class="gauges__row" class:gauges__row--over=over>
                        <dt class="small">{label}</dt>
                        <dd class="gauges__bar" class:hatched=value.is_none() aria-hidden="true">
                            {value.map(|v| view! { <i style:width=width(v)></i> })}
                            {limit.map(|l| view! { <b style:left=width(l)></b> })}
                        </dd>
                        <dd class="num small">{match (value, limit) {
                            (Some(v), Some(l)) => format!("{} ({})", amount(v), format::percent(v / l)),
                            (Some(v), None) => amount(v),
                            (None, _) => "not proven".to_owned(),
                        }}</dd>
                    </div>
                }
            }).collect_view()}
            <div class="gauges__row gauges__row--limit">
                <dt class="small">"Limit"</dt>
                <dd aria-hidden="true"></dd>
                <dd class="num small">{limit.map_or_else(|| "not read".to_owned(), amount)}</dd>
            </div>
        </dl>
    }
}
