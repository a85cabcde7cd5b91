//! The last seven days against the seven before: plain numbers, no verdict.

use super::{Shared, view};
use crate::format;
use leptos::prelude::*;

/// The panel.
#[component]
pub fn Panel(shared: Shared) -> impl IntoView {
    let rows = move || shared.trend.with(|t| t.as_ref().map(view::periods));
    let requests = move || shared.trend.with(|t| t.as_ref().map(|t| (t.week_before.count, t.last_week.count)));
    let errors = move || {
        let of = shared.trend.with(|t| t.as_ref().map(|t| (t.subject.id.clone(), t.route.clone())));
        shared.ready.with(|r| {
            let all = &r.assessment().trends.errors;
            of.and_then(|(id, route)| {
                all.iter()
                    .find(|e| e.subject.id == id && e.route == route)
                    .or_else(|| all.iter().find(|e| e.subject.id == id))
                    .cloned()
            })
        })
    };
    view! {
        <header class="panel__head"><h2>"Last 7 days against the 7 before"</h2></header>
        <div class="panel__body stack">
            <table class="plain-table">
                <thead><tr><th></th><th class="right">"Before"</th><th class="right">"Now"</th><th class="right">"Change"</th></tr></thead>
                <tbody>
                    {move || rows().map(|rows| rows.map(|(name, before, after, change)| view! {
                        <tr>
                            <th scope="row">{name}</th>
                            <td class="num right faint">{before}</td>
                            <td class="num right">{after}</td>
                            <td class="num right">{change.map_or_else(|| "–".into(), view::signed_percent)}</td>
                        </tr>
                    }).collect_view())}
                    {move || requests().map(|(before, after)| view! {
                        <tr>
                            <th scope="row">"Requests"</th>
                            <td class="num right faint">{format::whole(before)}</td>
                            <td class="num right">{format::whole(after)}</td>
                            <td class="num right">{if before > 0 { view::signed_percent((after as f64 / before as f64 - 1.0) * 100.0) } else { "–".into() }}</td>
                        </tr>
                    })}
                </tbody>
            </table>
            {move || errors().map(|e| view! {
                <p class="small muted">
                    {format!("Errors: {} of requests in the last 7 days; {} of 5-minute windows above 1 %.", format::percent(e.last_week), format::percent(e.windows_breached))}
                </p>
            })}
            <p class="small faint">"Plain numbers: load and noise are not taken out. For what a change did, see before and after."</p>
        </div>
    }
}
