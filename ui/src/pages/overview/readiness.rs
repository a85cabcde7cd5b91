//! How ready: proven, possible, coverage, the label, and the gates that hold it down.

use crate::components::loaded::Ready;
use crate::components::score_bar::ScoreBar;
use crate::components::{Mark, Sentence, Status};
use crate::format;
use leptos::prelude::*;
use loadline_model::{Label, Score};

/// The panel.
pub fn panel(ready: &Ready) -> impl IntoView + use<> {
    let score = ready.assessment().score.clone();
    let closed: Vec<_> = score.gates.iter().filter(|gate| !gate.open).cloned().collect();
    let held = closed.iter().any(|gate| gate.caps_at < score.label_by_number);
    let delta = ready.assessment().changed.as_ref().map(|c| loadline_model::MicroPoints(c.to.0 - c.from.0));
    view! {
        <header class="panel__head">
            <h2>"Readiness"</h2>
            <span class="small faint">{format!("Confidence {}", score.confidence)}</span>
        </header>
        <div class="panel__body readiness">
            <div class="readiness__numbers">
                <div class="readiness__proven">
                    <span class="readiness__big num" data-testid="proven">{format::number(score.proven, 0)}</span>
                    <span class="readiness__unit">"proven"</span>
                </div>
                <div class="readiness__possible">
                    <span class="readiness__mid num" data-testid="possible">{format::number(score.possible, 0)}</span>
                    <span class="readiness__unit">"possible"</span>
                </div>
                <div class="readiness__label">
                    <span class="readiness__word" data-testid="label"><Mark status=label_status(&score) />{capital(score.label.word())}</span>
                    <span class="small muted">
                        {format!("{} known", format::percent(score.coverage))}
                        {score.provisional.then_some(", provisional")}
                        {delta.filter(|d| d.0 != 0).map(|d| format!(", {} since last week", format::signed_points(d)))}
                    </span>
                </div>
            </div>
            <ScoreBar proven=score.proven possible=score.possible ticks=true />
            {held
                .then(|| {
                    view! {
                        <p class="small muted">{format!("By number alone it would be “{}”. Held down by:", score.label_by_number.word())}</p>
                    }
                })}
            <ul class="gates">
                {closed
                    .into_iter()
                    .map(|gate| {
                        view! {
                            <li class="gate" data-testid="gate">
                                <Mark status=if gate.caps_at <= Label::AtRisk { Status::Critical } else { Status::High } />
                                <div class="grow">
                                    <p class="gate__because"><Sentence text=gate.because /></p>
                                    <p class="small faint">{format!("{} Until proven, no better than “{}”.", gate.question, gate.caps_at.word())}</p>
                                </div>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </div>
    }
}

/// The fifteen domains as small bars: where the points are lost.
pub fn domains(ready: &Ready) -> impl IntoView + use<> {
    let domains = ready.assessment().score.domains.clone();
    view! {
        <header class="panel__head"><h2>"By domain"</h2><span class="small faint">"proven, possible"</span></header>
        <ul class="domains">
            {domains
                .into_iter()
                .map(|domain| {
                    let href = format!("/findings?domain={}", domain.id);
                    let numbers = match (domain.proven, domain.possible) {
                        (Some(proven), Some(possible)) => {
                            view! {
                                <ScoreBar proven possible />
                                <span class="domains__numbers num">{format!("{} – {}", format::number(proven, 0), format::number(possible, 0))}</span>
                            }
                            .into_any()
                        }
                        _ => view! { <span class="small faint domains__status">{domain.status.replace('_', " ")}</span> }.into_any(),
                    };
                    view! { <li><a class="domains__row" href=href><span class="truncate">{domain.name}</span>{numbers}</a></li> }
                })
                .collect_view()}
        </ul>
    }
}

fn label_status(score: &Score) -> Status {
    match score.label {
        Label::NotRated => Status::Unknown,
        Label::NotReady => Status::Critical,
        Label::AtRisk => Status::High,
        Label::Conditional => Status::Medium,
        Label::Ready => Status::Pass,
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
