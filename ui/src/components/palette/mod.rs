//! The command palette: pages, actions, findings and things by name, from one field.

pub mod view;

use super::Dialog;
use super::evidence::view::fingerprint_in;
use crate::pages::PAGES;
use crate::state::overlay::Shown;
use crate::state::theme::use_theme;
use crate::state::{use_overlay, use_place, use_workspace};
use leptos::html;
use leptos::prelude::*;
use loadline_wire::accounts::CollectStart;
use loadline_wire::workspace::WorkspaceState;
use view::{Action, Entry, best};

/// Rows shown at once.
const MOST: usize = 12;

/// The palette.
#[component]
pub fn Palette() -> impl IntoView {
    let overlay = use_overlay();
    let (place, workspace, theme) = (use_place(), use_workspace(), use_theme());
    let entries = Memo::new(move |_| entries(workspace.get().as_deref()));
    let query = RwSignal::new(String::new());
    let active = RwSignal::new(0usize);
    let shown = Memo::new(move |_| {
        let query = query.get();
        if let Some(fingerprint) = fingerprint_in(&query) {
            let action = Action::Finding(fingerprint.to_owned());
            return vec![Entry {
                title: "Open the linked evidence".into(),
                kind: "link",
                words: String::new(),
                action,
            }];
        }
        entries.with(|entries| best(&query, entries, MOST).into_iter().cloned().collect::<Vec<_>>())
    });
    let run = move |action: Action| {
        overlay.close();
        match action {
            Action::Go(to) => place.go(&to),
            Action::Finding(fingerprint) => place.open_finding(&fingerprint),
            Action::Collect => workspace.collect(CollectStart::default()),
            Action::OpenDemo => workspace.open_demo(),
            Action::OpenOwn => workspace.open_own(),
            Action::ToggleTheme => theme.toggle(),
            Action::Shortcuts => overlay.open(Shown::Shortcuts),
            Action::Undo => workspace.undo_newest(),
        }
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        let last = shown.with_untracked(Vec::len).saturating_sub(1);
        match event.key().as_str() {
            "ArrowDown" => active.update(|a| *a = if *a >= last { 0 } else { *a + 1 }),
            "ArrowUp" => active.update(|a| *a = if *a == 0 { last } else { *a - 1 }),
            "Enter" => {
                if let Some(entry) = shown.with_untracked(|s| s.get(active.get_untracked()).cloned()) {
                    run(entry.action);
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    let input = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            request_animation_frame(move || drop(input.focus()));
        }
    });
    view! {
        <Dialog title="Search and commands" class="dialog--palette" bare=true on_close=move |()| overlay.close()>
            <input node_ref=input class="palette__input" placeholder="Search pages, findings, things, commands" role="combobox" aria-expanded="true"
                aria-controls="palette-list" aria-activedescendant=move || format!("palette-{}", active.get()) data-testid="palette-input"
                on:keydown=keys on:input=move |e| { query.set(event_target_value(&e)); active.set(0); } />
            <ul id="palette-list" class="palette__list" role="listbox" aria-label="Results">
                {move || {
                    shown
                        .get()
                        .into_iter()
                        .enumerate()
                        .map(|(index, entry)| {
                            let action = entry.action.clone();
                            view! {
                                <li id=format!("palette-{index}") class="palette__row" role="option" data-testid="palette-row"
                                    aria-selected=move || (active.get() == index).to_string() on:mousemove=move |_| active.set(index)
                                    on:click=move |_| run(action.clone())>
                                    <span class="grow truncate">{entry.title}</span>
                                    <span class="faint small">{entry.kind}</span>
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ul>
            <Show when=move || shown.with(Vec::is_empty)>
                <p class="palette__none">"Nothing matches. Try a rule such as DB-003, or a thing's name."</p>
            </Show>
        </Dialog>
    }
}

/// Everything that can be found, pages first.
fn entries(state: Option<&WorkspaceState>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = PAGES
        .iter()
        .map(|page| Entry {
            title: page.label.into(),
            kind: "page",
            words: format!("go to {}", page.group.word()),
            action: Action::Go(page.href()),
        })
        .collect();
    let command =
        |title: &str, words: &str, action| Entry { title: title.into(), kind: "command", words: words.into(), action };
    let demo = state.is_some_and(|s| s.demo);
    entries.push(if demo {
        command("Use my own accounts", "open own workspace leave demo", Action::OpenOwn)
    } else {
        command("Collect now", "refresh read accounts", Action::Collect)
    });
    if !demo {
        entries.push(command("Connect an account", "add provider", Action::Go("/accounts?connect=choose".into())));
        entries.push(command("Open the demo", "example workspace", Action::OpenDemo));
    }
    entries.push(command("Switch dark and light", "theme appearance", Action::ToggleTheme));
    entries.push(command("Undo the newest decision", "revert", Action::Undo));
    entries.push(command("Keyboard shortcuts", "keys help", Action::Shortcuts));
    let Some(assessment) = state.and_then(|s| s.assessment.as_ref()) else { return entries };
    entries.extend(assessment.findings.iter().map(|finding| Entry {
        title: format!("{}: {}", finding.title, finding.subject.name),
        kind: "finding",
        words: format!("{} {}", finding.rule, finding.sentence),
        action: Action::Finding(finding.fingerprint.to_string()),
    }));
    entries
}
