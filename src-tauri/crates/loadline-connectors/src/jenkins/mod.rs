//! Jenkins: how builds of named jobs ended, how long they took, who or what began them; builds of deploying jobs are deployments.
//! It only ever sends GET, and asks with `tree=` for nothing but that: no log, parameter or file of a build.

mod builds;
mod calls;

use crate::forge::{Calls, FIELDS, Host, Names, Reading, Repository, text};
use crate::http::{Credential, Door, Limits};
use crate::{Cancelled, ConfigField, ConnectError, Connector, Provider, Secret, SecretNeed};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use loadline_model::Account;
use serde_json::Value;
use std::collections::BTreeMap;

/// What people see before connecting.
pub(crate) const PROVIDER: Provider = Provider {
    id: "jenkins",
    name: "Jenkins",
    summary: "Reads how builds of named jobs ended, how long they took and who began them; builds of deploying jobs are deployments.",
    config: &[
        ConfigField { key: "url", label: "Address", help: "https://jenkins.example.com", required: true },
        ConfigField { key: "username", label: "User", help: "Whose API token is the secret", required: true },
        ConfigField {
            key: "jobs",
            label: "Jobs",
            help: "Paths of jobs with their folders, separated by spaces: shop/main shop/deploy; one that builds the shipped branch of each repository, and those that deploy",
            required: true,
        },
        ConfigField {
            key: "deploy_jobs",
            label: "Deploying jobs",
            help: "Which of them deploy, each with its environment, separated by spaces: shop/deploy=production; none unless set",
            required: false,
        },
        ConfigField {
            key: "services",
            label: "Services",
            help: "Which service a deploying job ships when it is not called like the job: shop/deploy=<id>, separated by spaces",
            required: false,
        },
        FIELDS[1],
        FIELDS[2],
        FIELDS[3],
    ],
    secret: SecretNeed::Required("API token of the user"),
    policy: calls::policy,
    documents: Vec::new,
    check: |account| {
        let names = Names::under("jobs", account, PARTS)?;
        deploying(account, &names)?;
        Door::open(account, Credential::None, Limits::default()).map(drop)
    },
    connect: |account, secret| connect(account.clone(), secret).boxed(),
};

/// Folders may lie in folders.
const PARTS: std::ops::RangeInclusive<usize> = 1..=20;

/// Environment by path of a deploying job.
type Deploying = BTreeMap<String, String>;

struct Jenkins {
    account: Account,
    names: Names,
    deploying: Deploying,
    door: Door,
}

fn deploying(account: &Account, names: &Names) -> Result<Deploying, ConnectError> {
    let text = account.config.get("deploy_jobs").map(String::as_str).unwrap_or_default();
    let pair = |word: &str| {
        let (job, environment) = word.split_once('=').filter(|(job, of)| !job.is_empty() && !of.is_empty())?;
        Some((job.to_owned(), environment.to_owned()))
    };
    let all: Option<Deploying> = text.split([' ', ',', '\n']).filter(|w| !w.is_empty()).map(pair).collect();
    let all =
        all.ok_or_else(|| ConnectError::config("deploy_jobs", "write folder/job=environment, separated by spaces"))?;
    match all.keys().find(|job| names.repositories.iter().all(|r| r.path != **job)) {
        Some(stray) => Err(ConnectError::config("deploy_jobs", format!("`{stray}` is not among the jobs"))),
        None => Ok(all),
    }
}

async fn connect(account: Account, secret: Option<Secret>) -> Result<Box<dyn Connector>, ConnectError> {
    Ok(Box::new(Jenkins::connect(account, secret, Limits::default()).await?))
}

impl Jenkins {
    async fn connect(account: Account, secret: Option<Secret>, limits: Limits) -> Result<Self, ConnectError> {
        let names = Names::under("jobs", &account, PARTS)?;
        let deploying = deploying(&account, &names)?;
        let user = account.config.get("username").map(|u| u.trim().to_owned()).filter(|u| !u.is_empty());
        let user = user.ok_or_else(|| ConnectError::config("username", "whose API token the secret is"))?;
        let secret = secret.ok_or_else(|| ConnectError::config("secret", "Jenkins needs an API token"))?;
        let door = Door::open(&account, Credential::Basic(user, Secret::new(secret.expose().trim())), limits)?;
        door.get(calls::ROOT.path, &[("tree", "mode")]).await.map_err(|e| e.into_connect(door.host()))?;
        Ok(Self { account, names, deploying, door })
    }

    async fn read_topic(&self, r: &mut Reading<'_>, repository: &Repository) -> Result<(), Cancelled> {
        match self.deploying.get(&repository.path) {
            Some(environment) => builds::deployments(r, &self.names.site, environment).await,
            None => builds::read(r).await,
        }
    }
}

impl Host for Jenkins {
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

    fn asked(&self, path: &str) -> String {
        path.replace('/', "/job/")
    }

    fn called(&self, found: &Value) -> Option<String> {
        text(found, "/fullName").map(str::to_owned)
    }

    fn tells(&self, topic: &str, repository: &Repository) -> bool {
        topic == if self.deploying.contains_key(&repository.path) { "deployments" } else { "repository" }
    }

    fn topic<'r>(
        &'r self,
        r: &'r mut Reading<'_>,
        _topic: &'r str,
        repository: &'r Repository,
    ) -> BoxFuture<'r, Result<(), Cancelled>> {
        self.read_topic(r, repository).boxed()
    }
}

#[cfg(test)]
mod tests;
