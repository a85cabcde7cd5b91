//! Loadline's charts: numbers in, one SVG string out, the same drawing for the window and the report.
//!
//! Every chart is a plain struct with a `summary()` for screen readers and a function of the same name that draws it. Text is
//! deterministic: the same numbers, theme and size give the same bytes. What is not known is hatched, never drawn as zero.
//! Not for: reading facts, computing scores or percentiles, interaction (the window overlays that through [`Frame`]).

mod axis;
mod bars;
mod before_after;
mod burn_up;
mod canvas;
mod forecast;
mod heatmap;
mod latency;
mod load_line;
mod m4;
mod scale;
mod score_bar;
mod sparkline;
mod stacked;
mod theme;
mod thinned;
pub mod words;

pub use bars::{Bar, Bars, Tone, Waterfall, bars, waterfall};
pub use before_after::{Shapes, before_after};
pub use burn_up::{BurnUp, burn_up};
pub use canvas::{Drawing, Frame, Size};
pub use forecast::{Forecast, ForecastPoint, forecast};
pub use heatmap::{Heatmap, heatmap};
pub use latency::{LatencyChart, LatencyPoint, Marker, Span, latency};
pub use load_line::{LadderMark, LoadLine, load_line};
pub use m4::downsample_m4;
pub use score_bar::{ScoreBar, score_bar};
pub use sparkline::{line_of, sparkline};
pub use stacked::{Column, PARTS, Stacked, spent, stacked};
pub use theme::{Rgb, Theme};
pub use thinned::coarser;

#[cfg(test)]
mod tests;
