//! Top statements over time: where a database's time went in each period, and who took it.

use super::super::view::words_of;
use super::picture::{self, first_on_show, points, spark, spark_words, stack, top};
use super::view::{line, ms};
use super::{Found, Shared};
use crate::charts::{Exports, Plot, Redraw};
use crate::components::Sentence;
use leptos::prelude::*;
use loadline_charts::{Stacked, spent, stacked};
use loadline_model::databases::{DatabaseRow, StatementRow};
use std::sync::Arc;

/// The panel.
#[component]
pub fn Panel(shared: Shared) -> impl IntoView {
    let database = Memo::new(move |_| shared.drawn());
    let chosen = Memo::new(move |_| shared.place.get("statement"));
    let first = move |d: &DatabaseRow| first_on_show(d, shared.shown.get());
    let with = move |read: fn(&Found, &DatabaseRow, usize, Option<&str>) -> Stacked| {
        database.with(|d| {
            d.as_ref()
                .map(|d| shared.found.with(|f| chosen.with(|c| read(f, d, first(d), c.as_deref()))))
                .unwrap_or_default()
        })
    };
    let chart = Memo::new(move |_| with(|f, d, first, c| stack(&f.data, d, first, c)));
    let reasons = move || {
        database.with(|d| {
            d.as_ref()
                .map(|d| d.periods.iter().skip(first(d)).map(|p| p.not_comparable.clone()).collect::<Vec<_>>())
                .unwrap_or_default()
        })
    };
    let cursor = Signal::derive(move || chart.with(|c| points(c, &reasons())));
    let draw = Signal::derive(move || {
        let chart = chart.get();
        Arc::new(move |theme: &_, size| stacked(&chart, theme, size)) as Redraw
    });
    let file = Signal::derive(move || {
        database.with(|d| d.as_ref().map(|d| words_of(&format!("{} statements", d.subject.name)))).unwrap_or_default()
    });
    let csv = move |()| chart.with_untracked(picture::csv);
    let parts = move || {
        database.with(|d| {
            d.as_ref()
                .map(|d| {
                    shared.found.with(|f| {
                        top(&f.data, d, first(d)).into_iter().map(|s| of_range(s, first(d))).collect::<Vec<_>>()
                    })
                })
                .unwrap_or_default()
        })
    };
    let state = Memo::new(move |_| database.with(|d| d.as_ref().map(|d| State::of(d, first(d)))));
    view! {
        <header class="panel__head">
            <h2>"Top statements over time"</h2>
            <div class="row">
                <span class="small faint">{move || database.with(|d| d.as_ref().map(|d| format!("{}, execution time a day", d.subject.name)))}</span>
                {move || (state.get() == Some(State::Drawn)).then(|| view! { <Exports what="top statements over time" test="db-export" draw height=260 file csv /> })}
            </div>
        </header>
        {move || match state.get() {
            Some(State::Drawn) => view! {
                <div class="history">
                    <div class="history__plot"><Plot draw points=cursor height=232 /></div>
                    <ol class="history__parts" aria-label="Statements that took most time">
                        {move || parts().into_iter().enumerate().map(|(at, part)| entry(shared, at, part)).collect_view()}
                    </ol>
                </div>
            }.into_any(),
            Some(State::Silent(detail, closes)) => view! {
                <div class="panel__body">
                    <div class="silent" data-testid="db-no-statements">
                        <span class="silent__bar hatched" aria-hidden="true"></span>
                        <div class="stack">
                            <p><strong>"Not proven: "</strong><Sentence text=detail />"."</p>
                            <p class="muted">{closes}</p>
                        </div>
                    </div>
                </div>
            }.into_any(),
            Some(State::Once) => view! {
                <p class="panel__body muted">"There is one reading so far. The next collection shows what each statement did in between."</p>
            }.into_any(),
            Some(State::Outside) => view! {
                <p class="panel__body muted" data-testid="db-outside">"No two readings lie in the days on show. Choose more days, or collect more often."</p>
            }.into_any(),
            None => ().into_any(),
        }}
    }
}

/// A statement with the periods on show alone.
fn of_range(statement: &StatementRow, first: usize) -> StatementRow {
    let mut cut = statement.clone();
    cut.ms_per_day.drain(..first.min(cut.ms_per_day.len()));
    cut.mean_over.drain(..first.min(cut.mean_over.len()));
    cut
}

/// What can be drawn.
#[derive(Clone, Debug, PartialEq)]
enum State {
    Drawn,
    /// No statement was read: why, and what would change that.
    Silent(String, String),
    /// There is nothing to compare with.
    Once,
    /// Every reading is older than what is on show.
    Outside,
}

impl State {
    fn of(database: &DatabaseRow, first: usize) -> Self {
        match &database.no_statements {
            Some(missing) => Self::Silent(missing.detail.clone(), missing.closes.clone()),
            None if database.periods.is_empty() => Self::Once,
            None if first >= database.periods.len() => Self::Outside,
            None => Self::Drawn,
        }
    }
}

fn entry(shared: Shared, place: usize, part: StatementRow) -> impl IntoView {
    let fingerprint = part.fingerprint.clone();
    let (pressed, choose) = (fingerprint.clone(), fingerprint);
    let is_chosen = move || shared.place.get("statement").as_deref() == Some(pressed.as_str());
    let toggle = {
        let chosen = is_chosen.clone();
        move |_| shared.place.set(&[("statement", (!chosen()).then(|| choose.clone()))])
    };
    let newest = part.ms_per_day.iter().flatten().next_back().map(|ms| spent(ms / 1e3));
    let mut means = part.mean_over.iter().flatten().copied();
    let moved = match (means.next(), means.next_back()) {
        (Some(first), Some(last)) => format!("{} → {} a call", ms(first), ms(last)),
        (Some(only), None) => format!("{} a call", ms(only)),
        _ => "not comparable".to_owned(),
    };
    view! {
        <li>
            <button class="history__part" aria-pressed=move || is_chosen().to_string() data-testid="db-part" on:click=toggle title=line(&part.text)>
                <i class=format!("swatch swatch--{}", place + 1) aria-hidden="true"></i>
                <span class="stack history__what">
                    <code class="truncate">{line(&part.text)}</code>
                    <span class="small faint num">{newest.map(|n| format!("{n} a day, "))}{moved}</span>
                </span>
                {sparkline(&part)}
            </button>
        </li>
    }
}

/// The mean over the periods, small enough for a row.
pub(super) fn sparkline(row: &StatementRow) -> impl IntoView + use<> {
    const W: f64 = 56.0;
    const H: f64 = 18.0;
    let words = spark_words(&row.mean_over);
    spark(&row.mean_over, W, H).map(|path| {
        view! {
            <svg class="spark" width=W height=H viewBox=format!("-1 -1 {} {}", W + 2.0, H + 2.0) role="img" aria-label=words>
                <path d=path />
            </svg>
        }
    })
}
