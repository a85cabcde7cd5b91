//! How fast each API of an account is asked: few at once, slower after a refusal for speed, and repetitions out of a
//! budget, so that a storm ends instead of growing.

use super::refused::Refused;
use crate::http::HttpError;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Questions to one API at once. AWS allows tens of reads a second and account; other people are asking too.
const AT_ONCE: usize = 4;
/// Repetitions of one question.
const ATTEMPTS: u32 = 6;
/// Budget of repetitions, its cost for speed and for failures, and what each answer gives back. The numbers of AWS's
/// own kits (standard retry mode: 500, 5, 10, 1).
const BUDGET: i64 = 500;
const SLOWER: i64 = 5;
const AGAIN: i64 = 10;
/// Least and most time between questions after a refusal for speed.
const LEAST: Duration = Duration::from_millis(100);
const MOST: Duration = Duration::from_secs(5);

/// The pace of every API of one account.
pub(super) struct Pace {
    lanes: Mutex<BTreeMap<(&'static str, String), Arc<Lane>>>,
    budget: AtomicI64,
    backoff: Duration,
}

/// One API in one region.
pub(super) struct Lane {
    room: Arc<Semaphore>,
    beat: Mutex<Beat>,
}

struct Beat {
    interval: Duration,
    next: Instant,
}

impl Pace {
    /// Nothing was asked yet; `backoff` is the first pause before a repetition.
    pub(super) fn new(backoff: Duration) -> Self {
        Self { lanes: Mutex::new(BTreeMap::new()), budget: AtomicI64::new(BUDGET), backoff }
    }

    /// The lane of an API in a region.
    pub(super) fn lane(&self, service: &'static str, region: &str) -> Arc<Lane> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.entry((service, region.to_owned())).or_insert_with(|| Arc::new(Lane::new())).clone()
    }

    /// How long to wait before asking again; `None`: give up.
    pub(super) fn again(&self, refused: &Refused, attempt: u32) -> Option<Duration> {
        let cost = match refused {
            Refused::Throttled { .. } => SLOWER,
            Refused::Failed { .. } if attempt < 3 => AGAIN,
            Refused::Http(HttpError::Truncated | HttpError::Stalled(_) | HttpError::TimedOut(_)) if attempt < 2 => {
                AGAIN
            }
            _ => return None,
        };
        let spend = |b: i64| (b >= cost).then_some(b - cost);
        if attempt + 1 >= ATTEMPTS || self.budget.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend).is_err() {
            return None;
        }
        let whole = self.backoff.saturating_mul(1 << attempt.min(6)).min(Duration::from_secs(20));
        // Half of it is chance, so that many do not come back at one moment.
        let chance = (RandomState::new().build_hasher().finish() % 1000) as f64 / 1000.0;
        Some(whole.mul_f64(0.5 + 0.5 * chance))
    }

    /// An answer came.
    pub(super) fn answered(&self) {
        let _ = self.budget.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |b| (b < BUDGET).then_some(b + 1));
    }
}

impl Lane {
    fn new() -> Self {
        let beat = Beat { interval: Duration::ZERO, next: Instant::now() };
        Self { room: Arc::new(Semaphore::new(AT_ONCE)), beat: Mutex::new(beat) }
    }

    /// Waits for room and for the beat, which is never quicker than `apart`; what is returned is given back by dropping it.
    pub(super) async fn enter(&self, apart: Duration) -> Option<OwnedSemaphorePermit> {
        let permit = self.room.clone().acquire_owned().await.ok();
        let wait = {
            let mut beat = self.beat.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            let at = beat.next.max(now);
            beat.next = at + beat.interval.max(apart);
            at.saturating_duration_since(now)
        };
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        permit
    }

    /// Was refused for speed: half as fast from now on.
    pub(super) fn slower(&self) {
        let mut beat = self.beat.lock().unwrap_or_else(PoisonError::into_inner);
        beat.interval = (beat.interval * 2).clamp(LEAST, MOST);
    }

    /// Was answered: a tenth faster.
    pub(super) fn faster(&self) {
        let mut beat = self.beat.lock().unwrap_or_else(PoisonError::into_inner);
        beat.interval = if beat.interval < LEAST / 4 { Duration::ZERO } else { beat.interval * 9 / 10 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_come_out_of_a_budget() {
        let pace = Pace::new(Duration::from_millis(10));
        let busy = Refused::Throttled { code: "Throttling".to_owned() };
        assert!(pace.again(&busy, 0).is_some_and(|p| p >= Duration::from_millis(5)));
        assert_eq!(pace.again(&busy, ATTEMPTS - 1), None);
        assert_eq!(pace.again(&Refused::Endless, 0), None);
        let granted = (0..1000).filter(|_| pace.again(&busy, 0).is_some()).count();
        assert_eq!(granted as i64, BUDGET / SLOWER - 1, "the storm ends");
        (0..2 * BUDGET).for_each(|_| pace.answered());
        assert!(pace.budget.load(Ordering::Relaxed) <= BUDGET);
        assert!(pace.again(&busy, 0).is_some(), "answers give it back");
    }

    #[tokio::test]
    async fn a_lane_slows_down_and_recovers() {
        let pace = Pace::new(LEAST);
        let lane = pace.lane("ec2", "eu-west-1");
        assert!(Arc::ptr_eq(&lane, &pace.lane("ec2", "eu-west-1")));
        lane.slower();
        let begun = Instant::now();
        drop((lane.enter(Duration::ZERO).await, lane.enter(Duration::ZERO).await));
        assert!(begun.elapsed() >= LEAST, "the second waits");
        let (slow, apart) = (pace.lane("cloudtrail", "eu-west-1"), Duration::from_millis(60));
        let begun = Instant::now();
        drop((slow.enter(apart).await, slow.enter(apart).await));
        assert!(begun.elapsed() >= apart, "some are never asked quicker");
        (0..100).for_each(|_| lane.faster());
        assert!(lane.beat.lock().expect("a beat").interval.is_zero());
    }
}
