//! Loadline's judgements: one rule a file, grouped by what a person would fix. Rules read facts and conclusions of the
//! graph, the trends and the capacity model; they never do input or output, never read the clock and never know a vendor.

mod cap;
mod context;
mod data;
mod db;
mod escalation;
mod evaluate;
mod obs;
mod rule;
mod spof;
#[cfg(test)]
mod testing;

pub use context::{Context, Subject};
pub use evaluate::{catalog, evaluate, judged_domains};
pub use rule::{Applies, Number, Rule};

/// Every rule of this model version, in catalog order.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    [spof::RULES, data::RULES, db::RULES, obs::RULES, cap::RULES].into_iter().flatten().copied()
}
