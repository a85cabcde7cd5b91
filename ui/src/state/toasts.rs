//! Short notices at the edge, with undo where a person decided something.

use leptos::prelude::*;
use loadline_wire::ApiError;
use std::time::Duration;

/// How long a notice stays; one that offers undo stays as long as a sentence needs to be read twice.
const STAYS: Duration = Duration::from_secs(8);

/// One notice.
#[derive(Clone, Debug, PartialEq)]
pub struct Toast {
    pub id: u32,
    pub text: String,
    /// It reports a failure.
    pub failed: bool,
    /// Decisions that undo takes back, newest first.
    pub undo: Vec<i64>,
}

/// The notices on show.
#[derive(Clone, Copy, Default)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    next: RwSignal<u32>,
}

impl Toasts {
    /// The notices, reactive.
    pub fn get(self) -> Vec<Toast> {
        self.shown.get()
    }

    /// Says that something was done.
    pub fn say(self, text: impl Into<String>) {
        self.push(text.into(), false, Vec::new());
    }

    /// Says what was decided and offers to take it back.
    pub fn decided(self, text: impl Into<String>, undo: Vec<i64>) {
        self.push(text.into(), false, undo);
    }

    /// Says what went wrong.
    pub fn failed(self, error: &ApiError) {
        self.push(format!("{} ({})", error.message, error.code.0), true, Vec::new());
    }

    /// Takes a notice away.
    pub fn dismiss(self, id: u32) {
        self.shown.update(|shown| shown.retain(|toast| toast.id != id));
    }

    fn push(self, text: String, failed: bool, undo: Vec<i64>) {
        let id = self.next.get_untracked();
        self.next.set(id.wrapping_add(1));
        self.shown.update(|shown| {
            // Three fit beside the content; the oldest gives way.
            let surplus = (shown.len() + 1).saturating_sub(3);
            shown.drain(..surplus);
            shown.push(Toast { id, text, failed, undo });
        });
        set_timeout(move || self.dismiss(id), STAYS);
    }
}

/// The notices of this window.
pub fn use_toasts() -> Toasts {
    super::provided()
}
