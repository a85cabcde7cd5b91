//! Step 3: where it is, who we are, and whether it lets us in.

use super::Buttons;
use crate::components::ErrorPanel;
use crate::ipc;
use crate::pages::accounts::card::Report;
use crate::pages::accounts::field::Field;
use crate::pages::accounts::view;
use crate::state::wizard::{SecretPlace, use_wizard};
use leptos::prelude::*;
use leptos::task::spawn_local;
use loadline_model::Environment;
use loadline_wire::accounts::{FormField, ProviderInfo, TestDraft};

/// The form with its test.
#[component]
pub fn Credentials(#[prop(into)] on_next: Callback<()>, #[prop(into)] on_back: Callback<()>) -> impl IntoView {
    let wizard = use_wizard();
    let missing = Memo::new(move |_| wizard.missing());
    let test = move || {
        let Some(draft) = wizard.draft() else { return };
        wizard.testing.set(true);
        wizard.report.set(None);
        spawn_local(async move {
            let report = ipc::call(&TestDraft { draft }).await;
            wizard.report.set(Some(report));
            wizard.testing.set(false);
        });
    };
    let reachable = Memo::new(move |_| wizard.report.with(|r| matches!(r, Some(Ok(report)) if report.reachable)));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if missing.with_untracked(Vec::is_empty) {
            test();
        }
    };
    let hint = move || {
        missing.with(|missing| (!missing.is_empty()).then(|| format!("Still missing: {}.", missing.join(", "))))
    };
    view! {
        <section class="wizard__body wizard__columns">
            <form class="form" on:submit=submit>
                <Field field=name_field() value=wizard.name on_input=move |name: String| wizard.name.set(name) wrong=None />
                <EnvironmentField />
                {move || wizard.provider.with(|p| p.as_ref().and_then(|p| view::how(&p.id))).map(|how| view! { <p class="small muted">{how}</p> })}
                {move || wizard.provider.get().map(|provider| view! { <ProviderFields provider /> })}
                <div class="row wrap">
                    <button class="button" type="submit" data-testid="test-draft" disabled=move || wizard.testing.get() || !missing.with(Vec::is_empty)>
                        {move || if wizard.testing.get() { "Testing…" } else { "Test" }}
                    </button>
                    <span class="small faint">{hint}</span>
                </div>
            </form>
            <div>
                {move || match wizard.report.get() {
                    Some(Ok(report)) => view! { <Report report /> }.into_any(),
                    Some(Err(_)) if wizard.wrong_field().is_some() => view! { <p class="muted">"One field on the left cannot be used as it is."</p> }.into_any(),
                    Some(Err(error)) => view! { <ErrorPanel error /> }.into_any(),
                    None => view! { <p class="muted">"A test reads one row of everything Loadline would read, and says what it may and may not."</p> }.into_any(),
                }}
            </div>
        </section>
        <Buttons on_back on_next next="Continue" blocked=Signal::derive(move || !reachable.get()) />
    }
}

fn name_field() -> FormField {
    FormField {
        key: "name".into(),
        label: "Name".into(),
        placeholder: "prod-db".into(),
        help: "How pages and reports call it.".into(),
        required: true,
        more: false,
    }
}

#[component]
fn ProviderFields(provider: ProviderInfo) -> impl IntoView {
    let wizard = use_wizard();
    let one = move |field: FormField| {
        let (read, write) = (field.key.clone(), field.key.clone());
        let value = Signal::derive(move || wizard.config.with(|config| config.get(&read).cloned().unwrap_or_default()));
        let on_input = move |text: String| wizard.config.update(|config| drop(config.insert(write.clone(), text)));
        let key = field.key.clone();
        let wrong = Signal::derive(move || wizard.wrong_field().filter(|(k, _)| *k == key).map(|(_, why)| why));
        view! { <Field field value on_input wrong /> }
    };
    let (more, first): (Vec<FormField>, Vec<FormField>) = provider.fields.into_iter().partition(|f| f.more);
    let first = first.into_iter().map(one).collect_view();
    let optional = provider.secret_optional;
    let secret = provider.secret_label.map(|label| view! { <Secret label optional /> });
    if more.is_empty() {
        return (first, secret).into_any();
    }
    // What is filled, or wrong, is never folded away.
    let keys: Vec<String> = more.iter().map(|f| f.key.clone()).collect();
    let filled = wizard.config.with_untracked(|c| keys.iter().any(|k| c.get(k).is_some_and(|v| !v.trim().is_empty())));
    let open = Memo::new(move |_| filled || wizard.wrong_field().is_some_and(|(key, _)| keys.contains(&key)));
    view! {
        {first}
        <details class="more" open=move || open.get()>
            <summary data-testid="more-fields">"More: keys, further accounts, endpoint, proxy"</summary>
            <div class="form">{more.into_iter().map(one).collect_view()} {secret}</div>
        </details>
    }
    .into_any()
}

#[component]
fn EnvironmentField() -> impl IntoView {
    let wizard = use_wizard();
    let choices = [
        ("production", "Production", Some(Environment::Production)),
        ("staging", "Staging", Some(Environment::Staging)),
        ("development", "Development", Some(Environment::Development)),
    ];
    let choose = move |event: web_sys::Event| {
        let value = event_target_value(&event);
        wizard.environment.set(choices.iter().find(|(id, _, _)| *id == value).and_then(|(_, _, e)| *e));
    };
    view! {
        <label class="field">
            <span>"Environment"</span>
            <select class="input" data-testid="field-environment" on:change=choose>
                {choices
                    .map(|(id, word, environment)| view! { <option value=id selected=move || wizard.environment.get() == environment>{word}</option> })
                    .collect_view()}
            </select>
        </label>
    }
}

#[component]
fn Secret(label: String, optional: bool) -> impl IntoView {
    let wizard = use_wizard();
    let in_keychain = move || wizard.secret_place.get() == SecretPlace::Keychain;
    let segment = move |at: SecretPlace, word: &'static str| {
        view! {
            <button type="button" class="segment" aria-pressed=move || (wizard.secret_place.get() == at).to_string()
                on:click=move |_| wizard.secret_place.set(at)>{word}</button>
        }
    };
    view! {
        <fieldset class="field">
            <legend>{label.clone()}{optional.then(|| view! { <em>" optional"</em> })}</legend>
            <div class="segments">{segment(SecretPlace::Keychain, "Keychain")} {segment(SecretPlace::Environment, "Environment variable")}</div>
            {move || if in_keychain() {
                view! {
                    <input class="input" type="password" autocomplete="off" aria-label=label.clone() data-testid="field-secret" prop:value=wizard.secret
                        on:input=move |e| wizard.secret.set(event_target_value(&e)) />
                    <small>"Stored in your operating system's keychain."</small>
                }.into_any()
            } else {
                view! {
                    <input class="input mono" placeholder="PROD_DB_PASSWORD" autocomplete="off" spellcheck="false" aria-label="Variable name"
                        data-testid="field-variable" prop:value=wizard.variable on:input=move |e| wizard.variable.set(event_target_value(&e)) />
                    <small>"Only the name is stored; the value is read at each use."</small>
                }.into_any()
            }}
        </fieldset>
    }
}
