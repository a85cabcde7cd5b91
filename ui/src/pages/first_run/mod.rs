//! Before the first assessment: one click to the demo, or the first account.

use crate::components::icon::BrandMark;
use crate::state::{use_place, use_workspace};
use leptos::prelude::*;
use loadline_wire::accounts::CollectStart;

/// The first page.
#[component]
pub fn FirstRun() -> impl IntoView {
    let (workspace, place) = (use_workspace(), use_place());
    let connected = move || {
        workspace.get().map_or(0, |s| s.accounts.iter().filter(|c| c.account.disconnected_at.is_none()).count())
    };
    let questions = [
        "What is one failure away from taking us down?",
        "What breaks first when we grow 5x, and when?",
        "What should we do with the 20 % of time we keep for this?",
    ];
    view! {
        <div class="first-run" data-testid="first-run">
            <div class="first-run__text">
                <BrandMark />
                <h1>"How deep may your backend be laden?"</h1>
                <p class="muted">
                    "Loadline reads the accounts you already have, read-only, and answers with evidence. Nothing leaves this computer."
                </p>
                <ul>{questions.map(|question| view! { <li>{question}</li> }).collect_view()}</ul>
                <div class="row wrap">
                    <button class="button button--primary button--large" data-testid="open-demo" on:click=move |_| workspace.open_demo()>
                        "Open the demo"
                    </button>
                    {move || {
                        if connected() > 0 {
                            view! {
                                <button class="button button--large" data-testid="first-collect" disabled=move || workspace.collecting()
                                    on:click=move |_| workspace.collect(CollectStart::default())>
                                    {format!("Collect {}", crate::format::count(connected(), "account", "accounts"))}
                                </button>
                            }
                            .into_any()
                        } else {
                            view! {
                                <button class="button button--large" data-testid="connect-account"
                                    on:click=move |_| place.go("/accounts?connect=choose")>
                                    "Connect an account"
                                </button>
                            }
                            .into_any()
                        }
                    }}
                </div>
                <p class="small faint">"The demo is an example company. It needs no account and can be left at any time."</p>
            </div>
            <Hull />
        </div>
    }
}

/// The idea in one drawing.
#[component]
fn Hull() -> impl IntoView {
    view! {
        <svg class="first-run__hull" viewBox="0 0 420 420" fill="none" aria-hidden="true">
            <path d="M40 90h340l-18 196c-4 44-36 74-80 74H138c-44 0-76-30-80-74z" class="first-run__body" />
            <path d="M0 262c26 0 26-9 52-9s26 9 52 9 26-9 53-9 26 9 53 9 26-9 52-9 26 9 53 9 26-9 52-9 26 9 53 9v158H0z" class="first-run__water" />
            <path d="M0 262c26 0 26-9 52-9s26 9 52 9 26-9 53-9 26 9 53 9 26-9 52-9 26 9 53 9 26-9 52-9 26 9 53 9" class="first-run__surface" />
            <circle cx="210" cy="196" r="42" class="first-run__ring" />
            <path d="M128 196h164" class="first-run__ring" />
            <path d="M306 130h22M306 168h22M306 219h22" class="first-run__scale" />
            <g class="first-run__words">
                <text x="334" y="135">"10x"</text>
                <text x="334" y="173">"5x"</text>
                <text x="334" y="224">"2x"</text>
            </g>
        </svg>
    }
}
