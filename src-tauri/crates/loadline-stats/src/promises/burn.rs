//! Error budgets and burn rates of one indicator (Google, The Site Reliability Workbook, chapter 5, "Alerting on SLOs").

use loadline_model::performance::{Burn, BurnState};
use loadline_model::{HOUR_MS, Timestamp, num};
use std::collections::BTreeMap;

/// Hours of the long and the short window, multiple of the sustainable rate, and whether it wakes somebody: the workbook's
/// multiwindow, multi-burn-rate alert, which spends 2 %, 5 % and 10 % of a 30-day budget before it fires.
const WINDOWS: [(f64, f64, f64, bool); 3] =
    [(1.0, 1.0 / 12.0, 14.4, true), (6.0, 0.5, 6.0, true), (72.0, 6.0, 1.0, false)];
/// Share of a window that must be measured before it can be called good (HD). A stricter one would call a budget unknown
/// for a restart of the source; whatever is missing is said beside the number all the same.
pub(super) const LEAST_MEASURED: f64 = 0.99;
/// A sample stands for at most this long: the coarsest resolution at which sources are read.
const LONGEST: i64 = HOUR_MS;

/// A stretch of time with a share of bad events.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    from: i64,
    until: i64,
    bad: f64,
    weight: f64,
}

/// What was measured, ascending and without overlap; what lies between was not.
pub(super) struct Line(Vec<Stretch>);

/// A mean over a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Mean {
    /// Share of bad events in the measured part, 0–1.
    pub(super) bad: f64,
    /// Share of the window that was measured, 0–1.
    pub(super) measured: f64,
}

impl Line {
    /// From samples of the share of bad events, each of which tells of the time before it, and requests a second at the same
    /// instants; without a rate for every sample time counts instead. `None` for fewer than two samples: one does not say how
    /// long it stands for.
    pub(super) fn of(samples: &BTreeMap<i64, f64>, rates: &BTreeMap<i64, f64>) -> Option<Self> {
        let times: Vec<i64> = samples.keys().copied().collect();
        let weighted = times.iter().all(|t| rates.contains_key(t));
        let stretch = |(i, (at, bad)): (usize, (&i64, &f64))| {
            let before = i.checked_sub(1).and_then(|i| times.get(i)).map(|t| at - t);
            let after = times.get(i + 1).map(|t| t - at);
            // The shorter side: a sample at the edge of a gap says nothing about the gap.
            let long = before.into_iter().chain(after).min()?.min(LONGEST);
            let weight = if weighted { rates.get(at).copied().unwrap_or(0.0) } else { 1.0 };
            Some(Stretch { from: at - long, until: *at, bad: bad.clamp(0.0, 1.0), weight })
        };
        let stretches: Option<Vec<Stretch>> = samples.iter().enumerate().map(stretch).collect();
        stretches.filter(|s| !s.is_empty()).map(Self)
    }

    /// The newest sample.
    pub(super) fn newest(&self) -> Timestamp {
        Timestamp(self.0.last().map_or(0, |s| s.until))
    }

    /// Where windows end: at the newest sample while it is as fresh as samples are apart, else at the snapshot, so that
    /// what was not measured since then counts as not measured.
    pub(super) fn end(&self, as_of: Timestamp) -> Timestamp {
        match self.0.last() {
            Some(last) if as_of.0 - last.until <= 2 * (last.until - last.from) => Timestamp(last.until),
            _ => as_of,
        }
    }

    /// The mean over so many hours; `None` when nothing of them was measured, or only by samples that stand for longer.
    pub(super) fn over(&self, hours: f64, end: Timestamp) -> Option<Mean> {
        let window = (hours * HOUR_MS as f64).round();
        let from = end.0 - window as i64;
        let first = self.0.partition_point(|s| s.until <= from);
        let (mut time, mut plain, mut weight, mut sum) = (0.0, 0.0, 0.0, 0.0);
        for s in self.0.iter().skip(first).take_while(|s| s.from < end.0) {
            let overlap = (s.until.min(end.0) - s.from.max(from)) as f64;
            if overlap <= 0.0 || (s.until - s.from) as f64 > window * 1.01 {
                continue;
            }
            time += overlap;
            plain += s.bad * overlap;
            weight += s.weight * overlap;
            sum += s.bad * s.weight * overlap;
        }
        // Without a single request the weights say nothing, but the time was watched.
        let bad = if weight > 0.0 { sum / weight } else { plain / time };
        (time > 0.0 && bad.is_finite()).then(|| Mean { bad, measured: (time / window).min(1.0) })
    }
}

/// What the alerting windows say at `end`; `allowed` is the share of events that may be bad, above 0.
pub(super) fn burns(line: &Line, allowed: f64, end: Timestamp) -> Vec<Burn> {
    let burn = |(hours, short_hours, factor, pages): (f64, f64, f64, bool)| {
        let (long, short) = (line.over(hours, end), line.over(short_hours, end));
        let known = |m: Option<Mean>| m.filter(|m| m.measured >= LEAST_MEASURED).map(|m| num::round9(m.bad / allowed));
        // What is missing can only add to what is already too much.
        let least = num::round9(long.map_or(0.0, |m| m.bad * m.measured / allowed));
        let state = match known(long) {
            rate if rate.unwrap_or(least).max(least) >= factor => match known(short) {
                Some(now) if now < factor => BurnState::Ended,
                _ => BurnState::Burning,
            },
            Some(_) => BurnState::Calm,
            None => BurnState::Unknown,
        };
        Burn {
            hours,
            short_hours,
            factor,
            pages,
            rate: long.map(|m| num::round9(m.bad / allowed)),
            short_rate: known(short),
            measured: num::round9(long.map_or(0.0, |m| m.measured)),
            state,
        }
    };
    WINDOWS.map(burn).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    /// A sample every `step` minutes up to minute 0, for so many hours; `bad` gets minutes before the end.
    fn line(step: i64, hours: i64, bad: impl Fn(i64) -> Option<f64>) -> Line {
        let samples = (0..hours * 60 / step).filter_map(|i| Some((-i * step * MINUTE, bad(i * step)?))).collect();
        Line::of(&samples, &BTreeMap::new()).expect("samples")
    }

    fn states(line: &Line, allowed: f64) -> Vec<&'static str> {
        burns(line, allowed, line.end(Timestamp(0))).iter().map(|b| b.state.word()).collect()
    }

    #[test]
    fn the_workbooks_example_holds() {
        // 99.9 % over 30 days allows 0.1 %. An hour with 1.44 % errors burns at 14.4, and 14.4 of 720 hours are 2 % of the budget.
        let an_hour = line(5, 24 * 30 + 1, |minutes| Some(if minutes < 60 { 0.0144 } else { 0.0 }));
        let all = burns(&an_hour, 0.001, Timestamp(0));
        let [one, six, days] = all.as_slice() else { panic!("three windows") };
        assert_eq!((one.rate, one.short_rate, one.state), (Some(14.4), Some(14.4), BurnState::Burning));
        assert_eq!((six.rate, six.state), (Some(2.4), BurnState::Calm));
        assert_eq!((days.rate, days.state), (Some(0.2), BurnState::Calm));
        let whole = an_hour.over(24.0 * 30.0, Timestamp(0)).expect("measured");
        assert_eq!(whole.measured, 1.0);
        assert!((whole.bad * whole.measured / 0.001 - 0.02).abs() < 1e-12, "{whole:?}");
    }

    #[test]
    fn what_was_not_measured_is_never_good() {
        let all = |minutes: i64| Some(if minutes < 0 { 1.0 } else { 0.0 });
        assert_eq!(states(&line(5, 80, all), 0.001), ["calm", "calm", "calm"]);
        // Half an hour without samples two hours ago: the last hour is known, six hours and three days are not.
        let gap = line(5, 80, |m| all(m).filter(|_| !(120..150).contains(&m)));
        assert_eq!(states(&gap, 0.001), ["calm", "not proven", "calm"]);
        let longer = line(5, 80, |m| all(m).filter(|_| !(120..180).contains(&m)));
        assert_eq!(states(&longer, 0.001), ["calm", "not proven", "not proven"]);
        // One day of three measured, all of it bad: that is too much whatever the rest was.
        let bad = line(5, 24, |_| Some(0.02));
        assert_eq!(states(&bad, 0.001), ["burning", "burning", "burning"]);
        // Nothing since yesterday.
        let old = line(5, 80, |m| all(m).filter(|_| m > 24 * 60));
        assert_eq!(states(&old, 0.001), ["not proven", "not proven", "not proven"]);
        assert_eq!(burns(&old, 0.001, old.end(Timestamp(0)))[0].rate, None);
    }

    #[test]
    fn a_burn_that_is_over_is_told_from_one_that_goes_on() {
        let over = line(5, 80, |minutes| Some(if (30..60).contains(&minutes) { 0.5 } else { 0.0 }));
        assert_eq!(
            states(&over, 0.001),
            ["over again", "over again", "burning"],
            "six hours are the short window of three days"
        );
        // Samples every half hour cannot tell of the last five minutes: it still counts as burning.
        let coarse = line(30, 80, |minutes| Some(if minutes < 60 { 0.5 } else { 0.0 }));
        let all = burns(&coarse, 0.001, Timestamp(0));
        assert_eq!((all[0].state, all[0].short_rate), (BurnState::Burning, None));
        assert_eq!(line(60, 80, |_| Some(0.0)).over(0.5, Timestamp(0)), None);
    }

    #[test]
    fn requests_weigh_where_their_rate_is_known() {
        let samples: BTreeMap<i64, f64> = [(0, 0.0), (-MINUTE, 0.1), (-2 * MINUTE, 0.0)].into();
        let rates: BTreeMap<i64, f64> = [(0, 1.0), (-MINUTE, 98.0), (-2 * MINUTE, 1.0)].into();
        let mean = |rates: &BTreeMap<i64, f64>| {
            Line::of(&samples, rates).and_then(|l| l.over(0.05, Timestamp(0))).expect("measured").bad
        };
        assert!((mean(&rates) - 0.098).abs() < 1e-12);
        assert!((mean(&BTreeMap::new()) - 0.1 / 3.0).abs() < 1e-12);
        let idle: BTreeMap<i64, f64> = samples.keys().map(|t| (*t, 0.0)).collect();
        assert!((mean(&idle) - 0.1 / 3.0).abs() < 1e-12);
        assert!(Line::of(&[(0, 0.5)].into(), &BTreeMap::new()).is_none());
    }
}
