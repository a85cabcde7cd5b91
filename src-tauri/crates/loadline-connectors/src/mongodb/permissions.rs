//! What `test` shows: each need, whether the user has it, and what grants it.

use super::commands::{
    COLLECTIONS, CONFIGURATION, Command, LOG_LAST, Need, PROFILE_NEWEST, SERVER, STATUS, Target, VOLUME, WHO,
};
use super::documents::Fields;
use super::identity::Cluster;
use super::session::Session;
use crate::Permission;
use std::time::Instant;

/// Tries everything we need; databases are tried by the first that is the application's.
pub(super) async fn test(session: &Session, cluster: &Cluster, database: Option<&str>) -> Vec<Permission> {
    let begun = Instant::now();
    let connected = session.ask(cluster, &WHO, &Target::default()).await;
    let latency_ms = begun.elapsed().as_millis() as u64;
    let name = "connection".to_owned();
    let kind = match (&cluster.set, cluster.sharded) {
        (_, true) => "the router of a sharded cluster".to_owned(),
        (Some(set), _) => format!("the replica set {set}"),
        _ => "a server that stands alone".to_owned(),
    };
    let mut shown = vec![match &connected {
        Ok(who) => {
            let named =
                who.parts("authInfo/authenticatedUsers").first().and_then(|u| u.text("user").map(str::to_owned));
            let user = named.map_or_else(|| "without a user".to_owned(), |u| format!("as {u}"));
            let detail = format!("MongoDB {} of {kind}, {user}.", cluster.version);
            Permission { name, granted: Some(true), detail, closes: String::new(), latency_ms }
        }
        Err(refusal) => {
            let closes = "Check that the server can be reached.".to_owned();
            Permission { name, granted: Some(false), detail: format!("{}.", refusal.said), closes, latency_ms }
        }
    }];
    let mut wanted: Vec<(&str, &Command, Target<'_>)> = vec![("server statistics", &SERVER, Target::default())];
    if cluster.set.is_some() {
        wanted.push(("members", &STATUS, Target::default()));
        wanted.push(("votes", &CONFIGURATION, Target::default()));
        wanted.push(("operation log", &LOG_LAST, Target::default()));
    }
    if let Some(database) = database {
        wanted.push(("names of collections", &COLLECTIONS, Target::database(database)));
        wanted.push(("sizes and index use", &VOLUME, Target::database(database)));
        wanted.push(("profiler", &PROFILE_NEWEST, Target::database(database)));
    }
    for (name, command, target) in wanted {
        shown.push(tried(session, cluster, name, command, &target).await);
    }
    shown
}

async fn tried(session: &Session, cluster: &Cluster, name: &str, command: &Command, target: &Target<'_>) -> Permission {
    let begun = Instant::now();
    let answer = session.ask(cluster, command, target).await;
    let latency_ms = begun.elapsed().as_millis() as u64;
    let name = name.to_owned();
    let user = cluster.user.as_deref().unwrap_or("loadline");
    match answer {
        Ok(_) => {
            let detail = format!("Reads {}.", command.reads);
            Permission { name, granted: Some(true), detail, closes: String::new(), latency_ms }
        }
        // What does not exist is not denied.
        Err(refusal) if refusal.is_no_collection() || refusal.is_unknown_to_the_server() => {
            let detail = format!("This server does not offer {}.", command.reads);
            Permission { name, granted: None, detail, closes: "Nothing to grant.".to_owned(), latency_ms }
        }
        Err(refusal) => {
            let closes = command.need.grant(user, target.database);
            let need = if command.need == Need::Connect { String::new() } else { closes };
            Permission {
                name,
                granted: Some(false),
                detail: format!("{}: {}.", command.reads, refusal.said),
                closes: need,
                latency_ms,
            }
        }
    }
}
