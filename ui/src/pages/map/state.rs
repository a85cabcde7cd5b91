//! What the parts of the page share: what fails, what is open, what is lit, and where the reader looks.

use super::declare::Draft;
use super::drawn::{self, folds};
use super::layout::{self, Scene};
use super::lens::{Detail, Lens, MARGIN, Sight};
use super::trace::{Fate, Trace, fates, trace};
use super::what_if::Change;
use crate::components::loaded::Ready;
use crate::state::{Place, Workspace, use_place, use_workspace};
use leptos::prelude::*;
use loadline_model::{Graph, SubjectId};
use loadline_topology::{Failure, fail};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Query key of what fails.
const FAIL: &str = "fail";
/// Between two failing ids.
const AND: char = '|';

/// The page's state.
#[derive(Clone, Copy)]
pub struct Map {
    pub ready: Signal<Ready>,
    pub scene: Memo<Arc<Scene>>,
    /// Opened groups and things alike.
    pub open: RwSignal<BTreeSet<SubjectId>>,
    /// What fails: at most two.
    pub failed: Memo<Vec<SubjectId>>,
    /// What that does; `None` while nothing fails.
    pub outcome: Memo<Option<Arc<Failure>>>,
    /// What that makes of each shape.
    pub fates: Memo<Vec<Fate>>,
    /// A change that is being tried.
    pub change: RwSignal<Option<Change>>,
    /// Names on the path under the pointer.
    pub hovered: RwSignal<Vec<String>>,
    /// What is lit: that path, or the one that proves the chosen failure.
    pub trace: Memo<Trace>,
    /// Shape under the keyboard.
    pub cursor: RwSignal<usize>,
    /// Text searched for.
    pub query: RwSignal<String>,
    pub lens: RwSignal<Lens>,
    /// Size of the drawing's window in pixels.
    pub size: RwSignal<(f64, f64)>,
    pub detail: Memo<Detail>,
    pub sight: Memo<Sight>,
    /// The reader moved the drawing; it is not fitted any more by itself.
    pub moved: RwSignal<bool>,
    /// A thing to bring into sight once it is drawn.
    pub goal: RwSignal<Option<SubjectId>>,
    /// A journey is being declared: a press picks what it needs.
    pub declaring: RwSignal<bool>,
    pub draft: RwSignal<Draft>,
    /// Block under the pointer.
    pub peek: RwSignal<Option<usize>>,
    pub workspace: Workspace,
    place: Place,
}

impl Map {
    /// The state of a page that opens.
    pub fn new(ready: Signal<Ready>) -> Self {
        let place = use_place();
        let open = RwSignal::new(ready.with_untracked(|r| folds::open_at_first(&r.assessment().topology.graph)));
        let scene = Memo::new(move |_| {
            let drawn = ready.with(|r| open.with(|open| drawn::drawn(&r.assessment().topology, open)));
            Arc::new(layout::layout(drawn))
        });
        let failed = Memo::new(move |_| -> Vec<SubjectId> {
            let ids: Vec<SubjectId> =
                place.get(FAIL).map(|text| text.split(AND).map(SubjectId::from).collect()).unwrap_or_default();
            ready.with(|r| {
                ids.into_iter().filter(|id| r.assessment().topology.graph.node(id).is_some()).take(2).collect()
            })
        });
        let outcome = Memo::new(move |_| {
            let failed = failed.get();
            (!failed.is_empty()).then(|| Arc::new(ready.with(|r| fail(&r.assessment().topology.graph, &failed))))
        });
        let fates = Memo::new(move |_| {
            scene.with(|s| failed.with(|failed| outcome.with(|o| fates(&s.drawn, failed, o.as_deref()))))
        });
        let hovered = RwSignal::new(Vec::new());
        let lens = RwSignal::new(Lens { x: MARGIN, y: MARGIN, scale: 1.0 });
        let size = RwSignal::new((800.0, 600.0));
        Self {
            ready,
            scene,
            open,
            failed,
            outcome,
            fates,
            change: RwSignal::new(None),
            hovered,
            trace: Memo::new(move |_| lit(ready, scene, hovered, failed)),
            cursor: RwSignal::new(0),
            query: RwSignal::new(String::new()),
            lens,
            size,
            detail: Memo::new(move |_| lens.get().detail()),
            sight: Memo::new(move |_| lens.get().sight(size.get())),
            moved: RwSignal::new(false),
            goal: RwSignal::new(None),
            declaring: RwSignal::new(false),
            draft: RwSignal::new(Draft::default()),
            peek: RwSignal::new(None),
            workspace: use_workspace(),
            place,
        }
    }

    /// A press on a shape: picks it for the journey being declared, opens things alike, else fails it.
    pub fn press(self, index: usize, also: bool) {
        let shape = self
            .scene
            .with_untracked(|s| s.drawn.shapes.get(index).map(|shape| (shape.id.clone(), !shape.inside.is_empty())));
        match shape {
            Some((id, true)) => self.toggle(&id),
            Some((id, false)) if self.declaring.get_untracked() => self.draft.update(|draft| draft.toggle(&id)),
            Some((id, false)) => self.fail(&id, also),
            None => {}
        }
    }
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
    /// Exactly these fail; nothing does while a journey is declared.
    pub fn fail_exactly(self, failed: &[SubjectId]) {
        if self.declaring.get_untracked() {
            return;
        }
        self.change.set(None);
        let ids: Vec<&str> = failed.iter().map(SubjectId::as_str).collect();
        self.place.set(&[(FAIL, Some(ids.join(&AND.to_string())))]);
    }
    /// Nothing fails any more.
    pub fn clear(self) {
        self.fail_exactly(&[]);
    }
    /// Opens or folds a group or things alike.
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

    /// The whole drawing in its window.
    pub fn fit(self) {
        self.moved.set(false);
        let (width, height) = self.size.get_untracked();
        self.lens.set(self.scene.with_untracked(|scene| Lens::fit(scene, width, height)));
    }
    /// Magnifies around the middle.
    pub fn zoom(self, by: f64) {
        let (width, height) = self.size.get_untracked();
        self.look(|lens| lens.zoom(by, width / 2.0, height / 2.0));
    }
    /// Looks elsewhere because the reader asked to.
    pub fn look(self, change: impl FnOnce(Lens) -> Lens) {
        self.moved.set(true);
        self.lens.update(|lens| *lens = change(*lens));
    }
    /// Goes to a thing on the drawing, wherever it is folded.
    pub fn go_to(self, id: &SubjectId) {
        if self.place.is_open(super::VIEW) {
            self.place.set(&[(super::VIEW, None)]);
        }
        self.goal.set(Some(id.clone()));
    }
}

/// The hovered path, else the path of the one chosen failure.
fn lit(
    ready: Signal<Ready>,
    scene: Memo<Arc<Scene>>,
    hovered: RwSignal<Vec<String>>,
    failed: Memo<Vec<SubjectId>>,
) -> Trace {
    ready.with(|r| {
        let topology = &r.assessment().topology;
        let mut path = hovered.get();
        if path.is_empty()
            && let [one] = failed.get().as_slice()
        {
            path = topology.spofs.iter().find(|s| s.subject.id == *one).map(|s| s.path.clone()).unwrap_or_default();
        }
        scene.with(|s| trace(&topology.graph, &s.drawn, &path))
    })
}
