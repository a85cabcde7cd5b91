//! Redis and Valkey, alone, with replicas and Sentinels, or as a cluster: statistics, settings and names of keys. It is
//! not for reading values of keys, and it never sends a command that is not in [`commands`].

mod activity;
mod address;
mod cluster;
mod commands;
mod identity;
mod info;
mod keys;
mod pattern;
mod permissions;
mod reading;
mod refusal;
mod replication;
mod roles;
mod sentinel;
mod server;
mod session;
mod slow;
mod statistics;
mod tls;
mod wire;

use crate::pace::Pace;
use crate::{
    Answer, Cancelled, ConfigField, ConnectError, Connector, Estimate, Permission, Progress, Provider, ScopePlan,
    Secret, SecretNeed, Window,
};
use address::{Address, Tls};
use commands::{Argument, INFO, WHO_AM_I};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use identity::{Mode, Server};
use info::Info;
use loadline_model::{Account, CollectionCost, GapReason, Scope};
use reading::Reading;
use session::Session;

/// What people see before connecting.
pub(crate) const PROVIDER: Provider = Provider {
    id: "redis",
    name: "Redis",
    summary: "Reads memory, eviction, hit ratio, persistence, replicas, failover, slow commands and a sample of key names of Redis or Valkey, a Sentinel or a cluster.",
    config: &[
        ConfigField {
            key: "url",
            label: "Address",
            help: "redis://user@host:6379, rediss:// for TLS, /0 to sample one database only; without password",
            required: true,
        },
        ConfigField {
            key: "sentinels",
            label: "Sentinels",
            help: "Those that watch it: host:26379,host:26379,host:26379",
            required: false,
        },
        ConfigField {
            key: "tls",
            label: "TLS",
            help: "verify unless the server is on this machine; also: encrypt, without checking the certificate",
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
    policy: commands::policy,
    documents: Vec::new,
    check: |account| Address::parse(account).and(Pace::of(account)).map(drop),
    connect: |account, secret| connect(account.clone(), secret).boxed(),
};

struct Redis {
    account: Account,
    session: Session,
    server: Server,
}

async fn connect(account: Account, secret: Option<Secret>) -> Result<Box<dyn Connector>, ConnectError> {
    Ok(Box::new(Redis::connect(account, secret).await?))
}

impl Redis {
    async fn connect(account: Account, secret: Option<Secret>) -> Result<Self, ConnectError> {
        let address = Address::parse(&account)?;
        let session = Session::open(&address, secret, Pace::of(&account)?).await?;
        let host = address.endpoint();
        let told = session.ask(&INFO, Argument::None).await;
        let told = told.map_err(|refusal| refusal.explain(host.clone(), address.tls != Tls::None))?;
        let info = Info::parse(&told.text().unwrap_or_default());
        if !info.is_redis() {
            return Err(ConnectError::Refused { host, why: "it does not say which version it is".to_owned() });
        }
        let mut server = Server::from_info(&info, &address);
        if server.version >= WHO_AM_I.since {
            // Only for the words of gaps; before version 6 there are no users.
            let name = session.ask(&WHO_AM_I, Argument::None).await.ok().and_then(|reply| reply.text());
            server.user = name.filter(|n| !n.contains(char::is_whitespace)).or_else(|| address.user.clone());
        }
        Ok(Self { account, session, server })
    }

    fn plans(&self) -> Vec<ScopePlan> {
        match self.server.mode {
            Mode::Sentinel => vec![ScopePlan::new("sentinel", "Watched primaries and votes")],
            _ => vec![
                ScopePlan::new("server", "Memory, persistence, connections and copies"),
                ScopePlan::new("activity", "Hit ratio, slow commands and load"),
                ScopePlan::new("keys", "A sample of key names"),
            ],
        }
    }

    async fn read_scope(&self, scope: &ScopePlan, window: &Window, progress: &Progress) -> Scope {
        let answer = Answer::new(&self.account.id, &scope.name, window);
        let planned = if scope.name == "keys" { 25 } else { 14 };
        let (session, server) = (&self.session, &self.server);
        let mut reading = Reading { session, server, window, progress, answer, steps: (0, planned) };
        let outcome = match (scope.name.as_str(), server.mode) {
            ("sentinel", Mode::Sentinel) => sentinel::read(&mut reading, self.account.environment).await,
            ("server", Mode::Standalone | Mode::Cluster) => {
                server::read(&mut reading, &self.account.name, self.account.environment).await
            }
            ("activity", Mode::Standalone | Mode::Cluster) => activity::read(&mut reading).await,
            ("keys", Mode::Standalone | Mode::Cluster) => keys::read(&mut reading).await,
            (other, _) => {
                let detail = format!("There is no part `{other}` at {}.", server.endpoint);
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

impl Connector for Redis {
    fn test(&self) -> BoxFuture<'_, Vec<Permission>> {
        permissions::test(&self.session, &self.server).boxed()
    }

    fn estimate(&self) -> BoxFuture<'_, Estimate> {
        async {
            let before = self.session.cost().busy_ms;
            let probe = self.session.ask(&INFO, Argument::None).await;
            let each = (self.session.cost().busy_ms - before).max(1);
            let rounds = 30 + 2 * keys::SAMPLE.div_ceil(session::ROUND) as u64;
            let note = match probe {
                Ok(_) => {
                    format!("One connection; types and sizes of at most {} keys, no value of a key.", keys::SAMPLE)
                }
                Err(refusal) => format!("The probe failed: {}.", refusal.said),
            };
            Estimate { calls: 30 + 2 * keys::SAMPLE as u64, billed_calls: 0, busy_ms: rounds * each, note }
        }
        .boxed()
    }

    fn scopes(&self) -> BoxFuture<'_, Result<Vec<ScopePlan>, ConnectError>> {
        let plans = self.plans();
        async move { Ok(plans) }.boxed()
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
