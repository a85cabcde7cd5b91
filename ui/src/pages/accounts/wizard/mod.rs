//! Connecting an account in four steps: choose, policy, credentials and test, scope and cost. Steps live in the route; what
//! was typed lives in [`crate::state::wizard`], so back loses nothing.

mod choose;
mod credentials;
mod policy;
mod scope;

use crate::components::Icon;
use crate::state::use_place;
use crate::state::wizard::use_wizard;
use leptos::prelude::*;

/// The steps: route value and title.
const STEPS: [(&str, &str); 4] = [
    ("choose", "Choose"),
    ("policy", "Grant read access"),
    ("credentials", "Credentials"),
    ("scope", "Scope and cost"),
];

/// The wizard at a step.
#[component]
pub fn Wizard(#[prop(into)] step: Signal<String>) -> impl IntoView {
    let (place, wizard) = (use_place(), use_wizard());
    // A step without a provider (after a reload) begins at the first.
    let at = Memo::new(move |_| {
        let wanted = step.with(|step| STEPS.iter().position(|(id, _)| id == step)).unwrap_or(0);
        if wizard.provider.with(Option::is_none) { 0 } else { wanted }
    });
    let go = move |to: usize| {
        if let Some((id, _)) = STEPS.get(to) {
            place.set(&[("connect", Some((*id).to_owned()))]);
        }
    };
    let close = move |_| place.set(&[("connect", None)]);
    view! {
        <div class="page wizard" data-testid="wizard">
            <header class="page__head">
                <div>
                    <h1>{move || wizard.provider.get().map_or_else(|| "Connect an account".into(), |p| format!("Connect {}", p.name))}</h1>
                    <p>"Read-only. The secret goes into your keychain and nowhere else."</p>
                </div>
                <button class="icon-button" aria-label="Close" title="Close; what you typed is kept" data-testid="wizard-close" on:click=close>
                    <Icon name="close" />
                </button>
            </header>
            <ol class="wizard__steps" aria-label="Steps">
                {STEPS
                    .iter()
                    .enumerate()
                    .map(|(index, (_, title))| {
                        let current = move || at.get() == index;
                        view! {
                            <li class="wizard__step" class:wizard__step--done=move || { index < at.get() } aria-current=move || current().then_some("step")>
                                <button disabled=move || { index >= at.get() } on:click=move |_| go(index)>
                                    <span class="wizard__number num">{index + 1}</span>
                                    {*title}
                                </button>
                            </li>
                        }
                    })
                    .collect_view()}
            </ol>
            {move || match at.get() {
                0 => view! { <choose::Choose on_next=move |()| go(1) /> }.into_any(),
                1 => view! { <policy::Policy on_next=move |()| go(2) on_back=move |()| go(0) /> }.into_any(),
                2 => view! { <credentials::Credentials on_next=move |()| go(3) on_back=move |()| go(1) /> }.into_any(),
                _ => view! { <scope::Scope on_back=move |()| go(2) /> }.into_any(),
            }}
        </div>
    }
}

/// Back and next, alike in every step.
#[component]
fn Buttons(
    #[prop(into)] on_back: Callback<()>,
    #[prop(into)] on_next: Callback<()>,
    /// What next says.
    #[prop(into)]
    next: Signal<String>,
    /// Next cannot be taken yet.
    #[prop(into)]
    blocked: Signal<bool>,
) -> impl IntoView {
    view! {
        <footer class="wizard__foot">
            <button class="button" data-testid="wizard-back" on:click=move |_| on_back.run(())>"Back"</button>
            <button class="button button--primary" data-testid="wizard-next" disabled=blocked on:click=move |_| on_next.run(())>{next}</button>
        </footer>
    }
}
