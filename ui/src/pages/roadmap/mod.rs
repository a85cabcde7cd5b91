//! Roadmap: what to do with the time kept for this, sprint by sprint, and what became of what was done.

mod board;
mod done;
mod forecast;
mod item;
pub mod view;

use crate::components::loaded::Ready;
use crate::components::{EmptyState, Loaded};
use crate::format;
use crate::state::{Place, Workspace, use_place, use_workspace};
use leptos::prelude::*;
use loadline_model::{ItemId, ValueParts};
use view::Column;

/// Query key of the open item.
pub const ITEM: &str = "item";

/// What the parts of the page share.
#[derive(Clone, Copy)]
pub struct Shared {
    pub ready: Signal<Ready>,
    pub columns: Memo<Vec<Column>>,
    pub largest: Memo<ValueParts>,
    /// Item being dragged.
    pub dragged: RwSignal<Option<ItemId>>,
    /// Item to focus again after it moved.
    pub refocus: RwSignal<Option<ItemId>>,
    pub workspace: Workspace,
    pub place: Place,
}

impl Shared {
    /// Plans an item by hand.
    pub fn plan(self, item: &ItemId, sprint: Option<u32>) {
        self.refocus.set(Some(item.clone()));
        self.workspace.decide(vec![view::pin(item, sprint)]);
    }
    /// Moves an item one sprint; nothing happens at the ends.
    pub fn step(self, item: &ItemId, right: bool) {
        if let Some(to) = self.columns.with_untracked(|c| view::neighbour(c, item, right)) {
            self.plan(item, Some(to));
        }
    }
    /// Opens an item's details.
    pub fn open(self, item: &ItemId) {
        self.refocus.set(None);
        self.place.set(&[(ITEM, Some(item.to_string()))]);
    }
}

/// Readiness now and after everything that is planned.
fn reached(reach: forecast::Reach) -> impl IntoView {
    let step = |word: &'static str, hint: &'static str, (now, then): (String, String)| {
        let same = now == then;
        view! {
            <div title=hint><dt class="small faint">{word}</dt>
                <dd class="num">{now}{(!same).then(|| view! { <span class="faint" aria-label="then">" → "</span><strong>{then}</strong> })}</dd></div>
        }
    };
    let points = |(now, then): (f64, f64)| (format::points(now), format::points(then));
    view! {
        <dl class="before-after" data-testid="plan-score">
            {step("Readiness, proven", "The score again with every planned item's findings passing", points(reach.proven))}
            {step("If every unknown were good", "The same with every unknown counted as passing", points(reach.possible))}
            {step("Label", "What the gates allow then", reach.label)}
        </dl>
    }
}

/// The page.
#[component]
pub fn Page() -> impl IntoView {
    view! { <Loaded view=|ready| view! { <Roadmap ready /> } /> }
}

#[component]
fn Roadmap(ready: Signal<Ready>) -> impl IntoView {
    let shared = Shared {
        ready,
        columns: Memo::new(move |_| ready.with(|r| view::columns(&r.assessment().roadmap))),
        largest: Memo::new(move |_| ready.with(|r| view::largest(&r.assessment().roadmap))),
        dragged: RwSignal::new(None),
        refocus: RwSignal::new(None),
        workspace: use_workspace(),
        place: use_place(),
    };
    let why_empty = Memo::new(move |_| {
        ready.with(|r| {
            let roadmap = &r.assessment().roadmap;
            let nothing = roadmap.sprints.iter().all(|s| s.items.is_empty())
                && roadmap.left_out.is_empty()
                && roadmap.done.is_empty();
            nothing.then(|| {
                roadmap.why_empty.clone().unwrap_or_else(|| "No failing check has a remediation with value.".into())
            })
        })
    });
    let worth = move || {
        ready.with(|r| {
            let roadmap = &r.assessment().roadmap;
            format!(
                "The whole plan gains {} points and avoids {} of lost journeys a year.",
                format::points(roadmap.gain_points),
                format::hours(roadmap.gain_hours)
            )
        })
    };
    let reaches = Memo::new(move |_| ready.with(|r| forecast::after_plan(r.assessment())));
    let certificate = move || ready.with(|r| view::certificate(&r.assessment().roadmap));
    view! {
        <div class="page roadmap">
            <header class="page__head">
                <div>
                    <h1>"Roadmap"</h1>
                    <p>{worth}</p>
                    {move || reaches.get().map(reached)}
                    <p class="small faint">{move || ready.with(|r| view::budget(&r.assessment().policy.team))}</p>
                </div>
                <p class="roadmap__certificate" data-testid="certificate">{certificate}</p>
            </header>
            {move || match why_empty.get() {
                Some(why) => view! {
                    <EmptyState title="Nothing is planned" why=why><a class="button" href="/settings?tab=team">"Team and budget"</a></EmptyState>
                }.into_any(),
                None => view! {
                    <board::Board shared />
                    <done::LeftOut shared />
                    <done::Done shared />
                }.into_any(),
            }}
        </div>
        <item::Details shared />
    }
}
