//! PPL: people and knowledge. Numbers of people, never names.

mod bus_factor;
mod no_owners;
mod runbooks_missing;

use crate::Rule;

/// The rules of this family, by id.
pub(crate) const RULES: &[&Rule] = &[&bus_factor::RULE, &no_owners::RULE, &runbooks_missing::RULE];
