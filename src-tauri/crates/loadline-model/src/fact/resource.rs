//! Things, their relations, settings and limits.

use crate::SubjectId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the variants are the vocabulary of design §3 and name themselves")]
pub enum Kind {
    Entrypoint,
    Endpoint,
    Dns,
    Cdn,
    LoadBalancer,
    Service,
    Instance,
    Database,
    Table,
    Cache,
    Queue,
    Store,
    Gateway,
    Network,
    External,
    Zone,
    Region,
    Account,
    Host,
    Pipeline,
    Repository,
    Module,
    Secret,
    AlertChannel,
    Person,
    Journey,
}

impl Kind {
    /// Every kind, in the order of the vocabulary.
    pub const ALL: [Kind; 26] = [
        Kind::Entrypoint,
        Kind::Endpoint,
        Kind::Dns,
        Kind::Cdn,
        Kind::LoadBalancer,
        Kind::Service,
        Kind::Instance,
        Kind::Database,
        Kind::Table,
        Kind::Cache,
        Kind::Queue,
        Kind::Store,
        Kind::Gateway,
        Kind::Network,
        Kind::External,
        Kind::Zone,
        Kind::Region,
        Kind::Account,
        Kind::Host,
        Kind::Pipeline,
        Kind::Repository,
        Kind::Module,
        Kind::Secret,
        Kind::AlertChannel,
        Kind::Person,
        Kind::Journey,
    ];
    /// It can be put under load or made to fail.
    pub fn is_testable(self) -> bool {
        matches!(
            self,
            Kind::Cache
                | Kind::Database
                | Kind::Dns
                | Kind::Entrypoint
                | Kind::External
                | Kind::Gateway
                | Kind::Host
                | Kind::Instance
                | Kind::LoadBalancer
                | Kind::Queue
                | Kind::Service
                | Kind::Store
        )
    }

    /// The word people read: `load balancer`.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Entrypoint => "entry point",
            Kind::Endpoint => "endpoint",
            Kind::Dns => "DNS",
            Kind::Cdn => "CDN",
            Kind::LoadBalancer => "load balancer",
            Kind::Service => "service",
            Kind::Instance => "instance",
            Kind::Database => "database",
            Kind::Table => "table",
            Kind::Cache => "cache",
            Kind::Queue => "queue",
            Kind::Store => "store",
            Kind::Gateway => "gateway",
            Kind::Network => "network",
            Kind::External => "external provider",
            Kind::Zone => "zone",
            Kind::Region => "region",
            Kind::Account => "account",
            Kind::Host => "host",
            Kind::Pipeline => "pipeline",
            Kind::Repository => "repository",
            Kind::Module => "module",
            Kind::Secret => "secret",
            Kind::AlertChannel => "alert channel",
            Kind::Person => "person",
            Kind::Journey => "journey",
        }
    }
    /// Holds data that could be lost.
    pub fn is_store(self) -> bool {
        matches!(self, Kind::Database | Kind::Store | Kind::Cache | Kind::Queue)
    }
    /// Recovery path only: never on the request path.
    pub fn is_recovery(self) -> bool {
        matches!(self, Kind::Person | Kind::Pipeline | Kind::Secret | Kind::Repository | Kind::AlertChannel)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Which life a thing serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// Users depend on it. Unmapped things are treated as production and flagged.
    Production,
    /// A rehearsal.
    Staging,
    /// Everything else.
    Development,
}

/// Criticality (`rules.md` §1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// On the hard path of a critical journey, or holds the only copy of user data.
    T0,
    /// Other user-facing.
    T1,
    /// Internal or batch.
    T2,
}

/// A thing exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// What it is.
    pub kind: Kind,
    /// What people call it.
    pub name: String,
    /// Production, staging or development, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// Declared or derived criticality.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Tier>,
    /// Cloud region name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// `postgresql`, `mongodb`, `redis`, `nodejs`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// Version of the engine as the vendor writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine_version: Option<String>,
    /// A provider operates it: `Some(false)` is self-hosted, `None` not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed: Option<bool>,
    /// For a group of members: how many must be up. `None`: not known, taken as all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_members: Option<u32>,
}

impl Resource {
    /// A resource of which only kind and name are known.
    pub fn new(kind: Kind, name: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
            environment: None,
            tier: None,
            region: None,
            engine: None,
            engine_version: None,
            managed: None,
            required_members: None,
        }
    }
}

/// How sure an edge is (`scoring.md` §1.1), weakest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Configuration or a person declares it.
    Declared,
    /// Seen in traffic, connections or traces.
    Observed,
    /// Concluded from other facts.
    Inferred,
}

/// How two things are related. The source is the fact's subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "relation", rename_all = "snake_case")]
pub enum Relation {
    /// Request path to the next hop.
    Serves,
    /// Source needs target; hard: fails with it, soft: degrades.
    DependsOn {
        /// The source fails when the target fails.
        hard: bool,
    },
    /// Source is a member of the redundancy group `to`.
    MemberOf,
    /// Shared fate: host, zone, region, account.
    RunsIn,
    /// Source's data is copied to `to`.
    ReplicatedTo {
        /// Writes wait for the copy.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        synchronous: Option<bool>,
        /// The copy takes over by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        automatic: Option<bool>,
    },
    /// Recovery path: the pipeline that ships it.
    DeployedBy,
    /// Recovery path: a person who knows it.
    KnownBy,
    /// Recovery path: a person who operates it.
    OperatedBy,
    /// Needs a secret, whose expiry and custody matter.
    UsesSecret,
    /// A journey needs it.
    Needs,
    /// Source is a backup of `to`.
    BacksUp,
    /// Source's data lies in `to`; a table in its database.
    StoredIn,
    /// Source watches `to`.
    Observes,
    /// Source alerts `to`.
    Notifies,
    /// Source is built from `to`.
    BuiltFrom,
    /// Source's outbound traffic passes `to`.
    RoutesThrough,
    /// Source writes messages to `to`.
    Publishes,
    /// Source reads messages from `to`.
    Consumes,
    /// Source and `to` are the same thing seen twice.
    SameAs,
}

/// Two things are related.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    /// How.
    #[serde(flatten)]
    pub relation: Relation,
    /// The target; the fact's subject is the source.
    pub to: SubjectId,
    /// How sure.
    pub confidence: Confidence,
}

/// A configuration value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A switch.
    Bool(bool),
    /// A number, in the unit that the key's documentation states.
    Number(f64),
    /// Words.
    Text(String),
}

impl Value {
    /// The switch, when it is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(b) = self { Some(*b) } else { None }
    }
    /// The number, when it is a finite one.
    pub fn as_number(&self) -> Option<f64> {
        if let Value::Number(n) = self { n.is_finite().then_some(*n) } else { None }
    }
    /// The words, when it is text.
    pub fn as_text(&self) -> Option<&str> {
        if let Value::Text(t) = self { Some(t) } else { None }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Bool(true) => f.write_str("on"),
            Value::Bool(false) => f.write_str("off"),
            Value::Number(n) => write!(f, "{}", crate::num::round9(*n)),
            Value::Text(t) => f.write_str(t),
        }
    }
}

/// A configuration value; keys and their units are in [`crate::key`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    /// Key from [`crate::key`].
    pub key: String,
    /// Which of several (slot, role, sequence, recording rule), when the key has items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// The value.
    pub value: Value,
}

/// What can run out (`scoring.md` §4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the variants are the limited resources of scoring.md §4.1")]
pub enum Limited {
    Cpu,
    Memory,
    Disk,
    Iops,
    Connections,
    Workers,
    Quota,
    Members,
    QueueDrain,
    IntegerKey,
}

impl Limited {
    /// Every limited resource.
    pub const ALL: [Limited; 10] = [
        Limited::Cpu,
        Limited::Memory,
        Limited::Disk,
        Limited::Iops,
        Limited::Connections,
        Limited::Workers,
        Limited::Quota,
        Limited::Members,
        Limited::QueueDrain,
        Limited::IntegerKey,
    ];
    /// Alarm line as a share of the hard limit (`scoring.md` §4.1 defaults, editable in the policy).
    pub fn default_limit(self) -> f64 {
        match self {
            Limited::Cpu => 0.70,
            Limited::Memory => 0.85,
            Limited::Disk | Limited::Iops | Limited::Connections | Limited::Workers | Limited::Quota => 0.80,
            Limited::Members | Limited::QueueDrain => 1.0,
            Limited::IntegerKey => 0.9,
        }
    }
    /// The family counted by CAP-007: `compute`, `database`, `connections`, `storage`, `network_quota`.
    pub fn family(self, subject: Kind) -> &'static str {
        match self {
            Limited::Cpu | Limited::Memory | Limited::Members if subject == Kind::Database => "database",
            Limited::Cpu | Limited::Memory | Limited::Members | Limited::QueueDrain => "compute",
            Limited::IntegerKey => "database",
            Limited::Connections | Limited::Workers => "connections",
            Limited::Disk | Limited::Iops => "storage",
            Limited::Quota => "network_quota",
        }
    }
    /// The word people read and the `resource` of the JSON contract.
    pub fn word(self) -> &'static str {
        match self {
            Limited::Cpu => "cpu",
            Limited::Memory => "memory",
            Limited::Disk => "disk",
            Limited::Iops => "iops",
            Limited::Connections => "connections",
            Limited::Workers => "workers",
            Limited::Quota => "quota",
            Limited::Members => "members",
            Limited::QueueDrain => "queue_drain",
            Limited::IntegerKey => "integer_key",
        }
    }
    /// Metric of the series that gives utilisation directly, as a share 0–1 of the hard limit.
    pub fn utilisation_metric(self) -> String {
        format!("utilisation.{}", self.word())
    }
    /// Metric of the series that gives use in the unit of the matching [`Limit`].
    pub fn used_metric(self) -> String {
        format!("used.{}", self.word())
    }
}

/// A hard limit of a subject.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// What runs out.
    pub limited: Limited,
    /// The hard limit, in `unit`.
    pub value: f64,
    /// Unit of `value` and of the `used.*` series: `bytes`, `connections`, `members`, `1/s`, …
    pub unit: String,
}
