//! Delivery: what was deployed when and how it ended, and the keys of DORA with what they stand on.

mod keys;
mod list;
mod timeline;
pub mod view;

use crate::components::loaded::Ready;
use crate::components::{CodeBlock, EmptyState, Loaded};
use crate::state::{Place, use_place};
use leptos::prelude::*;
use view::Reach;

/// What the parts of the page share.
#[derive(Clone, Copy)]
pub struct Shared {
    pub ready: Signal<Ready>,
    pub place: Place,
    pub reach: Memo<Reach>,
    /// The one service that is looked at; none: all.
    pub service: Memo<Option<String>>,
}

impl Shared {
    /// Looks at one service, or at all again when it is the one.
    pub fn choose(self, service: &str) {
        let same = self.service.with_untracked(|s| s.as_deref() == Some(service));
        self.place.set(&[("service", (!same).then(|| service.to_owned()))]);
    }
    fn looks_at(self, service: &str) -> bool {
        self.service.with(|s| s.as_deref() == Some(service))
    }
}

/// The page.
#[component]
pub fn Page() -> impl IntoView {
    view! { <Loaded view=|ready| view! { <Delivery ready /> } /> }
}

const RECORD: &str = "loadline deployments record --service api --environment production --revision \"$SHA\" \\\n  --started-at \"$STARTED\" --finished-at \"$FINISHED\" --status succeeded --actor-kind pipeline";

#[component]
fn Delivery(ready: Signal<Ready>) -> impl IntoView {
    let place = use_place();
    let reach = Memo::new(move |_| Reach::of(place.get("range").as_deref()));
    let service = Memo::new(move |_| place.get("service"));
    let shared = Shared { ready, place, reach, service };
    let any = Memo::new(move |_| ready.with(|r| !r.assessment().deployments.is_empty()));
    view! {
        <div class="page delivery">
            <header class="page__head">
                <div>
                    <h1>"Delivery"</h1>
                    <p>{move || if any.get() { ready.with(|r| view::sentence(r.assessment())) } else { "How change reaches users: how often, how fast, and how often it fails.".to_owned() }}</p>
                </div>
            </header>
            {move || if any.get() {
                view! {
                    <section class="panel"><timeline::Panel shared /></section>
                    <section class="panel"><keys::Panel shared /></section>
                    <section class="panel"><list::Panel shared /></section>
                }.into_any()
            } else {
                view! {
                    <EmptyState title="No deployment is known"
                        why="Connect what deploys (AWS, GitHub, GitLab, Bitbucket, CircleCI, Jenkins), or let the last step of your pipeline record each deployment. Half a year of history says most.">
                        <a class="button button--primary" href="/accounts?connect=choose">"Connect an account"</a>
                    </EmptyState>
                    <section class="panel delivery__record">
                        <header class="panel__head"><h2>"From a script"</h2><span class="small faint">"recording one twice changes nothing"</span></header>
                        <div class="panel__body"><CodeBlock text=RECORD.to_owned() /></div>
                    </section>
                }.into_any()
            }}
        </div>
    }
}
