//! `Pipfile.lock`: what the product needs, and what development needs.

use super::Pinned;
use serde_json::Value;

pub(super) fn read(text: &str) -> Option<(Vec<Pinned>, bool)> {
    let json: Value = serde_json::from_str(text).ok()?;
    json.get("_meta")?;
    let sections = [("default", false), ("develop", true)];
    let libraries = sections.into_iter().filter_map(|(s, dev)| Some((json.get(s)?.as_object()?, dev)));
    let library = |(name, body): (&String, &Value), development| {
        let version = body.get("version")?.as_str()?.strip_prefix("==")?;
        Some(Pinned { development: Some(development), ..Pinned::new(name, version) })
    };
    Some((libraries.flat_map(|(all, dev)| all.iter().filter_map(move |entry| library(entry, dev))).collect(), true))
}
