//! Every keyboard shortcut on one sheet.

use super::Dialog;
use crate::pages::PAGES;
use crate::state::shortcuts::{CHARTS, EVERYWHERE, LISTS, modifier};
use crate::state::use_overlay;
use leptos::prelude::*;

/// The sheet behind `?`.
#[component]
pub fn ShortcutSheet() -> impl IntoView {
    let overlay = use_overlay();
    let go: Vec<(String, String)> =
        PAGES.iter().map(|page| (format!("g {}", page.key), page.label.to_owned())).collect();
    let owned =
        |list: &[(&str, &str)]| list.iter().map(|(k, w)| ((*k).to_owned(), (*w).to_owned())).collect::<Vec<_>>();
    let groups =
        [("Everywhere", owned(&EVERYWHERE)), ("In lists", owned(&LISTS)), ("On charts", owned(&CHARTS)), ("Go to", go)];
    view! {
        <Dialog title="Keyboard" class="dialog--wide" on_close=move |()| overlay.close()>
            <div class="shortcuts" data-testid="shortcut-sheet">
                {groups
                    .into_iter()
                    .map(|(title, rows)| {
                        view! {
                            <section>
                                <h3>{title}</h3>
                                <dl>
                                    {rows
                                        .into_iter()
                                        .map(|(keys, word)| view! { <div><dt>{keys_view(&keys)}</dt><dd>{word}</dd></div> })
                                        .collect_view()}
                                </dl>
                            </section>
                        }
                    })
                    .collect_view()}
            </div>
        </Dialog>
    }
}

fn keys_view(keys: &str) -> impl IntoView + use<> {
    let keys: Vec<String> =
        keys.split(' ').map(|key| if key == "Mod" { modifier().to_owned() } else { key.to_owned() }).collect();
    keys.into_iter().map(|key| view! { <kbd>{key}</kbd> }).collect_view()
}
