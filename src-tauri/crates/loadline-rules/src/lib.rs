//! Loadline's judgements: one rule a file, grouped by what a person would fix. Rules read facts and conclusions of the
//! graph, the trends and the capacity model; they never do input or output, never read the clock and never know a vendor.

mod arch;
mod r#async;
mod cache;
mod cap;
mod context;
mod cost;
mod data;
mod db;
mod del;
mod edge;
mod escalation;
mod evaluate;
mod load;
mod obs;
mod ppl;
mod rule;
mod scale;
mod source_text;
mod spof;
mod test;
#[cfg(test)]
mod testing;
mod verdict;
mod window;

pub use context::{Context, Subject};
pub use evaluate::{catalog, evaluate, judged_domains};
pub use rule::{Applies, Number, Rule};

/// Every rule of this model version, in catalog order.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    let families = [
        spof::RULES,
        data::RULES,
        db::RULES,
        cache::RULES,
        r#async::RULES,
        scale::RULES,
        load::RULES,
        edge::RULES,
        obs::RULES,
        del::RULES,
        arch::RULES,
        ppl::RULES,
        cost::RULES,
        test::RULES,
        cap::RULES,
    ];
    families.into_iter().flatten().copied()
}
