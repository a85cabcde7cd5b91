//! The vocabulary of Loadline: what accounts say (facts, gaps), what the stages conclude (checks, graph, capacity,
//! comparisons, score, plan) and the few pure tools every stage shares (time, numbers, random draws, distributions).
//! It is not for logic of any one stage, and never for input or output.

pub mod account;
pub mod answers;
pub mod assessment;
pub mod capacity;
pub mod check;
pub mod codebase;
pub mod collection;
pub mod databases;
pub mod debt;
pub mod decision;
pub mod demo;
pub mod deployments;
pub mod distribution;
pub mod dora;
pub mod fact;
pub mod finding;
pub mod gap;
pub mod graph;
pub mod hash;
pub mod ids;
pub mod index;
pub mod key;
pub mod num;
pub mod performance;
pub mod policy;
pub mod random;
pub mod rehearsal;
pub mod roadmap;
pub mod rule_info;
pub mod rule_sources;
pub mod score;
pub mod time;
pub mod trends;

pub use account::*;
pub use answers::*;
pub use assessment::*;
pub use capacity::*;
pub use check::*;
pub use collection::*;
pub use debt::*;
pub use decision::*;
pub use demo::*;
pub use deployments::*;
pub use distribution::*;
pub use dora::*;
pub use fact::*;
pub use finding::*;
pub use gap::*;
pub use graph::*;
pub use ids::*;
pub use index::*;
pub use policy::*;
pub use rehearsal::*;
pub use roadmap::*;
pub use rule_info::*;
pub use score::*;
pub use time::*;
pub use trends::*;

/// Version of the scoring model and rule catalog: equal versions and equal evidence give equal bytes.
pub const MODEL_VERSION: &str = "2026.11-8";

#[cfg(test)]
mod oracle_tests;
