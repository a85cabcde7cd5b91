//! Versions, licences and the way to the keyboard sheet.

use super::Form;
use crate::components::ErrorPanel;
use crate::components::icon::BrandMark;
use crate::components::skeleton::Skeleton;
use crate::ipc;
use crate::state::overlay::Shown;
use crate::state::use_overlay;
use leptos::prelude::*;
use loadline_wire::settings::Licences;

/// The section.
#[component]
pub fn About(form: Form) -> impl IntoView {
    let overlay = use_overlay();
    let licences = LocalResource::new(|| async { ipc::call(&Licences {}).await });
    view! {
        <section class="settings__section about">
            <BrandMark />
            <div class="stack">
                <h2>"Loadline"</h2>
                <p class="muted">{move || form.saved.with(|s| format!("Version {}", s.version))}</p>
                <p class="muted">"Licensed under MIT or Apache-2.0, as you prefer."</p>
                <button class="text-link" data-testid="open-shortcuts" on:click=move |_| overlay.open(Shown::Shortcuts)>"Keyboard shortcuts"</button>
            </div>
        </section>
        <section class="settings__section">
            <h2>"Made with"</h2>
            {move || match licences.get() {
                None => view! { <Skeleton rows=5 /> }.into_any(),
                Some(Err(error)) => view! { <ErrorPanel error retry=move |()| licences.refetch() /> }.into_any(),
                Some(Ok(list)) => view! {
                    <ul class="licences" data-testid="licences">
                        {list
                            .into_iter()
                            .map(|notice| view! {
                                <li><span class="grow">{notice.name}</span><span class="faint num">{notice.version}</span><span class="muted">{notice.licence}</span></li>
                            })
                            .collect_view()}
                    </ul>
                }.into_any(),
            }}
        </section>
    }
}
