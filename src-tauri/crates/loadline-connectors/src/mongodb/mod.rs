//! MongoDB: reads statistics and settings of a replica set, a standalone server or a router. It is not for reading
//! documents, it keeps no value of any filter, and it never sends a command that is not in [`commands`].

mod activity;
mod address;
mod collections;
mod commands;
mod documents;
mod identity;
mod indexes;
mod members;
mod operation;
mod permissions;
mod queries;
mod reading;
mod server;
mod session;
mod shape;

use crate::pace::Pace;
use crate::{
    Answer, Cancelled, ConfigField, ConnectError, Connector, Estimate, Permission, Progress, Provider, ScopePlan,
    Secret, SecretNeed, Window,
};
use commands::Target;
use documents::Fields;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use identity::Cluster;
use loadline_model::{Account, CollectionCost, GapReason, Scope};
pub(crate) use queries::of_entries;
use reading::Reading;
use session::Session;

/// What people see before connecting.
pub(crate) const PROVIDER: Provider = Provider {
    id: "mongodb",
    name: "MongoDB",
    summary: "Reads members, operation log, limits, collections, indexes and query shapes of MongoDB, version 4.4 or newer.",
    config: &[
        ConfigField {
            key: "url",
            label: "Address",
            help: "mongodb://user@host:27017/?replicaSet=name or mongodb+srv://user@host, without password",
            required: true,
        },
        ConfigField {
            key: "auth_source",
            label: "Authentication database",
            help: "Where the user is defined; admin unless set",
            required: false,
        },
        ConfigField {
            key: "tls",
            label: "TLS",
            help: "verify unless the server is on this machine; also: unverified, off",
            required: false,
        },
        ConfigField {
            key: "ca_file",
            label: "Certificate authority",
            help: "Path of a PEM file to trust instead of the public ones",
            required: false,
        },
        crate::pace::FIELD,
    ],
    secret: SecretNeed::Optional("password of the user"),
    policy: commands::policy,
    documents: Vec::new,
    check: |account| address::parse(account, None).and(Pace::of(account)).map(drop),
    connect: |account, secret| connect(account.clone(), secret).boxed(),
};

/// Databases of one deployment that are read.
const MOST_DATABASES: usize = 50;

struct Mongodb {
    account: Account,
    session: Session,
    cluster: Cluster,
}

async fn connect(account: Account, secret: Option<Secret>) -> Result<Box<dyn Connector>, ConnectError> {
    Ok(Box::new(Mongodb::connect(account, secret).await?))
}

impl Mongodb {
    async fn connect(account: Account, secret: Option<Secret>) -> Result<Self, ConnectError> {
        let address = address::parse(&account, secret.as_ref())?;
        if address.user().is_some() && secret.is_none() {
            return Err(ConnectError::config("url", "it names a user without a password; give the secret"));
        }
        let (session, cluster) = Session::open(address, Pace::of(&account)?).await?;
        Ok(Self { account, session, cluster })
    }

    /// Databases of applications, in order of names; none when they may not be listed.
    async fn databases(&self) -> Vec<String> {
        let listed = self.session.ask(&self.cluster, &commands::DATABASES, &Target::default()).await;
        let listed = listed.unwrap_or_default();
        let names = listed.parts("databases").into_iter().filter_map(|d| d.text("name"));
        let mut names: Vec<String> = names.filter(|n| !server::OWN.contains(n)).map(str::to_owned).collect();
        names.sort();
        names
    }

    async fn read_scope(&self, scope: &ScopePlan, window: &Window, progress: &Progress) -> Scope {
        let answer = Answer::new(&self.account.id, &scope.name, window);
        let (session, cluster) = (&self.session, &self.cluster);
        let mut reading = Reading { session, cluster, window, progress, answer, steps: (0, 12) };
        let outcome = match scope.name.as_str() {
            "server" => server::read(&mut reading, &self.account.name, self.account.environment).await,
            "activity" => activity::read(&mut reading).await,
            name => match name.strip_prefix("database/") {
                Some(database) => collections::read(&mut reading, database).await,
                None => {
                    let detail = format!("There is no part `{name}`.");
                    reading.answer.miss(GapReason::UnmappedSubject, detail, "Collect again.");
                    Ok(())
                }
            },
        };
        if let Err(Cancelled) = outcome {
            reading.answer.cancelled();
        }
        progress.step(reading.steps.0, reading.steps.0, "");
        reading.answer.finish()
    }
}

impl Connector for Mongodb {
    fn test(&self) -> BoxFuture<'_, Vec<Permission>> {
        async {
            let databases = self.databases().await;
            permissions::test(&self.session, &self.cluster, databases.first().map(String::as_str)).await
        }
        .boxed()
    }

    fn estimate(&self) -> BoxFuture<'_, Estimate> {
        async {
            let before = self.session.cost().busy_ms;
            let databases = self.databases().await.len().min(MOST_DATABASES) as u64;
            let each = (self.session.cost().busy_ms - before).max(1);
            // Fifteen about the deployment; a database has about ten collections of four questions each.
            let calls = 15 + databases * 45;
            let note = "At most two connections, one short command after another; no document of a collection is read.";
            Estimate { calls, billed_calls: 0, busy_ms: calls * each, note: note.to_owned() }
        }
        .boxed()
    }

    fn scopes(&self) -> BoxFuture<'_, Result<Vec<ScopePlan>, ConnectError>> {
        async {
            let mut scopes = vec![
                ScopePlan::new("server", "Members, settings and limits"),
                ScopePlan::new("activity", "Operations and transactions"),
            ];
            let plan = |name: String| {
                ScopePlan::new(format!("database/{name}"), format!("Collections and queries of {name}")).of("Databases")
            };
            scopes.extend(self.databases().await.into_iter().take(MOST_DATABASES).map(plan));
            Ok(scopes)
        }
        .boxed()
    }

    fn read<'a>(&'a self, scope: &'a ScopePlan, window: &'a Window, progress: &'a Progress) -> BoxFuture<'a, Scope> {
        self.read_scope(scope, window, progress).boxed()
    }

    fn cost(&self) -> CollectionCost {
        self.session.cost()
    }
}

#[cfg(test)]
mod tests;
