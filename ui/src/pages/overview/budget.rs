//! The 20 %: planned, spent, left.

use super::view::budget;
use crate::components::loaded::Ready;
use crate::format;
use leptos::prelude::*;

/// The panel.
pub fn panel(ready: &Ready) -> impl IntoView + use<> {
    let assessment = ready.assessment();
    let (roadmap, team) = (&assessment.roadmap, &assessment.policy.team);
    let budget = budget(roadmap);
    let width = |part: u32| {
        format!("{}%", if budget.total == 0 { 0.0 } else { 100.0 * f64::from(part) / f64::from(budget.total) })
    };
    let sprint = roadmap.sprints.first();
    let promise = format!(
        "The whole plan gains {} points and avoids {} a year.",
        format::points(roadmap.gain_points),
        format::hours(roadmap.gain_hours)
    );
    view! {
        <header class="panel__head">
            <h2>{format!("The {} budget", format::percent(team.share))}</h2>
            {sprint.map(|s| view! { <span class="small faint">{format!("Sprint from {}", format::date(s.starts, &assessment.zone))}</span> })}
        </header>
        <div class="panel__body budget" data-testid="budget">
            <div class="budget__bar" role="img"
                aria-label=format!("{} spent, {} planned, {} left", format::days_of(budget.spent), format::days_of(budget.planned), format::days_of(budget.left))>
                <div class="budget__spent" style:width=width(budget.spent)></div>
                <div class="budget__planned" style:width=width(budget.planned)></div>
            </div>
            <dl class="budget__rows">
                <div><dt><i class="budget__key budget__spent"></i>"Spent"</dt><dd class="num">{format::days_of(budget.spent)}</dd></div>
                <div><dt><i class="budget__key budget__planned"></i>"Planned"</dt><dd class="num">{format::days_of(budget.planned)}</dd></div>
                <div><dt><i class="budget__key"></i>"Left"</dt><dd class="num">{format::days_of(budget.left)}</dd></div>
                <div class="budget__total"><dt>"Of"</dt><dd class="num">{format::days_of(budget.total)}</dd></div>
            </dl>
            {match &roadmap.why_empty {
                Some(why) => view! { <p class="small muted">{why.clone()}</p> }.into_any(),
                None => view! {
                    <ul class="budget__items">
                        {sprint
                            .map(|s| s.items.iter().take(4).map(|item| view! {
                                <li><span class="truncate" title=item.title.clone()>{item.title.clone()}</span>
                                <span class="num faint">{format::days_of(item.half_days.mode)}</span></li>
                            }).collect_view())}
                    </ul>
                    <p class="small muted">{promise}</p>
                }.into_any(),
            }}
        </div>
    }
}
