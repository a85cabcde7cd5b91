//! A real Prometheus that keeps native histograms, filled through its remote-write door with latencies that are known.

use super::tests::{all, connect_to, read};
use super::*;
use crate::testing::{PrometheusServer, real_now};
use loadline_model::random::Draws;
use loadline_model::{Distribution, DistributionSeries, Timestamp, num};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use tokio_util::sync::CancellationToken;

const SCHEMA: i8 = 5;
const NAME: &str = "http_server_request_duration_seconds";

/// Fields of protocol buffers, as far as a remote write needs them.
/// <https://github.com/prometheus/prometheus/blob/v2.42.0/prompb/types.proto>
#[derive(Default)]
pub(super) struct Message(pub(super) Vec<u8>);

impl Message {
    pub(super) fn varint(mut self, mut n: u64) -> Self {
        while n >= 0x80 {
            self.0.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.0.push(n as u8);
        self
    }
    pub(super) fn number(self, field: u64, n: u64) -> Self {
        self.varint(field << 3).varint(n)
    }
    pub(super) fn signed(self, field: u64, n: i64) -> Self {
        self.number(field, zigzag(n))
    }
    pub(super) fn double(mut self, field: u64, x: f64) -> Self {
        self = self.varint(field << 3 | 1);
        self.0.extend(x.to_le_bytes());
        self
    }
    pub(super) fn bytes(mut self, field: u64, inner: &[u8]) -> Self {
        self = self.varint(field << 3 | 2).varint(inner.len() as u64);
        self.0.extend(inner);
        self
    }
}

fn zigzag(n: i64) -> u64 {
    ((n << 1) ^ (n >> 63)) as u64
}

/// Spans of filled buckets, and the counts in them as differences.
pub(super) fn spans(seen: &[f64], schema: i8) -> (Vec<Message>, Message) {
    let Distribution::Exponential { counts, .. } = Distribution::from_values(seen, schema) else {
        panic!("exponential")
    };
    let (mut spans, mut deltas) = (Vec::<(i64, u64)>::new(), Message::default());
    let (mut next, mut last) = (0, 0);
    for (n, (index, count)) in counts.iter().enumerate() {
        let gap = i64::from(*index) - next;
        match spans.last_mut() {
            Some(span) if gap == 0 && n > 0 => span.1 += 1,
            _ => spans.push((gap, 1)),
        }
        next = i64::from(*index) + 1;
        deltas = deltas.varint(zigzag(*count as i64 - last));
        last = *count as i64;
    }
    let spans = spans.into_iter().map(|(offset, length)| Message::default().signed(1, offset).number(2, length));
    (spans.collect(), deltas)
}

/// One sample: what was counted until then.
fn histogram(seen: &[f64], at: Timestamp) -> Message {
    let (spans, deltas) = spans(seen, SCHEMA);
    let counted = Message::default()
        .number(1, seen.len() as u64)
        .double(3, seen.iter().sum())
        .signed(4, i64::from(SCHEMA))
        .double(5, 1e-12)
        .number(6, 0);
    spans.iter().fold(counted, |m, span| m.bytes(11, &span.0)).bytes(12, &deltas.0).number(15, at.0 as u64)
}

/// Snappy's block form, all of it literal.
fn snappy(text: &[u8]) -> Vec<u8> {
    let mut out = Message::default().varint(text.len() as u64);
    for part in text.chunks(60_000) {
        out.0.push(61 << 2);
        out.0.extend((part.len() as u16 - 1).to_le_bytes());
        out.0.extend(part);
    }
    out.0
}

pub(super) fn ask(port: u16, head: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    let head = format!("{head} HTTP/1.0\r\nhost: x\r\ncontent-length: {}\r\n", body.len());
    let kind = "content-encoding: snappy\r\ncontent-type: application/x-protobuf\r\n\r\n";
    stream.write_all(&[head.as_bytes(), kind.as_bytes(), body].concat()).expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[tokio::test]
async fn native_histograms_keep_every_bucket_and_agree_with_histogram_quantile() {
    let features = ["--enable-feature=native-histograms", "--web.enable-remote-write-receiver"];
    let server = PrometheusServer::start_with("", "", &[], &features).expect("Prometheus");
    let from = real_now().hour_start().plus_hours(-3);
    let mut draws = Draws::new(42);
    let values: Vec<f64> = (0..180 * 40).map(|_| draws.lognormal(0.12, 0.6)).collect();
    let label = |name: &str, value: &str| Message::default().bytes(1, name.as_bytes()).bytes(2, value.as_bytes());
    let labels = [("__name__", NAME), ("http_response_status_code", "200"), ("http_route", "/a"), ("job", "api")];
    let series = labels.iter().fold(Message::default(), |m, (name, value)| m.bytes(1, &label(name, value).0));
    let series = (0..=180).fold(series, |m, minute: usize| {
        let at = Timestamp(from.0 + minute as i64 * 60_000);
        m.bytes(4, &histogram(&values[..minute * 40], at).0)
    });
    let request = Message::default().bytes(1, &series.0);
    let said = ask(server.port, "POST /api/v1/write", &snappy(&request.0));
    assert!(said.contains(" 204 ") || said.contains(" 200 "), "{said}");

    let connector = connect_to(&server.url(), &[]).await;
    let until = from.plus_hours(3);
    let window = Window { from, until, now: until, cancel: CancellationToken::new() };
    let requests = read(&connector, "requests", &window).await;
    let distributions = all::<DistributionSeries>(&requests);
    let of_route = distributions.iter().find(|(_, d)| d.labels.get("route").map(String::as_str) == Some("/a"));
    let hours = &of_route.unwrap_or_else(|| panic!("{:?}", requests.gaps)).1.hours;
    assert_eq!(hours.len(), 3, "{hours:?}");
    for (hour, found) in hours.iter().enumerate().skip(1) {
        let seen = &values[hour * 2_400..(hour + 1) * 2_400];
        let Distribution::Exponential { schema, zero, counts, .. } = &found.distribution else { panic!("{found:?}") };
        let Distribution::Exponential { counts: true_counts, .. } = Distribution::from_values(seen, SCHEMA) else {
            panic!("exponential")
        };
        assert_eq!((*schema, *zero, counts), (SCHEMA, 0, &true_counts), "hour {hour}: no bucket is lost or merged");
        let mut sorted = seen.to_vec();
        sorted.sort_by(f64::total_cmp);
        let end = found.start.plus_hours(1).0 / 1000;
        for q in [0.5, 0.95, 0.99] {
            let ours = found.distribution.quantile(q).expect("a quantile");
            let exact = sorted[(q * 2_400.0_f64).ceil() as usize - 1];
            assert!((ours.low..=ours.high).contains(&exact), "{q}: {ours:?} {exact}");
            let path = format!("GET /api/v1/query?time={end}&query=histogram_quantile({q},increase({NAME}%5B1h%5D))");
            let answer = ask(server.port, &path, b"");
            let body = answer.split("\r\n\r\n").nth(1).expect("a body");
            let json: serde_json::Value = serde_json::from_str(body).expect("json");
            let theirs = json["data"]["result"][0]["value"][1].as_str().and_then(|v| v.parse::<f64>().ok());
            let theirs = theirs.unwrap_or_else(|| panic!("{body}"));
            // One bucket wide: Prometheus 2.42 draws a straight line through the bucket, we take its middle.
            let width = num::pow(2.0, 1.0 / 32.0);
            assert!(ours.value / theirs < width && theirs / ours.value < width, "{q}: {ours:?} {theirs}");
        }
    }
}
