//! Readiness of a snapshot: points, gates, label, why the score moved, the life of findings, and debt (`scoring.md` §2, §3).
//! It is not for judging: checks come in already decided, and nothing here reads an account, a clock or a file.

mod calibration;
mod code_debt;
mod contribution;
mod debt;
mod decompose;
mod findings;
mod gates;
mod hotspot;
mod label;
pub mod ledger;
mod points;
mod range;
mod rate;

pub use calibration::calibration;
pub use code_debt::code_debt;
pub use debt::{
    ComponentWork, DebtInputs, HOT, Rating, annual_return, debt, debt_ratio, firefighting_weeks, payback_quarters,
};
pub use decompose::{Scored, decompose, decompose_through};
pub use findings::findings;
pub use hotspot::{hotspot, hotspots, mid_ranks};
pub use rate::{Situation, rate};

#[cfg(test)]
mod tests;
