//! What changed since last week: an exact waterfall.

use super::view::{Step, scale, waterfall};
use crate::components::EmptyState;
use crate::components::loaded::Ready;
use crate::format;
use crate::state::use_place;
use leptos::prelude::*;
use loadline_model::Decomposition;

/// Changes shown alone.
const MOST: usize = 8;

/// The panel.
pub fn panel(ready: &Ready) -> impl IntoView + use<> {
    let assessment = ready.assessment();
    let title = |rule: &str| {
        assessment.rules.iter().find(|r| r.id.as_str() == rule).map_or_else(|| rule.to_owned(), |r| r.title.clone())
    };
    let body = match &assessment.changed {
        None => view! { <EmptyState title="Nothing to compare with yet" why="From the second weekly snapshot on, every point that came or went is listed here." /> }
            .into_any(),
        Some(changed) if changed.lines.is_empty() => {
            view! { <EmptyState title="Nothing changed" why="Every check answers as it did a week ago." /> }.into_any()
        }
        Some(changed) => {
            let steps = waterfall(changed, MOST, title);
            chart(changed, &steps).into_any()
        }
    };
    let delta =
        assessment.changed.as_ref().map(|c| format::signed_points(loadline_model::MicroPoints(c.to.0 - c.from.0)));
    view! {
        <header class="panel__head">
            <h2>"What changed since last week"</h2>
            {delta.map(|delta| view! { <span class="num">{format!("{delta} points")}</span> })}
        </header>
        {body}
    }
}

fn chart(changed: &Decomposition, steps: &[Step]) -> impl IntoView + use<> {
    let (low, high) = scale(changed, steps);
    let at = move |points: f64| 100.0 * (points - low) / (high - low).max(1e-9);
    let total = |label: &'static str, points: f64| {
        view! {
            <li class="fall fall--total">
                <span class="fall__what">{label}</span>
                <span class="fall__bar"><i class="fall__level" style:left=format!("{}%", at(points))></i></span>
                <span class="num fall__change">{format::points(points)}</span>
            </li>
        }
    };
    view! {
        <ul class="waterfall" data-testid="waterfall">
            {total("A week ago", changed.from.points())}
            {steps.iter().cloned().map(|step| line(step, at)).collect_view()}
            {total("Now", changed.to.points())}
        </ul>
    }
}

fn line(step: Step, at: impl Fn(f64) -> f64) -> AnyView {
    let place = use_place();
    let (a, b) = (step.from.points(), step.from.points() + step.change.points());
    let (left, right) = (at(a.min(b)), at(a.max(b)));
    let up = step.change.0 >= 0;
    let fingerprint = step.fingerprint.clone();
    let open = move |_| {
        if let Some(fingerprint) = &fingerprint {
            place.open_finding(fingerprint);
        }
    };
    view! {
        <li>
            <button class="fall" disabled=step.fingerprint.is_none() on:click=open title=step.what.clone()>
                <span class="fall__what"><span class="fall__cause">{step.cause}</span><span class="truncate">{step.what.clone()}</span></span>
                <span class="fall__bar">
                    <i class=if up { "fall__step fall__step--up" } else { "fall__step fall__step--down" } style:left=format!("{left}%")
                        style:width=format!("max(2px, {}%)", right - left)></i>
                </span>
                <span class="num fall__change">{format::signed_points(step.change)}</span>
            </button>
        </li>
    }
    .into_any()
}
