//! Where the workspace is, backup and diagnostics.

use super::Form;
use crate::format;
use crate::state::{use_toasts, use_workspace};
use leptos::prelude::*;
use loadline_wire::settings::{Backup, Diagnostics, Written};

/// The section.
#[component]
pub fn Data(form: Form) -> impl IntoView {
    let (workspace, toasts) = (use_workspace(), use_toasts());
    let written = move |file: Written| toasts.say(format!("Written: {} ({})", file.path, format::bytes(file.bytes)));
    view! {
        <section class="settings__section">
            <h2>"This workspace"</h2>
            <dl class="facts">
                <div><dt>"Where"</dt><dd class="mono">{move || form.saved.with(|s| s.location.clone())}</dd></div>
                <div><dt>"Size"</dt><dd class="num">{move || form.saved.with(|s| format::bytes(s.bytes))}</dd></div>
            </dl>
        </section>
        <section class="settings__section">
            <h2>"Files"</h2>
            <div class="setting">
                <span class="setting__text">
                    <span>"Backup"</span>
                    <small>"Everything but secrets, in one file in your downloads. Restore it with \"loadline restore FILE\"."</small>
                </span>
                <button class="button" data-testid="backup" on:click=move |_| workspace.send(Backup { path: String::new() }, written)>"Write a backup"</button>
            </div>
            <div class="setting">
                <span class="setting__text">
                    <span>"Diagnostics"</span>
                    <small>"For a bug report: versions, timings and errors, with secrets removed. Read it before you send it."</small>
                </span>
                <button class="button" data-testid="diagnostics" on:click=move |_| workspace.send(Diagnostics { path: String::new() }, written)>
                    "Write diagnostics"
                </button>
            </div>
        </section>
        <section class="settings__section">
            <h2>"Privacy"</h2>
            <p class="muted">
                "Loadline contacts only the accounts you connect. It sends nothing else: no usage figures, no crash reports, no update checks."
            </p>
        </section>
    }
}
