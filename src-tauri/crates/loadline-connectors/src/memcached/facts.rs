//! What a memcached says of itself, in neutral words.

use super::Place;
use super::door::{Door, Question, Refusal, SETTINGS, STATS, Stats};
use crate::{Answer, Cancelled, Progress, Window};
use loadline_model::{
    Basis, Environment, GapReason, Kind, Limit, Limited, Resource, SubjectId, Value, key, key::metric,
};
use std::time::{Duration, Instant};

/// Between the two looks at the counters.
const BETWEEN: Duration = Duration::from_secs(3);
/// An average over less than this says nothing about a rate, in seconds.
const LONG_ENOUGH: f64 = 3_600.0;
/// Fewer reads than this between the looks make no ratio.
const READS: f64 = 100.0;
const WEEK: f64 = 7.0 * 86_400.0;

/// One scope being read.
pub(super) struct Reading<'a> {
    pub door: &'a Door,
    pub window: &'a Window,
    pub progress: &'a Progress,
    pub answer: Answer,
    pub subject: SubjectId,
    pub done: u32,
}

impl Reading<'_> {
    async fn ask(&mut self, question: &'static Question) -> Result<Option<Stats>, Cancelled> {
        self.progress.step(self.done, 3, question.reads);
        self.done += 1;
        Ok(match self.window.wait(self.door.ask(question)).await? {
            Ok(stats) => Some(stats),
            Err(Refusal { reason, said }) => {
                let closes = "Check that the server can be reached in plain text, then collect again.";
                self.answer.miss_of(reason, format!("{}: {said}.", question.reads), closes, &[], Some(&self.subject));
                None
            }
        })
    }

    fn set(&mut self, question: &Question, basis: Basis, key: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.answer.set(&self.subject, question.words, basis, key, None, value);
        }
    }

    fn number(&mut self, key: &str, value: Option<f64>) {
        self.set(&STATS, Basis::Measured, key, value.map(Value::Number));
    }

    fn limit(&mut self, limited: Limited, value: Option<f64>, unit: &str) {
        if let Some(value) = value.filter(|v| *v > 0.0) {
            let limit = Limit { limited, value, unit: unit.to_owned() };
            self.answer.say(&self.subject, STATS.words, Basis::Configured, limit);
        }
    }

    fn now(&mut self, metric: impl Into<String>, unit: &str, value: Option<f64>) {
        self.answer.sample(&self.subject, STATS.words, metric, unit, None, value);
    }
}

fn number(stats: &Stats, name: &str) -> Option<f64> {
    stats.get(name)?.parse().ok().filter(|n: &f64| n.is_finite())
}

/// Reads the one scope.
pub(super) async fn read(
    r: &mut Reading<'_>,
    name: &str,
    environment: Option<Environment>,
    place: &Place,
) -> Result<(), Cancelled> {
    let Some(before) = r.ask(&STATS).await? else { return Ok(()) };
    let begun = Instant::now();
    let version = before.get("version").filter(|v| v.len() <= 32).cloned();
    let resource = Resource {
        environment,
        engine: Some("memcached".to_owned()),
        engine_version: version,
        managed: place.host.ends_with(".cache.amazonaws.com").then_some(true),
        ..Resource::new(Kind::Cache, if name.is_empty() { &place.endpoint } else { name })
    };
    r.answer.say(&r.subject, STATS.words, Basis::Configured, resource);
    r.answer.listed(Kind::Cache);
    levels(r, &before);
    if let Some(settings) = r.ask(&SETTINGS).await? {
        let policy = match settings.get("evictions").map(String::as_str) {
            Some("on") => Some("allkeys-lru"),
            Some("off") => Some("noeviction"),
            _ => None,
        };
        r.set(&SETTINGS, Basis::Configured, key::EVICTION_POLICY, policy.map(|p| Value::Text(p.to_owned())));
    }
    r.window.wait(tokio::time::sleep(BETWEEN.saturating_sub(begun.elapsed()))).await?;
    let Some(after) = r.ask(&STATS).await? else { return Ok(()) };
    if after.get("pid") != before.get("pid") {
        r.answer.miss(GapReason::CounterReset, "The server restarted while it was read.", "Collect again.");
        return Ok(());
    }
    reads(r, &before, &after, begun.elapsed().as_secs_f64());
    rejected(r, &before, &after);
    Ok(())
}

fn levels(r: &mut Reading<'_>, stats: &Stats) {
    let most = number(stats, "limit_maxbytes");
    r.set(&STATS, Basis::Configured, key::CACHE_MEMORY_LIMITED, most.map(|m| Value::Bool(m > 0.0)));
    r.limit(Limited::Memory, most, "bytes");
    r.now(Limited::Memory.used_metric(), "bytes", number(stats, "bytes"));
    let connections = number(stats, "max_connections");
    r.set(&STATS, Basis::Configured, key::MAX_CONNECTIONS, connections.map(Value::Number));
    r.limit(Limited::Connections, connections, "connections");
    // Ours is one of them.
    let used = number(stats, "curr_connections").map(|n| (n - 1.0).max(0.0));
    r.number(key::CONNECTIONS_IN_USE, used);
    r.now(Limited::Connections.used_metric(), "connections", used);
    // Nothing is copied and nothing outlives the process: memcached has neither replicas nor files.
    r.number(key::STANDBY_MEMBERS, Some(0.0));
    r.set(&STATS, Basis::Measured, key::AUTOMATIC_FAILOVER, Some(Value::Bool(false)));
    r.set(&STATS, Basis::Measured, key::AOF_ENABLED, Some(Value::Bool(false)));
    let evicted = number(stats, "evictions").zip(number(stats, "cmd_set"));
    let share =
        evicted.and_then(|(n, sets)| if n == 0.0 { Some(0.0) } else { (sets > 0.0).then(|| (n / sets).min(1.0)) });
    r.number(key::CACHE_EVICTED_PER_SET, share);
    r.number(key::STATISTICS_WINDOW_HOURS, number(stats, "uptime").map(|s| s / 3_600.0));
}

fn reads(r: &mut Reading<'_>, before: &Stats, after: &Stats, seconds: f64) {
    let counts = |stats| number(stats, "get_hits").zip(number(stats, "get_misses"));
    let (Some((hits, misses)), Some((hits_before, misses_before))) = (counts(after), counts(before)) else { return };
    let ratio = |hits: f64, misses: f64, least: f64| {
        (hits + misses >= least && hits >= 0.0 && misses >= 0.0).then(|| hits / (hits + misses))
    };
    r.number(key::HIT_RATIO, ratio(hits, misses, 1.0));
    let (recent_hits, recent_misses) = (hits - hits_before, misses - misses_before);
    r.now(metric::CACHE_HIT_RATIO, "ratio", ratio(recent_hits, recent_misses, READS));
    let recent = (recent_hits + recent_misses).max(0.0) / seconds;
    let uptime = number(after, "uptime").unwrap_or(0.0);
    let average = if uptime >= LONG_ENOUGH { (hits + misses) / uptime } else { 0.0 };
    r.number(key::CACHE_GETS_PER_SECOND, Some(recent.max(average)));
}

fn rejected(r: &mut Reading<'_>, before: &Stats, after: &Stats) {
    let now = number(after, "rejected_connections");
    let (Some(then), Some(now)) = (number(before, "rejected_connections"), now) else { return };
    let young = number(after, "uptime").is_some_and(|s| s <= WEEK);
    let of_week = if now == 0.0 || young { Some(now) } else { (now > then).then_some(now - then) };
    r.number(key::CONNECTIONS_REFUSED_7D, of_week);
    if of_week.is_none() {
        let detail = format!("{now:.0} connections were rejected since the start; when, memcached does not say.");
        let closes = "Connect a Prometheus that scrapes memcached_exporter.";
        r.answer.miss_of(GapReason::ShortWindow, detail, closes, &[], Some(&r.subject));
    }
}
