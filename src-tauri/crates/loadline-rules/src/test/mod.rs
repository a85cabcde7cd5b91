//! TEST: testing for scale.

mod load_untested;
mod never_rehearsed;
mod speed_unguarded;

use crate::Rule;

/// The rules of this family, by id.
pub(crate) const RULES: &[&Rule] = &[&load_untested::RULE, &speed_unguarded::RULE, &never_rehearsed::RULE];
