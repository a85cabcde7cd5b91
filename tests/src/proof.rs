//! Before and after on a real Prometheus: five weeks of history made of latencies that were measured on a real HTTP service in
//! two versions. One service got the faster version, its twin did not change, and one only slowed with its growing traffic.

use crate::program::{Home, ok};
use loadline_connectors::testing::{PrometheusServer, real_now};
use loadline_model::num;
use loadline_model::random::Draws;
use serde_json::Value;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

const HOUR: i64 = 3_600;
const DAYS: i64 = 35;
/// Hours before now at which the history ends: Prometheus keeps the newest hours for itself.
const ENDS: i64 = 4;
/// Days after the change.
const AFTER: i64 = 14;
/// Requests of a quiet hour.
const QUIET: f64 = 1_200.0;

/// Seconds of requests to a service that works so many milliseconds on each, over a real connection each.
fn measured(work: Duration, requests: usize) -> Vec<f64> {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..requests {
                let (mut stream, _) = listener.accept().expect("a request");
                let _ = stream.read(&mut [0; 256]);
                // A third of the requests needs twice the work.
                std::thread::sleep(if n % 3 == 0 { work * 2 } else { work });
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
            }
        });
        let ask = |_| {
            let begun = Instant::now();
            let mut stream = TcpStream::connect(address).expect("a connection");
            stream.write_all(b"GET / HTTP/1.1\r\nhost: shop\r\n\r\n").expect("sent");
            let _ = std::io::read_to_string(stream);
            begun.elapsed().as_secs_f64()
        };
        (0..requests).map(ask).collect()
    })
}

fn quantile(latencies: &[f64], q: f64) -> f64 {
    let mut sorted = latencies.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * q).round() as usize]
}

/// Upper bounds of the buckets, a tenth apart from each other.
fn bounds() -> Vec<f64> {
    (0..60).map(|n| 0.002 * num::pow(1.1, f64::from(n))).collect()
}

/// What a service did in an hour: requests, and how much slower than measured they were.
struct Hour<'a> {
    requests: f64,
    pool: &'a [f64],
    slower: f64,
}

/// History of a job as its histogram would have been scraped: buckets twice an hour, counts every two minutes.
fn history(text: &mut String, job: &str, begin: i64, hour: impl Fn(i64) -> (f64, usize, f64), pools: &[Vec<f64>]) {
    let bounds = bounds();
    let labels = format!("job=\"{job}\",instance=\"10.0.0.1:80\",http_route=\"/\",http_response_status_code=\"200\"");
    let mut draws = Draws::new(job.bytes().map(u64::from).sum());
    let mut total = vec![0u64; bounds.len() + 1];
    let mut sum = 0.0;
    // Lines by series: OpenMetrics wants the samples of one together.
    let mut lines: Vec<String> = vec![String::new(); bounds.len() + 1];
    let (mut counts, mut sums) = (String::new(), String::new());
    for h in 0..DAYS * 24 {
        let (requests, pool, slower) = hour(h);
        let hour = Hour { requests, pool: &pools[pool], slower };
        for part in 0..2i64 {
            let at = begin + h * HOUR + part * HOUR / 2;
            for (n, line) in lines.iter_mut().enumerate() {
                let le = bounds.get(n).map_or_else(|| "+Inf".to_owned(), |b| format!("{b:.6}"));
                let _ = writeln!(
                    line,
                    "http_server_request_duration_seconds_bucket{{{labels},le=\"{le}\"}} {} {at}",
                    total[..=n].iter().sum::<u64>()
                );
            }
            let _ = writeln!(sums, "http_server_request_duration_seconds_sum{{{labels}}} {sum} {at}");
            let before: u64 = total.iter().sum();
            let share = (hour.requests / 2.0 * (0.95 + 0.1 * draws.uniform())).round() as u64;
            for minute in 0..15i64 {
                let so_far = before + share * minute as u64 / 15;
                let at = at + minute * 120;
                let _ = writeln!(counts, "http_server_request_duration_seconds_count{{{labels}}} {so_far} {at}");
            }
            for _ in 0..share {
                let seconds = hour.pool[draws.below(hour.pool.len())] * hour.slower;
                total[bounds.partition_point(|b| *b < seconds)] += 1;
                sum += seconds;
            }
        }
    }
    lines.iter().for_each(|line| text.push_str(line));
    text.push_str(&sums);
    text.push_str(&counts);
}

/// Traffic of an hour: more by day than by night, less at weekends.
fn traffic(begin: i64, hour: i64) -> f64 {
    let at = begin + hour * HOUR;
    let day = (at / 86_400 + 4) % 7;
    let by_hour = 1.0 + 0.5 * num::sin(std::f64::consts::TAU * ((at / HOUR % 24) as f64 - 9.0) / 24.0);
    QUIET * by_hour * if day == 0 || day == 6 { 0.7 } else { 1.0 }
}

fn verdicts<'a>(assessment: &'a Value, service: &str) -> Vec<&'a Value> {
    let all = assessment["comparisons"].as_array().expect("comparisons");
    all.iter().filter(|c| c["subject"]["name"] == service).collect()
}

/// A history of one service that got faster, and the second since 1970 at which its faster version was there.
pub(crate) fn faster(job: &str) -> (String, i64) {
    let pools = [12, 8].map(|ms| measured(Duration::from_millis(ms), 200));
    let begin = (real_now().0 / 1_000 - ENDS * HOUR) / HOUR * HOUR - DAYS * 24 * HOUR;
    let change = begin + (DAYS - AFTER) * 24 * HOUR;
    let mut text = String::from("# TYPE http_server_request_duration_seconds histogram\n");
    let hour = |h: i64| (traffic(begin, h), usize::from(begin + h * HOUR >= change), 1.0);
    history(&mut text, job, begin, hour, &pools);
    text.push_str("# EOF\n");
    (text, change)
}

#[test]
fn a_faster_version_is_proven_and_nothing_else_is() {
    let slow = measured(Duration::from_millis(12), 400);
    let fast = measured(Duration::from_millis(8), 400);
    let now = real_now().0 / 1_000;
    let begin = (now - ENDS * HOUR) / HOUR * HOUR - DAYS * 24 * HOUR;
    let change = begin + (DAYS - AFTER) * 24 * HOUR;
    let pools = [slow.clone(), fast.clone()];
    let changed = |hour: i64| begin + hour * HOUR >= change;
    let mut text = String::from("# TYPE http_server_request_duration_seconds histogram\n");
    // Each series is one family's part: all jobs in one block of the family.
    history(&mut text, "improved", begin, |h| (traffic(begin, h), usize::from(changed(h)), 1.0), &pools);
    history(&mut text, "twin", begin, |h| (traffic(begin, h), 0, 1.0), &pools);
    let grown = |h: i64| traffic(begin, h) * if changed(h) { 1.3 } else { 1.0 };
    // Slower where there is more to do, before and after alike.
    history(&mut text, "busier", begin, |h| (grown(h), 0, 0.8 + 0.4 * grown(h) / (2.0 * QUIET)), &pools);
    text.push_str("# EOF\n");
    let prometheus = PrometheusServer::start(&text, "", &[]).expect("Prometheus is installed");

    let home = Home::new().expect("home");
    let run = |words: &[&str]| home.run(words).expect("runs");
    ok(&run(&["connect", "prometheus", "--url", &prometheus.url(), "--name", "metrics"]), &[0]);
    ok(&run(&["collect"]), &[0, 3]);
    let at = |seconds: i64| loadline_model::Timestamp(seconds * 1_000).to_string();
    for service in ["improved", "twin", "busier"] {
        let (started, finished) = (at(change - 300), at(change));
        let words = ["deployments", "record", "--service", service, "--environment", "production", "--revision", "v2"];
        let times = ["--started-at", started.as_str(), "--finished-at", finished.as_str()];
        let how = ["--status", "succeeded", "--actor-kind", "pipeline"];
        ok(&run(&[&words[..], &times[..], &how[..]].concat()), &[0]);
    }
    let assessed = run(&["assess", "--json"]);
    ok(&assessed, &[0]);
    let a = assessed.json().expect("json");

    for (word, q) in [("p50", 0.5), ("p95", 0.95)] {
        let found =
            verdicts(&a, "improved").into_iter().find(|c| c["metric"].as_str().is_some_and(|m| m.contains(word)));
        let found = found.unwrap_or_else(|| panic!("no {word}: {} {} {}", a["comparisons"], a["latency"], a["gaps"]));
        assert_eq!(found["verdict"], "improved", "{found}");
        let truth = (quantile(&fast, q) / quantile(&slow, q) - 1.0) * 100.0;
        let end = |key: &str| found["effect_percent"][key].as_f64().expect("a number");
        // The history's buckets are a tenth wide, so a quantile of either version is off by less than that.
        let (low, high) = (end("low") - 6.0, end("high") + 6.0);
        assert!((low..=high).contains(&truth), "{word}: truth {truth:.1}, interval {low:.1} to {high:.1}");
        assert!(end("low") < 0.0 && end("high") < 0.0, "{found}");
        assert!(found["pairs"].as_u64().is_some_and(|p| p >= 10), "{found}");
    }
    let point = verdicts(&a, "improved").iter().find_map(|c| c["change_at"].as_i64());
    let off = (point.expect("a change point") / 1_000 - change).abs();
    assert!(off <= 24 * HOUR, "the change point lies {} h from the change", off / HOUR);
    for service in ["twin", "busier"] {
        let found = verdicts(&a, service);
        assert!(!found.is_empty(), "{service} is compared");
        for c in found {
            assert_eq!(c["verdict"], "no_detectable_change", "{service}: {c}");
        }
    }
}
