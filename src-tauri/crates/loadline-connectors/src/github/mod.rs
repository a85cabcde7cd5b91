//! GitHub: deployments and how they ended, merged pull requests, runs of workflows, what guards the default branch, incidents by
//! label. It only ever sends GET, but for one fixed query in GraphQL and for the token of an app's installation, and the token
//! goes to no other host, whatever a link or redirect says.

mod app;
mod calls;
mod changes;
mod deployments;
mod gates;
mod graph;
mod incidents;
mod releases;

use crate::forge::{Calls, FIELDS, Host, Names, Reading, Repository, is_path, text};
use crate::http::{Credential, Door, HttpError, Limits};
use crate::{Cancelled, ConfigField, ConnectError, Connector, Provider, Secret, SecretNeed};
use app::App;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use loadline_model::Account;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// What people see before connecting.
pub(crate) const PROVIDER: Provider = Provider {
    id: "github",
    name: "GitHub",
    summary: "Reads deployments and how they ended, merged pull requests, workflow runs, branch protection and incidents of GitHub.",
    config: &[
        ConfigField {
            key: "repositories",
            label: "Repositories",
            help: "owner/name, separated by spaces: acme/shop acme/web",
            required: true,
        },
        ConfigField {
            key: "incident_label",
            label: "Label of incidents",
            help: "Issues with this label are incidents: opened is begun, closed is over; none are read unless set",
            required: false,
        },
        ConfigField {
            key: "environments",
            label: "Environments",
            help: "Names of the environments whose deployments count, separated by commas; all but github-pages unless set",
            required: false,
        },
        ConfigField {
            key: "deploy_workflow",
            label: "Deploying workflow",
            help: "File of the workflow whose runs on the default branch are deployments to production, such as deploy.yml, where it makes none by itself",
            required: false,
        },
        ConfigField {
            key: "release_environment",
            label: "Environment of releases",
            help: "Where publishing a release ships it: the environment, such as production; releases are not read unless set",
            required: false,
        },
        ConfigField {
            key: app::APP,
            label: "GitHub App",
            help: "Number or client id of an app, whose private key is then the secret: the text of its .pem file",
            required: false,
        },
        ConfigField {
            key: "endpoint_url",
            label: "Address",
            help: "https://api.github.com unless set; GitHub Enterprise Server: https://github.example.com/api/v3",
            required: false,
        },
        FIELDS[0],
        FIELDS[1],
        FIELDS[2],
        FIELDS[3],
    ],
    secret: SecretNeed::Required("fine-grained personal access token, or private key of an app"),
    policy: calls::policy,
    documents: Vec::new,
    check: |account| {
        let account = addressed(account);
        app::named(&account, &Names::of(&account, 2..=2)?)?;
        Door::open(&account, Credential::None, Limits::default()).map(drop)
    },
    connect: |account, secret| connect(account.clone(), secret).boxed(),
};

struct GitHub {
    account: Account,
    names: Names,
    door: Door,
}

/// What GitHub says a repository is called now.
struct Known {
    path: String,
    name: String,
    branch: String,
    /// Host of its address: ids are unique on one host alone.
    site: String,
}

/// The same account with the address that the door asks.
fn addressed(account: &Account) -> Account {
    let mut account = account.clone();
    let set = account.config.get("endpoint_url").map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
    account.config.insert("url".to_owned(), set.unwrap_or_else(|| "https://api.github.com".to_owned()));
    account
}

/// A secondary limit asks to wait at least a minute ("Rate limits for the REST API").
fn limits() -> Limits {
    Limits { patience: Duration::from_secs(150), ..Limits::default() }
}

async fn connect(account: Account, secret: Option<Secret>) -> Result<Box<dyn Connector>, ConnectError> {
    Ok(Box::new(GitHub::connect(account, secret, limits()).await?))
}

impl GitHub {
    async fn connect(account: Account, secret: Option<Secret>, limits: Limits) -> Result<Self, ConnectError> {
        let account = addressed(&account);
        let names = Names::of(&account, 2..=2)?;
        let secret = secret
            .ok_or_else(|| ConnectError::config("secret", "GitHub needs a token, or the private key of an app"))?;
        let credential = match app::named(&account, &names)? {
            Some(id) => {
                let app = App::open(&account, &names, id, &secret, limits.clone())?;
                app.begin().await?;
                Credential::Signed(Arc::new(app))
            }
            None => Credential::Bearer(Secret::new(secret.expose().trim())),
        };
        let door = Door::open(&account, credential, limits)?;
        let door = door.with_header("x-github-api-version", calls::VERSION);
        match door.get(calls::LIMIT.path, &[]).await {
            // A server of one's own may have no limits, and says so only to those whose token it knows.
            Ok(_) | Err(HttpError::NotFound) => Ok(Self { account, names, door }),
            Err(error) => Err(error.into_connect(door.host())),
        }
    }

    fn set(&self, key: &str) -> Option<&str> {
        self.account.config.get(key).map(|v| v.trim()).filter(|v| !v.is_empty())
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
            "deployments" => {
                let wanted = self.set("environments").unwrap_or_default();
                deployments::read(r, &known, &home, &before, wanted).await?;
                if let Some(file) = self.set("deploy_workflow") {
                    deployments::read_workflow(r, &known, &home, file).await?;
                }
                match self.set("release_environment") {
                    Some(environment) => releases::read(r, &known, &home, environment).await,
                    None => Ok(()),
                }
            }
            "change_requests" => changes::read(r, &known).await,
            "incidents" => incidents::read(r, &known, &home, self.set("incident_label").unwrap_or_default()).await,
            _ => {
                r.say_repository(calls::REPOSITORY.path, &known.name, Some(&before));
                gates::read(r, &known).await
            }
        }
    }
}

/// Reads `full_name` and `default_branch`, and nothing that could lead a path elsewhere.
fn known(found: &Value, site: &str) -> Option<Known> {
    let path = text(found, "/full_name").filter(|p| is_path(p, &(2..=2)))?;
    let name = path.rsplit('/').next()?;
    let branch = text(found, "/default_branch").unwrap_or("main");
    Some(Known { path: path.to_owned(), name: name.to_owned(), branch: branch.to_owned(), site: site.to_owned() })
}

impl Host for GitHub {
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

    fn tells(&self, topic: &str, _repository: &Repository) -> bool {
        topic != "incidents" || self.set("incident_label").is_some()
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
