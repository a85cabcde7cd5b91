//! `loadline collect`.

use super::secret::passphrase_if_set;
use super::{Asked, Ended, print};
use clap::Args;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use loadline_engine::collect::{AccountOutcome, Collected, Observer, Run, Step, collect, connect};
use loadline_engine::{Workspace, clock, settings};
use loadline_model::AccountId;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};
use tokio_util::sync::CancellationToken;

#[derive(Args)]
pub(super) struct Collect {
    /// Accounts; none: all
    accounts: Vec<String>,
    /// Only say what it would cost
    #[arg(long)]
    estimate: bool,
    /// Only when the schedule says it is due; for cron
    #[arg(long)]
    due: bool,
}

pub(super) async fn run(words: Collect, asked: &Asked) -> Ended {
    let workspace = asked.open().await?;
    if words.due && !is_due(&workspace).await? {
        if asked.json {
            print::json("collection", json!({ "due": false, "accounts": [] }))?;
        } else {
            print::line("Not due.");
        }
        return Ok(0);
    }
    let accounts: Vec<AccountId> = words.accounts.into_iter().map(AccountId::new).collect();
    if words.estimate {
        return estimate(&workspace, &accounts, asked).await;
    }
    let cancel = CancellationToken::new();
    let interrupt = cancel.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            interrupt.cancel();
        }
    });
    let run =
        Run { accounts, observer: observer(), cancel, passphrase: passphrase_if_set().map(Arc::new), holder: holder() };
    let collected = collect(&workspace, &run).await?;
    report(&collected, asked)?;
    workspace.close().await;
    let all_failed = collected.accounts.iter().all(|a| a.status == "failed");
    Ok(if collected.cancelled {
        130
    } else if all_failed {
        1
    } else if collected.has_gaps() {
        3
    } else {
        0
    })
}

async fn is_due(workspace: &Workspace) -> Result<bool, loadline_engine::EngineError> {
    let settings = settings::load(workspace).await?;
    let last = workspace.snapshots().await?.last().map(|r| r.taken_at);
    Ok(settings::next_due(&settings, last, clock::now()).is_some_and(|at| at <= clock::now()))
}

fn holder() -> String {
    let user = std::env::var("USER").unwrap_or_else(|_| "someone".into());
    format!("{user} (command line, process {})", std::process::id())
}

/// Which services of an account were said to be finished.
#[derive(Default)]
struct Finished(BTreeSet<String>);

impl Finished {
    /// Services of several places that this step finds finished for the first time, with how many places were read.
    fn beyond(&mut self, step: &Step) -> Vec<(String, String)> {
        let whole = step.groups.iter().filter(|g| g.done == g.total);
        let fresh = whole.filter(|g| self.0.insert(g.title.to_string()));
        fresh
            .map(|g| (g.title.to_string(), if g.done == 1 { "read".into() } else { format!("{} read", g.done) }))
            .collect()
    }
}

/// Bars on a terminal, nothing in a pipe.
fn observer() -> Observer {
    if !std::io::stderr().is_terminal() {
        return Arc::new(|_| {});
    }
    let all = MultiProgress::new();
    let bars: Mutex<BTreeMap<AccountId, ProgressBar>> = Mutex::new(BTreeMap::new());
    let style = ProgressStyle::with_template("{prefix:16} {bar:24} {pos}/{len} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let finished: Mutex<BTreeMap<AccountId, Finished>> = Mutex::new(BTreeMap::new());
    Arc::new(move |step: Step| {
        let mut bars = bars.lock().unwrap_or_else(PoisonError::into_inner);
        let mut finished = finished.lock().unwrap_or_else(PoisonError::into_inner);
        let bar = bars.entry(step.account.clone()).or_insert_with(|| {
            let bar = all.add(ProgressBar::new(u64::from(step.total)).with_style(style.clone()));
            bar.set_prefix(step.account.to_string());
            bar
        });
        for (service, places) in finished.entry(step.account.clone()).or_default().beyond(&step) {
            let _ = all.println(format!("{:16} {service}: {places}", step.account.to_string()));
        }
        bar.set_length(u64::from(step.total));
        bar.set_position(u64::from(step.done));
        bar.set_message(step.what.clone());
        if step.status != "reading" {
            bar.finish_with_message(step.status);
        }
    })
}

async fn estimate(workspace: &Workspace, wanted: &[AccountId], asked: &Asked) -> Ended {
    let passphrase = passphrase_if_set();
    let mut rows = Vec::new();
    for account in workspace.store()?.accounts().await? {
        if account.disconnected_at.is_some() || !(wanted.is_empty() || wanted.contains(&account.id)) {
            continue;
        }
        let Ok(connector) = connect(&account, passphrase.as_ref()).await else {
            rows.push(json!({ "account": account.id, "reachable": false }));
            continue;
        };
        let e = connector.estimate().await;
        rows.push(json!({ "account": account.id, "reachable": true, "calls": e.calls, "billed_calls": e.billed_calls, "busy_ms": e.busy_ms, "note": e.note }));
    }
    if asked.json {
        print::json("estimate", json!({ "accounts": rows }))?;
    } else {
        for row in rows {
            let text = |key: &str| row.get(key).map(|v| v.to_string().trim_matches('"').to_owned()).unwrap_or_default();
            if row.get("reachable") == Some(&json!(false)) {
                print::line(format!("{}: cannot be reached; try `loadline test {0}`.", text("account")));
                continue;
            }
            print::line(format!(
                "{}: {} calls, {} billed, {} ms of its time. {}",
                text("account"),
                text("calls"),
                text("billed_calls"),
                text("busy_ms"),
                text("note")
            ));
        }
    }
    Ok(0)
}

fn report(collected: &Collected, asked: &Asked) -> Result<(), loadline_engine::EngineError> {
    if asked.json {
        let accounts: Vec<_> = collected.accounts.iter().map(row).collect();
        return print::json(
            "collection",
            json!({ "accounts": accounts, "snapshot": collected.snapshot, "cancelled": collected.cancelled }),
        );
    }
    for a in &collected.accounts {
        print::line(format!(
            "{}: {}, {} scopes, {} gaps, {} calls, {} ms of its time ({}), {} connections",
            a.account,
            a.status,
            a.scopes,
            a.gaps.len(),
            a.cost.calls,
            a.cost.busy_ms,
            of_a_core(a.cost.busy_ms),
            a.cost.connections
        ));
        if let Some(error) = &a.error {
            print::line(format!("  {error}"));
        }
        for gap in a.gaps.iter().filter(|_| a.error.is_none()) {
            print::line(format!("  {}: {}. {}", gap.scope, gap.detail.trim_end_matches('.'), gap.closes));
        }
    }
    if collected.cancelled {
        print::line("Stopped. What was read is kept; `loadline collect` within an hour goes on with the rest.");
    }
    match &collected.snapshot {
        Some(_) => print::line("Snapshot taken. Judge it: loadline assess"),
        None => print::line("Nothing was read, so no snapshot was taken."),
    }
    Ok(())
}

/// The share of one core over an hour, as the load budget counts it.
fn of_a_core(busy_ms: u64) -> String {
    format!("{:.3} % of one core over an hour", busy_ms as f64 / 36_000.0)
}

fn row(a: &AccountOutcome) -> serde_json::Value {
    let error = a.error.as_ref().map(|e| json!({ "code": e.code, "message": e.message }));
    json!({ "account": a.account, "name": a.name, "status": a.status, "scopes": a.scopes, "gaps": a.gaps, "cost": a.cost, "resumed": a.resumed, "error": error })
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_engine::collect::Group;

    #[test]
    fn a_service_is_said_to_be_finished_once() {
        let step = |read: [u32; 3]| Step {
            account: "aws".into(),
            done: read.iter().sum(),
            total: 4,
            what: String::new(),
            groups: [("EC2", 2), ("S3", 1), ("RDS", 1)]
                .into_iter()
                .zip(read)
                .map(|((title, total), done)| Group { title: title.into(), done, total, reading: 0 })
                .collect(),
            gaps: 0,
            status: "reading",
            error: None,
        };
        let mut finished = Finished::default();
        let mut said = |read| -> Vec<String> {
            finished.beyond(&step(read)).into_iter().map(|(name, places)| format!("{name} {places}")).collect()
        };
        assert!(said([1, 0, 0]).is_empty());
        assert_eq!(said([1, 1, 0]), ["S3 read"], "whichever is finished first");
        assert_eq!(said([2, 1, 0]), ["EC2 2 read"]);
        assert!(said([2, 1, 0]).is_empty());
        assert_eq!(said([2, 1, 1]), ["RDS read"]);
    }
}
