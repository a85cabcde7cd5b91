//! MongoDB Atlas: clusters, backups, alerts, measurements and suggestions of the Administration API. It is not for reading
//! the databases themselves (that is `mongodb`), and it only ever sends GET.

mod access;
mod alerts;
mod backups;
mod calls;
mod clusters;
mod digest;
mod measurements;
mod performance;
mod reading;

use crate::http::{HttpError, Limits};
use crate::{
    Answer, Cancelled, ConfigField, ConnectError, Connector, Estimate, Permission, Progress, Provider, ScopePlan,
    Secret, SecretNeed, Window,
};
use access::Access;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use loadline_model::{Account, CollectionCost, GapReason, Scope};
use reading::{Reading, text};
use std::time::Instant;

/// What people see before connecting.
pub(crate) const PROVIDER: Provider = Provider {
    id: "atlas",
    name: "MongoDB Atlas",
    summary: "Reads clusters, members, backups, restores, access lists, alerts, measurements and suggested indexes of MongoDB Atlas projects.",
    config: &[
        ConfigField {
            key: "public_key",
            label: "Public key",
            help: "Of an API key with Project Read Only; its private key is the secret",
            required: false,
        },
        ConfigField {
            key: "client_id",
            label: "Client id",
            help: "Of a service account, in place of an API key; its client secret is the secret",
            required: false,
        },
        ConfigField {
            key: "projects",
            label: "Projects",
            help: "Ids of projects to read, separated by spaces; all that the key may see unless set",
            required: false,
        },
        ConfigField {
            key: "endpoint_url",
            label: "Address",
            help: "https://cloud.mongodb.com unless set (https://cloud.mongodbgov.com for government)",
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
    ],
    secret: SecretNeed::Required("private key of the API key, or client secret of the service account"),
    policy: calls::policy,
    documents: Vec::new,
    check: |account| access::base(account).map(drop),
    connect: |account, secret| connect(account.clone(), secret).boxed(),
};

/// The parts of each project: name, title.
const PARTS: [(&str, &str); 5] = [
    ("clusters", "Clusters and access"),
    ("backups", "Backups and restores"),
    ("alerts", "Alerts"),
    ("measurements", "Measurements"),
    ("performance", "Slow operations and suggested indexes"),
];

struct Project {
    id: String,
    name: String,
}

struct Atlas {
    account: Account,
    access: Access,
    projects: Vec<Project>,
}

async fn connect(account: Account, secret: Option<Secret>) -> Result<Box<dyn Connector>, ConnectError> {
    Ok(Box::new(Atlas::connect(account, secret, Limits::default()).await?))
}

impl Atlas {
    async fn connect(account: Account, secret: Option<Secret>, limits: Limits) -> Result<Self, ConnectError> {
        let access = Access::open(&account, secret, limits)?;
        let refused = |e: HttpError| match &e {
            HttpError::Forbidden(code) if code.contains("ACCESS_LIST") || code.contains("WHITELIST") => {
                let why = "this machine's address is not on the API access list of the key".to_owned();
                ConnectError::Denied { host: access.host(), why }
            }
            _ => e.into_connect(access.host()),
        };
        let (rows, _) = access.list(&calls::PROJECTS, "", "", &[]).await.map_err(refused)?;
        let wanted: Vec<&str> =
            account.config.get("projects").map(|p| p.split_whitespace().collect()).unwrap_or_default();
        let known = rows.iter().filter_map(|row| {
            let id = text(row, "/id")?.to_owned();
            Some(Project { name: text(row, "/name").unwrap_or(&id).to_owned(), id })
        });
        let projects: Vec<Project> = known.filter(|p| wanted.is_empty() || wanted.contains(&p.id.as_str())).collect();
        if projects.is_empty() {
            let why = "the key sees no project; grant it Project Read Only (GROUP_READ_ONLY) in one".to_owned();
            return Err(ConnectError::Denied { host: access.host(), why });
        }
        Ok(Self { account, access, projects })
    }

    async fn read_scope(&self, scope: &ScopePlan, window: &Window, progress: &Progress) -> Scope {
        let answer = Answer::new(&self.account.id, &scope.name, window);
        let (part, group) = scope.name.split_once('/').unwrap_or((&scope.name, ""));
        let environment = self.account.environment;
        let mut r = Reading { access: &self.access, group, environment, window, progress, answer, steps: 0 };
        let outcome = match part {
            "clusters" => clusters::read(&mut r).await,
            "backups" => backups::read(&mut r).await,
            "alerts" => alerts::read(&mut r).await,
            "measurements" => measurements::read(&mut r).await,
            "performance" => performance::read(&mut r).await,
            other => {
                r.answer.miss(GapReason::UnmappedSubject, format!("There is no part `{other}`."), "Collect again.");
                Ok(())
            }
        };
        if let Err(Cancelled) = outcome {
            r.answer.cancelled();
        }
        progress.step(r.steps, r.steps, "");
        r.answer.finish()
    }

    async fn permissions(&self) -> Vec<Permission> {
        let mut shown = Vec::new();
        for project in &self.projects {
            for call in [&calls::CLUSTERS, &calls::PROCESSES, &calls::ACCESS_LIST, &calls::ALERT_RULES] {
                let begun = Instant::now();
                let tried = self.access.get(call, &project.id, "", &[("itemsPerPage", "1")]).await;
                let latency_ms = begun.elapsed().as_millis() as u64;
                shown.push(Permission {
                    name: format!("{} of {}", call.path.rsplit('/').next().unwrap_or(call.path), project.name),
                    granted: Some(tried.is_ok()),
                    detail: match &tried {
                        Ok(_) => format!("Gives {}.", call.reads),
                        Err(e) => format!("Should give {}, but {e}.", call.reads),
                    },
                    closes: tried.err().map(|e| reading::closes(&e, call.role, &project.id)).unwrap_or_default(),
                    latency_ms,
                });
            }
        }
        shown
    }
}

impl Connector for Atlas {
    fn test(&self) -> BoxFuture<'_, Vec<Permission>> {
        self.permissions().boxed()
    }

    fn estimate(&self) -> BoxFuture<'_, Estimate> {
        async {
            let begun = Instant::now();
            let probe = self.access.list(&calls::PROJECTS, "", "", &[]).await;
            let each = begun.elapsed().as_millis() as u64;
            // Per project five lists of clusters and three more; per cluster about twelve, as if each had one.
            let calls = self.projects.len() as u64 * 20;
            let note = match probe {
                Ok(_) => "About twenty calls for a project of one cluster; Atlas bills none of them.".to_owned(),
                Err(e) => format!("The probe failed: {e}."),
            };
            Estimate { calls, billed_calls: 0, busy_ms: calls * each.max(1), note }
        }
        .boxed()
    }

    fn scopes(&self) -> BoxFuture<'_, Result<Vec<ScopePlan>, ConnectError>> {
        let plan = |project: &Project| {
            let of = |(part, title): (&str, &str)| {
                ScopePlan::new(format!("{part}/{}", project.id), format!("{title} of {}", project.name)).of(title)
            };
            PARTS.map(of)
        };
        let scopes = self.projects.iter().flat_map(plan).collect();
        async move { Ok(scopes) }.boxed()
    }

    fn read<'a>(&'a self, scope: &'a ScopePlan, window: &'a Window, progress: &'a Progress) -> BoxFuture<'a, Scope> {
        self.read_scope(scope, window, progress).boxed()
    }

    fn cost(&self) -> CollectionCost {
        self.access.cost()
    }
}

#[cfg(test)]
mod tests;
