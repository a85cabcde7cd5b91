//! A quarter of history of fifty series: how fast it is written (as a backfill is) and read from disk (as a page is),
//! against plain rows in SQLite.

use crate::python;
use anyhow::{Result, ensure};
use loadline_model::random::Draws;
use loadline_model::*;
use loadline_store::{Location, Store};
use std::time::Instant;

const SERIES: i64 = 50;
const DAYS: i64 = 90;
/// Samples of a day: one every five minutes.
const PER_DAY: i64 = 288;

/// Writes and reads, prints ratios; fails when a sample got lost.
pub(super) async fn measure() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("bench.loadline");
    let store = Store::open(&Location::Sqlite(path.clone())).await?;
    let until = Timestamp(DAYS * DAY_MS);
    let account = Account {
        id: "bench".into(),
        provider: "prometheus".into(),
        name: "bench".into(),
        config: Default::default(),
        secret: None,
        environment: None,
        connected_at: Timestamp(0),
        disconnected_at: None,
        names_changed_at: None,
    };
    store.save_account(&account).await?;
    let samples = (SERIES * DAYS * PER_DAY) as usize;
    let facts = (0..SERIES).map(|n| fact(n, until)).collect();
    let scope = Scope {
        name: "all".into(),
        status: ScopeStatus::Complete,
        finished_at: until,
        inventories: vec![],
        facts,
        gaps: vec![],
    };
    let begun = Instant::now();
    let collection = store.begin_collection(&account.id, until).await?;
    store.commit_scope(&collection, &scope).await?;
    store.finish_collection(&collection, until, &Default::default()).await?;
    let written = begun.elapsed().as_secs_f64();
    let id = store.take_snapshot(until, &Zone::default()).await?;
    store.close().await;

    // Opened anew, so that what is read comes from the file.
    let store = Store::open(&Location::Sqlite(path.clone())).await?;
    let begun = Instant::now();
    let snapshot = store.load_snapshot(&id).await?;
    let read = begun.elapsed().as_secs_f64();
    let count = |f: &Fact| if let Body::Series(s) = &f.body { s.samples.len() } else { 0 };
    let found: usize = snapshot.facts.iter().map(count).sum();
    ensure!(found == samples, "{found} of {samples} samples came back");
    store.close().await;

    let rows = folder.path().join("rows.db").display().to_string();
    let (series, each) = (SERIES.to_string(), (DAYS * PER_DAY).to_string());
    let said = python(
        "import sqlite3, sys, time\n\
         n, m = int(sys.argv[2]), int(sys.argv[3])\n\
         rows = [(s, i * 300000, (s * 31 + i) % 997 / 1000) for s in range(n) for i in range(m)]\n\
         t = time.time(); d = sqlite3.connect(sys.argv[1])\n\
         d.execute('PRAGMA journal_mode = WAL'); d.execute('PRAGMA synchronous = FULL')\n\
         d.execute('CREATE TABLE s (series INTEGER, at INTEGER, value REAL, PRIMARY KEY (series, at)) WITHOUT ROWID')\n\
         d.executemany('INSERT INTO s VALUES (?, ?, ?)', rows); d.commit(); d.close(); wrote = time.time() - t\n\
         d = sqlite3.connect(sys.argv[1]); t = time.time()\n\
         got = [d.execute('SELECT at, value FROM s WHERE series = ? ORDER BY at', (s,)).fetchall() for s in range(n)]\n\
         assert sum(map(len, got)) == n * m\n\
         print(wrote, time.time() - t)",
        &[&rows, &series, &each],
    )?;
    let theirs: Vec<f64> = said.split_whitespace().filter_map(|w| w.parse().ok()).collect();
    ensure!(theirs.len() == 2, "the baseline said `{said}`");
    println!(
        "dashboard of {SERIES} series over {DAYS} days ({samples} samples) from disk: {:.0} ms, rows in SQLite {:.0} ms, ratio {:.1}x",
        read * 1e3,
        theirs[1] * 1e3,
        theirs[1] / read
    );
    println!(
        "  backfill of the same: {:.0} samples/s, rows {:.0} samples/s, ratio {:.1}x",
        samples as f64 / written,
        samples as f64 / theirs[0],
        theirs[0] / written
    );
    Ok(())
}

/// One series that wanders as a utilisation does.
fn fact(n: i64, until: Timestamp) -> Fact {
    let (mut draws, mut level) = (Draws::new(n as u64), 0.4);
    let samples = (0..DAYS * PER_DAY).map(|i| {
        level = (level + 0.01 * draws.normal()).clamp(0.01, 0.99);
        Sample { at: Timestamp(i * DAY_MS / PER_DAY), value: (level * 1000.0).round() / 1000.0 }
    });
    let body = Series {
        metric: "utilisation.cpu".into(),
        unit: "ratio".into(),
        kind: SeriesKind::Gauge,
        labels: Default::default(),
        samples: samples.collect(),
        covered_until: until,
    };
    let provenance =
        Provenance { account: "bench".into(), call: "bench".into(), read_at: until, basis: Basis::Measured };
    Fact { subject: SubjectId::new(format!("s{n:02}")), body: body.into(), provenance }
}
