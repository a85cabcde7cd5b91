//! The service, its clients and the climb. Real sockets, real waiting; only the hours are short.

use super::{Run, Rung};
use anyhow::{Context, Result};
use loadline_model::num;
use loadline_model::random::Draws;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

const WORKERS: usize = 8;
const SERVICE: Duration = Duration::from_millis(10);
const THINK: Duration = Duration::from_millis(80);
const DAYS: u64 = 14;
/// How long an hour of the fortnight takes here.
const HOUR: Duration = Duration::from_millis(240);
const CLIMB: [usize; 10] = [12, 20, 28, 36, 44, 52, 60, 72, 96, 128];
const RUNG: Duration = Duration::from_millis(2_500);
const SETTLE: Duration = Duration::from_millis(600);
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const QUESTION: &[u8] = b"GET /orders HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// What service and clients count; only ever grows.
#[derive(Default)]
struct Counts {
    busy_ns: AtomicU64,
    answered: AtomicU64,
    waited_ns: AtomicU64,
    /// Clients that may ask; the others pause.
    clients: AtomicUsize,
}

/// Starts the service, watches it for a fortnight of short hours, then lets clients climb until it gives no more.
///
/// # Errors
/// When no port is free.
pub async fn drive() -> Result<Run> {
    let counts = Arc::new(Counts::default());
    let address = serve(counts.clone()).await?;
    for id in 0..CLIMB.into_iter().max().unwrap_or(0) {
        tokio::spawn(ask(id, address, counts.clone()));
    }
    let mut draws = Draws::new(14);
    let mut hours = Vec::new();
    for _ in 0..DAYS {
        let day = 1.0 + 0.08 * draws.normal().clamp(-2.0, 2.0);
        for hour in 0..24 {
            let wave = 0.62 - 0.38 * num::cos(2.0 * std::f64::consts::PI * (f64::from(hour) - 2.0) / 24.0);
            counts.clients.store((16.0 * day * wave).round() as usize, Ordering::Relaxed);
            let seen = watch(&counts, HOUR).await;
            hours.push((num::round9(seen.rate), num::round9(seen.utilisation)));
        }
    }
    let mut climb = Vec::new();
    for clients in CLIMB {
        counts.clients.store(clients, Ordering::Relaxed);
        tokio::time::sleep(SETTLE).await;
        climb.push(watch(&counts, RUNG).await);
    }
    counts.clients.store(0, Ordering::Relaxed);
    Ok(Run {
        generator: "cargo xtask bench knee --record".to_owned(),
        workers: WORKERS,
        service_ms: SERVICE.as_secs_f64() * 1000.0,
        hours,
        climb,
    })
}

/// What is counted from now on for a while.
async fn watch(counts: &Counts, time: Duration) -> Rung {
    let read = || [&counts.busy_ns, &counts.answered, &counts.waited_ns].map(|c| c.load(Ordering::Relaxed));
    let (begun, before) = (Instant::now(), read());
    tokio::time::sleep(time).await;
    let (seconds, after) = (begun.elapsed().as_secs_f64(), read());
    let [busy, answered, waited] = [0, 1, 2].map(|i| (after[i] - before[i]) as f64);
    Rung {
        clients: counts.clients.load(Ordering::Relaxed),
        rate: num::round9(answered / seconds),
        utilisation: num::round9(busy / 1e9 / seconds / WORKERS as f64),
        response_ms: num::round9(waited / 1e6 / answered.max(1.0)),
    }
}

async fn serve(counts: Arc<Counts>) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await.context("no port is free")?;
    let address = listener.local_addr()?;
    let workers = Arc::new(Semaphore::new(WORKERS));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, workers.clone(), counts.clone()));
        }
    });
    Ok(address)
}

/// Answers one client's requests, each while it holds one of the workers.
async fn answer(stream: TcpStream, workers: Arc<Semaphore>, counts: Arc<Counts>) {
    let _ = stream.set_nodelay(true);
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    loop {
        match lines.next_line().await {
            Ok(Some(line)) if line.is_empty() => {}
            Ok(Some(_)) => continue,
            _ => return,
        }
        let Ok(worker) = workers.acquire().await else { return };
        let begun = Instant::now();
        tokio::time::sleep(SERVICE).await;
        counts.busy_ns.fetch_add(begun.elapsed().as_nanos() as u64, Ordering::Relaxed);
        drop(worker);
        if writer.write_all(ANSWER).await.is_err() {
            return;
        }
    }
}

/// A client: asks, waits for the answer, thinks, asks again, as long as it is among those that may.
async fn ask(id: usize, address: SocketAddr, counts: Arc<Counts>) {
    let Ok(mut stream) = TcpStream::connect(address).await else { return };
    let _ = stream.set_nodelay(true);
    let mut draws = Draws::new(id as u64);
    let mut text = vec![0; ANSWER.len()];
    loop {
        tokio::time::sleep(THINK.mul_f64(0.5 + draws.uniform())).await;
        if id >= counts.clients.load(Ordering::Relaxed) {
            continue;
        }
        let begun = Instant::now();
        if stream.write_all(QUESTION).await.is_err() || stream.read_exact(&mut text).await.is_err() {
            return;
        }
        counts.waited_ns.fetch_add(begun.elapsed().as_nanos() as u64, Ordering::Relaxed);
        counts.answered.fetch_add(1, Ordering::Relaxed);
    }
}
