//! The pages. Adding one is a folder with a `Page` component and two lines here: its module, and its row in the list,
//! from which route, rail, palette, `g` keys and the shortcut sheet follow.

pub mod accounts;
pub mod answers;
pub mod capacity;
pub mod debt;
pub mod delivery;
pub mod findings;
pub mod first_run;
pub mod map;
pub mod overview;
pub mod performance;
pub mod reports;
pub mod roadmap;
pub mod settings;

use leptos::prelude::*;
use leptos_router::StaticSegment;
use leptos_router::components::{Route, Routes};

/// Where a page stands in the rail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Now,
    Risk,
    Load,
    Plan,
    /// Below the groups.
    Foot,
}

impl Group {
    /// The groups with a heading, in order.
    pub const HEADED: [Group; 4] = [Group::Now, Group::Risk, Group::Load, Group::Plan];

    /// Its heading.
    pub fn word(self) -> &'static str {
        match self {
            Group::Now => "Now",
            Group::Risk => "Risk",
            Group::Load => "Load",
            Group::Plan => "Plan",
            Group::Foot => "",
        }
    }
}

/// A page as rail, palette and keys know it.
#[derive(Clone, Copy, Debug)]
pub struct PageInfo {
    /// First path segment, also its test id; empty for the first page.
    pub path: &'static str,
    /// Module name, in test ids.
    pub name: &'static str,
    pub group: Group,
    pub label: &'static str,
    pub icon: &'static str,
    /// Letter after `g`.
    pub key: char,
}

impl PageInfo {
    /// Its link.
    pub fn href(&self) -> String {
        format!("/{}", self.path)
    }
}

macro_rules! pages {
    ($($module:ident: $path:literal, $group:ident, $label:literal, $icon:literal, $key:literal;)+) => {
        /// Every page, in the order of the rail.
        pub const PAGES: &[PageInfo] = &[$(
            PageInfo { path: $path, name: stringify!($module), group: Group::$group, label: $label, icon: $icon, key: $key }
        ),+];

        /// The page that the route names.
        #[component]
        pub fn CurrentPage() -> impl IntoView {
            view! {
                <Routes fallback=NoSuchPage>
                    $(<Route path=StaticSegment($path) view=|| view! {
                        <div class="scroll" data-testid=concat!("page-", stringify!($module))><$module::Page /></div>
                    } />)+
                </Routes>
            }
        }
    };
}

// module: path, group, label, icon, key after g
pages! {
    overview: "", Now, "Overview", "overview", 'o';
    map: "map", Risk, "Failure map", "map", 'm';
    findings: "findings", Risk, "Findings", "findings", 'f';
    debt: "debt", Risk, "Debt", "debt", 't';
    performance: "performance", Load, "Performance", "performance", 'p';
    capacity: "capacity", Load, "Capacity", "capacity", 'c';
    delivery: "delivery", Load, "Delivery", "delivery", 'd';
    roadmap: "roadmap", Plan, "Roadmap", "roadmap", 'r';
    reports: "reports", Plan, "Reports", "reports", 'e';
    accounts: "accounts", Foot, "Accounts", "accounts", 'a';
    answers: "answers", Foot, "Answers", "review", 'w';
    settings: "settings", Foot, "Settings", "settings", 's';
}

#[component]
fn NoSuchPage() -> impl IntoView {
    use crate::components::EmptyState;
    view! {
        <div class="page">
            <EmptyState title="There is no such page" why="The link is from another version of Loadline, or was mistyped.">
                <a class="button" href="/">"Go to overview"</a>
            </EmptyState>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::PAGES;

    #[test]
    fn keys_and_paths_are_unique() {
        for of in [|i: usize| PAGES[i].key.to_string(), |i: usize| PAGES[i].path.to_owned()] {
            let mut all: Vec<String> = (0..PAGES.len()).map(of).collect();
            all.sort();
            all.dedup();
            assert_eq!(all.len(), PAGES.len());
        }
    }
}
