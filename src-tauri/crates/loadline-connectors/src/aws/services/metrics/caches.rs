//! Caches as a whole: what their nodes measured, put together. Rates are weighed by counts, load is that of the busiest
//! node.

use super::DATA;
use super::say::{Measured, Points, series};
use crate::aws::services::telling::Telling;
use loadline_model::{Basis, Limited, SubjectId, Timestamp, Value, key, key::metric};
use std::collections::BTreeMap;

/// Hours of a day that must be there before it is called one.
const DAY_HOURS: usize = 23;

type ByWord = BTreeMap<&'static str, Points>;

/// Says what the nodes of each cache measured; `whole` names the cache of a node by the node's id.
pub(super) fn say(t: &mut Telling<'_>, measured: &Measured, whole: &BTreeMap<String, SubjectId>, until: Timestamp) {
    let mut caches: BTreeMap<&SubjectId, Vec<(&SubjectId, &ByWord)>> = BTreeMap::new();
    for (node, by_word) in measured {
        let id = node.as_str().split_once(":cluster:").map(|(_, id)| id);
        if let Some(cache) = id.and_then(|id| whole.get(id)).filter(|_| node.as_str().contains(":elasticache:")) {
            caches.entry(cache).or_default().push((node, by_word));
        }
    }
    t.call(DATA.name);
    for (cache, nodes) in caches {
        let words: Vec<&ByWord> = nodes.iter().map(|(_, words)| *words).collect();
        // A cache that is its only node has these series already.
        if nodes.iter().all(|(node, _)| *node != cache) {
            for (word, limited) in [("cpu", Limited::Cpu), ("memory", Limited::Memory)] {
                let most = together(&words, word, f64::max).into_iter().map(|(at, v)| (at, v * 0.01));
                series(t, cache, (&limited.utilisation_metric(), "ratio"), most, until);
            }
            let (hits, misses) = (sum(&words, "hit_count"), sum(&words, "miss_count"));
            let ratio = hits.iter().filter_map(|(at, hits)| {
                let all = hits + misses.get(at)?;
                (all > 0.0).then_some((*at, hits / all))
            });
            series(t, cache, (metric::CACHE_HIT_RATIO, "ratio"), ratio, until);
        }
        let number = |v: Option<f64>| v.map(Value::Number);
        let a_day = |word: &str| day(&sum(&words, word), until);
        let gets = a_day("gets").map(|(sum, hours)| sum / (hours as f64 * 3600.0));
        t.set(cache, Basis::Measured, key::CACHE_GETS_PER_SECOND, None, number(gets));
        let evicted =
            a_day("evictions").zip(a_day("sets")).and_then(|((evicted, _), (sets, _))| match (evicted, sets) {
                (evicted, sets) if sets > 0.0 => Some(evicted / sets),
                (evicted, _) => (evicted == 0.0).then_some(0.0),
            });
        t.set(cache, Basis::Measured, key::CACHE_EVICTED_PER_SET, None, number(evicted));
    }
}

fn sum(nodes: &[&ByWord], word: &str) -> Points {
    together(nodes, word, |a, b| a + b)
}

fn together(nodes: &[&ByWord], word: &str, join: fn(f64, f64) -> f64) -> Points {
    let mut all = Points::new();
    for (at, value) in nodes.iter().filter_map(|n| n.get(word)).flatten() {
        all.entry(*at).and_modify(|v| *v = join(*v, *value)).or_insert(*value);
    }
    all
}

/// Sum over the last day, and its hours.
fn day(points: &Points, until: Timestamp) -> Option<(f64, usize)> {
    let last: Vec<f64> = points.range(until.plus_hours(-24)..until).map(|(_, v)| *v).collect();
    (last.len() >= DAY_HOURS).then(|| (last.iter().sum(), last.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{NOW, check, said};

    const NODE: &str = "arn:aws:elasticache:eu-west-1:111122223333:cluster:";
    const GROUP: &str = "arn:aws:elasticache:eu-west-1:111122223333:replicationgroup:s";

    fn node(hours: i64, values: &[(&'static str, f64)]) -> ByWord {
        let points = |v: f64| (1..=hours).map(|h| (NOW.plus_hours(-h), v)).collect();
        values.iter().map(|(word, v)| (*word, points(*v))).collect()
    }
    fn read(nodes: &[(&str, ByWord)], whole: &[(&str, &str)]) -> Vec<String> {
        let measured: Measured = nodes.iter().map(|(id, n)| (SubjectId(format!("{NODE}{id}")), n.clone())).collect();
        let whole = whole.iter().map(|(id, cache)| ((*id).to_owned(), SubjectId::from(*cache))).collect();
        said(|t| say(t, &measured, &whole, NOW))
    }

    #[test]
    fn nodes_of_a_group_are_one_cache() {
        let primary = [
            ("cpu", 40.0),
            ("memory", 50.0),
            ("hit_count", 900.0),
            ("miss_count", 100.0),
            ("gets", 7200.0),
            ("sets", 100.0),
            ("evictions", 5.0),
        ];
        let copy =
            [("cpu", 10.0), ("hit_count", 0.0), ("miss_count", 0.0), ("gets", 0.0), ("sets", 0.0), ("evictions", 0.0)];
        let lines =
            read(&[("s-001", node(24, &primary)), ("s-002", node(24, &copy))], &[("s-001", GROUP), ("s-002", GROUP)]);
        let expected = [
            "elasticache:replicationgroup:s series utilisation.cpu 24 of ratio",
            "elasticache:replicationgroup:s series utilisation.memory 24 of ratio",
            "elasticache:replicationgroup:s series cache.hit_ratio 24 of ratio",
            "elasticache:replicationgroup:s cache.gets_per_second = 2",
            "elasticache:replicationgroup:s cache.evicted_per_set = 0.05",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_lone_node_and_a_day_that_is_none() {
        let alone = format!("{NODE}m");
        let values = [("cpu", 1.0), ("gets", 3600.0), ("evictions", 0.0), ("sets", 0.0)];
        let lines = read(&[("m", node(24, &values))], &[("m", &alone)]);
        assert_eq!(
            lines,
            ["elasticache:cluster:m cache.gets_per_second = 1", "elasticache:cluster:m cache.evicted_per_set = 0"]
        );
        let lines = read(&[("s-001", node(5, &values))], &[("s-001", GROUP)]);
        check(
            &lines,
            &["elasticache:replicationgroup:s series utilisation.cpu 5 of ratio"],
            &["elasticache:replicationgroup:s cache"],
        );
        assert!(read(&[("x", node(24, &values))], &[]).is_empty(), "whose node it is was not answered");
    }
}
