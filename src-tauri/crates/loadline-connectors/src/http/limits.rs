//! How long, how much and how often an HTTP source is waited for.

use super::HttpError;
use std::time::Duration;

/// Bounds of one source.
#[derive(Clone, Debug)]
pub struct Limits {
    /// To an open connection.
    pub connect: Duration,
    /// For one whole answer.
    pub total: Duration,
    /// Without a byte.
    pub idle: Duration,
    /// After this time an answer must keep `bytes_per_second`.
    pub grace: Duration,
    /// Least throughput after the grace: drip-feeding is not an answer.
    pub bytes_per_second: f64,
    /// Most bytes of one answer, decompressed.
    pub body: usize,
    /// Deepest nesting of JSON.
    pub depth: usize,
    /// Repetitions of one request.
    pub retries: u32,
    /// First pause before a repetition; doubles each time.
    pub backoff: Duration,
    /// All pauses of one connection together.
    pub patience: Duration,
}

impl Default for Limits {
    /// 32 MB, depth 64, 60 s, 10 s without a byte, 1 KB/s after 5 s.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            total: Duration::from_secs(60),
            idle: Duration::from_secs(10),
            grace: Duration::from_secs(5),
            bytes_per_second: 1024.0,
            body: 32 * 1024 * 1024,
            depth: 64,
            retries: 4,
            backoff: Duration::from_millis(500),
            patience: Duration::from_secs(60),
        }
    }
}

impl Limits {
    /// How long to wait before asking again; `None`: give up. `waited` is what earlier pauses took.
    pub(crate) fn pause(&self, error: &HttpError, attempt: u32, waited: Duration) -> Option<Duration> {
        if attempt >= self.retries {
            return None;
        }
        let asked = match error {
            // The server gave up on the question itself: the same question takes as long again.
            HttpError::Unavailable { said, .. } if said.contains("timed out") => return None,
            HttpError::RateLimited(after) | HttpError::Unavailable { retry_after: after, .. } => *after,
            HttpError::Unreachable(_) | HttpError::Truncated if attempt == 0 => None,
            _ => return None,
        };
        let pause = asked.unwrap_or_else(|| self.backoff.saturating_mul(1 << attempt.min(6)));
        (waited.saturating_add(pause) <= self.patience).then_some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_is_a_budget() {
        let limits = Limits::default();
        let seconds = |s| Some(Duration::from_secs(s));
        let busy = |after| HttpError::RateLimited(after);
        let pause = |e: &HttpError, attempt, waited| limits.pause(e, attempt, Duration::from_secs(waited));
        assert_eq!(pause(&busy(seconds(7)), 0, 0), seconds(7));
        assert_eq!(pause(&busy(seconds(86_400)), 0, 0), None, "an absurd wait is refused at once");
        assert_eq!(pause(&busy(seconds(7)), 1, 55), None, "the budget is spent");
        assert_eq!(pause(&busy(None), 2, 0), seconds(2), "500 ms doubled twice");
        assert_eq!(pause(&busy(None), 4, 0), None);
        assert_eq!(pause(&HttpError::Unauthorized, 0, 0), None);
    }
}
