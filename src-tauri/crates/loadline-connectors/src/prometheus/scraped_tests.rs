//! A real HTTP service under load, scraped by two real Prometheus servers: one keeps its classic buckets, one its native
//! histogram. What we make of them is held to the latencies that the service measured, and to `histogram_quantile`.

use super::native_tests::{Message, ask, spans};
use super::tests::{all, connect_to, read};
use super::*;
use crate::testing::{PrometheusServer, ScriptedServer, real_now, respond};
use loadline_model::random::Draws;
use loadline_model::{Distribution, DistributionSeries, HOUR_MS, Timestamp};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

const NAME: &str = "http_server_request_duration_seconds";
const BOUNDS: [f64; 12] = [0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.25];
const SCHEMA: i8 = 5;
/// Of load.
const SECONDS: u64 = 100;

/// What the service measured, and how much of it each kind of scrape saw first.
#[derive(Default)]
struct Measured {
    seconds: Vec<f64>,
    first: [Option<usize>; 2],
}

impl Measured {
    /// What was counted since a kind's first scrape: Prometheus cannot know of an increase before it, ascending.
    fn since_first(&self, kind: usize) -> Vec<f64> {
        let mut seen = self.seconds[self.first[kind].expect("scraped")..].to_vec();
        seen.sort_by(f64::total_cmp);
        seen
    }

    fn text(&self) -> String {
        let labels = "http_route=\"/work\",http_response_status_code=\"200\"";
        let mut text = format!("# TYPE {NAME} histogram\n");
        for bound in BOUNDS.iter().copied().chain([f64::INFINITY]) {
            let le = if bound.is_finite() { bound.to_string() } else { "+Inf".to_owned() };
            let upto = self.seconds.iter().filter(|s| **s <= bound).count();
            text.push_str(&format!("{NAME}_bucket{{{labels},le=\"{le}\"}} {upto}\n"));
        }
        let (sum, count) = (self.seconds.iter().sum::<f64>(), self.seconds.len());
        text + &format!("{NAME}_sum{{{labels}}} {sum}\n{NAME}_count{{{labels}}} {count}\n")
    }

    /// The same as `MetricFamily`, length first.
    /// <https://github.com/prometheus/client_model/blob/v0.3.0/io/prometheus/client/metrics.proto>
    fn family(&self) -> Vec<u8> {
        let (count, sum) = (self.seconds.len() as u64, self.seconds.iter().sum());
        let (spans, deltas) = spans(&self.seconds, SCHEMA);
        let counted = Message::default().number(1, count).double(2, sum).signed(5, i64::from(SCHEMA)).double(6, 1e-12);
        let histogram = spans.iter().fold(counted.number(7, 0), |m, span| m.bytes(12, &span.0)).bytes(13, &deltas.0);
        let label = |name: &str, value: &str| Message::default().bytes(1, name.as_bytes()).bytes(2, value.as_bytes());
        let metric = [("http_route", "/work"), ("http_response_status_code", "200")]
            .iter()
            .fold(Message::default(), |m, (name, value)| m.bytes(1, &label(name, value).0))
            .bytes(7, &histogram.0);
        let family = Message::default().bytes(1, NAME.as_bytes()).bytes(2, b"x").number(3, 4).bytes(4, &metric.0);
        let mut whole = Message::default().varint(family.0.len() as u64).0;
        whole.extend(family.0);
        whole
    }
}

/// Works on each request as long as its path says, and tells its histogram in the form that is asked for.
fn service(measured: Arc<Mutex<Measured>>) -> ScriptedServer {
    let started = ScriptedServer::start(move |head, stream| {
        let begun = Instant::now();
        if !head.starts_with("GET /metrics") {
            let micros = head.split(['/', ' ']).find_map(|word| word.parse().ok()).unwrap_or(1_000);
            std::thread::sleep(Duration::from_micros(micros));
            measured.lock().expect("whole").seconds.push(begun.elapsed().as_secs_f64());
            return respond(stream, "200 OK", "", "done");
        }
        let native = head.contains("application/vnd.google.protobuf");
        let mut measured = measured.lock().expect("whole");
        let seen = measured.seconds.len();
        measured.first[usize::from(native)].get_or_insert(seen);
        if !native {
            return respond(stream, "200 OK", "content-type: text/plain; version=0.0.4\r\n", &measured.text());
        }
        let body = measured.family();
        let kind = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n", body.len());
        let _ = stream.write_all(&[head.as_bytes(), &body].concat());
    });
    started.expect("a free port")
}

/// Requests of three clients, one after the other each, of one kind of work: mostly quick, some slow.
fn load(host: &str) {
    std::thread::scope(|scope| {
        for client in 0..3 {
            scope.spawn(move || {
                let mut draws = Draws::new(client);
                let begun = Instant::now();
                while begun.elapsed() < Duration::from_secs(SECONDS) {
                    let micros = (draws.lognormal(0.004, 0.7) * 1e6).min(200_000.0) as u64;
                    let mut stream = TcpStream::connect(host).expect("a connection");
                    let asked = format!("GET /{micros} HTTP/1.1\r\nhost: x\r\n\r\n");
                    stream.write_all(asked.as_bytes()).expect("sent");
                    let _ = stream.read_to_end(&mut Vec::new());
                }
            });
        }
    });
}

/// The hour that the load lies in, waiting for the next where this one is nearly over.
fn hour_with_room() -> Timestamp {
    let left = HOUR_MS - real_now().0.rem_euclid(HOUR_MS);
    let needed = (SECONDS as i64 + 40) * 1000;
    if left < needed {
        std::thread::sleep(Duration::from_millis(left as u64 + 1000));
    }
    real_now().hour_start()
}

async fn distribution(server: &PrometheusServer, hour: Timestamp) -> Distribution {
    let connector = connect_to(&server.url(), &[]).await;
    let (from, until) = (hour, hour.plus_hours(1));
    let window = Window { from, until, now: until, cancel: CancellationToken::new() };
    let requests = read(&connector, "requests", &window).await;
    let found = all::<DistributionSeries>(&requests);
    let of_route = found.iter().find(|(_, d)| d.labels.get("route").map(String::as_str) == Some("/work"));
    let hours = &of_route.unwrap_or_else(|| panic!("{:?}", requests.gaps)).1.hours;
    assert_eq!((hours.len(), hours[0].start), (1, hour));
    hours[0].distribution.clone()
}

fn theirs(server: &PrometheusServer, q: f64, over: &str, hour: Timestamp) -> f64 {
    let (end, over) = (hour.plus_hours(1).0 / 1000, over.replace(' ', "%20").replace('[', "%5B").replace(']', "%5D"));
    let answer = ask(server.port, &format!("GET /api/v1/query?time={end}&query=histogram_quantile({q},{over})"), b"");
    let body = answer.split("\r\n\r\n").nth(1).expect("a body");
    let json: serde_json::Value = serde_json::from_str(body).expect("json");
    let value = json["data"]["result"][0]["value"][1].as_str().and_then(|v| v.parse().ok());
    value.unwrap_or_else(|| panic!("{body}"))
}

/// The measured value is where ours says it is. `increase` extrapolates and we round counts, so a rank may be off a little.
fn holds_the_truth(found: &Distribution, seen: &[f64], q: f64) -> f64 {
    let ours = found.quantile(q).expect("a quantile");
    let exact = |q: f64| seen[((q * seen.len() as f64).ceil() as usize).clamp(1, seen.len()) - 1];
    let (low, high) = (exact(q - 0.005), exact(q + 0.005));
    assert!(ours.low <= high && low <= ours.high, "{q}: {ours:?}, measured {low} to {high} of {}", seen.len());
    ours.value
}

#[tokio::test]
async fn percentiles_of_a_scraped_service_are_those_it_measured() {
    let measured = Arc::new(Mutex::new(Measured::default()));
    let service = service(measured.clone());
    let host = service.host();
    // One request first: a histogram that never counted anything is none yet.
    let _ = ask(host.rsplit(':').next().and_then(|p| p.parse().ok()).expect("a port"), "GET /1000", b"");
    let hour = hour_with_room();
    let jobs = [("api", host.as_str())];
    let classic = PrometheusServer::start("", "", &jobs).expect("Prometheus");
    let native =
        PrometheusServer::start_with("", "", &jobs, &["--enable-feature=native-histograms"]).expect("Prometheus");
    while measured.lock().expect("whole").first.iter().any(Option::is_none) {
        std::thread::sleep(Duration::from_millis(200));
    }
    load(&host);
    // Two more scrapes of each, so that everything is counted.
    std::thread::sleep(Duration::from_secs(3));

    let (of_classic, of_native) = (distribution(&classic, hour).await, distribution(&native, hour).await);
    let measured = measured.lock().expect("whole");
    let (seen_classic, seen_native) = (measured.since_first(0), measured.since_first(1));
    assert!(seen_classic.len() > 3_000, "{} requests", seen_classic.len());
    for q in [0.5, 0.9, 0.95, 0.99] {
        let ours = holds_the_truth(&of_classic, &seen_classic, q);
        let theirs_classic = theirs(&classic, q, &format!("sum by (le) (increase({NAME}_bucket[1h]))"), hour);
        assert!((ours / theirs_classic - 1.0).abs() < 0.005, "{q}: {ours} {theirs_classic}");
        let ours = holds_the_truth(&of_native, &seen_native, q);
        let theirs_native = theirs(&native, q, &format!("increase({NAME}[1h])"), hour);
        // One bucket wide, as there Prometheus draws a straight line and we take the middle.
        assert!((ours / theirs_native - 1.0).abs() < 0.022, "{q}: {ours} {theirs_native}");
        // The two forms tell of the same service: native is the finer, inside the classic bucket.
        let coarse = of_classic.quantile(q).expect("a quantile");
        assert!((coarse.low * 0.96..=coarse.high * 1.04).contains(&ours), "{q}: {coarse:?} {ours}");
    }
}
