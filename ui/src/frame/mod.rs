//! What stays while pages change: the rail, the top bar, and bands that qualify everything below them.

mod as_of;
mod bands;
mod collect;
mod rail;
mod top_bar;

pub use bands::Bands;
pub use rail::{Rail, rail_state};
pub use top_bar::TopBar;
