//! PostgreSQL: a read-only session that reads statistics and settings. It is not for reading rows of tables, and it never
//! runs a statement that is not in [`statements`], besides EXPLAIN without ANALYZE of reads that [`plannable`] lets pass.

mod activity;
pub(crate) mod address;
mod archive;
mod bloat;
mod explain;
mod foreign_keys;
mod identity;
mod indexes;
mod partitions;
mod permissions;
mod plannable;
mod plans;
mod queries;
mod reading;
mod replication;
mod roles;
mod row;
mod sequences;
mod server;
mod session;
mod statements;
mod tables;

use crate::pace::Pace;
use crate::{
    Answer, Cancelled, ConfigField, ConnectError, Connector, Estimate, Permission, Progress, Provider, ScopePlan,
    Secret, SecretNeed, Window,
};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use identity::Server;
use loadline_model::{Account, CollectionCost, GapReason, Scope};
use reading::Reading;
use row::Columns;
use session::Session;

/// What people see before connecting.
pub(crate) const PROVIDER: Provider = Provider {
    id: "postgres",
    name: "PostgreSQL",
    summary: "Reads statements, tables, indexes, locks, limits, replication and archiving of a PostgreSQL server, version 13 or newer.",
    config: &[
        ConfigField {
            key: "url",
            label: "Address",
            help: "postgres://user@host:5432/database, without password",
            required: true,
        },
        ConfigField {
            key: "sslmode",
            label: "TLS mode",
            help: "verify-full unless the server is on this machine; also: verify-ca, require, prefer, disable",
            required: false,
        },
        ConfigField {
            key: "ca_file",
            label: "Certificate authority",
            help: "Path of a PEM file to trust besides the system's",
            required: false,
        },
        crate::pace::FIELD,
    ],
    secret: SecretNeed::Optional("password of the role"),
    policy: statements::policy,
    documents: Vec::new,
    check: |account| address::parse(account, None).and(Pace::of(account)).map(drop),
    connect: |account, secret| connect(account.clone(), secret).boxed(),
};

struct Postgres {
    account: Account,
    session: Session,
    server: Server,
}

async fn connect(account: Account, secret: Option<Secret>) -> Result<Box<dyn Connector>, ConnectError> {
    Ok(Box::new(Postgres::connect(account, secret).await?))
}

impl Postgres {
    async fn connect(account: Account, secret: Option<Secret>) -> Result<Self, ConnectError> {
        let address = address::parse(&account, secret.as_ref())?;
        let session = Session::open(&address, Pace::of(&account)?).await?;
        let refused = |why: String| ConnectError::Refused { host: address.endpoint.clone(), why };
        let rows = session.rows(&statements::IDENTITY, 0).await.map_err(|e| refused(e.said))?.unwrap_or_default();
        let server = rows.first().and_then(|row| Server::from_row(row, &address.endpoint, address.local));
        let mut server = server.ok_or_else(|| refused("it does not say which version it is".to_owned()))?;
        // Denied on some managed services; the endpoint is the id there.
        if let Ok(Some(rows)) = session.rows(&statements::SYSTEM, server.version).await {
            server.system = rows.first().and_then(|row| row.text("id"));
            server.timeline = rows.first().and_then(|row| row.number("timeline"));
        }
        if server.standby
            && let Ok(Some(rows)) = session.rows(&statements::STANDBY_NAME, server.version).await
        {
            server.member = rows.first().map(identity::member_of).unwrap_or_default();
        }
        Ok(Self { account, session, server })
    }

    async fn read_scope(&self, scope: &ScopePlan, window: &Window, progress: &Progress) -> Scope {
        let answer = Answer::new(&self.account.id, &scope.name, window);
        let planned = if scope.name == "server" { 11 } else { 9 };
        let mut reading = Reading {
            session: &self.session,
            server: &self.server,
            window,
            progress,
            answer,
            steps: (0, planned),
            last_state: String::new(),
        };
        let outcome = match scope.name.as_str() {
            "server" => server::read(&mut reading, &self.account.name, self.account.environment).await,
            _ if !self.server.is_supported() => {
                let detail = format!("PostgreSQL {} is older than 13.", self.server.version_text);
                reading.answer.miss(
                    GapReason::UnsupportedVersion,
                    detail,
                    "Upgrade to a supported PostgreSQL version.",
                );
                Ok(())
            }
            "activity" => activity::read(&mut reading).await,
            name if name == self.database_scope() => tables::read(&mut reading).await,
            other => {
                let detail =
                    format!("There is no part `{other}`; this account is connected to {}.", self.server.database);
                reading.answer.miss(GapReason::UnmappedSubject, detail, "Collect again.");
                Ok(())
            }
        };
        if let Err(Cancelled) = outcome {
            reading.answer.cancelled();
        }
        progress.step(reading.steps.0, reading.steps.0, "");
        reading.answer.finish()
    }

    fn database_scope(&self) -> String {
        format!("database/{}", self.server.database)
    }
}

impl Connector for Postgres {
    fn test(&self) -> BoxFuture<'_, Vec<Permission>> {
        permissions::test(&self.session, &self.server).boxed()
    }

    fn estimate(&self) -> BoxFuture<'_, Estimate> {
        async {
            let before = self.session.cost().busy_ms;
            let probe = self.session.rows(&statements::SETTINGS, self.server.version).await;
            let each = (self.session.cost().busy_ms - before).max(1);
            let calls = statements::ALL.len() as u64;
            let note = match probe {
                Ok(_) => "One connection, one short statement after another; no row of a table is read.".to_owned(),
                Err(refusal) => format!("The probe failed: {}.", refusal.said),
            };
            Estimate { calls, billed_calls: 0, busy_ms: calls * each, note }
        }
        .boxed()
    }

    fn scopes(&self) -> BoxFuture<'_, Result<Vec<ScopePlan>, ConnectError>> {
        let database = format!("Tables and statements of {}", self.server.database);
        let scopes = vec![
            ScopePlan::new("server", "Settings, copies and limits"),
            ScopePlan::new("activity", "Sessions and locks"),
            ScopePlan::new(self.database_scope(), database),
        ];
        async move { Ok(scopes) }.boxed()
    }

    fn read<'a>(&'a self, scope: &'a ScopePlan, window: &'a Window, progress: &'a Progress) -> BoxFuture<'a, Scope> {
        self.read_scope(scope, window, progress).boxed()
    }

    fn cost(&self) -> CollectionCost {
        self.session.cost()
    }
}

#[cfg(test)]
mod ailing;
#[cfg(test)]
mod cluster_tests;
#[cfg(test)]
mod extreme_tests;
#[cfg(test)]
mod partition_tests;
#[cfg(test)]
mod planted_tests;
#[cfg(test)]
mod refusal_tests;
#[cfg(test)]
mod tests;
