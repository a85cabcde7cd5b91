//! The states every page shares: loading, refused, never collected, and finally its content.

use super::ErrorPanel;
use super::skeleton::Skeleton;
use crate::pages::first_run::FirstRun;
use crate::state::use_workspace;
use leptos::prelude::*;
use loadline_model::Assessment;
use loadline_wire::workspace::WorkspaceState;
use std::sync::Arc;

/// A state that surely holds an assessment.
#[derive(Clone)]
pub struct Ready(Arc<WorkspaceState>);

impl Ready {
    /// The state, when it holds an assessment.
    fn of(state: Arc<WorkspaceState>) -> Option<Self> {
        state.assessment.is_some().then_some(Self(state))
    }
    /// The assessment on show.
    pub fn assessment(&self) -> &Assessment {
        match &self.0.assessment {
            Some(assessment) => assessment,
            None => unreachable!("only `Ready::of` makes one, from a state that holds an assessment"),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Loading,
    Refused,
    Empty,
    Ready,
}

/// Shows `view` once there is an assessment; the signal changes with every decision, the page is not rebuilt.
#[component]
pub fn Loaded<V: IntoView + 'static>(
    view: impl Fn(Signal<Ready>) -> V + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let workspace = use_workspace();
    let last = RwSignal::new(None::<Ready>);
    let stage = Memo::new(move |_| match workspace.get() {
        Some(state) => match Ready::of(state) {
            Some(ready) => {
                last.set(Some(ready));
                Stage::Ready
            }
            None => Stage::Empty,
        },
        None if workspace.error().is_some() => Stage::Refused,
        None => Stage::Loading,
    });
    move || match stage.get() {
        Stage::Loading => view! { <div class="page"><Skeleton rows=8 /></div> }.into_any(),
        Stage::Refused => workspace
            .error()
            .map(|error| view! { <div class="page"><ErrorPanel error retry=move |()| workspace.load() /></div> })
            .into_any(),
        Stage::Empty => view! { <FirstRun /> }.into_any(),
        Stage::Ready => {
            // `last` is set before the stage becomes ready and never emptied.
            let Some(first) = last.get_untracked() else { return ().into_any() };
            let ready = Signal::derive(move || last.get().unwrap_or_else(|| first.clone()));
            view(ready).into_any()
        }
    }
}
