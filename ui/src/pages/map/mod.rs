//! Failure map: the graph drawn; failing something shows which journeys go dark and what would change that.

mod canvas;
mod drawn;
mod layout;
mod node;
mod side;
#[cfg(test)]
mod tests;
mod verdict;
pub mod view;

use crate::components::loaded::Ready;
use crate::components::{EmptyState, Loaded};
use crate::state::{Place, use_overlay, use_place};
use layout::Scene;
use leptos::prelude::*;
use loadline_model::{Graph, SubjectId};
use loadline_topology::{Failure, WhatIf, fail};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Query key of what fails.
const FAIL: &str = "fail";
/// Between two failing ids.
const AND: char = '|';

/// What the parts of the page share.
#[derive(Clone, Copy)]
pub struct Map {
    pub ready: Signal<Ready>,
    pub scene: Memo<Arc<Scene>>,
    /// Opened groups.
    pub open: RwSignal<BTreeSet<SubjectId>>,
    /// What fails: at most two.
    pub failed: Memo<Vec<SubjectId>>,
    /// What that does; `None` while nothing fails.
    pub outcome: Memo<Option<Arc<Failure>>>,
    /// A change that is being tried.
    pub change: RwSignal<Option<WhatIf>>,
    /// Names on the highlighted path.
    pub traced: RwSignal<Vec<String>>,
    /// Shape under the keyboard.
    pub cursor: RwSignal<usize>,
    /// Text searched for.
    pub query: RwSignal<String>,
    place: Place,
}

impl Map {
    /// Fails a thing alone, or with what already fails; failing it again takes it back.
    pub fn fail(self, id: &SubjectId, also: bool) {
        let mut failed = self.failed.get_untracked();
        match failed.iter().position(|f| f == id) {
            Some(at) => drop(failed.remove(at)),
            None if also && failed.len() < 2 => failed.push(id.clone()),
            None => failed = vec![id.clone()],
        }
        self.fail_exactly(&failed);
    }
    /// Exactly these fail.
    pub fn fail_exactly(self, failed: &[SubjectId]) {
        self.change.set(None);
        let ids: Vec<&str> = failed.iter().map(SubjectId::as_str).collect();
        self.place.set(&[(FAIL, Some(ids.join(&AND.to_string())))]);
    }
    /// Nothing fails any more.
    pub fn clear(self) {
        self.fail_exactly(&[]);
    }
    /// Opens or folds a group.
    pub fn toggle(self, id: &SubjectId) {
        self.open.update(|open| {
            if !open.remove(id) {
                open.insert(id.clone());
            }
        });
    }
    /// Reads the graph.
    pub fn with_graph<T>(self, read: impl FnOnce(&Graph) -> T) -> T {
        self.ready.with(|r| read(&r.assessment().topology.graph))
    }
}

/// The page.
#[component]
pub fn Page() -> impl IntoView {
    view! { <Loaded view=|ready| view! { <FailureMap ready /> } /> }
}

#[component]
fn FailureMap(ready: Signal<Ready>) -> impl IntoView {
    let (place, overlay) = (use_place(), use_overlay());
    let open = RwSignal::new(ready.with_untracked(|r| drawn::open_at_first(&r.assessment().topology.graph)));
    let scene = Memo::new(move |_| {
        let drawn = ready.with(|r| open.with(|open| drawn::drawn(&r.assessment().topology, open)));
        Arc::new(layout::layout(drawn))
    });
    let failed = Memo::new(move |_| -> Vec<SubjectId> {
        let ids: Vec<SubjectId> =
            place.get(FAIL).map(|text| text.split(AND).map(SubjectId::from).collect()).unwrap_or_default();
        ready.with(|r| ids.into_iter().filter(|id| r.assessment().topology.graph.node(id).is_some()).take(2).collect())
    });
    let outcome = Memo::new(move |_| {
        let failed = failed.get();
        (!failed.is_empty()).then(|| Arc::new(ready.with(|r| fail(&r.assessment().topology.graph, &failed))))
    });
    let map = Map {
        ready,
        scene,
        open,
        failed,
        outcome,
        change: RwSignal::new(None),
        traced: RwSignal::new(Vec::new()),
        cursor: RwSignal::new(0),
        query: RwSignal::new(String::new()),
        place,
    };
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        let busy = event.default_prevented() || overlay.is_open() || place.is_open(crate::state::place::FINDING);
        if event.key() == "Escape" && !busy && !failed.with_untracked(|f: &Vec<SubjectId>| f.is_empty()) {
            event.prevent_default();
            map.clear();
        }
    });
    on_cleanup(move || keys.remove());
    let things = move || scene.with(|s| s.drawn.shapes.len());
    let loose = move || scene.with(|s| s.drawn.loose);
    let head = move || {
        ready.with(|r| {
            let t = &r.assessment().topology;
            view::summary(&t.spofs, things(), t.hours_upper_bound)
        })
    };
    let is_empty = Memo::new(move |_| things() == 0);
    view! {
        <div class="page page--fill page--map">
            <header class="page__head">
                <div>
                    <h1>"Failure map"</h1>
                    <p>{head}{move || (loose() > 0).then(|| format!(" Not drawn, for want of a known tie: {}.", crate::format::count(loose(), "thing", "things")))}</p>
                </div>
                <div class="page__actions"><canvas::Search map /></div>
            </header>
            {move || if is_empty.get() {
                view! {
                    <EmptyState title="Nothing to draw yet"
                        why="No connected account shows how requests travel. Connect a cloud account or a metrics source, or collect again.">
                        <a class="button" href="/accounts">"Go to accounts"</a>
                    </EmptyState>
                }.into_any()
            } else {
                view! {
                    <verdict::Verdict map />
                    <div class="map">
                        <canvas::Canvas map />
                        <side::Side map />
                    </div>
                }.into_any()
            }}
        </div>
    }
}
