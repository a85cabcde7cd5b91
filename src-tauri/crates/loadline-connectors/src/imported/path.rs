//! Paths of other tools, made relative to the root of the repository, or refused.

use super::{About, ImportError, shown};

/// Longest path that is kept.
const MOST: usize = 1_000;

/// The path below the root of the repository. `roots` are folders that the file itself names as roots, beside the one that the
/// reader named.
pub(super) fn inside(path: &str, roots: &[String], about: &About) -> Result<String, ImportError> {
    let outside = || ImportError::PathOutside { path: shown(path) };
    if path.is_empty() || path.len() > MOST || path.chars().any(char::is_control) {
        return Err(outside());
    }
    let path = path.replace('\\', "/");
    let named = about.root.iter().chain(roots).map(|root| root.replace('\\', "/"));
    // The longest root that fits is the nearest.
    let below = named
        .filter_map(|root| {
            let root = root.trim_end_matches('/').to_owned();
            let rest = path.strip_prefix(&root)?.strip_prefix('/')?;
            (!root.is_empty()).then(|| (root.len(), rest.to_owned()))
        })
        .max_by_key(|(length, _)| *length);
    let relative = below.map_or_else(|| path.clone(), |(_, rest)| rest);
    let is_absolute = relative.starts_with('/') || relative.chars().nth(1) == Some(':') || relative.contains("://");
    if is_absolute {
        return Err(outside());
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or_else(outside)?;
            }
            part => parts.push(part),
        }
    }
    if parts.is_empty() { Err(outside()) } else { Ok(parts.join("/")) }
}

/// A URI reference as a path: `file:` taken off, `%20` written out.
pub(super) fn of_uri(uri: &str) -> Option<String> {
    // A host of its own stays in front, as a folder that only a root of the same host takes off.
    let host = |rest: &str| if rest.starts_with('/') { rest.to_owned() } else { format!("//{rest}") };
    let path =
        uri.strip_prefix("file://").map_or_else(|| uri.to_owned(), |r| host(r.strip_prefix("localhost").unwrap_or(r)));
    // `file:///C:/a` is a path of Windows.
    let path = path.strip_prefix('/').filter(|rest| rest.chars().nth(1) == Some(':')).unwrap_or(&path);
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16));
        let (high, low) = (digit(rest.next())?, digit(rest.next())?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imported::tests::about;

    #[test]
    fn paths_stay_inside() {
        let check = |path: &str, expected: Option<&str>| {
            let mut about = about();
            about.root = Some("/home/ci/shop/".into());
            let roots = ["/build/src".to_owned(), "/build".to_owned()];
            let found = inside(path, &roots, &about);
            assert_eq!(found.as_ref().ok().map(String::as_str), expected, "{path}: {found:?}");
        };
        check("src/a.py", Some("src/a.py"));
        check("./src//a.py", Some("src/a.py"));
        check("src/../a.py", Some("a.py"));
        check("src\\a.py", Some("src/a.py"));
        check("/home/ci/shop/src/a.py", Some("src/a.py"));
        check("/build/src/a.py", Some("a.py"));
        check("/build/b/a.py", Some("b/a.py"));
        check("/home/ci/shopping/a.py", None);
        check("/home/ci/shop/../../../etc/passwd", None);
        check("../a.py", None);
        check("src/../../a.py", None);
        check("/etc/passwd", None);
        check("C:\\a.py", None);
        check("https://example.com/a.py", None);
        check("src/a\u{1b}[2J.py", None);
        check("src/a\0.py", None);
        check("", None);
        check(".", None);
        check(&"a/".repeat(600), None);
    }

    #[test]
    fn uris_are_written_out() {
        let check = |uri: &str, expected: Option<&str>| assert_eq!(of_uri(uri).as_deref(), expected, "{uri}");
        check("src/a%20b.py", Some("src/a b.py"));
        check("file:///home/ci/a.py", Some("/home/ci/a.py"));
        check("file:///C:/a.py", Some("C:/a.py"));
        check("file://build.example.com/jobs/a.py", Some("//build.example.com/jobs/a.py"));
        check("src/%2e%2e/a.py", Some("src/../a.py"));
        check("src/%zz", None);
        check("src/%ff", None);
        check("src/%2", None);
    }
}
