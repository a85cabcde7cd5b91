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

/// Asks and shows `view` with the newest answer, after `prepare` has made of it what the page needs.
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
    let answer = RwSignal::new(None::<Result<(), ApiError>>);
    let found = RwSignal::new(Arc::new(T::default()));
    let asked = RwSignal::new(0u32);
    let again = RwSignal::new(0u32);
    let subject = Memo::new(move |_| ready.with(|r| (r.assessment().snapshot.clone(), r.assessment().policy.clone())));
    Effect::new(move |_| {
        subject.track();
        again.track();
        // Answers of older questions are dropped.
        let number = asked.get_untracked().wrapping_add(1);
        asked.set(number);
        let request = request.clone();
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
    let stage = Memo::new(move |_| answer.with(|a| a.as_ref().map(Result::is_ok)));
    move || match stage.get() {
        None => view! { <Skeleton rows=8 /> }.into_any(),
        Some(true) => view(found.into()).into_any(),
        Some(false) => match answer.get() {
            Some(Err(error)) => view! { <ErrorPanel error retry=move |()| again.update(|n| *n += 1) /> }.into_any(),
            _ => ().into_any(),
        },
    }
}
