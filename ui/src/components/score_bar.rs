//! Proven, possible and what nobody knows: solid, hatched, empty.

use crate::format;
use leptos::prelude::*;

/// The bar. Its name for screen readers says the numbers.
#[component]
pub fn ScoreBar(
    /// 0–100.
    proven: f64,
    /// 0–100, not below `proven`.
    possible: f64,
    /// With the ticks of the labels below it.
    #[prop(optional)]
    ticks: bool,
) -> impl IntoView {
    let (proven, possible) = (proven.clamp(0.0, 100.0), possible.clamp(0.0, 100.0).max(proven));
    let summary = format!("{} proven, {} possible, of 100", format::points(proven), format::points(possible));
    view! {
        <div class="score-bar" class:score-bar--ticks=ticks>
            <div class="score-bar__track" role="img" aria-label=summary.clone() title=summary>
                <div class="score-bar__proven" style:width=format!("{proven}%")></div>
                <div class="score-bar__possible hatched" style:left=format!("{proven}%") style:width=format!("{}%", possible - proven)></div>
            </div>
            {ticks
                .then(|| {
                    [(40, "at risk"), (65, "conditional"), (85, "ready")]
                        .into_iter()
                        .map(|(at, word)| {
                            view! {
                                <span class="score-bar__tick" style:left=format!("{at}%") aria-hidden="true">
                                    <b>{format!("{at} ")}</b>
                                    {word}
                                </span>
                            }
                        })
                        .collect_view()
                })}
        </div>
    }
}
