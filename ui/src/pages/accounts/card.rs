//! One account.

use super::confirm::Question;
use super::view;
use crate::components::status::Badge;
use crate::components::{ErrorPanel, Icon, Mark, When};
use crate::format;
use crate::ipc;
use crate::state::{use_place, use_workspace};
use leptos::prelude::*;
use leptos::task::spawn_local;
use loadline_wire::ApiError;
use loadline_wire::accounts::{AccountCard, CollectStart, PermissionRow, TestAccount, TestReport};

/// Granted permissions that are listed without folding.
const FOLDED_ABOVE: usize = 12;
/// Gaps shown on a card.
const GAPS: usize = 3;

/// The card.
#[component]
pub fn Card(card: AccountCard, demo: bool, question: RwSignal<Option<Question>>) -> impl IntoView {
    let (workspace, place) = (use_workspace(), use_place());
    let account = card.account.clone();
    let (status, word) = view::health(&card.health);
    let connected = account.disconnected_at.is_none();
    let report = RwSignal::new(None::<Result<TestReport, ApiError>>);
    let testing = RwSignal::new(false);
    let id = StoredValue::new(account.id.clone());
    let test = move |_| {
        testing.set(true);
        spawn_local(async move {
            report.set(Some(ipc::call(&TestAccount { account: id.get_value() }).await));
            testing.set(false);
        });
    };
    let collect = move |_| workspace.collect(CollectStart { accounts: vec![id.get_value()] });
    let name = StoredValue::new(account.name.clone());
    view! {
        <li class="panel account" data-testid="account-card">
            <header class="account__head">
                <div class="grow">
                    <h2 class="truncate">{account.name.clone()}</h2>
                    <p class="small faint">
                        {account.provider.clone()}
                        {account.environment.map(|e| format!(", {}", view::environment(e)))}
                    </p>
                </div>
                <Badge status text=word />
            </header>
            <div class="account__body">
                <p class="muted">{card.sentence.clone()}</p>
                {card.cost.as_ref().map(|cost| view! { <p class="small faint">{view::cost(cost)}</p> })}
                <Gaps card=card.clone() />
                {move || report.get().map(|report| match report {
                    Ok(report) => view! { <Report report /> }.into_any(),
                    Err(error) => view! { <ErrorPanel error /> }.into_any(),
                })}
            </div>
            <footer class="account__foot">
                <span class="small faint grow">
                    {card.collected_at.map(|at| view! { "Collected " <When at /> })}
                </span>
                {(!demo)
                    .then(|| {
                        view! {
                            <div class="row">
                                {connected
                                    .then(|| view! {
                                        <button class="button button--small" data-testid="collect-account" disabled=move || workspace.collecting()
                                            on:click=collect>"Collect"</button>
                                        <button class="button button--small" data-testid="test-account" disabled=move || testing.get() on:click=test>
                                            {move || if testing.get() { "Testing…" } else { "Test" }}
                                        </button>
                                        <button class="button button--small" data-testid="account-settings-open"
                                            on:click=move |_| place.set(&[("settings", Some(id.get_value().to_string()))])>"Settings"</button>
                                        {card.renames.then(|| view! {
                                            <button class="button button--small" data-testid="metric-names"
                                                on:click=move |_| place.set(&[("names", Some(id.get_value().to_string()))])>"Metric names"</button>
                                        })}
                                        <button class="button button--small" data-testid="disconnect"
                                            on:click=move |_| question.set(Some(Question::Disconnect(id.get_value(), name.get_value())))>"Disconnect"</button>
                                    })}
                                <button class="icon-button" title="Delete its data" aria-label="Delete its data" data-testid="delete-data"
                                    on:click=move |_| question.set(Some(Question::Delete(id.get_value(), name.get_value())))>
                                    <Icon name="trash" />
                                </button>
                            </div>
                        }
                    })}
            </footer>
        </li>
    }
}

#[component]
fn Gaps(card: AccountCard) -> impl IntoView {
    let more = card.gaps.len().saturating_sub(GAPS);
    let href = format!("/findings?severity=unknown&account={}", card.account.id);
    (!card.gaps.is_empty()).then(|| {
        view! {
            <ul class="account__gaps">
                {card
                    .gaps
                    .into_iter()
                    .take(GAPS)
                    .map(|gap| view! {
                        <li>
                            <span>{format!("{}: {}", gap.scope, gap.reason.word())}</span>
                            {(!gap.closes.is_empty()).then(|| view! { <code class="small truncate" title=gap.closes.clone()>{gap.closes.clone()}</code> })}
                        </li>
                    })
                    .collect_view()}
                {(more > 0).then(|| view! { <li><a class="text-link small" href=href>{format!("{more} more")}</a></li> })}
            </ul>
        }
    })
}

/// What a test found: what is missing and what would grant it, then what is fine, folded where it is much.
#[component]
pub fn Report(report: TestReport) -> impl IntoView {
    let (open, granted) = view::sorted(report.permissions);
    let much = granted.len() > FOLDED_ABOVE;
    let fine = format::count(granted.len(), "permission granted", "permissions granted");
    view! {
        <div class="test-report" data-testid="test-report" role="status">
            <p>{report.sentence}</p>
            <ul>{open.into_iter().map(permission).collect_view()}</ul>
            {if much {
                view! {
                    <details class="more"><summary data-testid="granted">{fine}</summary><ul>{granted.into_iter().map(permission).collect_view()}</ul></details>
                }.into_any()
            } else {
                view! { <ul>{granted.into_iter().map(permission).collect_view()}</ul> }.into_any()
            }}
        </div>
    }
}

fn permission(row: PermissionRow) -> impl IntoView {
    let latency = row.latency_ms.map(format::duration_ms);
    let missing = row.granted != Some(true) && !row.closes.is_empty();
    view! {
        <li class="permission" data-testid="permission" data-granted=row.granted.map(|g| g.to_string())>
            <Mark status=view::permission(&row) label=true />
            <div class="grow">
                <p>{row.name.clone()}</p>
                {(!row.detail.is_empty()).then(|| view! { <p class="small faint">{row.detail.clone()}</p> })}
                {view::feeds(&row.feeds).map(|text| view! { <p class="small faint">{text}</p> })}
                {missing.then(|| view! { <code class="small">{row.closes.clone()}</code> })}
            </div>
            <span class="small faint num">{latency}</span>
        </li>
    }
}
