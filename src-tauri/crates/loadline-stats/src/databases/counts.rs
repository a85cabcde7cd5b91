//! Statement counters in several readings. Counters of one count are subtracted; counters of a sliding window stand for
//! themselves; everything else cannot be compared, and never becomes a negative number.

use loadline_model::databases::Period;
use loadline_model::{FactIndex, HOUR_MS, QueryStat, Snapshot, SubjectId, Timestamp, key, num};
use std::collections::BTreeMap;

/// Two starts this close together are one: servers that tell their age instead of their start are rounded.
const SAME_START_MS: i64 = 5 * 60_000;

/// A snapshot, searchable.
pub(super) struct Reading<'a> {
    pub(super) index: FactIndex<'a>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(snapshot: &'a Snapshot) -> Self {
        Self { index: FactIndex::new(snapshot) }
    }
}

/// A database's statement counters as one reading found them.
pub(super) struct Counted<'a> {
    pub(super) read_at: Timestamp,
    /// Length of the statistics' window in hours, where the source says it.
    window: Option<f64>,
    pub(super) shapes: BTreeMap<&'a str, &'a QueryStat>,
}

impl Counted<'_> {
    /// Hours behind a shape's counters.
    pub(super) fn hours(&self, shape: &QueryStat) -> Option<f64> {
        shape.since.map(|s| self.read_at.hours_since(s)).filter(|h| *h >= 0.0).or(self.window)
    }
    /// When a shape's count began.
    pub(super) fn start(&self, shape: &QueryStat) -> Option<Timestamp> {
        shape.since.or_else(|| self.window.map(|h| back(self.read_at, h)))
    }
}

fn back(at: Timestamp, hours: f64) -> Timestamp {
    Timestamp(at.0 - (hours * HOUR_MS as f64) as i64)
}

/// The statement counters of a database in each reading that read them anew, oldest first.
pub(super) fn history<'a>(readings: &[Reading<'a>], database: &SubjectId) -> Vec<Counted<'a>> {
    let mut found: Vec<Counted<'a>> = Vec::new();
    for reading in readings {
        let Some(counted) = counted(&reading.index, database) else { continue };
        // A snapshot repeats what it did not read again.
        if found.last().is_none_or(|last| last.read_at < counted.read_at) {
            found.push(counted);
        }
    }
    found
}

fn counted<'a>(index: &FactIndex<'a>, database: &SubjectId) -> Option<Counted<'a>> {
    let mut shapes: BTreeMap<&str, &QueryStat> = BTreeMap::new();
    let mut read_at = None;
    for (stat, from) in index.facts::<QueryStat>(database) {
        let sound =
            [stat.calls, stat.total_ms, stat.rows].iter().all(|v| v.is_finite() && *v >= 0.0) && stat.calls > 0.0;
        // A shape that two accounts report is counted once, by the longer count.
        if sound && shapes.get(stat.fingerprint.as_str()).is_none_or(|s| s.calls < stat.calls) {
            shapes.insert(&stat.fingerprint, stat);
            read_at = read_at.max(Some(from.read_at));
        }
    }
    let window = index.number(database, key::STATEMENT_WINDOW_HOURS).map(|(h, _)| h).filter(|h| *h > 0.0);
    Some(Counted { read_at: read_at?, window, shapes })
}

/// What a shape did between two readings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Work {
    pub(super) calls: f64,
    pub(super) ms: f64,
    pub(super) hours: f64,
}

impl Work {
    pub(super) fn ms_per_day(&self) -> f64 {
        num::round9(self.ms / self.hours * 24.0)
    }
    pub(super) fn mean_ms(&self) -> Option<f64> {
        (self.calls > 0.0).then(|| num::round9(self.ms / self.calls))
    }
}

/// Only a sliding window has a length that is the same again after a while; each reading then stands for itself.
fn slides(before: &Counted<'_>, now: &Counted<'_>) -> Option<f64> {
    let (earlier, window) = (before.window?, now.window?);
    let same = (window - earlier).abs() <= 0.01 * window;
    (same && now.read_at.hours_since(before.read_at) > 0.02 * window).then_some(window)
}

/// What a shape did in a window that ends with a reading; `None`: not listed, or counted since a fixed start.
fn within(counted: &Counted<'_>, window: f64, shape: &str) -> Option<Work> {
    let stat = counted.shapes.get(shape).filter(|s| s.since.is_none())?;
    Some(Work { calls: stat.calls, ms: stat.total_ms, hours: window })
}

/// What a shape did between two readings; the sentence says why that cannot be told. `None`: it was not listed.
fn between(before: &Counted<'_>, now: &Counted<'_>, shape: &str) -> Option<Result<Work, String>> {
    let newer = now.shapes.get(shape)?;
    if let Some(work) = slides(before, now).and_then(|window| within(now, window, shape)) {
        return Some(Ok(work));
    }
    let older = before.shapes.get(shape)?;
    let (Some(a), Some(b)) = (before.start(older), now.start(newer)) else {
        return Some(Err("The start of its counters is not known.".to_owned()));
    };
    if (b.0 - a.0).abs() > SAME_START_MS {
        return Some(Err(format!("Its counters were reset on {}.", b.utc_day())));
    }
    if newer.calls < older.calls || newer.total_ms < older.total_ms {
        return Some(Err("Its counters went back: they were reset in between.".to_owned()));
    }
    let hours = now.read_at.hours_since(before.read_at);
    Some(Ok(Work { calls: newer.calls - older.calls, ms: newer.total_ms - older.total_ms, hours }))
}

/// What a shape did in each period, oldest first: between two readings each, and in the window of the oldest reading
/// where windows slide.
pub(super) fn over_time(counted: &[Counted<'_>], shape: &str) -> Vec<Option<Result<Work, String>>> {
    let mut work = Vec::new();
    if let [first, second, ..] = counted
        && let Some(window) = slides(first, second)
    {
        work.push(within(first, window, shape).map(Ok));
    }
    for pair in counted.windows(2) {
        work.push(if let [before, now] = pair { between(before, now, shape) } else { None });
    }
    work
}

/// The periods that [`over_time`] tells about.
pub(super) fn periods(counted: &[Counted<'_>]) -> Vec<Period> {
    let mut periods = Vec::new();
    if let [first, second, ..] = counted
        && let Some(window) = slides(first, second)
    {
        let from = back(first.read_at, window);
        periods.push(Period { from, until: first.read_at, not_comparable: None });
    }
    for pair in counted.windows(2) {
        let [before, now] = pair else { continue };
        let mut refused: BTreeMap<String, usize> = BTreeMap::new();
        let mut longest = None::<f64>;
        for shape in now.shapes.keys() {
            match between(before, now, shape) {
                Some(Ok(work)) => longest = Some(longest.map_or(work.hours, |l| l.max(work.hours))),
                Some(Err(why)) => *refused.entry(why).or_default() += 1,
                None => {}
            }
        }
        let commonest = refused.into_iter().max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(&a.0))).map(|(why, _)| why);
        let nothing = || "The readings have no statement in common.".to_owned();
        periods.push(Period {
            from: longest.map_or(before.read_at, |hours| back(now.read_at, hours)),
            until: now.read_at,
            not_comparable: longest.is_none().then(|| commonest.unwrap_or_else(nothing)),
        });
    }
    periods
}
