//! Where the reader is: path and query. Filters, tabs and the open drawer live here, so that back works and a reload
//! shows the same thing.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_query_map};
use leptos_router::params::ParamsMap;

/// Query key of the open evidence drawer.
pub const FINDING: &str = "finding";

type Navigate = Box<dyn Fn(&str, NavigateOptions)>;

/// The current place.
#[derive(Clone, Copy)]
pub struct Place {
    path: Memo<String>,
    query: Memo<ParamsMap>,
    navigate: StoredValue<Navigate, LocalStorage>,
}

impl Place {
    /// The router's place.
    pub fn of_router() -> Self {
        let navigate = use_navigate();
        Self {
            path: use_location().pathname,
            query: use_query_map(),
            navigate: StoredValue::new_local(Box::new(move |to: &str, options| navigate(to, options))),
        }
    }

    /// A query value, reactive.
    pub fn get(self, key: &str) -> Option<String> {
        self.query.with(|query| query.get(key)).filter(|value| !value.is_empty())
    }

    /// True when the query has a value; not reactive, for key handlers.
    pub fn is_open(self, key: &str) -> bool {
        self.query.with_untracked(|query| query.get(key)).is_some_and(|value| !value.is_empty())
    }

    /// A list in a query value, reactive.
    pub fn list(self, key: &str) -> Vec<String> {
        self.get(key).map(|value| value.split(',').map(str::to_owned).collect()).unwrap_or_default()
    }

    /// Goes to another page.
    pub fn go(self, to: &str) {
        self.navigate.with_value(|navigate| navigate(to, NavigateOptions::default()));
    }

    /// Changes query values on the same page; `None` removes. A step that back should undo.
    pub fn set(self, changes: &[(&str, Option<String>)]) {
        self.change(changes, false);
    }

    /// The same without a step in the history: for typing.
    pub fn replace(self, changes: &[(&str, Option<String>)]) {
        self.change(changes, true);
    }

    /// Opens the evidence of a finding over the page.
    pub fn open_finding(self, fingerprint: &str) {
        self.set(&[(FINDING, Some(fingerprint.to_owned()))]);
    }

    fn change(self, changes: &[(&str, Option<String>)], replace: bool) {
        let mut query = self.query.get_untracked();
        for (key, value) in changes {
            match value.as_ref().filter(|value| !value.is_empty()) {
                Some(value) => query.replace((*key).to_owned(), value.clone()),
                None => {
                    query.remove(key);
                }
            }
        }
        let to = format!("{}{}", self.path.get_untracked(), query.to_query_string());
        let options = NavigateOptions { replace, scroll: false, ..NavigateOptions::default() };
        self.navigate.with_value(|navigate| navigate(&to, options));
    }
}

/// The place of this window.
pub fn use_place() -> Place {
    super::provided()
}
