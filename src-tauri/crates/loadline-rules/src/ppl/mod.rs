//! PPL: people and knowledge. Numbers of people, never names.

mod budget_not_kept;
mod bus_factor;
mod concentrated_power;
mod no_owners;
mod on_call;
mod runbooks_missing;
mod said;
mod unplanned_work;

use crate::Rule;

/// The rules of this family, by id.
pub(crate) const RULES: &[&Rule] = &[
    &bus_factor::RULE,
    &no_owners::RULE,
    &runbooks_missing::RULE,
    &on_call::RULE,
    &concentrated_power::RULE,
    &unplanned_work::RULE,
    &budget_not_kept::RULE,
];
