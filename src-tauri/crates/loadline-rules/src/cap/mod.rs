//! CAP: capacity and headroom.

mod cpu_near_saturation;
mod disk_will_fill;
mod first_limit;
pub(crate) mod headroom;
mod last_partition;
mod memory_near_limit;
mod pools_run_out;
mod quota_close;
mod storage_speed;
mod structural_ceiling;
mod zone_headroom;

use crate::Rule;

/// The rules of this family, by id.
pub(crate) const RULES: &[&Rule] = &[
    &cpu_near_saturation::RULE,
    &memory_near_limit::RULE,
    &disk_will_fill::RULE,
    &storage_speed::RULE,
    &pools_run_out::RULE,
    &quota_close::RULE,
    &first_limit::RULE,
    &zone_headroom::RULE,
    &structural_ceiling::RULE,
];
