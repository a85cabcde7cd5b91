//! `gradle.lockfile`, and the literal versions of a `pom.xml`.

use super::Pinned;
use std::collections::BTreeMap;

/// `group:artifact:1.0=compileClasspath,testRuntimeClasspath`.
pub(super) fn gradle(text: &str) -> Option<(Vec<Pinned>, bool)> {
    let library = |line: &str| {
        let (library, configurations) = line.trim().split_once('=')?;
        let (name, version) = library.rsplit_once(':')?;
        let tests = configurations.split(',').all(|c| c.starts_with("test"));
        name.contains(':').then(|| Pinned { development: Some(tests), ..Pinned::new(name, version) })
    };
    Some((text.lines().filter(|l| !l.starts_with('#')).filter_map(library).collect(), true))
}

/// What a `pom.xml` names itself: never the whole, since Maven adds what those need.
pub(super) fn maven(text: &str) -> Option<(Vec<Pinned>, bool)> {
    let text = without(text, "<!--", "-->");
    let text = without(&text, "<exclusions>", "</exclusions>");
    let body = text.split_once("<project")?.1;
    let properties: BTreeMap<&str, &str> = between(body, "<properties>", "</properties>")
        .flat_map(|all| all.split('<'))
        .filter_map(|tag| tag.split_once('>'))
        .filter(|(name, _)| !name.starts_with('/'))
        .map(|(name, value)| (name, value.trim()))
        .collect();
    let version_of = |part: &str| {
        let said = tag(part, "version")?;
        match said.strip_prefix("${").and_then(|s| s.strip_suffix('}')) {
            Some(property) => properties.get(property).map(|v| (*v).to_owned()),
            None => Some(said.to_owned()),
        }
    };
    let name_of = |part: &str| Some(format!("{}:{}", tag(part, "groupId")?, tag(part, "artifactId")?));
    let managed: BTreeMap<String, String> = between(body, "<dependencyManagement>", "</dependencyManagement>")
        .flat_map(|all| between(all, "<dependency>", "</dependency>"))
        .filter_map(|part| Some((name_of(part)?, version_of(part)?)))
        .collect();
    let own = without(body, "<dependencyManagement>", "</dependencyManagement>");
    let own = without(&own, "<build>", "</build>");
    let library = |part: &str| {
        let name = name_of(part)?;
        let version = version_of(part).or_else(|| managed.get(&name).cloned())?;
        let development = Some(tag(part, "scope") == Some("test"));
        // Ranges and what nobody filled in are no versions.
        let exact = version.starts_with(|c: char| c.is_ascii_alphanumeric());
        exact.then(|| Pinned { direct: Some(true), development, ..Pinned::new(&name, &version) })
    };
    let parts = between(&own, "<parent>", "</parent>").chain(between(&own, "<dependency>", "</dependency>"));
    Some((parts.filter_map(library).collect(), false))
}

fn tag<'t>(part: &'t str, name: &str) -> Option<&'t str> {
    between(part, &format!("<{name}>"), &format!("</{name}>")).next().map(str::trim)
}

/// What lies between each pair of marks, in order.
fn between<'t>(text: &'t str, open: &str, close: &str) -> impl Iterator<Item = &'t str> {
    text.split(open)
        .skip(1)
        .filter_map(move |rest| rest.split_once(close).map(|(inside, _)| inside))
        .collect::<Vec<_>>()
        .into_iter()
}

fn without(text: &str, open: &str, close: &str) -> String {
    let mut parts = text.split(open);
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(part.split_once(close).map_or("", |(_, rest)| rest));
    }
    kept
}
