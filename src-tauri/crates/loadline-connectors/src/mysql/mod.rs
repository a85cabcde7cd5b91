//! MySQL and MariaDB: a read-only session that reads statistics and settings. It is not for reading rows of tables, and it
//! never runs a statement that is not in [`statements`].

mod activity;
mod address;
mod identity;
mod indexes;
mod keys;
mod partitions;
mod permissions;
mod queries;
mod reading;
mod replication;
mod row;
mod server;
mod session;
mod settings;
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
use session::Session;

/// What people see before connecting.
pub(crate) const PROVIDER: Provider = Provider {
    id: "mysql",
    name: "MySQL, MariaDB",
    summary: "Reads statements, tables, indexes, locks, limits, durability and replication of a server of MySQL 8 or MariaDB 10.6 and newer.",
    config: &[
        ConfigField {
            key: "url",
            label: "Address",
            help: "mysql://user@host:3306/database, without password; the database may be left out",
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
    secret: SecretNeed::Optional("password of the user"),
    policy: statements::policy,
    documents: Vec::new,
    check: |account| address::parse(account, None).and(Pace::of(account)).map(drop),
    connect: |account, secret| connect(account.clone(), secret).boxed(),
};

struct Mysql {
    account: Account,
    session: Session,
    server: Server,
}

async fn connect(account: Account, secret: Option<Secret>) -> Result<Box<dyn Connector>, ConnectError> {
    Ok(Box::new(Mysql::connect(account, secret).await?))
}

impl Mysql {
    async fn connect(account: Account, secret: Option<Secret>) -> Result<Self, ConnectError> {
        let address = address::parse(&account, secret.as_ref())?;
        let (session, engine) = Session::open(&address, Pace::of(&account)?).await?;
        let refused = |why: String| ConnectError::Refused { host: address.endpoint.clone(), why };
        let rows = session.rows(&statements::IDENTITY, &engine).await.map_err(|e| refused(e.said))?;
        let row = rows.as_deref().and_then(|rows| rows.first());
        let server = row.and_then(|row| Server::from_row(row, engine, &address.endpoint, address.local));
        let mut server = server.ok_or_else(|| refused("it does not say who we are".to_owned()))?;
        if let Ok(Some(rows)) = session.rows(&statements::UUID, &server.engine).await {
            server.uuid = rows.first().and_then(|row| row.text("uuid"));
        }
        server.process = session.rows(&statements::PROCESS, &server.engine).await.is_ok();
        replication::placed(&session, &mut server).await;
        Ok(Self { account, session, server })
    }

    async fn read_scope(&self, scope: &ScopePlan, window: &Window, progress: &Progress) -> Scope {
        let answer = Answer::new(&self.account.id, &scope.name, window);
        let planned = match scope.name.as_str() {
            "server" => 6,
            "activity" => 5,
            _ => 9,
        };
        let mut reading =
            Reading { session: &self.session, server: &self.server, window, progress, answer, steps: (0, planned) };
        let outcome = match scope.name.as_str() {
            "server" => server::read(&mut reading, &self.account.name, self.account.environment).await,
            "activity" | "tables" if !self.server.engine.is_supported() => {
                reading.answer.miss(GapReason::UnsupportedVersion, server::too_old(&self.server), server::UPGRADE);
                Ok(())
            }
            "activity" => activity::read(&mut reading).await,
            "tables" => tables::read(&mut reading).await,
            other => {
                let detail = format!("There is no part `{other}` of a MySQL or MariaDB server.");
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
}

impl Connector for Mysql {
    fn test(&self) -> BoxFuture<'_, Vec<Permission>> {
        permissions::test(&self.session, &self.server).boxed()
    }

    fn estimate(&self) -> BoxFuture<'_, Estimate> {
        async {
            let before = self.session.cost().busy_ms;
            let probe = self.session.rows(&statements::VARIABLES, &self.server.engine).await;
            let each = (self.session.cost().busy_ms - before).max(1);
            let calls = statements::ALL.iter().filter(|s| s.form(&self.server.engine).is_some()).count() as u64;
            let note = match probe {
                Ok(_) => "One connection, one short statement after another; no row of a table is read.".to_owned(),
                Err(refusal) => format!("The probe failed: {}.", refusal.said),
            };
            Estimate { calls, billed_calls: 0, busy_ms: calls * each, note }
        }
        .boxed()
    }

    fn scopes(&self) -> BoxFuture<'_, Result<Vec<ScopePlan>, ConnectError>> {
        let scopes = vec![
            ScopePlan::new("server", "Settings, copies and limits"),
            ScopePlan::new("activity", "Sessions and locks"),
            ScopePlan::new("tables", "Tables, indexes and statements"),
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
mod tests;
