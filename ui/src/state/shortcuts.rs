//! Keys that work everywhere. Pages add their own (`j`, `k`, `Enter`) and stay silent while something floats above them.

use super::overlay::Shown;
use super::{use_overlay, use_place, use_workspace};
use crate::pages;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::JsCast;

/// How long `g` waits for its letter.
const CHORD: Duration = Duration::from_millis(1200);

/// Every shortcut, as the sheet lists them: keys and what they do. `Mod` is ⌘ on macOS, Ctrl elsewhere.
pub const EVERYWHERE: [(&str, &str); 5] = [
    ("Mod K", "Search and commands"),
    ("?", "This sheet"),
    ("Mod Z", "Undo the newest decision"),
    ("Esc", "Close what is open"),
    ("[", "Collapse or widen the rail"),
];
/// Shortcuts of lists.
pub const LISTS: [(&str, &str); 5] = [
    ("j", "Next row"),
    ("k", "Previous row"),
    ("Enter", "Open the evidence"),
    ("x", "Select the row"),
    ("/", "Filter by text"),
];

/// Shortcuts of a chart that has the focus.
pub const CHARTS: [(&str, &str); 4] = [
    ("Left Right", "Read the points"),
    ("+ -", "Show less or more"),
    ("Shift Left Right", "Move what is shown"),
    ("0", "Show all"),
];

/// Listens for as long as the calling component lives. `toggle_rail` collapses the rail.
pub fn listen(toggle_rail: impl Fn() + Copy + 'static) {
    let (overlay, place, workspace) = (use_overlay(), use_place(), use_workspace());
    let chord = RwSignal::new(false);
    let handle = window_event_listener(leptos::ev::keydown, move |event| {
        let key = event.key();
        let modified = event.ctrl_key() || event.meta_key();
        if modified && key.eq_ignore_ascii_case("k") {
            event.prevent_default();
            return if overlay.shows(&Shown::Palette) { overlay.close() } else { overlay.open(Shown::Palette) };
        }
        if event.default_prevented() || overlay.is_open() || is_typing(&event) {
            return;
        }
        if modified {
            if key.eq_ignore_ascii_case("z") && !event.shift_key() {
                event.prevent_default();
                workspace.undo_newest();
            }
            return;
        }
        if event.alt_key() {
            return;
        }
        if chord.get_untracked() {
            chord.set(false);
            if let Some(page) = pages::PAGES.iter().find(|page| key.eq_ignore_ascii_case(&page.key.to_string())) {
                event.prevent_default();
                place.go(&page.href());
            }
            return;
        }
        match key.as_str() {
            "?" => overlay.open(Shown::Shortcuts),
            "[" => toggle_rail(),
            "g" => {
                chord.set(true);
                set_timeout(move || chord.set(false), CHORD);
            }
            _ => {}
        }
    });
    on_cleanup(move || handle.remove());
}

/// True while the reader types into a field: single letters are then text.
pub fn is_typing(event: &web_sys::KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok());
    target.is_some_and(|element| {
        matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
            && element.get_attribute("type").as_deref() != Some("checkbox")
            || element.is_content_editable()
    })
}

/// `⌘` on macOS, `Ctrl` elsewhere.
pub fn modifier() -> &'static str {
    let platform = window().navigator().platform().unwrap_or_default();
    if platform.starts_with("Mac") { "⌘" } else { "Ctrl" }
}
