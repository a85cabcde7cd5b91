//! Authors that may be one person under several names and addresses, where nothing says so: a login, the part of an
//! address before the `@`, or one word of a name. Nobody is joined for it; it says what a count of people may hide.

use std::collections::{BTreeMap, BTreeSet};

/// Parts of addresses that many people share.
const SHARED: &[&str] = &[
    "admin",
    "contact",
    "dev",
    "developer",
    "git",
    "github",
    "hello",
    "home",
    "info",
    "mail",
    "me",
    "noreply",
    "office",
    "root",
    "team",
    "test",
    "ubuntu",
    "user",
    "work",
];

/// Who may be whom: each author that looks like another, and the one who stands for all of them. `identities` are name,
/// address (both in lower case) and number of each author.
pub(super) fn alike(identities: &BTreeSet<(String, String, u32)>) -> BTreeMap<u32, u32> {
    let named: BTreeSet<u32> = identities.iter().filter(|(name, ..)| words(name).len() > 1).map(|(.., n)| *n).collect();
    let (mut strong, mut weak) = (BTreeMap::new(), BTreeMap::new());
    let mut joined = Joined::default();
    for (name, email, number) in identities {
        let words = words(name);
        let [first, .., last] = &words[..] else { continue };
        let [f, l] = [initial(first), initial(last)];
        let mut ends = [first.as_str(), last.as_str()];
        ends.sort_unstable();
        // `Ann Lee`, `Ann M. Lee` and `Lee, Ann` have the same two ends.
        joined.join(*strong.entry(format!("={}", ends.join(" "))).or_insert(*number), *number);
        for form in [
            format!("{first}{last}"),
            format!("{last}{first}"),
            format!("{f}{last}"),
            format!("{first}{l}"),
            handle(email),
        ] {
            strong.entry(form).or_insert(*number);
        }
        for form in [first, last] {
            weak.entry(form.clone()).or_insert(*number);
        }
    }
    let mut others: BTreeMap<String, u32> = BTreeMap::new();
    for (name, email, number) in identities.iter().filter(|(.., n)| !named.contains(n)) {
        for form in [words(name).concat(), handle(email)].into_iter().filter(|f| f.chars().count() > 1) {
            let known = strong.get(&form).or_else(|| weak.get(&form)).copied();
            joined.join(known.unwrap_or(*number), *number);
            joined.join(*others.entry(form).or_insert(*number), *number);
        }
    }
    joined.all()
}

/// Words of a name.
fn words(name: &str) -> Vec<String> {
    name.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect()
}

fn initial(word: &str) -> String {
    word.chars().take(1).collect()
}

/// What an address calls its owner: `annlee` of `ann.lee+git@acme.io` and of `123+annlee@users.noreply.github.com`;
/// empty where many share it.
fn handle(email: &str) -> String {
    let (local, host) = email.split_once('@').unwrap_or((email, ""));
    let own = match local.split_once('+') {
        Some((_, login)) if host.starts_with("users.noreply.") => login,
        Some((own, _)) => own,
        None => local,
    };
    let handle: String = own.chars().filter(|c| c.is_alphanumeric()).collect();
    if SHARED.contains(&handle.as_str()) { String::new() } else { handle }
}

/// Numbers that belong together.
#[derive(Default)]
struct Joined {
    to: BTreeMap<u32, u32>,
}

impl Joined {
    fn root(&self, number: u32) -> u32 {
        let mut at = number;
        while let Some(next) = self.to.get(&at) {
            at = *next;
        }
        at
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        if a != b {
            self.to.insert(a.max(b), a.min(b));
        }
    }

    /// Everybody who is not alone, with the lowest number of those.
    fn all(&self) -> BTreeMap<u32, u32> {
        self.to
            .keys()
            .map(|n| (*n, self.root(*n)))
            .chain(self.to.keys().map(|n| (self.root(*n), self.root(*n))))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_be_whom() {
        let check = |people: &[(&str, &str)], expected: &str| {
            let numbered = people.iter().zip(0_u32..);
            let identities =
                numbered.map(|((name, email), n)| ((*name).to_lowercase(), (*email).to_owned(), n)).collect();
            let said: Vec<String> = alike(&identities).iter().map(|(a, b)| format!("{a}>{b}")).collect();
            assert_eq!(said.join(" "), expected, "{people:?}");
        };
        let ann = ("Ann Lee", "ann.lee@acme.io");
        check(&[ann, ("annlee", "123+annlee@users.noreply.github.com")], "0>0 1>0");
        check(&[ann, ("ann", "ann@anns-laptop.local")], "0>0 1>0");
        check(
            &[ann, ("annlee", "123+annlee@users.noreply.github.com"), ("Ann", "ann@anns-laptop.local")],
            "0>0 1>0 2>0",
        );
        check(&[ann, ("Ann M. Lee", "a@home.net"), ("Lee, Ann", "b@home.net")], "0>0 1>0 2>0");
        check(&[ann, ("alee", "x@home.net")], "0>0 1>0");
        check(&[("x1", "annl@a.io"), ("annl", "q@b.io")], "0>0 1>0");
        check(&[ann, ("Bo Kim", "bo@acme.io"), ("cy", "cy@acme.io")], "");
        check(&[ann, ("Ann Moe", "ann.lee@beta.io")], "");
        check(&[("ann", "info@acme.io"), ("bo", "info@beta.io")], "");
        // One `ann` is one of the two Anns, not both.
        check(&[ann, ("Ann Moe", "moe@acme.io"), ("ann", "ann@home.net")], "0>0 2>0");
    }
}
