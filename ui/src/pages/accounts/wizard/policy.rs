//! Step 2: the least-privilege policy, generated from the calls that Loadline makes.

use super::Buttons;
use crate::components::CodeBlock;
use crate::state::wizard::use_wizard;
use leptos::prelude::*;

/// The policy to copy.
#[component]
pub fn Policy(#[prop(into)] on_next: Callback<()>, #[prop(into)] on_back: Callback<()>) -> impl IntoView {
    let wizard = use_wizard();
    move || {
        wizard.provider.get().map(|provider| {
            let how = match provider.policy_language.as_str() {
                "sql" => "Run this once as an administrator. It creates a role that can read statistics and nothing else.",
                "json" => "Attach this policy to the role that Loadline uses. It lists exactly the calls Loadline makes.",
                _ => "This is all that Loadline needs.",
            };
            view! {
                <section class="wizard__body">
                    <p class="muted">{how}</p>
                    <CodeBlock text=provider.policy />
                    <p class="small faint">"Generated from the calls this version makes. Granting less is fine: what cannot be read is shown as not proven."</p>
                </section>
                <Buttons on_back on_next next="Continue" blocked=false />
            }
        })
    }
}
