//! `composer.lock`, which says when each version was released.

use super::{Pinned, day};
use serde_json::Value;

pub(super) fn read(text: &str) -> Option<(Vec<Pinned>, bool)> {
    let json: Value = serde_json::from_str(text).ok()?;
    let product = json.get("packages")?.as_array()?;
    let development = json.get("packages-dev").and_then(Value::as_array);
    let library = |body: &Value, development: bool| {
        let said = |key: &str| body.get(key).and_then(Value::as_str);
        let version = said("version")?;
        let numbered = version.strip_prefix('v').filter(|v| v.starts_with(|c: char| c.is_ascii_digit()));
        Some(Pinned {
            development: Some(development),
            released: said("time").and_then(day),
            ..Pinned::new(said("name")?, numbered.unwrap_or(version))
        })
    };
    let mut found: Vec<Pinned> = product.iter().filter_map(|body| library(body, false)).collect();
    found.extend(development.into_iter().flatten().filter_map(|body| library(body, true)));
    Some((found, true))
}
