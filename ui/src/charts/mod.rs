//! Charts of the window: the same drawings as in the report, measured to their place, with a cursor for mouse and keys.

mod cells;
mod export;
mod plot;
mod zoom;

pub use cells::Cells;
pub use export::{Exports, csv_field};
pub use plot::{Plot, Point, Redraw, Zoom};
pub use zoom::{Limits, Span};

use crate::state::theme::{Scheme, use_theme};
use leptos::prelude::*;
use loadline_charts::Theme;

/// Colours for drawings, following the theme on show; reactive.
pub fn chart_theme() -> Theme {
    let dark = match use_theme().get() {
        Scheme::Dark => true,
        Scheme::Light => false,
        Scheme::System => {
            window().match_media("(prefers-color-scheme: dark)").ok().flatten().is_some_and(|query| query.matches())
        }
    };
    if dark { Theme::dark() } else { Theme::light() }
}
