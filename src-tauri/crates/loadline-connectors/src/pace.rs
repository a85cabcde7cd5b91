//! The load budget of an account: how much of one core its collections may take of a source, and the rests that keep to it.
//!
//! Time is counted as the source answers, less what the way there and back takes, for which the fastest answer stands. A
//! collection may take an hour's share at once and rests when it is spent; and after each answer it rests as long as that
//! took, so that it never keeps a core busy for more than half of the time.

use crate::{ConfigField, ConnectError};
use loadline_model::Account;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The field of an account's configuration.
pub(crate) const FIELD: ConfigField = ConfigField {
    key: "load_budget",
    label: "Load budget",
    help: "most of one core of the source that collecting may take within an hour, in percent; 1 unless set",
    required: false,
};

/// Percent of one core, unless the account says otherwise (HD).
const DEFAULT: f64 = 1.0;
/// Over which the budget is counted, and of which a share may be spent at once.
const PERIOD: Duration = Duration::from_secs(3_600);
/// Longest rest after one answer while the budget lasts.
const BREATH: Duration = Duration::from_millis(500);
/// Longest wait for a spent budget in one collection: then what is left becomes a gap.
const PATIENCE: Duration = Duration::from_secs(600);

/// The budget is spent; the rest would last longer than a person waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spent;

impl Spent {
    /// What the gap says.
    pub(crate) const SAID: &'static str = "the load budget of this account is spent";
    /// What closes it.
    pub(crate) const CLOSES: &'static str = "Collect again in an hour, or raise `load_budget` of the account.";
}

/// What was spent so far.
#[derive(Debug, Default)]
struct State {
    spent: Duration,
    rested: Duration,
    last: Duration,
    fastest: Option<Duration>,
}

/// Keeps the time of one connection within the account's budget.
#[derive(Debug)]
pub(crate) struct Pace {
    share: f64,
    begun: Instant,
    state: Mutex<State>,
}

impl Pace {
    /// The budget of an account.
    ///
    /// # Errors
    /// When `load_budget` is no number above 0 up to 100.
    pub(crate) fn of(account: &Account) -> Result<Self, ConnectError> {
        let percent = match account.config.get(FIELD.key).map(|text| text.trim().trim_end_matches('%').trim()) {
            None | Some("") => DEFAULT,
            Some(text) => text.parse().ok().filter(|p: &f64| *p > 0.0 && *p <= 100.0).ok_or_else(|| {
                ConnectError::config(FIELD.key, "write a number of percent above 0 and up to 100, such as 1")
            })?,
        };
        Ok(Self { share: percent / 100.0, begun: Instant::now(), state: Mutex::default() })
    }

    /// The same budget for another server of the account, of which nothing is spent.
    pub(crate) fn another(&self) -> Self {
        Self { share: self.share, begun: Instant::now(), state: Mutex::default() }
    }

    /// Rests until the next request may be sent.
    ///
    /// # Errors
    /// [`Spent`] when that would take too long.
    pub(crate) async fn rest(&self) -> Result<(), Spent> {
        let rest = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let rest = due(&state, self.share, self.begun.elapsed());
            if state.rested + rest > PATIENCE {
                return Err(Spent);
            }
            state.rested += rest;
            state.last = Duration::ZERO;
            rest
        };
        if !rest.is_zero() {
            tokio::time::sleep(rest).await;
        }
        Ok(())
    }

    /// Counts an answer that took so long.
    pub(crate) fn took(&self, time: Duration) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let fastest = state.fastest.map_or(time, |f| f.min(time));
        state.fastest = Some(fastest);
        let work = time.saturating_sub(fastest);
        state.last = work;
        state.spent += work;
    }
}

/// The rest that is due before the next request, when so much time has passed.
fn due(state: &State, share: f64, passed: Duration) -> Duration {
    let allowed = (PERIOD + passed).mul_f64(share);
    let over = state.spent.saturating_sub(allowed);
    state.last.min(BREATH).max(over.div_f64(share))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::account;

    #[test]
    fn rests_follow_from_what_was_spent() {
        let state = |spent: f64, last: f64| State {
            spent: Duration::from_secs_f64(spent),
            last: Duration::from_secs_f64(last),
            ..State::default()
        };
        let check = |state: State, percent: f64, passed: u64, rest: f64| {
            let due = due(&state, percent / 100.0, Duration::from_secs(passed)).as_secs_f64();
            assert!((due - rest).abs() < 1e-6, "{state:?}: {due}");
        };
        check(state(0.0, 0.0), 1.0, 0, 0.0);
        check(state(1.0, 0.2), 1.0, 0, 0.2);
        check(state(1.0, 3.0), 1.0, 0, 0.5);
        check(state(36.0, 0.0), 1.0, 0, 0.0);
        check(state(37.0, 0.0), 1.0, 0, 100.0);
        check(state(37.0, 0.0), 1.0, 50, 50.0);
        check(state(37.0, 0.0), 10.0, 0, 0.0);
        check(state(3.7, 0.0), 0.1, 0, 100.0);
    }

    #[tokio::test]
    async fn the_way_is_not_the_sources_work_and_patience_ends() {
        let pace = Pace::of(&account("postgres", &[])).expect("the default");
        for _ in 0..10 {
            pace.took(Duration::from_secs(100));
        }
        assert_eq!(pace.rest().await, Ok(()), "a far source is not a busy one");
        pace.took(Duration::from_secs(200));
        assert_eq!(pace.rest().await, Err(Spent));
    }

    #[test]
    fn a_budget_is_a_percentage() {
        let share = |text: &str| Pace::of(&account("postgres", &[("load_budget", text)])).map(|p| p.share).ok();
        for (text, expected) in
            [("", Some(0.01)), ("2", Some(0.02)), ("0.5 %", Some(0.005)), ("0", None), ("200", None), ("much", None)]
        {
            assert_eq!(share(text), expected, "{text}");
        }
    }
}
