//! The two questions asked before something that undo cannot bring back.

use crate::components::Dialog;
use crate::state::{use_toasts, use_workspace};
use leptos::prelude::*;
use loadline_model::AccountId;
use loadline_wire::accounts::{DeleteAccountData, Disconnect};

/// What is asked, of which account, by its name.
#[derive(Clone, Debug)]
pub enum Question {
    Disconnect(AccountId, String),
    Delete(AccountId, String),
}

/// The dialog.
#[component]
pub fn Confirm(asked: Question, #[prop(into)] on_close: Callback<()>) -> impl IntoView {
    let (workspace, toasts) = (use_workspace(), use_toasts());
    let (title, text, verb) = match &asked {
        Question::Disconnect(_, name) => (
            format!("Disconnect {name}?"),
            "Its secret is deleted from the keychain. Its history stays, and what it proved becomes not proven.",
            "Disconnect",
        ),
        Question::Delete(_, name) => (
            format!("Delete everything {name} ever said?"),
            "Facts, gaps and history of this account are deleted from this workspace. This cannot be undone; a backup can be made in Settings.",
            "Delete its data",
        ),
    };
    let confirm = move |_| {
        match asked.clone() {
            Question::Disconnect(account, name) => workspace.send(Disconnect { account }, move |state| {
                workspace.accept_state(state);
                toasts.say(format!("{name} is disconnected."));
            }),
            Question::Delete(account, name) => workspace.send(DeleteAccountData { account }, move |state| {
                workspace.accept_state(state);
                toasts.say(format!("The data of {name} is deleted."));
            }),
        }
        on_close.run(());
    };
    view! {
        <Dialog title on_close>
            <div class="form">
                <p class="muted">{text}</p>
                <footer class="dialog__foot">
                    <button class="button" autofocus on:click=move |_| on_close.run(())>"Keep it"</button>
                    <button class="button button--danger" data-testid="confirm" on:click=confirm>{verb}</button>
                </footer>
            </div>
        </Dialog>
    }
}
