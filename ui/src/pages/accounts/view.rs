//! What the cards say: pure.

use crate::components::Status;
use crate::format;
use loadline_model::Environment;
use loadline_wire::accounts::{AccountCard, CollectionEstimate, PartProgress, PermissionRow};
use loadline_wire::configure::AccountSettings;
use loadline_wire::names::NameRow;
use std::collections::BTreeMap;

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

/// Names by what a person has to do about them.
#[derive(Debug, Default)]
pub struct Naming {
    /// Missing, and nothing looks like it.
    pub missing: Vec<NameRow>,
    /// Missing with candidates, or given a name that is not there.
    pub likely: Vec<NameRow>,
    /// Found.
    pub there: Vec<NameRow>,
}

/// Sorts names, each kind in its order.
pub fn naming(rows: Vec<NameRow>) -> Naming {
    let mut sorted = Naming::default();
    for row in rows {
        match (row.found.is_some(), row.suggestions.is_empty() && row.given.is_none()) {
            (true, _) => sorted.there.push(row),
            (false, true) => sorted.missing.push(row),
            (false, false) => sorted.likely.push(row),
        }
    }
    sorted
}

/// What people need first to connect, where the fields alone do not say it.
pub fn how(provider: &str) -> Option<&'static str> {
    match provider {
        "aws" => Some(
            "With a profile (keys, a role or `aws sso login`) nothing else is needed. Name regions to read less; give a role to read through it.",
        ),
        _ => None,
    }
}

/// Permissions to look at first, and how many are fine.
pub fn sorted(rows: Vec<PermissionRow>) -> (Vec<PermissionRow>, Vec<PermissionRow>) {
    let (granted, mut open): (Vec<_>, Vec<_>) = rows.into_iter().partition(|r| r.granted == Some(true));
    // Denied before what could not be tried.
    open.sort_by_key(|r| r.granted.is_none());
    (open, granted)
}

/// `Feeds SPOF-001, DATA-001 and 3 more.`
pub fn feeds(rules: &[String]) -> Option<String> {
    const NAMED: usize = 4;
    let named = rules.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match rules.len() {
        0 => None,
        n if n <= NAMED => Some(format!("Feeds {named}.")),
        n => Some(format!("Feeds {named} and {} more.", n - NAMED)),
    }
}

/// `2 of 3 places`, `read`, `waiting`.
pub fn part(part: &PartProgress) -> String {
    match (part.done, part.total, part.reading) {
        (done, total, _) if done == total => {
            if total > 1 {
                format!("{total} of {total}")
            } else {
                "read".into()
            }
        }
        (0, 1, true) => "reading".into(),
        (0, _, false) => "waiting".into(),
        (done, total, _) => format!("{done} of {total}"),
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

/// What saving would change: one-of-a-kind settings as typed, named ones as their rows say; what is neither stays.
pub fn changes(
    settings: &AccountSettings,
    typed: &BTreeMap<String, String>,
    rows: &[(String, String)],
) -> BTreeMap<String, Option<String>> {
    let is_named = |key: &str| settings.named.iter().any(|f| key.starts_with(&f.key));
    let filled = |value: &String| Some(value.trim().to_owned()).filter(|v| !v.is_empty());
    let single = settings.fields.iter().map(|f| (f.key.clone(), typed.get(&f.key).and_then(filled)));
    let gone = settings.values.keys().filter(|key| is_named(key)).map(|key| (key.clone(), None));
    // An empty row is none.
    let given =
        rows.iter().filter(|(_, value)| filled(value).is_some()).map(|(key, value)| (key.clone(), filled(value)));
    let mut wanted: BTreeMap<String, Option<String>> = single.chain(gone).collect();
    wanted.extend(given);
    wanted.retain(|key, value| settings.values.get(key).and_then(filled) != *value);
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_wire::accounts::FormField;

    #[test]
    fn only_what_differs_is_saved() {
        let field = |key: &str| FormField {
            key: key.into(),
            label: String::new(),
            placeholder: String::new(),
            help: String::new(),
            required: false,
            more: false,
        };
        let of = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let settings = AccountSettings {
            provider: "git".into(),
            fields: vec![field("path"), field("advisories")],
            named: vec![field("migration.")],
            values: of(&[("path", "/a"), ("migration.x", "a -> b"), ("remap.y", "z")]),
        };
        let check = |typed: &[(&str, &str)], rows: &[(&str, &str)], expected: &[(&str, Option<&str>)]| {
            let rows: BTreeMap<String, String> = of(rows);
            let found = changes(&settings, &of(typed), &rows.into_iter().collect::<Vec<_>>());
            let expected: BTreeMap<_, _> =
                expected.iter().map(|(k, v)| ((*k).to_owned(), v.map(str::to_owned))).collect();
            assert_eq!(found, expected);
        };
        let same = ("migration.x", "a -> b");
        check(&[("path", " /a ")], &[same], &[]);
        check(&[("path", "/b"), ("advisories", "/o")], &[same], &[("path", Some("/b")), ("advisories", Some("/o"))]);
        check(&[("path", "")], &[same], &[("path", None)]);
        check(&[("path", "/a")], &[], &[("migration.x", None)]);
        check(&[("path", "/a")], &[("migration.x", " ")], &[("migration.x", None)]);
        let renamed = [("migration.x", None), ("migration.z", Some("a -> c"))];
        check(&[("path", "/a")], &[("migration.z", "a -> c")], &renamed);
    }

    #[test]
    fn every_health_word_has_a_shape() {
        for code in ["healthy", "partial", "failing", "never_collected", "disconnected"] {
            assert!(!health(code).1.is_empty());
        }
        assert_eq!(health("healthy").0, Status::Pass);
        assert_eq!(health("a word of a newer shell").0, Status::Unknown);
    }

    #[test]
    fn names_are_sorted_by_what_to_do() {
        let row = |name: &str, given: Option<&str>, found: Option<&str>, suggestions: &[&str]| NameRow {
            name: name.into(),
            gives: String::new(),
            given: given.map(str::to_owned),
            found: found.map(str::to_owned),
            suggestions: suggestions.iter().map(|s| (*s).to_owned()).collect(),
        };
        let rows = vec![
            row("a", None, None, &[]),
            row("b", None, None, &["x"]),
            row("c", Some("gone"), None, &[]),
            row("d", Some("y"), Some("y"), &[]),
        ];
        let names = |rows: &[NameRow]| rows.iter().map(|r| r.name.clone()).collect::<String>();
        let sorted = naming(rows);
        assert_eq!(
            (names(&sorted.missing), names(&sorted.likely), names(&sorted.there)),
            ("a".into(), "bc".into(), "d".into())
        );
    }

    #[test]
    fn what_is_missing_comes_first() {
        let row = |name: &str, granted| PermissionRow {
            name: name.into(),
            granted,
            detail: String::new(),
            closes: String::new(),
            feeds: Vec::new(),
            latency_ms: None,
        };
        let rows = vec![row("a", Some(true)), row("b", None), row("c", Some(false))];
        let (open, granted) = sorted(rows);
        let names = |rows: &[PermissionRow]| rows.iter().map(|r| r.name.clone()).collect::<Vec<_>>().join(" ");
        assert_eq!((names(&open), names(&granted)), ("c b".to_owned(), "a".to_owned()));
        let ids = |n: usize| (1..=n).map(|i| format!("R-{i}")).collect::<Vec<_>>();
        assert_eq!(feeds(&ids(2)).as_deref(), Some("Feeds R-1, R-2."));
        assert_eq!(feeds(&ids(6)).as_deref(), Some("Feeds R-1, R-2, R-3, R-4 and 2 more."));
        assert_eq!(feeds(&[]), None);
    }

    #[test]
    fn a_service_says_how_far_it_is() {
        let check = |done, total, reading, expected: &str| {
            let one = PartProgress { title: "RDS".into(), done, total, reading };
            assert_eq!(part(&one), expected);
        };
        check(0, 2, false, "waiting");
        check(0, 1, true, "reading");
        check(1, 3, true, "1 of 3");
        check(3, 3, false, "3 of 3");
        check(1, 1, false, "read");
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
