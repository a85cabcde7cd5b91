//! Declaring a journey: its name and weight, and what it needs, picked on the drawing.

use super::Map;
use crate::components::Icon;
use crate::format;
use leptos::prelude::*;
use loadline_model::{Choice, Decision, Graph, SubjectId};
use loadline_wire::decisions::DecisionLog;

/// A journey that is not saved yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// The journey that is changed; `None`: a new one.
    pub id: Option<SubjectId>,
    pub name: String,
    /// As typed.
    pub weight: String,
    pub critical: bool,
    pub needs: Vec<SubjectId>,
}

impl Draft {
    /// What the form opens with: the journey as it is, or a new one that weighs as much as the mean of the others.
    pub fn of(graph: &Graph, id: Option<&SubjectId>, log: &[Decision]) -> Self {
        let declared: Vec<_> = graph.journeys.iter().filter(|j| !j.implicit).collect();
        let weight = |id: &SubjectId, share: f64| stated(log, id).unwrap_or(share);
        match id.and_then(|id| declared.iter().find(|j| j.id == *id)) {
            Some(journey) => Self {
                id: Some(journey.id.clone()),
                name: journey.name.clone(),
                weight: typed(weight(&journey.id, journey.weight)),
                critical: journey.critical,
                needs: journey.needs.clone(),
            },
            None => {
                let sum: f64 = declared.iter().map(|j| weight(&j.id, j.weight)).sum();
                let mean = if declared.is_empty() { 1.0 } else { sum / declared.len() as f64 };
                Self { weight: typed((mean * 100.0).round().max(1.0) / 100.0), critical: true, ..Self::default() }
            }
        }
    }

    /// Picks a thing, or puts it back.
    pub fn toggle(&mut self, id: &SubjectId) {
        match self.needs.iter().position(|need| need == id) {
            Some(at) => drop(self.needs.remove(at)),
            None => self.needs.push(id.clone()),
        }
    }

    /// The decision; `None` while something is missing.
    pub fn choice(&self) -> Option<Choice> {
        let name = self.name.trim();
        let weight: f64 = self.weight.trim().replace(',', ".").parse().ok()?;
        let complete = !name.is_empty() && weight.is_finite() && weight > 0.0 && !self.needs.is_empty();
        let new = || SubjectId::new(format!("journey:{}", name.to_lowercase().replace(' ', "-")));
        complete.then(|| Choice::SetJourney {
            id: self.id.clone().unwrap_or_else(new),
            name: name.to_owned(),
            weight,
            needs: self.needs.clone(),
            critical: self.critical,
        })
    }
}

/// The weight last stated for a journey; the log has the newest decision first.
fn stated(log: &[Decision], id: &SubjectId) -> Option<f64> {
    let newest = log.iter().filter_map(|decision| match &decision.choice {
        Choice::SetJourney { id: of, weight, .. } if of == id => Some(Some(*weight)),
        Choice::RemoveJourney { id: of } if of == id => Some(None),
        _ => None,
    });
    newest.into_iter().next().flatten()
}

fn typed(weight: f64) -> String {
    loadline_model::num::round9(weight).to_string()
}

/// Opens the form; what was stated before is looked up in the log of decisions.
pub fn begin(map: Map, id: Option<SubjectId>) {
    map.clear();
    let first = map.ready.with_untracked(|r| Draft::of(&r.assessment().topology.graph, id.as_ref(), &[]));
    map.draft.set(first.clone());
    map.declaring.set(true);
    map.workspace.send(DecisionLog {}, move |log| {
        let better = map.ready.with_untracked(|r| Draft::of(&r.assessment().topology.graph, id.as_ref(), &log));
        map.draft.update(|draft| {
            if draft.weight == first.weight && draft.id == first.id {
                draft.weight.clone_from(&better.weight);
            }
        });
    });
}

/// The band above the drawing while a journey is declared.
#[component]
pub fn Declare(map: Map) -> impl IntoView {
    let workspace = map.workspace;
    let draft = map.draft;
    let complete = move || draft.with(|d| d.choice().is_some());
    let save = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if let Some(choice) = draft.with_untracked(Draft::choice) {
            workspace.decide(vec![choice]);
            map.declaring.set(false);
        }
    };
    let remove = move |id: SubjectId| {
        workspace.decide(vec![Choice::RemoveJourney { id }]);
        map.declaring.set(false);
    };
    let others = move || {
        let own = draft.with(|d| d.id.clone());
        map.with_graph(|graph| {
            let others = graph.journeys.iter().filter(|j| !j.implicit && Some(&j.id) != own.as_ref());
            let words: Vec<String> = others.map(|j| format!("{} {}", j.name, format::percent(j.weight))).collect();
            if words.is_empty() { String::new() } else { format!("Against {}.", words.join(", ")) }
        })
    };
    view! {
        <form class="declare" data-testid="declare-form" on:submit=save>
            <label class="field declare__name"><span>"What users do"</span>
                <input class="input" required placeholder="Check out" data-testid="declare-name" prop:value=move || draft.with(|d| d.name.clone())
                    on:input=move |e| draft.update(|d| d.name = event_target_value(&e)) />
            </label>
            <label class="field declare__weight" title=others><span>"Weight"</span>
                <input class="input num" required inputmode="decimal" data-testid="declare-weight" prop:value=move || draft.with(|d| d.weight.clone())
                    on:input=move |e| draft.update(|d| d.weight = event_target_value(&e)) />
            </label>
            <label class="declare__critical"><input type="checkbox" prop:checked=move || draft.with(|d| d.critical)
                on:change=move |e| draft.update(|d| d.critical = event_target_checked(&e)) />"Critical"</label>
            <div class="declare__needs" aria-live="polite">
                {move || {
                    let needs = draft.with(|d| d.needs.clone());
                    if needs.is_empty() {
                        view! { <span class="muted" data-testid="declare-hint">"Click what it needs on the map."</span> }.into_any()
                    } else {
                        needs.into_iter().map(|id| need(map, id)).collect_view().into_any()
                    }
                }}
            </div>
            <div class="declare__do">
                {move || draft.with(|d| d.id.clone()).map(|id| view! {
                    <button type="button" class="button button--danger" on:click=move |_| remove(id.clone())>"Remove"</button>
                })}
                <button type="button" class="button" on:click=move |_| map.declaring.set(false)>"Cancel"</button>
                <button type="submit" class="button button--primary" data-testid="declare-save" disabled=move || !complete()>"Save journey"</button>
            </div>
        </form>
    }
}

fn need(map: Map, id: SubjectId) -> impl IntoView {
    let name = map.with_graph(|graph| graph.node(&id).map_or_else(|| id.to_string(), |n| n.name.clone()));
    let word = format!("It does not need {name}");
    view! {
        <button type="button" class="declare__need" title=word.clone() aria-label=word on:click=move |_| map.draft.update(|d| d.toggle(&id))>
            {name}<Icon name="close" />
        </button>
    }
}
