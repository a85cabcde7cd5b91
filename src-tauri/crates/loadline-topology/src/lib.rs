//! Facts of all accounts to one graph, and what follows from it: single points of failure, blast radius, fragile pairs, recovery,
//! exposure and availability (`scoring.md` §1). Pure: no clock, no threads, no input or output; it also runs in the window, for
//! instant what-ifs. It is not for judging what it finds; that is the rules' room.

mod availability;
mod build;
mod csr;
mod edges;
mod exposure;
mod failure;
mod groups;
mod hours;
mod impact;
mod implied;
mod journeys;
mod lanes;
mod observed;
mod pairs;
mod parts;
mod paths;
pub mod priors;
mod reach;
mod recovery;
mod spof;
mod system;
mod tiers;
mod topology;
mod what_if;

pub use availability::{common_cause, k_of_n, parallel, series};
pub use build::build;
pub use failure::{Failure, Scratch, fail};
pub use hours::{Evidence, expected_hours, expected_rate, hours_interval, recovery_factor};
pub use impact::single_failure_sets;
pub use system::System;
pub use topology::analyse;
pub use what_if::{WhatIf, with_change};
