//! The window as a whole: frame around the page, and what floats above it.

use crate::components::evidence::EvidenceDrawer;
use crate::components::evidence::accept::AcceptDialog;
use crate::components::palette::Palette;
use crate::components::shortcut_sheet::ShortcutSheet;
use crate::components::toast::ToastStack;
use crate::frame::{Bands, Rail, TopBar, rail_state};
use crate::pages::CurrentPage;
use crate::state::overlay::Shown;
use crate::state::{self, use_overlay, use_workspace};
use leptos::prelude::*;
use leptos_router::components::Router;

/// The application.
#[component]
pub fn App() -> impl IntoView {
    view! {
        <Router>
            <Window />
        </Router>
    }
}

#[component]
fn Window() -> impl IntoView {
    state::provide();
    let rail = rail_state();
    state::shortcuts::listen(move || rail.toggle());
    use_workspace().load();
    view! {
        <div class="frame" data-rail=move || if rail.collapsed() { "collapsed" } else { "wide" }>
            <a class="button skip" href="#content">"Skip to content"</a>
            <Rail state=rail />
            <div class="main">
                <TopBar />
                <Bands />
                <main id="content" tabindex="-1" class="content">
                    <CurrentPage />
                </main>
                <EvidenceDrawer />
            </div>
        </div>
        <Floating />
        <ToastStack />
    }
}

#[component]
fn Floating() -> impl IntoView {
    let overlay = use_overlay();
    move || {
        overlay.get().map(|shown| match shown {
            Shown::Palette => view! { <Palette /> }.into_any(),
            Shown::Shortcuts => view! { <ShortcutSheet /> }.into_any(),
            Shown::Accept(fingerprints) => view! { <AcceptDialog fingerprints /> }.into_any(),
        })
    }
}
