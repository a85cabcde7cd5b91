//! The statement that is looked at: its whole text, what it costs, and what to do about it.

use super::view::{across_sentence, amount, ms, trend_sentence};
use super::{Found, Shared};
use crate::components::{CodeBlock, Sentence, When};
use crate::format;
use leptos::prelude::*;
use loadline_model::databases::{IndexAdvice, StatementRow};

/// Below the table; a sentence that says how to choose one until then.
#[component]
pub fn Detail(shared: Shared) -> impl IntoView {
    let chosen = Memo::new(move |_| {
        let wanted = shared.place.get("statement")?;
        shared.found.with(|f| f.data.statements.iter().find(|s| s.fingerprint == wanted).cloned())
    });
    move || {
        match chosen.get() {
        None => view! { <p class="detail detail--none small faint">"Choose a statement to read it whole: click, or the arrow keys in the table."</p> }.into_any(),
        Some(statement) => {
            let advice = shared.found.with(|f| advice_for(f, &statement));
            shown(shared, &statement, advice).into_any()
        }
    }
    }
}

/// Index findings about tables that the statement names.
fn advice_for(found: &Found, statement: &StatementRow) -> Vec<IndexAdvice> {
    let last = |name: &str| name.rsplit('.').next().unwrap_or(name).to_lowercase();
    let names = |a: &&IndexAdvice| {
        a.database.as_ref().is_some_and(|d| d.id == statement.database)
            && statement.tables.iter().any(|t| last(t) == last(&a.table.name))
    };
    found.data.advice.iter().filter(names).cloned().collect()
}

fn shown(shared: Shared, s: &StatementRow, advice: Vec<IndexAdvice>) -> impl IntoView + use<> {
    let fact = |label: &'static str, value: String| view! { <div><dt>{label}</dt><dd class="num">{value}</dd></div> };
    let about = [
        (!s.tables.is_empty()).then(|| format!("Tables: {}", s.tables.join(", "))),
        s.route.as_ref().map(|r| format!("Serves {r}")),
        shared.name_among(s.database.as_str()).map(|d| format!("On {d}")),
    ];
    let about = about.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    view! {
        <div class="detail" data-testid="db-detail">
            <CodeBlock text=s.text.clone() />
            <div class="detail__side">
                <dl class="detail__numbers">
                    {fact("Of the database's time", format::percent(s.share))}
                    {s.calls_per_day.map(|c| fact("Calls a day", amount(c)))}
                    {fact("A call, over the whole count", ms(s.mean_ms))}
                    {s.examined_per_row.map(|e| fact("Rows examined for each returned", amount(e)))}
                </dl>
                <p>{trend_sentence(&s.trend)}</p>
                {s.across.as_ref().map(|across| view! {
                    <p data-testid="db-across"><Sentence text=across_sentence(across) /></p>
                    <p class="small faint">"It came between "<When at=across.from />" and "<When at=across.until />"."</p>
                })}
                {s.first_seen.map(|at| view! { <p class="small faint">"First seen "<When at />"."</p> })}
                {(!about.is_empty()).then(|| view! { <p class="small faint">{about}</p> })}
                {advice.into_iter().map(|a| {
                    let finding = a.finding.to_string();
                    view! {
                        <p>
                            <Sentence text=a.sentence />
                            " "
                            <button class="text-link" on:click=move |_| shared.place.open_finding(&finding)>"Evidence and fix"</button>
                        </p>
                    }
                }).collect_view()}
            </div>
        </div>
    }
}
