//! What the server says: the query API, in pieces that it and we can carry.

use crate::http::{Door, HttpError};
use loadline_model::{HOUR_MS, Timestamp};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Every path we ask for.
pub(super) const PATHS: [(&str, &str); 6] = [
    ("/api/v1/query", "levels at an instant"),
    ("/api/v1/query_range", "series over the window"),
    ("/api/v1/label/__name__/values", "which metrics exist"),
    ("/api/v1/metadata", "which of them are histograms"),
    ("/api/v1/rules", "alert and recording rules"),
    ("/api/v1/targets", "what is scraped and what is down"),
];

/// The server refuses ranges of more than 11,000 points per series.
const MOST_POINTS: i64 = 10_000;
/// Hourly increases read every sample behind them: a week at a time keeps the server responsive.
const MOST_HOURS: i64 = 7 * 24;
/// How often a range is halved when the answer is too large.
const HALVINGS: u32 = 6;

/// Labels of a series, without its name.
pub(super) type Labels = BTreeMap<String, String>;

/// A native histogram at an instant: buckets as (lower, upper, count).
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Native {
    /// Sum of observations.
    pub sum: Option<f64>,
    /// Ascending.
    pub buckets: Vec<(f64, f64, f64)>,
}

/// One series.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Line {
    /// Its labels.
    pub labels: Labels,
    /// Ascending, finite values only.
    pub samples: Vec<(Timestamp, f64)>,
    /// Ascending, for native histograms.
    pub natives: Vec<(Timestamp, Native)>,
}

impl Line {
    /// A label, when it is there and not empty.
    pub(super) fn label(&self, name: &str) -> Option<&str> {
        self.labels.get(name).map(String::as_str).filter(|v| !v.is_empty())
    }
}

/// Instants from `from` to `until`, both included when the step fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// First instant.
    pub from: Timestamp,
    /// Last instant.
    pub until: Timestamp,
    /// Milliseconds between instants.
    pub step: i64,
}

impl Span {
    /// The instants divisible by `step` between two times.
    pub(super) fn aligned(from: Timestamp, until: Timestamp, step: i64) -> Self {
        let up = from.0.div_euclid(step) * step + if from.0.rem_euclid(step) == 0 { 0 } else { step };
        Self { from: Timestamp(up), until: Timestamp(until.0.div_euclid(step) * step), step }
    }

    fn points(self) -> i64 {
        if self.until < self.from { 0 } else { (self.until.0 - self.from.0) / self.step + 1 }
    }

    /// The first `n` instants and the rest.
    fn split(self, n: i64) -> (Self, Self) {
        let last = Timestamp(self.from.0 + (n - 1) * self.step);
        (Self { until: last, ..self }, Self { from: Timestamp(last.0 + self.step), ..self })
    }
}

/// The query API of one server.
pub(super) struct Api {
    /// The door it is asked through.
    pub door: Door,
}

impl Api {
    /// Over a door.
    pub(super) fn new(door: Door) -> Self {
        Self { door }
    }

    async fn data(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, HttpError> {
        let mut answer = self.door.get(path, query).await?;
        match answer.get("status").and_then(Value::as_str) {
            Some("success") => Ok(answer.get_mut("data").map(Value::take).unwrap_or_default()),
            _ => Err(HttpError::Malformed("not an answer of the Prometheus API".to_owned())),
        }
    }

    /// Asks for nothing but an answer.
    pub(super) async fn probe(&self) -> Result<(), HttpError> {
        self.data("/api/v1/query", &[("query", "vector(1)")]).await.map(|_| ())
    }

    /// Tries one of [`PATHS`] as cheaply as it can be.
    pub(super) async fn try_path(&self, path: &str) -> Result<(), HttpError> {
        let query: &[(&str, &str)] = match path {
            "/api/v1/query" => &[("query", "vector(1)")],
            "/api/v1/query_range" => &[("query", "vector(1)"), ("start", "0"), ("end", "0"), ("step", "60")],
            "/api/v1/label/__name__/values" => &[("match[]", "up")],
            "/api/v1/metadata" => &[("limit", "1")],
            "/api/v1/targets" => &[("state", "dropped")],
            _ => &[],
        };
        self.data(path, query).await.map(|_| ())
    }

    /// The metrics among `wanted` that had samples in the window.
    pub(super) async fn names(&self, wanted: &[String], span: Span) -> Result<Vec<String>, HttpError> {
        let matcher = format!("{{__name__=~\"{}\"}}", wanted.join("|"));
        let (start, end) = (seconds(span.from), seconds(span.until));
        let query = [("match[]", matcher.as_str()), ("start", &start), ("end", &end)];
        let data = self.data("/api/v1/label/__name__/values", &query).await?;
        let names = data.as_array().into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned));
        Ok(names.filter(|n| wanted.contains(n)).collect())
    }

    /// Every metric that had samples in the window.
    pub(super) async fn every_name(&self, span: Span) -> Result<BTreeSet<String>, HttpError> {
        let (start, end) = (seconds(span.from), seconds(span.until));
        let data = self.data("/api/v1/label/__name__/values", &[("start", start.as_str()), ("end", &end)]).await?;
        Ok(data.as_array().into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect())
    }

    /// Names of histograms the server knows, at most `most`.
    pub(super) async fn histograms(&self, most: usize) -> Result<Vec<String>, HttpError> {
        let data = self.data("/api/v1/metadata", &[("limit_per_metric", "1")]).await?;
        let is_histogram = |v: &Value| v.get(0).and_then(|m| m.get("type")?.as_str()) == Some("histogram");
        let found = data.as_object().into_iter().flatten().filter(|(_, v)| is_histogram(v)).map(|(k, _)| k.clone());
        let mut found: Vec<String> = found.collect();
        found.sort_by_key(|n| (!n.contains("http") && !n.contains("request"), n.clone()));
        found.truncate(most);
        Ok(found)
    }

    /// One of the fixed pages.
    pub(super) async fn page(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, HttpError> {
        self.data(path, query).await
    }

    /// Values at an instant.
    pub(super) async fn instant(&self, expression: &str, at: Timestamp) -> Result<Vec<Line>, HttpError> {
        let time = seconds(at);
        lines(&self.data("/api/v1/query", &[("query", expression), ("time", &time)]).await?)
    }

    /// Series over a span, in as many requests as the limits demand.
    pub(super) async fn range(&self, expression: &str, span: Span) -> Result<Vec<Line>, HttpError> {
        let mut merged: BTreeMap<Labels, Line> = BTreeMap::new();
        let mut left = vec![(span, 0)];
        while let Some((part, halved)) = left.pop() {
            let points = part.points();
            if points <= 0 {
                continue;
            }
            let most = if part.step >= HOUR_MS { MOST_HOURS } else { MOST_POINTS };
            if points > most {
                let (first, rest) = part.split(most);
                left.extend([(rest, halved), (first, halved)]);
                continue;
            }
            match self.piece(expression, part).await {
                Ok(lines) => lines.into_iter().for_each(|line| append(&mut merged, line)),
                Err(e) if is_too_much(&e) && points > 1 && halved < HALVINGS => {
                    let (first, rest) = part.split(points / 2);
                    left.extend([(rest, halved + 1), (first, halved + 1)]);
                }
                Err(e) => return Err(e),
            }
        }
        Ok(merged.into_values().collect())
    }

    async fn piece(&self, expression: &str, span: Span) -> Result<Vec<Line>, HttpError> {
        let (start, end, step) = (seconds(span.from), seconds(span.until), format!("{}", span.step / 1000));
        let query = [("query", expression), ("start", &start), ("end", &end), ("step", &step), ("timeout", "50s")];
        lines(&self.data("/api/v1/query_range", &query).await?)
    }
}

fn is_too_much(error: &HttpError) -> bool {
    match error {
        HttpError::TooLarge(_) | HttpError::TimedOut(_) => true,
        HttpError::Refused { said, .. } => said.contains("too many samples") || said.contains("maximum resolution"),
        HttpError::Unavailable { said, .. } => said.contains("timed out"),
        _ => false,
    }
}

fn append(merged: &mut BTreeMap<Labels, Line>, line: Line) {
    let held = merged.entry(line.labels.clone()).or_insert_with(|| Line { labels: line.labels, ..Line::default() });
    held.samples.extend(line.samples);
    held.natives.extend(line.natives);
}

fn seconds(at: Timestamp) -> String {
    format!("{}.{:03}", at.0.div_euclid(1000), at.0.rem_euclid(1000))
}

/// The series of an instant or range answer.
fn lines(data: &Value) -> Result<Vec<Line>, HttpError> {
    let result = data.get("result").and_then(Value::as_array);
    let result = result.ok_or_else(|| HttpError::Malformed("an answer without a result".to_owned()))?;
    Ok(result.iter().map(line).collect())
}

fn line(series: &Value) -> Line {
    let text = |(k, v): (&String, &Value)| Some((k.clone(), v.as_str()?.to_owned()));
    let labels = series.get("metric").and_then(Value::as_object).into_iter().flatten().filter_map(text);
    let many = |one: &str, all: &str| -> Vec<Value> {
        let single = series.get(one).cloned().into_iter();
        single.chain(series.get(all).and_then(Value::as_array).into_iter().flatten().cloned()).collect()
    };
    let samples =
        many("value", "values").iter().filter_map(|pair| Some((instant(pair)?, number(pair.get(1)?)?))).collect();
    let natives = many("histogram", "histograms")
        .iter()
        .filter_map(|pair| Some((instant(pair)?, native(pair.get(1)?)?)))
        .collect();
    Line { labels: labels.filter(|(k, _)| k != "__name__").collect(), samples, natives }
}

fn instant(pair: &Value) -> Option<Timestamp> {
    let at = pair.get(0)?.as_f64()? * 1000.0;
    (at.abs() < 9e15).then(|| Timestamp(at.round() as i64))
}

fn number(value: &Value) -> Option<f64> {
    value.as_str()?.parse().ok().filter(|n: &f64| n.is_finite())
}

fn native(value: &Value) -> Option<Native> {
    let bucket = |b: &Value| Some((number(b.get(1)?)?, number(b.get(2)?)?, number(b.get(3)?)?));
    let buckets = value.get("buckets").and_then(Value::as_array).into_iter().flatten().filter_map(bucket).collect();
    Some(Native { sum: value.get("sum").and_then(number), buckets })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn spans_align_and_split() {
        let span = Span::aligned(Timestamp(1), Timestamp(7_200_001), 3_600_000);
        assert_eq!((span.from.0, span.until.0, span.points()), (3_600_000, 7_200_000, 2));
        let (first, rest) = span.split(1);
        assert_eq!((first.points(), rest.points(), rest.from.0), (1, 1, 7_200_000));
        assert_eq!(Span::aligned(Timestamp(5), Timestamp(6), 10).points(), 0);
        assert_eq!(seconds(Timestamp(1_500)), "1.500");
    }

    #[test]
    fn answers_are_read_and_nonsense_is_skipped() {
        let data = json!({"resultType": "matrix", "result": [
            {"metric": {"__name__": "up", "job": "a"}, "values": [[1.5, "1"], [2, "NaN"], [3, "+Inf"], ["x", "1"], [4]]},
            {"metric": {}, "histograms": [[60, {"count": "3", "sum": "1.5", "buckets": [[0, "0.5", "1", "3"]]}]]},
        ]});
        let read = lines(&data).expect("a result");
        assert_eq!(read[0].samples, [(Timestamp(1500), 1.0)]);
        assert_eq!(read[0].labels.len(), 1);
        assert_eq!(read[1].natives, [(Timestamp(60_000), Native { sum: Some(1.5), buckets: vec![(0.5, 1.0, 3.0)] })]);
        assert!(lines(&json!({"result": 3})).is_err());
    }
}
