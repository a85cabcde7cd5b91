//! Accounts: what is connected, how well it can be read, and what that costs. Connecting a new one is a wizard over this page.

mod card;
mod confirm;
mod field;
mod names;
mod settings;
pub mod view;
mod wizard;

use crate::components::skeleton::Skeleton;
use crate::components::{EmptyState, ErrorPanel};
use crate::state::{use_place, use_workspace};
use confirm::{Confirm, Question};
use leptos::prelude::*;
use loadline_model::AccountId;

/// The page.
#[component]
pub fn Page() -> impl IntoView {
    let (place, workspace) = (use_place(), use_workspace());
    let step = Memo::new(move |_| place.get("connect"));
    let loaded = Memo::new(move |_| workspace.get().is_some());
    let named = Memo::new(move |_| place.get("names"));
    let set = Memo::new(move |_| place.get("settings"));
    move || {
        if step.with(Option::is_some) {
            return view! { <wizard::Wizard step=Signal::derive(move || step.get().unwrap_or_default()) /> }.into_any();
        }
        if let Some(account) = named.get().filter(|_| loaded.get()) {
            return view! { <names::Names account=account.into() /> }.into_any();
        }
        if let Some(account) = set.get().filter(|_| loaded.get()) {
            return view! { <settings::Settings account=account.into() /> }.into_any();
        }
        match (workspace.get().is_some(), workspace.error()) {
            (true, _) => view! { <Cards /> }.into_any(),
            (false, Some(error)) => {
                view! { <div class="page"><ErrorPanel error retry=move |()| workspace.load() /></div> }.into_any()
            }
            (false, None) => view! { <div class="page"><Skeleton rows=6 /></div> }.into_any(),
        }
    }
}

/// What people call an account.
fn called(account: &AccountId) -> String {
    let state = untrack(|| use_workspace().get());
    let card = state.as_ref().and_then(|s| s.accounts.iter().find(|c| c.account.id == *account));
    card.map_or_else(|| account.to_string(), |c| c.account.name.clone())
}

#[component]
fn Cards() -> impl IntoView {
    let (place, workspace) = (use_place(), use_workspace());
    let question = RwSignal::new(None::<Question>);
    let connect = move |_| place.set(&[("connect", Some("choose".into()))]);
    let demo = move || workspace.get().is_some_and(|s| s.demo);
    let cards = move || {
        let state = workspace.get()?;
        if state.accounts.is_empty() {
            return Some(
                view! {
                    <EmptyState title="No account is connected" why="Loadline judges only what it can read. Start with the database that would hurt most.">
                        <button class="button button--primary" data-testid="connect-account" on:click=connect>"Connect an account"</button>
                    </EmptyState>
                }
                .into_any(),
            );
        }
        let cards = state
            .accounts
            .iter()
            .cloned()
            .map(|card| view! { <card::Card card demo=state.demo question /> })
            .collect_view();
        Some(view! { <ul class="accounts">{cards}</ul> }.into_any())
    };
    view! {
        <div class="page">
            <header class="page__head">
                <div>
                    <h1>"Accounts"</h1>
                    <p>{move || workspace.get().map(|state| view::summary(&state.accounts))}</p>
                </div>
                <div class="page__actions">
                    <Show when=move || !demo() && workspace.get().is_some_and(|s| !s.accounts.is_empty())>
                        <button class="button button--primary" data-testid="connect-account" on:click=connect>"Connect an account"</button>
                    </Show>
                </div>
            </header>
            {cards}
        </div>
        {move || question.get().map(|asked| view! { <Confirm asked on_close=move |()| question.set(None) /> })}
    }
}
