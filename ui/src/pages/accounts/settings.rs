//! The settings of a connected account, and those that may be given several times under names of one's own: journeys by query,
//! migrations by path.

use super::field::Field;
use super::view::changes;
use crate::components::skeleton::Skeleton;
use crate::components::{ErrorPanel, Icon};
use crate::ipc;
use crate::state::wizard::wrong_of;
use crate::state::{use_place, use_toasts, use_workspace};
use leptos::prelude::*;
use leptos::task::spawn_local;
use loadline_model::AccountId;
use loadline_wire::ApiError;
use loadline_wire::accounts::{CollectStart, FormField};
use loadline_wire::configure::{AccountSettings, Change, LookAt};
use std::collections::BTreeMap;

/// A setting with a name of its own.
#[derive(Clone, Copy, PartialEq)]
struct Named {
    number: usize,
    prefix: StoredValue<String>,
    name: RwSignal<String>,
    value: RwSignal<String>,
}

impl Named {
    fn key(self) -> String {
        format!("{}{}", self.prefix.get_value(), self.name.get().trim())
    }
}

/// What the parts of the page share.
#[derive(Clone, Copy)]
struct Shared {
    account: StoredValue<AccountId>,
    found: RwSignal<Option<Result<AccountSettings, ApiError>>>,
    /// What is typed, by key.
    typed: RwSignal<BTreeMap<String, String>>,
    named: RwSignal<Vec<Named>>,
    wrong: RwSignal<Option<ApiError>>,
    saving: RwSignal<bool>,
    changed: RwSignal<bool>,
}

impl Shared {
    fn look(self) {
        self.found.set(None);
        spawn_local(async move { self.take(ipc::call(&LookAt { account: self.account.get_value() }).await) });
    }

    fn take(self, said: Result<AccountSettings, ApiError>) {
        if let Ok(settings) = &said {
            self.typed.try_set(settings.values.clone());
            let of = |field: &FormField| {
                let own = settings.values.iter().filter_map(|(k, v)| Some((k.strip_prefix(&field.key)?, v)));
                own.map(|(name, value)| (field.key.clone(), name.to_owned(), value.clone())).collect::<Vec<_>>()
            };
            let rows = settings.named.iter().flat_map(of).enumerate();
            self.named
                .try_set(rows.map(|(number, (prefix, name, value))| named(number, prefix, name, value)).collect());
        }
        self.found.try_set(Some(said));
    }

    fn add(self, prefix: String) {
        self.named.update(|rows| {
            let number = rows.iter().map(|r| r.number + 1).max().unwrap_or(0);
            rows.push(named(number, prefix, String::new(), String::new()));
        });
    }

    fn remove(self, row: Named) {
        self.named.update(|rows| rows.retain(|r| r.number != row.number));
    }

    /// What would be saved, reactive.
    fn changes(self) -> BTreeMap<String, Option<String>> {
        let Some(Ok(settings)) = self.found.get() else { return BTreeMap::new() };
        let rows: Vec<(String, String)> = self.named.get().into_iter().map(|r| (r.key(), r.value.get())).collect();
        changes(&settings, &self.typed.get(), &rows)
    }

    /// Settings that are written but have no name, reactive.
    fn nameless(self) -> bool {
        self.named.get().iter().any(|r| r.name.get().trim().is_empty() && !r.value.get().trim().is_empty())
    }

    fn save(self) {
        let toasts = use_toasts();
        let changes = untrack(|| self.changes());
        self.saving.set(true);
        self.wrong.set(None);
        spawn_local(async move {
            match ipc::call(&Change { account: self.account.get_value(), changes }).await {
                Ok(settings) => {
                    self.take(Ok(settings));
                    self.changed.try_set(true);
                    toasts.say("Saved. The next collection reads by it.");
                }
                Err(error) => drop(self.wrong.try_set(Some(error))),
            }
            self.saving.try_set(false);
        });
    }
}

fn named(number: usize, prefix: String, name: String, value: String) -> Named {
    Named { number, prefix: StoredValue::new(prefix), name: RwSignal::new(name), value: RwSignal::new(value) }
}

/// The page.
#[component]
pub fn Settings(account: AccountId) -> impl IntoView {
    let (place, workspace) = (use_place(), use_workspace());
    let called = super::called(&account);
    let shared = Shared {
        account: StoredValue::new(account),
        found: RwSignal::new(None),
        typed: RwSignal::new(BTreeMap::new()),
        named: RwSignal::new(Vec::new()),
        wrong: RwSignal::new(None),
        saving: RwSignal::new(false),
        changed: RwSignal::new(false),
    };
    shared.look();
    let collect = move |_| workspace.collect(CollectStart { accounts: vec![shared.account.get_value()] });
    view! {
        <div class="page" data-testid="account-settings">
            <header class="page__head">
                <div>
                    <h1>{format!("Settings of {called}")}</h1>
                    <p>"What it reads, and by which names. The secret is not among them, and nothing is read before you collect."</p>
                </div>
                <div class="page__actions">
                    <Show when=move || shared.changed.get()>
                        <button class="button" data-testid="settings-collect" disabled=move || workspace.collecting() on:click=collect>"Collect now"</button>
                    </Show>
                    <button class="icon-button" aria-label="Close" title="Close" data-testid="settings-close" on:click=move |_| place.set(&[("settings", None)])>
                        <Icon name="close" />
                    </button>
                </div>
            </header>
            {move || match shared.found.get() {
                None => view! { <Skeleton rows=6 /> }.into_any(),
                Some(Err(error)) => view! { <ErrorPanel error retry=move |()| shared.look() /> }.into_any(),
                Some(Ok(settings)) => view! { <Form shared settings /> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Form(shared: Shared, settings: AccountSettings) -> impl IntoView {
    let keys: Vec<String> = settings.fields.iter().map(|f| f.key.clone()).collect();
    let wrong = Memo::new(move |_| {
        let rows = shared.named.get().into_iter().map(Named::key);
        let keys: Vec<String> = keys.iter().cloned().chain(rows).collect();
        shared.wrong.with(|e| e.as_ref().and_then(|e| wrong_of(&keys, e)))
    });
    let of_key = move |key: String| Signal::derive(move || wrong.get().filter(|(k, _)| *k == key).map(|(_, why)| why));
    let elsewhere = move || shared.wrong.get().filter(|_| wrong.with(Option::is_none));
    let one = move |field: FormField| {
        let (read, write) = (field.key.clone(), field.key.clone());
        let value = Signal::derive(move || shared.typed.with(|t| t.get(&read).cloned().unwrap_or_default()));
        let on_input = move |text: String| shared.typed.update(|t| drop(t.insert(write.clone(), text)));
        let wrong = of_key(field.key.clone());
        view! { <Field field value on_input wrong /> }
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        shared.save();
    };
    let nothing = move || shared.changes().is_empty();
    let hint = move || match (shared.nameless(), shared.changes().len()) {
        (true, _) => "Give each of them a name.".to_owned(),
        (false, 0) => String::new(),
        (false, n) => format!("{} not saved yet", crate::format::count(n, "change", "changes")),
    };
    view! {
        <form class="form account-settings" on:submit=submit>
            {settings.fields.into_iter().map(one).collect_view()}
            {settings.named.into_iter().map(|field| view! { <NamedFields shared field wrong=wrong.into() /> }).collect_view()}
            {move || elsewhere().map(|error| view! { <ErrorPanel error /> })}
            <div class="row wrap">
                <button class="button button--primary" type="submit" data-testid="settings-save"
                    disabled=move || shared.saving.get() || shared.nameless() || nothing()>"Save"</button>
                <span class="small faint">{hint}</span>
            </div>
        </form>
    }
}

/// Settings under names of one's own, and a way to add one.
#[component]
fn NamedFields(shared: Shared, field: FormField, wrong: Signal<Option<(String, String)>>) -> impl IntoView {
    let prefix = StoredValue::new(field.key.clone());
    let test = field.key.trim_end_matches('.').to_owned();
    let rows = move || {
        let own = move |r: &Named| r.prefix.get_value() == prefix.get_value();
        shared.named.get().into_iter().filter(own).collect::<Vec<_>>()
    };
    let label = StoredValue::new(field.label.clone());
    let row = move |row: Named| {
        let wrong = move || wrong.get().filter(|(key, _)| *key == row.key()).map(|(_, why)| why);
        view! {
            <li class="named" data-testid="named-row">
                <div class="row">
                    <input class="input named__name" aria-label=format!("{}: name", label.get_value()) placeholder="name" autocomplete="off" spellcheck="false"
                        data-testid="named-name" prop:value=row.name on:input=move |e| row.name.set(event_target_value(&e)) />
                    <input class="input mono grow" aria-label=format!("{}: value", label.get_value()) autocomplete="off" spellcheck="false"
                        data-testid="named-value" prop:value=row.value on:input=move |e| row.value.set(event_target_value(&e)) />
                    <button class="icon-button" type="button" title="Remove" aria-label="Remove" data-testid="named-remove" on:click=move |_| shared.remove(row)>
                        <Icon name="trash" />
                    </button>
                </div>
                {move || wrong().map(|why| view! { <small class="field__wrong" role="alert" data-testid="named-wrong">{why}</small> })}
            </li>
        }
    };
    view! {
        <fieldset class="field" data-testid=format!("named-{test}")>
            <legend>{field.label}<em>" optional"</em></legend>
            <ul class="stack"><For each=rows key=|r| r.number children=row /></ul>
            <div><button class="button button--small" type="button" data-testid=format!("add-{test}") on:click=move |_| shared.add(prefix.get_value())>"Add"</button></div>
            <small>{field.help}</small>
        </fieldset>
    }
}
