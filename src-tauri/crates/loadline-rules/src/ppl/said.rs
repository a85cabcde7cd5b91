//! What is known about people wherever it is said: of the organisation, of a schedule, of an account.

use crate::Context;
use loadline_model::{Provenance, Setting, SubjectId, Value};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A value with what it is about and where it comes from.
pub(super) struct Said<'a> {
    /// What it is said of.
    pub about: SubjectId,
    /// Which of several.
    pub item: Option<&'a str>,
    /// The value.
    pub value: &'a Value,
    /// Where it comes from.
    pub from: &'a Provenance,
}

/// The believed value of a setting for everything it is said of, in a fixed order.
pub(super) fn said<'a>(key: &str, context: &Context<'a>) -> Vec<Said<'a>> {
    let mut believed: BTreeMap<(SubjectId, Option<&'a str>), (&'a Value, &'a Provenance)> = BTreeMap::new();
    for (about, setting, from) in context.facts.all::<Setting>().filter(|(_, s, _)| s.key == key) {
        let rank = |p: &'a Provenance| (p.basis, Reverse(p.read_at), p);
        let known = believed.entry((about.clone(), setting.item.as_deref())).or_insert((&setting.value, from));
        if rank(from) < rank(known.1) {
            *known = (&setting.value, from);
        }
    }
    let one = |((about, item), (value, from))| Said { about, item, value, from };
    believed.into_iter().map(one).collect()
}

/// The numbers among them.
pub(super) fn numbers<'a>(key: &str, context: &Context<'a>) -> Vec<(Said<'a>, f64)> {
    said(key, context).into_iter().filter_map(|s| s.value.as_number().map(|n| (s, n))).collect()
}
