//! How the app is run: scaling, what stands before it, how it calls others, how it is deployed, what it costs.

use super::facts::Said;
use super::services::{API_ROUTES, BALANCER, BUCKET, CLOUD_ACCOUNT, ENTRY, MAIL, PUSH};
use super::simulation::rate_at;
use super::story::{self, API, DATABASE, REDIS, at};
use loadline_model::{CostLine, Timestamp, Value, key};

/// The load test on the staging copy: 4.2 times the evening peak on four members.
const LOAD_TEST: &str = "2026-10-27 05:00";

/// What the cloud account and the repository say of the way the app is run.
pub(super) fn compute(s: &mut Said) {
    members(s);
    entry(s);
    calls(s);
    money(s);
}

fn members(s: &mut Said) {
    s.during(story::BEGIN, Some(story::CONTAINERS));
    s.text(API, key::ARTEFACT, "none").number(API, key::INTERACTIVE_CHANGES_30D, 6.0);
    s.flag(API, key::READINESS_CHECK, false).number(API, key::DRAIN_SECONDS, 0.0);
    s.flag(API, key::RESOURCES_RESERVED, false).number(API, key::CPU_THROTTLED, 0.0);
    s.number(API, key::OOM_KILLS_7D, 1.0).number(API, key::CORES_PER_MEMBER, 2.0);
    s.during(story::CONTAINERS, None);
    s.text(API, key::ARTEFACT, "image").flag(API, key::ARTEFACT_MUTABLE, false);
    s.number(API, key::INTERACTIVE_CHANGES_30D, 0.0);
    s.flag(API, key::READINESS_CHECK, true).number(API, key::DRAIN_SECONDS, 30.0);
    s.flag(API, key::RESOURCES_RESERVED, true).number(API, key::CPU_THROTTLED, 0.01);
    s.number(API, key::OOM_KILLS_7D, 0.0).number(API, key::CORES_PER_MEMBER, 2.0);
    s.number(API, key::SCALING_TARGET, 0.65).number(API, key::SCALING_ACTIONS_PER_HOUR, 2.0);
    // Users waited while processors idled: from the day that latency is watched, requests decide.
    s.during(story::CONTAINERS, Some(story::OBSERVED)).text(API, key::SCALING_SIGNAL, "cpu");
    s.during(story::OBSERVED, None).text(API, key::SCALING_SIGNAL, "requests");
    s.during(story::CONTAINERS, None);
    s.number(API, key::AT_MAXIMUM_MINUTES_7D, 0.0).number(API, key::SCALING_FAILURES_7D, 0.0);
    s.flag(API, key::UPLOADS_ON_DISK, false).flag(BALANCER, key::STICKY_SESSIONS, false);
    s.during(story::CACHE, None).flag(API, key::SESSIONS_IN_PROCESS, false);
    s.during(LOAD_TEST, None);
    s.number(API, key::MEMBER_CAPACITY, 4.2 * rate_at(at("2026-10-26 20:00")) / 4.0);
    s.flag(API, key::GOODPUT_COLLAPSES, false);
    s.during(story::BEGIN, Some(story::PIPELINE));
    s.flag(API, key::AUTOMATIC_ROLLBACK, false).text(API, key::DEPLOY_STRATEGY, "in_place");
    s.during(story::PIPELINE, None);
    s.flag(API, key::AUTOMATIC_ROLLBACK, true).text(API, key::DEPLOY_STRATEGY, "blue_green");
}

fn entry(s: &mut Said) {
    s.during(story::BEGIN, Some(story::OBSERVED));
    s.flag(API, key::RATE_LIMITED, false).text(ENTRY, key::FIREWALL, "none");
    s.during(story::OBSERVED, None);
    s.flag(API, key::RATE_LIMITED, true).text(BALANCER, key::FIREWALL, "block");
    s.during(story::BEGIN, Some(story::CONTAINERS));
    s.number(ENTRY, key::STATIC_REQUESTS, 0.46).number(ENTRY, key::STATIC_BYTES, 0.63);
    s.number(API, key::BODY_LIMIT_BYTES, 0.0);
    // Uploads are read from the object store from then on.
    s.during(story::CONTAINERS, None);
    s.number(ENTRY, key::STATIC_REQUESTS, 0.18).number(ENTRY, key::STATIC_BYTES, 0.31);
    s.number(API, key::BODY_LIMIT_BYTES, 10e6);
    s.during(story::BEGIN, Some(story::OBSERVED)).number(API, key::CONCURRENCY_LIMIT, 0.0);
    s.during(story::OBSERVED, None).number(API, key::CONCURRENCY_LIMIT, 200.0);
}

fn calls(s: &mut Said) {
    let timeout = |s: &mut Said, of: &str, seconds: f64| {
        s.item(API, key::CALL_TIMEOUT_SECONDS, of, Value::Number(seconds));
    };
    timeout(s.during(story::CACHE, None), REDIS, 0.5);
    timeout(s.during(story::CONTAINERS, None), BUCKET, 5.0);
    s.during(story::BEGIN, None);
    s.number(API, key::CALL_ATTEMPTS, 1.02).flag(API, key::CALL_RETRIES_UNSAFE, false);
    s.number(PUSH, key::EXTERNAL_ERROR_EPISODES_90D, 0.0);
    s.during(story::BEGIN, Some(story::OBSERVED));
    s.number(API, key::CALL_ATTEMPTS_MOST, 9.0).flag(API, key::CALL_BACKOFF, false);
    s.number(MAIL, key::EXTERNAL_ERROR_EPISODES_90D, 2.0).flag(MAIL, key::EXTERNAL_BREAKER, false);
    s.during(story::OBSERVED, None);
    s.number(API, key::CALL_ATTEMPTS_MOST, 3.0).flag(API, key::CALL_BACKOFF, true);
    s.number(MAIL, key::EXTERNAL_ERROR_EPISODES_90D, 1.0).flag(MAIL, key::EXTERNAL_BREAKER, true);
    for route in API_ROUTES {
        let (before, after) = match route {
            "POST /uploads" => (0.8, 0.1),
            "POST /signup" => (0.6, 0.1),
            _ => (0.05, 0.05),
        };
        s.during(story::BEGIN, Some(story::CONTAINERS));
        s.item(API, key::OFFLOADABLE_SHARE, route, Value::Number(before));
        s.during(story::CONTAINERS, None).item(API, key::OFFLOADABLE_SHARE, route, Value::Number(after));
    }
}

/// A bill a week and service, in euros.
fn money(s: &mut Said) {
    let mut monday = at("2026-01-05 01:00").utc_day().utc_start();
    let costs = |t: Timestamp| {
        let contained = t >= at(story::CONTAINERS);
        [
            ("Compute", Some(if contained { 58.0 } else { 21.0 })),
            ("Database", (t >= at(story::MANAGED)).then_some(38.0)),
            ("Cache", (t >= at(story::CACHE)).then_some(9.0)),
            ("Data transfer", Some((story::users(t) * 0.002).round())),
        ]
    };
    while monday.plus_days(7) < at(story::AFTER) {
        let until = monday.plus_days(7);
        for (service, amount) in costs(monday) {
            let Some(amount) = amount else { continue };
            let line = CostLine { service: service.into(), amount, currency: "EUR".into(), from: monday, until };
            s.happened(until, CLOUD_ACCOUNT, line);
        }
        monday = until;
    }
    s.during(story::BEGIN, None);
    s.number(DATABASE, key::SIZE_STEPS_LEFT, 6.0).number(DATABASE, key::SIZE_HISTORY_DAYS, 400.0);
    s.during(story::BEGIN, Some(story::OBSERVED));
    s.flag(CLOUD_ACCOUNT, key::SPEND_WATCHED, false).number(CLOUD_ACCOUNT, key::SPEND_UNTAGGED, 0.6);
    s.during(story::OBSERVED, None);
    s.flag(CLOUD_ACCOUNT, key::SPEND_WATCHED, true).number(CLOUD_ACCOUNT, key::SPEND_UNTAGGED, 0.1);
}

/// What the cache says of its use.
pub(super) fn cache(s: &mut Said) {
    s.during(story::CACHE, None);
    s.flag(REDIS, key::CACHE_MEMORY_LIMITED, true).number(REDIS, key::CACHE_EVICTED_PER_SET, 0.0);
    s.number(REDIS, key::CACHE_KEYS_EXPIRING, 1.0).number(REDIS, key::CACHE_GETS_PER_SECOND, 14.0);
    s.number(REDIS, key::CACHE_SLOW_COMMANDS, 0.1).number(REDIS, key::CONNECTIONS_REFUSED_7D, 0.0);
    s.number(REDIS, key::SAVING_SHARE, 0.01);
    s.during(story::CACHE, Some(story::OBSERVED)).text(REDIS, key::EVICTION_POLICY, "volatile-lru");
    s.during(story::OBSERVED, None).text(REDIS, key::EVICTION_POLICY, "noeviction");
}
