//! Facts: what a vendor (or a person) said, in neutral terms, with provenance. Absent means unknown, never zero.

mod database;
mod delivery;
mod evidence;
mod migration;
mod resource;
mod telemetry;

pub use database::*;
pub use delivery::*;
pub use evidence::*;
pub use migration::*;
pub use resource::*;
pub use telemetry::*;

use crate::{AccountId, SubjectId, Timestamp};
use serde::{Deserialize, Serialize};

/// How a fact is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The vendor's configuration says so.
    Configured,
    /// It was counted or timed.
    Measured,
    /// Loadline concluded it from other facts.
    Inferred,
    /// A person said so: may create edges, tiers, journeys and owners, never turns a check into Pass.
    Stated,
}

/// Where a fact comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Provenance {
    /// The account that was asked.
    pub account: AccountId,
    /// The call, query or metric that answered.
    pub call: String,
    /// When it was read.
    pub read_at: Timestamp,
    /// How it is known.
    pub basis: Basis,
}

/// One statement about one subject.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is about.
    pub subject: SubjectId,
    /// What is said.
    pub body: Body,
    /// Where it comes from.
    pub provenance: Provenance,
}

macro_rules! bodies {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        /// What a fact says. Every variant is a struct of the same name.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "type", rename_all = "snake_case")]
        pub enum Body {
            $($(#[$doc])* $name($name),)+
        }

        /// The kind of a fact, without its content.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum FactKind {
            $($(#[$doc])* $name,)+
        }

        impl Body {
            /// The kind of this body.
            pub fn kind(&self) -> FactKind {
                match self { $(Body::$name(_) => FactKind::$name,)+ }
            }
        }

        $(
            impl From<$name> for Body {
                fn from(body: $name) -> Self {
                    Body::$name(body)
                }
            }
            impl FactBody for $name {
                const KIND: FactKind = FactKind::$name;
                fn of(body: &Body) -> Option<&Self> {
                    match body { Body::$name(inner) => Some(inner), _ => None }
                }
            }
        )+
    };
}

/// A struct that is one kind of fact; lets the index answer `index.all::<Deployment>()`.
pub trait FactBody: Sized {
    /// Its kind.
    const KIND: FactKind;
    /// The struct inside a body, when it is of this kind.
    fn of(body: &Body) -> Option<&Self>;
}

bodies! {
    /// A thing exists.
    Resource,
    /// Two things are related.
    Edge,
    /// A configuration value.
    Setting,
    /// A hard limit.
    Limit,
    /// Samples over time.
    Series,
    /// Mergeable distributions over time.
    DistributionSeries,
    /// A deployment.
    Deployment,
    /// A resize, campaign or other confounder.
    Change,
    /// A commit.
    Commit,
    /// A pull or merge request.
    ChangeRequest,
    /// An incident.
    Incident,
    /// An alert rule.
    Alert,
    /// A service-level objective.
    Slo,
    /// Statistics of one statement shape.
    QueryStat,
    /// A query plan.
    Plan,
    /// Statistics of one table.
    TableStat,
    /// Statistics of one index.
    IndexStat,
    /// A connection or worker pool.
    PoolStat,
    /// A sample of locks and transactions.
    LockSample,
    /// Size, churn and complexity of a file.
    CodeStat,
    /// A runbook or decision record.
    Document,
    /// A backup, archive or restore.
    BackupEvent,
    /// A load, failover, chaos or synthetic test.
    TestRun,
    /// A cost line.
    CostLine,
    /// Something expires.
    Expiry,
    /// A finding of another tool.
    ImportedFinding,
    /// A person's statement.
    Statement,
    /// A module of a repository with its imports.
    CodeModule,
    /// An idiom recognised in source text.
    CodeIdiom,
    /// Two files that change together.
    ChangedTogether,
    /// Lines on both sides of a declared migration, week by week.
    CodeMigration,
}
