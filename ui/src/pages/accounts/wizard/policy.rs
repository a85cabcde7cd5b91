//! Step 2: the least-privilege policy, generated from the calls that Loadline makes.

use super::Buttons;
use crate::components::CodeBlock;
use crate::state::wizard::use_wizard;
use leptos::prelude::*;
use loadline_wire::accounts::ProviderInfo;

/// The policy to copy.
#[component]
pub fn Policy(#[prop(into)] on_next: Callback<()>, #[prop(into)] on_back: Callback<()>) -> impl IntoView {
    let wizard = use_wizard();
    move || {
        wizard.provider.get().map(|provider| {
            let how = match provider.policy_language.as_str() {
                "sql" => "Run this once as an administrator. It creates a role that can read statistics and nothing else.",
                _ if !provider.documents.is_empty() => {
                    "Attach this to the user or role that Loadline uses. It lists exactly the calls Loadline makes, all of them to read."
                }
                _ => "This is all that Loadline needs.",
            };
            view! {
                <section class="wizard__body">
                    <p class="muted">{how}</p>
                    <Documents provider />
                    <p class="small faint">"Generated from the calls this version makes. Granting less is fine: what cannot be read is shown as not proven."</p>
                </section>
                <Buttons on_back on_next next="Continue" blocked=false />
            }
        })
    }
}

/// The policy in each format a tool takes, or the one text there is.
#[component]
fn Documents(provider: ProviderInfo) -> impl IntoView {
    if provider.documents.is_empty() {
        return view! { <CodeBlock text=provider.policy /> }.into_any();
    }
    let chosen = RwSignal::new(0usize);
    let segments = provider.documents.iter().enumerate().map(|(at, document)| {
        view! {
            <button class="segment" aria-pressed=move || (chosen.get() == at).to_string() data-testid=format!("policy-{}", document.format)
                on:click=move |_| chosen.set(at)>{document.title.clone()}</button>
        }
    });
    let segments = segments.collect_view();
    let documents = provider.documents.clone();
    let shown = move || {
        documents.get(chosen.get()).cloned().map(|document| {
            view! {
                <div class="policy" data-testid="policy-text"><CodeBlock text=document.text /></div>
                <p class="small muted">{document.note}</p>
            }
        })
    };
    view! {
        <div class="segments" role="group" aria-label="Format">{segments}</div>
        {shown}
    }
    .into_any()
}
