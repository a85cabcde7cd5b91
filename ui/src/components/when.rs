//! A moment: how long ago, with the exact time on hover.

use crate::format;
use crate::state::use_workspace;
use leptos::prelude::*;
use loadline_model::Timestamp;

/// A relative time against the shell's clock.
#[component]
pub fn When(at: Timestamp) -> impl IntoView {
    let workspace = use_workspace();
    let zone = workspace.now().and_then(|s| s.assessment.as_ref().map(|a| a.zone.clone())).unwrap_or_default();
    let now = workspace.now().map_or(at, |s| s.now);
    view! { <time datetime=at.to_string() title=format::moment(at, &zone)>{format::relative(at, now)}</time> }
}
