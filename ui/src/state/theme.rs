//! Dark, light or the system's: kept in the web view's storage, applied as `data-theme` on the root element.

use leptos::prelude::*;

/// Where the choice is kept; `boot.js` reads it before the first paint.
const KEY: &str = "loadline.theme";

/// The reader's choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    System,
    Light,
    Dark,
}

impl Scheme {
    /// Every choice, as the settings list them.
    pub const ALL: [Scheme; 3] = [Scheme::System, Scheme::Light, Scheme::Dark];

    /// The word people read.
    pub fn word(self) -> &'static str {
        match self {
            Scheme::System => "System",
            Scheme::Light => "Light",
            Scheme::Dark => "Dark",
        }
    }
}

/// The theme on show.
#[derive(Clone, Copy)]
pub struct Theme(RwSignal<Scheme>);

impl Theme {
    /// The stored choice.
    pub fn stored() -> Self {
        let stored = storage().and_then(|s| s.get_item(KEY).ok().flatten());
        Self(RwSignal::new(match stored.as_deref() {
            Some("dark") => Scheme::Dark,
            Some("light") => Scheme::Light,
            _ => Scheme::System,
        }))
    }

    /// The choice, reactive.
    pub fn get(self) -> Scheme {
        self.0.get()
    }

    /// Chooses, applies and keeps.
    pub fn set(self, scheme: Scheme) {
        self.0.set(scheme);
        let name = match scheme {
            Scheme::System => None,
            Scheme::Light => Some("light"),
            Scheme::Dark => Some("dark"),
        };
        if let Some(root) = document().document_element() {
            let _ = match name {
                Some(name) => root.set_attribute("data-theme", name),
                None => root.remove_attribute("data-theme"),
            };
        }
        if let Some(storage) = storage() {
            let _ = match name {
                Some(name) => storage.set_item(KEY, name),
                None => storage.remove_item(KEY),
            };
        }
    }

    /// Dark becomes light and the other way round; the system's becomes the opposite of what it shows.
    pub fn toggle(self) {
        let dark = match self.0.get_untracked() {
            Scheme::Dark => true,
            Scheme::Light => false,
            Scheme::System => system_is_dark(),
        };
        self.set(if dark { Scheme::Light } else { Scheme::Dark });
    }
}

/// The theme of this window.
pub fn use_theme() -> Theme {
    super::provided()
}

/// The web view's storage; `None` where it is switched off.
pub fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

fn system_is_dark() -> bool {
    window().match_media("(prefers-color-scheme: dark)").ok().flatten().is_some_and(|query| query.matches())
}
