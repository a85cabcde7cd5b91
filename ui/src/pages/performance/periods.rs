//! The days on show against as many before them: plain numbers, no verdict.

use super::range::Range;
use super::{Shared, view};
use crate::components::skeleton::Skeleton;
use crate::format;
use leptos::prelude::*;
use loadline_model::performance::Periods;

/// The panel.
#[component]
pub fn Panel(shared: Shared) -> impl IntoView {
    let title = move || match shared.shown.get().range {
        Range::Days(days) => format!("Last {days} days against the {days} before"),
        Range::All => "Compared with before".to_owned(),
    };
    view! {
        <header class="panel__head"><h2>{title}</h2></header>
        <div class="panel__body stack">
            {shared.spread.show(4, move |_| compared(shared))}
            {move || errors(shared)}
            <p class="small faint">"Plain numbers: load and noise are not taken out. For what a change did, see before and after."</p>
        </div>
    }
}

fn compared(shared: Shared) -> impl IntoView {
    move || {
        let Range::Days(days) = shared.shown.get().range else {
            return view! { <p class="muted">"All that is held is on show, so there are no days before it. Choose a number of days to compare them with as many before."</p> }.into_any();
        };
        let Some(spread) = shared.spread_of_series() else { return view! { <Skeleton rows=4 /> }.into_any() };
        match spread.periods.iter().find(|p| i64::from(p.days) == i64::from(days)) {
            Some(periods) => table(periods).into_any(),
            None => view! { <p class="muted">"Nothing was measured that could be compared."</p> }.into_any(),
        }
    }
}

fn table(periods: &Periods) -> impl IntoView + use<> {
    let rows = view::periods(periods);
    let of = |measured: u32| format!("{} of {}", format::whole(measured), format::whole(periods.days));
    view! {
        <table class="plain-table" data-testid="periods">
            <thead><tr><td></td><th scope="col" class="right">"Before"</th><th scope="col" class="right">"Now"</th><th scope="col" class="right">"Change"</th></tr></thead>
            <tbody>
                {rows.map(|(name, before, after, change)| view! {
                    <tr>
                        <th scope="row">{name}</th>
                        <td class="num right faint">{before}</td>
                        <td class="num right">{after}</td>
                        <td class="num right">{change.map_or_else(|| "–".into(), view::signed_percent)}</td>
                    </tr>
                }).collect_view()}
                <tr>
                    <th scope="row">"Days measured"</th>
                    <td class="num right faint">{of(periods.before_measured)}</td>
                    <td class="num right">{of(periods.now_measured)}</td>
                    <td></td>
                </tr>
            </tbody>
        </table>
        {view::uneven(periods).map(|said| view! { <p class="small muted" data-testid="periods-uneven">{said}</p> })}
    }
}

fn errors(shared: Shared) -> Option<impl IntoView> {
    let (id, route) = shared.trend.with(|t| t.as_ref().map(|t| (t.subject.id.clone(), t.route.clone())))?;
    let found = shared.ready.with(|r| {
        let all = &r.assessment().trends.errors;
        let own = all.iter().find(|e| e.subject.id == id && e.route == route);
        own.or_else(|| all.iter().find(|e| e.subject.id == id)).cloned()
    })?;
    Some(view! {
        <p class="small muted">
            {format!("Errors: {} of requests in the last 7 days; {} of 5-minute windows above 1 %.", format::percent(found.last_week), format::percent(found.windows_breached))}
        </p>
    })
}
