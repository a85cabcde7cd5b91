//! CODEOWNERS: who is asked to review which path.

/// The rules of a CODEOWNERS file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owners {
    /// Pattern and how many owners it names; a later rule wins.
    pub rules: Vec<(String, u32)>,
    /// Lines that name an owner no host understands.
    pub errors: u32,
}

pub(super) fn is_one(path: &str) -> bool {
    matches!(
        path,
        "CODEOWNERS" | ".github/CODEOWNERS" | "docs/CODEOWNERS" | ".gitlab/CODEOWNERS" | ".bitbucket/CODEOWNERS"
    )
}

/// Reads it as the host understands it that looks where it lies. Bitbucket knows neither sections nor patterns that begin
/// with `!` or hold a range.
pub(super) fn read(path: &str, text: &str) -> Owners {
    let bitbucket = path.starts_with(".bitbucket/");
    let mut owners = Owners::default();
    let named = |names: &[&str]| u32::try_from(names.iter().filter(|n| n.contains('@')).count()).unwrap_or(u32::MAX);
    let mut of_section = 0;
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        // GitLab groups rules in sections, whose owners are those of every rule that names none.
        if !bitbucket && (line.starts_with('[') || line.starts_with("^[")) {
            of_section = named(&line.split_whitespace().collect::<Vec<_>>());
            continue;
        }
        // A space of a name is written `\\ `.
        let written = line.replace("\\ ", "\u{1}");
        let mut words = written.split_whitespace().take_while(|w| !w.starts_with('#'));
        let Some(pattern) = words.next().map(|p| p.replace('\u{1}', " ")) else { continue };
        let names: Vec<&str> = words.collect();
        if bitbucket && (pattern.starts_with('!') || pattern.contains('[')) {
            owners.errors += 1;
            continue;
        }
        let wrong = names.iter().any(|n| !n.contains('@'));
        owners.errors += u32::from(wrong);
        let count = if names.is_empty() { of_section } else { named(&names) };
        owners.rules.push((pattern, count));
    }
    owners
}

/// How many owners a path has: those of the last rule that fits it; 0 when none fits or that rule names nobody.
pub fn owned_by(owners: &Owners, path: &str) -> u32 {
    owners.rules.iter().rev().find(|(pattern, _)| fits(pattern, path)).map_or(0, |(_, owners)| *owners)
}

/// Whether a path fits a pattern as in `.gitignore`: a slash at the beginning or inside binds to the root, one at the end
/// means a folder, `*` stays inside a name, `**` does not.
pub fn fits(pattern: &str, path: &str) -> bool {
    let folder = pattern.ends_with('/');
    let trimmed = pattern.trim_end_matches('/');
    let bound = trimmed.trim_end_matches("/**").trim_end_matches("/*").contains('/') || trimmed.starts_with('/');
    let wanted: Vec<&str> = trimmed.trim_start_matches('/').split('/').collect();
    let parts: Vec<&str> = path.split('/').collect();
    let starts = if bound { 0..1 } else { 0..parts.len() };
    starts.into_iter().any(|from| matches_parts(&wanted, parts.get(from..).unwrap_or_default(), folder))
}

fn matches_parts(wanted: &[&str], parts: &[&str], folder: bool) -> bool {
    match (wanted.split_first(), parts.split_first()) {
        // All words matched: a folder holds everything below it.
        (None, None) => !folder,
        (None, Some(_)) => true,
        (Some((&"**", rest)), _) => {
            rest.is_empty()
                || (0..=parts.len()).any(|n| matches_parts(rest, parts.get(n..).unwrap_or_default(), folder))
        }
        (Some(_), None) => false,
        (Some((&"*", [])), Some((_, below))) => below.is_empty(),
        (Some((word, rest)), Some((part, below))) => matches_word(word, part) && matches_parts(rest, below, folder),
    }
}

fn matches_word(word: &str, part: &str) -> bool {
    let Some((before, after)) = word.split_once('*') else { return word == part };
    let Some(rest) = part.strip_prefix(before) else { return false };
    (0..=rest.len()).filter(|n| rest.is_char_boundary(*n)).any(|n| matches_word(after, &rest[n..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_rule_that_fits_wins() {
        let owners =
            read("CODEOWNERS", "# all\n* @acme/all @ann\n/src/pay/ @acme/pay\n*.sql @dba @dbb\ndocs/\n/api/*.py bo\n");
        let check = |path: &str, expected: u32| assert_eq!(owned_by(&owners, path), expected, "{path}");
        assert_eq!(owners.errors, 1, "bo is no name of a host");
        check("README.md", 2);
        check("src/pay/card.py", 1);
        check("lib/src/pay/card.py", 2);
        check("db/x/1.sql", 2);
        check("docs/a/b.md", 0);
        check("api/x.py", 0);
        check("api/deep/x.py", 2);
        assert_eq!(owned_by(&Owners::default(), "a"), 0);
        assert_eq!(owned_by(&read("CODEOWNERS", "[Docs] @acme/docs\ndocs/\n"), "docs/a.md"), 1);
        assert!(
            fits("src/**/x.rs", "src/a/b/x.rs") && fits("**/x", "a/b/x") && !fits("/x", "a/x") && fits("a/*", "a/b")
        );
        assert!(!fits("a/*", "a/b/c") && fits("/a/", "a/b") && !fits("/a/", "a"));
    }
}
