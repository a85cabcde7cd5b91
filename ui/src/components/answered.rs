//! What a page asks for itself because it is too large for the assessment: asked when it opens, and again when another
//! snapshot or other thresholds are on show. What is on show stays until the next answer, so that selection survives.

use super::ErrorPanel;
use super::loaded::Ready;
use super::skeleton::Skeleton;
use crate::ipc;
use leptos::prelude::*;
use leptos::task::spawn_local;
use loadline_wire::{ApiError, Command};
use std::sync::Arc;

/// A question and its newest answer.
pub struct Asked<T: Send + Sync + 'static> {
    answer: RwSignal<Option<Result<(), ApiError>>>,
    found: RwSignal<Arc<T>>,
    again: RwSignal<u32>,
}

impl<T: Send + Sync + 'static> Clone for Asked<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Asked<T> {}

/// Asks, and asks again when the request, the snapshot or the thresholds change. `prepare` makes of an answer what the page
/// needs.
pub fn ask<C, T>(ready: Signal<Ready>, request: Signal<C>, prepare: fn(C::Reply) -> T) -> Asked<T>
where
    C: Command + Clone + Send + Sync + 'static,
    T: Default + Send + Sync + 'static,
{
    let answer = RwSignal::new(None::<Result<(), ApiError>>);
    let found = RwSignal::new(Arc::new(T::default()));
    let asked = RwSignal::new(0u32);
    let again = RwSignal::new(0u32);
    let subject = Memo::new(move |_| ready.with(|r| (r.assessment().snapshot.clone(), r.assessment().policy.clone())));
    Effect::new(move |_| {
        // A memo that is tracked and never read is never computed, and so never follows anything.
        subject.with(|_| ());
        again.track();
        let request = request.get();
        // Answers of older questions are dropped.
        let number = asked.get_untracked().wrapping_add(1);
        asked.set(number);
        spawn_local(async move {
            let said = ipc::call(&request).await;
            if asked.try_get_untracked() != Some(number) {
                return;
            }
            match said {
                Ok(reply) => {
                    found.set(Arc::new(prepare(reply)));
                    answer.set(Some(Ok(())));
                }
                Err(error) => answer.set(Some(Err(error))),
            }
        });
    });
    Asked { answer, found, again }
}

impl<T: Send + Sync + 'static> Asked<T> {
    /// The newest answer, reactive; the default before the first.
    pub fn get(self) -> Arc<T> {
        self.found.get()
    }

    /// True once it was answered, and as long as the newest answer was no error; reactive.
    pub fn is_answered(self) -> bool {
        self.answer.with(|a| matches!(a, Some(Ok(()))))
    }

    /// Shows `view` with the newest answer, a skeleton of so many rows before the first, or why there is none.
    pub fn show<V: IntoView + 'static>(
        self,
        rows: usize,
        view: impl Fn(Signal<Arc<T>>) -> V + Copy + Send + Sync + 'static,
    ) -> impl IntoView {
        let Self { answer, found, again } = self;
        let stage = Memo::new(move |_| answer.with(|a| a.as_ref().map(Result::is_ok)));
        move || match stage.get() {
            None => view! { <Skeleton rows /> }.into_any(),
            Some(true) => view(found.into()).into_any(),
            Some(false) => match answer.get() {
                Some(Err(error)) => view! { <ErrorPanel error retry=move |()| again.update(|n| *n += 1) /> }.into_any(),
                _ => ().into_any(),
            },
        }
    }
}

/// Asks one thing and shows `view` with the newest answer.
pub fn answered<C, T, V>(
    ready: Signal<Ready>,
    request: C,
    prepare: fn(C::Reply) -> T,
    view: impl Fn(Signal<Arc<T>>) -> V + Copy + Send + Sync + 'static,
) -> impl IntoView
where
    C: Command + Clone + Send + Sync + 'static,
    T: Default + Send + Sync + 'static,
    V: IntoView + 'static,
{
    ask(ready, Signal::stored(request), prepare).show(8, view)
}
