//! CircleCI: how workflows of the default branch ended, and runs of the jobs that deploy. It only ever sends GET. Deploy markers
//! are not read: the API lists the versions of a component, and not what was deployed when.

mod calls;
mod runs;

use crate::forge::{Calls, FIELDS, Host, Names, Reading, Repository, text};
use crate::git::address_of;
use crate::http::{Credential, Door, HttpError, Limits};
use crate::{Cancelled, ConfigField, ConnectError, Connector, Provider, Secret, SecretNeed};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use loadline_model::{Account, SubjectId};
use serde_json::Value;
use std::collections::BTreeMap;

/// What people see before connecting.
pub(crate) const PROVIDER: Provider = Provider {
    id: "circleci",
    name: "CircleCI",
    summary: "Reads how workflows of the default branch ended, how long they took, and runs of the jobs that deploy, of CircleCI.",
    config: &[
        ConfigField {
            key: "repositories",
            label: "Projects",
            help: "Project slugs, separated by spaces: gh/acme/shop circleci/9YytKzouJxzu4TjCRFqAoD/44n9wujWcTnVZ2b5S8Fnat",
            required: true,
        },
        ConfigField {
            key: "deploy_jobs",
            label: "Deploying jobs",
            help: "Names of jobs whose runs are deployments, each with its environment, separated by commas: deploy-live=production, deploy-stage=staging; no deployments are read unless set",
            required: false,
        },
        ConfigField {
            key: "endpoint_url",
            label: "Address",
            help: "https://circleci.com unless set; a server of one's own: https://circleci.example.com",
            required: false,
        },
        FIELDS[0],
        FIELDS[1],
        FIELDS[2],
        FIELDS[3],
    ],
    secret: SecretNeed::Required("personal API token"),
    policy: calls::policy,
    documents: Vec::new,
    check: |account| {
        let account = addressed(account);
        Names::of(&account, PARTS)?;
        deploying(&account)?;
        Door::open(&account, Credential::None, Limits::default()).map(drop)
    },
    connect: |account, secret| connect(account.clone(), secret).boxed(),
};

/// Where the repository lies, organization, project.
const PARTS: std::ops::RangeInclusive<usize> = 3..=3;

/// Environment by name of a deploying job.
type Deploying = BTreeMap<String, String>;

struct CircleCi {
    account: Account,
    names: Names,
    deploying: Deploying,
    door: Door,
}

/// What CircleCI says of a project.
struct Known {
    path: String,
    name: String,
    branch: String,
    home: SubjectId,
}

/// The same account with the address that the door asks.
fn addressed(account: &Account) -> Account {
    let mut account = account.clone();
    let set = account.config.get("endpoint_url").map(|v| v.trim().trim_end_matches('/')).filter(|v| !v.is_empty());
    let host = set.unwrap_or("https://circleci.com").trim_end_matches("/api/v2").to_owned();
    account.config.insert("url".to_owned(), host + "/api/v2");
    account
}

fn deploying(account: &Account) -> Result<Deploying, ConnectError> {
    let text = account.config.get("deploy_jobs").map(String::as_str).unwrap_or_default();
    let pair = |words: &str| {
        let (job, environment) = words.rsplit_once('=').map(|(job, of)| (job.trim(), of.trim()))?;
        (!job.is_empty() && !environment.is_empty()).then(|| (job.to_owned(), environment.to_owned()))
    };
    let all = text.split(',').filter(|words| !words.trim().is_empty()).map(pair);
    all.collect::<Option<_>>()
        .ok_or_else(|| ConnectError::config("deploy_jobs", "write job=environment, separated by commas"))
}

async fn connect(account: Account, secret: Option<Secret>) -> Result<Box<dyn Connector>, ConnectError> {
    Ok(Box::new(CircleCi::connect(account, secret, Limits::default()).await?))
}

impl CircleCi {
    async fn connect(account: Account, secret: Option<Secret>, limits: Limits) -> Result<Self, ConnectError> {
        let account = addressed(&account);
        let (names, deploying) = (Names::of(&account, PARTS)?, deploying(&account)?);
        let secret = secret.ok_or_else(|| ConnectError::config("secret", "CircleCI needs a personal API token"))?;
        let credential = Credential::Headers(vec![("circle-token", Secret::new(secret.expose().trim()))]);
        let door = Door::open(&account, credential, limits)?;
        door.get(calls::ME.path, &[]).await.map_err(|e| e.into_connect(door.host()))?;
        Ok(Self { account, names, deploying, door })
    }

    async fn read_topic(&self, r: &mut Reading<'_>, topic: &str, repository: &Repository) -> Result<(), Cancelled> {
        let Some(found) = r.get(&calls::PROJECT, "", &[]).await? else { return Ok(()) };
        let Some(known) = known(&found, &repository.path) else {
            r.refused(&calls::PROJECT, &HttpError::Malformed("it names no project".to_owned()));
            return Ok(());
        };
        if topic == "deployments" {
            r.subject = repository.service(&known.name);
            return runs::deployments(r, &known, &known.home, &self.deploying).await;
        }
        r.subject = known.home.clone();
        r.say_repository(calls::PROJECT.path, &known.name, None);
        runs::builds(r, &known).await
    }
}

/// The id of the repository that a slug names by itself.
fn of_slug(path: &str) -> SubjectId {
    let host = match path.split_once('/') {
        Some(("gh" | "github", rest)) => format!("github.com/{rest}"),
        Some(("bb" | "bitbucket", rest)) => format!("bitbucket.org/{rest}"),
        _ => format!("circleci.com/{path}"),
    };
    SubjectId::new(format!("repository:{}", host.to_ascii_lowercase()))
}

fn known(found: &Value, path: &str) -> Option<Known> {
    let lies = text(found, "/vcs_info/vcs_url").and_then(address_of);
    Some(Known {
        path: path.to_owned(),
        name: text(found, "/name")?.to_owned(),
        branch: text(found, "/vcs_info/default_branch").unwrap_or("main").to_owned(),
        home: lies.map_or_else(|| of_slug(path), |lies| SubjectId::new(format!("repository:{lies}"))),
    })
}

impl Host for CircleCi {
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
        text(found, "/slug").map(str::to_owned)
    }

    fn tells(&self, topic: &str, _repository: &Repository) -> bool {
        topic == "repository" || topic == "deployments" && !self.deploying.is_empty()
    }

    fn subject(&self, topic: &str, repository: &Repository) -> SubjectId {
        match topic {
            "deployments" => repository.service(repository.path.rsplit('/').next().unwrap_or(&repository.path)),
            _ => of_slug(&repository.path),
        }
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
