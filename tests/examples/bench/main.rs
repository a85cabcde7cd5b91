//! Our figures beside a baseline's, measured in one run; ratios are the result, seconds are of this machine.

mod aws;
mod code;
mod dashboard;
mod databases;
mod frames;
mod knee;
mod proof;

use anyhow::{Context, Result, ensure};
use loadline_engine::workspace::AsOf;
use loadline_engine::{Place, Workspace};
use loadline_model::random::Draws;
use loadline_model::*;
use loadline_tests::golden;
use std::collections::BTreeSet;
use std::process::Command;
use std::time::Instant;

#[tokio::main]
async fn main() -> Result<()> {
    let only: Vec<String> = std::env::args().skip(1).collect();
    if only.first().is_some_and(|word| word == aws::AUDIT) {
        return aws::audit().await;
    }
    if only.first().is_some_and(|word| word == code::READ) {
        return code::read_one().await;
    }
    let named = only.iter().any(|word| !word.starts_with("--"));
    let wanted = |name: &str| !named || only.iter().any(|o| o == name);
    if wanted("spof") {
        spof()?;
    }
    if wanted("chart") {
        chart();
    }
    if wanted("store") {
        store().await?;
    }
    if wanted("assess") {
        assess().await?;
    }
    if wanted("merge") {
        proof::merge()?;
    }
    if wanted("dashboard") {
        dashboard::measure().await?;
    }
    if wanted("simulated") {
        proof::simulated()?;
    }
    if wanted("knee") {
        knee::measure(only.iter().any(|word| word == "--record")).await?;
    }
    if wanted("code") {
        code::measure()?;
    }
    if wanted("aws") {
        aws::compare()?;
    }
    if wanted("databases") {
        databases::measure().await?;
    }
    if wanted("frames") {
        frames::measure().await?;
    }
    if wanted("demo") {
        demo().await?;
    }
    Ok(())
}

fn seconds<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let begun = Instant::now();
    let made = work();
    (begun.elapsed().as_secs_f64(), made)
}

/// A layered request graph: every node of a layer calls two of the next; one in twenty goes through a single node.
fn layered(nodes: usize) -> Graph {
    let layers = 50.min(nodes / 4).max(3);
    let width = nodes / layers;
    let mut draws = Draws::new(7);
    let id = |layer: usize, i: usize| SubjectId::new(format!("n{layer:03}-{i:06}"));
    let node = |id: SubjectId, kind| Node {
        name: id.to_string(),
        id,
        kind,
        account: None,
        region: None,
        zone: None,
        environment: Environment::Production,
        tier: Tier::T1,
        required: None,
        members: 0,
        required_assumed: false,
        implied: false,
        managed: None,
        engine: None,
    };
    let mut graph = Graph::default();
    let edge = |from: SubjectId, to: SubjectId, relation| GraphEdge {
        from,
        to,
        relation,
        confidence: Confidence::Observed,
        basis: Basis::Measured,
        source: "bench".into(),
    };
    let hard = Relation::DependsOn { hard: true };
    for layer in 0..layers {
        for i in 0..width {
            graph.nodes.push(node(id(layer, i), if layer == 0 { Kind::Entrypoint } else { Kind::Service }));
            if layer + 1 < layers {
                for _ in 0..2 {
                    let relation = if layer == 0 { Relation::Serves } else { hard };
                    graph.edges.push(edge(id(layer, i), id(layer + 1, draws.below(width)), relation));
                }
            }
        }
    }
    let needs: Vec<SubjectId> = (0..width).map(|i| id(1, i)).collect();
    graph.nodes.sort_by(|a, b| a.id.cmp(&b.id));
    graph.edges.sort();
    graph.edges.dedup();
    graph.journeys.push(Journey {
        id: "journey:all".into(),
        name: "all".into(),
        weight: 1.0,
        critical: true,
        needs,
        broken_model: false,
        implicit: false,
    });
    graph
}

fn spof() -> Result<()> {
    let small = layered(2_000);
    let (ours_small, found) = seconds(|| loadline_topology::single_failure_sets(&small));
    let (brute, by_removal) = seconds(|| {
        let ids: Vec<SubjectId> = small.nodes.iter().map(|n| n.id.clone()).collect();
        ids.into_iter()
            .filter(|id| loadline_topology::fail(&small, std::slice::from_ref(id)).weight_lost > 0.0)
            .collect::<BTreeSet<_>>()
    });
    let ours: BTreeSet<SubjectId> = found.into_iter().map(|(id, _)| id).collect();
    ensure!(ours == by_removal, "the fast path and removal disagree");
    println!(
        "spof, 2,000 nodes: {ours_small:.3} s against {brute:.3} s by removal, ratio {:.0}x, same {} nodes",
        brute / ours_small,
        ours.len()
    );

    let large = layered(100_000);
    let (ours_large, found) = seconds(|| loadline_topology::single_failure_sets(&large));
    println!(
        "spof, 100,000 nodes, {} edges: {ours_large:.2} s, {} single points of failure",
        large.edges.len(),
        found.len()
    );
    let edges: String = large.edges.iter().map(|e| format!("{} {}\n", e.from, e.to)).collect();
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("edges.txt");
    std::fs::write(&file, edges)?;
    let script = "import sys, time, networkx as nx\n\
        g = nx.DiGraph(); g.add_edges_from(l.split() for l in open(sys.argv[1]))\n\
        g.add_edges_from(('root', n) for n in list(g) if n.startswith('n000'))\n\
        t = time.time(); d = nx.immediate_dominators(g, 'root'); print(time.time() - t, len(d))";
    let text = python(script, &[&file.display().to_string()])?;
    let theirs: f64 = text.split_whitespace().next().unwrap_or("0").parse()?;
    println!(
        "  networkx 3.6.1 dominators (no AND, no blast radius) on the same graph: {theirs:.2} s, ratio {:.2}x",
        theirs / ours_large
    );
    Ok(())
}

fn chart() {
    let mut draws = Draws::new(3);
    let mut level = 100.0;
    let points: Vec<(i64, f64)> = (0..1_000_000)
        .map(|i| {
            level += draws.normal();
            (i64::from(i) * 1000, level)
        })
        .collect();
    let theme = loadline_charts::Theme::light();
    let size = loadline_charts::Size { width: 1000, height: 300 };
    let (reduced, drawing) = seconds(|| loadline_charts::line_of(&points, &theme, size));
    let (plain, bytes) = seconds(|| {
        let path: String = points.iter().map(|(x, y)| format!("{x},{y:.2} ")).collect();
        path.len()
    });
    println!(
        "chart of 1,000,000 points: {:.1} ms and {} KB; writing every point: {:.1} ms and {} KB, ratio {:.0}x in bytes",
        reduced * 1e3,
        drawing.svg.len() / 1024,
        plain * 1e3,
        bytes / 1024,
        bytes as f64 / drawing.svg.len() as f64
    );
}

async fn store() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("bench.loadline");
    let store = loadline_store::Store::open(&loadline_store::Location::Sqlite(path.clone())).await?;
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
    let empty = std::fs::metadata(&path)?.len();
    let collection = store.begin_collection(&account.id, Timestamp(0)).await?;
    let (mut draws, days, mut samples) = (Draws::new(5), 30, 0u64);
    let mut facts = Vec::new();
    for series in 0..20 {
        let mut level = 0.4;
        let values = (0..days * 1440).map(|i| {
            level = (level + 0.01 * draws.normal()).clamp(0.01, 0.99);
            Sample { at: Timestamp(i * 60_000), value: (level * 1000.0).round() / 1000.0 }
        });
        let body = Series {
            metric: "utilisation.cpu".into(),
            unit: "ratio".into(),
            kind: SeriesKind::Gauge,
            labels: Default::default(),
            samples: values.collect(),
            covered_until: Timestamp(days * DAY_MS),
        };
        samples += body.samples.len() as u64;
        let provenance = Provenance {
            account: account.id.clone(),
            call: "bench".into(),
            read_at: Timestamp(days * DAY_MS),
            basis: Basis::Measured,
        };
        facts.push(Fact { subject: SubjectId::new(format!("s{series}")), body: body.into(), provenance });
    }
    let scope = Scope {
        name: "all".into(),
        status: ScopeStatus::Complete,
        finished_at: Timestamp(days * DAY_MS),
        inventories: vec![],
        facts,
        gaps: vec![],
    };
    let (took, done) = {
        let begun = Instant::now();
        let done = store.commit_scope(&collection, &scope).await;
        (begun.elapsed().as_secs_f64(), done)
    };
    done?;
    store.close().await;
    let size = std::fs::metadata(&path)?.len() - empty;
    println!(
        "store: {samples} samples in {} KB, {:.2} bytes a sample with index and overhead, committed in {took:.1} s",
        size / 1024,
        size as f64 / samples as f64
    );
    let rows = python(
        "import sqlite3, sys, os\n\
         d = sqlite3.connect(sys.argv[1]); n = int(sys.argv[2])\n\
         d.execute('CREATE TABLE s (series INTEGER, at INTEGER, value REAL, PRIMARY KEY (series, at)) WITHOUT ROWID')\n\
         d.executemany('INSERT INTO s VALUES (?, ?, ?)', ((i % 20, i // 20 * 60000, i % 997 / 1000) for i in range(n)))\n\
         d.commit(); d.execute('VACUUM'); d.close(); print(os.path.getsize(sys.argv[1]))",
        &[&folder.path().join("rows.db").display().to_string(), &samples.to_string()],
    )?;
    let rows: f64 = rows.trim().parse()?;
    println!(
        "  a row a sample in SQLite (series, time, value; no index beside the key): {:.1} bytes a sample, ratio {:.1}x",
        rows / samples as f64,
        rows / size as f64
    );
    Ok(())
}

async fn assess() -> Result<()> {
    let workspace = Workspace::open(&Place::Demo).await?;
    let mut case = workspace.case(&AsOf::Newest).await?.context("demo")?;
    let own: Vec<Fact> = case
        .snapshot
        .facts
        .iter()
        .filter(|f| !matches!(f.body, Body::Series(_) | Body::DistributionSeries(_)))
        .cloned()
        .collect();
    let resources = own.iter().filter(|f| matches!(f.body, Body::Resource(_))).count();
    let copies = 10_000 / resources.max(1);
    for n in 1..=copies {
        let renamed = |id: &SubjectId| SubjectId::new(format!("{id}/copy-{n}"));
        case.snapshot.facts.extend(own.iter().map(|f| {
            let mut fact = f.clone();
            fact.subject = renamed(&f.subject);
            if let Body::Edge(edge) = &mut fact.body {
                edge.to = renamed(&edge.to);
            }
            fact
        }));
    }
    case.previous = None;
    let (took, made) = seconds(|| loadline_engine::assess(&case));
    let (copy, bytes) = seconds(|| serde_json::to_vec(&case.snapshot));
    println!(
        "assess: {} resources, {} rules, {} checks in {took:.2} s; writing the same facts as JSON ({} MB) takes {copy:.2} s, ratio {:.1}x",
        resources * (copies + 1),
        made.rules.len(),
        made.checks.len(),
        bytes?.len() >> 20,
        took / copy
    );
    Ok(())
}

/// The program a person starts: this build gives the bytes of the debug build, and the demo is there quickly.
async fn demo() -> Result<()> {
    ensure!(golden::expected()? == golden::computed().await?, "this build's assessment of the demo differs");
    let begun = Instant::now();
    let workspace = Workspace::open(&Place::Demo).await?;
    let opened = begun.elapsed().as_secs_f64();
    workspace.assessment(&AsOf::Newest).await?;
    println!(
        "demo: the same bytes as the debug build at three moments; opened in {opened:.2} s, assessed after {:.2} s",
        begun.elapsed().as_secs_f64()
    );
    Ok(())
}

/// What a Python script of the baselines says.
fn python(script: &str, words: &[&str]) -> Result<String> {
    let python = std::env::var_os("LOADLINE_PYTHON").context("run it with cargo xtask bench")?;
    let out = Command::new(python).args(["-c", script]).args(words).output().context("python")?;
    ensure!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}
