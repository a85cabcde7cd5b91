//! GitHub: deployments and how they ended, merged pull requests, runs of workflows, what guards the default branch, incidents by
//! label. REST alone: GraphQL asks by POST and gives nothing that is read here. It only ever sends GET, and the token goes to no
//! other host, whatever a link or redirect says.

mod calls;
mod changes;
mod deployments;
mod gates;
mod incidents;

use crate::forge::{self, FIELDS, Names, Reading, Repository, is_path, text};
use crate::http::{Credential, Door, HttpError, Limits, Visit};
use crate::{
    Cancelled, ConfigField, ConnectError, Connector, Estimate, Permission, Progress, Provider, ScopePlan, Secret,
    SecretNeed, Window,
};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use loadline_model::{Account, CollectionCost, GapReason, Scope, SubjectId};
use serde_json::Value;
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
    secret: SecretNeed::Required("fine-grained personal access token, or installation token of an app"),
    policy: calls::policy,
    documents: Vec::new,
    check: |account| {
        let account = addressed(account);
        Names::of(&account, 2..=2)?;
        Door::open(&account, Credential::None, Limits::default()).map(drop)
    },
    connect: |account, secret| connect(account.clone(), secret).boxed(),
};

/// Calls of a first collection of one repository.
const CALLS: u64 = 230;

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
        let secret = secret.ok_or_else(|| ConnectError::config("secret", "GitHub needs a token"))?;
        let door = Door::open(&account, Credential::Bearer(Secret::new(secret.expose().trim())), limits)?;
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

    async fn read_scope(&self, plan: &ScopePlan, window: &Window, progress: &Progress) -> Scope {
        let mut visit = Visit::begin(&self.account, plan, window, progress);
        let Some((topic, repository)) = self.names.of_scope(&plan.name) else {
            visit.answer.miss(
                GapReason::UnmappedSubject,
                format!("There is no part `{}`.", plan.name),
                "Collect again.",
            );
            return visit.end(Ok(()));
        };
        let subject = self.subject(topic, repository, &repository.path);
        let asked = (repository, repository.path.clone());
        let mut r = Reading::of(visit, &self.door, asked, subject, self.names.days);
        let outcome = self.topic(&mut r, topic, repository).await;
        r.visit.end(outcome)
    }

    /// What a topic is about, which is where rules look for its gaps.
    fn subject(&self, topic: &str, repository: &Repository, path: &str) -> SubjectId {
        match topic {
            "deployments" | "incidents" => repository.service(path.rsplit('/').next().unwrap_or(path)),
            _ => self.names.subject(path),
        }
    }

    async fn topic(&self, r: &mut Reading<'_>, topic: &str, repository: &Repository) -> Result<(), Cancelled> {
        let Some(found) = r.get(&calls::REPOSITORY, "", &[]).await? else { return Ok(()) };
        let Some(known) = known(&found, &self.names.site) else {
            r.refused(&calls::REPOSITORY, &HttpError::Malformed("it names no repository".to_owned()));
            return Ok(());
        };
        let before = r.subject.clone();
        r.asked.clone_from(&known.path);
        r.subject = self.subject(topic, repository, &known.path);
        let home = self.names.subject(&known.path);
        match topic {
            "deployments" => {
                let wanted = self.set("environments").unwrap_or_default();
                deployments::read(r, &known, &home, &before, wanted).await?;
                match self.set("deploy_workflow") {
                    Some(file) => deployments::read_workflow(r, &known, &home, file).await,
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

    async fn permissions(&self) -> Vec<Permission> {
        let Some(first) = self.names.repositories.first() else { return Vec::new() };
        let mut shown = forge::permissions(&self.door, calls::ALL, (&first.path, &first.path), calls::probe).await;
        for repository in &self.names.repositories {
            let found = self.door.get(&calls::REPOSITORY.of(&repository.path, ""), &[]).await;
            let now = found.as_ref().ok().and_then(|f| known(f, &self.names.site)).map(|k| k.path);
            let granted = Some(found.is_ok());
            let (detail, closes) = match (found, now) {
                (Ok(_), Some(now)) if !now.eq_ignore_ascii_case(&repository.path) => (
                    format!("It is called {now} now."),
                    format!("Write {now} in `repositories`; until then it is followed."),
                ),
                (Ok(_), _) => ("It can be read.".to_owned(), String::new()),
                (Err(e), _) => (format!("{e}."), calls::REPOSITORY.closes(&repository.path)),
            };
            shown.push(Permission { name: repository.path.clone(), granted, detail, closes, latency_ms: 0 });
        }
        shown
    }
}

/// Reads `full_name` and `default_branch`, and nothing that could lead a path elsewhere.
fn known(found: &Value, site: &str) -> Option<Known> {
    let path = text(found, "/full_name").filter(|p| is_path(p, &(2..=2)))?;
    let name = path.rsplit('/').next()?;
    let branch = text(found, "/default_branch").unwrap_or("main");
    Some(Known { path: path.to_owned(), name: name.to_owned(), branch: branch.to_owned(), site: site.to_owned() })
}

impl Connector for GitHub {
    fn test(&self) -> BoxFuture<'_, Vec<Permission>> {
        self.permissions().boxed()
    }

    fn estimate(&self) -> BoxFuture<'_, Estimate> {
        let budget = "GitHub bills none of them and allows 5,000 an hour.";
        let probe = self.door.get(calls::LIMIT.path, &[]);
        forge::estimate(self.names.repositories.len(), CALLS, probe, budget).boxed()
    }

    fn scopes(&self) -> BoxFuture<'_, Result<Vec<ScopePlan>, ConnectError>> {
        let incidents = self.set("incident_label").is_some();
        async move { Ok(forge::scopes(&self.names.repositories, incidents)) }.boxed()
    }

    fn read<'a>(&'a self, scope: &'a ScopePlan, window: &'a Window, progress: &'a Progress) -> BoxFuture<'a, Scope> {
        self.read_scope(scope, window, progress).boxed()
    }

    fn cost(&self) -> CollectionCost {
        self.door.cost()
    }
}

#[cfg(test)]
mod tests;
