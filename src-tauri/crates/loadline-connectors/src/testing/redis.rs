//! Real Redis servers in temporary folders: a primary, its replicas, Sentinels that watch it, and a small cluster.

use super::{Broken, Running, free_port, run, until};
use std::process::{Command, Stdio};
use tempfile::TempDir;

const CONFIGURATION: &str = "bind 127.0.0.1\nenable-debug-command yes\ndaemonize no\nsave \"\"\nrepl-diskless-sync-delay 0\n\
    repl-ping-replica-period 1\nappendfsync everysec\n";

/// A running server, or a Sentinel.
pub struct RedisServer {
    // Before the folder, so that the server has ended when its folder goes.
    process: Running,
    folder: TempDir,
    /// Port of 127.0.0.1.
    pub port: u16,
    password: Option<String>,
}

impl RedisServer {
    /// Starts a server with these lines added to its configuration.
    ///
    /// # Errors
    /// When Redis is not installed or does not start.
    pub fn start(more: &str) -> Result<Self, Broken> {
        Self::launch(more, &[])
    }

    /// Starts a replica of this server.
    ///
    /// # Errors
    /// When it does not start or does not come in step.
    pub fn replica(&self, more: &str) -> Result<Self, Broken> {
        let replica = Self::start(&format!("replicaof 127.0.0.1 {}\n{more}", self.port))?;
        let in_step = || replica.cli(&["INFO", "replication"]).is_ok_and(|i| i.contains("master_link_status:up"));
        until("the replica is not in step", 20, in_step)?;
        let port = format!("port={},state=online", replica.port);
        let seen = || self.cli(&["INFO", "replication"]).is_ok_and(|i| i.contains(&port));
        until("the primary does not show its replica", 20, seen)?;
        Ok(replica)
    }

    /// Starts Sentinels that watch this server as `shop` and know each other.
    ///
    /// # Errors
    /// When one does not start, or they do not find each other.
    pub fn sentinels(&self, count: usize, quorum: usize) -> Result<Vec<Self>, Broken> {
        let watch = format!(
            "sentinel monitor shop 127.0.0.1 {} {quorum}\nsentinel down-after-milliseconds shop 10000\n",
            self.port
        );
        let all: Result<Vec<Self>, Broken> = (0..count).map(|_| Self::launch(&watch, &["--sentinel"])).collect();
        let all = all?;
        let info = self.cli(&["INFO", "replication"])?;
        let copies = info.lines().filter(|l| l.starts_with("slave") && l.contains("state=online")).count();
        let found = |one: &Self| {
            let others = one.cli(&["SENTINEL", "SENTINELS", "shop"]).unwrap_or_default();
            let replicas = one.cli(&["SENTINEL", "REPLICAS", "shop"]).unwrap_or_default();
            let up = replicas.matches("master-link-status\nok").count();
            // A Sentinel that waits for an answer on a busy machine counts as away for a while.
            let agreed = one.cli(&["SENTINEL", "CKQUORUM", "shop"]).unwrap_or_default();
            let whole = agreed.starts_with(&format!("OK {count} usable"));
            others.matches("\nrunid\n").count() == count - 1 && up == copies && whole
        };
        until("the Sentinels do not know each other", 60, || all.iter().all(found))?;
        Ok(all)
    }

    /// Starts a cluster of so many primaries that share all slots.
    ///
    /// # Errors
    /// When a node does not start, or the cluster does not become whole.
    pub fn cluster(primaries: usize) -> Result<Vec<Self>, Broken> {
        let mut nodes = Vec::new();
        for _ in 0..primaries {
            let bus = free_port()?;
            let lines = format!("cluster-enabled yes\ncluster-node-timeout 3000\ncluster-port {bus}\n");
            nodes.push((Self::start(&lines)?, bus));
        }
        let each = 16_384 / primaries;
        for (at, (node, _)) in nodes.iter().enumerate() {
            let last = if at + 1 == primaries { 16_383 } else { (at + 1) * each - 1 };
            node.cli(&["CLUSTER", "ADDSLOTSRANGE", &(at * each).to_string(), &last.to_string()])?;
            node.cli(&["CLUSTER", "SET-CONFIG-EPOCH", &(at + 1).to_string()])?;
        }
        // Only now: a node that knows others refuses to be given an epoch.
        if let Some(((first, _), others)) = nodes.split_first() {
            for (other, bus) in others {
                first.cli(&["CLUSTER", "MEET", "127.0.0.1", &other.port.to_string(), &bus.to_string()])?;
            }
        }
        let nodes: Vec<Self> = nodes.into_iter().map(|(node, _)| node).collect();
        let whole = |node: &Self| {
            let info = node.cli(&["CLUSTER", "INFO"]).unwrap_or_default();
            info.contains("cluster_state:ok") && info.contains(&format!("cluster_known_nodes:{primaries}"))
        };
        until("the cluster is not whole", 30, || nodes.iter().all(whole))?;
        Ok(nodes)
    }

    /// A free port may be taken by another test before the server has it: then it is tried on another.
    fn launch(more: &str, flags: &[&str]) -> Result<Self, Broken> {
        let mut launched = Self::launch_once(more, flags);
        for _ in 0..3 {
            if !launched.as_ref().is_err_and(|e| e.contains("in use")) {
                break;
            }
            launched = Self::launch_once(more, flags);
        }
        launched
    }

    fn launch_once(more: &str, flags: &[&str]) -> Result<Self, Broken> {
        let folder = TempDir::new().map_err(|e| e.to_string())?;
        let port = free_port()?;
        let file = folder.path().join("redis.conf");
        let base = if flags.is_empty() { CONFIGURATION } else { "bind 127.0.0.1\n" };
        let place = format!("port {port}\ndir {}\n", folder.path().display());
        std::fs::write(&file, format!("{place}{base}{more}\n")).map_err(|e| e.to_string())?;
        let log = std::fs::File::create(folder.path().join("log")).map_err(|e| e.to_string())?;
        let child = Command::new("redis-server")
            .arg(&file)
            .args(flags)
            .stdout(log)
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| format!("redis-server: {e}"))?;
        let password = more.lines().find_map(|l| l.strip_prefix("requirepass ")).map(str::to_owned);
        let mut server = Self { process: Running(child), folder, port, password };
        let begun = std::time::Instant::now();
        loop {
            // Another server may answer on this port while ours has ended for want of it.
            let ended = !matches!(server.process.0.try_wait(), Ok(None));
            if !ended && server.cli(&["PING"]).is_ok_and(|said| said.contains("PONG")) {
                return Ok(server);
            }
            if ended || begun.elapsed().as_secs() > 20 {
                let log = std::fs::read_to_string(server.folder.path().join("log")).unwrap_or_default();
                return Err(format!("Redis did not start within 20 s: {log}"));
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }

    /// Address without user and password.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Process id, to stop it in its tracks.
    pub fn pid(&self) -> u32 {
        self.process.0.id()
    }

    /// Runs a command as the default user through `redis-cli`; its output, or the server's error.
    ///
    /// # Errors
    /// What the server or the tool complained about.
    pub fn cli(&self, arguments: &[&str]) -> Result<String, Broken> {
        let mut command = Command::new("redis-cli");
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-e"]);
        if let Some(password) = &self.password {
            command.args(["--no-auth-warning", "-a", password]);
        }
        run(command.args(arguments))
    }
}
