//! How much load fits: utilisation at peak, growth of demand, what breaks first and when, the loss of a zone, pools and
//! the universal scalability law (`scoring.md` §4). The functions of [`forecast`] are small enough to run in the window
//! while a slider moves. It is not for judging (rules do) nor for reading series in other ways than these.

mod assess;
mod demand;
mod elasticity;
mod first_limit;
pub mod forecast;
pub mod growth;
mod ladder;
mod pools;
pub mod queueing;
mod theil_sen;
mod unmeasured;
pub mod usl;
mod utilisation;
pub mod zone_loss;

pub use assess::assess;
pub use forecast::{at_multiple, days_until, multiplier, what_if};

#[cfg(test)]
mod oracle_tests;
#[cfg(test)]
mod tests;
