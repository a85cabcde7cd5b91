//! What `test` shows: each privilege, whether the role has it, and the statement that grants it.

use super::identity::Server;
use super::row::Columns;
use super::session::Session;
use super::statements::{Need, SEQUENCES, STATEMENTS, Statement};
use crate::Permission;
use std::time::Instant;

/// Tries everything we need.
pub(super) async fn test(session: &Session, server: &Server) -> Vec<Permission> {
    let begun = Instant::now();
    let connected = session.rows(&super::statements::STATEMENTS_STATE, server.version).await;
    let latency_ms = begun.elapsed().as_millis() as u64;
    let extension = connected.as_ref().ok().and_then(|rows| rows.as_ref()?.first()?.text("version"));
    let who =
        if server.superuser { "a superuser; a role with only the grants below is enough" } else { "an ordinary role" };
    let mut shown = vec![Permission {
        name: "read-only session".to_owned(),
        granted: Some(connected.is_ok()),
        detail: match &connected {
            Ok(_) => format!("PostgreSQL {} as {}, {who}.", server.version_text, server.role),
            Err(refusal) => format!("{}.", refusal.said),
        },
        closes: if connected.is_ok() { String::new() } else { "Check that the server can be reached.".to_owned() },
        latency_ms,
    }];
    let member = |name: &str, granted, need: Need, what: &str| Permission {
        name: name.to_owned(),
        granted: Some(granted),
        detail: if granted { format!("Sees {what}.") } else { format!("Does not see {what}.") },
        closes: if granted { String::new() } else { need.grant(&server.role) },
        latency_ms: 0,
    };
    shown.push(member(
        "pg_read_all_stats",
        server.all_stats,
        Need::AllStats,
        "statements, sessions and standbys of every role",
    ));
    shown.push(member("pg_read_all_settings", server.all_settings, Need::AllSettings, "every setting"));
    shown.push(statistics(session, server, extension).await);
    shown.push(sequences(session, server).await);
    shown
}

async fn statistics(session: &Session, server: &Server, extension: Option<String>) -> Permission {
    let name = "pg_stat_statements".to_owned();
    let closes = Need::Extension.grant(&server.role);
    let Some(version) = extension else {
        let detail = format!("Not installed in {}.", server.database);
        return Permission { name, granted: Some(false), detail, closes, latency_ms: 0 };
    };
    let (refused, latency_ms) = timed(session, server, &STATEMENTS).await;
    match refused {
        None => Permission {
            name,
            granted: Some(true),
            detail: format!("Version {version}."),
            closes: String::new(),
            latency_ms,
        },
        Some(said) => Permission { name, granted: Some(false), detail: format!("{said}."), closes, latency_ms },
    }
}

async fn sequences(session: &Session, server: &Server) -> Permission {
    let begun = Instant::now();
    let rows = session.rows(&SEQUENCES, server.version).await;
    let latency_ms = begun.elapsed().as_millis() as u64;
    let name = "SELECT on sequences".to_owned();
    let closes = Need::Sequences.grant(&server.role);
    match rows {
        Ok(rows) => {
            let rows = rows.unwrap_or_default();
            let denied = rows.iter().filter(|row| row.flag("readable") == Some(false)).count();
            let detail = format!("{} of {} are readable.", rows.len() - denied, rows.len());
            let closes = if denied == 0 { String::new() } else { closes };
            Permission { name, granted: Some(denied == 0), detail, closes, latency_ms }
        }
        Err(refusal) => Permission { name, granted: None, detail: format!("{}.", refusal.said), closes, latency_ms },
    }
}

async fn timed(session: &Session, server: &Server, statement: &Statement) -> (Option<String>, u64) {
    let begun = Instant::now();
    let refused = session.rows(statement, server.version).await.err().map(|r| r.said);
    (refused, begun.elapsed().as_millis() as u64)
}
