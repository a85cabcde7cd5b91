//! The top bar: which workspace, as of when, and the way to everything else.

use super::as_of::AsOf;
use super::collect::Collect;
use crate::components::Icon;
use crate::state::overlay::Shown;
use crate::state::shortcuts::modifier;
use crate::state::{use_overlay, use_workspace};
use leptos::prelude::*;

/// The bar.
#[component]
pub fn TopBar() -> impl IntoView {
    let (workspace, overlay) = (use_workspace(), use_overlay());
    let name = move || workspace.get().map_or_else(|| "Loadline".into(), |state| state.name.clone());
    let demo = move || workspace.get().is_some_and(|state| state.demo);
    view! {
        <header class="top">
            <span class="top__name truncate" data-testid="workspace-name">{name}</span>
            <Show when=demo>
                <span class="top__demo" data-testid="demo-badge" title="An example workspace. Nothing in it is yours.">"DEMO"</span>
            </Show>
            <AsOf />
            <span class="grow"></span>
            <Collect />
            <button class="top__search" data-testid="search" aria-label="Search and commands" on:click=move |_| overlay.open(Shown::Palette)>
                <Icon name="search" />
                <span>"Search"</span>
                <kbd>{format!("{} K", modifier())}</kbd>
            </button>
        </header>
    }
}
