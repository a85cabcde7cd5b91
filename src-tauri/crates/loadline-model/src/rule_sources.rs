//! Which kinds of facts each rule of the catalog can be judged from: proof that every rule has somewhere to land.

use crate::FactKind::{self, *};

/// Rule id and the fact kinds that carry its sources, in catalog order.
pub const RULE_SOURCES: &[(&str, &[FactKind])] = &[];
