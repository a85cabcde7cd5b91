//! The remediation plan inside the share of engineering time a team keeps for it (`scoring.md` §6): items from failing checks,
//! an exact choice per sprint with a certificate, and what was left out. It is not for judging or scoring, and it never looks at
//! a clock: what a set of items is worth together is asked of the caller through [`loadline_model::Revalue`].

mod branch;
mod calendar;
mod fit;
mod forest;
mod items;
mod order;
mod plan;
mod price;
mod schedule;
mod solve;
mod value;

pub use fit::{fits_probability, safe_half_days};
pub use items::{ItemDecisions, items};
pub use plan::plan;
pub use solve::{NODE_BUDGET, Problem, Solution, Task, solve};

#[cfg(test)]
mod tests;
