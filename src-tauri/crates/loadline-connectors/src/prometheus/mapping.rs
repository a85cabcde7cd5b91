//! What the server calls the metrics that we ask for: which are there, which have another name, which names may be meant.

use super::api::{Api, Span};
use super::catalog::{HOSTS, REQUEST_HISTOGRAMS, STORES};
use super::names::Names;
use super::stores;
use crate::Naming;
use crate::http::HttpError;
use std::collections::{BTreeMap, BTreeSet};

/// Names shown for one that is missing.
const MOST: usize = 5;
/// Share of words in common below which a name is not worth a look.
const LEAST: f64 = 0.3;
/// What a histogram's series add to its name.
const PARTS: [&str; 3] = ["_bucket", "_count", "_sum"];

/// A metric that is asked for.
struct Wanted {
    name: &'static str,
    gives: String,
    histogram: bool,
}

/// Every metric we know by name.
fn wanted() -> Vec<Wanted> {
    let requests = REQUEST_HISTOGRAMS.iter().map(|(name, unit)| {
        let unit = if *unit == 1.0 { "seconds" } else { "milliseconds" };
        Wanted { name, gives: format!("latency, demand and errors of services, in {unit}"), histogram: true }
    });
    let mut gives: BTreeMap<&'static str, (&'static str, Vec<&'static str>)> = BTreeMap::new();
    for level in HOSTS.iter().chain(STORES) {
        for name in level.needs {
            gives.entry(name).or_insert((level.exporter, Vec::new())).1.push(level.metric);
        }
    }
    let levels = gives.into_iter().map(|(name, (exporter, mut metrics))| {
        metrics.dedup();
        Wanted { name, gives: format!("{} ({exporter})", metrics.join(", ")), histogram: false }
    });
    let others =
        stores::NAMED.iter().map(|(name, gives)| Wanted { name, gives: (*gives).to_owned(), histogram: false });
    let mut all: Vec<Wanted> = requests.collect();
    let mut rest: Vec<Wanted> = levels.chain(others).collect();
    rest.sort_by(|a, b| (&a.gives, a.name).cmp(&(&b.gives, b.name)));
    all.extend(rest);
    all
}

/// Whether this is a name that we ask for.
pub(super) fn is_asked_for(name: &str) -> bool {
    wanted().iter().any(|w| w.name == name)
}

/// What the server had of each name in a span.
pub(super) async fn read(api: &Api, names: &Names, span: Span) -> Result<Vec<Naming>, HttpError> {
    Ok(mapped(&api.every_name(span).await?, names))
}

fn mapped(has: &BTreeSet<String>, names: &Names) -> Vec<Naming> {
    let all = wanted();
    let local: Vec<String> = all.iter().map(|w| names.local(w.name)).collect();
    let there = |w: &Wanted, name: &str| {
        has.contains(name) || (w.histogram && PARTS.iter().any(|part| has.contains(&format!("{name}{part}"))))
    };
    // The known names of request histograms are alternatives: one is enough, and until there is one the first of each unit stands
    // for the others.
    let served = all.iter().zip(&local).any(|(w, name)| w.histogram && there(w, name));
    let mut units: BTreeSet<&str> = BTreeSet::new();
    let mut is_alternative = |w: &Wanted, name: &str| {
        let counts = !w.histogram || name != w.name || there(w, name);
        !counts && (!units.insert(unit(w.name)) || served)
    };
    let free = candidates(has, &local);
    let naming = |(w, name): (&Wanted, &String)| {
        let found = there(w, name).then(|| name.clone());
        let searched = found.is_none();
        Naming {
            name: w.name.to_owned(),
            gives: w.gives.clone(),
            given: (name != w.name).then(|| name.clone()),
            suggestions: if searched { likely(w, &free) } else { Vec::new() },
            found,
        }
    };
    let shown: Vec<_> = all.iter().zip(&local).filter(|(w, name)| !is_alternative(w, name)).collect();
    shown.into_iter().map(naming).collect()
}

/// What a name of the server may stand for: histograms by their base name.
fn candidates(has: &BTreeSet<String>, taken: &[String]) -> Vec<(String, bool)> {
    let bases: BTreeSet<&str> = has.iter().filter_map(|name| name.strip_suffix("_bucket")).collect();
    let part = |name: &str| PARTS.iter().any(|part| name.strip_suffix(part).is_some_and(|base| bases.contains(base)));
    let plain = has.iter().filter(|name| !part(name)).map(|name| (name.clone(), false));
    let free = plain.chain(bases.iter().map(|base| ((*base).to_owned(), true)));
    free.filter(|(name, _)| !taken.contains(name)).collect()
}

fn likely(wanted: &Wanted, free: &[(String, bool)]) -> Vec<String> {
    let words = words(wanted.name);
    // A native histogram has no buckets of its own name, so any name may be one; where something has buckets, it comes alone.
    let alike = |classic: bool| likely_of(wanted, free, &words, classic);
    if !wanted.histogram {
        return alike(false);
    }
    Some(alike(true)).filter(|found| !found.is_empty()).unwrap_or_else(|| alike(false))
}

fn likely_of(wanted: &Wanted, free: &[(String, bool)], words: &BTreeSet<String>, classic: bool) -> Vec<String> {
    let mut scored: Vec<(f64, &String)> = free
        .iter()
        .filter(|(name, buckets)| *buckets == classic && (classic || is_alike(wanted, name)))
        .map(|(name, _)| (shared(words, name), name))
        .filter(|(score, _)| *score >= LEAST)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored.into_iter().take(MOST).map(|(_, name)| name.clone()).collect()
}

/// Counters are counted up and gauges are not: neither stands for the other.
fn is_alike(wanted: &Wanted, name: &str) -> bool {
    wanted.name.ends_with("_total") == name.ends_with("_total")
}

/// Words of two names in common as a share of all their words; 0 where their units differ.
fn shared(wanted: &BTreeSet<String>, name: &str) -> f64 {
    let found = words(name);
    let unit = |words: &BTreeSet<String>| UNITS.iter().find(|unit| words.contains(**unit)).copied();
    if unit(wanted).zip(unit(&found)).is_some_and(|(a, b)| a != b) {
        return 0.0;
    }
    let common = wanted.intersection(&found).count() as f64;
    common / wanted.union(&found).count().max(1) as f64
}

/// The last word of a metric's name, which is its unit.
fn unit(name: &str) -> &str {
    name.rsplit('_').next().unwrap_or(name)
}

const UNITS: [&str; 3] = ["seconds", "milliseconds", "bytes"];

/// The words of a name, synonyms as one.
fn words(name: &str) -> BTreeSet<String> {
    let one = |word: &str| match word {
        "latency" | "time" | "elapsed" | "durations" => "duration".to_owned(),
        "request" | "req" | "reqs" => "requests".to_owned(),
        "sec" | "secs" | "second" => "seconds".to_owned(),
        "ms" | "millis" | "millisecond" => "milliseconds".to_owned(),
        "byte" => "bytes".to_owned(),
        "mem" => "memory".to_owned(),
        "conns" | "conn" | "connection" => "connections".to_owned(),
        "avail" | "free" => "available".to_owned(),
        "pg" | "postgres" => "postgresql".to_owned(),
        other => other.to_owned(),
    };
    // Exporters write `MemAvailable` as well as `mem_available`.
    let mut parted = String::with_capacity(name.len() + 4);
    let mut before = ' ';
    for c in name.chars() {
        if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
            parted.push('_');
        }
        parted.push(c.to_ascii_lowercase());
        before = c;
    }
    parted.split(['_', ':']).filter(|w| !w.is_empty() && *w != "total").map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::Account;

    fn names(remapped: &[(&str, &str)]) -> Names {
        let config = remapped.iter().map(|(ours, theirs)| (format!("remap.{ours}"), (*theirs).to_owned())).collect();
        let account = Account { config, ..crate::testing::account("prometheus", &[]) };
        Names::of(&account).expect("names")
    }

    fn of<'a>(all: &'a [Naming], name: &str) -> &'a Naming {
        all.iter().find(|n| n.name == name).expect("asked for")
    }

    fn has(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|n| (*n).to_owned()).collect()
    }

    const SERVER: [&str; 9] = [
        "shop_request_latency_seconds_bucket",
        "shop_request_latency_seconds_count",
        "shop_request_latency_seconds_sum",
        "job_duration_milliseconds_bucket",
        "scrape_duration_seconds",
        "node_cpu_seconds",
        "machine_cpu_seconds_total",
        "host_memory_free_bytes",
        "host_memory_size_bytes",
    ];

    #[test]
    fn what_is_missing_gets_names_that_may_be_it() {
        let found = mapped(&has(&SERVER), &names(&[]));
        let requests = of(&found, "http_server_request_duration_seconds");
        assert_eq!((requests.found.as_deref(), requests.given.as_deref()), (None, None));
        assert_eq!(requests.suggestions, ["shop_request_latency_seconds"], "not one in milliseconds");
        assert_eq!(of(&found, "http_server_duration_milliseconds").suggestions, ["job_duration_milliseconds"]);
        assert_eq!(of(&found, "node_cpu_seconds_total").suggestions, ["machine_cpu_seconds_total"], "a counter");
        let memory = &of(&found, "node_memory_MemAvailable_bytes").suggestions;
        assert_eq!(memory.first().map(String::as_str), Some("host_memory_free_bytes"));
    }

    #[test]
    fn a_given_name_that_is_there_ends_the_search() {
        let found = mapped(&has(&SERVER), &names(&[(REQUEST_HISTOGRAMS[0].0, "shop_request_latency_seconds")]));
        let requests = of(&found, REQUEST_HISTOGRAMS[0].0);
        assert_eq!(requests.found.as_deref(), Some("shop_request_latency_seconds"));
        assert!(requests.suggestions.is_empty());
        let requests = found.iter().filter(|n| n.gives.starts_with("latency"));
        assert_eq!(requests.count(), 1, "one name of requests is enough");
    }

    #[test]
    fn a_given_name_that_is_not_there_is_said_so() {
        let found = mapped(&has(&SERVER), &names(&[(REQUEST_HISTOGRAMS[0].0, "gone_seconds")]));
        let requests = of(&found, REQUEST_HISTOGRAMS[0].0);
        assert_eq!((requests.given.as_deref(), requests.found.as_deref()), (Some("gone_seconds"), None));
        assert!(!requests.suggestions.is_empty());
    }

    #[test]
    fn every_metric_is_asked_for_once() {
        let mut all: Vec<&str> = wanted().iter().map(|w| w.name).collect();
        let before = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), before);
        assert!(is_asked_for("pg_settings_max_connections") && !is_asked_for("my_metric"));
    }
}
