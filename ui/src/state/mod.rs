//! What the window remembers while it is open: the workspace, where the reader is, and what floats above the page.

pub mod optimistic;
pub mod overlay;
pub mod place;
pub mod shortcuts;
pub mod theme;
pub mod toasts;
pub mod wizard;
pub mod workspace;

pub use overlay::{Overlay, use_overlay};
pub use place::{Place, use_place};
pub use toasts::{Toasts, use_toasts};
pub use workspace::{Workspace, use_workspace};

use leptos::prelude::*;

/// Puts every piece of state where components find it. Call once, inside the router.
pub fn provide() {
    let toasts = Toasts::default();
    provide_context(toasts);
    provide_context(Workspace::new(toasts));
    provide_context(Place::of_router());
    provide_context(Overlay::default());
    provide_context(theme::Theme::stored());
    provide_context(wizard::Wizard::default());
}

/// A context that [`provide`] always provides; its absence is a programming error that the first start would show.
fn provided<T: Clone + 'static>() -> T {
    expect_context::<T>()
}
