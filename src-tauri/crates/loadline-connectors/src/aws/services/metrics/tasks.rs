//! How long the jobs of a queue run, where functions of Lambda do them.

use super::DATA;
use super::say::Measured;
use crate::aws::services::telling::Telling;
use loadline_model::{Basis, SubjectId, Timestamp, Value, key};
use std::collections::BTreeMap;

/// Says the run time at p99 of each queue's functions: the longest p99 of an hour of the last day, because percentiles of
/// hours cannot be merged into that of the day, and the slowest function of several.
pub(super) fn say(t: &mut Telling<'_>, measured: &Measured, pairs: &[(SubjectId, SubjectId)], until: Timestamp) {
    let mut longest: BTreeMap<&SubjectId, f64> = BTreeMap::new();
    for (function, queue) in pairs {
        let hours = measured.get(function).and_then(|words| words.get("run"));
        let day = hours.into_iter().flat_map(|p| p.range(until.plus_hours(-24)..until));
        for (_, milliseconds) in day.filter(|(_, ms)| **ms >= 0.0) {
            let known = longest.entry(queue).or_insert(0.0);
            *known = known.max(milliseconds / 1000.0);
        }
    }
    t.call(DATA.name);
    for (queue, seconds) in longest {
        t.set(queue, Basis::Measured, key::TASK_SECONDS_P99, None, Some(Value::Number(seconds)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{NOW, said};

    #[test]
    fn the_longest_hour_of_the_last_day() {
        let hours = |ages: &[(i64, f64)]| ages.iter().map(|(h, v)| (NOW.plus_hours(-h), *v)).collect();
        let measured = Measured::from([
            ("f".into(), BTreeMap::from([("run", hours(&[(1, 250.0), (2, 1500.0), (30, 9000.0)]))])),
            ("g".into(), BTreeMap::from([("run", hours(&[(1, 2000.0)]))])),
            ("old".into(), BTreeMap::from([("run", hours(&[(40, 2000.0)]))])),
        ]);
        let pairs =
            [("f", "a"), ("f", "b"), ("g", "b"), ("old", "c"), ("none", "d")].map(|(f, q)| (f.into(), q.into()));
        assert_eq!(
            said(|t| say(t, &measured, &pairs, NOW)),
            ["a queue.task_seconds_p99 = 1.5", "b queue.task_seconds_p99 = 2"]
        );
    }
}
