//! GitLab: deployments, merged merge requests, pipelines, what guards the default branch, incidents. REST (version 4) alone: it
//! gives everything that is read here. It only ever sends GET, and the token goes to no other host, whatever a link or redirect
//! says. Where the tier has them, the vendor's own DORA figures are said beside ours: they count by other rules.

mod approvals;
mod calls;
mod changes;
mod deployments;
mod dora;
mod gates;
mod incidents;

use crate::forge::{Calls, FIELDS, Host, Names, Reading, Repository, encoded, flag, is_path, number, text};
use crate::http::{Credential, Door, HttpError, Limits};
use crate::{Cancelled, ConfigField, ConnectError, Connector, Provider, Secret, SecretNeed};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use loadline_model::Account;
use serde_json::Value;

/// What people see before connecting.
pub(crate) const PROVIDER: Provider = Provider {
    id: "gitlab",
    name: "GitLab",
    summary: "Reads deployments and how they ended, merged merge requests, pipelines, branch protection and incidents of GitLab.",
    config: &[
        ConfigField {
            key: "repositories",
            label: "Projects",
            help: "group/project, separated by spaces: acme/shop acme/platform/web",
            required: true,
        },
        ConfigField {
            key: "incident_label",
            label: "Label of incidents",
            help: "Issues with this label are incidents; unless set, issues of the type incident are",
            required: false,
        },
        ConfigField {
            key: "endpoint_url",
            label: "Address",
            help: "https://gitlab.com unless set; a server of one's own: https://gitlab.example.com",
            required: false,
        },
        FIELDS[0],
        FIELDS[1],
        FIELDS[2],
        FIELDS[3],
    ],
    secret: SecretNeed::Required("project, group or personal access token with the scope read_api"),
    policy: calls::policy,
    documents: Vec::new,
    check: |account| {
        let account = addressed(account);
        Names::of(&account, PARTS)?;
        Door::open(&account, Credential::None, Limits::default()).map(drop)
    },
    connect: |account, secret| connect(account.clone(), secret).boxed(),
};

/// Groups may lie in groups, twenty deep.
const PARTS: std::ops::RangeInclusive<usize> = 2..=21;

struct GitLab {
    account: Account,
    names: Names,
    door: Door,
}

/// What GitLab says a project is and is called now.
struct Known {
    path: String,
    name: String,
    branch: String,
    /// Host of its address: ids are unique on one host alone.
    site: String,
    /// A change request lands only when its pipeline succeeded.
    gated: Option<bool>,
}

/// The same account with the address that the door asks.
fn addressed(account: &Account) -> Account {
    let mut account = account.clone();
    let set = account.config.get("endpoint_url").map(|v| v.trim().trim_end_matches('/')).filter(|v| !v.is_empty());
    let host = set.unwrap_or("https://gitlab.com").trim_end_matches("/api/v4").to_owned();
    account.config.insert("url".to_owned(), host + "/api/v4");
    account
}

async fn connect(account: Account, secret: Option<Secret>) -> Result<Box<dyn Connector>, ConnectError> {
    Ok(Box::new(GitLab::connect(account, secret, Limits::default()).await?))
}

impl GitLab {
    async fn connect(account: Account, secret: Option<Secret>, limits: Limits) -> Result<Self, ConnectError> {
        let account = addressed(&account);
        let names = Names::of(&account, PARTS)?;
        let secret = secret.ok_or_else(|| ConnectError::config("secret", "GitLab needs a token"))?;
        let credential = Credential::Headers(vec![("private-token", Secret::new(secret.expose().trim()))]);
        let door = Door::open(&account, credential, limits)?;
        door.get(calls::VERSION.path, &[]).await.map_err(|e| e.into_connect(door.host()))?;
        Ok(Self { account, names, door })
    }

    async fn read_topic(&self, r: &mut Reading<'_>, topic: &str, repository: &Repository) -> Result<(), Cancelled> {
        let Some(found) = r.get(&calls::PROJECT, "", &[]).await? else { return Ok(()) };
        let Some((id, known)) = known(&found, &self.names.site) else {
            r.refused(&calls::PROJECT, &HttpError::Malformed("it names no project".to_owned()));
            return Ok(());
        };
        let before = r.subject.clone();
        // The number outlives every renaming.
        r.asked = id.to_string();
        r.subject = self.names.subject_of(topic, repository, &known.path);
        let home = self.names.subject(&known.path);
        let label = self.account.config.get("incident_label").map(|v| v.trim()).unwrap_or_default();
        match topic {
            "deployments" => deployments::read(r, &known, &home, &before).await,
            "change_requests" => changes::read(r, &known).await,
            "incidents" => incidents::read(r, &known, &home, label).await,
            _ => {
                r.say_repository(calls::PROJECT.path, &known.name, Some(&before));
                gates::read(r, &known).await
            }
        }
    }
}

/// Reads number, path, default branch and merge rules, and nothing that could lead a path elsewhere.
fn known(found: &Value, site: &str) -> Option<(u64, Known)> {
    let path = text(found, "/path_with_namespace").filter(|p| is_path(p, &PARTS))?.to_owned();
    let name = path.rsplit('/').next()?.to_owned();
    let branch = text(found, "/default_branch").unwrap_or("main").to_owned();
    let gated = flag(found, "/only_allow_merge_if_pipeline_succeeds");
    Some((number(found, "/id")?, Known { path, name, branch, site: site.to_owned(), gated }))
}

impl Host for GitLab {
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
        encoded(path)
    }

    fn called(&self, found: &Value) -> Option<String> {
        known(found, &self.names.site).map(|(_, k)| k.path)
    }

    fn tells(&self, _topic: &str, _repository: &Repository) -> bool {
        true
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
