//! What a collection costs a loaded database: pgbench's throughput with and without one, in pairs, and the processor time
//! of the server process that answered.

use anyhow::{Context, Result, ensure};
use loadline_connectors::testing::{MariadbServer, PostgresServer, RedisServer, account, install_crypto, last_days};
use loadline_connectors::{Connector, Progress, Secret, provider};
use loadline_model::CollectionCost;
use std::time::{Duration, Instant};

/// Pairs of runs, and seconds of each.
const PAIRS: usize = 12;
const SECONDS: u64 = 6;
/// Two-sided 95 % quantile of Student's t with 11 degrees of freedom.
const T_95: f64 = 2.201;
/// Over which the budget of 1 % of a core is counted.
const PERIOD_S: f64 = 3_600.0;
const TICKS_PER_SECOND: f64 = 100.0;

/// Measures and prints; fails when the budget is exceeded.
pub(super) async fn measure() -> Result<()> {
    install_crypto();
    let server = PostgresServer::start("").map_err(anyhow::Error::msg)?;
    let run = |sql: &str| server.sql("postgres", sql).map_err(anyhow::Error::msg);
    run("CREATE DATABASE shop")?;
    server.tool("pgbench", &["-i", "-q", "-s", "10", "shop"]).map_err(anyhow::Error::msg)?;
    server.sql("shop", "CREATE EXTENSION pg_stat_statements").map_err(anyhow::Error::msg)?;
    let role = "CREATE ROLE loadline LOGIN PASSWORD 'loadline-secret' IN ROLE pg_read_all_stats, pg_read_all_settings";
    run(role)?;
    server.sql("shop", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO loadline").map_err(anyhow::Error::msg)?;
    load(&server)?;

    let (mut changes, mut processor, mut cost, mut most, mut took) =
        (Vec::new(), 0.0, CollectionCost::default(), 0, 0.0);
    for pair in 0..PAIRS {
        let alone = || load(&server);
        let collected = async || {
            let work = tokio::task::spawn_blocking({
                let (url, folder) = (server.url("loadline", "shop"), server.socket());
                move || tokio::runtime::Handle::current().block_on(collect("postgres", &url, &folder))
            });
            let throughput = std::thread::scope(|scope| {
                let connections = scope.spawn(|| watch(&server));
                let throughput = load(&server)?;
                anyhow::Ok((throughput, connections.join().unwrap_or_default()))
            })?;
            anyhow::Ok((throughput.0, throughput.1, work.await??))
        };
        // The order changes, so that what drifts over time falls on both.
        let (without, with) = if pair % 2 == 0 {
            let without = alone()?;
            (without, collected().await?)
        } else {
            let with = collected().await?;
            (alone()?, with)
        };
        let (throughput, connections, ended) = with;
        changes.push(throughput / without - 1.0);
        processor += ended.processor_ms;
        took += ended.seconds;
        most = most.max(connections);
        cost = ended.cost;
    }
    let n = PAIRS as f64;
    let mean = changes.iter().sum::<f64>() / n;
    let spread = (changes.iter().map(|c| (c - mean) * (c - mean)).sum::<f64>() / (n - 1.0)).sqrt();
    let half = T_95 * spread / n.sqrt();
    println!(
        "databases: pgbench on PostgreSQL, {PAIRS} pairs of {SECONDS} s with one collection and without: throughput {:+.1} % \
         [{:+.1} %, {:+.1} %]",
        mean * 100.0,
        (mean - half) * 100.0,
        (mean + half) * 100.0
    );
    let share = processor / n / 1e3 / PERIOD_S;
    println!(
        "  a collection: {} calls in {:.2} s, {} ms until answers came, {:.0} ms of processor time at the server, \
         {:.4} % of one core over an hour; {most} connections at most",
        cost.calls,
        took / n,
        cost.busy_ms,
        processor / n,
        share * 100.0
    );
    ensure!(share <= 0.01, "a collection takes more than 1 % of one core over an hour");
    ensure!((1..=2).contains(&most), "{most} connections were open at once");
    others().await
}

/// Transactions a second of pgbench's own mix.
fn load(server: &PostgresServer) -> Result<f64> {
    let seconds = SECONDS.to_string();
    let said = server.tool("pgbench", &["-n", "-c", "4", "-j", "2", "-T", &seconds, "shop"]);
    let said = said.map_err(anyhow::Error::msg)?;
    let line = said.lines().find_map(|l| l.strip_prefix("tps = ")).context("no throughput")?;
    Ok(line.split(' ').next().unwrap_or_default().parse()?)
}

/// Most connections of the role, looked at while the collection begins.
fn watch(server: &PostgresServer) -> u32 {
    let begun = Instant::now();
    let mut most = 0;
    while begun.elapsed() < Duration::from_millis(300) {
        let count = server.sql("postgres", "SELECT count(*) FROM pg_stat_activity WHERE usename = 'loadline'");
        most = most.max(count.ok().and_then(|n| n.trim().parse().ok()).unwrap_or(0));
    }
    most
}

/// What one collection cost.
struct Ended {
    cost: CollectionCost,
    seconds: f64,
    processor_ms: f64,
}

/// Reads every part of an account, as `loadline collect` does. The server is known by a part of its command line.
async fn collect(id: &str, url: &str, server: &str) -> Result<Ended> {
    let begun = Instant::now();
    let known = provider(id).context("a provider")?;
    let asked = account(id, &[("url", url)]);
    let secret = url.contains("loadline@").then(|| Secret::new("loadline-secret"));
    let before = if id == "postgres" { 0.0 } else { processor_ms(id, server) };
    let connector: Box<dyn Connector> = (known.connect)(&asked, secret).await?;
    for plan in connector.scopes().await? {
        connector.read(&plan, &last_days(1), &Progress::silent()).await;
    }
    let processor_ms = processor_ms(id, server) - before;
    Ok(Ended { cost: connector.cost(), seconds: begun.elapsed().as_secs_f64(), processor_ms })
}

/// Processor time so far of the process that answers: PostgreSQL's own for our session, elsewhere the whole server's.
fn processor_ms(id: &str, server: &str) -> f64 {
    let read = |process: &str, name: &str| {
        let bytes = std::fs::read(format!("/proc/{process}/{name}")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).replace('\0', " ")
    };
    let mut ticks = 0.0;
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let process = entry.file_name().to_string_lossy().into_owned();
        let (title, stat) = (read(&process, "cmdline"), read(&process, "stat"));
        // After the name, which may hold anything: state, parent, and user and system time as the 14th and 15th of all.
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
        let parent = fields.get(1).copied().unwrap_or_default();
        let answers = match id {
            "postgres" => title.contains("loadline shop") && read(parent, "cmdline").contains(server),
            _ => title.contains(server),
        };
        let spent = |at: usize| fields.get(at).and_then(|f| f.parse().ok()).unwrap_or(0.0);
        if answers {
            ticks += spent(11) + spent(12);
        }
    }
    ticks / TICKS_PER_SECOND * 1e3
}

/// The other engines, idle but for the collection.
async fn others() -> Result<()> {
    let mariadb = MariadbServer::start(&[]).map_err(anyhow::Error::msg)?;
    let user = "CREATE USER loadline@'%' IDENTIFIED BY 'loadline-secret'; GRANT PROCESS, SLAVE MONITOR, REFERENCES ON *.* TO \
        loadline@'%'; GRANT SELECT ON performance_schema.* TO loadline@'%'";
    mariadb.sql("", user).map_err(anyhow::Error::msg)?;
    let redis = RedisServer::start("").map_err(anyhow::Error::msg)?;
    redis.cli(&["DEBUG", "POPULATE", "100000", "cache", "20"]).map_err(anyhow::Error::msg)?;
    let port = |port: u16| (format!("--port={port}"), format!("127.0.0.1:{port}"));
    for (id, url, server) in
        [("mysql", mariadb.url("loadline", ""), port(mariadb.port).0), ("redis", redis.url(), port(redis.port).1)]
    {
        let ended = collect(id, &url, &server).await?;
        println!(
            "  {id}: {} calls in {:.2} s, {} ms until answers came, {:.0} ms of processor time of the whole server, {} connections",
            ended.cost.calls, ended.seconds, ended.cost.busy_ms, ended.processor_ms, ended.cost.connections
        );
        ensure!(ended.processor_ms / 1e3 <= 0.01 * PERIOD_S && ended.cost.connections <= 2, "{id} exceeds the budget");
    }
    Ok(())
}
