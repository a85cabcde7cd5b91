//! The open workspace: loaded once, replaced by the answer of every command that changes it.

use super::{Toasts, optimistic};
use crate::ipc;
use leptos::prelude::*;
use leptos::task::spawn_local;
use loadline_model::{Assessment, Choice, SnapshotId};
use loadline_wire::accounts::{CollectCancel, CollectProgress, CollectStart, CollectStatus};
use loadline_wire::decisions::{Decide, Undo};
use loadline_wire::workspace::{Load, OpenDemo, OpenOwn, ViewAsOf, WorkspaceState};
use loadline_wire::{ApiError, Command};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// How often a running collection is asked about.
const POLL: Duration = Duration::from_millis(400);

/// The workspace of this window.
#[derive(Clone, Copy)]
pub struct Workspace {
    state: RwSignal<Option<Arc<WorkspaceState>>>,
    error: RwSignal<Option<ApiError>>,
    progress: RwSignal<Option<CollectProgress>>,
    polling: RwSignal<bool>,
    toasts: Toasts,
}

impl Workspace {
    /// An unloaded workspace; [`Workspace::load`] asks for it.
    pub fn new(toasts: Toasts) -> Self {
        Self {
            state: RwSignal::new(None),
            error: RwSignal::new(None),
            progress: RwSignal::new(None),
            polling: RwSignal::new(false),
            toasts,
        }
    }

    /// The state, reactive; `None` while it loads for the first time.
    pub fn get(self) -> Option<Arc<WorkspaceState>> {
        self.state.get()
    }
    /// The state without tracking, for handlers.
    pub fn now(self) -> Option<Arc<WorkspaceState>> {
        self.state.get_untracked()
    }
    /// Reads the assessment on show, reactive.
    pub fn with_assessment<T>(self, read: impl FnOnce(&Assessment) -> T) -> Option<T> {
        self.state.with(|state| state.as_ref().and_then(|s| s.assessment.as_ref()).map(read))
    }
    /// Why it could not be loaded, reactive.
    pub fn error(self) -> Option<ApiError> {
        self.error.get()
    }
    /// A running or just ended collection, reactive.
    pub fn progress(self) -> Option<CollectProgress> {
        self.progress.get()
    }
    /// True while one runs, reactive.
    pub fn collecting(self) -> bool {
        self.progress.with(|p| p.as_ref().is_some_and(|p| p.running))
    }

    /// Loads, or loads again after an error.
    pub fn load(self) {
        self.error.set(None);
        self.replace(async { ipc::call(&Load {}).await });
    }
    /// Opens the embedded demo.
    pub fn open_demo(self) {
        self.replace(async { ipc::call(&OpenDemo {}).await });
    }
    /// Opens the reader's own workspace.
    pub fn open_own(self) {
        self.replace(async { ipc::call(&OpenOwn {}).await });
    }
    /// Shows an earlier snapshot; `None`: the newest.
    pub fn view_as_of(self, snapshot: Option<SnapshotId>) {
        self.replace(async move { ipc::call(&ViewAsOf { snapshot }).await });
    }

    /// Takes the answer of a command that returns the workspace.
    pub fn accept_state(self, state: WorkspaceState) {
        let running = state.collecting.as_ref().is_some_and(|c| c.running);
        if running {
            self.progress.set(state.collecting.clone());
        }
        self.state.set(Some(Arc::new(state)));
        if running {
            self.poll();
        }
    }

    /// Sends a command that returns the workspace; an error of the first load is shown on the page, later ones as notices.
    fn replace(self, answer: impl Future<Output = Result<WorkspaceState, ApiError>> + 'static) {
        spawn_local(async move {
            match answer.await {
                Ok(state) => {
                    self.error.set(None);
                    self.accept_state(state);
                }
                Err(error) if self.state.with_untracked(Option::is_none) => self.error.set(Some(error)),
                Err(error) => self.toasts.failed(&error),
            }
        });
    }

    /// Sends a command of another shape; a failure becomes a notice.
    pub fn send<C: Command + 'static>(self, request: C, then: impl FnOnce(C::Reply) + 'static) {
        spawn_local(async move {
            match ipc::call(&request).await {
                Ok(reply) => then(reply),
                Err(error) => self.toasts.failed(&error),
            }
        });
    }

    /// Decides one or several things as one step: shown at once, one notice, one undo.
    pub fn decide(self, choices: Vec<Choice>) {
        let before = self.now();
        if let Some(state) = &before {
            let mut shown = (**state).clone();
            choices.iter().for_each(|choice| optimistic::apply(&mut shown, choice));
            self.state.set(Some(Arc::new(shown)));
        }
        spawn_local(async move {
            let total = choices.len();
            let (mut undo, mut sentence, mut newest) = (Vec::new(), String::new(), None);
            for choice in choices {
                match ipc::call(&Decide { choice }).await {
                    Ok(decided) => {
                        undo.insert(0, decided.number);
                        sentence = decided.sentence;
                        newest = Some(decided.state);
                    }
                    Err(error) => {
                        self.toasts.failed(&error);
                        break;
                    }
                }
            }
            match newest {
                Some(state) => self.accept_state(state),
                None => self.state.set(before),
            }
            match (undo.len(), total) {
                (0, _) => {}
                (1, 1) => self.toasts.decided(sentence, undo),
                (done, total) if done == total => self.toasts.decided(format!("{done} decisions made."), undo),
                (done, total) => self.toasts.decided(format!("{done} of {total} decisions made."), undo),
            }
        });
    }

    /// Takes decisions back, newest first.
    pub fn undo(self, numbers: Vec<i64>) {
        spawn_local(async move {
            for number in numbers {
                match ipc::call(&Undo { number }).await {
                    Ok(decided) => {
                        self.accept_state(decided.state);
                        self.toasts.say(decided.sentence);
                    }
                    Err(error) => return self.toasts.failed(&error),
                }
            }
        });
    }

    /// Takes the newest decision back; says so when there is none.
    pub fn undo_newest(self) {
        match self.now().and_then(|state| state.undoable) {
            Some(number) => self.undo(vec![number]),
            None => self.toasts.say("There is no decision to undo."),
        }
    }

    /// Begins a collection and follows it.
    pub fn collect(self, start: CollectStart) {
        self.send(start, move |progress| {
            self.progress.set(Some(progress));
            self.poll();
        });
    }

    /// Cancels it; what was read is kept. That it ended is told by [`Workspace::poll`] alone.
    pub fn cancel_collect(self) {
        self.send(CollectCancel {}, move |_| self.poll());
    }

    /// Forgets an ended collection.
    pub fn dismiss_progress(self) {
        self.progress.set(None);
    }

    fn poll(self) {
        if self.polling.get_untracked() {
            return;
        }
        self.polling.set(true);
        self.poll_once();
    }

    fn poll_once(self) {
        spawn_local(async move {
            match ipc::call(&CollectStatus {}).await {
                Ok(progress) if progress.running => {
                    self.progress.set(Some(progress));
                    set_timeout(move || self.poll_once(), POLL);
                }
                Ok(progress) => {
                    // What it changed is shown in the same moment, so that nothing moves under the reader's pointer.
                    let state = ipc::call(&Load {}).await;
                    self.polling.set(false);
                    self.ended(progress);
                    match state {
                        Ok(state) => self.accept_state(state),
                        Err(error) => self.toasts.failed(&error),
                    }
                }
                Err(error) => {
                    self.polling.set(false);
                    self.progress.set(None);
                    self.toasts.failed(&error);
                }
            }
        });
    }

    fn ended(self, progress: CollectProgress) {
        match (progress.phase.as_str(), &progress.error) {
            (_, Some(error)) => self.toasts.failed(&ApiError::new("collection_failed", error.clone())),
            ("cancelled", None) => self.toasts.say("Collection cancelled. What was read is kept."),
            _ => self.toasts.say("Collected and assessed."),
        }
        self.progress.set(Some(progress));
    }
}

/// The workspace of this window.
pub fn use_workspace() -> Workspace {
    super::provided()
}
