//! Memcached: its counters and settings over the text protocol. It is not for reading items, and it sends nothing but the
//! two questions in [`door`]. SASL and TLS are not spoken.

mod door;
mod facts;

use crate::{
    Answer, Cancelled, ConfigField, ConnectError, Connector, Estimate, Permission, Progress, Provider, ScopePlan,
    Secret, SecretNeed, Window,
};
use door::{Door, STATS};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use loadline_model::{Account, CollectionCost, GapReason, Scope, SubjectId};
use std::net::IpAddr;
use std::time::Instant;
use url::Url;

/// What people see before connecting.
pub(crate) const PROVIDER: Provider = Provider {
    id: "memcached",
    name: "Memcached",
    summary: "Reads hit ratio, evictions, memory and connections of a memcached server.",
    config: &[ConfigField {
        key: "url",
        label: "Address",
        help: "memcached://host:11211; plain text without user, SASL or TLS",
        required: true,
    }],
    secret: SecretNeed::None,
    policy,
    documents: Vec::new,
    check: |account| Place::parse(account).map(drop),
    connect: |account, secret| connect(account.clone(), secret).boxed(),
};

/// Memcached has no users with rights: only the network decides who may ask.
fn policy() -> String {
    let mut lines = vec![
        "# Memcached has no users with rights of their own. Let only trusted machines reach its port:".to_owned(),
        "#   memcached -l 10.0.0.5 -U 0, and a firewall that admits the application and the machine with Loadline."
            .to_owned(),
        "# What is read:".to_owned(),
    ];
    lines.extend(door::ALL.iter().map(|q| format!("#   {}", q.reads)));
    lines.join("\n") + "\n"
}

/// Where the server is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    host: String,
    port: u16,
    /// `host:port`, with brackets where the host holds colons.
    endpoint: String,
}

impl Place {
    fn parse(account: &Account) -> Result<Self, ConnectError> {
        let form = "write memcached://host:11211";
        let wrong = |why: &str| ConnectError::config("url", why);
        let text = account.config.get("url").map_or("", |u| u.trim());
        let url = Url::parse(text).map_err(|_| wrong(form))?;
        if url.password().is_some_and(|p| !p.is_empty()) {
            return Err(ConnectError::PasswordInUrl { key: "url".to_owned() });
        }
        if url.scheme() == "memcacheds" || !url.username().is_empty() {
            return Err(wrong("memcached is only read in plain text, without user, SASL and TLS"));
        }
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_ascii_lowercase();
        if url.scheme() != "memcached" || host.is_empty() || url.query().is_some() || url.path().len() > 1 {
            return Err(wrong(form));
        }
        let metadata = host.parse::<IpAddr>().is_ok_and(|ip| match ip {
            IpAddr::V4(ip) => ip.is_link_local(),
            IpAddr::V6(ip) => ip.is_unicast_link_local(),
        });
        if metadata {
            return Err(wrong("link-local addresses serve machine metadata and are never asked"));
        }
        let port = url.port().unwrap_or(11211);
        let endpoint = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
        Ok(Self { host, port, endpoint })
    }

    /// The server's id: its address, the only name it has.
    fn subject(&self) -> SubjectId {
        SubjectId(format!("memcached://{}", self.endpoint))
    }
}

struct Memcached {
    account: Account,
    place: Place,
    door: Door,
}

async fn connect(account: Account, _: Option<Secret>) -> Result<Box<dyn Connector>, ConnectError> {
    Ok(Box::new(Memcached::connect(account).await?))
}

impl Memcached {
    async fn connect(account: Account) -> Result<Self, ConnectError> {
        let place = Place::parse(&account)?;
        let door = Door::open(&place.host, place.port, place.endpoint.clone()).await?;
        let host = place.endpoint.clone();
        let told = door.ask(&STATS).await.map_err(|refusal| match refusal.reason {
            GapReason::TimedOut => ConnectError::TimedOut { host: host.clone(), seconds: 8 },
            GapReason::PermissionDenied => ConnectError::Denied { host: host.clone(), why: refusal.said },
            _ => ConnectError::Refused { host: host.clone(), why: refusal.said },
        })?;
        if !told.contains_key("version") {
            return Err(ConnectError::Refused { host, why: "it does not say which version it is".to_owned() });
        }
        Ok(Self { account, place, door })
    }

    async fn read_scope(&self, scope: &ScopePlan, window: &Window, progress: &Progress) -> Scope {
        let answer = Answer::new(&self.account.id, &scope.name, window);
        let (door, subject) = (&self.door, self.place.subject());
        let mut reading = facts::Reading { door, window, progress, answer, subject, done: 0 };
        if scope.name == "server" {
            let (name, environment) = (&self.account.name, self.account.environment);
            if let Err(Cancelled) = facts::read(&mut reading, name, environment, &self.place).await {
                reading.answer.cancelled();
            }
        } else {
            let detail = format!("There is no part `{}` at {}.", scope.name, self.place.endpoint);
            reading.answer.miss(GapReason::UnmappedSubject, detail, "Collect again.");
        }
        progress.step(reading.done, reading.done, "");
        reading.answer.finish()
    }
}

impl Connector for Memcached {
    fn test(&self) -> BoxFuture<'_, Vec<Permission>> {
        async {
            let mut shown = Vec::new();
            for question in door::ALL {
                let begun = Instant::now();
                let answer = self.door.ask(question).await;
                let latency_ms = begun.elapsed().as_millis() as u64;
                shown.push(Permission {
                    name: question.words.to_owned(),
                    granted: Some(answer.is_ok()),
                    detail: match &answer {
                        Ok(stats) => format!("{} values.", stats.len()),
                        Err(refusal) => format!("{}.", refusal.said),
                    },
                    closes: if answer.is_ok() {
                        String::new()
                    } else {
                        "Check that the server can be reached.".to_owned()
                    },
                    latency_ms,
                });
            }
            shown
        }
        .boxed()
    }

    fn estimate(&self) -> BoxFuture<'_, Estimate> {
        let note = "One connection, three short questions; no item is read.".to_owned();
        async move { Estimate { calls: 3, billed_calls: 0, busy_ms: 3, note } }.boxed()
    }

    fn scopes(&self) -> BoxFuture<'_, Result<Vec<ScopePlan>, ConnectError>> {
        async { Ok(vec![ScopePlan::new("server", "Hit ratio, memory and connections")]) }.boxed()
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
