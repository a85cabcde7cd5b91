//! PgBouncer: the admin console of a pooler, read by `SHOW` alone. It is not for the databases behind it: connect those
//! as PostgreSQL.

mod console;
mod reading;
mod shows;

use crate::postgres::address;
use crate::{
    Answer, Cancelled, ConfigField, ConnectError, Connector, Estimate, Permission, Progress, Provider, ScopePlan,
    Secret, SecretNeed, Window,
};
use console::Console;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use loadline_model::{Account, CollectionCost, Scope};
use reading::Reading;
use std::time::Instant;

/// What people see before connecting.
pub(crate) const PROVIDER: Provider = Provider {
    id: "pgbouncer",
    name: "PgBouncer",
    summary: "Reads pools, waits, limits and the databases behind a PgBouncer from its admin console.",
    config: &[
        ConfigField {
            key: "url",
            label: "Address",
            help: "postgres://user@host:6432/pgbouncer, without password; the user is one of stats_users",
            required: true,
        },
        ConfigField {
            key: "sslmode",
            label: "TLS mode",
            help: "verify-full unless the pooler is on this machine; also: verify-ca, require, prefer, disable",
            required: false,
        },
        ConfigField {
            key: "ca_file",
            label: "Certificate authority",
            help: "Path of a PEM file to trust besides the system's",
            required: false,
        },
    ],
    secret: SecretNeed::Optional("password of the user"),
    policy: shows::policy,
    documents: Vec::new,
    check: |account| address::parse(account, None).map(drop),
    connect: |account, secret| connect(account.clone(), secret).boxed(),
};

struct PgBouncer {
    account: Account,
    console: Console,
}

async fn connect(account: Account, secret: Option<Secret>) -> Result<Box<dyn Connector>, ConnectError> {
    Ok(Box::new(PgBouncer::connect(account, secret).await?))
}

impl PgBouncer {
    async fn connect(account: Account, secret: Option<Secret>) -> Result<Self, ConnectError> {
        let address = address::parse(&account, secret.as_ref())?;
        let console = Console::open(address).await?;
        let refused = |why| ConnectError::Refused { host: console.endpoint.clone(), why };
        // PostgreSQL itself answers this command too, with an error.
        console.show(&shows::VERSION).await.map_err(refused)?;
        Ok(Self { account, console })
    }

    async fn permissions(&self) -> Vec<Permission> {
        let mut shown = Vec::new();
        for show in shows::ALL {
            let begun = Instant::now();
            let answer = self.console.show(show).await;
            shown.push(Permission {
                name: show.command.to_owned(),
                granted: Some(answer.is_ok()),
                detail: match &answer {
                    Ok(_) => format!("Shows {}.", show.tells),
                    Err(said) => format!("{said}."),
                },
                closes: match &answer {
                    Ok(_) => String::new(),
                    Err(_) => "Add the user to stats_users in pgbouncer.ini and RELOAD.".to_owned(),
                },
                latency_ms: begun.elapsed().as_millis() as u64,
            });
        }
        shown
    }
}

impl Connector for PgBouncer {
    fn test(&self) -> BoxFuture<'_, Vec<Permission>> {
        self.permissions().boxed()
    }

    fn estimate(&self) -> BoxFuture<'_, Estimate> {
        async {
            let before = self.console.cost().busy_ms;
            let probe = self.console.show(&shows::CONFIG).await;
            let each = (self.console.cost().busy_ms - before).max(1);
            let calls = shows::ALL.len() as u64;
            let note = match probe {
                Ok(_) => "One connection to the console; no database is asked.".to_owned(),
                Err(said) => format!("The probe failed: {said}."),
            };
            Estimate { calls, billed_calls: 0, busy_ms: calls * each, note }
        }
        .boxed()
    }

    fn scopes(&self) -> BoxFuture<'_, Result<Vec<ScopePlan>, ConnectError>> {
        async { Ok(vec![ScopePlan::new("console", "Pools and limits")]) }.boxed()
    }

    fn read<'a>(&'a self, scope: &'a ScopePlan, window: &'a Window, progress: &'a Progress) -> BoxFuture<'a, Scope> {
        async move {
            let answer = Answer::new(&self.account.id, &scope.name, window);
            let mut reading = Reading { console: &self.console, window, progress, answer, done: 0 };
            if let Err(Cancelled) = reading.read(&self.account.name, self.account.environment).await {
                reading.answer.cancelled();
            }
            progress.step(reading.done, reading.done, "");
            reading.answer.finish()
        }
        .boxed()
    }

    fn cost(&self) -> CollectionCost {
        self.console.cost()
    }
}

#[cfg(test)]
mod tests;
