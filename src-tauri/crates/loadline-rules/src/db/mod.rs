//! DB: databases.

mod connections_near_limit;

use crate::Rule;

/// The rules of this family, by id.
pub(crate) const RULES: &[&Rule] = &[&connections_near_limit::RULE];
