//! Scope `activity`: operations and transactions at the time of reading. What they ask is not looked at beyond their
//! collection and kind.

use super::commands::{OPERATIONS, SERVER, Target};
use super::documents::Fields;
use super::reading::Reading;
use crate::Cancelled;
use ::mongodb::bson::Document;
use loadline_model::{LockSample, Value, key};

/// Waiting operations that are named.
const CHAINS: usize = 20;
/// Queries a second that a secondary must answer to count as serving reads: more than monitoring asks.
const READS_PER_SECOND: f64 = 0.1;

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let nothing = Target::default();
    if let Some(answer) = r.ask(&OPERATIONS, &nothing).await? {
        let queued = match r.try_ask(&SERVER, &nothing).await? {
            Ok(server) => server.number("globalLock/currentQueue/total"),
            Err(_) => None,
        };
        let mut sample = sample(&answer, r.answer.read_at());
        sample.blocked = sample.blocked.max(queued.unwrap_or(0.0));
        r.measured(&r.cluster.subject(), &OPERATIONS, sample);
    }
    reads_elsewhere(r).await
}

/// Whether secondaries answer queries of applications.
async fn reads_elsewhere(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let others: Vec<String> = r.cluster.counting().into_iter().filter(|host| *host != r.cluster.primary()).collect();
    let mut seen = Vec::new();
    for host in others {
        if let Ok(server) = r.try_member(&host, &SERVER, &Target::default()).await? {
            let rate = server.number("opcounters/query").zip(server.number("uptime").filter(|s| *s >= 3600.0));
            seen.push(rate.map(|(n, seconds)| n / seconds > READS_PER_SECOND));
        }
    }
    let used = match seen.contains(&Some(true)) {
        true => Some(true),
        // Unknown as long as one of them could not be asked.
        false => (!seen.is_empty() && r.cluster.lost().is_empty() && !seen.contains(&None)).then_some(false),
    };
    if let Some(used) = used {
        r.set(&SERVER, key::READ_REPLICA_USED, None, Value::Bool(used));
    }
    Ok(())
}

fn sample(answer: &Document, at: loadline_model::Timestamp) -> LockSample {
    let operations: Vec<&Document> = answer.parts("inprog").into_iter().filter(|op| is_of_an_application(op)).collect();
    let seconds = |op: &Document| {
        let exact = op.number("microsecs_running").map(|n| n / 1e6);
        exact.or_else(|| op.number("secs_running")).unwrap_or(0.0)
    };
    let open = |op: &Document| op.number("transaction/timeOpenMicros").map(|n| n / 1e6).unwrap_or(0.0);
    let longest = |of: &dyn Fn(&Document) -> f64| operations.iter().map(|op| of(op)).fold(0.0, f64::max);
    let waiting =
        |op: &&&Document| op.flag("waitingForLock") == Some(true) || op.flag("waitingForFlowControl") == Some(true);
    let waits: Vec<&&Document> = operations.iter().filter(waiting).collect();
    let line = |op: &&&Document| {
        let (kind, on) = (op.text("op").unwrap_or("operation"), op.text("ns").unwrap_or("the server"));
        format!("{kind} on {on} waits {:.0} s for a lock", seconds(op))
    };
    LockSample {
        at,
        active: operations.iter().filter(|op| op.flag("active") == Some(true)).count() as f64,
        blocked: waits.len() as f64,
        longest_wait_s: waits.iter().map(|op| seconds(op)).fold(0.0, f64::max),
        longest_idle_in_transaction_s: longest(&|op| {
            op.number("transaction/timeInactiveMicros")
                .filter(|_| op.flag("active") != Some(true))
                .map_or(0.0, |n| n / 1e6)
        }),
        oldest_transaction_s: longest(&|op| {
            open(op).max(if op.flag("active") == Some(true) { seconds(op) } else { 0.0 })
        }),
        chains: waits.iter().take(CHAINS).map(line).collect(),
    }
}

/// Not the server's own threads, not ours, and not those that wait for news by design.
fn is_of_an_application(op: &Document) -> bool {
    let awaits = ["hello", "ismaster", "isMaster"]
        .iter()
        .any(|word| op.text("op") == Some(word) || op.field(&format!("command/{word}")).is_some());
    let tails = op.flag("command/awaitData") == Some(true)
        || op.flag("cursor/awaitData") == Some(true)
        || op.flag("cursor/tailable") == Some(true);
    let from_outside =
        op.field("client").is_some() || op.field("client_s").is_some() || op.text("type") == Some("idleSession");
    let own = op.text("ns").is_some_and(|ns| ns.starts_with("local.") || ns.starts_with("config."));
    from_outside && !awaits && !tails && !own && op.text("appName") != Some("loadline")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::mongodb::bson::doc;
    use loadline_model::Timestamp;

    #[test]
    fn operations_are_seen_without_what_they_ask() {
        // Fields as in the MongoDB manual, "db.currentOp()", "Output Fields".
        let slow = doc! { "type": "op", "client": "10.0.0.5:1", "appName": "shop", "active": true, "op": "query", "ns": "shop.orders", "secs_running": 90_i64, "microsecs_running": 90_500_000_i64, "waitingForLock": true, "command": { "find": "orders", "filter": { "a": "hunter2" } } };
        let idle = doc! { "type": "idleSession", "active": false, "transaction": { "timeOpenMicros": 400_000_000_i64, "timeInactiveMicros": 300_000_000_i64 } };
        let ours = doc! { "client": "10.0.0.9:1", "appName": "loadline", "active": true, "secs_running": 900_i64 };
        let tail = doc! { "client": "10.0.0.7:1", "active": true, "op": "getmore", "ns": "local.oplog.rs", "secs_running": 99_999_i64 };
        let hello = doc! { "client": "10.0.0.7:1", "active": true, "op": "hello", "secs_running": 10_i64 };
        let own = doc! { "desc": "Checkpointer", "active": true, "secs_running": 99_999_i64 };
        let seen = sample(&doc! { "inprog": [slow, idle, ours, tail, hello, own] }, Timestamp(0));
        assert_eq!((seen.active, seen.blocked, seen.longest_wait_s), (1.0, 1.0, 90.5));
        assert_eq!((seen.longest_idle_in_transaction_s, seen.oldest_transaction_s), (300.0, 400.0));
        assert_eq!(seen.chains, ["query on shop.orders waits 90 s for a lock"]);
        assert!(!format!("{seen:?}").contains("hunter2"));
        assert_eq!(sample(&doc! {}, Timestamp(0)).active, 0.0);
    }
}
