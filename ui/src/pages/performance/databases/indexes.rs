//! Indexes to add and to drop, with the share of the workload that each one touches and the statement to copy.

use super::Shared;
use super::view::{amount, bytes};
use crate::components::{CodeBlock, Mark, Sentence, Status};
use crate::format;
use leptos::prelude::*;
use loadline_model::FindingState;
use loadline_model::databases::{IndexAction, IndexAdvice, Unproven};

/// The panel.
#[component]
pub fn Panel(shared: Shared) -> impl IntoView {
    let advice = move || {
        shared.found.with(|f| {
            let wanted = |a: &&IndexAdvice| a.database.as_ref().is_none_or(|d| shared.wants(d.id.as_str()));
            f.data.advice.iter().filter(wanted).cloned().collect::<Vec<_>>()
        })
    };
    let unproven = move || shared.found.with(|f| f.data.unproven.clone());
    view! {
        <header class="panel__head">
            <h2>"Indexes"</h2>
            <span class="small faint">{move || {
                let all = advice();
                let count = |action| all.iter().filter(|a| a.action == action).count();
                format!("{} to add, {} to drop", count(IndexAction::Add), count(IndexAction::Drop))
            }}</span>
        </header>
        <div class="panel__body">
            {move || (advice().is_empty() && unproven().is_empty()).then(|| view! {
                <p class="row muted"><Mark status=Status::Pass />"Every table with statistics is read through its indexes, and every index earns its writes."</p>
            })}
            <ul class="advice">
                {move || advice().into_iter().map(|a| entry(shared, a)).collect_view()}
                {move || unproven().into_iter().map(hidden).collect_view()}
            </ul>
        </div>
    }
}

fn entry(shared: Shared, advice: IndexAdvice) -> impl IntoView {
    let finding = advice.finding.clone();
    let open = {
        let finding = finding.clone();
        move |_| shared.place.open_finding(finding.as_str())
    };
    // The assessment on show knows at once what was just accepted.
    let accepted = move || {
        shared.ready.with(|r| {
            let known = r.assessment().findings.iter().find(|f| f.fingerprint == finding);
            known.is_some_and(|f| f.state == FindingState::Accepted)
        })
    };
    let weight = match advice.action {
        IndexAction::Add => weight(&advice),
        IndexAction::Drop => advice.bytes.map(|b| (bytes(b), "to free".to_owned())),
    };
    view! {
        <li class="advice__row" data-testid="db-advice">
            <div class="advice__weight">
                {match weight {
                    Some((number, of)) => view! { <strong class="num">{number}</strong><span class="small faint">{of}</span> }.into_any(),
                    None => view! { <span class="unread hatched"><span>"not proven"</span></span><span class="small faint">"of the workload"</span> }.into_any(),
                }}
            </div>
            <div class="stack">
                <p class="advice__said"><Mark status=Status::of_severity(Some(advice.severity)) label=true /><span><Sentence text=advice.sentence.clone() /></span></p>
                {(!advice.statement.is_empty()).then(|| view! { <CodeBlock text=advice.statement.clone() /> })}
                <p class="small faint row wrap">
                    <span>{about(&advice)}</span>
                    <button class="text-link" data-testid="db-evidence" on:click=open>"Evidence and fix"</button>
                    <Show when=accepted><span class="tag">"accepted"</span></Show>
                </p>
            </div>
        </li>
    }
}

/// Share of the workload in statements that name the table.
fn weight(advice: &IndexAdvice) -> Option<(String, String)> {
    let share = advice.weight?;
    let of = advice.database.as_ref().map_or_else(|| "of the time".to_owned(), |d| format!("of {}'s time", d.name));
    Some((format::percent(share), of))
}

fn about(advice: &IndexAdvice) -> String {
    let parts = [
        Some(advice.table.name.clone()),
        advice.rows.map(|r| format!("{} rows", amount(r))),
        (advice.shapes > 0).then(|| {
            let calls = advice.calls_per_day.map(|c| format!(", {} calls a day", amount(c))).unwrap_or_default();
            format!("{}{calls}", format::count(advice.shapes, "statement", "statements"))
        }),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn hidden(unproven: Unproven) -> impl IntoView {
    let rest = unproven.count.saturating_sub(unproven.tables.len());
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    let question = if unproven.rule.as_str() == "DB-003" { "a missing index" } else { "idle indexes" };
    let said = format!(
        "Whether {}{more} suffer from {question} is not known: {}.",
        unproven.tables.join(", "),
        unproven.detail
    );
    view! {
        <li class="advice__row" data-testid="db-unproven">
            <div class="advice__weight"><span class="unread hatched"><span>"not proven"</span></span></div>
            <div class="stack">
                <p class="advice__said"><Mark status=Status::Unknown label=true /><span><Sentence text=said /></span></p>
                <p class="small muted">{unproven.closes}</p>
            </div>
        </li>
    }
}
