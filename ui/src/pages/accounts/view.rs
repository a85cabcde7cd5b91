//! What the cards say: pure.

use crate::components::Status;
use crate::format;
use loadline_model::Environment;
use loadline_wire::accounts::{AccountCard, CollectionEstimate, PermissionRow};

/// A health word as status and as people read it.
pub fn health(code: &str) -> (Status, &'static str) {
    match code {
        "healthy" => (Status::Pass, "Healthy"),
        "partial" => (Status::Medium, "Partly readable"),
        "failing" => (Status::Critical, "Failing"),
        "disconnected" => (Status::Low, "Disconnected"),
        _ => (Status::Unknown, "Never collected"),
    }
}

/// `5 accounts: 3 healthy, 2 with gaps.`
pub fn summary(cards: &[AccountCard]) -> String {
    let of = |codes: &[&str]| cards.iter().filter(|card| codes.contains(&card.health.as_str())).count();
    let parts = [
        (of(&["healthy"]), "healthy"),
        (of(&["partial"]), "partly readable"),
        (of(&["failing"]), "failing"),
        (of(&["never_collected"]), "never collected"),
        (of(&["disconnected"]), "disconnected"),
    ];
    let words: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    match cards.len() {
        0 => "Read-only, always: no call that Loadline makes can change anything.".into(),
        n => format!("{}: {}.", format::count(n, "account", "accounts"), words.join(", ")),
    }
}

/// What a collection costs: `312 calls, 1.4 s of work at the source, nothing billed`.
pub fn cost(estimate: &CollectionEstimate) -> String {
    let billed = match estimate.billed_calls {
        0 => "nothing billed".to_owned(),
        n => format!("{} billed", format::whole(n)),
    };
    let calls = format::count(usize::try_from(estimate.calls).unwrap_or(usize::MAX), "call", "calls");
    format!("{calls}, {} of work at the source, {billed}", format::duration_ms(estimate.busy_ms))
}

/// ✓, ✗ or could not be tried.
pub fn permission(row: &PermissionRow) -> Status {
    match row.granted {
        Some(true) => Status::Pass,
        Some(false) => Status::Critical,
        None => Status::Unknown,
    }
}

/// The word of an environment.
pub fn environment(environment: Environment) -> &'static str {
    match environment {
        Environment::Production => "production",
        Environment::Staging => "staging",
        Environment::Development => "development",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_health_word_has_a_shape() {
        for code in ["healthy", "partial", "failing", "never_collected", "disconnected"] {
            assert!(!health(code).1.is_empty());
        }
        assert_eq!(health("healthy").0, Status::Pass);
        assert_eq!(health("a word of a newer shell").0, Status::Unknown);
    }

    #[test]
    fn costs_say_what_is_billed() {
        let estimate = CollectionEstimate { calls: 1312, billed_calls: 0, busy_ms: 1400, notes: Vec::new() };
        assert_eq!(
            cost(&estimate).replace('\u{202f}', " "),
            "1,312 calls, 1.4 s of work at the source, nothing billed"
        );
    }
}
