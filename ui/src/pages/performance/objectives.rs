//! Objectives: what was promised, what is left of the error budget, how fast it burns; the incidents of the days on show; and tests.

use super::incident_form::{IncidentForm, forgetting};
use super::objectives_view as view;
use super::range::Shown;
use super::test_runs::tests;
use crate::components::loaded::Ready;
use crate::components::{Asked, EmptyState, Mark, Sentence};
use crate::format;
use crate::state::use_workspace;
use leptos::prelude::*;
use loadline_model::Day;
use loadline_model::performance::{BudgetState, Burn, BurnState, IncidentRow, Objective, Promises};
use std::sync::Arc;

/// The section.
#[component]
pub fn Section(ready: Signal<Ready>, shown: Memo<Shown>, promises: Asked<Promises>) -> impl IntoView {
    promises.show(8, move |found| {
        view! {
            <section class="panel" data-testid="objectives">{objectives(found)}</section>
            <section class="panel" data-testid="incidents">{incidents(ready, shown, found)}</section>
            <section class="panel" data-testid="tests">{tests(ready, found)}</section>
        }
    })
}

fn objectives(found: Signal<Arc<Promises>>) -> impl IntoView {
    let count = move || found.with(|f| view::summary(&f.objectives));
    view! {
        <header class="panel__head"><h2>"Objectives"</h2><span class="small faint" data-testid="objectives-summary">{count}</span></header>
        {move || {
            let all = found.with(|f| f.objectives.clone());
            if all.is_empty() {
                return view! {
                    <EmptyState title="No objective is known"
                        why="Without a target nobody can say how much failure is too much, so every incident is an opinion. Loadline reads objectives from Datadog and from Sloth's rules in Prometheus.">
                        <a class="button" href="/findings?q=OBS-006">"See what OBS-006 asks for"</a>
                    </EmptyState>
                }.into_any();
            }
            view! {
                <ul class="objectives">{all.into_iter().map(objective).collect_view()}</ul>
                <p class="panel__body small faint">
                    "A burn rate of 1 spends the error budget exactly in the objective's window. Windows and limits are those of Google's Site Reliability Workbook, chapter 5, for 30 days: 14.4 over 1 h and 6 over 6 h wake somebody, 1 over 3 days is a ticket. What was not measured counts as not measured, never as good."
                </p>
            }.into_any()
        }}
    }
}

fn objective(o: Objective) -> impl IntoView {
    let bar = view::bar(&o);
    let burns = o.burns.clone();
    view! {
        <li class="objective" data-testid="objective">
            <div class="objective__head">
                <Mark status=view::status(o.state) />
                <h3>{o.name.clone()}</h3>
                <span class="small faint truncate">{o.subject.name.clone()}</span>
                <span class="tag">{o.state.word()}</span>
                <span class="grow"></span>
                <span class="small num">{view::target(&o)}</span>
            </div>
            <p><Sentence text=o.sentence.clone() /></p>
            <div class="promise__bar" role="img" aria-label=bar.words.clone() title=bar.words.clone()>
                <i class="promise__left" style:width=format!("{:.2}%", bar.left * 100.0)></i>
                <i class="promise__unknown hatched" style:width=format!("{:.2}%", bar.unknown * 100.0)></i>
                <i class="promise__spent" class:promise__spent--over=o.state == BudgetState::Overspent style:width=format!("{:.2}%", bar.spent * 100.0)></i>
            </div>
            {(!burns.is_empty()).then(|| view! {
                <dl class="burns" aria-label="Burn rates">{burns.into_iter().map(burn).collect_view()}</dl>
            })}
            {o.missing.clone().map(|m| view! { <p class="small muted">{m.closes}</p> })}
            <p class="small faint">{view::alert(&o)}</p>
        </li>
    }
}

fn burn(b: Burn) -> impl IntoView {
    view! {
        <div class="burn" class:burn--burning=b.state == BurnState::Burning title=view::burn_words(&b)>
            <dt>{view::window(b.hours)}</dt>
            <dd class="num">
                <Mark status=view::burn_status(&b) />
                {match b.rate {
                    Some(rate) => view! { <strong>{view::rate(rate)}</strong> }.into_any(),
                    None => view! { <span class="unread hatched"><span>"not measured"</span></span> }.into_any(),
                }}
                <span class="small faint">{format!("of {}, {}", format::number(b.factor, 1), b.state.word())}</span>
            </dd>
        </div>
    }
}

fn incidents(ready: Signal<Ready>, shown: Memo<Shown>, found: Signal<Arc<Promises>>) -> impl IntoView {
    let on_show = Memo::new(move |_| {
        let shown = shown.get();
        found.with(|f| view::incidents(f, shown).into_iter().cloned().collect::<Vec<_>>())
    });
    let all = move || found.with(|f| f.incidents.len());
    let zone = move || ready.with(|r| r.assessment().zone.clone());
    let as_of = move || found.with(|f| f.as_of);
    let (workspace, asking) = (use_workspace(), RwSignal::new(false));
    let own = move || workspace.get().is_some_and(|state| !state.demo);
    let forget = forgetting();
    view! {
        <header class="panel__head">
            <h2>"Incidents"</h2>
            <span class="small faint">{move || format!("{} of {} on the days on show", format::whole(on_show.with(Vec::len)), format::whole(all()))}</span>
            <span class="grow"></span>
            <Show when=own><button class="button button--small" data-testid="record-incident" on:click=move |_| asking.set(true)>"Record an incident"</button></Show>
        </header>
        <Show when=move || asking.get()><IncidentForm on_close=move |()| asking.set(false) /></Show>
        <div class="panel__body">
            {move || {
                let rows = on_show.get();
                if rows.is_empty() {
                    let said = if all() == 0 {
                        "No incident is known. Loadline reads them from PagerDuty, Opsgenie, GitHub and GitLab, or you record them here; where nobody writes them down, none is known."
                    } else {
                        "No incident is known on the days on show."
                    };
                    return view! { <p class="muted">{said}</p> }.into_any();
                }
                let (zone, as_of) = (zone(), as_of());
                view! {
                    <table class="plain-table">
                        <thead><tr><th scope="col">"Began"</th><th scope="col">"What failed"</th><th scope="col">"What happened"</th><th scope="col" class="right">"Lasted"</th><th></th></tr></thead>
                        <tbody>{rows.into_iter().rev().map(|row| incident(row, &zone, as_of, forget)).collect_view()}</tbody>
                    </table>
                }.into_any()
            }}
        </div>
    }
}

fn incident(
    row: IncidentRow,
    zone: &str,
    as_of: loadline_model::Timestamp,
    forget: Callback<String>,
) -> impl IntoView + use<> {
    view! {
        <tr data-testid="incident">
            <td class="num">{format::moment(row.from, zone)}</td>
            <td>{row.subject.name.clone()}</td>
            <td>{row.title.clone()}</td>
            <td class="num right">{view::lasted(&row, as_of)}</td>
            <td class="right">{row.recorded.then(|| {
                let id = row.id.clone();
                view! { <button class="text-link" data-testid="forget-incident" title="It was recorded by hand" on:click=move |_| forget.run(id.clone())>"Forget"</button> }
            })}</td>
        </tr>
    }
}

/// Incidents from the first day that anything is held.
pub const EVER: Day = Day(i32::MIN);
