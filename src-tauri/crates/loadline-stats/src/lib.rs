//! What series say over time: daily percentiles from merged distributions, change points, delivery figures, and
//! before/after comparisons with intervals, confounders and one verdict word each (`scoring.md` §5).
//! It is not for judging anything (rules do) nor for forecasts (capacity does).

pub mod attribution;
pub mod benjamini_hochberg;
pub mod bootstrap;
pub mod change_point;
mod codebase;
mod compare;
pub mod consistency;
mod databases;
pub mod day_correlation;
mod delivery;
mod demand;
pub mod effect;
mod errors;
mod failures;
mod history;
mod hours;
mod latency;
mod lead;
mod localise;
mod neighbourhood;
mod promises;
pub mod sign_flip;
mod spread;
mod together;
mod told;
mod trends;
pub mod wilson;

pub use codebase::codebase;
pub use compare::{CompareRequest, compare};
pub use databases::{Concluded, databases};
pub use promises::promises;
pub use spread::spread;
pub use trends::trends;

#[cfg(any(test, feature = "testing"))]
mod fixture;
#[cfg(test)]
mod oracle_tests;
#[cfg(any(test, feature = "testing"))]
pub mod simulated;
#[cfg(test)]
mod simulated_tests;
#[cfg(test)]
mod trends_tests;
