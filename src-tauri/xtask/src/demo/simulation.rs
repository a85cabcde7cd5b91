//! Latency from first principles: requests arrive at random at a rate that follows the day, wait for a free server, are served
//! for a random time. Queueing, not a drawn curve, makes the tail.

use super::story::{self, at};
use loadline_model::random::Draws;
use loadline_model::{AccountId, DemoLatency, HOUR_MS, Timestamp, key::metric, num};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Upper bounds in seconds of the app's histogram.
pub(super) const BOUNDS: [f64; 19] =
    [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.5, 10.0, 30.0];
/// Requests of one active user on an average day.
const REQUESTS_PER_USER: f64 = 18.0;
/// Spread of service times (sigma of the logarithm).
const SIGMA: f64 = 0.45;

/// A route: share of traffic and median service time in seconds at the audit.
struct Route {
    name: &'static str,
    share: f64,
    median: f64,
    /// Factor on the median after each change: managed, indexes, pagination, cache, containers.
    factors: [f64; 5],
}

const ROUTES: [Route; 12] = [
    Route { name: "GET /feed", share: 0.22, median: 1.70, factors: [0.92, 0.72, 0.75, 0.50, 0.62] },
    Route { name: "GET /rooms/:id/messages", share: 0.18, median: 1.60, factors: [0.92, 0.42, 0.70, 0.92, 0.62] },
    Route { name: "GET /rooms", share: 0.10, median: 1.50, factors: [0.92, 0.85, 0.38, 0.80, 0.62] },
    Route { name: "GET /home", share: 0.10, median: 2.60, factors: [0.92, 0.85, 0.52, 0.48, 0.62] },
    Route { name: "POST /rooms/:id/messages", share: 0.10, median: 0.80, factors: [0.92, 0.62, 0.95, 0.92, 0.62] },
    Route { name: "GET /users/:id", share: 0.08, median: 0.90, factors: [0.92, 0.70, 0.85, 0.52, 0.62] },
    Route { name: "GET /notifications", share: 0.08, median: 1.40, factors: [0.92, 0.36, 0.85, 0.85, 0.62] },
    Route { name: "POST /posts", share: 0.05, median: 0.90, factors: [0.92, 0.65, 0.95, 0.92, 0.62] },
    Route { name: "GET /search", share: 0.04, median: 2.40, factors: [0.92, 0.48, 0.62, 0.75, 0.62] },
    Route { name: "POST /login", share: 0.02, median: 0.80, factors: [0.92, 0.80, 1.00, 0.70, 0.62] },
    Route { name: "POST /uploads", share: 0.02, median: 3.40, factors: [1.00, 1.00, 1.00, 1.00, 0.26] },
    Route { name: "POST /signup", share: 0.01, median: 1.20, factors: [0.92, 0.70, 0.95, 0.85, 0.62] },
];

/// What the simulation saw.
pub(super) struct Traffic {
    /// Start of the first hour.
    pub(super) start: Timestamp,
    /// Per hour: requests.
    pub(super) requests: Vec<u32>,
    /// Per hour: share of server time that was busy.
    pub(super) busy: Vec<f64>,
    /// Per route, bucket and hour.
    counts: Vec<Vec<Vec<u32>>>,
}

/// Simulates every hour of the story.
pub(super) fn run() -> Traffic {
    let (start, end) = (at(story::BEGIN), at(story::AFTER));
    let hours = ((end.0 - start.0) / HOUR_MS) as usize;
    let mut traffic = Traffic {
        start,
        requests: Vec::with_capacity(hours),
        busy: Vec::with_capacity(hours),
        counts: vec![vec![vec![0; hours]; BOUNDS.len() + 1]; ROUTES.len()],
    };
    let mut draws = Draws::new(loadline_model::hash::seed(&["harbor demo", "1"]));
    let mut mood = 0.0;
    for hour in 0..hours {
        let time = start.plus_hours(hour as i64);
        // Days differ by more than chance: a slow random mood on top of the daily rhythm.
        mood = 0.92 * mood + 0.045 * draws.normal();
        let rate = rate_at(time) * num::exp(mood);
        one_hour(&mut traffic, hour, time, rate, &mut draws);
    }
    traffic
}

/// Expected requests a second at a time, by users, hour of day and weekday.
pub(super) fn rate_at(time: Timestamp) -> f64 {
    let local = (time.0 + 2 * HOUR_MS).rem_euclid(24 * HOUR_MS) as f64 / HOUR_MS as f64;
    // Quiet at four in the morning, busiest at eight in the evening.
    let day = 1.0 + 0.78 * num::cos((local - 20.0) / 24.0 * 2.0 * std::f64::consts::PI);
    let weekend = if time.utc_day().weekday() >= 5 { 1.18 } else { 0.93 };
    story::users(time) * REQUESTS_PER_USER / 86_400.0 * day * weekend
}

/// Servers that work at once: event loop and database of one process, then four, then a task group that scales.
fn servers(time: Timestamp) -> usize {
    if time >= at(story::CONTAINERS) {
        (8.0 + 4.0 * (story::users(time) / 2000.0)) as usize
    } else if time >= at(story::PROCESSES) {
        6
    } else {
        3
    }
}

/// Median service time of a route at a time.
fn median(route: &Route, time: Timestamp) -> f64 {
    let changes = [story::MANAGED, story::INDEXES, story::PAGINATION, story::CACHE, story::CONTAINERS];
    let factor: f64 =
        changes.iter().zip(route.factors).filter(|(change, _)| time >= at(change)).map(|(_, f)| f).product();
    // Unbounded lists grow with the data until they are paginated.
    let growth = if time < at(story::PAGINATION) { 1.0 + 0.0009 * story::days_in(time) } else { 1.06 };
    route.median * factor * growth
}

fn one_hour(traffic: &mut Traffic, hour: usize, time: Timestamp, rate: f64, draws: &mut Draws) {
    let servers = servers(time);
    let medians: Vec<f64> = ROUTES.iter().map(|r| median(r, time)).collect();
    // Times in microseconds as integers: ordered exactly the same everywhere.
    let mut free: BinaryHeap<Reverse<i64>> = (0..servers).map(|_| Reverse(0)).collect();
    let (mut now, mut busy, mut requests) = (0.0, 0.0, 0u32);
    loop {
        now += draws.exponential(1.0 / rate);
        if now >= 3600.0 {
            break;
        }
        let route = pick(draws.uniform());
        let service = draws.lognormal(medians[route], SIGMA);
        let arrived = (now * 1e6) as i64;
        let begun = free.pop().map_or(arrived, |Reverse(at)| at.max(arrived));
        let done = begun + (service * 1e6) as i64;
        free.push(Reverse(done));
        let latency = (done - arrived) as f64 / 1e6;
        let bucket = BOUNDS.partition_point(|b| *b < latency);
        traffic.counts[route][bucket][hour] += 1;
        busy += service;
        requests += 1;
    }
    traffic.requests.push(requests);
    traffic.busy.push((busy / 3600.0 / servers as f64).min(1.0));
}

fn pick(u: f64) -> usize {
    let mut below = 0.0;
    for (i, route) in ROUTES.iter().enumerate() {
        below += route.share;
        if u < below {
            return i;
        }
    }
    0
}

impl Traffic {
    /// The histograms as the metrics account would answer.
    pub(super) fn latency(&self) -> Vec<DemoLatency> {
        let routes = ROUTES.iter().zip(&self.counts);
        routes
            .map(|(route, counts)| DemoLatency {
                account: AccountId::new(super::facts::METRICS),
                scope: "service".into(),
                subject: story::API.into(),
                metric: metric::REQUEST_DURATION.into(),
                call: "sum by (le, http_route) (increase(http_server_request_duration_seconds_bucket[1h]))".into(),
                labels: [("route".to_owned(), route.name.to_owned())].into(),
                bounds: BOUNDS.to_vec(),
                start: self.start,
                counts: counts.clone(),
            })
            .collect()
    }
}
