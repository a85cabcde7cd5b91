//! The left rail.

use crate::components::Icon;
use crate::components::icon::BrandMark;
use crate::pages::{Group, PAGES, PageInfo};
use crate::state::theme::storage;
use crate::state::use_workspace;
use leptos::prelude::*;
use leptos_router::components::A;
use loadline_model::{FindingState, Severity};

const KEY: &str = "loadline.rail";

/// Wide or collapsed; remembered.
#[derive(Clone, Copy)]
pub struct RailState(RwSignal<bool>);

impl RailState {
    /// Collapsed, reactive.
    pub fn collapsed(self) -> bool {
        self.0.get()
    }
    /// The other way.
    pub fn toggle(self) {
        self.0.update(|collapsed| *collapsed = !*collapsed);
        if let Some(storage) = storage() {
            let _ = storage.set_item(KEY, if self.0.get_untracked() { "collapsed" } else { "wide" });
        }
    }
}

/// The remembered state.
pub fn rail_state() -> RailState {
    let stored = storage().and_then(|s| s.get_item(KEY).ok().flatten());
    RailState(RwSignal::new(stored.as_deref() == Some("collapsed")))
}

/// The rail with every page.
#[component]
pub fn Rail(state: RailState) -> impl IntoView {
    let group = |group: Group| PAGES.iter().filter(|page| page.group == group).map(link).collect_view();
    let headed = Group::HEADED.into_iter().filter(|g| PAGES.iter().any(|page| page.group == *g));
    let toggle_word = move || if state.collapsed() { "Widen" } else { "Collapse" };
    view! {
        <nav class="rail" aria-label="Pages">
            <div class="rail__brand"><BrandMark /><span class="rail__text">"Loadline"</span></div>
            {headed
                .map(|g| {
                    view! {
                        <div class="rail__group" role="group" aria-label=g.word()>
                            <span class="rail__label" aria-hidden="true">{g.word()}</span>
                            {group(g)}
                        </div>
                    }
                })
                .collect_view()}
            <div class="rail__foot">
                {group(Group::Foot)}
                <button class="rail__link" data-testid="rail-toggle" title=move || format!("{} ([)", toggle_word()) on:click=move |_| state.toggle()>
                    <Icon name="rail" />
                    <span class="rail__text">{toggle_word}</span>
                </button>
            </div>
        </nav>
    }
}

fn link(page: &'static PageInfo) -> impl IntoView + use<> {
    view! {
        <A href=page.href() exact=page.path.is_empty() attr:class="rail__link" attr:title=format!("{} (g {})", page.label, page.key)
            attr:data-testid=format!("nav-{}", page.name)>
            <Icon name=page.icon />
            <span class="rail__text">{page.label}</span>
            {(page.name == "findings").then(|| view! { <OpenCritical /> })}
        </A>
    }
}

/// Open critical findings: the one number that is worth a place in the rail.
#[component]
fn OpenCritical() -> impl IntoView {
    let workspace = use_workspace();
    let critical = move || {
        workspace
            .with_assessment(|a| {
                let open = |f: &&loadline_model::Finding| {
                    f.severity == Some(Severity::Critical) && f.state != FindingState::Accepted
                };
                a.findings.iter().filter(open).count()
            })
            .filter(|n| *n > 0)
    };
    move || critical().map(|n| view! { <span class="rail__count" title=format!("{n} critical")>{n}</span> })
}
