//! Places in the source where something was recognised, and what other tools say; each until it was repaired.

use super::REPOSITORY;
use crate::demo::facts::Said;
use crate::demo::story::{self, at};
use loadline_model::key::{self, idiom};
use loadline_model::{Basis, CodeIdiom, ImportedFinding, Setting, Timestamp, Value};

/// Word, path, line, likely, how it was recognised, from, until; empty: always.
type Place = (&'static str, &'static str, u32, bool, &'static str, &'static str, &'static str);

const PLACES: &[Place] = &[
    (
        idiom::LIST_UNLIMITED,
        "api/src/chat/rooms.ts",
        71,
        true,
        "`find({})` answers a list without `limit`",
        "",
        story::PAGINATION,
    ),
    (
        idiom::LIST_UNLIMITED,
        "api/src/feed/posts.ts",
        118,
        true,
        "`find()` answers a list without `limit`",
        "",
        story::PAGINATION,
    ),
    (
        idiom::LIST_UNLIMITED,
        "api/src/notifications/routes.ts",
        34,
        true,
        "`find()` answers a list without `limit`",
        "",
        story::PAGINATION,
    ),
    (
        idiom::LIST_UNLIMITED,
        "api/src/users/follow.ts",
        52,
        true,
        "`find()` answers a list without `limit`",
        "",
        story::PAGINATION,
    ),
    (idiom::LIST_LIMITED, "api/src/search/query.ts", 40, true, "`limit` follows the query", "", ""),
    (idiom::LIST_LIMITED, "api/src/chat/rooms.ts", 66, true, "`limit` follows the query", story::PAGINATION, ""),
    (idiom::LIST_LIMITED, "api/src/feed/posts.ts", 109, true, "`limit` follows the query", story::PAGINATION, ""),
    (
        idiom::LIST_LIMITED,
        "api/src/notifications/routes.ts",
        31,
        true,
        "`limit` follows the query",
        story::PAGINATION,
        "",
    ),
    (idiom::QUERY_IN_LOOP, "api/src/feed/build.ts", 203, true, "`findOne` inside `for … of`", "", story::CACHE),
    (
        idiom::QUERY_IN_LOOP,
        "api/src/feed/build.ts",
        241,
        true,
        "`countDocuments` inside `for … of`",
        "",
        "2026-09-21 10:00",
    ),
    (idiom::QUERY_IN_LOOP, "api/src/feed/home.ts", 96, true, "`findOne` inside `map`", "", story::CACHE),
    (idiom::QUERY_IN_LOOP, "api/src/notifications/deliver.ts", 158, true, "`findOne` inside `for … of`", "", ""),
    (
        idiom::QUERY_IN_LOOP,
        "api/src/chat/rooms.ts",
        133,
        false,
        "a repository's method inside `map`",
        "",
        story::PAGINATION,
    ),
    (idiom::QUERY_IN_LOOP, "api/src/moderation/rules.ts", 88, false, "a repository's method inside `for … of`", "", ""),
    (
        idiom::QUERY_IN_HANDLER,
        "api/src/users/routes.ts",
        44,
        true,
        "`findOne` in the function that answers `GET /users/:id`",
        "",
        story::PAGINATION,
    ),
    (
        idiom::QUERY_IN_HANDLER,
        "api/src/users/routes.ts",
        131,
        true,
        "`updateOne` in the function that answers `POST /users/:id`",
        "",
        story::PAGINATION,
    ),
    (
        idiom::QUERY_IN_HANDLER,
        "api/src/feed/routes.ts",
        58,
        true,
        "`aggregate` in the function that answers `GET /home`",
        "",
        story::CACHE,
    ),
    (
        idiom::QUERY_IN_HANDLER,
        "api/src/chat/routes.ts",
        77,
        true,
        "`find` in the function that answers `GET /rooms`",
        "",
        story::PAGINATION,
    ),
    (
        idiom::QUERY_IN_HANDLER,
        "api/src/chat/routes.ts",
        149,
        true,
        "`insertOne` in the function that answers `POST /rooms/:id/messages`",
        "",
        "2026-07-27 10:00",
    ),
    (
        idiom::QUERY_IN_HANDLER,
        "api/src/notifications/routes.ts",
        29,
        true,
        "`find` in the function that answers `GET /notifications`",
        "",
        story::PAGINATION,
    ),
    (
        idiom::QUERY_IN_HANDLER,
        "api/src/app.ts",
        214,
        true,
        "`findOne` in the function that answers `POST /login`",
        "",
        story::PIPELINE,
    ),
    (
        idiom::QUERY_IN_HANDLER,
        "api/src/app.ts",
        260,
        true,
        "`insertOne` in the function that answers `POST /signup`",
        "",
        story::PIPELINE,
    ),
    (
        idiom::BACKGROUND_WORK,
        "api/src/notifications/digest.ts",
        22,
        true,
        "`setInterval` beside routes",
        "",
        story::CONTAINERS,
    ),
    (
        idiom::BACKGROUND_WORK,
        "api/src/chat/presence.ts",
        37,
        true,
        "`setInterval` beside routes",
        "",
        story::CONTAINERS,
    ),
    (idiom::CALL_WITHOUT_TIMEOUT, "api/src/shared/mail.ts", 48, true, "`fetch` without `signal`", "", story::OBSERVED),
    (
        idiom::CALL_WITHOUT_TIMEOUT,
        "api/src/notifications/push.ts",
        63,
        true,
        "`axios.post` without `timeout`",
        "",
        story::OBSERVED,
    ),
    (
        idiom::RETRY,
        "api/src/shared/mail.ts",
        71,
        true,
        "`while (true)` round a call, without waiting",
        "",
        story::OBSERVED,
    ),
    (
        idiom::RETRY,
        "api/src/notifications/push.ts",
        90,
        false,
        "a loop round a call with a fixed wait",
        "",
        story::OBSERVED,
    ),
    (
        idiom::DESTRUCTIVE_MIGRATION,
        "api/migrations/0011-drop-old-feed.ts",
        8,
        true,
        "a migration drops a collection",
        story::CACHE,
        "2026-10-01 10:00",
    ),
    (
        "session_in_process",
        "api/src/auth/session.ts",
        14,
        true,
        "`express-session` with its own memory",
        "",
        story::CACHE,
    ),
    ("session_shared", "api/src/auth/session.ts", 12, true, "`connect-redis` keeps sessions", story::CACHE, ""),
    ("upload_on_disk", "api/src/uploads/store.ts", 27, true, "`multer` with `dest`", "", story::CONTAINERS),
    (
        "upload_shared",
        "api/src/uploads/presign.ts",
        18,
        true,
        "`getSignedUrl` of an object store",
        story::CONTAINERS,
        "",
    ),
    ("unbounded_query", "api/scripts/backfill.ts", 61, true, "`find({})` without `limit` or a cursor", "", ""),
    ("unbounded_query", "api/src/feed/rank.ts", 102, false, "`toArray` on a cursor", "", "2026-09-21 10:00"),
    ("rate_limit", "api/src/shared/limit.ts", 21, true, "`express-rate-limit`", story::OBSERVED, ""),
    ("circuit_breaker", "api/src/shared/mail.ts", 33, true, "`opossum` round a call", story::OBSERVED, ""),
    ("health_check_shallow", "api/src/server.ts", 41, true, "`GET /health` answers a constant", "", story::PROCESSES),
    ("health_check_deep", "api/src/server.ts", 44, true, "`GET /health` asks the database", story::PROCESSES, ""),
    ("feature_flags", "api/src/shared/flags.ts", 9, true, "`unleash-client`", story::PIPELINE, ""),
];

/// Words that were looked for.
const WORDS: [&str; 19] = [
    idiom::BACKGROUND_WORK,
    idiom::CALL_WITHOUT_TIMEOUT,
    "circuit_breaker",
    idiom::DESTRUCTIVE_MIGRATION,
    "feature_flags",
    "health_check_deep",
    "health_check_shallow",
    idiom::LIST_LIMITED,
    idiom::LIST_UNLIMITED,
    idiom::QUERY_IN_HANDLER,
    idiom::QUERY_IN_LOOP,
    "rate_limit",
    idiom::RETRY,
    "select_all",
    "session_in_process",
    "session_shared",
    "unbounded_query",
    "upload_on_disk",
    "upload_shared",
];

/// Tool, rule, title, severity, path and line where it is about a file, from, until.
type Other =
    (&'static str, &'static str, &'static str, &'static str, Option<(&'static str, u32)>, &'static str, &'static str);

const OTHERS: &[Other] = &[
    (
        "npm audit",
        "GHSA-3h5v-q93c-6h6q",
        "ws: a request with many headers ends the process",
        "high",
        None,
        "",
        story::CACHE,
    ),
    (
        "npm audit",
        "GHSA-9wv6-86v2-598j",
        "path-to-regexp: a route can be made to search for minutes",
        "high",
        None,
        "",
        story::PIPELINE,
    ),
    (
        "npm audit",
        "GHSA-jr5f-v2jv-69x6",
        "axios: absolute addresses pass the base address",
        "high",
        None,
        "",
        story::OBSERVED,
    ),
    (
        "npm audit",
        "GHSA-rv95-896h-c2vc",
        "express: redirects to addresses that users choose",
        "moderate",
        None,
        "",
        story::PIPELINE,
    ),
    (
        "npm audit",
        "GHSA-c2qf-rxjj-qqgw",
        "semver: a version can be made to search for minutes",
        "moderate",
        None,
        "",
        "",
    ),
    (
        "CodeQL",
        "js/missing-rate-limiting",
        "A route that asks the database is not rate limited",
        "warning",
        Some(("api/src/auth/login.ts", 37)),
        story::PIPELINE,
        story::OBSERVED,
    ),
    (
        "CodeQL",
        "js/sql-injection",
        "A query is built from what a user sent",
        "error",
        Some(("api/src/search/query.ts", 58)),
        story::PIPELINE,
        story::OBSERVED,
    ),
    (
        "CodeQL",
        "js/clear-text-logging",
        "A log line holds an address",
        "error",
        Some(("api/src/auth/signup.ts", 142)),
        story::PIPELINE,
        "",
    ),
    (
        "CodeQL",
        "js/insecure-randomness",
        "An invitation is drawn from predictable numbers",
        "warning",
        Some(("api/src/auth/signup.ts", 201)),
        story::PIPELINE,
        "",
    ),
    (
        "CodeQL",
        "js/polynomial-redos",
        "An expression may search long in what users send",
        "warning",
        Some(("api/src/moderation/rules.ts", 112)),
        story::PIPELINE,
        "",
    ),
    (
        "ESLint",
        "complexity",
        "Function `buildFeed` has a complexity of 34 (most: 20)",
        "warning",
        Some(("api/src/feed/build.ts", 164)),
        "",
        "2026-09-21 10:00",
    ),
    (
        "ESLint",
        "complexity",
        "Function `deliver` has a complexity of 27 (most: 20)",
        "warning",
        Some(("api/src/notifications/deliver.ts", 120)),
        "",
        "",
    ),
    (
        "ESLint",
        "no-floating-promises",
        "A promise is neither awaited nor caught",
        "warning",
        Some(("api/src/chat/socket.ts", 88)),
        "",
        "",
    ),
    (
        "ESLint",
        "no-floating-promises",
        "A promise is neither awaited nor caught",
        "warning",
        Some(("api/src/notifications/push.ts", 59)),
        "",
        story::OBSERVED,
    ),
    (
        "Trivy",
        "DS002",
        "The image runs as root",
        "HIGH",
        Some(("api/Dockerfile", 1)),
        story::CONTAINERS,
        story::PIPELINE,
    ),
    (
        "Trivy",
        "DS026",
        "The image says nothing of its health",
        "LOW",
        Some(("web/Dockerfile", 1)),
        story::CONTAINERS,
        "",
    ),
];

/// Ends of what never ended.
const NEVER: &str = "2099-01-01 00:00";

/// Says both.
pub(super) fn say(s: &mut Said, files: &[(Timestamp, Timestamp)]) {
    let span = |from: &'static str, until: &'static str| {
        (if from.is_empty() { story::BEGIN } else { from }, if until.is_empty() { NEVER } else { until })
    };
    s.call("files of HEAD");
    for (what, path, line, likely, how, from, until) in PLACES {
        let (from, until) = span(from, until);
        s.during(from, Some(until));
        let place =
            CodeIdiom { what: (*what).into(), path: (*path).into(), line: *line, likely: *likely, how: (*how).into() };
        s.say_as(REPOSITORY, Basis::Inferred, place);
    }
    for (from, until) in files {
        for word in WORDS {
            let held = |p: &&Place| {
                let (begin, end) = span(p.5, p.6);
                p.0 == word && at(begin) <= *from && *from < at(end)
            };
            let count = Value::Number(PLACES.iter().filter(held).count() as f64);
            let said = Setting { key: key::CODE_IDIOMS.into(), item: Some(word.into()), value: count };
            s.seen_until(*from, *until, REPOSITORY, said);
        }
    }
    for (source, rule, title, severity, place, from, until) in OTHERS {
        let (from, until) = span(from, until);
        let finding = |failing| ImportedFinding {
            source: (*source).into(),
            rule: (*rule).into(),
            title: (*title).into(),
            severity: (*severity).into(),
            failing,
            path: place.map(|(path, _)| path.to_owned()),
            line: place.map(|(_, line)| line),
            ..ImportedFinding::default()
        };
        s.call("import of a report").during(from, Some(until)).say_as(REPOSITORY, Basis::Measured, finding(true));
        s.during(until, None).say_as(REPOSITORY, Basis::Measured, finding(false));
    }
}
