//! What floats above the page: at most one of these at a time (the evidence drawer lives in the route instead).

use leptos::prelude::*;
use loadline_model::Fingerprint;

/// A dialog over everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The command palette.
    Palette,
    /// The sheet of keyboard shortcuts.
    Shortcuts,
    /// Accepting the risk of one or several findings.
    Accept(Vec<Fingerprint>),
}

/// The dialog on show.
#[derive(Clone, Copy, Default)]
pub struct Overlay(RwSignal<Option<Shown>>);

impl Overlay {
    /// The dialog, reactive.
    pub fn get(self) -> Option<Shown> {
        self.0.get()
    }
    /// True while one is open; not reactive, for key handlers.
    pub fn is_open(self) -> bool {
        self.0.with_untracked(Option::is_some)
    }
    /// True while exactly this one is open; not reactive.
    pub fn shows(self, shown: &Shown) -> bool {
        self.0.with_untracked(|open| open.as_ref() == Some(shown))
    }
    /// Opens one, closing the other.
    pub fn open(self, shown: Shown) {
        self.0.set(Some(shown));
    }
    /// Closes it.
    pub fn close(self) {
        self.0.set(None);
    }
}

/// The overlay of this window.
pub fn use_overlay() -> Overlay {
    super::provided()
}
