//! What a source calls the metrics that it is asked for: what is missing first, with names that may be it.

use super::view::{Naming, naming};
use crate::components::skeleton::Skeleton;
use crate::components::{EmptyState, ErrorPanel, Icon, Mark, Status};
use crate::format;
use crate::ipc;
use crate::state::{use_place, use_toasts, use_workspace};
use leptos::prelude::*;
use leptos::task::spawn_local;
use loadline_model::AccountId;
use loadline_wire::ApiError;
use loadline_wire::accounts::CollectStart;
use loadline_wire::names::{Give, LookAt, NameRow, NameTable};

/// What the rows share.
#[derive(Clone, Copy)]
struct Shared {
    account: StoredValue<AccountId>,
    found: RwSignal<Option<Result<NameTable, ApiError>>>,
    wrong: RwSignal<Option<(String, ApiError)>>,
    saving: RwSignal<bool>,
    changed: RwSignal<bool>,
}

impl Shared {
    fn look(self) {
        self.found.set(None);
        spawn_local(async move {
            let said = ipc::call(&LookAt { account: self.account.get_value() }).await;
            self.found.try_set(Some(said));
        });
    }

    fn give(self, name: String, theirs: Option<String>) {
        let toasts = use_toasts();
        self.saving.set(true);
        self.wrong.set(None);
        spawn_local(async move {
            let text = match &theirs {
                Some(theirs) => format!("{name} is read as {theirs} from the next collection on."),
                None => format!("{name} is asked for by its own name again."),
            };
            let said = ipc::call(&Give { account: self.account.get_value(), name: name.clone(), theirs }).await;
            match said {
                Ok(table) => {
                    self.found.try_set(Some(Ok(table)));
                    self.changed.try_set(true);
                    toasts.say(text);
                }
                Err(error) => drop(self.wrong.try_set(Some((name, error)))),
            }
            self.saving.try_set(false);
        });
    }
}

/// The page.
#[component]
pub fn Names(account: AccountId) -> impl IntoView {
    let (place, workspace) = (use_place(), use_workspace());
    let called = super::called(&account);
    let shared = Shared {
        account: StoredValue::new(account),
        found: RwSignal::new(None),
        wrong: RwSignal::new(None),
        saving: RwSignal::new(false),
        changed: RwSignal::new(false),
    };
    shared.look();
    let collect = move |_| workspace.collect(CollectStart { accounts: vec![shared.account.get_value()] });
    view! {
        <div class="page" data-testid="names">
            <header class="page__head">
                <div>
                    <h1>{format!("Metric names of {called}")}</h1>
                    <p>"Loadline asks for OpenTelemetry's and the exporters' names. Where yours differ, say which metric is meant; a suggestion is never taken by itself."</p>
                </div>
                <div class="page__actions">
                    <Show when=move || shared.changed.get()>
                        <button class="button button--primary" data-testid="names-collect" disabled=move || workspace.collecting() on:click=collect>"Collect its history"</button>
                    </Show>
                    <button class="icon-button" aria-label="Close" title="Close" data-testid="names-close" on:click=move |_| place.set(&[("names", None)])>
                        <Icon name="close" />
                    </button>
                </div>
            </header>
            {move || match shared.found.get() {
                None => view! { <Skeleton rows=8 /> }.into_any(),
                Some(Err(error)) => view! { <ErrorPanel error retry=move |()| shared.look() /> }.into_any(),
                Some(Ok(table)) => view! { <Table shared table /> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Table(shared: Shared, table: NameTable) -> impl IntoView {
    let Naming { missing, likely, there } = naming(table.rows);
    let nothing = likely.is_empty() && missing.is_empty();
    let section = move |title: &'static str, why: &'static str, rows: Vec<NameRow>| {
        (!rows.is_empty()).then(|| view! {
            <section class="panel names">
                <header class="panel__head"><div><h2>{title}</h2><p class="small faint">{why}</p></div><span class="small faint num">{rows.len()}</span></header>
                <ul>{rows.into_iter().map(|row| view! { <Row shared row /> }).collect_view()}</ul>
            </section>
        })
    };
    view! {
        {section("May be there under another name", "Not found, and the source has something that looks alike.", likely)}
        {section("Found", "Read at every collection.", there)}
        {nothing.then(|| view! { <EmptyState title="Nothing is missing" why="Every metric Loadline knows is here." /> })}
        {(!missing.is_empty()).then(|| view! {
            <details class="more" data-testid="names-missing">
                <summary>{format!("{} that nothing looks like: exporters that do not run here, most likely", format::count(missing.len(), "metric", "metrics"))}</summary>
                {section("Not found", "Give a name if one of them is there after all.", missing.clone())}
            </details>
        })}
    }
}

#[component]
fn Row(shared: Shared, row: NameRow) -> impl IntoView {
    let name = StoredValue::new(row.name.clone());
    let typed = RwSignal::new(row.given.clone().unwrap_or_default());
    let (status, word) = match (&row.found, &row.given) {
        (Some(_), _) => (Status::Pass, None),
        (None, Some(given)) => (Status::Critical, Some(format!("The source has no {given}."))),
        (None, None) => (Status::Unknown, None),
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let theirs = Some(typed.get_untracked().trim().to_owned()).filter(|t| !t.is_empty());
        shared.give(name.get_value(), theirs);
    };
    let wrong = move || shared.wrong.get().filter(|(n, _)| *n == name.get_value()).map(|(_, error)| error.message);
    let given = row.given.is_some();
    let test = row.name.clone();
    view! {
        <li class="names__row" data-testid="name-row" data-name=row.name.clone() data-found=row.found.is_some().to_string()>
            <Mark status label=true />
            <div class="grow">
                <p class="names__gives">{row.gives.clone()}</p>
                <code class="small">{row.name.clone()}</code>
                {word.map(|word| view! { <p class="small field__wrong">{word}</p> })}
                {move || wrong().map(|why| view! { <p class="small field__wrong" role="alert">{why}</p> })}
                {(!row.suggestions.is_empty()).then(|| view! {
                    <div class="names__likely">
                        <span class="small faint">"May be"</span>
                        {row.suggestions.iter().map(|theirs| {
                            let chosen = StoredValue::new(theirs.clone());
                            view! {
                                <button class="button button--small" data-testid="name-suggestion" disabled=move || shared.saving.get()
                                    on:click=move |_| shared.give(name.get_value(), Some(chosen.get_value()))><code>{theirs.clone()}</code></button>
                            }
                        }).collect_view()}
                    </div>
                })}
            </div>
            <form class="row" on:submit=submit>
                <input class="input names__input" aria-label=format!("Your name for {test}") placeholder="your name" autocomplete="off" spellcheck="false"
                    data-testid=format!("name-{test}") prop:value=typed on:input=move |e| typed.set(event_target_value(&e)) />
                <button class="button button--small" type="submit" disabled=move || shared.saving.get()>"Use"</button>
                {given.then(|| view! {
                    <button class="button button--small" type="button" data-testid="name-ours" disabled=move || shared.saving.get()
                        on:click=move |_| shared.give(name.get_value(), None)>"Use ours"</button>
                })}
            </form>
        </li>
    }
}
