//! What a store holds, as far as the names of its keys tell: libraries name their keys in ways of their own.

use std::collections::BTreeMap;

/// First words of keys and what they hold. Celery and kombu, Sidekiq and Resque, RQ, Bull, Bee, Dramatiq, arq, Asynq, Huey and
/// Laravel write queues; Express, Spring, Flask, Django, Laravel and PHP write sessions; frameworks write caches.
const WORDS: [(&str, &str); 42] = [
    ("celery", "queue"),
    ("unacked", "queue"),
    ("unacked_index", "queue"),
    ("_kombu.*", "queue"),
    ("queue:*", "queue"),
    ("queues", "queue"),
    ("queues:*", "queue"),
    ("resque:*", "queue"),
    ("sidekiq:*", "queue"),
    ("rq:*", "queue"),
    ("bull:*", "queue"),
    ("bullmq:*", "queue"),
    ("bq:*", "queue"),
    ("dramatiq:*", "queue"),
    ("arq:*", "queue"),
    ("asynq:*", "queue"),
    ("huey.*", "queue"),
    ("job:*", "queue"),
    ("jobs:*", "queue"),
    ("kue:*", "queue"),
    ("sess:*", "sessions"),
    ("session:*", "sessions"),
    ("sessions:*", "sessions"),
    ("spring:*", "sessions"),
    ("PHPREDIS_SESSION:*", "sessions"),
    ("laravel_session:*", "sessions"),
    ("django_session:*", "sessions"),
    ("auth:*", "sessions"),
    ("token:*", "sessions"),
    ("refresh_token:*", "sessions"),
    ("cache:*", "cache"),
    ("caches:*", "cache"),
    ("views.*", "cache"),
    ("laravel_cache:*", "cache"),
    ("page:*", "cache"),
    ("fragment:*", "cache"),
    ("http:*", "cache"),
    ("query:*", "cache"),
    ("rack:*", "cache"),
    ("rate:*", "rebuildable"),
    ("ratelimit:*", "rebuildable"),
    ("throttle:*", "rebuildable"),
];

/// Roles, what asks for most care first.
const ORDER: [&str; 4] = ["queue", "sessions", "rebuildable", "cache"];

/// Queue libraries name their keys so.
pub(super) fn is_queue(pattern: &str) -> bool {
    WORDS.iter().any(|(word, role)| *word == pattern && *role == "queue")
}

/// The role that a pattern of keys speaks for; only lists, sets and streams make a queue.
fn role(pattern: &str, kinds: &BTreeMap<String, usize>) -> Option<&'static str> {
    let role = WORDS.iter().find(|(word, _)| *word == pattern).map(|(_, role)| *role)?;
    let queued = kinds.keys().any(|k| matches!(k.as_str(), "list" | "set" | "zset" | "stream"));
    (role != "queue" || queued).then_some(role)
}

/// Roles with the patterns that speak for them, in the order of care.
pub(super) fn of<'a>(
    patterns: impl Iterator<Item = (&'a str, &'a BTreeMap<String, usize>)>,
) -> Vec<(&'static str, Vec<&'a str>)> {
    let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (pattern, kinds) in patterns {
        if let Some(role) = role(pattern, kinds) {
            found.entry(role).or_default().push(pattern);
        }
    }
    ORDER.iter().filter_map(|role| found.remove(role).map(|patterns| (*role, patterns))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(patterns: &[(&str, &str)], expected: &[&str]) {
        let kinds: Vec<(&str, BTreeMap<String, usize>)> =
            patterns.iter().map(|(p, kind)| (*p, BTreeMap::from([((*kind).to_owned(), 1)]))).collect();
        let found: Vec<&str> = of(kinds.iter().map(|(p, k)| (*p, k))).into_iter().map(|(role, _)| role).collect();
        assert_eq!(found, expected, "{patterns:?}");
    }

    #[test]
    fn roles() {
        check(&[("celery", "list")], &["queue"]);
        check(&[("cache:*", "string"), ("session:*", "hash"), ("bull:*", "zset")], &["queue", "sessions", "cache"]);
        check(&[("queue:*", "string")], &[]);
        check(&[("user:*", "hash"), ("*", "string")], &[]);
    }
}
