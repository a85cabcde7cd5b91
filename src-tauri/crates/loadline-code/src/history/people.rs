//! Authors: who is a machine, and which names are one person.

use std::collections::BTreeMap;

/// Names of machines that commit, beside everything that calls itself a bot.
const MACHINES: &[&str] = &[
    "dependabot",
    "renovate",
    "github-actions",
    "github actions",
    "greenkeeper",
    "semantic-release",
    "pre-commit-ci",
    "snyk",
    "codecov",
    "imgbot",
    "allcontributors",
    "mergify",
    "gitlab-ci",
    "jenkins",
    "circleci",
    "weblate",
    "crowdin",
    "release-please",
];

/// Whether a machine committed: `[bot]` or a word `bot` in name or address, or the name of a known one.
pub fn is_bot(name: &str, email: &str) -> bool {
    let (name, email) = (name.to_lowercase(), email.to_lowercase());
    let local = email.split('@').next().unwrap_or_default();
    let named = |text: &str| MACHINES.iter().any(|m| text.starts_with(m) || text.contains(&format!("+{m}")));
    let word = |text: &str| text.split(|c: char| !c.is_alphanumeric()).any(|w| w == "bot");
    name.contains("[bot]") || email.contains("[bot]") || word(&name) || word(local) || named(&name) || named(local)
}

/// Whether a message says that the commit repairs something: a word of repair in its first line.
pub fn says_fix(message: &str) -> bool {
    let first = message.lines().next().unwrap_or_default().to_lowercase();
    let words =
        ["fix", "fixes", "fixed", "fixing", "bug", "bugfix", "hotfix", "regression", "revert", "crash", "repair"];
    first.split(|c: char| !c.is_alphanumeric()).any(|w| words.contains(&w))
}

/// Numbers for persons: the same address is one person, and so is the same full name (two words or more) under several
/// addresses. What neither joins stays apart; `.mailmap` is the way to say more.
#[derive(Debug, Default)]
pub struct People {
    by_email: BTreeMap<String, u32>,
    by_name: BTreeMap<String, u32>,
    joined: Vec<u32>,
}

impl People {
    /// The number of an author, new or known.
    pub fn number(&mut self, name: &str, email: &str) -> u32 {
        let email = email.trim().to_lowercase();
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let full = name.contains(' ');
        let of_name = if full { self.by_name.get(&name).copied() } else { None };
        // An empty address names nobody; then the name alone does.
        let key = if email.is_empty() { name.clone() } else { email };
        let known = self.by_email.get(&key).copied();
        let number = match (known, of_name) {
            (Some(a), Some(b)) => self.join(a, b),
            (Some(a), None) | (None, Some(a)) => self.root(a),
            (None, None) => {
                let new = u32::try_from(self.joined.len()).unwrap_or(u32::MAX);
                self.joined.push(new);
                new
            }
        };
        self.by_email.entry(key).or_insert(number);
        if full {
            self.by_name.entry(name).or_insert(number);
        }
        number
    }

    /// The number under which a person is counted in the end.
    pub fn root(&self, number: u32) -> u32 {
        let mut at = number;
        while let Some(next) = self.joined.get(at as usize).copied().filter(|n| *n != at) {
            at = next;
        }
        at
    }

    fn join(&mut self, a: u32, b: u32) -> u32 {
        let (a, b) = (self.root(a), self.root(b));
        let (low, high) = (a.min(b), a.max(b));
        if let Some(place) = self.joined.get_mut(high as usize) {
            *place = low;
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines() {
        let check = |name: &str, email: &str, bot: bool| assert_eq!(is_bot(name, email), bot, "{name} {email}");
        check("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com", true);
        check("Renovate Bot", "bot@renovateapp.com", true);
        check("release", "ci-bot@acme.io", true);
        check("github-actions", "x@y.z", true);
        check("Abbot Costello", "abbot@acme.io", false);
        check("Robot Smith", "robot@acme.io", false);
        check("Ann", "123+ann@users.noreply.github.com", false);
    }

    #[test]
    fn repairs() {
        let check = |message: &str, fix: bool| assert_eq!(says_fix(message), fix, "{message}");
        check("Fix the login", true);
        check("feat: prefix of names\n\nfixes nothing", false);
        check("HOTFIX(pay): x", true);
        check("Revert \"Add y\"", true);
    }

    #[test]
    fn one_person_under_several_names() {
        let mut people = People::default();
        let a = people.number("Ann Lee", "ann@acme.io");
        let b = people.number("ann", "ann@home.net");
        assert_ne!(a, b);
        assert_eq!(people.number("ANN", "Ann@acme.io"), a);
        assert_eq!(people.number("Ann  Lee", "ann@home.net"), a);
        assert_eq!(people.root(b), a, "the second address turned out to be hers");
        assert_ne!(people.number("Bo", "bo@acme.io"), a);
        assert_ne!(people.number("Bo", "bo@home.net"), people.number("Bo", "bo@acme.io"), "one word is no full name");
    }
}
