//! The line icons of the frame: 16 × 16, one stroke, drawn here so that nothing is fetched.

use leptos::prelude::*;

/// Path data of an icon; an unknown name draws nothing.
fn path(name: &str) -> &'static str {
    match name {
        "overview" => "M2.5 3.5h4.5v5h-4.5zM9 3.5h4.5v2.5h-4.5zM9 8.5h4.5v4.5h-4.5zM2.5 11h4.5v2h-4.5z",
        "review" => "M3 3.5h10M3 8h10M3 12.5h6M11.5 12.5l1 1 2-2.5",
        "map" => "M8 2v3M8 5L4 8.5M8 5l4 3.500M4 8.500v3M12 8.500v3M2.500 11.500h3v2.500h-3zM10.500 11.500h3v2.500h-3z",
        "findings" => "M2.5 4h1M2.5 8h1M2.5 12h1M6 4h7.500M6 8h7.500M6 12h7.500",
        "debt" => "M2.5 2.5h6v6h-6zM10.500 2.500h3v3h-3zM10.500 7.500h3v6h-3zM2.500 10.500h6v3h-6z",
        "performance" => "M2 12.5c2 0 2.500-8 5-8s2.500 5 4 5 1.500-2 3-2",
        "capacity" => "M2.5 13V8.500M6.200 13V6M9.800 13V9M13.500 13V3",
        "delivery" => "M2.5 8h7M7 5l3 3-3 3M13 3v10",
        "roadmap" => "M2.5 3.500h6v2.500h-6zM5 7h7v2.500h-7zM8.500 10.500h5v2.500h-5z",
        "reports" => "M4 2.500h5.500l3 3v8h-8.500zM9.500 2.500v3h3M6 8.500h4.500M6 11h4.500",
        "accounts" => "M6 2.500v3M10 2.500v3M4.500 5.500h7v2.500a3.500 3.500 0 0 1-7 0zM8 11.500v2.500",
        "settings" => "M2.500 4.500h6M11.500 4.500h2M2.500 11.500h2M7.500 11.500h6M10 3v3M6 10v3",
        "search" => "M7 2.500a4.500 4.500 0 1 0 0 9 4.500 4.500 0 0 0 0-9zM10.300 10.300l3.200 3.200",
        "close" => "M4 4l8 8M12 4l-8 8",
        "copy" => "M5.500 5.500h8v8h-8zM10.500 5.500v-3h-8v8h3",
        "link" => {
            "M6.500 9.500l3-3M7 5l1.500-1.500a2.800 2.800 0 0 1 4 4L11 9M9 11l-1.500 1.500a2.800 2.800 0 0 1-4-4L5 7"
        }
        "check" => "M3 8.500l3.500 3.500L13 4.500",
        "chevron" => "M4.500 6.500L8 10l3.500-3.500",
        "right" => "M6.500 4.500L10 8l-3.500 3.500",
        "left" => "M9.500 4.500L6 8l3.500 3.500",
        "plus" => "M8 3v10M3 8h10",
        "refresh" => "M13 8a5 5 0 1 1-1.500-3.500M13 2.500v3h-3",
        "warning" => "M8 2.500l6 11H2zM8 6.500v3.500M8 11.800v.2",
        "clock" => "M8 2.500a5.500 5.500 0 1 0 0 11 5.500 5.500 0 0 0 0-11zM8 5v3.200l2 1.300",
        "rail" => "M2.500 3h11v10h-11zM6 3v10",
        "export" => "M8 10V2.500M5 5l3-3 3 3M3 9.500v4h10v-4",
        "undo" => "M3 6.500h6.500a3.500 3.500 0 0 1 0 7H6M5.500 4L3 6.500 5.500 9",
        "play" => "M5 3.500l7 4.500-7 4.500z",
        "trash" => "M3 4.500h10M6.500 4.500v-2h3v2M4.500 4.500l.500 9h6l.500-9M6.800 7v4M9.200 7v4",
        _ => "",
    }
}

/// An icon. It says nothing to screen readers: the control around it has the name.
#[component]
pub fn Icon(
    /// One of the names above.
    name: &'static str,
) -> impl IntoView {
    view! {
        <svg width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round"
            stroke-linejoin="round" aria-hidden="true">
            <path d=path(name) />
        </svg>
    }
}

/// The load line: a ring crossed by the line, as painted on a hull.
#[component]
pub fn BrandMark() -> impl IntoView {
    view! {
        <svg width="22" height="22" viewBox="0 0 22 22" fill="none" stroke="currentColor" stroke-width="1.8" aria-hidden="true">
            <circle cx="11" cy="11" r="6.600" />
            <path d="M1.500 11h19" stroke-width="2.200" />
        </svg>
    }
}
