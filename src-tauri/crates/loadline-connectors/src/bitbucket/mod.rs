//! Bitbucket Cloud: deployments and environments, merged pull requests, pipelines, what guards the main branch. It only ever sends
//! GET, and the token goes to no other host, whatever a link or redirect says. It is not for Bitbucket Data Center, whose API
//! is another.

mod calls;
mod changes;
mod deployments;
mod gates;

use crate::forge::{Calls, FIELDS, Host, Names, Reading, Repository, is_path, text};
use crate::http::{Credential, Door, HttpError, Limits};
use crate::{Cancelled, ConfigField, ConnectError, Connector, Provider, Secret, SecretNeed};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use loadline_model::Account;
use serde_json::Value;

/// What people see before connecting.
pub(crate) const PROVIDER: Provider = Provider {
    id: "bitbucket",
    name: "Bitbucket Cloud",
    summary: "Reads deployments and how they ended, merged pull requests, pipelines and branch restrictions of Bitbucket Cloud.",
    config: &[
        ConfigField {
            key: "repositories",
            label: "Repositories",
            help: "workspace/repository, separated by spaces: acme/shop acme/web",
            required: true,
        },
        ConfigField {
            key: "username",
            label: "E-mail address",
            help: "Of the Atlassian account, for an API token of a person; leave it out for an access token",
            required: false,
        },
        ConfigField {
            key: "endpoint_url",
            label: "Address",
            help: "https://api.bitbucket.org/2.0 unless set",
            required: false,
        },
        FIELDS[0],
        FIELDS[1],
        FIELDS[2],
        FIELDS[3],
    ],
    secret: SecretNeed::Required("repository, project or workspace access token, or API token of a person"),
    policy: calls::policy,
    documents: Vec::new,
    check: |account| {
        let account = addressed(account);
        Names::of(&account, PARTS)?;
        Door::open(&account, Credential::None, Limits::default()).map(drop)
    },
    connect: |account, secret| connect(account.clone(), secret).boxed(),
};

const PARTS: std::ops::RangeInclusive<usize> = 2..=2;

struct Bitbucket {
    account: Account,
    names: Names,
    door: Door,
}

/// What Bitbucket says a repository is called now.
struct Known {
    path: String,
    name: String,
    branch: String,
    /// Its own id, which outlives every renaming.
    uuid: String,
    /// Host of its address: ids are unique on one host alone.
    site: String,
}

/// The same account with the address that the door asks.
fn addressed(account: &Account) -> Account {
    let mut account = account.clone();
    let set = account.config.get("endpoint_url").map(|v| v.trim().trim_end_matches('/')).filter(|v| !v.is_empty());
    let host = set.unwrap_or("https://api.bitbucket.org").trim_end_matches("/2.0").to_owned();
    account.config.insert("url".to_owned(), host + "/2.0");
    account
}

async fn connect(account: Account, secret: Option<Secret>) -> Result<Box<dyn Connector>, ConnectError> {
    Ok(Box::new(Bitbucket::connect(account, secret, Limits::default()).await?))
}

impl Bitbucket {
    async fn connect(account: Account, secret: Option<Secret>, limits: Limits) -> Result<Self, ConnectError> {
        let account = addressed(&account);
        let names = Names::of(&account, PARTS)?;
        let secret = secret.ok_or_else(|| ConnectError::config("secret", "Bitbucket needs a token"))?;
        let token = Secret::new(secret.expose().trim());
        let user = account.config.get("username").map(|u| u.trim()).filter(|u| !u.is_empty());
        let credential = match user {
            Some(user) => Credential::Basic(user.to_owned(), token),
            None => Credential::Bearer(token),
        };
        let door = Door::open(&account, credential, limits)?;
        // An access token is of no person: only what it was made for tells whether it is valid.
        let first = names.repositories.first().map(|r| calls::REPOSITORY.of(&r.path, "")).unwrap_or_default();
        match door.get(&first, &[]).await {
            Ok(_) | Err(HttpError::NotFound | HttpError::Forbidden(_)) => Ok(Self { account, names, door }),
            Err(error) => Err(error.into_connect(door.host())),
        }
    }

    async fn read_topic(&self, r: &mut Reading<'_>, topic: &str, repository: &Repository) -> Result<(), Cancelled> {
        let Some(found) = r.get(&calls::REPOSITORY, "", &[]).await? else { return Ok(()) };
        let Some(known) = known(&found, &self.names.site) else {
            r.refused(&calls::REPOSITORY, &HttpError::Malformed("it names no repository".to_owned()));
            return Ok(());
        };
        let before = r.subject.clone();
        r.asked.clone_from(&known.path);
        r.subject = self.names.subject_of(topic, repository, &known.path);
        let home = self.names.subject(&known.path);
        match topic {
            "deployments" => deployments::read(r, &known, &home, &before).await,
            "change_requests" => changes::read(r, &known).await,
            _ => {
                r.say_repository(calls::REPOSITORY.path, &known.name, Some(&before));
                gates::read(r, &known).await
            }
        }
    }
}

/// Reads `full_name`, `uuid` and `mainbranch`, and nothing that could lead a path elsewhere.
fn known(found: &Value, site: &str) -> Option<Known> {
    let path = text(found, "/full_name").filter(|p| is_path(p, &PARTS))?.to_owned();
    let name = path.rsplit('/').next()?.to_owned();
    let branch = text(found, "/mainbranch/name").unwrap_or("main").to_owned();
    let uuid = text(found, "/uuid")?.trim_matches(['{', '}']).to_owned();
    Some(Known { path, name, branch, uuid, site: site.to_owned() })
}

impl Host for Bitbucket {
    fn account(&self) -> &Account {
        &self.account
    }

    fn names(&self) -> &Names {
        &self.names
    }

    fn door(&self) -> &Door {
        &self.door
    }

    fn calls(&self) -> &'static Calls {
        &calls::CALLS
    }

    fn called(&self, found: &Value) -> Option<String> {
        known(found, &self.names.site).map(|k| k.path)
    }

    fn topic<'r>(
        &'r self,
        r: &'r mut Reading<'_>,
        topic: &'r str,
        repository: &'r Repository,
    ) -> BoxFuture<'r, Result<(), Cancelled>> {
        self.read_topic(r, topic, repository).boxed()
    }
}

#[cfg(test)]
mod tests;
