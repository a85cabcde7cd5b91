//! What `test` shows: each command, whether our user may send it, and the rule that allows it.

use super::commands::{ALL, Argument, At, Command, INFO, Takes};
use super::identity::{Mode, Server};
use super::refusal::Why;
use super::session::Session;
use crate::Permission;
use std::time::Instant;

/// Tries every command once. Those that take a key ask for one that does not exist; those that take a name, for none.
pub(super) async fn test(session: &Session, server: &Server) -> Vec<Permission> {
    let here = if server.mode == Mode::Sentinel { At::Sentinel } else { At::Data };
    let asked = ALL.iter().filter(|c| (c.at == here || c.at == At::Both) && c.since <= server.version);
    let mut shown = Vec::new();
    for command in asked {
        // Only a Redis Cluster answers about itself, and only it is asked.
        if command.words.first() == Some(&"CLUSTER") && server.mode != Mode::Cluster {
            continue;
        }
        shown.push(one(session, server, command).await);
    }
    shown
}

async fn one(session: &Session, server: &Server, command: &Command) -> Permission {
    let argument = match command.takes {
        Takes::Nothing => Argument::None,
        Takes::Cursor | Takes::Database => Argument::Number(0),
        Takes::Key => Argument::Key(b"loadline:no-such-key"),
        Takes::Name => Argument::Name("loadline-no-such-name"),
        Takes::Setting => Argument::Setting("maxmemory-policy"),
    };
    let begun = Instant::now();
    let answer = session.ask(command, argument).await;
    let latency_ms = begun.elapsed().as_millis() as u64;
    let name = command.words.join(" ");
    let user = server.user.as_deref().unwrap_or("default");
    match answer {
        Err(refusal) if !matches!(refusal.why, Why::Other) => {
            let granted = matches!(refusal.why, Why::NotPermitted | Why::Unknown | Why::NoPassword).then_some(false);
            let closes = match refusal.why {
                Why::Unknown => "The provider or the server's configuration hides it.".to_owned(),
                _ => format!("ACL SETUSER {user} {}", command.rule),
            };
            Permission { name, granted, detail: format!("{}.", refusal.said), closes, latency_ms }
        }
        // An error about the argument shows that the command itself may be sent.
        _ => {
            let detail = if std::ptr::eq(command, &INFO) {
                format!("{} {} as {user}.", server.engine, server.version_text)
            } else {
                "Allowed.".to_owned()
            };
            Permission { name, granted: Some(true), detail, closes: String::new(), latency_ms }
        }
    }
}
