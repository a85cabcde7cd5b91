//! `packages.lock.json` of NuGet, and the literal versions of a project file.

use super::Pinned;
use serde_json::Value;

pub(super) fn lock(text: &str) -> Option<(Vec<Pinned>, bool)> {
    let json: Value = serde_json::from_str(text).ok()?;
    let targets = json.get("dependencies")?.as_object()?;
    let library = |(name, body): (&String, &Value)| {
        let kind = body.get("type")?.as_str()?;
        let version = body.get("resolved")?.as_str()?;
        (kind != "Project").then(|| Pinned { direct: Some(kind == "Direct"), ..Pinned::new(name, version) })
    };
    let libraries = targets.values().filter_map(Value::as_object).flatten();
    Some((libraries.filter_map(library).collect(), true))
}

/// A project file names what is asked for, and NuGet takes the lowest version that fits: the one that stands there.
pub(super) fn project(text: &str) -> Option<(Vec<Pinned>, bool)> {
    text.contains("<Project").then_some(())?;
    let library = |part: &str| {
        let (head, body) = part.split_once('>')?;
        let attribute = |key: &str| head.split_once(&format!("{key}=\""))?.1.split('"').next();
        let name = attribute("Include")?;
        let version = attribute("Version").or_else(|| {
            let body = body.split("</PackageReference>").next()?;
            body.split_once("<Version>")?.1.split('<').next()
        })?;
        let exact = version.starts_with(|c: char| c.is_ascii_digit()) && !version.contains('*');
        exact.then(|| Pinned { direct: Some(true), ..Pinned::new(name, version.trim()) })
    };
    Some((text.split("<PackageReference ").skip(1).filter_map(library).collect(), false))
}
