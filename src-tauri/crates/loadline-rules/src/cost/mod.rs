//! COST: cost.

mod cost_per_user;
mod months;
mod oversized;
mod spend_unwatched;
mod vertical_scaling;

use crate::Rule;

/// The rules of this family, by id.
pub(crate) const RULES: &[&Rule] =
    &[&cost_per_user::RULE, &vertical_scaling::RULE, &oversized::RULE, &spend_unwatched::RULE];
