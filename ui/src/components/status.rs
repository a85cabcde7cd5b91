//! Status by colour and shape, so that neither alone has to be seen.

use leptos::prelude::*;
use loadline_model::{Finding, Severity};

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Critical,
    High,
    Medium,
    Low,
    Unknown,
    Pass,
}

impl Status {
    /// A failing check by severity; without one it is not proven.
    pub fn of_severity(severity: Option<Severity>) -> Self {
        match severity {
            Some(Severity::Critical) => Self::Critical,
            Some(Severity::High) => Self::High,
            Some(Severity::Medium) => Self::Medium,
            Some(Severity::Low) => Self::Low,
            None => Self::Unknown,
        }
    }
    /// A finding's status.
    pub fn of(finding: &Finding) -> Self {
        if finding.result == "unknown" { Self::Unknown } else { Self::of_severity(finding.severity) }
    }
    /// Name in classes and filters.
    pub fn code(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Unknown => "unknown",
            Self::Pass => "pass",
        }
    }
    /// The word people read.
    pub fn word(self) -> &'static str {
        if self == Self::Unknown { "not proven" } else { self.code() }
    }
}

/// The shape of a status. With `label` the word is read out; beside a visible word leave it off.
#[component]
pub fn Mark(
    status: Status,
    /// Read the word out.
    #[prop(optional)]
    label: bool,
) -> impl IntoView {
    let shape = match status {
        Status::Critical => view! { <path d="M7 .8L13.200 7 7 13.200.8 7z" fill="currentColor" /> }.into_any(),
        Status::High => view! { <path d="M7 1.500l6 10.800H1z" fill="currentColor" /> }.into_any(),
        Status::Medium => view! { <circle cx="7" cy="7" r="5" fill="currentColor" /> }.into_any(),
        Status::Low => view! { <circle cx="7" cy="7" r="4.200" fill="none" stroke="currentColor" stroke-width="1.800" /> }.into_any(),
        Status::Unknown => view! {
            <rect x="1.700" y="1.700" width="10.600" height="10.600" rx="1.500" fill="none" stroke="currentColor" stroke-width="1.300" />
            <path d="M2 6.500L6.500 2M2 11.500L11.500 2M7.500 12L12 7.500" stroke="currentColor" stroke-width="1.200" />
        }
        .into_any(),
        Status::Pass => view! { <path d="M2 7.500l3.300 3.300L12 3.800" fill="none" stroke="currentColor" stroke-width="1.900" /> }.into_any(),
    };
    view! {
        <span class=format!("mark mark--{}", status.code()) title=status.word()>
            <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">{shape}</svg>
            {label.then(|| view! { <span class="sr-only">{status.word()}</span> })}
        </span>
    }
}

/// A shape with its word.
#[component]
pub fn Badge(
    status: Status,
    /// Another word than the status's own.
    #[prop(optional, into)]
    text: Option<String>,
) -> impl IntoView {
    view! {
        <span class="badge">
            <Mark status />
            {text.unwrap_or_else(|| status.word().to_owned())}
        </span>
    }
}
