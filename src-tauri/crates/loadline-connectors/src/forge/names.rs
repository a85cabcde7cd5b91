//! Which repositories an account names, and what they and the services built from them are called everywhere.

use crate::{ConfigField, ConnectError};
use loadline_model::{Account, SubjectId};
use std::collections::BTreeMap;
use url::Url;

/// Most days of a first collection: hosts forget the outcome of deployments after about 90.
const MOST_DAYS: i64 = 365;
const DAYS: i64 = 90;

/// Fields that every host has.
pub(crate) const FIELDS: [ConfigField; 4] = [
    ConfigField {
        key: "services",
        label: "Services",
        help: "Which service a repository becomes when it is not called like the repository: owner/name=<id>, separated by spaces",
        required: false,
    },
    ConfigField {
        key: "history_days",
        label: "Days of the first collection",
        help: "90 unless set; hosts forget the outcome of deployments after about 90",
        required: false,
    },
    ConfigField {
        key: "ca_file",
        label: "Certificate authority",
        help: "Path of a PEM file to trust besides the system's",
        required: false,
    },
    ConfigField {
        key: "proxy",
        label: "Proxy",
        help: "http://proxy:3128, or `none` to ignore the environment's",
        required: false,
    },
];

/// A repository as the account names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Repository {
    /// `owner/name`, or a longer path.
    pub(crate) path: String,
    /// Service that is built from it, when the account says which.
    pub(crate) service: Option<SubjectId>,
}

/// What an account names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Names {
    /// In the order in which they were named, each once.
    pub(crate) repositories: Vec<Repository>,
    /// Host of the repositories' addresses, without port.
    pub(crate) site: String,
    /// Days of a first collection.
    pub(crate) days: i64,
}

impl Names {
    /// Reads `repositories`, `services`, `history_days` and the host of `url`; `parts` says how many names a path may have.
    ///
    /// # Errors
    /// [`ConnectError`] when one of them cannot be used.
    pub(crate) fn of(account: &Account, parts: std::ops::RangeInclusive<usize>) -> Result<Self, ConnectError> {
        Self::under("repositories", account, parts)
    }

    /// The same where the paths stand under another key: jobs that build a repository.
    ///
    /// # Errors
    /// The same.
    pub(crate) fn under(
        key: &str,
        account: &Account,
        parts: std::ops::RangeInclusive<usize>,
    ) -> Result<Self, ConnectError> {
        let set = |key: &str| account.config.get(key).map(|v| v.trim()).unwrap_or_default();
        let services = services(set("services"))?;
        let mut repositories: Vec<Repository> = Vec::new();
        for path in set(key).split([' ', ',', '\n', '\t']).filter(|p| !p.is_empty()) {
            if !is_path(path, &parts) {
                let why = format!("`{path}` is no path such as owner/name");
                return Err(ConnectError::config(key, why));
            }
            if repositories.iter().all(|r| !r.path.eq_ignore_ascii_case(path)) {
                let service = services.get(&path.to_ascii_lowercase()).cloned();
                repositories.push(Repository { path: path.to_owned(), service });
            }
        }
        if repositories.is_empty() {
            return Err(ConnectError::config(key, "it names none; write owner/name, separated by spaces"));
        }
        let known = |path: &&String| repositories.iter().all(|r| !r.path.eq_ignore_ascii_case(path));
        if let Some(stray) = services.keys().find(known) {
            return Err(ConnectError::config("services", format!("`{stray}` is not among them")));
        }
        let days = match set("history_days") {
            "" => DAYS,
            text => text.parse().ok().filter(|d| (1..=MOST_DAYS).contains(d)).ok_or_else(|| {
                ConnectError::config("history_days", format!("write a number of days from 1 to {MOST_DAYS}"))
            })?,
        };
        let site = Url::parse(set("url")).ok().and_then(|u| u.host_str().map(str::to_ascii_lowercase));
        let site = site.unwrap_or_default();
        Ok(Self { repositories, site: site.strip_prefix("api.").unwrap_or(&site).to_owned(), days })
    }

    /// The repository of a part's name, such as `deployments/owner/name`.
    pub(crate) fn of_scope<'n, 's>(&'n self, scope: &'s str) -> Option<(&'s str, &'n Repository)> {
        let (topic, path) = scope.split_once('/')?;
        Some((topic, self.repositories.iter().find(|r| r.path == path)?))
    }

    /// The id that a clone of it has too: host and path.
    pub(crate) fn subject(&self, path: &str) -> SubjectId {
        SubjectId::new(format!("repository:{}/{}", self.site, path.to_ascii_lowercase()))
    }
}

impl Repository {
    /// The service that is built from it: the one the account names, else one that is called like the repository, which is also
    /// what a deployment recorded by hand under that name is of.
    pub(crate) fn service(&self, name: &str) -> SubjectId {
        self.service.clone().unwrap_or_else(|| SubjectId::new(format!("service:{name}")))
    }
}

/// A name as one part of a path: a branch may hold slashes.
pub(crate) fn encoded(name: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
    name.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// A name in which `*` stands for anything.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    let Some((begin, rest)) = pattern.split_once('*') else { return pattern == name };
    let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    let inner = name.strip_prefix(begin).and_then(|tail| tail.strip_suffix(end));
    // Taking the first place of each piece leaves the most for those after it.
    let found =
        inner.and_then(|inner| middle.split('*').try_fold(inner, |left, piece| Some(left.split_once(piece)?.1)));
    found.is_some()
}

fn services(text: &str) -> Result<BTreeMap<String, SubjectId>, ConnectError> {
    let pair = |word: &str| {
        let (path, id) = word.split_once('=').filter(|(path, id)| !path.is_empty() && !id.is_empty())?;
        Some((path.to_ascii_lowercase(), SubjectId::new(id)))
    };
    let words = text.split_whitespace().map(|word| pair(word.trim_end_matches(',')));
    words
        .collect::<Option<_>>()
        .ok_or_else(|| ConnectError::config("services", "write owner/name=<id of the service>, separated by spaces"))
}

/// Names between slashes, of characters that hosts allow: nothing that could lead a path elsewhere.
pub(crate) fn is_path(path: &str, parts: &std::ops::RangeInclusive<usize>) -> bool {
    let is_name = |name: &str| {
        !name.is_empty()
            && name != "."
            && name != ".."
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    };
    parts.contains(&path.split('/').count()) && path.split('/').all(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::account;

    fn named(config: &[(&str, &str)]) -> Result<Names, String> {
        Names::of(&account("github", config), 2..=2).map_err(|e| e.code().to_owned())
    }

    #[test]
    fn repositories_and_services() {
        let url = ("url", "https://api.github.com");
        let names =
            named(&[url, ("repositories", "acme/Shop, acme/web\nACME/shop"), ("services", "acme/web=arn:aws:ecs:web")]);
        let names = names.expect("names");
        let paths: Vec<&str> = names.repositories.iter().map(|r| r.path.as_str()).collect();
        assert_eq!(
            (paths.as_slice(), names.site.as_str(), names.days),
            (["acme/Shop", "acme/web"].as_slice(), "github.com", 90)
        );
        assert_eq!(names.subject("acme/Shop").as_str(), "repository:github.com/acme/shop");
        assert_eq!(names.repositories[0].service("Shop").as_str(), "service:Shop");
        assert_eq!(names.repositories[1].service("web").as_str(), "arn:aws:ecs:web");
        assert_eq!(
            names.of_scope("deployments/acme/web").map(|(t, r)| (t, r.path.as_str())),
            Some(("deployments", "acme/web"))
        );
        assert!(names.of_scope("deployments/acme/none").is_none());
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        let check = |config: &[(&str, &str)]| assert_eq!(named(config), Err("invalid_config".to_owned()), "{config:?}");
        check(&[]);
        check(&[("repositories", "shop")]);
        check(&[("repositories", "acme/../admin")]);
        check(&[("repositories", "acme/shop?x=1")]);
        check(&[("repositories", "a/b/c")]);
        check(&[("repositories", "acme/shop"), ("services", "acme/web=x")]);
        check(&[("repositories", "acme/shop"), ("services", "acme/shop")]);
        check(&[("repositories", "acme/shop"), ("history_days", "0")]);
        check(&[("repositories", "acme/shop"), ("history_days", "much")]);
    }
}
