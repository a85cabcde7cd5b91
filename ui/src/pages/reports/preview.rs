//! The pages as they will be written, one at a time.

use super::{Form, view};
use crate::components::loaded::Ready;
use crate::components::skeleton::Skeleton;
use crate::components::{EmptyState, ErrorPanel, Icon};
use crate::ipc;
use leptos::prelude::*;
use leptos::task::spawn_local;
use loadline_wire::ApiError;
use loadline_wire::reports::{Preview as Ask, PreviewPage, ReportOptions};
use std::time::Duration;

/// How long choices rest before the preview is asked for.
const REST: Duration = Duration::from_millis(250);

/// The preview.
#[component]
pub fn Preview(form: Form, ready: Signal<Ready>) -> impl IntoView {
    let page = RwSignal::new(0u32);
    let shown = RwSignal::new(None::<Result<PreviewPage, ApiError>>);
    let loading = RwSignal::new(false);
    // Answers of older questions are dropped.
    let question = RwSignal::new(0u32);
    let ask = move |options: ReportOptions, wanted: u32| {
        let number = question.get_untracked().wrapping_add(1);
        question.set(number);
        loading.set(true);
        set_timeout(
            move || {
                if question.try_get_untracked() != Some(number) {
                    return;
                }
                spawn_local(async move {
                    let answer = ipc::call(&Ask { options, page: wanted }).await;
                    if question.try_get_untracked() == Some(number) {
                        loading.set(false);
                        shown.set(Some(answer));
                    }
                });
            },
            REST,
        );
    };
    let options = Memo::new(move |_| form.options.get());
    let assessed = Memo::new(move |_| ready.with(|r| r.assessment().snapshot.clone()));
    let again = RwSignal::new(0u32);
    Effect::new(move |before: Option<ReportOptions>| {
        let now = options.get();
        // Read, because a memo that is only tracked is never computed.
        assessed.with(|_| ());
        again.track();
        // Other contents have other pages: begin at the first.
        if before.is_some_and(|b| b != now) && page.get_untracked() != 0 {
            page.set(0);
        }
        let wanted = page.get();
        if view::has_pages(&now.format) && !now.sections.is_empty() {
            ask(now.clone(), wanted);
        }
        now
    });
    let pages = move || shown.with(|s| s.as_ref().and_then(|s| s.as_ref().ok()).map_or(0, |p| p.pages));
    let previewable = move || options.with(|o| view::has_pages(&o.format) && !o.sections.is_empty());
    view! {
        <section class="preview" aria-label="Preview" data-testid="preview">
            <header class="preview__head">
                <span class="small faint" aria-busy=move || loading.get().to_string()>{move || if loading.get() { "Typesetting…" } else { "" }}</span>
                <Show when=move || previewable() && (pages() > 1)>
                    <div class="row">
                        <button class="icon-button" aria-label="Page before" data-testid="page-before" disabled=move || page.get() == 0 on:click=move |_| page.update(|p| *p = p.saturating_sub(1))><Icon name="left" /></button>
                        <span class="num small">{move || format!("Page {} of {}", page.get() + 1, pages())}</span>
                        <button class="icon-button" aria-label="Next page" data-testid="page-next" disabled=move || { page.get() + 1 >= pages() } on:click=move |_| page.update(|p| *p += 1)><Icon name="right" /></button>
                    </div>
                </Show>
            </header>
            <div class="preview__desk" class:preview__desk--waiting=move || loading.get()>
                {move || {
                    if !previewable() {
                        return if options.with(|o| o.sections.is_empty()) {
                            view! { <EmptyState title="No section is chosen" why="A report needs at least one section." /> }.into_any()
                        } else {
                            view! { <EmptyState title="This format has no pages" why="Sheets, tables and bundles are written as files; choose PDF to look at pages." /> }.into_any()
                        };
                    }
                    match shown.get() {
                        None => view! { <div class="paper paper--blank"><Skeleton rows=14 /></div> }.into_any(),
                        Some(Ok(page)) => view! { <div class="paper" role="img" aria-label=format!("Page {} of {}", page.page + 1, page.pages) inner_html=page.svg></div> }.into_any(),
                        Some(Err(error)) => view! { <ErrorPanel error retry=move |()| again.update(|n| *n += 1) /> }.into_any(),
                    }
                }}
            </div>
        </section>
    }
}
