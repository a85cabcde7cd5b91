//! Authors: who is a machine, and which names are one person.

use super::alike;
use std::collections::{BTreeMap, BTreeSet};

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
    "svc-",
    "svc_",
    "service-account",
    "ci-",
    "gitlab-runner",
    "deepsource",
    "sonarcloud",
    "argocd",
    "fluxcd",
    "k8s-ci-",
    "google-labs-jules",
    "devin-ai",
    "copilot-swe-agent",
];
/// Names that are a machine's as a whole, and agents that write code without a person's name.
const WHOLE: &[&str] = &[
    "ci",
    "cd",
    "ci/cd",
    "ci user",
    "deploy",
    "deployer",
    "deployment",
    "automation",
    "build",
    "builder",
    "release",
    "runner",
    "copilot",
    "github copilot",
    "copilot swe agent",
    "claude code",
    "cursor agent",
    "cursoragent",
    "openai codex",
    "codex",
    "openhands",
    "gemini code assist",
    "amazon q",
    "devin ai",
];
/// Hosts from which only machines write.
const HOSTS: &[&str] = &["anthropic.com", "openai.com", "cursor.com", "all-hands.dev", "aider.chat", "cognition.ai"];
/// Words of addresses by which nobody is written to.
const NO_REPLY: &[&str] = &["noreply", "no-reply", "donotreply", "cursoragent", "codex", "openhands", "agent"];

/// Whether a machine committed: `[bot]` or a word `bot` in name or address, the name of a known one or of its account, or
/// an agent that writes code, by the address its maker gives it.
pub fn is_bot(name: &str, email: &str) -> bool {
    let (name, email) = (name.to_lowercase(), email.to_lowercase());
    let (local, host) = email.split_once('@').unwrap_or((&email, ""));
    let login = local.rsplit('+').next().unwrap_or_default();
    let named = |text: &str| MACHINES.iter().any(|m| text.starts_with(m) || text.contains(&format!("+{m}")));
    let word = |text: &str| text.split(|c: char| !c.is_alphanumeric()).any(|w| w == "bot");
    let whole = |text: &str| WHOLE.contains(&text) || text.ends_with("-ci") || text.ends_with("-robot");
    let agent = HOSTS.contains(&host) && NO_REPLY.contains(&local);
    let account = host.ends_with("gserviceaccount.com") || host.starts_with("noreply.ci.");
    let marked = name.contains("[bot]") || email.contains("[bot]") || word(&name) || word(local);
    marked || agent || account || named(&name) || named(local) || whole(name.trim()) || whole(login)
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
    identities: BTreeSet<(String, String, u32)>,
}

impl People {
    /// The number of an author, new or known.
    pub fn number(&mut self, name: &str, email: &str) -> u32 {
        let email = email.trim().to_lowercase();
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let full = name.contains(' ');
        let of_name = if full { self.by_name.get(&name).copied() } else { None };
        // An empty address names nobody; then the name alone does.
        let key = if email.is_empty() { name.clone() } else { email.clone() };
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
            self.by_name.entry(name.clone()).or_insert(number);
        }
        self.identities.insert((name, email, number));
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

    /// Authors that look like another though nothing joins them, each with the one who stands for all of those.
    pub fn alike(&self) -> BTreeMap<u32, u32> {
        let last =
            self.identities.iter().map(|(name, email, number)| (name.clone(), email.clone(), self.root(*number)));
        alike::alike(&last.collect())
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
        check("Claude", "noreply@anthropic.com", true);
        check("Claude Monet", "claude@acme.io", false);
        check("Claude", "claude@acme.io", false);
        check("Copilot", "198982749+Copilot@users.noreply.github.com", true);
        check("copilot-swe-agent", "x@y.z", true);
        check("Cursor Agent", "cursoragent@cursor.com", true);
        check("Devin AI", "158243242+devin-ai-integration@users.noreply.github.com", true);
        check("CI", "ci@acme.io", true);
        check("Acme", "deploy@acme.io", true);
        check("svc-deploy", "svc-deploy@acme.io", true);
        check("renovate", "29139614+renovate@users.noreply.github.com", true);
        check("github-actions", "github-actions@github.com", true);
        check("x", "builder@acme.iam.gserviceaccount.com", true);
        check("Ci Liu", "ci.liu@acme.io", false);
        check("Svea Citroen", "svea@acme.io", false);
        check("Build Smith", "smith@acme.io", false);
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
