//! The embedded demo: a provider that answers from a file inside the program, so that every page can be tried without an
//! account. It is not for tests of the other connectors.

use crate::provider::{ConfigField, Provider, SecretNeed};
use crate::{ConnectError, Connector, Estimate, Permission, Progress, ScopePlan, Secret, Window};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use loadline_model::{Account, CollectionCost, DemoFile, Fact, Gap, GapReason, Scope, ScopeStatus, Timestamp};
use std::sync::OnceLock;

const EMBEDDED: &[u8] = include_bytes!("../../../../../assets/demo/demo.json.zst");
/// Twice the size of today's file when unpacked; a damaged file cannot ask for more memory than this.
const UNPACKED_LIMIT: usize = 64 << 20;

pub(crate) const PROVIDER: Provider = Provider {
    id: "demo",
    name: "Demo",
    summary: "A small social app over eight months, embedded in Loadline: every page can be tried without an account.",
    config: &[ConfigField {
        key: "as_of",
        label: "As of",
        help: "Moment of the story to answer for: before, midway, after or a date such as 2026-06-01.",
        required: false,
    }],
    secret: SecretNeed::None,
    policy: || "The demo needs no permission: it answers from a file inside Loadline and sends nothing.".to_owned(),
    documents: Vec::new,
    check: |account| file_of(account).map(drop),
    connect,
};

/// The embedded file, read once.
///
/// # Errors
/// What is wrong with the file.
pub fn file() -> Result<DemoFile, String> {
    static FILE: OnceLock<Result<DemoFile, String>> = OnceLock::new();
    FILE.get_or_init(|| parse(EMBEDDED)).clone()
}

/// Reads a demo file.
///
/// # Errors
/// What is wrong with it.
pub fn parse(bytes: &[u8]) -> Result<DemoFile, String> {
    let json = zstd::bulk::decompress(bytes, UNPACKED_LIMIT).map_err(|e| e.to_string())?;
    serde_json::from_slice(&json).map_err(|e| e.to_string())
}

fn connect(account: &Account, _secret: Option<Secret>) -> BoxFuture<'static, Result<Box<dyn Connector>, ConnectError>> {
    let opened = file_of(account);
    let id = account.id.clone();
    async move {
        let (file, at) = opened?;
        let connector: Box<dyn Connector> = Box::new(Demo { account: id, file, at });
        Ok(connector)
    }
    .boxed()
}

/// The file and the moment of its story that an account asks for.
fn file_of(account: &Account) -> Result<(DemoFile, Timestamp), ConnectError> {
    let file = file().map_err(|why| ConnectError::Refused { host: "the embedded demo".into(), why })?;
    let named = |name: &str| file.moments.iter().find(|(n, _)| n == name).map(|(_, at)| *at);
    let at = match account.config.get("as_of").map(String::as_str) {
        None => file.until,
        Some(text) => named(text).or_else(|| Timestamp::parse(text)).ok_or_else(|| {
            ConnectError::config("as_of", "it is neither a named moment (before, midway, after) nor a date")
        })?,
    };
    Ok((file, at))
}

struct Demo {
    account: loadline_model::AccountId,
    file: DemoFile,
    at: Timestamp,
}

impl Connector for Demo {
    fn test(&self) -> BoxFuture<'_, Vec<Permission>> {
        let answer = Permission {
            name: "read the embedded demo".into(),
            granted: Some(true),
            detail: format!("{} accounts, {} scopes", self.file.accounts.len(), self.file.scopes.len()),
            closes: String::new(),
            latency_ms: 0,
        };
        async move { vec![answer] }.boxed()
    }

    fn estimate(&self) -> BoxFuture<'_, Estimate> {
        let note = "The demo sends nothing: it answers from a file inside Loadline.".to_owned();
        async move { Estimate { calls: 0, billed_calls: 0, busy_ms: 0, note } }.boxed()
    }

    fn scopes(&self) -> BoxFuture<'_, Result<Vec<ScopePlan>, ConnectError>> {
        let plans = self.file.scopes_at(self.at).into_iter();
        let plans =
            plans.map(|(account, s)| ScopePlan::new(format!("{account}/{}", s.name), format!("{account} {}", s.name)));
        let plans = Ok(plans.collect());
        async move { plans }.boxed()
    }

    fn read<'a>(&'a self, plan: &'a ScopePlan, window: &'a Window, progress: &'a Progress) -> BoxFuture<'a, Scope> {
        async move {
            progress.step(0, 1, "reading the file");
            let found = self.file.scopes_at(self.at).into_iter().find(|(a, s)| format!("{a}/{}", s.name) == plan.name);
            let scope = found.map(|(_, scope)| self.renamed(scope, plan, window.now));
            scope.unwrap_or_else(|| self.missing(plan, window.now))
        }
        .boxed()
    }

    fn cost(&self) -> CollectionCost {
        CollectionCost::default()
    }
}

impl Demo {
    /// What a collection stores belongs to the account that was connected, read now.
    fn renamed(&self, scope: Scope, plan: &ScopePlan, now: Timestamp) -> Scope {
        let own = |mut fact: Fact| {
            fact.provenance.account = self.account.clone();
            fact.provenance.read_at = now;
            fact
        };
        Scope {
            name: plan.name.clone(),
            finished_at: now,
            facts: scope.facts.into_iter().map(own).collect(),
            gaps: scope.gaps.into_iter().map(|g| Gap { account: Some(self.account.clone()), ..g }).collect(),
            ..scope
        }
    }

    fn missing(&self, plan: &ScopePlan, now: Timestamp) -> Scope {
        let gap = Gap {
            account: Some(self.account.clone()),
            scope: plan.name.clone(),
            reason: GapReason::NotConnected,
            detail: "the demo holds no such scope at this moment".into(),
            closes: "Choose a later moment of the demo.".into(),
            hides: Vec::new(),
            subject: None,
        };
        Scope {
            name: plan.name.clone(),
            status: ScopeStatus::Failed,
            finished_at: now,
            inventories: Vec::new(),
            facts: Vec::new(),
            gaps: vec![gap],
        }
    }
}
