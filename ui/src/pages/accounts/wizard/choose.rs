//! Step 1: which provider.

use crate::components::ErrorPanel;
use crate::components::skeleton::Skeleton;
use crate::ipc;
use crate::state::wizard::use_wizard;
use leptos::prelude::*;
use loadline_wire::accounts::{ProviderInfo, Providers};

/// The providers.
#[component]
pub fn Choose(#[prop(into)] on_next: Callback<()>) -> impl IntoView {
    let wizard = use_wizard();
    let providers = LocalResource::new(|| async { ipc::call(&Providers {}).await });
    let card = move |provider: ProviderInfo| {
        let chosen = {
            let id = provider.id.clone();
            move || wizard.provider.with(|p| p.as_ref().is_some_and(|p| p.id == id))
        };
        let (name, summary, id) = (provider.name.clone(), provider.summary.clone(), provider.id.clone());
        let choose = move |_| {
            wizard.choose(provider.clone());
            on_next.run(());
        };
        view! {
            <li>
                <button class="provider" class:provider--chosen=chosen data-testid=format!("provider-{id}") on:click=choose>
                    <strong>{name}</strong>
                    <span class="muted small">{summary}</span>
                </button>
            </li>
        }
    };
    move || match providers.get() {
        None => view! { <Skeleton rows=4 /> }.into_any(),
        Some(Err(error)) => view! { <ErrorPanel error retry=move |()| providers.refetch() /> }.into_any(),
        Some(Ok(list)) => view! { <ul class="providers">{list.into_iter().map(card).collect_view()}</ul> }.into_any(),
    }
}
