//! One scope being read: a refused question becomes a gap, a stop ends it at once; and points of a query over time.

use super::calls::{self, Call};
use crate::Cancelled;
use crate::http::{Door, HttpError, Visit};
use loadline_model::{DAY_MS, Kind, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

/// Most points that one line of a query has ("Rollup", Datadog documentation).
const MOST_POINTS: i64 = 1_500;

/// What a scope's rooms share.
pub(super) struct Reading<'a> {
    /// The scope, what was answered, the way to stop.
    pub visit: Visit<'a>,
    /// The site.
    pub door: &'a Door,
    /// What stands in the braces of every query.
    pub filter: &'a str,
}

impl<'a> Deref for Reading<'a> {
    type Target = Visit<'a>;
    fn deref(&self) -> &Visit<'a> {
        &self.visit
    }
}

impl<'a> DerefMut for Reading<'a> {
    fn deref_mut(&mut self) -> &mut Visit<'a> {
        &mut self.visit
    }
}

/// Values of one group by the start of their interval, in seconds where they are times.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Line {
    /// Tags of the group.
    pub tags: BTreeMap<String, String>,
    /// Ascending.
    pub points: BTreeMap<Timestamp, f64>,
}

impl Reading<'_> {
    /// Waits for an answer; `None` when a gap was left instead.
    ///
    /// # Errors
    /// [`Cancelled`] when the reader stopped.
    pub(super) async fn ask(
        &mut self,
        call: &Call,
        path: &str,
        query: &[(&str, &str)],
        hides: &[Kind],
    ) -> Result<Option<Value>, Cancelled> {
        let closes = |error: &HttpError| match error {
            HttpError::Unauthorized | HttpError::Forbidden(_) => call.closes(),
            other => other.closes().to_owned(),
        };
        let door = self.door;
        self.visit.ask(call.reads, door.get(path, query), closes, hides).await
    }

    /// The lines of a query over the window, one value each `step` seconds; `None` when a part of it could not be read,
    /// so that what is missing is never taken for zero.
    pub(super) async fn over_time(&mut self, query: &str, step: i64) -> Result<Option<Vec<Line>>, Cancelled> {
        let step_ms = step * 1_000;
        let begin = self.window.from.0.div_euclid(step_ms) * step_ms;
        let end = self.window.until.0.div_euclid(step_ms) * step_ms;
        // Whole days, so that every question begins at the same time of the day.
        let stride = ((MOST_POINTS * step_ms) / DAY_MS).max(1) * DAY_MS;
        let mut found: BTreeMap<BTreeMap<String, String>, Line> = BTreeMap::new();
        let mut from = begin;
        while from < end {
            let until = (from + stride).min(end);
            let (a, b) = ((from / 1_000).to_string(), (until / 1_000).to_string());
            let asked = [("from", a.as_str()), ("to", b.as_str()), ("query", query)];
            let Some(answer) = self.ask(&calls::QUERY, calls::QUERY.path, &asked, &[]).await? else { return Ok(None) };
            if let Some(error) = answer.get("error").and_then(Value::as_str).filter(|e| !e.is_empty()) {
                let detail = format!("`{query}`: {error}");
                self.answer.miss(
                    loadline_model::GapReason::ApiError,
                    detail,
                    "Collect again; if it stays, set `filter` narrower.",
                );
                return Ok(None);
            }
            for line in lines(&answer) {
                let kept =
                    found.entry(line.tags.clone()).or_insert_with(|| Line { tags: line.tags, ..Line::default() });
                kept.points.extend(line.points.into_iter().filter(|(at, _)| at.0 >= from && at.0 < until));
            }
            from = until;
        }
        Ok(Some(found.into_values().filter(|l| !l.points.is_empty()).collect()))
    }
}

/// The lines of an answer; points without a value are gaps and stay gaps.
fn lines(answer: &Value) -> Vec<Line> {
    let series = answer.get("series").and_then(Value::as_array).into_iter().flatten();
    let line = |one: &Value| {
        let tags = one.get("tag_set").and_then(Value::as_array).into_iter().flatten();
        let tags =
            tags.filter_map(|t| t.as_str()?.split_once(':')).map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        let unit = one.pointer("/unit/0");
        let is_time = unit.and_then(|u| u.get("family")).and_then(Value::as_str) == Some("time");
        let factor =
            unit.and_then(|u| u.get("scale_factor")).and_then(Value::as_f64).filter(|_| is_time).unwrap_or(1.0);
        let points = one.get("pointlist").and_then(Value::as_array).into_iter().flatten();
        let point = |p: &Value| {
            let (at, value) = (p.get(0)?.as_f64()?, p.get(1)?.as_f64()?);
            (at.is_finite() && value.is_finite()).then_some((Timestamp(at as i64), value * factor))
        };
        Line { tags, points: points.filter_map(point).collect() }
    };
    series.map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times_are_in_seconds_and_gaps_stay_gaps() {
        let answer = json!({"series": [{"tag_set": ["service:web"], "pointlist": [[1_000.0, 5e8], [2_000.0, null]],
            "unit": [{"family": "time", "scale_factor": 1e-9, "name": "nanosecond"}, null]},
            {"tag_set": [], "pointlist": [[1_000.0, 3.0]], "unit": null}]});
        let read = lines(&answer);
        assert_eq!(read[0].points, BTreeMap::from([(Timestamp(1_000), 0.5)]));
        assert_eq!(read[0].tags.get("service").map(String::as_str), Some("web"));
        assert_eq!(read[1].points, BTreeMap::from([(Timestamp(1_000), 3.0)]));
        assert!(lines(&json!({"series": "no"})).is_empty());
    }
}
