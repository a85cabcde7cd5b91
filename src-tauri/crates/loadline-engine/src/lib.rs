//! The order of Loadline's stages: collect, snapshot, judge, score, plan, prove, export; progress, cancel and schedule.
//! It is the only room that knows all others. It holds no formula of its own and nothing of Tauri or HTML.

pub mod accounts;
pub mod bundle;
mod change_effort;
pub mod clock;
pub mod codebase;
pub mod collect;
pub mod compare;
pub mod databases;
mod debt;
pub mod delivery;
pub mod demo;
pub mod diagnostics;
pub mod error;
pub mod export;
pub mod finish;
pub mod housekeeping;
mod identity;
pub mod import;
pub mod incidents;
mod lives;
pub mod others;
pub mod people;
pub mod performance;
mod recorded;
pub mod redact;
pub mod revalue;
pub mod review;
pub mod settings;
pub mod stages;
pub mod statements;
pub mod test_runs;
pub mod undo;
pub mod what_if;
pub mod workspace;

pub use error::EngineError;
pub use loadline_store::Location;
pub use stages::{Case, assess};
pub use workspace::{Place, Workspace};

/// The command line and the window need these names without knowing the rooms they come from.
pub mod parts {
    pub use loadline_connectors::imported::Format;
    pub use loadline_connectors::{
        ConfigField, Estimate, Naming, PROVIDERS, Permission, PolicyDocument, Provider, SecretNeed, provider,
    };
    pub use loadline_report::Options as ReportOptions;
    pub use loadline_rules::catalog;
    pub use loadline_secrets::{Secret, SecretError};
    pub use loadline_store::CollectionRow;
    pub use loadline_topology::{WhatIf, fail};

    /// Why the keychain cannot be used; `None` when it can.
    pub async fn keychain_problem() -> Option<String> {
        loadline_secrets::probe().await.err().map(|e| e.to_string())
    }
}
