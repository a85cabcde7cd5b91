//! OBS: observability.

use crate::Rule;

/// The rules of this family, by id.
pub(crate) const RULES: &[&Rule] = &[];
