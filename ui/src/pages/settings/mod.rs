//! Settings: what a team decides once, housekeeping, and what Loadline is made of.

mod about;
mod collection;
mod data;
mod decisions;
mod team;
mod thresholds;
pub mod view;

use crate::components::skeleton::Skeleton;
use crate::components::{ErrorPanel, Icon, Tabs};
use crate::ipc;
use crate::state::{use_place, use_toasts, use_workspace};
use leptos::prelude::*;
use leptos::task::spawn_local;
use loadline_wire::ApiError;
use loadline_wire::settings::{GetSettings, SaveSettings, Settings};

const TABS: [(&str, &str); 6] = [
    ("team", "Team and budget"),
    ("thresholds", "Thresholds"),
    ("collection", "Collection"),
    ("data", "Data"),
    ("decisions", "Decisions"),
    ("about", "About"),
];

/// The saved settings and the draft that the tabs edit.
#[derive(Clone, Copy)]
pub struct Form {
    pub saved: RwSignal<Settings>,
    pub draft: RwSignal<SaveSettings>,
}

impl Form {
    /// Changes the draft.
    pub fn edit(self, change: impl FnOnce(&mut SaveSettings)) {
        self.draft.update(change);
    }
}

/// The page.
#[component]
pub fn Page() -> impl IntoView {
    let form = RwSignal::new(None::<Result<Form, ApiError>>);
    let load = move || {
        spawn_local(async move {
            let answer = ipc::call(&GetSettings {}).await;
            form.set(Some(answer.map(|settings| Form {
                draft: RwSignal::new(view::editable(&settings)),
                saved: RwSignal::new(settings),
            })));
        });
    };
    load();
    view! {
        <div class="page settings">
            <header class="page__head"><h1>"Settings"</h1></header>
            {move || match form.get() {
                None => view! { <Skeleton rows=8 /> }.into_any(),
                Some(Err(error)) => view! { <ErrorPanel error retry=move |()| load() /> }.into_any(),
                Some(Ok(form)) => view! { <Sections form /> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Sections(form: Form) -> impl IntoView {
    let place = use_place();
    let chosen = Signal::derive(move || place.get("tab").unwrap_or_else(|| "team".into()));
    let problem = move || form.saved.with(|s| s.keychain_problem.clone());
    view! {
        {move || {
            problem()
                .map(|problem| {
                    view! {
                        <div class="notice" role="alert" data-testid="keychain-problem">
                            <Icon name="warning" />
                            <div class="grow">
                                <strong>"The keychain cannot be used"</strong>
                                <p>{problem}</p>
                                <p class="small">"Until then, accounts can take their secret from an environment variable, or from a passphrase file chosen on the command line."</p>
                            </div>
                        </div>
                    }
                })
        }}
        <Tabs label="Settings" tabs=TABS.to_vec() chosen on_choose=move |id: &'static str| place.set(&[("tab", Some(id.to_owned()))]) />
        <div role="tabpanel" class="settings__panel">
            {move || match chosen.get().as_str() {
                "thresholds" => view! { <thresholds::Thresholds form /> }.into_any(),
                "collection" => view! { <collection::Collection form /> }.into_any(),
                "data" => view! { <data::Data form /> }.into_any(),
                "decisions" => view! { <decisions::Decisions form /> }.into_any(),
                "about" => view! { <about::About form /> }.into_any(),
                _ => view! { <team::TeamForm form /> }.into_any(),
            }}
        </div>
        <SaveBar form />
    }
}

/// Appears as soon as something differs.
#[component]
fn SaveBar(form: Form) -> impl IntoView {
    let (workspace, toasts) = (use_workspace(), use_toasts());
    let differs = Memo::new(move |_| form.draft.with(|draft| form.saved.with(|saved| view::differs(draft, saved))));
    let save = move |_| {
        workspace.send(form.draft.get_untracked(), move |settings| {
            form.draft.set(view::editable(&settings));
            form.saved.set(settings);
            toasts.say("Saved. Numbers were assessed again.");
            workspace.load();
        });
    };
    let discard = move |_| form.draft.set(form.saved.with_untracked(view::editable));
    view! {
        <Show when=move || differs.get()>
            <div class="save-bar" role="region" aria-label="Unsaved changes">
                <span class="grow">"Unsaved changes"</span>
                <button class="button" data-testid="settings-discard" on:click=discard>"Discard"</button>
                <button class="button button--primary" data-testid="settings-save" on:click=save>"Save changes"</button>
            </div>
        </Show>
    }
}

/// A labelled row of a form: what it is on the left, the control on the right.
#[component]
pub fn Setting(
    #[prop(into)] label: String,
    /// What it changes.
    #[prop(into)]
    help: String,
    children: Children,
) -> impl IntoView {
    view! {
        <label class="setting">
            <span class="setting__text"><span>{label}</span><small>{help}</small></span>
            <span class="setting__control">{children()}</span>
        </label>
    }
}

/// A number field that keeps what was there while it holds no number in range.
#[component]
pub fn NumberField(
    #[prop(into)] value: Signal<f64>,
    low: f64,
    high: f64,
    #[prop(default = "")] unit: &'static str,
    #[prop(into)] on_change: Callback<f64>,
    #[prop(into)] testid: String,
) -> impl IntoView {
    let wrong = RwSignal::new(false);
    let typed = move |event: web_sys::Event| match view::within(&event_target_value(&event), low, high) {
        Some(value) => {
            wrong.set(false);
            on_change.run(value);
        }
        None => wrong.set(true),
    };
    view! {
        <span class="number">
            <input class="input num" inputmode="decimal" data-testid=testid aria-invalid=move || wrong.get().to_string()
                prop:value=move || crate::format::plain(value.get()) on:change=typed />
            {(!unit.is_empty()).then(|| view! { <span class="faint">{unit}</span> })}
        </span>
    }
}
