//! What `test` shows: each privilege, whether the user has it, and the statement that grants it.

use super::identity::Server;
use super::row::Row;
use super::session::{Refusal, Session};
use super::statements::{COUNTING, EVERY_TABLE, INDEX_SIZES, Need, PROCESS, REPLICATION, Statement};
use crate::Permission;
use loadline_model::GapReason;
use std::time::Instant;

/// Tries everything we need.
pub(super) async fn test(session: &Session, server: &Server) -> Vec<Permission> {
    let (alive, latency_ms) = timed(session, server, &super::statements::IDENTITY).await;
    let vendor = server.engine.name();
    let mut shown = vec![Permission {
        name: "read-only session".to_owned(),
        granted: Some(alive.is_ok()),
        detail: match &alive {
            Ok(_) => format!("{vendor} {} as {}.", server.engine.text, server.user),
            Err(refusal) => format!("{}.", refusal.said),
        },
        closes: if alive.is_ok() { String::new() } else { "Check that the server can be reached.".to_owned() },
        latency_ms,
    }];
    for (statement, what) in [
        (&PROCESS, "sessions, transactions and lock waits of every user"),
        (&REPLICATION, "whom it copies and how far behind it is"),
        (&COUNTING, "statements and use of indexes"),
        (&INDEX_SIZES, "the size of each index"),
    ] {
        let (answer, latency_ms) = timed(session, server, statement).await;
        shown.push(judged(server, statement.need, what, answer.map(drop), latency_ms));
    }
    let (answer, latency_ms) = timed(session, server, &EVERY_TABLE).await;
    shown.insert(3, structure(server, answer, latency_ms));
    shown
}

/// A privilege under the name that people grant it by.
fn name(server: &Server, need: Need) -> String {
    let grant = need.grant(server.engine.flavour, "");
    grant.trim_start_matches("GRANT ").trim_end_matches(" TO ;").trim_end_matches(" ON *.*").to_owned()
}

fn judged(server: &Server, need: Need, what: &str, answer: Result<(), Refusal>, latency_ms: u64) -> Permission {
    let (granted, detail) = match &answer {
        Ok(()) => (Some(true), format!("Sees {what}.")),
        Err(refusal) if refusal.reason() == GapReason::PermissionDenied => {
            (Some(false), format!("Does not see {what}."))
        }
        Err(refusal) => (None, format!("{}.", refusal.said.trim_end_matches('.'))),
    };
    let closes = if granted == Some(true) { String::new() } else { need.grant(server.engine.flavour, &server.user) };
    Permission { name: name(server, need), granted, detail, closes, latency_ms }
}

/// Missing privileges on tables are no refusal, only fewer rows: the tables InnoDB has are compared with those shown.
fn structure(server: &Server, answer: Result<Option<Row>, Refusal>, latency_ms: u64) -> Permission {
    let row = match answer {
        Ok(row) => row.unwrap_or_default(),
        Err(refusal) => {
            let detail = format!("How many tables there are is hidden: {}.", refusal.said.trim_end_matches('.'));
            let closes = Need::Process.grant(server.engine.flavour, &server.user);
            return Permission { name: name(server, Need::Structure), granted: None, detail, closes, latency_ms };
        }
    };
    let (Some(existing), Some(seen)) = (row.number("existing"), row.number("seen")) else {
        return judged(
            server,
            Need::Structure,
            "",
            Err(Refusal { number: 0, said: "No answer".to_owned() }),
            latency_ms,
        );
    };
    let granted = seen >= existing;
    let closes = if granted { String::new() } else { Need::Structure.grant(server.engine.flavour, &server.user) };
    let detail = format!("{seen} of {existing} InnoDB tables are shown.");
    Permission { name: name(server, Need::Structure), granted: Some(granted), detail, closes, latency_ms }
}

async fn timed(session: &Session, server: &Server, statement: &Statement) -> (Result<Option<Row>, Refusal>, u64) {
    let begun = Instant::now();
    let rows = session.rows(statement, &server.engine).await;
    let first = rows.map(|rows| rows.and_then(|mut rows| (!rows.is_empty()).then(|| rows.swap_remove(0))));
    (first, begun.elapsed().as_millis() as u64)
}
