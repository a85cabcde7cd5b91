//! Waiting for one of several equal servers: M/M/c with the Erlang C formula (`scoring.md` §4.3).

/// Largest pool that is looked for.
const MOST_SERVERS: u32 = 100_000;

/// A stable queue. Times are in the unit of 1 / service rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Waiting {
    /// Load per server, 0–1.
    pub rho: f64,
    /// Probability to wait at all, 0–1.
    pub probability: f64,
    /// Mean wait before service.
    pub wait: f64,
    /// Mean time in the system: wait and service.
    pub response: f64,
}

/// Load per server: `arrivals` per time over `servers` that each serve `rate` per time. `None` for impossible input.
pub fn rho(servers: u32, arrivals: f64, rate: f64) -> Option<f64> {
    let sane = servers > 0 && arrivals.is_finite() && arrivals >= 0.0 && rate.is_finite() && rate > 0.0;
    sane.then(|| arrivals / rate / f64::from(servers))
}

/// Mean waits; `None` when the queue is unstable (rho >= 1) or the input impossible: never a number for it.
pub fn waiting(servers: u32, arrivals: f64, rate: f64) -> Option<Waiting> {
    waiting_with_variability(servers, arrivals, rate, 1.0, 1.0)
}

/// As [`waiting`], corrected by Allen and Cunneen for the squared coefficients of variation of arrivals and service.
pub fn waiting_with_variability(
    servers: u32,
    arrivals: f64,
    rate: f64,
    arrivals_cv2: f64,
    service_cv2: f64,
) -> Option<Waiting> {
    let rho = rho(servers, arrivals, rate).filter(|r| *r < 1.0)?;
    let variability = (arrivals_cv2 + service_cv2) / 2.0;
    if !(variability.is_finite() && variability >= 0.0) {
        return None;
    }
    let blocked = erlang_b(servers, arrivals / rate);
    let probability = (blocked / (1.0 - rho * (1.0 - blocked))).clamp(0.0, 1.0);
    let wait = probability / (f64::from(servers) * rate - arrivals) * variability;
    Some(Waiting { rho, probability, wait, response: wait + 1.0 / rate })
}

/// Probability that a request waits longer than `time`; `None` as for [`waiting`].
pub fn waits_longer_than(servers: u32, arrivals: f64, rate: f64, time: f64) -> Option<f64> {
    let w = waiting(servers, arrivals, rate)?;
    Some(w.probability * loadline_model::num::exp(-(f64::from(servers) * rate - arrivals) * time.max(0.0)))
}

/// Smallest number of servers with a mean wait of at most `target`; `None` for impossible input or beyond 100,000.
pub fn smallest_pool(arrivals: f64, rate: f64, target: f64) -> Option<u32> {
    rho(1, arrivals, rate)?;
    let least = (arrivals / rate).floor();
    if target.is_nan() || target < 0.0 || least >= f64::from(MOST_SERVERS) {
        return None;
    }
    (least as u32 + 1..=MOST_SERVERS).find(|c| waiting(*c, arrivals, rate).is_some_and(|w| w.wait <= target))
}

/// Erlang B by the recursion that never overflows.
fn erlang_b(servers: u32, load: f64) -> f64 {
    (1..=servers).fold(1.0, |blocked, k| load * blocked / (f64::from(k) + load * blocked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn e12_published_queues() {
        for (c, l, probability, wait) in
            [(4, 3.0, 0.509_434, 0.509_434), (8, 6.0, 0.356_981, 0.178_491), (20, 14.0, 0.093_561, 0.015_594)]
        {
            let w = waiting(c, l, 1.0).expect("stable");
            assert!((w.probability - probability).abs() < 1e-6 && (w.wait - wait).abs() < 1e-6, "{c} {l}: {w:?}");
        }
        let w = waiting(4, 3.0, 1.0).expect("stable");
        assert!((w.rho - 0.75).abs() < 1e-12 && (w.response - 1.509_434).abs() < 1e-6);
    }

    #[test]
    fn e12_database_pool() {
        for (size, probability, wait_ms) in [(10, 0.409_180, 4.0918), (12, 0.139_842, 0.6992)] {
            let w = waiting(size, 400.0, 50.0).expect("stable");
            assert!(
                (w.probability - probability).abs() < 1e-6 && (w.wait * 1000.0 - wait_ms).abs() < 1e-4,
                "{size}: {w:?}"
            );
        }
        assert_eq!(smallest_pool(400.0, 50.0, 0.005), Some(10));
        for (rho, factor) in [(0.5, 2.0), (0.7, 3.333_333), (0.8, 5.0), (0.9, 10.0)] {
            assert!((waiting(1, rho, 1.0).expect("stable").response - factor).abs() < 1e-6);
        }
    }

    #[test]
    fn unstable_or_impossible_is_never_a_number() {
        for (c, l, mu) in
            [(4, 4.0, 1.0), (4, 9.0, 1.0), (0, 1.0, 1.0), (2, f64::NAN, 1.0), (2, 1.0, 0.0), (2, -1.0, 1.0)]
        {
            assert_eq!(waiting(c, l, mu), None, "{c} {l} {mu}");
        }
        assert_eq!(smallest_pool(f64::INFINITY, 1.0, 0.1), None);
        assert_eq!(waiting_with_variability(2, 1.0, 1.0, f64::NAN, 1.0), None);
        let (smooth, plain) = (waiting_with_variability(2, 1.0, 1.0, 1.0, 0.0), waiting(2, 1.0, 1.0));
        assert!((smooth.expect("stable").wait - plain.expect("stable").wait / 2.0).abs() < 1e-12);
        let tail = waits_longer_than(2, 1.0, 1.0, 1.0).expect("stable");
        assert!(tail < plain.expect("stable").probability && tail > 0.0);
    }

    proptest! {
        #[test]
        fn p25_more_servers_wait_less_and_more_load_waits_longer(c in 1u32..60, part in 0.01f64..0.98) {
            let l = part * f64::from(c);
            let w = waiting(c, l, 1.0).expect("stable");
            prop_assert!((0.0..=1.0).contains(&w.probability));
            prop_assert!(waiting(c + 1, l, 1.0).expect("stable").wait <= w.wait);
            prop_assert!(waiting(c, l * 1.01, 1.0).expect("stable").wait >= w.wait);
        }

        #[test]
        fn p26_the_recursion_is_the_factorial_formula(c in 1u32..=50, part in 0.05f64..0.98) {
            let a = part * f64::from(c);
            let (mut term, mut sum) = (1.0, 1.0);
            for k in 1..c {
                term *= a / f64::from(k);
                sum += term;
            }
            let last = term * a / f64::from(c) / (1.0 - part);
            let exact = last / (sum + last);
            prop_assert!((waiting(c, a, 1.0).expect("stable").probability - exact).abs() < 1e-9);
        }
    }
}
