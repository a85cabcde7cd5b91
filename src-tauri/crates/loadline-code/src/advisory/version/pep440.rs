//! Versions of Python's packages (packaging.python.org, "Version specifiers", once PEP 440).

/// What orders a version: epoch, release without zeros at its end, then what comes before, after and beside it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    epoch: u64,
    release: Vec<u64>,
    before: Before,
    after: Option<u64>,
    /// The development of a version comes before it.
    development: (bool, u64),
    local: Vec<Local>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Before {
    /// Only a development release stands before everything.
    Development,
    Alpha(u64),
    Beta(u64),
    Candidate(u64),
    Nothing,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Local {
    Word(String),
    Number(u64),
}

pub(super) fn key(version: &str) -> Option<Key> {
    let version = version.to_ascii_lowercase();
    let version = version.strip_prefix('v').unwrap_or(&version);
    let (public, local) = version.split_once('+').map_or((version, None), |(public, local)| (public, Some(local)));
    let (epoch, rest) = public.split_once('!').map_or((Some(0), public), |(e, rest)| (e.parse().ok(), rest));
    let mut rest = Rest(rest);
    let mut release = vec![rest.number()?];
    while rest.0.starts_with('.') && rest.0[1..].starts_with(|c: char| c.is_ascii_digit()) {
        rest.0 = &rest.0[1..];
        release.push(rest.number()?);
    }
    while release.len() > 1 && release.last() == Some(&0) {
        release.pop();
    }
    let candidates = [("alpha", 0), ("beta", 1), ("preview", 2), ("pre", 2), ("rc", 2), ("a", 0), ("b", 1), ("c", 2)];
    let before = candidates.into_iter().find_map(|(word, which)| Some((which, rest.word(word)?)));
    let after = ["post", "rev", "r"].into_iter().find_map(|word| rest.word(word));
    // `1.0-1` is a post release too.
    let after = after.or_else(|| {
        let number = rest.0.strip_prefix('-').filter(|n| n.starts_with(|c: char| c.is_ascii_digit()))?;
        rest.0 = number;
        rest.number()
    });
    let development = rest.word("dev");
    if !rest.0.is_empty() {
        return None;
    }
    let before = match before {
        Some((0, n)) => Before::Alpha(n),
        Some((1, n)) => Before::Beta(n),
        Some((_, n)) => Before::Candidate(n),
        None if after.is_none() && development.is_some() => Before::Development,
        None => Before::Nothing,
    };
    let part = |text: &str| match text.parse() {
        Ok(number) => Some(Local::Number(number)),
        Err(_) => {
            let is_word = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric());
            is_word.then(|| Local::Word(text.to_owned()))
        }
    };
    let local = local.map_or(Some(Vec::new()), |l| l.split(['.', '-', '_']).map(part).collect())?;
    let development = development.map_or((true, 0), |n| (false, n));
    Some(Key { epoch: epoch?, release, before, after, development, local })
}

/// What is left to read.
struct Rest<'v>(&'v str);

impl Rest<'_> {
    fn number(&mut self) -> Option<u64> {
        let end = self.0.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.0.len());
        let (number, rest) = self.0.split_at(end);
        self.0 = rest;
        number.parse().ok()
    }

    /// A word with its number, zero when it has none: `.post1`, `-rc.2`, `a`.
    fn word(&mut self, word: &str) -> Option<u64> {
        let rest = self.0.trim_start_matches(['.', '-', '_']);
        if self.0.len() - rest.len() > 1 {
            return None;
        }
        let rest = rest.strip_prefix(word)?;
        let behind = rest.strip_prefix(['.', '-', '_']).unwrap_or(rest);
        let numbered = behind.starts_with(|c: char| c.is_ascii_digit());
        self.0 = if numbered { behind } else { rest };
        if numbered { self.number() } else { Some(0) }
    }
}
