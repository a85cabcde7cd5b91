//! EDGE: edge and CDN.

mod low_hit_ratio;
mod origin_exposed;
mod static_from_application;

use crate::Rule;

/// The rules of this family, by id.
pub(crate) const RULES: &[&Rule] = &[&static_from_application::RULE, &low_hit_ratio::RULE, &origin_exposed::RULE];
