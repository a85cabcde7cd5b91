//! Reports: choose, look at the very pages, write.

mod preview;
pub mod view;

use crate::components::loaded::Ready;
use crate::components::{ErrorPanel, Icon, Loaded};
use crate::ipc;
use crate::state::use_toasts;
use leptos::prelude::*;
use leptos::task::spawn_local;
use loadline_wire::ApiError;
use loadline_wire::reports::{Export, Exported, ReportOptions, SECTIONS};

/// What the parts of the page share.
#[derive(Clone, Copy)]
pub struct Form {
    pub options: RwSignal<ReportOptions>,
    path: RwSignal<String>,
    writing: RwSignal<bool>,
    result: RwSignal<Option<Result<Exported, ApiError>>>,
}

/// The page.
#[component]
pub fn Page() -> impl IntoView {
    view! { <Loaded view=|ready| view! { <Reports ready /> } /> }
}

#[component]
fn Reports(ready: Signal<Ready>) -> impl IntoView {
    let company = ready.with_untracked(|r| r.assessment().workspace.clone());
    let form = Form {
        options: RwSignal::new(ReportOptions { company, ..ReportOptions::default() }),
        path: RwSignal::new(String::new()),
        writing: RwSignal::new(false),
        result: RwSignal::new(None),
    };
    view! {
        <div class="page page--fill">
            <header class="page__head">
                <div><h1>"Reports"</h1><p>"The preview shows the very pages that are written. Nothing leaves this computer."</p></div>
            </header>
            <div class="reports">
                <form class="reports__form" on:submit=|event| event.prevent_default()>
                    <Formats form />
                    <Sections form />
                    <Options form />
                    <Write form />
                </form>
                <preview::Preview form ready />
            </div>
        </div>
    }
}

#[component]
fn Formats(form: Form) -> impl IntoView {
    let choose = move |format: &'static str| {
        form.result.set(None);
        form.options.update(|o| o.format = format.to_owned());
    };
    view! {
        <fieldset class="field" data-testid="report-format">
            <legend>"Format"</legend>
            <div class="formats">
                {view::FORMATS.map(|(code, name, _)| {
                    let is = move || form.options.with(|o| o.format == code);
                    view! {
                        <label class="format" class:format--chosen=is>
                            <input type="radio" name="format" value=code prop:checked=is data-testid=format!("format-{code}") on:change=move |_| choose(code) />
                            {name}
                        </label>
                    }
                }).collect_view()}
            </div>
            <small>{move || form.options.with(|o| view::purpose(&o.format))}</small>
        </fieldset>
    }
}

#[component]
fn Sections(form: Form) -> impl IntoView {
    view! {
        <fieldset class="field">
            <legend>"Sections"</legend>
            <div class="sections">
                {SECTIONS.iter().map(|(id, name)| {
                    let is = move || form.options.with(|o| o.sections.iter().any(|s| s == id));
                    view! {
                        <label class="section-choice">
                            <input type="checkbox" prop:checked=is data-testid=format!("section-{id}")
                                on:change=move |_| form.options.update(|o| o.sections = view::toggled(o, id)) />
                            {*name}
                        </label>
                    }
                }).collect_view()}
            </div>
        </fieldset>
    }
}

#[component]
fn Options(form: Form) -> impl IntoView {
    view! {
        <label class="field">
            <span>"Company on the title page"</span>
            <input class="input" prop:value=move || form.options.with(|o| o.company.clone()) data-testid="report-company"
                on:change=move |event| form.options.update(|o| o.company = event_target_value(&event)) />
        </label>
        <fieldset class="field">
            <legend>"Names"</legend>
            <label class="section-choice">
                <input type="checkbox" prop:checked=move || form.options.with(|o| o.with_names && !o.redact) disabled=move || form.options.with(|o| o.redact) data-testid="report-names"
                    on:change=move |event| form.options.update(|o| o.with_names = event_target_checked(&event)) />
                "Names of persons"
            </label>
            <small>{move || form.options.with(view::persons)}</small>
        </fieldset>
        <label class="field field--switch">
            <span class="row"><input type="checkbox" class="switch" role="switch" prop:checked=move || form.options.with(|o| o.redact) data-testid="report-redact"
                on:change=move |event| form.options.update(|o| o.redact = event_target_checked(&event)) />"Redact names"</span>
            <small>{move || form.options.with(|o| view::redaction(&o.format))}</small>
        </label>
        <label class="field">
            <span>"File "<em>"optional"</em></span>
            <input class="input mono" placeholder="a dated name in your downloads folder" prop:value=move || form.path.get() data-testid="report-path"
                on:input=move |event| form.path.set(event_target_value(&event)) />
        </label>
    }
}

#[component]
fn Write(form: Form) -> impl IntoView {
    let toasts = use_toasts();
    let write = move || {
        form.writing.set(true);
        form.result.set(None);
        let request =
            Export { options: form.options.get_untracked(), path: form.path.get_untracked().trim().to_owned() };
        spawn_local(async move {
            let answer = ipc::call(&request).await;
            if let Ok(written) = &answer {
                toasts.say(format!("Written: {}", written.path));
            }
            form.writing.set(false);
            form.result.set(Some(answer));
        });
    };
    let none = move || form.options.with(|o| o.sections.is_empty());
    view! {
        <div class="reports__write">
            <button class="button button--primary button--large" type="button" data-testid="export-report" disabled=move || form.writing.get() || none()
                on:click=move |_| write()>
                <Icon name="export" />{move || if form.writing.get() { "Writing…" } else { "Export" }}
            </button>
            {move || none().then(|| view! { <p class="small muted">"Choose at least one section."</p> })}
            {move || form.result.get().map(|result| match result {
                Ok(exported) => view! {
                    <div class="reports__result" role="status" data-testid="export-result">
                        <Icon name="check" />
                        <span class="stack"><code class="reports__path">{exported.path.clone()}</code><span class="small muted">{view::written(&exported)}</span></span>
                    </div>
                }.into_any(),
                Err(error) => view! { <ErrorPanel error retry=move |()| write() /> }.into_any(),
            })}
        </div>
    }
}
