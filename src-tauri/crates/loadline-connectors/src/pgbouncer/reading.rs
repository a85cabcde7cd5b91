//! Scope `console`: the pooler as a gateway, its limits, its pools and the databases behind it.

use super::console::{Console, Line, MOST_ROWS};
use super::shows::{CLIENTS, CONFIG, DATABASES, POOLS, STATS, Show, VERSION};
use crate::{Answer, Cancelled, Progress, Window};
use loadline_model::{
    Basis, Confidence, Edge, Environment, GapReason, Kind, Limit, Limited, PoolStat, Relation, Resource, SubjectId,
    Value, key,
};
use std::collections::BTreeMap;

/// What the scope's parts share.
pub(super) struct Reading<'a> {
    /// The connection.
    pub console: &'a Console,
    /// Clock and stop.
    pub window: &'a Window,
    /// Where steps are shown.
    pub progress: &'a Progress,
    /// What was answered so far.
    pub answer: Answer,
    /// Commands sent.
    pub done: u32,
}

/// A database as the pooler is told to reach it.
struct Behind {
    /// Exact addresses of the servers; empty when only a loopback or socket is named.
    servers: Vec<SubjectId>,
    pool_size: Option<f64>,
}

impl Reading<'_> {
    /// Reads the scope.
    ///
    /// # Errors
    /// [`Cancelled`] when the reader stopped.
    pub(super) async fn read(&mut self, name: &str, environment: Option<Environment>) -> Result<(), Cancelled> {
        let version = self.lines(&VERSION).await?;
        self.exists(name, environment, version.as_deref().unwrap_or_default());
        let config = self.lines(&CONFIG).await?.unwrap_or_default();
        let config: BTreeMap<&str, &str> =
            config.iter().filter_map(|l| Some((text(l, "key")?, text(l, "value")?))).collect();
        self.limits(&config);
        let databases = self.lines(&DATABASES).await?.unwrap_or_default();
        let behind = self.databases(&databases, &config);
        let pools = self.lines(&POOLS).await?.unwrap_or_default();
        self.pools(&pools, &behind, &config);
        let stats = self.lines(&STATS).await?.unwrap_or_default();
        self.waits(&stats, &behind);
        if let Some(clients) = self.lines(&CLIENTS).await? {
            // Our own session is one of them.
            self.clients(clients.iter().filter(|l| text(l, "database") != Some("pgbouncer")).count() as f64);
        }
        Ok(())
    }

    /// The gateway itself.
    fn subject(&self) -> SubjectId {
        SubjectId(format!("pgbouncer://{}", self.console.endpoint))
    }

    async fn lines(&mut self, show: &Show) -> Result<Option<Vec<Line>>, Cancelled> {
        self.progress.step(self.done, super::shows::ALL.len() as u32, show.tells);
        self.done += 1;
        match self.window.wait(self.console.show(show)).await? {
            Ok(shown) => {
                if shown.cut {
                    let detail = format!("{}: the first {MOST_ROWS} rows were read.", show.command);
                    self.answer.miss(GapReason::Truncated, detail, "Nothing to do: what is counted is at least that.");
                }
                Ok(Some(shown.lines))
            }
            Err(said) => {
                let denied = said.contains("access needed") || said.contains("not allowed");
                let (reason, closes) = if denied {
                    (GapReason::PermissionDenied, "Add the user to stats_users in pgbouncer.ini and RELOAD.")
                } else if said.contains("no answer within") {
                    (GapReason::TimedOut, "Collect again at a quieter time.")
                } else {
                    (GapReason::ApiError, "Check that the console can be reached, then collect again.")
                };
                let subject = self.subject();
                let detail = format!("{}: {}.", show.command, said.trim_end_matches('.'));
                self.answer.miss_of(reason, detail, closes, &[], Some(&subject));
                Ok(None)
            }
        }
    }

    fn say(&mut self, subject: &SubjectId, show: &Show, key: &str, item: Option<&str>, value: Value) {
        let configured = [CONFIG.name, DATABASES.name].contains(&show.name);
        let basis = if configured { Basis::Configured } else { Basis::Measured };
        self.answer.set(subject, show.name, basis, key, item, value);
    }

    fn exists(&mut self, name: &str, environment: Option<Environment>, version: &[Line]) {
        let said = version.first().and_then(|l| text(l, "version")).unwrap_or_default();
        let number = said.split(' ').find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
        let resource = Resource {
            environment,
            engine: Some("pgbouncer".to_owned()),
            engine_version: number.map(str::to_owned),
            ..Resource::new(Kind::Gateway, if name.is_empty() { &self.console.endpoint } else { name })
        };
        let subject = self.subject();
        self.answer.say(&subject, VERSION.name, Basis::Configured, resource);
    }

    fn limits(&mut self, config: &BTreeMap<&str, &str>) {
        let Some(most) = config.get("max_client_conn").and_then(|v| v.parse::<f64>().ok()) else { return };
        let subject = self.subject();
        self.say(&subject, &CONFIG, key::MAX_CONNECTIONS, None, Value::Number(most));
        let limit = Limit { limited: Limited::Connections, value: most, unit: "connections".to_owned() };
        self.answer.say(&subject, CONFIG.name, Basis::Configured, limit);
    }

    fn databases(&mut self, lines: &[Line], config: &BTreeMap<&str, &str>) -> BTreeMap<String, Behind> {
        let mut behind = BTreeMap::new();
        let gateway = self.subject();
        for line in lines {
            let Some(name) = text(line, "name").filter(|n| *n != "pgbouncer") else { continue };
            let mode = text(line, "pool_mode").or_else(|| config.get("pool_mode").copied());
            if let Some(mode) = mode {
                self.say(&gateway, &DATABASES, key::POOL_MODE, Some(name), Value::Text(mode.to_owned()));
            }
            let port = text(line, "port").unwrap_or("5432");
            let hosts = text(line, "host").unwrap_or_default();
            let servers: Vec<SubjectId> = hosts
                .split(',')
                .filter(|host| !is_here(host))
                .map(|host| SubjectId(format!("postgresql://{host}:{port}")))
                .collect();
            if servers.is_empty() {
                let detail = format!("The server behind `{name}` is named by a loopback address or a socket only.");
                let closes = format!("Name it in pgbouncer.ini as other accounts do, or: loadline link {gateway} …");
                self.answer.miss_of(GapReason::UnmappedSubject, detail, closes, &[], Some(&gateway));
            }
            // One of several servers is enough.
            let hard = servers.len() == 1;
            for server in &servers {
                let relation = Relation::DependsOn { hard };
                let edge = Edge { relation, to: server.clone(), confidence: Confidence::Declared };
                self.answer.say(&gateway, DATABASES.name, Basis::Configured, edge);
                self.say(server, &DATABASES, key::POOLER_PRESENT, None, Value::Bool(true));
            }
            behind.insert(name.to_owned(), Behind { servers, pool_size: number(line, "pool_size") });
        }
        behind
    }

    fn pools(&mut self, lines: &[Line], behind: &BTreeMap<String, Behind>, config: &BTreeMap<&str, &str>) {
        let default = config.get("default_pool_size").and_then(|v| v.parse::<f64>().ok());
        for line in lines {
            let (Some(database), Some(user)) = (text(line, "database"), text(line, "user")) else { continue };
            if database == "pgbouncer" {
                continue;
            }
            let whole = number(line, "maxwait");
            let stat = PoolStat {
                pool: format!("{database}/{user}"),
                size: behind.get(database).and_then(|b| b.pool_size).or(default),
                active: number(line, "sv_active"),
                waiting: number(line, "cl_waiting"),
                max_wait_s: whole.map(|s| s + number(line, "maxwait_us").unwrap_or(0.0) / 1e6),
                processes: None,
            };
            for subject in self.owners(behind.get(database)) {
                self.answer.say(&subject, POOLS.name, Basis::Measured, stat.clone());
            }
        }
    }

    /// The servers whose connections a pool holds; the pooler where they are not known.
    fn owners(&self, behind: Option<&Behind>) -> Vec<SubjectId> {
        behind.filter(|b| !b.servers.is_empty()).map_or_else(|| vec![self.subject()], |b| b.servers.clone())
    }

    fn waits(&mut self, lines: &[Line], behind: &BTreeMap<String, Behind>) {
        for line in lines {
            let Some(database) = text(line, "database").filter(|d| *d != "pgbouncer") else { continue };
            let (Some(waited), Some(count)) = (number(line, "total_wait_time"), number(line, "total_xact_count"))
            else {
                continue;
            };
            if count > 0.0 {
                for subject in self.owners(behind.get(database)) {
                    // Microseconds since the pooler's start.
                    let mean = Value::Number(waited / count / 1_000.0);
                    self.say(&subject, &STATS, key::POOL_MEAN_WAIT_MS, Some(database), mean);
                }
            }
        }
    }

    fn clients(&mut self, clients: f64) {
        let subject = self.subject();
        self.say(&subject, &CLIENTS, key::CONNECTIONS_IN_USE, None, Value::Number(clients));
        let metric = Limited::Connections.used_metric();
        self.answer.sample(&subject, CLIENTS.name, metric, "connections", None, Some(clients));
    }
}

fn text<'l>(line: &'l Line, column: &str) -> Option<&'l str> {
    line.get(column).map(String::as_str).filter(|t| !t.is_empty())
}

fn number(line: &Line, column: &str) -> Option<f64> {
    text(line, column)?.parse::<f64>().ok().filter(|n| n.is_finite())
}

/// A loopback address or a socket: a name that means another machine elsewhere.
fn is_here(host: &str) -> bool {
    let ip: Option<std::net::IpAddr> = host.parse().ok();
    host.is_empty() || host.starts_with(['/', '@']) || host == "localhost" || ip.is_some_and(|ip| ip.is_loopback())
}
